"""One profile while a batch works on it: its row decoded, its history as it will be, and what has to be
written.
"""

from bisect import insort
from collections.abc import Iterable, Iterator
from heapq import merge
from operator import itemgetter
from typing import Any, Final, NamedTuple

import msgspec
from msgspec import Raw

from headwater import limits
from headwater.aggregation import tables
from headwater.aggregation.compute.entry import Entry
from headwater.aggregation.tables import Computed, Profile, Trait
from headwater.flow import Effects

_PLACE: Final = itemgetter(0)
_decode_counts = msgspec.msgpack.Decoder(dict[str, int]).decode
_decode_few = msgspec.msgpack.Decoder(dict[str, dict[str, int] | None]).decode


class NewEvent(NamedTuple):
    """An event that this batch adds to a history. Sorts by its place."""

    place: tuple[int, int, int]
    """Effective ms, offset, index."""
    part: bytes
    entry: Entry
    received_ms: int
    body: bytes


class Subject:
    """What compute may read and change of one profile (see compute.subject), and what the row is made of."""

    __slots__ = (
        "_changed",
        "_collected",
        "_effects",
        "_few_counts",
        "_traits",
        "collection",
        "computed",
        "due_before_ms",
        "gone",
        "has_new_traits",
        "history",
        "is_merged",
        "is_stored",
        "profile",
        "row",
        "was_member",
    )

    def __init__(self, profile: bytes, row: Profile, effects: Effects, *, is_stored: bool) -> None:
        self.profile = profile
        self.collection = tables.collection_of(profile)
        self.row = row
        self.is_stored = is_stored
        """The state has rows of it."""
        self.gone = False
        """It was merged into another one."""
        self.is_merged = False
        """Another one was merged into it: since when it is in an audience may come from there."""
        self.computed: Computed = tables.decode_computed(row.computed)
        self.due_before_ms = self.computed.due_ms
        """The timer that the state has for it."""
        self.was_member: dict[str, bool] = {}
        """Audience → whether the state has it in there, of those that something was said about."""
        self.history = History(profile, row, effects, is_stored=is_stored)
        self.has_new_traits = False
        self._effects = effects
        self._traits: dict[str, Trait] | None = None
        self._collected: dict[str, dict[str, int]] = {}
        """Of those aggregates that somebody has asked for ..."""
        self._few_counts: dict[str, dict[str, int] | None] | None = None
        self._changed: set[str] = set()
        """... and those that are to be written."""

    @property
    def traits(self) -> dict[str, Trait]:
        """By key. One that was taken back is there, with the value None."""
        if self._traits is None:
            self._traits = tables.decode_traits(self.row.traits)
        return self._traits

    def take_traits(self, given: dict[str, Any], entry: Entry) -> set[str]:
        """Keep what is newer than what is there; the keys that changed their value."""
        traits = self.traits
        changed = set()
        place = (entry.at_ms, entry.offset, entry.index)
        for key, value in given.items():
            known = traits.get(key)
            if known is not None and (known.at_ms, known.offset, known.index) > place:
                continue
            if known is None and len(traits) >= limits.compute.TRAITS_MAX:
                self.row.traits_overflow += 1
                continue
            if known is None or known.value != value or type(known.value) is not type(value):
                changed.add(key)
            traits[key] = Trait(value, *place, entry.source)
        self.has_new_traits = True
        if len(traits) > _SURELY_FITS or any(map(_may_be_large, given.values())):
            changed -= self._fit(traits, given)
        return changed

    def _fit(self, traits: dict[str, Trait], given: Iterable[str]) -> set[str]:
        """Let go of what has just come while all of it together is too large; the keys that went."""
        gone = set()
        sizes = {key: len(key) + len(tables.encode_json(trait)) for key, trait in traits.items()}
        too_many = sum(sizes.values()) - limits.compute.TRAITS_BYTES_MAX
        for key in sorted(given, key=lambda each: -sizes.get(each, 0)):
            if too_many <= 0:
                break
            if key in traits:
                del traits[key]
                too_many -= sizes[key]
                self.row.traits_overflow += 1
                gone.add(key)
        return gone

    def absorb_traits(self, other: "Subject") -> None:
        """The newest of both."""
        traits = self.traits
        for key, trait in other.traits.items():
            known = traits.get(key)
            if known is None:
                if len(traits) >= limits.compute.TRAITS_MAX:
                    self.row.traits_overflow += 1
                    continue
                traits[key] = trait
            elif (known.at_ms, known.offset, known.index) < (trait.at_ms, trait.offset, trait.index):
                traits[key] = trait
        self.has_new_traits = True

    def has_id(self, types: frozenset[str]) -> bool:
        """Whether it is known by an external id of one of these types."""
        rows = self._effects.scan(tables.PROFILE_IDS, self.profile)
        return any(tables.decode_profile_id(row).type in types for _, row in rows)

    # --- values that grow -----------------------------------------------------------------------------------

    def collected(self, aggregate: str) -> dict[str, int]:
        counts = self._collected.get(aggregate)
        if counts is None:
            counts = self._few.get(aggregate, _NONE)
            if counts is None:
                (row,) = self._effects.read(tables.COLLECTED_VALUES, [self.profile + aggregate.encode()])
                counts = _decode_counts(row) if row else {}
            counts = self._collected[aggregate] = counts or {}
        return counts

    @property
    def _few(self) -> dict[str, dict[str, int] | None]:
        """As the row has them."""
        if self._few_counts is None:
            self._few_counts = _decode_few(self.row.counts)
        return self._few_counts

    def set_collected(self, aggregate: str, counts: dict[str, int]) -> None:
        self._collected[aggregate] = counts
        self._changed.add(aggregate)

    def take_over_computed(self, other: "Subject") -> None:
        """Everything computed of another profile becomes this one's, and the other way round."""
        for each in (self, other):
            each.read_all_collected()
        self.computed, other.computed = other.computed, self.computed
        own, theirs = self._collected, other._collected  # noqa: SLF001 - its own kind
        self._collected = {**{aggregate: {} for aggregate in own}, **theirs}
        self._changed.update(self._collected)
        other._collected = own  # noqa: SLF001 - its own kind

    def read_all_collected(self) -> None:
        for aggregate in self._few:
            self.collected(aggregate)

    # --- rows -----------------------------------------------------------------------------------------------

    def write(self) -> None:
        """Everything that changed, into the effects."""
        change = self._effects.change
        if self.gone:
            change(tables.PROFILES)[self.profile] = None
            for key, _ in self._effects.scan(tables.COLLECTED_VALUES, self.profile):
                change(tables.COLLECTED_VALUES)[key] = None
        else:
            row = self.row
            if self.has_new_traits:
                row.traits = Raw(tables.encode_json(self.traits))
            row.computed = Raw(tables.encode_json(self.computed))
            if self._changed:
                self._write_counts(change(tables.COLLECTED_VALUES))
            change(tables.PROFILES)[self.profile] = tables.encode_row(row)
            self.history.write(change(tables.HISTORY))
        due_ms = None if self.gone else self.computed.due_ms
        if due_ms != self.due_before_ms:
            timers = change(tables.TIMERS)
            if self.due_before_ms is not None:
                timers[tables.timer_key(self.due_before_ms, self.profile)] = None
            if due_ms is not None:
                timers[tables.timer_key(due_ms, self.profile)] = b""

    def _write_counts(self, rows: dict[bytes, bytes | None]) -> None:
        few = self._few
        for aggregate in sorted(self._changed):
            counts = self._collected[aggregate]
            if len(counts) > limits.compute.COUNTS_IN_ROW_MAX:
                rows[self.profile + aggregate.encode()] = tables.encode_json(counts)
                few[aggregate] = None
                continue
            if few.get(aggregate, _NONE) is None:
                rows[self.profile + aggregate.encode()] = None
            if counts:
                few[aggregate] = counts
            else:
                few.pop(aggregate, None)
        self.row.counts = Raw(tables.encode_json(few))


_NONE: Final[dict[str, int]] = {}
_SURELY_FITS: Final = 200
_LARGE_CHARS: Final = 512


def _may_be_large(value: Any) -> bool:
    return isinstance(value, dict | list) or (isinstance(value, str) and len(value) > _LARGE_CHARS)


class History:
    """All events of a profile, whatever key they came in under, with those that the batch has added."""

    __slots__ = ("_effects", "_is_stored", "_profile", "_row", "added")

    def __init__(self, profile: bytes, row: Profile, effects: Effects, *, is_stored: bool) -> None:
        self._profile = profile
        self._row = row
        self._effects = effects
        self._is_stored = is_stored
        self.added: list[NewEvent] = []
        """In order."""

    def add(self, new: NewEvent) -> None:
        added = self.added
        if not added or added[-1].place < new.place:
            added.append(new)
        else:
            insort(added, new, key=_PLACE)

    def absorb(self, other: "History") -> None:
        """The other's parts are already in this one's row."""
        self.added = sorted([*self.added, *other.added], key=_PLACE)
        self._is_stored |= other._is_stored  # noqa: SLF001 - its own kind

    def entries(self, start_ms: int, end_ms: int, kinds: frozenset[int] | None) -> Iterator[Entry]:
        """Events with start_ms <= effective time < end_ms, by effective time and place; of these kinds, or all."""
        streams = [self._stored(part, start_ms, end_ms, kinds) for part in self._parts()]
        if self.added:
            streams.append(self._new(start_ms, end_ms, kinds))
        if len(streams) == 1:
            yield from map(_ENTRY, streams[0])
        else:
            yield from map(_ENTRY, merge(*streams, key=_PLACE))

    def _parts(self) -> list[bytes]:
        return [self._profile, *self._row.parts] if self._is_stored else []

    def _new(
        self, start_ms: int, end_ms: int, kinds: frozenset[int] | None
    ) -> Iterator[tuple[tuple[int, int, int], Entry]]:
        for new in list(self.added):
            if start_ms <= new.place[0] < end_ms and (kinds is None or new.entry.kind in kinds):
                yield new.place, new.entry

    def _stored(
        self, part: bytes, start_ms: int, end_ms: int, kinds: frozenset[int] | None
    ) -> Iterator[tuple[tuple[int, int, int], Entry]]:
        start = tables.history_key(part, start_ms, 0, 0)
        end = tables.history_key(part, end_ms, 0, 0)
        wanted = None if kinds is None else {kind.to_bytes(4, "big") for kind in kinds}
        for key, row in self._effects.scan(tables.HISTORY, part, start=start):
            if key >= end:
                return
            if wanted is None or row[:4] in wanted:
                place = tables.history_place(key)
                yield place, Entry.of_row(place, row)

    def write(self, rows: dict[bytes, bytes | None]) -> None:
        for (at_ms, offset, index), part, entry, received_ms, body in self.added:
            key = tables.history_key(part, at_ms, offset, index)
            rows[key] = tables.history_row(entry.kind, received_ms, entry.source, body)


_ENTRY: Final = itemgetter(1)
