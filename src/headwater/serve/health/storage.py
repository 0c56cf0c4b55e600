"""How much the platform keeps, and how long the disk will do."""

import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec

from headwater.processing.totals import HourCount
from headwater.units import DAY_MS

AREAS: Final = {
    "log/collected": "Requests, as received",
    "log/outbound": "Events on their way to destinations",
    "lake/events": "Accepted events",
    "lake/receipts": "Delivery receipts",
    "lake/dead-letters": "Older dead letters",
    "state": "Profiles and pipeline state",
    "delivery.db": "Retries and delivery counts",
}
"""Where in the data folder, and what it is. A file counts with those that SQLite keeps beside it."""

GROWING: Final = ("lake/events", "state")
"""What grows with every event for ever; the logs and receipts are bounded by settings of their own."""


EVENTS_TO_GUESS_FROM: Final = 1_000
"""With fewer accepted ones, what an event takes says nothing yet."""


class Area(msgspec.Struct, frozen=True):
    name: str
    """Its path in the data folder; `other`: everything else."""
    what: str
    bytes: int


class Storage(msgspec.Struct, frozen=True):
    areas: list[Area]
    bytes: int
    """All of them."""
    disk_bytes: int
    disk_free_bytes: int
    bytes_per_day: int | None
    """That yesterday's and today's number of events adds to the lake and the state; null: too few to tell."""
    full_in_days: float | None
    """At that rate; null: nothing is added, or it cannot be told."""
    oldest_log_s: float
    """Age of the oldest request that is still there as it came."""


def measure(data: Path, *, oldest_s: float, accepted: int, hours: Sequence[HourCount], at_ms: int) -> Storage:
    """Blocking. `oldest_s`: age of the oldest request of the log; `accepted`: events in all; `hours`: counts of at
    least the last day.
    """
    sizes = {name: _bytes_at(data / name) for name in AREAS}
    other = _bytes_at(data) - sum(sizes.values())
    disk = shutil.disk_usage(data)
    today = sum(each.events for each in hours if each.outcome == "accepted" and each.hour_ms > at_ms - DAY_MS)
    per_day = None
    if accepted >= EVENTS_TO_GUESS_FROM:
        per_day = round(sum(sizes[name] for name in GROWING) / accepted * today)
    return Storage(
        [
            *(Area(name, what, sizes[name]) for name, what in AREAS.items()),
            Area("other", "Everything else", other),
        ],
        sum(sizes.values()) + other,
        disk.total,
        disk.free,
        per_day,
        round(disk.free / per_day, 1) if per_day else None,
        round(oldest_s, 1),
    )


def _bytes_at(path: Path) -> int:
    """Of a folder, or of a database with its own files."""
    if not path.is_dir():
        return sum(_size(Path(f"{path}{suffix}")) for suffix in ("", "-wal", "-shm"))
    total = 0
    for folder, _, names in os.walk(path):
        total += sum(_size(Path(folder, name)) for name in names)
    return total


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:  # merged or trimmed just now
        return 0
