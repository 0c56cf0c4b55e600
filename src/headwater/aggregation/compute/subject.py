"""What compute may know and change of one profile. The pipeline makes it; the tests have a small one."""

from collections.abc import Iterator, Mapping
from typing import Protocol

from headwater.aggregation.compute.entry import Entry
from headwater.aggregation.tables import Computed, Trait


class History(Protocol):
    """All events of a profile, with those that the batch in progress has added until now."""

    def entries(self, start_ms: int, end_ms: int, kinds: frozenset[int] | None) -> Iterator[Entry]:
        """Events with start_ms <= effective time < end_ms, by effective time and place; of these kinds, or all."""
        ...


class Subject(Protocol):
    @property
    def profile(self) -> bytes: ...

    @property
    def collection(self) -> str:
        """Either `users` or `accounts`."""
        ...

    @property
    def traits(self) -> Mapping[str, Trait]:
        """Those that were sent. One that was taken back has the value None."""
        ...

    @property
    def computed(self) -> Computed:
        """Changed in place."""
        ...

    @property
    def history(self) -> History: ...

    def collected(self, aggregate: str, /) -> dict[str, int]:
        """Value → how often, of an aggregate that grows; empty when there is none yet."""
        ...

    def set_collected(self, aggregate: str, counts: dict[str, int], /) -> None:
        """Whatever was changed in it has to be set. Empty: it is forgotten."""
        ...
