"""An event as it is told to somebody who watches: what arrived, and what became of it."""

from typing import Any, Final

import msgspec

from headwater.event import CollectedRequest, OutboundEvent, instant
from headwater.flow import Dropped
from headwater.processing.dead_letters import KEPT, Place
from headwater.serve.observe.shown import without_write_key

ACCEPTED: Final = "accepted"
WAITING: Final = "waiting"
"""It has arrived, and the pipeline has not come to it yet. It is told once more when it has."""


class LiveEvent(msgspec.Struct, frozen=True, gc=False):
    """One event. A later one of the same `place` replaces it: its outcome was not known before."""

    place: str
    """Where it arrived: `<offset>.<index>` in the collected log."""
    message_id: str
    source: str
    received_at: str
    """ISO 8601, UTC."""
    type: str | None
    event: str | None
    """What is tracked, or the name of the page or screen."""
    user_id: str | None
    anonymous_id: str | None
    profile_id: str | None
    outcome: str
    """`accepted`, `waiting` (for the pipeline), or the reason why it was not accepted."""
    bytes: int
    """Of `body`."""
    body: Any
    """The event as it was accepted, or else as it was sent; null when this second's bytes were used up."""
    stage: str = ""
    """The stage that did not let it pass."""
    detail: str = ""
    dead_letter: str | None = None
    """Id of the dead letter that holds it."""


class _Named(msgspec.Struct, rename="camel", gc=False):
    """The members of an event as sent that are shown beside it; nobody has checked them."""

    type: Any = None
    event: Any = None
    name: Any = None
    user_id: Any = None
    anonymous_id: Any = None


_decode_named = msgspec.json.Decoder(_Named).decode


def accepted(event: OutboundEvent) -> LiveEvent:
    return LiveEvent(
        place_id((event.offset, event.index)),
        event.message_id,
        event.source,
        instant(event.received_at_ms),
        event.type,
        event.event or event.name,
        event.user_id,
        event.anonymous_id,
        event.profile_id,
        ACCEPTED,
        len(event.body),
        msgspec.Raw(event.body),
    )


def as_sent(
    request: CollectedRequest, place: Place, message_id: str, sent: bytes, end: Dropped | None
) -> LiveEvent:
    """An event that has not been accepted. `end` None: it waits."""
    try:
        named = _decode_named(sent)
    except (msgspec.MsgspecError, RecursionError):  # an item of a batch may be no object at all
        named = _Named()
    kept = end is not None and end.fate == KEPT
    return LiveEvent(
        place_id(place),
        message_id,
        request.source,
        instant(request.received_at_ms),
        request.call if request.call != "batch" else _text(named.type),
        _text(named.event) or _text(named.name),
        _text(named.user_id),
        _text(named.anonymous_id),
        None,
        WAITING if end is None else end.reason,
        len(sent),
        msgspec.Raw(msgspec.json.format(without_write_key(sent), indent=-1)),  # without lines of its own
        "" if end is None else end.stage,
        "" if end is None else end.detail,
        place_id((end.offset, end.index)) if end is not None and kept else None,
    )


def place_id(place: Place) -> str:
    return f"{place[0]}.{place[1]}"


def _text(given: Any) -> str | None:
    return given if isinstance(given, str) else None
