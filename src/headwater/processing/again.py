"""An event of the lake on its way through the stages once more: a replay through the pipeline.

It was accepted, and its profile knows it. So it is governed and transformed as the workspace says now, and sent to
the destinations of its source; it is no duplicate of itself, makes nobody count it twice, and is not stored again.
"""

from typing import Final

import msgspec

from headwater.event import CollectedRequest, OutboundEvent
from headwater.flowing import FlowingEvent, decode_event

TAG: Final = '{"kind":"again"'
"""Begins what `CollectedRequest.replayed` says of one."""


class Again(msgspec.Struct, frozen=True, tag_field="kind", tag="again"):
    replay: str
    """Its id."""
    at_ms: int
    """When the replay was asked for, Unix milliseconds."""
    offset: int
    """Where the event first arrived ..."""
    index: int
    profile_id: str | None
    timestamp_ms: int
    original_timestamp_ms: int | None
    sent_at_ms: int | None

    @staticmethod
    def of(request: CollectedRequest) -> "Again | None":
        return _decode(request.replayed) if request.replayed.startswith(TAG) else None

    def flowing(self, offset: int, request: CollectedRequest) -> FlowingEvent:
        """The event as it came out of `normalise` when it was new. It lies at `offset` of the log now."""
        event, extra = decode_event(request.body)
        flowing = FlowingEvent(
            offset,
            0,
            request.source,
            request.received_at_ms,
            self.timestamp_ms,
            self.original_timestamp_ms,
            self.sent_at_ms,
            event,
            extra,
            profile_id=self.profile_id,
            first_place=(self.offset, self.index),
        )
        flowing.note("recall", "sent again", replay=self.replay, at_ms=self.at_ms)
        return flowing


_decode = msgspec.json.Decoder(Again).decode
_encode = msgspec.json.Encoder().encode


def as_request(event: OutboundEvent, *, replay: str, at_ms: int) -> CollectedRequest:
    """The record that has an event of the lake sent again."""
    again = Again(
        replay,
        at_ms,
        event.offset,
        event.index,
        event.profile_id,
        event.timestamp_ms,
        event.original_timestamp_ms,
        event.sent_at_ms,
    )
    return CollectedRequest(
        event.received_at_ms,
        event.source,
        event.type,
        "",
        "",
        gzipped=False,
        body=event.body,
        inflated_bytes=len(event.body),
        replayed=_encode(again).decode(),
    )
