"""Repeater: every event once more, into another source, and never in a circle (spec 2.11)."""

import hashlib
from collections.abc import Sequence
from typing import Any

import msgspec

from headwater.destinations.kit.answers import besides
from headwater.destinations.kit.common_fields import EVERYTHING
from headwater.destinations.kit.hooks import url_problems, white_space_problems
from headwater.destinations.kit.model import (
    Action,
    Attempt,
    Delivered,
    DestinationType,
    Exchange,
    Item,
    Perform,
    Preset,
)
from headwater.destinations.kit.names import as_uuid
from headwater.destinations.kit.settings import Secret, Settings
from headwater.destinations.kit.tracking import BATCH, encoded, forward, members, test_connection
from headwater.errors import Problem

_REPEATED = Delivered("ALREADY_REPEATED")
_encode = msgspec.json.Encoder().encode


class RepeaterSettings(Settings, frozen=True, kw_only=True):
    write_key: Secret
    """Of the source that gets the events."""
    url: str
    """Where that source collects: this installation or another; `/v1/batch` is added."""


def problems(settings: RepeaterSettings) -> list[Problem]:
    found = url_problems(settings.url, "url", https=True)
    if not settings.write_key:
        found.append(Problem("is empty", "write_key"))
    return found + white_space_problems(write_key=settings.write_key)


def send(settings: RepeaterSettings) -> Perform:
    target = hashlib.md5(settings.write_key.encode(), usedforsecurity=False).hexdigest()

    def perform(items: Sequence[Item], _: Attempt) -> Exchange:
        repeats = [_repeat(item.event.body, target) for item in items]
        been = {index: _REPEATED for index, event in enumerate(repeats) if event is None}
        fresh = [event for event in repeats if event is not None]
        return (yield from besides(items, been, lambda _: forward(settings.url, settings.write_key, fresh)))

    return perform


def _repeat(body: bytes, target: str) -> bytes | None:
    """The event for the target, which is then in its chain; None if it has been there.

    It is an event of its own: under its old message id it would be taken for a repeat of itself. The new one
    follows from the old, so that another attempt is recognised.
    """
    event = members(body)
    context: Any = msgspec.json.decode(event["context"]) if "context" in event else {}
    context = context if isinstance(context, dict) else {}
    chain = context.get("repeatChain")
    chain = chain if isinstance(chain, list) else []
    if target in chain:
        return None
    event.pop("integrations", None)  # they name destinations of the first source
    event["context"] = msgspec.Raw(_encode(context | {"repeatChain": [*chain, target]}))
    if "messageId" in event:
        event["messageId"] = msgspec.Raw(_encode(as_uuid(str(msgspec.json.decode(event["messageId"])), target)))
    return encoded(event)


def test(settings: RepeaterSettings, _: Attempt) -> Exchange:
    return test_connection(settings.url, settings.write_key)


TYPE = DestinationType(
    name="repeater",
    label="Repeater",
    category="webhooks",
    description="Send every event to another source of this or another workspace, without loops.",
    settings=RepeaterSettings,
    problems=problems,
    actions=(
        Action(
            name="send",
            label="Repeat the event",
            description="In batches, by `/v1/batch`, unless it has been at that source already.",
            perform=send,
            whole_event=True,
            batch=BATCH,
        ),
    ),
    presets=(Preset(name="Everything", action="send", trigger=EVERYTHING),),
    test=test,
)
