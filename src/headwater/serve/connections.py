"""The connection of a destination, tried from where delivery would send."""

from typing import Any, Final

import msgspec
from litestar import post

from headwater.config.secrets import hidden, values
from headwater.config.workspace import Destination, Workspace
from headwater.delivery.masking import Mask
from headwater.delivery.trial import Verdict, try_connection
from headwater.destinations import registry
from headwater.destinations.kit.outcome import MESSAGE_CHARS_MAX
from headwater.errors import NotFoundError, nearest
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


@post("/destinations/{name:str}/test", status_code=200, responses=NAMED_ERRORS | CONFIG_ERRORS)
async def check_connection(desk: Desk, name: str) -> ConnectionTest:
    """Ask the destination something harmless that only works when its settings are right. Takes 30 s at most."""
    return await tested((await desk.version()).workspace, name)


HANDLERS: Final = [check_connection]
