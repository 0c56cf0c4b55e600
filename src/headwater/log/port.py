"""The log port: an ordered, durable sequence of opaque records, read by several readers at their own pace."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from headwater.doorbell import Bell


class Record(NamedTuple):
    """`offset` grows by one per record, across segments, restarts and trims; it is never given out twice."""

    offset: int
    data: bytes


class Lag(NamedTuple):
    """What a reader has not read. `events` is the sum the writers declared, `age_s` that of the oldest record."""

    records: int
    events: int
    age_s: float


class Producer(NamedTuple):
    """Makes an append idempotent: a producer's `sequence` never goes back, and an engine that has already
    stored this producer's sequence or a later one stores nothing.
    """

    name: str
    sequence: int


class Log(Protocol):
    """Sync verbs, safe to call from one thread at a time per instance; any number of processes may open a log.

    Errors: StorageError when the disk refuses (nothing was appended).
    """

    name: str
    damaged_records: int
    """Records found lost by this instance, because their bytes are not those that were written."""

    def append(
        self, records: Sequence[bytes], *, events: int | None = None, producer: Producer | None = None
    ) -> int:
        """Make all records durable (fsynced) or none; the offset of the first one.

        `events` is how many events the records hold together, for lag figures (default: one each). With a
        `producer` whose sequence is already stored, nothing is stored and -1 is returned. Rings the bell.
        """
        ...

    def produced(self, producer: str) -> int:
        """The highest sequence stored for a producer, -1 if none."""
        ...

    def read(self, offset: int, *, records_max: int = 10_000, bytes_max: int) -> list[Record]:
        """Records from `offset` on, in order; at least one if there is one, else no more than fits the bounds.

        Offsets below `start()` were trimmed: reading begins at the oldest record kept. Gaps are possible (a
        corrupted stretch is skipped and reported), so continue after the last offset returned.
        """
        ...

    def start(self) -> int:
        """The oldest offset kept."""
        ...

    def end(self) -> int:
        """The offset that the next record will get."""
        ...

    def report(self, reader: str, offset: int) -> None:
        """Note that `reader` has finished everything below `offset`: it bounds trimming and feeds lag figures.

        Not the reader's own truth: that is committed with what the reader produced.
        """
        ...

    def forget(self, reader: str) -> None:
        """A reader that will not come back; it no longer holds records."""
        ...

    def readers(self) -> dict[str, int]:
        """Reported offsets by reader."""
        ...

    def lag(self, offset: int) -> Lag: ...

    def roll(self) -> None:
        """Begin a new segment: what was appended so far can be dropped as a whole once it is old enough."""
        ...

    def trim(self, *, retention_s: float, retention_bytes: int) -> int:
        """Drop what every reader has finished and what is older than `retention_s`, or as much of the oldest as
        the log is larger than `retention_bytes`; the number of records dropped. A segment that has been appended
        to for a seventh of the retention is closed, so that a quiet log gets rid of old records as well.
        """
        ...

    def listen(self) -> Bell:
        """A bell that rings after appends. Hang it before looking at `end()`."""
        ...

    def close(self) -> None: ...
