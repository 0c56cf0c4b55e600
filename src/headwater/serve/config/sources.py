"""Sources over HTTP: which there are and what came from them; made, changed, removed; their addresses and keys."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, Final

import msgspec
from litestar import Request, delete, get, post, put

from headwater.config.loader import random_key
from headwater.config.workspace import Settings, Source, SourceType, Workspace
from headwater.errors import NotFoundError, nearest
from headwater.processing import totals, violations
from headwater.processing.timestamps import render
from headwater.serve.bodies import part_of_file
from headwater.serve.config import edits
from headwater.serve.config.editing import IsNew, LeaveOut, applied, made
from headwater.serve.config.edits import Terms, decoded
from headwater.serve.config.sections import Section
from headwater.serve.config.workspace import Applied, shown_to
from headwater.serve.desk import Desk
from headwater.serve.entry.access import DRY_RUN
from headwater.serve.errors import EDIT_ERRORS, ERRORS, NAMED_ERRORS
from headwater.serve.health.fleet import Role, RoleReport
from headwater.serve.instants import now_ms
from headwater.serve.observe.observed import Observed
from headwater.serve.pages import PAGE_DEFAULT, Cursor, Limit, Page, page
from headwater.state.port import State
from headwater.team.actor import Actor
from headwater.units import DAY_MS

_EVERY_ADDRESS: Final = {"0.0.0.0", "::"}  # noqa: S104 - compared, not bound


class Lately(msgspec.Struct, frozen=True):
    """What became of a source's events in the last 24 hours; hours of the clock are counted whole."""

    accepted: int
    duplicates: int
    dropped: int
    """Discarded, blocked or suppressed."""
    violations: int | None
    """Of its tracking plan; null: it has none."""


class SourceLine(msgspec.Struct, frozen=True):
    name: str
    type: SourceType
    write_key: str
    """For viewers a mask."""
    enabled: bool
    rate_limit: float | None
    tracking_plan: str
    """Empty: none."""
    events: int
    """That it has ever sent, as far as its schema is kept."""
    names: int
    """How many different ones."""
    last_seen: str | None
    """When the newest one was received; null: nothing is known of any."""
    last_24_hours: Lately


class SourceDetail(msgspec.Struct, frozen=True):
    version: int
    """Of the workspace: what a change of it starts from."""
    source: Source
    """As the workspace file has it; for viewers with a mask for its write key."""
    id: str
    """`projectId` on the wire."""
    collect_url: str
    """Where SDKs send, as in `https://cdp.example.com`: `public_url` when that is set, else where the collectors
    listen. Empty: none is running.
    """
    destinations: list[str]
    """Who gets its events; disabled ones as well."""
    transformations: list[str]
    """What changes its events, in the order in which they are applied; disabled ones as well."""
    events: int
    names: int
    last_seen: str | None
    last_24_hours: Lately


class NewWriteKey(msgspec.Struct, frozen=True):
    version: int
    write_key: str


def source_lines(workspace: Workspace, found: Observed, state: State | None, at_ms: int) -> list[SourceLine]:
    """In the order of the workspace file. `state` None: no pipeline has run yet."""
    lately = latelies(workspace, state, at_ms)
    return [
        SourceLine(
            s.name,
            s.type,
            s.write_key,
            s.enabled,
            s.rate_limit,
            s.tracking_plan,
            *_activity(found, s.name),
            lately[s.name],
        )
        for s in workspace.sources
    ]


def latelies(workspace: Workspace, state: State | None, at_ms: int) -> dict[str, Lately]:
    """By source. `state` None: no pipeline has run yet."""
    counts: Counter[tuple[str, str]] = Counter()
    for each in totals.read_hours(state, from_ms=at_ms - DAY_MS) if state is not None else ():
        kind = each.outcome if each.outcome in {"accepted", "duplicate"} else "dropped"
        counts[each.source, kind] += each.events

    def violated(source: Source) -> int | None:
        if not source.tracking_plan:
            return None
        rows = violations.counted(state, source.tracking_plan, source.name) if state is not None else iter(())
        return sum(row.within(24, at_ms) for _, row in rows)

    return {
        s.name: Lately(
            counts[s.name, "accepted"], counts[s.name, "duplicate"], counts[s.name, "dropped"], violated(s)
        )
        for s in workspace.sources
    }


def _activity(found: Observed, name: str) -> tuple[int, int, str | None]:
    seen = found.sources.get(name)
    return (seen.volume, seen.names, render(seen.last_ms)) if seen else (0, 0, None)


def known(workspace: Workspace, name: str) -> Source:
    source = workspace.source(name)
    if source is None:
        raise NotFoundError(
            f"there is no source {name!r}; {nearest(name, [each.name for each in workspace.sources])}"
        )
    return source


def collect_url(settings: Settings, fleet: Sequence[RoleReport], asked_host: str) -> str:
    """`asked_host`: how the asker has reached this machine, for collectors that listen on all its addresses."""
    if settings.public_url:
        return settings.public_url.rstrip("/")
    for each in fleet:
        if each.role is Role.COLLECT and each.health and each.health.port:
            host = asked_host if each.health.host in _EVERY_ADDRESS else each.health.host
            return f"http://{f'[{host}]' if ':' in host else host}:{each.health.port}"
    return ""


@get("/sources", responses=ERRORS)
async def list_sources(
    desk: Desk, actor: Actor, limit: Limit = PAGE_DEFAULT, cursor: Cursor = None
) -> Page[SourceLine]:
    """In the order of the workspace file. Write keys are for editors; viewers see masks."""
    workspace = shown_to(actor, (await desk.version()).workspace)
    found, at_ms = await desk.observed(), now_ms()
    lines = await desk.look(lambda state: source_lines(workspace, found, state, at_ms))
    return page(lines, lambda line: line.name, limit=limit, cursor=cursor)


@get("/sources/{name:str}", responses=NAMED_ERRORS)
async def read_source(desk: Desk, actor: Actor, request: Request[Any, Any, Any], name: str) -> SourceDetail:
    """One of them whole, and where its events come in and go."""
    version = await desk.version()
    workspace = version.workspace
    source = known(shown_to(actor, workspace), name)
    at_ms = now_ms()
    lately = await desk.look(lambda state: latelies(workspace, state, at_ms))
    url = collect_url(workspace.settings, await desk.ask_fleet(False), request.url.hostname or "localhost")
    return SourceDetail(
        version.number,
        source,
        source.id,
        url,
        [d.name for d in workspace.destinations if d.sources is None or name in d.sources],
        [t.name for t in workspace.transformations if not t.destination and (not t.sources or name in t.sources)],
        *_activity(await desk.observed(), name),
        lately[name],
    )


@put("/sources/{name:str}", responses=EDIT_ERRORS, operation_class=part_of_file("Source"), opt=DRY_RUN)
async def put_source(
    desk: Desk, request: Request[Any, Any, Any], name: str, terms: Terms, is_new: IsNew = False
) -> Applied:
    """Make it, or change it, as a new version of the workspace. Without a write key it keeps its own, or gets one.
    With another `name` it is called so from then on, by all who name it: what it has sent before stays under the
    old name.
    """
    given = decoded(await request.body())
    return await applied(desk, edits.put(Section.SOURCES, name, given, is_new=is_new), terms)


@delete("/sources/{name:str}", status_code=200, responses=EDIT_ERRORS, opt=DRY_RUN)
async def delete_source(desk: Desk, name: str, terms: Terms, leave_out: LeaveOut = False) -> Applied:
    """Remove it, as a new version of the workspace. What it has sent stays; what it still sends is not taken."""
    return await applied(desk, edits.delete(Section.SOURCES, name, leave_out=leave_out), terms)


@post("/sources/{name:str}/write-key", status_code=200, responses=EDIT_ERRORS)
async def replace_write_key(desk: Desk, name: str, terms: Terms) -> NewWriteKey:
    """A new random one. What is still sent with the one before is answered 200, counted, and not taken."""

    def change(item: dict[str, Any]) -> None:
        item["write_key"] = random_key("wk_")

    done = await made(desk, edits.edit_item(Section.SOURCES, name, change, "new write key"), terms)
    return NewWriteKey(done.number, known(done.workspace, name).write_key)


HANDLERS: Final[list[Callable[..., Any]]] = [
    list_sources,
    read_source,
    put_source,
    delete_source,
    replace_write_key,
]
