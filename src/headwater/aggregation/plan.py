"""plan: what leaves for destinations. Today every accepted event does, as it is; computed traits and audiences
will add their own messages here.
"""

from collections import Counter
from collections.abc import Sequence
from operator import attrgetter
from typing import Final

import msgspec

from headwater.event import OutboundEvent
from headwater.flow import Context, Effects, FlowingEvent, Stage, bury_event, encode_event

_encode = msgspec.json.Encoder().encode
_source = attrgetter("source")


def plan(events: Sequence[FlowingEvent], context: Context, effects: Effects) -> list[OutboundEvent]:
    """The outbound form of each event."""
    del context
    outbound = []
    for flowing in events:
        event = flowing.event
        body = encode_event(event, flowing.extra) if flowing.extra else _encode(event)
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
                flowing.trace,
            )
        )
    for source, count in Counter(map(_source, events)).items():
        effects.counts[source, "accepted"] += count
    return outbound


STAGE: Final = Stage("plan", plan, bury_event("plan"), quiet="sent on to the destinations of its source")
