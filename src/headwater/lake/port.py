"""The lake port: every accepted event, in files that queries and replays read."""

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

from headwater.event import OutboundEvent


class Packed(Protocol):
    """Events in the form a lake keeps them in until they are written: a fraction of the objects' memory."""

    def __len__(self) -> int: ...


class Erased(NamedTuple):
    """How far an erasure has come."""

    files: int = 0
    """Rewritten."""
    events: int = 0
    """Removed."""


class Found(NamedTuple):
    """What is in the lake about users."""

    events: int = 0
    """Theirs."""
    mentions: int = 0
    """Other people's events that have one of the ids as a value somewhere."""


class Lake(Protocol):
    """Sync, one writing process; any number of readers."""

    def position(self) -> int:
        """The outbound offset below which everything is in a file: the names of the files are the record."""
        ...

    def pack(self, events: Sequence[OutboundEvent]) -> Packed:
        """Events for `write`, in the same order. Best a few hundred at once."""
        ...

    def write(self, first: int, last: int, events: Sequence[Packed]) -> None:
        """One file for the outbound offsets first..last, visible whole or not at all. Writing a range again
        replaces it.
        """
        ...

    def compact(self) -> int:
        """Merge one run of neighbouring small files into a larger one, if there is one that pays; how many files
        fewer a query reads.
        """
        ...

    def erase(
        self, users: Collection[str], *, before: int, places: Collection[tuple[int, int]] = ()
    ) -> Iterator[Erased]:
        """Remove the events of these users (userId or previousId), and those at these places (offset and index
        in the collected log) that are theirs without saying so, whose offset is below `before`; every other
        row stays as it is. Work is done while the result is iterated, so whoever does can pause between two
        steps, but must not `compact` meanwhile. Files change one by one, each whole; the bytes of the old one
        are gone at once, and a query that has just listed it must be asked again. Broken off at any point, it
        can be begun again.
        """
        ...

    def search(
        self, users: Collection[str], *, before: int, places: Collection[tuple[int, int]] = ()
    ) -> Iterator[Found]:
        """Look through every file; the last value is the sum. Work is done while the result is iterated."""
        ...

    def events(self) -> Iterator[list[OutboundEvent]]:
        """Everything there is, in the order in which it was written, in lists of a few thousand."""
        ...

    def files(self) -> list[Path]:
        """What a query has to read: no event is in two of them."""
        ...
