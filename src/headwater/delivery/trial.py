"""A destination's connection, tried: the harmless question of its type, over what delivery itself sends with."""

import asyncio
import time
from typing import Any, Final, Literal, NamedTuple

import msgspec

from headwater.config.workspace import Destination
from headwater.delivery.access import Tokens
from headwater.delivery.conversation import converse
from headwater.delivery.parcel import Talk
from headwater.delivery.transports.carrier import Carrier
from headwater.destinations import registry
from headwater.destinations.kit.model import Attempt, Delivered, DestinationType, Failure, Outcome, Rejected
from headwater.destinations.kit.outcome import failed
from headwater.errors import ConfigError, InputError, Problem

TRIAL_S_MAX: Final = 30.0
"""A person waits for it. Longer than one request may take, as some types need two."""

NO_ANSWER: Final = Rejected("ETIMEDOUT", f"no answer within {TRIAL_S_MAX:.0f} s")

Verdict = Literal["works", "not now", "refused"]


class Trial(NamedTuple):
    outcome: Outcome
    talk: Talk
    """What was asked and answered, secrets included."""
    latency_ms: int
    token: str = ""
    """With which it was asked: a secret that no setting has."""

    @property
    def verdict(self) -> Verdict:
        if isinstance(self.outcome, Delivered):
            return "works"
        return "refused" if isinstance(self.outcome, Rejected) else "not now"


async def try_connection(destination: Destination, *, allow_private: bool) -> Trial:
    """Takes TRIAL_S_MAX at most. ConfigError when the settings are not right, InputError when destinations of this
    type cannot be tested.
    """
    type_, settings = _read(destination)
    carrier = Carrier(allow_private=allow_private)
    began_s = time.monotonic()
    try:
        async with asyncio.timeout(TRIAL_S_MAX):
            outcome, talk, token = await _ask(type_, settings, carrier, name=destination.name)
    except TimeoutError:
        outcome, talk, token = NO_ANSWER, (), ""
    finally:
        await carrier.close()
    return Trial(outcome, talk, round(1000 * (time.monotonic() - began_s)), token)


async def _ask(
    type_: DestinationType[Any], settings: Any, carrier: Carrier, *, name: str
) -> tuple[Outcome, Talk, str]:
    if type_.test is None:
        raise InputError(
            "not_testable", f"destinations of the type {type_.name} cannot be tested: send it an event instead"
        )
    token: str | Failure = ""
    if type_.access is not None:
        token = await Tokens(type_.access, settings, carrier.send).token()
    if isinstance(token, Failure):
        return failed(token), (), ""
    test, attempt = type_.test, Attempt(time.time(), token=token)
    spoken = await converse(lambda: test(settings, attempt), 1, carrier.send, name=name)
    return spoken.outcomes[0], spoken.talk, token


def _read(destination: Destination) -> tuple[DestinationType[Any], Any]:
    type_ = registry.get(destination.type)
    problems = registry.validate_settings(destination.type, destination.settings)
    if type_ is None or problems:
        at = f"destinations[{destination.name}]"
        raise ConfigError([Problem(p.message, ".".join(filter(None, (at, p.path)))) for p in problems])
    return type_, msgspec.convert(destination.settings, type_.settings)
