"""Receipts in the store of jobs, so that they become durable together with what they are about.

    receipt_blobs         final receipts of one commit, a row each, until they are moved into a file
    receipt_files         the files that count (delivery/receipts_folded.py)
    retrying              by destination and message: the receipt of its last attempt, until there is a final one
    delivery_minutes      how many ended how, by destination and minute
    delivery_latencies    how many took how long, by destination and minute

Functions for inside a transaction of that store.
"""

import time
from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from operator import attrgetter
from pathlib import Path
from typing import Final

from headwater.delivery import attempts
from headwater.delivery.receipts import FAILED, RETRYING, Receipt, decode, encode
from headwater.doorbell import Doorbell
from headwater.sqlite import Connection
from headwater.units import MINUTE_MS

SCHEMA: Final = (
    """CREATE TABLE IF NOT EXISTS receipt_blobs (
      id       INTEGER PRIMARY KEY AUTOINCREMENT,
      receipts INTEGER NOT NULL,   -- how many
      from_ms  INTEGER NOT NULL,   -- of the oldest
      to_ms    INTEGER NOT NULL,   -- of the newest
      blob     BLOB NOT NULL       -- receipts.encode
    ) STRICT""",
    """CREATE TABLE IF NOT EXISTS receipt_files (
      first    INTEGER PRIMARY KEY,   -- of the blobs in it ...
      last     INTEGER NOT NULL,      -- ... to this one
      revision INTEGER NOT NULL,      -- how often somebody's receipts were erased from it
      receipts INTEGER NOT NULL,
      from_ms  INTEGER NOT NULL,
      to_ms    INTEGER NOT NULL,
      bytes    INTEGER NOT NULL
    ) STRICT""",
    """CREATE TABLE IF NOT EXISTS retrying (
      destination TEXT NOT NULL,
      message_id  TEXT NOT NULL,
      blob        BLOB NOT NULL,   -- receipts.encode, of one
      PRIMARY KEY (destination, message_id)
    ) STRICT, WITHOUT ROWID""",
    "CREATE INDEX IF NOT EXISTS retrying_by_message ON retrying (message_id)",
    """CREATE TABLE IF NOT EXISTS delivery_minutes (
      destination TEXT NOT NULL,
      minute      INTEGER NOT NULL,   -- since 1970
      status      TEXT NOT NULL,
      reason      TEXT NOT NULL,
      count       INTEGER NOT NULL,
      PRIMARY KEY (destination, minute, status, reason)
    ) STRICT, WITHOUT ROWID""",
    """CREATE TABLE IF NOT EXISTS delivery_latencies (
      destination TEXT NOT NULL,
      minute      INTEGER NOT NULL,
      at_most_ms  INTEGER NOT NULL,   -- one of LATENCIES_MS
      count       INTEGER NOT NULL,
      PRIMARY KEY (destination, minute, at_most_ms)
    ) STRICT, WITHOUT ROWID""",
)

BELL: Final = "delivery-receipts"

RING_S: Final = 0.5
"""Rings are no closer together: who moves receipts into files is in no hurry."""


LATENCIES_MS: Final = tuple(dict.fromkeys(round(1.2**exponent) for exponent in range(76)))
"""Bounds between which latencies are counted: a percentile is told 20 % too high at most. The last is ten minutes,
longer than any attempt.
"""

COUNT: Final = """
INSERT INTO delivery_minutes VALUES (?, ?, ?, ?, ?)
ON CONFLICT (destination, minute, status, reason) DO UPDATE SET count = count + excluded.count
"""
LAST_ATTEMPT: Final = "SELECT blob FROM retrying WHERE destination = ? AND message_id = ?"
FORGET_JOB: Final = """
DELETE FROM retrying WHERE (destination, message_id) = (SELECT destination, message_id FROM jobs WHERE id = ?)
"""
COUNT_LATENCY: Final = """
INSERT INTO delivery_latencies VALUES (?, ?, ?, ?)
ON CONFLICT (destination, minute, at_most_ms) DO UPDATE SET count = count + excluded.count
"""

_ENDED: Final = attrgetter("destination", "at_ms", "status", "reason")


class Chime:
    """Tells who moves receipts into files that there are new ones."""

    def __init__(self, folder: Path) -> None:
        self._bell = Doorbell(folder, BELL)
        self._rung_s = 0.0

    def ring(self) -> None:
        now_s = time.monotonic()
        if now_s - self._rung_s >= RING_S:
            self._rung_s = now_s
            self._bell.ring()

    def close(self) -> None:
        self._bell.close()


def note(db: Connection, receipts: Sequence[Receipt]) -> None:
    """Of events that have been tried for the first time."""
    if not receipts:
        return
    # By the millisecond first, which C does alone: there are few of them, and of outcomes.
    ended = Counter(map(_ENDED, receipts))
    final = [receipt for receipt in receipts if receipt.status != RETRYING]
    if len(final) < len(receipts):
        db.executemany(
            "INSERT OR REPLACE INTO retrying VALUES (?, ?, ?)",
            [(r.destination, r.message_id, encode([r])) for r in receipts if r.status == RETRYING],
        )
    if final:
        instants = [at_ms for _, at_ms, status, _ in ended if status != RETRYING]
        db.execute(
            "INSERT INTO receipt_blobs (receipts, from_ms, to_ms, blob) VALUES (?, ?, ?, ?)",
            (len(final), min(instants), max(instants), encode(final)),
        )
    outcomes: Counter[tuple[str, int, str, str]] = Counter()
    for (destination, at_ms, status, reason), count in ended.items():
        outcomes[destination, at_ms // MINUTE_MS, status, reason] += count
    db.executemany(COUNT, [(*what, count) for what, count in outcomes.items()])
    latencies = Counter((r.destination, r.at_ms // MINUTE_MS, r.latency_ms) for r in receipts if r.latency_ms)
    db.executemany(
        COUNT_LATENCY,
        [(destination, minute, _bound(ms), count) for (destination, minute, ms), count in latencies.items()],
    )


def continued(db: Connection, receipts: Sequence[Receipt]) -> list[Receipt]:
    """The same receipts, of events that have been tried before, with what is known of their earlier attempts."""
    return [_continued(db, receipt) for receipt in receipts]


def _continued(db: Connection, receipt: Receipt) -> Receipt:
    row = db.execute(LAST_ATTEMPT, (receipt.destination, receipt.message_id)).fetchone()
    return attempts.continued(receipt, decode(row[0])[0]) if row else receipt


def settle(db: Connection, receipts: Sequence[Receipt]) -> None:
    """What `note` does, of events that have been tried before."""
    note(db, receipts)
    db.executemany(
        "DELETE FROM retrying WHERE destination = ? AND message_id = ?",
        [(r.destination, r.message_id) for r in receipts if r.status != RETRYING],
    )


def forget_jobs(db: Connection, jobs: Sequence[int]) -> None:
    """These jobs are about to go, with a receipt or, if nothing may be said of them, without."""
    db.executemany(FORGET_JOB, [(id_,) for id_ in jobs])


def give_up(db: Connection, destination: str, *, reason: str, at_ms: int) -> None:
    """Whatever is being retried there has failed."""
    rows = db.execute("SELECT blob FROM retrying WHERE destination = ?", (destination,)).fetchall()
    receipts = [receipt for (blob,) in rows for receipt in decode(blob)]
    settle(db, [receipt.ended(FAILED, reason, at_ms) for receipt in receipts])


def _bound(latency_ms: int) -> int:
    return LATENCIES_MS[min(bisect_left(LATENCIES_MS, latency_ms), len(LATENCIES_MS) - 1)]
