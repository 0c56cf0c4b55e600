"""Events that come back: from a profile's history, from the lake. As far as aggregation looks at them they are
what they were when they came out of the stages before it.
"""

from typing import Final

import msgspec

from headwater.aggregation import tables
from headwater.event import Event, OutboundEvent
from headwater.flow import FlowingEvent

_decode_event = msgspec.json.Decoder(Event).decode
_decode_members = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode

_KNOWN: Final = frozenset(field.encode_name for field in msgspec.structs.fields(Event))


def of_history(key: bytes, row: bytes) -> FlowingEvent:
    """A row of HISTORY. Its timestamp is the effective time: the earlier of two, which the other does not
    change.
    """
    at_ms, offset, index = tables.history_place(key)
    _, received_ms, source, body = tables.read_history_row(row)
    event, extra = _decoded(body)
    return FlowingEvent(offset, index, source, received_ms, at_ms, None, None, event, extra, body=body)


def of_outbound(stored: OutboundEvent) -> FlowingEvent:
    event, extra = _decoded(stored.body)
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


def _decoded(body: bytes) -> tuple[Event, bytes]:
    """The envelope, and the members that it does not know, as FlowingEvent has them."""
    try:
        return _decode_event(body), b""
    except msgspec.ValidationError:
        members = _decode_members(body)
        known = {key: value for key, value in members.items() if key in _KNOWN}
        rest = {key: value for key, value in members.items() if key not in _KNOWN}
        return _decode_event(msgspec.json.encode(known)), msgspec.json.encode(rest)[1:-1]
