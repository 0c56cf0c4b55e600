"""The lake port: every accepted event, in files that queries and replays read."""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from headwater.event import OutboundEvent


class Packed(Protocol):
    """Events in the form a lake keeps them in until they are written: a fraction of the objects' memory."""

    def __len__(self) -> int: ...


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

    def files(self) -> list[Path]:
        """What a query has to read: no event is in two of them."""
        ...
