"""Events that come back: from a profile's history, from the lake. As far as aggregation looks at them they are
what they were when they came out of the stages before it.
"""

from headwater.aggregation import tables
from headwater.event import OutboundEvent
from headwater.flowing import FlowingEvent, decode_event


def of_history(key: bytes, row: bytes) -> FlowingEvent:
    """A row of HISTORY. Its timestamp is the effective time: the earlier of two, which the other does not
    change.
    """
    at_ms, offset, index = tables.history_place(key)
    _, received_ms, source, body = tables.read_history_row(row)
    event, extra = decode_event(body)
    return FlowingEvent(offset, index, source, received_ms, at_ms, None, None, event, extra, body=body)


def of_outbound(stored: OutboundEvent) -> FlowingEvent:
    event, extra = decode_event(stored.body)
    return FlowingEvent(
        stored.offset,
        stored.index,
        stored.source,
        stored.received_at_ms,
        stored.timestamp_ms,
        stored.original_timestamp_ms,
        stored.sent_at_ms,
        event,
        extra,
        body=stored.body,
    )
