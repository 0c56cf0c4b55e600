"""What a destination has read and not yet committed: a window that slides over the outbound log.

A record is committed whole, once each of its events has had its first attempt and every record before it, too.
So a crash repeats at most what is held, and nothing is skipped.
"""

from collections import deque
from typing import NamedTuple

from headwater.delivery.jobs import DeadLetter, Job
from headwater.delivery.receipts import Receipt
from headwater.event import OutboundEvent
from headwater.units import MIB

EVENTS_MAX = 10_000
"""An endpoint that lets one event hang for 5 s must be able to get 1,000 others in each of these seconds."""
BYTES_MAX = 16 * MIB
"""Bodies held per destination; one record beyond it at most."""


class HeldRecord:
    """One record on its way. `unfinished` counts its events without an outcome."""

    __slots__ = ("dead", "events", "offset", "receipts", "retries", "size_bytes", "unfinished")

    def __init__(self, offset: int, events: int, size_bytes: int) -> None:
        self.offset = offset
        self.events = self.unfinished = events
        self.size_bytes = size_bytes
        self.retries: list[Job] = []
        self.dead: list[DeadLetter] = []
        self.receipts: list[tuple[OutboundEvent, Receipt]] = []


class Finished(NamedTuple):
    """A contiguous stretch: everything below `offset` has an outcome, and these are those that failed."""

    offset: int
    records: int
    retries: list[Job]
    dead: list[DeadLetter]
    receipts: list[tuple[OutboundEvent, Receipt]]


class Held:
    def __init__(self) -> None:
        self.events = 0
        self.size_bytes = 0
        self._records: deque[HeldRecord] = deque()

    @property
    def has_room(self) -> bool:
        return self.events < EVENTS_MAX and self.size_bytes < BYTES_MAX

    def add(self, offset: int, *, events: int, size_bytes: int) -> HeldRecord:
        """`events`: how many of the record's events this destination is sent; none is fine."""
        record = HeldRecord(offset, events, size_bytes)
        self._records.append(record)
        self.events += events
        self.size_bytes += size_bytes
        return record

    @property
    def any_finished(self) -> bool:
        return bool(self._records) and not self._records[0].unfinished

    def finished(self) -> Finished | None:
        """What can be committed now; it stays held until `release`, because a commit may fail."""
        stretch: list[HeldRecord] = []
        for record in self._records:
            if record.unfinished:
                break
            stretch.append(record)
        if not stretch:
            return None
        retries = [job for record in stretch for job in record.retries]
        dead = [letter for record in stretch for letter in record.dead]
        receipts = [given for record in stretch for given in record.receipts]
        return Finished(stretch[-1].offset + 1, len(stretch), retries, dead, receipts)

    def release(self, finished: Finished) -> None:
        for _ in range(finished.records):
            record = self._records.popleft()
            self.events -= record.events
            self.size_bytes -= record.size_bytes
