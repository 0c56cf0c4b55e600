"""Dead letters: what a stage could not take further, in the state table `dead_letters` by place of arrival.

They are written in the same commit as everything else the batch did, so none is lost and none appears twice.
"""

import struct
from collections.abc import Iterator, Sequence

import msgspec

from headwater import limits
from headwater.event import CollectedRequest, decode_collected
from headwater.flow import DeadLetter
from headwater.state.port import Changes, State

TABLE = "dead_letters"

_KEY = struct.Struct(">Qi")
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(DeadLetter).decode


def key(letter: DeadLetter) -> bytes:
    return _KEY.pack(letter.offset, letter.index)


def changes(letters: Sequence[DeadLetter]) -> Changes:
    return {TABLE: {key(letter): _encode(letter) for letter in letters}}


def recent(
    state: State, *, stage: str | None = None, reason: str | None = None, source: str | None = None
) -> Iterator[DeadLetter]:
    """Newest first."""
    for _, value in state.scan(TABLE, reverse=True):
        letter = _decode(value)
        if stage in {None, letter.stage} and reason in {None, letter.reason} and source in {None, letter.source}:
            yield letter


class Shelf:
    """Keeps the number of dead letters bounded: the oldest go when the newest come."""

    def __init__(self, state: State, *, letters_max: int = limits.DEAD_LETTERS_MAX) -> None:
        self._state = state
        self._letters_max = letters_max
        self.count = sum(1 for _ in state.scan(TABLE))

    def overflow(self, arriving: int) -> Changes:
        """The deletions that make room for `arriving` more; call once per commit, and `shelved` after it."""
        surplus = self.count + arriving - self._letters_max
        if surplus <= 0:
            return {}
        oldest = (stored for (stored, _), _ in zip(self._state.scan(TABLE), range(surplus), strict=False))
        return {TABLE: dict.fromkeys(oldest)}

    def shelved(self, arrived: int, dropped: int) -> None:
        self.count += arrived - dropped


def as_request(letter: DeadLetter) -> CollectedRequest:
    """The dead letter as a request that the pipeline can take again, after a fix."""
    if letter.index < 0:
        request = decode_collected(letter.payload)
        return msgspec.structs.replace(request, replayed="dead-letter")
    return CollectedRequest(
        received_at_ms=letter.received_at_ms,
        source=letter.source,
        call=letter.call if letter.call != "batch" else "event",
        ip="",
        user_agent="",
        gzipped=False,
        body=letter.payload,
        inflated_bytes=len(letter.payload),
        replayed="dead-letter",
    )
