"""Every dead letter of the platform in one place: those of the pipeline's stages, and those of delivery.

Reading looks at what the pipeline and delivery have stored. Deciding changes neither directly: for a letter of a
stage it appends a record to the collected log, which the pipeline carries out (processing/recall.py); for one of
delivery it makes it a job again in delivery's own store, whose bell wakes `deliver`. Either works whether or not
the role that acts on it is running, and either may be repeated.
"""

import heapq
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from typing import Final, NamedTuple

import msgspec

from headwater import limits
from headwater.delivery.jobs import DeadLetter as Undelivered
from headwater.delivery.jobs import Jobs
from headwater.errors import InputError, NotFoundError
from headwater.event import CollectedRequest, encode_collected
from headwater.flow import DeadLetter
from headwater.log.port import Log
from headwater.processing import dead_letters
from headwater.processing.replay import as_discard, as_request
from headwater.serve.letters.letter import DELIVERY, Letter, at_ms, letter_id, place_of
from headwater.serve.letters.letter_filter import Filter, Matches, bytes_to_look_at
from headwater.state.port import State
from headwater.units import MIB

_LOOK_LETTERS: Final = 500
"""Delivery's letters read at once."""

_IDS_AT_ONCE: Final = 50
"""Letters that were named one by one and are in memory at once."""

_APPEND_BYTES: Final = MIB
"""Replays appended at once: some megabytes in memory, however many letters."""


class Found(NamedTuple):
    letters: list[Letter]
    cursor: str | None
    """Where to go on; None: these were the last."""


class Decided(msgspec.Struct, frozen=True):
    """What a call about many letters did."""

    count: int
    """Letters that are replayed or discarded; with `dry_run`, that would be."""
    skipped: list[str]
    """Ids of those that cannot be: there is none of this id (any more), its record was never readable, its
    destination was removed.
    """
    next: str | None = None
    """There are more: send it as `cursor` to go on."""
    dry_run: bool = False


class Office:
    """Sync, used by one thread at a time."""

    def __init__(
        self,
        state_view: Callable[[], State] | None,
        collected: Log,
        jobs: Jobs,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`state_view` None: no pipeline has run yet."""
        self._state_view = state_view
        self._collected = collected
        self._jobs = jobs
        self._clock = clock

    # --- reading ------------------------------------------------------------------------------------------

    def find(self, wanted: Filter, *, limit: int, cursor: str | None = None) -> Found:
        """Newest first, each kind in its own order. A cursor is a place: it stays good when letters come and go.

        One call looks at limits.letters.LOOKED_BYTES at most: it may then find fewer than `limit`, and have
        a cursor all the same.
        """
        matches = Matches(wanted, self._now_ms())
        place = _Cursor.read(cursor)
        found: list[Letter] = []
        looked_bytes = 0
        with self._state() as state:
            for letter in _newest(self._of_stages(state, wanted, place), self._of_delivery(wanted, place)):
                if len(found) == limit or looked_bytes > limits.letters.LOOKED_BYTES:
                    return Found(found, place.text())
                place = place.after(letter)
                looked_bytes += bytes_to_look_at(letter, is_opened=wanted.text is not None)
                if matches(letter):
                    found.append(letter)
        return Found(found, None)

    def one(self, letter_id: str) -> Letter:
        found = self._all([letter_id])
        if not found:
            raise NotFoundError(f"there is no dead letter {letter_id}: it may have been replayed or discarded")
        return found[0]

    def of_message(self, message_id: str) -> list[Letter]:
        with self._state() as state:
            letters: list[Letter] = list(dead_letters.of_message(state, message_id)) if state else []
        return [*letters, *self._jobs.of_message(message_id)[1]]

    def _all(self, ids: Sequence[str]) -> list[Letter]:
        places = [place for place in map(place_of, ids) if isinstance(place, tuple)]
        numbers = [number for number in map(place_of, ids) if isinstance(number, int)]
        with self._state() as state:
            letters: list[Letter] = list(dead_letters.at(state, places)) if state else []
        return [*letters, *self._jobs.letters(numbers)]

    def _of_stages(self, state: State | None, wanted: Filter, cursor: "_Cursor") -> Iterator[DeadLetter]:
        if state is None or wanted.stage == DELIVERY or wanted.destination is not None:
            return iter(())
        if wanted.message_id is not None:
            letters = dead_letters.of_message(state, wanted.message_id)
            return (each for each in letters if cursor.place is None or dead_letters.place_of(each) < cursor.place)
        return dead_letters.recent(state, before=cursor.place)

    def _of_delivery(self, wanted: Filter, cursor: "_Cursor") -> Iterator[Undelivered]:
        if wanted.stage not in {None, DELIVERY}:
            return
        before = cursor.number
        if wanted.message_id is not None:
            letters = self._jobs.of_message(wanted.message_id)[1]
            newest_first = sorted(letters, key=lambda letter: letter.id, reverse=True)
            yield from (each for each in newest_first if before is None or each.id < before)
            return
        while page := self._jobs.dead_letters(wanted.destination, limit=_LOOK_LETTERS, before_id=before):
            yield from page
            before = page[-1].id

    @contextmanager
    def _state(self) -> Iterator[State | None]:
        if self._state_view is None:
            yield None
            return
        with closing(self._state_view()) as state:
            yield state

    # --- deciding -----------------------------------------------------------------------------------------

    def replay(self, letter_id: str, edited: bytes | None = None) -> None:
        """Have one letter tried again; `edited` is the event to take in its place (JSON)."""
        letter = self.one(letter_id)
        now_ms = self._now_ms()
        if isinstance(letter, Undelivered):
            if edited is not None:
                raise InputError(
                    "not_editable",
                    "this event was accepted and is in the lake: it can be delivered again, not changed",
                )
            if not self._jobs.revive([letter.id], at_ms=now_ms):
                raise InputError(
                    "not_replayable",
                    f"nobody delivers to {letter.destination} any more: add the destination again",
                )
            return
        if edited is not None:
            check_event(edited)
        self._append([as_request(letter, at_ms=now_ms, edited=edited)])

    def discard(self, letter_id: str) -> None:
        """Let one letter go for good."""
        self._discard([self.one(letter_id)])

    def replay_all(self, letters: Sequence[Letter]) -> list[str]:
        """Have letters tried again; the ids of those that cannot be."""
        now_ms = self._now_ms()
        skipped = []
        batch: list[CollectedRequest] = []
        batch_bytes = 0
        for letter in letters:
            if isinstance(letter, Undelivered):
                continue
            try:
                batch.append(as_request(letter, at_ms=now_ms))
            except InputError:
                skipped.append(letter_id(letter))
                continue
            batch_bytes += len(batch[-1].body)
            if batch_bytes > _APPEND_BYTES:
                self._append(batch)
                batch, batch_bytes = [], 0
        self._append(batch)
        numbers = [letter.id for letter in letters if isinstance(letter, Undelivered)]
        if numbers:
            self._jobs.revive(numbers, at_ms=now_ms)
            skipped += [letter_id(letter) for letter in self._jobs.letters(numbers)]
        return skipped

    def discard_all(self, letters: Sequence[Letter]) -> list[str]:
        """Let letters go for good; none is skipped."""
        self._discard(letters)
        return []

    def _discard(self, letters: Sequence[Letter]) -> None:
        places = [dead_letters.place_of(letter) for letter in letters if isinstance(letter, DeadLetter)]
        if places:
            self._append([as_discard(places, at_ms=self._now_ms())])
        self._jobs.discard([letter.id for letter in letters if isinstance(letter, Undelivered)])

    def decide(
        self,
        act: Callable[[Sequence[Letter]], list[str]],
        *,
        ids: Sequence[str] | None,
        wanted: Filter | None,
        cursor: str | None = None,
        dry_run: bool = False,
    ) -> Decided:
        """`replay_all` or `discard_all` for the letters with these ids, or for a page of those wanted."""
        if (ids is None) == (wanted is None):
            raise InputError(
                "invalid_request", "say which: either `ids` or `filter`; an empty filter means all", field="filter"
            )
        limit = limits.letters.DECIDED_MAX
        if ids is not None and len(ids) > limit:
            raise InputError("invalid_request", f"at most {limit:,} ids in one call", field="ids")
        if wanted is not None:
            pages = iter([self.find(wanted, limit=limit, cursor=cursor)])
        else:
            chosen = list(dict.fromkeys(ids or ()))
            chunks = (chosen[at : at + _IDS_AT_ONCE] for at in range(0, len(chosen), _IDS_AT_ONCE))
            pages = (Found(self._all(chunk), None) for chunk in chunks)
        count, skipped, following = 0, list[str](), None
        there: set[tuple[int, int] | int | None] = set()
        for found in pages:
            refused = [] if dry_run else act(found.letters)
            count += len(found.letters) - len(refused)
            skipped += refused
            there.update(place_of(letter_id(letter)) for letter in found.letters)
            following = found.cursor
        skipped += [each for each in dict.fromkeys(ids or ()) if place_of(each) not in there]
        return Decided(count, skipped, following, dry_run)

    def _append(self, requests: Sequence[CollectedRequest]) -> None:
        if requests:
            events = sum(request.events for request in requests)
            self._collected.append([encode_collected(request) for request in requests], events=events)

    def _now_ms(self) -> int:
        return int(self._clock() * 1000)


def _newest(stages: Iterator[DeadLetter], delivery: Iterator[Undelivered]) -> Iterator[Letter]:
    return heapq.merge(stages, delivery, key=at_ms, reverse=True)


def check_event(edited: bytes) -> None:
    """InputError unless this can stand in for an event."""
    if len(edited) > limits.collection.EVENT_BYTES_MAX:
        raise InputError(
            "too_large", f"an event may have {limits.collection.EVENT_BYTES_MAX:,} bytes", field="body"
        )
    try:
        is_object = isinstance(msgspec.json.decode(edited), dict)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise InputError("invalid_request", f"the edited event is not valid JSON: {error}", field="body") from None
    if not is_object:
        raise InputError("invalid_request", "the edited event must be a JSON object", field="body")


class _Cursor(NamedTuple):
    """Below which letter of each kind to go on."""

    place: dead_letters.Place | None = None
    number: int | None = None

    @staticmethod
    def read(text: str | None) -> "_Cursor":
        if text is None:
            return _Cursor()
        place, _, number = text.partition("_")
        at, below = place_of(place), place_of(f"{DELIVERY}-{number}")
        if (place and not isinstance(at, tuple)) or (number and not isinstance(below, int)):
            raise InputError("invalid_cursor", "not a cursor of this list", field="cursor")
        return _Cursor(at if isinstance(at, tuple) else None, below if isinstance(below, int) else None)

    def after(self, letter: Letter) -> "_Cursor":
        if isinstance(letter, Undelivered):
            return self._replace(number=letter.id)
        return self._replace(place=dead_letters.place_of(letter))

    def text(self) -> str:
        place = "" if self.place is None else f"{self.place[0]}.{self.place[1]}"
        return f"{place}_{'' if self.number is None else self.number}"
