"""What the steps have in common."""

from collections.abc import Callable
from typing import Any, NamedTuple

import msgspec

from headwater.destinations.kit.model import Filtered, Rejected
from headwater.event import OutboundEvent

Verdict = OutboundEvent | Filtered | Rejected
"""The event goes on, perhaps changed, or it ends here."""


class Step(NamedTuple):
    name: str
    """As previews and docs/guides/filters.md have it."""
    run: Callable[[OutboundEvent], Verdict]


class _Head(msgspec.Struct, rename="camel", gc=False):
    type: Any = None
    event: Any = None
    name: Any = None
    user_id: Any = None
    anonymous_id: Any = None
    group_id: Any = None


_decode_head = msgspec.json.Decoder(_Head).decode


def with_body(event: OutboundEvent, body: bytes) -> OutboundEvent:
    """The same event as this JSON says it, which may have lost or got any of its members. It keeps its message id
    and its times: repeats are known by the one, and order by the others. It also stays the call that it was, for
    triggers that ask for no more, when its `type` is not to be sent.
    """
    head = _decode_head(body)
    changes: dict[str, Any] = {
        "body": body,
        "type": _text(head.type) or event.type,
        "event": _text(head.event),
        "name": _text(head.name),
        "user_id": _text(head.user_id),
        "anonymous_id": _text(head.anonymous_id),
        "group_id": _text(head.group_id),
    }
    return msgspec.structs.replace(event, **changes)


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None
