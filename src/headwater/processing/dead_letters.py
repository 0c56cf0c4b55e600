"""Dead letters: what a stage could not take further, in the state table `dead_letters` by place of arrival.

They are written in the same commit as everything else the batch did, so none is lost and none appears twice. A
letter holds all that a replay needs, and needs no log: the event as sent, and what it shared with its batch.
`dead_letter_messages` says which letters hold a message; its rows come and go with them.
"""

import struct
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from typing import Any, Final, NamedTuple

import msgspec
from msgspec import UNSET, Raw, UnsetType

from headwater import limits, wire
from headwater.event import CollectedRequest, decode_collected
from headwater.flow import DeadLetter, Dropped, Effects, Reader, dropped_prefix
from headwater.flowing import GENERATED, Arrival
from headwater.processing.normalise import identity, inflated, worth_merging
from headwater.processing.replay import Replay
from headwater.state.port import Changes, State
from headwater.units import MIB

TABLE: Final = "dead_letters"
MESSAGES: Final = "dead_letter_messages"

KEPT: Final = "kept"

_KEY = struct.Struct(">Qi")

_ROWS_BYTES: Final = 100
_DROPPED_BYTES_MAX: Final = 16 * MIB

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(DeadLetter).decode


class _Head(msgspec.Struct, array_like=True, gc=False):
    """How a letter begins: what it holds is skipped, not decoded."""

    offset: int
    index: int
    stage: str
    reason: str
    detail: Raw
    source: str
    call: Raw
    received_at_ms: int


_decode_head = msgspec.msgpack.Decoder(_Head).decode

Place = tuple[int, int]
"""Offset in the collected log and index in the request's batch; -1: the whole request."""


class _Shared(msgspec.Struct, rename="camel", omit_defaults=True, gc=False):
    """What the events of a batch share."""

    sent_at: Raw | UnsetType = UNSET
    context: Raw | UnsetType = UNSET
    integrations: Raw | UnsetType = UNSET


class _Batch(_Shared, kw_only=True, gc=False):
    batch: list[Raw]


class _Named(msgspec.Struct, rename="camel", gc=False):
    message_id: Any = None


_decode_batch = msgspec.json.Decoder(_Batch).decode
_decode_named = msgspec.json.Decoder(_Named).decode
_encode_json = msgspec.json.Encoder().encode


# --- what a letter holds --------------------------------------------------------------------------------------


def completed(
    letters: Sequence[DeadLetter], arrivals: Sequence[Arrival], *, after_dedupe: Collection[str]
) -> list[DeadLetter]:
    """The letters of a micro-batch with everything a replay needs, taken from the requests they came in.
    `after_dedupe`: the stages that see an event only once dedupe has noted its id.
    """
    if not letters:
        return []
    requests = {arrival.offset: _Sent(arrival.request) for arrival in arrivals}
    return [_completed(letter, requests.get(letter.offset), after_dedupe) for letter in letters]


class _Sent:
    """A request, opened once for all letters that come from it."""

    def __init__(self, request: CollectedRequest) -> None:
        self.request = request
        self.replay = Replay.of(request)
        self._events: list[bytes] | None = None
        self._shared = b""

    def event(self, index: int) -> tuple[bytes, bytes]:
        """(the event, what it shared with its batch)"""
        if self._events is None:
            self._events, self._shared = opened(self.request)
        return self._events[index], self._shared


def _completed(letter: DeadLetter, sent: _Sent | None, after_dedupe: Collection[str]) -> DeadLetter:
    if sent is None:  # a record that is no request
        return letter
    replay = sent.replay
    if letter.index < 0:
        return letter  # holds the request itself
    if letter.index >= GENERATED:  # holds what a stage made, which has been through dedupe
        return msgspec.structs.replace(letter, owned_id=letter.message_id)
    payload, shared = sent.event(letter.index)
    request = sent.request
    first = replay.first_place(letter.index) if replay else (-1, -1)
    message_id = letter.message_id or message_id_of(payload, letter.source, (letter.offset, letter.index), replay)
    owned_id = message_id if letter.stage in after_dedupe else replay.owned_id if replay else ""
    return msgspec.structs.replace(
        letter,
        call=request.call,
        payload=payload,
        message_id=message_id,
        ip=request.ip,
        user_agent=request.user_agent,
        shared=shared,
        owned_id=owned_id,
        first_offset=first[0],
        first_index=first[1],
    )


def opened(request: CollectedRequest) -> tuple[list[bytes], bytes]:
    """The events of a request as sent, and what they shared, as a JSON object. msgspec.MsgspecError or
    RecursionError when it is a batch that cannot be read.
    """
    body = wire.repair_surrogates(inflated(request))
    if request.call != "batch":
        return [body], b""
    batch = _decode_batch(body)
    # Only what normalise has taken from it, and bounded: every letter of the batch gets a copy.
    shared = _encode_json(_Shared(batch.sent_at, worth_merging(batch.context), worth_merging(batch.integrations)))
    return [bytes(raw) for raw in batch.batch], shared if shared != b"{}" else b""


def whole_request(letter: DeadLetter) -> CollectedRequest | None:
    """The request that a letter with index -1 holds; None when it holds one event, or nothing readable."""
    if letter.index >= 0:
        return None
    try:
        return decode_collected(letter.payload)
    except msgspec.MsgspecError:
        return None


def sent(letter: DeadLetter) -> bytes:
    """The JSON that was sent: an event or a batch. For a record that cannot be read, its bytes."""
    if letter.index >= 0:
        return letter.payload
    request = whole_request(letter)
    try:
        return inflated(request) if request else letter.payload
    except Exception:  # gzip that does not inflate is one more way to be unreadable
        return letter.payload


def message_ids(letter: DeadLetter) -> list[str]:
    """Of the events in it, as they were or would have been accepted."""
    if letter.index >= 0:
        return [letter.message_id] if letter.message_id else []
    request = whole_request(letter)
    if request is None:
        return []
    replay = Replay.of(request)
    try:
        events, _ = opened(request)
    except Exception:  # poison is why it is here
        return []
    ids = (
        message_id_of(event, letter.source, (letter.offset, index), replay) for index, event in enumerate(events)
    )
    return list(dict.fromkeys(ids))


def message_id_of(event: bytes, source: str, place: Place, replay: Replay | None) -> str:
    """Of an event as sent, as it was or would have been accepted."""
    try:
        given = _decode_named(event).message_id
    except (msgspec.MsgspecError, RecursionError):
        given = None
    return identity(given, source, *(replay.first_place(place[1]) if replay else place))


# --- the table ------------------------------------------------------------------------------------------------


def key(place: Place) -> bytes:
    return _KEY.pack(*place)


def place_of(letter: DeadLetter) -> Place:
    return letter.offset, letter.index


def add(letters: Sequence[DeadLetter], effects: Effects) -> None:
    """What a commit writes for them."""
    if not letters:
        return
    rows = effects.changes.setdefault(TABLE, {})
    index = effects.changes.setdefault(MESSAGES, {})
    for letter in letters:
        at = key(place_of(letter))
        rows[at] = _encode(letter)
        for message_id in message_ids(letter):
            index[dropped_prefix(message_id) + at] = b""
            effects.remember(message_id, _remembered(letter, KEPT, 0))


def take(place: Place, effects: Effects, fate: str, at_ms: int) -> DeadLetter | None:
    """The letter at a place, gone with this commit; None when it has gone before."""
    at = key(place)
    (row,) = effects.read(TABLE, [at])
    if row is None:
        return None
    letter = _decode(row)
    remove(letter, effects.changes)
    for message_id in message_ids(letter):
        effects.remember(message_id, _remembered(letter, fate, at_ms))
    return letter


def remove(letter: DeadLetter, changes: Changes) -> None:
    at = key(place_of(letter))
    changes.setdefault(TABLE, {})[at] = None
    changes.setdefault(MESSAGES, {}).update({dropped_prefix(name) + at: None for name in message_ids(letter)})


def _remembered(letter: DeadLetter, fate: str, at_ms: int) -> Dropped:
    return Dropped(
        letter.stage,
        letter.reason,
        letter.source,
        letter.received_at_ms,
        letter.offset,
        letter.index,
        letter.detail,
        fate,
        at_ms,
    )


def recent(state: State, *, before: Place | None = None) -> Iterator[DeadLetter]:
    """Newest first; `before`: only those older than this place."""
    for _, value in state.scan(TABLE, reverse=True, start=None if before is None else key(before)):
        letter = _decode(value)
        if place_of(letter) != before:
            yield letter


class Tally(NamedTuple):
    """How many letters there are, by stage, reason and source."""

    counts: Counter[tuple[str, str, str]]
    spans: dict[tuple[str, str, str], tuple[int, int]]
    """When the oldest and the newest of them were received, Unix milliseconds."""
    is_whole: bool
    """False: there are more, older ones."""


def tally(state: State, *, letters_max: int) -> Tally:
    """Of the newest letters, without opening what they hold."""
    counts: Counter[tuple[str, str, str]] = Counter()
    spans: dict[tuple[str, str, str], tuple[int, int]] = {}
    for number, (_, value) in enumerate(state.scan(TABLE, reverse=True)):
        if number == letters_max:
            return Tally(counts, spans, is_whole=False)
        head = _decode_head(value)
        which, at_ms = (head.stage, head.reason, head.source), head.received_at_ms
        counts[which] += 1
        oldest, newest = spans.get(which, (at_ms, at_ms))
        spans[which] = min(oldest, at_ms), max(newest, at_ms)
    return Tally(counts, spans, is_whole=True)


def at(state: Reader, places: Sequence[Place]) -> list[DeadLetter]:
    """Those that are there, in the order of the places."""
    return [_decode(row) for row in state.get_many(TABLE, [key(place) for place in places]) if row is not None]


def of_message(state: State, message_id: str) -> list[DeadLetter]:
    """Newest first."""
    prefix = dropped_prefix(message_id)
    places = [_KEY.unpack(found[len(prefix) :]) for found, _ in state.scan(MESSAGES, prefix, reverse=True)]
    return at(state, places)


class Shelf:
    """Keeps the number of dead letters bounded, and the disk they take: the oldest go when the newest come."""

    def __init__(
        self,
        state: State,
        *,
        letters_max: int = limits.letters.KEPT_MAX,
        bytes_max: int = limits.letters.BYTES_MAX,
    ) -> None:
        self._state = state
        self._letters_max = letters_max
        self._bytes_max = bytes_max
        self.count = self.size_bytes = 0
        for _, row in state.scan(TABLE):
            self.count += 1
            self.size_bytes += _size_bytes(row)
        self._change = 0, 0

    def make_room(self, changes: Changes) -> int:
        """Add the deletions that a commit of these changes needs to stay within the bounds; how many there are.
        Call once per commit, and `shelved` after it.
        """
        rows = changes.get(TABLE, {})
        before = self._state.get_many(TABLE, list(rows)) if rows else []
        count = sum(row is not None for row in rows.values()) - sum(row is not None for row in before)
        size_bytes = sum(map(_size_bytes, rows.values())) - sum(map(_size_bytes, before))
        # Many small ones may go for one that is large, but a commit stays of a size with what it brings.
        least_bytes = size_bytes - 2 * max(size_bytes, 0) - _DROPPED_BYTES_MAX
        dropped = 0

        def is_over() -> bool:
            is_too_large = self.size_bytes + size_bytes > self._bytes_max and size_bytes > least_bytes
            return is_too_large or self.count + count > self._letters_max

        oldest = self._state.scan(TABLE) if is_over() else iter(())
        for stored, row in oldest:
            if not is_over():
                break
            if stored not in rows:
                remove(_decode(row), changes)
                dropped += 1
                count -= 1
                size_bytes -= _size_bytes(row)
        self._change = count, size_bytes
        return dropped

    def shelved(self) -> None:
        """The commit of these changes went through."""
        count, size_bytes = self._change
        self.count += count
        self.size_bytes += size_bytes


def _size_bytes(row: bytes | None) -> int:
    """What a letter takes, with its rows in other tables: two for each of its events."""
    return 0 if row is None else len(row) + _ROWS_BYTES * _decode(row).events
