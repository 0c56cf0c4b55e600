"""Records of the collected log that no sender has sent: the clock of an idle system, and what people decide about
identities. They wait, are durable, and take effect in the order of the log like any request. Collection gives no
request such a call, whatever a sender writes.
"""

from typing import Final

import msgspec

from headwater.event import CollectedRequest, OutboundEvent, instant

TICK: Final = "tick"
"""It is now so late, and nothing has arrived: what is due happens. Brings a sweep one step further, too."""
UNMERGE: Final = "unmerge"
"""Two external ids do not belong together: see `unmerge`."""
RELEASE: Final = "release"
"""An external id is no longer quarantined."""

CALLS: Final = frozenset({TICK, UNMERGE, RELEASE})


class Unmerge(msgspec.Struct, frozen=True):
    """Put apart what an event has merged."""

    profile: str
    """Segment id of the profile as it is now."""
    message_id: str
    """The event that has merged two profiles ..."""
    other: str
    """... and the segment id of the one that went away."""


class Release(msgspec.Struct, frozen=True):
    collection: str
    type: str
    value: str


decode_unmerge = msgspec.json.Decoder(Unmerge).decode
decode_release = msgspec.json.Decoder(Release).decode


def as_tick(at_ms: int) -> CollectedRequest:
    return _record(TICK, b"", at_ms)


def as_record(decision: Unmerge | Release, at_ms: int) -> CollectedRequest:
    call = UNMERGE if isinstance(decision, Unmerge) else RELEASE
    return _record(call, msgspec.json.encode(decision), at_ms)


def as_stored(offset: int, request: CollectedRequest) -> OutboundEvent:
    """The decision as it stays in the lake, for whoever derives profiles anew. It goes to no destination."""
    message_id = f"hw-{request.call}-{offset}"
    members = {
        "type": request.call,
        "messageId": message_id,
        "properties": msgspec.Raw(request.body),
        "receivedAt": instant(request.received_at_ms),
    }
    at_ms = request.received_at_ms
    return OutboundEvent(
        offset, 0, message_id, request.call, None, None, None, None, None, None, "", at_ms, at_ms, None, None,
        msgspec.json.encode(members), destinations=(),
    )  # fmt: skip


def is_one(request: CollectedRequest) -> bool:
    return request.call in CALLS


def stands_alone(request: CollectedRequest) -> bool:
    """Whether it is about identities: nothing else is in its batch."""
    return request.call in {UNMERGE, RELEASE}


def _record(call: str, body: bytes, at_ms: int) -> CollectedRequest:
    return CollectedRequest(
        at_ms, "", call, "", "", gzipped=False, body=body, events=0, inflated_bytes=len(body), replayed=call
    )
