"""A replay: an event that was set aside, on its way through the stages again, and what it must not forget.

It is a request like the one the event came in, with that event alone and everything it shared with its batch, and
with the same time of receipt: so it becomes what would have been accepted. What differs is its place in the log.
"""

from typing import Final

import msgspec

from headwater.errors import InputError
from headwater.event import CALLS, CollectedRequest, decode_collected
from headwater.flow import DeadLetter
from headwater.flowing import FlowingEvent
from headwater.processing.again import TAG, Again

DISCARD: Final = "discard"
"""The call of a record that names letters to be discarded."""

_encode = msgspec.json.Encoder().encode


class Replay(msgspec.Struct, frozen=True, omit_defaults=True):
    """What `CollectedRequest.replayed` says, as JSON."""

    offset: int
    """The letter's place ..."""
    index: int
    stage: str
    reason: str
    at_ms: int
    """When somebody asked for it, Unix milliseconds."""
    first_offset: int
    """Where the event first arrived; a letter may itself come from a replay."""
    first_index: int
    """-1: a whole request, its events keep their own places."""
    owned_id: str = ""
    """The messageId that dedupe has noted for this very event."""
    edited: bool = False

    @staticmethod
    def of(request: CollectedRequest) -> "Replay | None":
        """None: it came from outside, comes from the lake, or is a decision, whose `replayed` is its call."""
        if not request.replayed or request.replayed == request.call or request.replayed.startswith(TAG):
            return None
        return _decode(request.replayed)

    def first_place(self, index: int) -> tuple[int, int]:
        """Where the event at this place of the replayed request first arrived."""
        return self.first_offset, self.first_index if self.first_index >= 0 else index

    def mark(self, flowing: FlowingEvent) -> None:
        """What a replayed event carries through the stages."""
        flowing.owned_id = self.owned_id
        detail = {
            "letter": f"{self.offset}.{self.index}",
            "at_ms": self.at_ms,
            "was": f"{self.stage}: {self.reason}",
        }
        flowing.note("recall", "replayed, edited" if self.edited else "replayed", **detail)


_decode = msgspec.json.Decoder(Replay).decode


def as_request(letter: DeadLetter, *, at_ms: int, edited: bytes | None = None) -> CollectedRequest:
    """The dead letter as a request that the pipeline can take again. `edited`: the event to take instead.

    InputError when there is nothing to replay (a record that could never be read) or nothing to edit (a batch).
    """
    if letter.index < 0:
        return _whole(letter, at_ms, edited)
    event = edited or letter.payload
    body = event
    call = letter.call if letter.call in CALLS else "batch"  # an older version wrote "event" for a whole event
    if call == "batch":
        shared = letter.shared[1:-1]
        body = b'{"batch":[' + event + b"]" + (b"," + shared if shared else b"") + b"}"
    place = letter.offset, letter.index
    first = (letter.first_offset, letter.first_index) if letter.first_offset >= 0 else place
    replay = Replay(*place, letter.stage, letter.reason, at_ms, *first, letter.owned_id, edited is not None)
    return CollectedRequest(
        letter.received_at_ms,
        letter.source,
        call,
        letter.ip,
        letter.user_agent,
        gzipped=False,
        body=body,
        inflated_bytes=len(body),
        replayed=_encode(replay).decode(),
    )


def _whole(letter: DeadLetter, at_ms: int, edited: bytes | None) -> CollectedRequest:
    try:
        request: CollectedRequest = decode_collected(letter.payload)
    except msgspec.MsgspecError:
        raise InputError(
            "not_replayable", "this record of the log could never be read: there is no event in it to replay"
        ) from None
    if edited is not None and request.call == "batch":
        raise InputError(
            "not_editable",
            "this letter holds a whole batch: replay it, and edit the events that are refused again",
        )
    before = Replay.of(request)
    first = (before.first_offset, before.first_index) if before else (letter.offset, -1)
    replay = Replay(
        letter.offset,
        letter.index,
        letter.stage,
        letter.reason,
        at_ms,
        *first,
        before.owned_id if before else "",
        edited is not None or (before is not None and before.edited),
    )
    request = msgspec.structs.replace(request, replayed=_encode(replay).decode())
    if edited is None:
        return request
    return msgspec.structs.replace(request, gzipped=False, body=edited, inflated_bytes=len(edited))


def as_discard(places: list[tuple[int, int]], *, at_ms: int) -> CollectedRequest:
    """The record that discards the letters at these places."""
    body = _encode(places)
    return CollectedRequest(
        at_ms, "", DISCARD, "", "", gzipped=False, body=body, events=0, inflated_bytes=len(body), replayed=DISCARD
    )


def decided_at_ms(request: CollectedRequest) -> int:
    """When a request began to concern the pipeline: a replay keeps its old time of receipt."""
    replay = Replay.of(request) or Again.of(request)
    return replay.at_ms if replay else request.received_at_ms
