"""plan: what leaves for destinations. Today every accepted event does, as it is; computed traits and audiences
will add their own messages here.
"""

from collections import Counter
from collections.abc import Sequence
from operator import attrgetter
from typing import Final

import msgspec

from headwater.event import OutboundEvent
from headwater.flow import Context, DeadLetter, Effects, FlowingEvent, Stage

_encode = msgspec.json.Encoder().encode
_source = attrgetter("source")


def plan(events: Sequence[FlowingEvent], context: Context, effects: Effects) -> list[OutboundEvent]:
    """The outbound form of each event."""
    del context
    outbound = []
    for flowing in events:
        event = flowing.event
        body = _encode(event)
        if flowing.extra:
            body = _with_extra(body, flowing.extra)
        outbound.append(
            OutboundEvent(
                flowing.offset,
                flowing.index,
                event.message_id or "",
                event.type or "",
                event.event,
                event.name,
                event.user_id,
                event.anonymous_id,
                event.group_id,
                None,
                flowing.source,
                flowing.received_at_ms,
                flowing.timestamp_ms,
                flowing.original_timestamp_ms,
                flowing.sent_at_ms,
                body,
            )
        )
    for source, count in Counter(map(_source, events)).items():
        effects.counts[source, "accepted"] += count
    return outbound


def _with_extra(body: bytes, extra: bytes) -> bytes:
    return body[:-1] + b"," + extra + b"}"


def _bury(flowing: FlowingEvent, error: BaseException) -> DeadLetter:
    # A replay corrects the client's clock again, so it must find the client's own time.
    event = msgspec.structs.replace(flowing.event, timestamp=flowing.event.original_timestamp)
    return DeadLetter(
        flowing.offset,
        flowing.index,
        "plan",
        "poison",
        repr(error)[:500],
        flowing.source,
        "event",
        flowing.received_at_ms,
        _with_extra(_encode(event), flowing.extra) if flowing.extra else _encode(event),
    )


STAGE: Final = Stage("plan", plan, _bury)
