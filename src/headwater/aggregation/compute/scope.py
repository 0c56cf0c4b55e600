"""What a compiled question is asked in: of whom, and when."""

from bisect import bisect_left
from collections.abc import Iterator
from itertools import islice
from operator import attrgetter
from typing import Any, Final

from headwater.aggregation.compute.entry import Entry
from headwater.aggregation.compute.subject import Subject

NEVER_MS: Final = 1 << 62
_AT_MS: Final = attrgetter("at_ms")


class Scope:
    """One evaluation of one profile at one instant. Questions note when they have to be asked again."""

    __slots__ = ("_read", "due_ms", "now_ms", "parent", "states", "subject", "turn_ms", "values", "without")

    def __init__(self, subject: Subject, now_ms: int) -> None:
        computed = subject.computed
        self.subject = subject
        self.now_ms = now_ms
        self.states = computed.aggregates
        self.values = computed.values
        self.parent: Entry | None = None
        """Inside a funnel: the event that the step is about."""
        self.without: tuple[int, int, int] | None = None
        """The place of an event that a funnel has to do as if it were not there."""
        self._read: tuple[int, int, list[Entry]] | None = None
        self.due_ms = NEVER_MS
        """The earliest instant at which an aggregate that was touched changes by itself."""
        self.turn_ms = NEVER_MS
        """The earliest instant at which one of the answers since this was last set may be another one."""

    def turns(self, at_ms: int) -> None:
        """An answer that was just given may be another one from then on."""
        if self.now_ms < at_ms < self.turn_ms:
            self.turn_ms = at_ms

    def read(self, start_ms: int, end_ms: int, kinds: frozenset[int] | None) -> None:
        """A stretch of the history that many questions are going to be about."""
        self._read = start_ms, end_ms, list(self.subject.history.entries(start_ms, end_ms, kinds))

    def read_no_more(self) -> None:
        self._read = None

    def entries(self, start_ms: int, end_ms: int, kinds: frozenset[int] | None) -> Iterator[Entry]:
        """History.entries; there may be events of other kinds among them."""
        if self._read is None or start_ms < self._read[0] or end_ms > self._read[1]:
            return self.subject.history.entries(start_ms, end_ms, kinds)
        found = self._read[2]
        return islice(found, bisect_left(found, start_ms, key=_AT_MS), bisect_left(found, end_ms, key=_AT_MS))

    def trait(self, segments: tuple[str, ...]) -> Any:
        """A trait that was sent; None when there is none."""
        trait = self.subject.traits.get(segments[0])
        return None if trait is None else inside(trait.value, segments[1:])


def inside(value: Any, segments: tuple[str, ...]) -> Any:
    """What is under these names inside a JSON value; None when nothing is."""
    for name in segments:
        if value.__class__ is not dict:
            return None
        value = value.get(name)
    return value
