"""The connection of a destination, tried from where delivery would send."""

from typing import Any, Final

import msgspec
from litestar import Request, post

from headwater.config.secrets import hidden, values
from headwater.config.workspace import Destination, Workspace
from headwater.delivery.masking import Mask
from headwater.delivery.trial import Verdict, try_connection
from headwater.destinations import registry
from headwater.destinations.kit.outcome import MESSAGE_CHARS_MAX
from headwater.errors import NotFoundError, nearest
from headwater.serve.bodies import part_of_file
from headwater.serve.config import edits
from headwater.serve.config.edits import Terms, decoded
from headwater.serve.config.sections import Section
from headwater.serve.desk import Desk
from headwater.serve.errors import CONFIG_ERRORS, NAMED_ERRORS


class ConnectionTest(msgspec.Struct, frozen=True):
    verdict: Verdict
    reason: str
    """The code that a receipt would have: a status, `ETIMEDOUT`, `PRIVATE_ADDRESS`, …"""
    message: str
    """What the destination said about it; may be empty."""
    latency_ms: int
    exchange: list[Any]
    """What was asked and what was answered, secrets masked."""


async def tested(workspace: Workspace, name: str) -> ConnectionTest:
    """NotFoundError when the workspace has no such destination; errors of `try_connection`."""
    destination = workspace.destination(name)
    if destination is None:
        known = [each.name for each in workspace.destinations]
        raise NotFoundError(f"there is no destination {name!r}; {nearest(name, known)}")
    return await tried(destination, allow_private=workspace.settings.allow_private_destinations)


async def tried(destination: Destination, *, allow_private: bool) -> ConnectionTest:
    trial = await try_connection(destination, allow_private=allow_private)
    mask = Mask(values(hidden(destination.settings, registry.secret_names(destination.type))))
    mask.learn(trial.token)
    message = getattr(trial.outcome, "message", "")
    message = mask.text(message, is_cut=len(message) >= MESSAGE_CHARS_MAX)
    exchange = msgspec.json.decode(mask.exchange(trial.talk))
    return ConnectionTest(trial.verdict, trial.outcome.reason, message, trial.latency_ms, exchange)


async def drafted(desk: Desk, name: str, given: dict[str, Any]) -> Workspace:
    """The workspace as it would be with this destination, masks of its secrets filled in. ConfigError with paths
    inside it.
    """
    edit = edits.put(Section.DESTINATIONS, name, given)
    terms = Terms("", dry_run=True)
    return (await desk.call(lambda: edits.make(desk.config, edit, registry, terms))).workspace


@post(
    "/destinations/{name:str}/test",
    status_code=200,
    responses=NAMED_ERRORS | CONFIG_ERRORS,
    operation_class=part_of_file("Destination", required=False),
)
async def check_connection(desk: Desk, request: Request[Any, Any, Any], name: str) -> ConnectionTest:
    """Ask the destination something harmless that only works when its settings are right. Takes 30 s at most. With
    a body, of the destination as the body has it: nothing is saved, and there need be none of this name.
    """
    if body := await request.body():
        given = decoded(body)
        return await tested(await drafted(desk, name, given), str(given.get("name", name)))
    return await tested((await desk.version()).workspace, name)


HANDLERS: Final = [check_connection]
