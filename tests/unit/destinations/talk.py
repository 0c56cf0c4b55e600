"""The other end of an exchange: what a destination's action asks, and what it makes of the answers we give it."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from headwater.destinations import registry
from headwater.destinations.kit.model import (
    Answer,
    Attempt,
    Call,
    DestinationType,
    Exchange,
    Item,
    Outcome,
    Response,
)
from headwater.event import OutboundEvent

AT_S = 1_767_225_600.0
"""2026-01-01T00:00:00Z: when every attempt of the tests is made."""


def outbound(**members: Any) -> OutboundEvent:
    """An event as delivery gets it; `members` are those of its JSON, camel case."""
    whole = {"type": "track", "messageId": "m-1", "timestamp": "2026-01-01T00:00:00.000Z"} | members
    named = (whole.get(name) for name in ("event", "name", "userId", "anonymousId", "groupId"))
    body = msgspec.json.encode(whole)
    at_ms = int(AT_S * 1000)
    return OutboundEvent(
        0, 0, whole["messageId"], whole["type"], *named, None, "web", at_ms, at_ms, None, None, body
    )


def settings_of(type_name: str, settings: Mapping[str, Any]) -> tuple[DestinationType[Any], Any]:
    """The type and its settings as a struct; the settings must be right."""
    assert registry.validate_settings(type_name, dict(settings)) == []
    type_ = registry.get(type_name)
    assert type_
    return type_, msgspec.convert(settings, type_.settings)


def ok(body: Any = None, status: int = 200, **headers: str) -> Response:
    """An answer with a JSON body."""
    sent = {"Content-Type": "application/json"} | {
        name.replace("_", "-"): value for name, value in headers.items()
    }
    return Response(status, sent, b"" if body is None else msgspec.json.encode(body), AT_S)


def converse(exchange: Exchange, answer: Callable[[Call], Answer]) -> tuple[list[Call], list[Outcome]]:
    """Everything that is asked, and the outcomes in the end."""
    asked: list[Call] = []
    replies: Any = None
    while True:
        try:
            calls = exchange.send(replies)
        except StopIteration as end:
            return asked, list(end.value)
        if isinstance(calls, tuple) and not hasattr(calls, "_fields"):
            asked += calls
            replies = [answer(call) for call in calls]
        else:
            asked.append(calls)  # type: ignore[arg-type]
            replies = answer(calls)  # type: ignore[arg-type]


def perform(
    type_name: str,
    action: str,
    settings: Mapping[str, Any],
    payloads: Sequence[dict[str, Any]],
    *,
    answer: Callable[[Call], Answer] = lambda _: ok(),
    token: str = "",
    event: OutboundEvent | None = None,
) -> tuple[list[Call], list[Outcome]]:
    """One attempt of an action with these payloads, taken as checked already."""
    type_, parsed = settings_of(type_name, settings)
    known = type_.action(action)
    assert known, action
    items = [
        Item(event or outbound(messageId=f"m-{n}"), payload, f"m-{n}") for n, payload in enumerate(payloads, 1)
    ]
    return converse(known.perform(parsed)(items, Attempt(AT_S, token=token)), answer)
