"""The private port: a Litestar application on granian, the Profile API before it, for as long as the role runs."""

import asyncio
import contextlib

from granian.constants import Interfaces
from granian.server.embed import Server as Granian
from litestar import Litestar, Router
from litestar.di import Provide
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme

from headwater import __version__, limits
from headwater.config.live import LiveWorkspace
from headwater.errors import HeadwaterError
from headwater.scheduling import prefer_throughput
from headwater.serve import probes
from headwater.serve.compute import audiences, conversions, overlaps, previews, trait_values, traits
from headwater.serve.config import flags, impact, item_versions, settings, sources, versions, workspace
from headwater.serve.config.editing import edit_terms
from headwater.serve.console.app import ConsoleApp
from headwater.serve.deliver import (
    connections,
    destination_types,
    destinations,
    enable,
    mappings,
    receipts,
    recent_previews,
    replays,
    routing,
    sync,
)
from headwater.serve.desk import Desk
from headwater.serve.entry import audit, sessions, team
from headwater.serve.entry.access import current_actor, finish_answer, guard, is_loopback
from headwater.serve.errors import answer
from headwater.serve.govern import (
    plan_tests,
    tracking_plans,
    transformation_text,
    transformations,
    violation_volume,
)
from headwater.serve.health import overview, status
from headwater.serve.lake import sql
from headwater.serve.letters import dead_letters
from headwater.serve.observe import events, explain, schema, suggestions, volume
from headwater.serve.observe.live import stream
from headwater.serve.profile_api.app import ProfileApi
from headwater.serve.unify import (
    identities,
    identity_graph,
    profile_reach,
    profile_search,
    profiles,
    regulation_impact,
    regulations,
    timeline,
    trait_provenance,
)

API = "/api/v1"


def build(desk: Desk, *, metrics_need_token: bool) -> Litestar:
    """The application. Every port it needs is on the desk."""
    known = guard(desk)
    api = Router(
        API,
        route_handlers=[
            *sessions.HANDLERS,
            *team.HANDLERS,
            *audit.HANDLERS,
            *workspace.HANDLERS,
            *versions.HANDLERS,
            *sources.HANDLERS,
            *destinations.HANDLERS,
            *settings.HANDLERS,
            *flags.HANDLERS,
            *impact.HANDLERS,
            *suggestions.HANDLERS,
            *conversions.HANDLERS,
            *destination_types.HANDLERS,
            *connections.HANDLERS,
            *routing.HANDLERS,
            *recent_previews.HANDLERS,
            *mappings.HANDLERS,
            *status.HANDLERS,
            *sync.HANDLERS,
            *sql.HANDLERS,
            *dead_letters.HANDLERS,
            *explain.HANDLERS,
            *stream.HANDLERS,
            *events.HANDLERS,
            *volume.HANDLERS,
            *overview.HANDLERS,
            *receipts.HANDLERS,
            *regulations.HANDLERS,
            *regulation_impact.HANDLERS,
            *replays.HANDLERS,
            *plan_tests.HANDLERS,
            *tracking_plans.HANDLERS,
            *violation_volume.HANDLERS,
            *item_versions.HANDLERS,
            *schema.HANDLERS,
            *profiles.HANDLERS,
            *profile_search.HANDLERS,
            *timeline.HANDLERS,
            *identity_graph.HANDLERS,
            *trait_provenance.HANDLERS,
            *profile_reach.HANDLERS,
            *transformations.HANDLERS,
            *transformation_text.HANDLERS,
            *traits.HANDLERS,
            *trait_values.HANDLERS,
            *audiences.HANDLERS,
            *overlaps.HANDLERS,
            *previews.HANDLERS,
            *identities.HANDLERS,
        ],
        guards=[known],
        security=[{"bearer": []}, {"session": []}],
    )
    return Litestar(
        [*probes.routes(metrics_guards=[known] if metrics_need_token else []), *enable.HANDLERS, api],
        dependencies={
            "desk": Provide(lambda: desk, sync_to_thread=False),
            "actor": Provide(current_actor),
            "terms": Provide(edit_terms),
        },
        exception_handlers={Exception: answer},
        before_send=[audit.auditing(desk), finish_answer],
        request_max_body_size=limits.operations.CONTROL_BODY_BYTES_MAX,
        logging_config=None,
        openapi_config=OpenAPIConfig(
            title="Headwater private API",
            version=__version__,
            # A path of its own: Litestar answers what it does not know below this path with HTML.
            path=f"{API}/openapi.json",
            render_plugins=[JsonRenderPlugin(path="/")],
            use_handler_docstrings=True,
            # Generated clients name their functions so; no two handlers share a name.
            operation_id_creator=lambda handler, _method, _path: handler.handler_name,
            components=Components(
                security_schemes={
                    "bearer": SecurityScheme(type="http", scheme="bearer"),
                    "session": SecurityScheme(type="apiKey", name="headwater_…", security_scheme_in="cookie"),
                }
            ),
        ),
    )


class Server:
    """The role `serve`."""

    def __init__(self, desk: Desk, live: LiveWorkspace, *, host: str, port: int) -> None:
        self._desk = desk
        self._live = live
        self._host = host
        self._port = port

    async def run(self, stop: asyncio.Event) -> None:
        """Answer requests until `stop`; those being answered are finished first."""
        prefer_throughput()
        # Reachable from elsewhere, metrics tell strangers who the customers' tools are: they need the token too.
        app = build(self._desk, metrics_need_token=not is_loopback(self._host))
        server = Granian(
            ConsoleApp(ProfileApi(self._desk.view, lambda: self._live.workspace, self._desk.token_path, app)),
            address=self._host,
            port=self._port,
            interface=Interfaces.ASGINL,
            websockets=False,
            log_enabled=False,
        )
        # Handlers read the store itself; the role only reports which version it has heard of.
        asyncio.get_running_loop().add_reader(self._live.fileno(), self._live.refresh)
        serving = asyncio.create_task(server.serve())
        stopping = asyncio.create_task(stop.wait())
        with contextlib.suppress(HeadwaterError):  # there may be no state yet
            await self._desk.read_state(lambda _: None)  # so that no request has to wait until the view is open
        self._desk.health.clear("start")
        await asyncio.wait((serving, stopping), return_when=asyncio.FIRST_COMPLETED)
        if serving.done():
            stopping.cancel()
            await serving
            raise HeadwaterError("the HTTP server ended by itself")
        self._desk.health.obstacle("stop", "stopping")
        asyncio.get_running_loop().remove_reader(self._live.fileno())
        self._desk.live.close()  # or the server would wait for everybody who watches
        server.stop()  # type: ignore[no-untyped-call]  # granian's own omission
        with contextlib.suppress(asyncio.CancelledError):
            await serving
