"""Delivery jobs in one SQLite file."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import msgspec

from headwater import limits
from headwater.delivery.jobs import DeadLetter, Job, Standing
from headwater.event import OutboundEvent
from headwater.sqlite import open_database, transaction, translated

SCHEMA: Final = (
    """CREATE TABLE IF NOT EXISTS positions (
      destination TEXT PRIMARY KEY,
      next_offset INTEGER NOT NULL   -- everything below is delivered, a job, or dead
    ) STRICT, WITHOUT ROWID""",
    """CREATE TABLE IF NOT EXISTS jobs (
      id                 INTEGER PRIMARY KEY AUTOINCREMENT,
      destination        TEXT NOT NULL,
      event              BLOB NOT NULL,      -- OutboundEvent as msgpack
      attempts           INTEGER NOT NULL,
      first_failed_at_ms INTEGER NOT NULL,
      due_at_ms          INTEGER NOT NULL,
      reason             TEXT NOT NULL,
      message            TEXT NOT NULL
    ) STRICT""",
    "CREATE INDEX IF NOT EXISTS jobs_by_due ON jobs (destination, due_at_ms, id)",
    """CREATE TABLE IF NOT EXISTS dead_letters (
      id                 INTEGER PRIMARY KEY AUTOINCREMENT,
      destination        TEXT NOT NULL,
      event              BLOB NOT NULL,
      attempts           INTEGER NOT NULL,
      first_failed_at_ms INTEGER NOT NULL,
      died_at_ms         INTEGER NOT NULL,
      reason             TEXT NOT NULL,
      message            TEXT NOT NULL
    ) STRICT""",
    "CREATE INDEX IF NOT EXISTS dead_letters_by_destination ON dead_letters (destination, id)",
    "CREATE TABLE IF NOT EXISTS counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID",
)

PUT_POSITION: Final = """
INSERT INTO positions VALUES (?, ?) ON CONFLICT (destination) DO UPDATE SET next_offset = excluded.next_offset
"""
INSERT_JOB: Final = """
INSERT INTO jobs (destination, event, attempts, first_failed_at_ms, due_at_ms, reason, message)
VALUES (?, ?, ?, ?, ?, ?, ?)
"""
SOONEST: Final = """
SELECT destination, event, attempts, first_failed_at_ms, due_at_ms, reason, message, id
FROM jobs WHERE destination = ? ORDER BY due_at_ms, id LIMIT ?
"""
RESCHEDULE: Final = "UPDATE jobs SET attempts = ?, due_at_ms = ?, reason = ?, message = ? WHERE id = ?"
INSERT_LETTER: Final = """
INSERT INTO dead_letters (destination, event, attempts, first_failed_at_ms, died_at_ms, reason, message)
VALUES (?, ?, ?, ?, ?, ?, ?)
"""
NEWEST_LETTERS: Final = """
SELECT destination, event, attempts, first_failed_at_ms, died_at_ms, reason, message, id
FROM dead_letters
WHERE (?1 IS NULL OR destination = ?1) AND (?2 IS NULL OR id < ?2) ORDER BY id DESC LIMIT ?3
"""
BURY_ALL: Final = """
INSERT INTO dead_letters (destination, event, attempts, first_failed_at_ms, died_at_ms, reason, message)
SELECT destination, event, attempts, first_failed_at_ms, ?, 'DESTINATION_REMOVED', message
FROM jobs WHERE destination = ? ORDER BY id
"""
DROP_OLDEST: Final = "DELETE FROM dead_letters WHERE id <= (SELECT max(id) FROM dead_letters) - ?"
COUNT: Final = """
INSERT INTO counters VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = value + excluded.value
"""
STANDINGS: Final = """
SELECT destination, sum(retries), sum(dead) FROM (
  SELECT destination, count(*) AS retries, 0 AS dead FROM jobs GROUP BY destination
  UNION ALL SELECT destination, 0, count(*) FROM dead_letters GROUP BY destination
) GROUP BY destination
"""
STARTED: Final = "started"
DROPPED: Final = "dead_letters_dropped"

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(OutboundEvent).decode


class SqliteJobs:
    def __init__(self, path: Path, *, dead_letters_max: int = limits.DEAD_LETTERS_MAX) -> None:
        self._path = path
        self._dead_letters_max = dead_letters_max
        # Not fsynced per commit: a power cut may undo the last commits, position and failures alike, and the
        # outbound log, which is fsynced, is read again from there.
        self._db = open_database(path, durable=False)
        try:
            with self._writing():
                for statement in SCHEMA:
                    self._db.execute(statement)
        except BaseException:
            self._db.close()
            raise

    def first_start(self) -> bool:
        with self._writing():
            started = self._db.execute(f"{COUNT} RETURNING value", (STARTED, 1)).fetchall()
        return bool(started[0][0] == 1)

    def positions(self) -> dict[str, int]:
        return dict(self._rows("SELECT destination, next_offset FROM positions"))

    def advance(
        self, destination: str, offset: int, *, retries: Sequence[Job] = (), dead: Sequence[DeadLetter] = ()
    ) -> None:
        with self._writing():
            self._db.execute(PUT_POSITION, (destination, offset))
            self._db.executemany(INSERT_JOB, map(_job_row, retries))
            self._insert_letters(dead)

    def soonest(self, destination: str, limit: int) -> list[Job]:
        return [
            Job(name, _decode(event), *columns)
            for name, event, *columns in self._rows(SOONEST, (destination, limit))
        ]

    def complete(self, job_id: int) -> None:
        with self._writing():
            self._db.execute("DELETE FROM jobs WHERE id = ?", (job_id,))

    def reschedule(self, job: Job) -> None:
        with self._writing():
            self._db.execute(RESCHEDULE, (job.attempts, job.due_at_ms, job.reason, job.message, job.id))

    def bury(self, job_id: int, letter: DeadLetter) -> None:
        with self._writing():
            self._db.execute("DELETE FROM jobs WHERE id = ?", (job_id,))
            self._insert_letters([letter])

    def dead_letters(
        self, destination: str | None = None, *, limit: int = 100, before_id: int | None = None
    ) -> list[DeadLetter]:
        return [
            DeadLetter(name, _decode(event), *columns)
            for name, event, *columns in self._rows(NEWEST_LETTERS, (destination, before_id, limit))
        ]

    def dead_letters_dropped(self) -> int:
        return sum(value for (value,) in self._rows("SELECT value FROM counters WHERE name = ?", (DROPPED,)))

    def standings(self) -> dict[str, Standing]:
        return {name: Standing(retries, dead) for name, retries, dead in self._rows(STANDINGS)}

    def forget(self, destination: str, *, at_ms: int) -> None:
        with self._writing():
            self._db.execute(BURY_ALL, (at_ms, destination))
            self._drop_oldest()
            self._db.execute("DELETE FROM jobs WHERE destination = ?", (destination,))
            self._db.execute("DELETE FROM positions WHERE destination = ?", (destination,))

    def close(self) -> None:
        self._db.close()

    def _insert_letters(self, letters: Iterable[DeadLetter]) -> None:
        rows = [_letter_row(letter) for letter in letters]
        if rows:
            self._db.executemany(INSERT_LETTER, rows)
            self._drop_oldest()

    def _drop_oldest(self) -> None:
        dropped = self._db.execute(DROP_OLDEST, (self._dead_letters_max,)).rowcount
        if dropped:
            self._db.execute(COUNT, (DROPPED, dropped))

    def _rows(self, query: str, parameters: tuple[Any, ...] = ()) -> list[Any]:
        with translated(self._path):
            return self._db.execute(query, parameters).fetchall()

    @contextmanager
    def _writing(self) -> Iterator[None]:
        with translated(self._path), transaction(self._db):
            yield


def _job_row(job: Job) -> tuple[Any, ...]:
    return (
        job.destination,
        _encode(job.event),
        job.attempts,
        job.first_failed_at_ms,
        job.due_at_ms,
        job.reason,
        job.message,
    )


def _letter_row(letter: DeadLetter) -> tuple[Any, ...]:
    return (
        letter.destination,
        _encode(letter.event),
        letter.attempts,
        letter.first_failed_at_ms,
        letter.died_at_ms,
        letter.reason,
        letter.message,
    )
