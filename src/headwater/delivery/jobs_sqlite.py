"""Delivery jobs in one SQLite file."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import msgspec

from headwater import limits
from headwater.delivery import receipts_sqlite
from headwater.delivery.jobs import DeadLetter, ErasedRows, Job, Standing
from headwater.delivery.receipts import Receipt
from headwater.doorbell import Bell, Doorbell
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
      message            TEXT NOT NULL,
      message_id         TEXT NOT NULL DEFAULT '',  -- the event's
      person             TEXT NOT NULL DEFAULT '',  -- the event's
      mappings           TEXT NOT NULL DEFAULT ''   -- JSON: those that are open; empty: all
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
      message            TEXT NOT NULL,
      message_id         TEXT NOT NULL DEFAULT '',
      mappings           TEXT NOT NULL DEFAULT ''
    ) STRICT""",
    "CREATE INDEX IF NOT EXISTS dead_letters_by_destination ON dead_letters (destination, id)",
    "CREATE TABLE IF NOT EXISTS counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID",
)

INDEXES: Final = (
    "CREATE INDEX IF NOT EXISTS jobs_by_message ON jobs (message_id)",
    "CREATE INDEX IF NOT EXISTS dead_letters_by_message ON dead_letters (message_id)",
    "CREATE INDEX IF NOT EXISTS jobs_by_person ON jobs (destination, person, id)",
)
"""Made once the columns are there: see `_add_columns`."""

ADDED: Final[dict[str, dict[str, Callable[[OutboundEvent], str]]]] = {
    "jobs": {
        "message_id": lambda event: event.message_id,
        "person": lambda event: event.person,
        "mappings": lambda _: "",
    },
    "dead_letters": {"message_id": lambda event: event.message_id, "mappings": lambda _: ""},
}
"""Columns that stores of earlier versions do not have, by table, and what an event has there."""

PUT_POSITION: Final = """
INSERT INTO positions VALUES (?, ?) ON CONFLICT (destination) DO UPDATE SET next_offset = excluded.next_offset
"""
INSERT_JOB: Final = """
INSERT INTO jobs
  (destination, event, attempts, first_failed_at_ms, due_at_ms, reason, message, mappings, message_id, person)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
SELECT_JOBS: Final = """
SELECT destination, event, attempts, first_failed_at_ms, due_at_ms, reason, message, id, mappings FROM jobs
"""
SOONEST: Final = f"{SELECT_JOBS} WHERE destination = ? ORDER BY due_at_ms, id LIMIT ?"
RESCHEDULE: Final = """
UPDATE jobs
SET attempts = ?, first_failed_at_ms = ?, due_at_ms = ?, reason = ?, message = ?, mappings = ? WHERE id = ?
"""
FREE: Final = """
UPDATE jobs SET due_at_ms = ?3
WHERE id = (SELECT min(id) FROM jobs WHERE destination = ?1 AND person = ?2)
"""
PEOPLE: Final = "SELECT person, count(*) FROM jobs WHERE destination = ? GROUP BY person"
INSERT_LETTER: Final = """
INSERT INTO dead_letters
  (destination, event, attempts, first_failed_at_ms, died_at_ms, reason, message, mappings, message_id)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
SELECT_LETTERS: Final = """
SELECT destination, event, attempts, first_failed_at_ms, died_at_ms, reason, message, id, mappings
FROM dead_letters
"""
NEWEST_LETTERS: Final = f"{SELECT_LETTERS} WHERE ?1 IS NULL OR id < ?1 ORDER BY id DESC LIMIT ?2"
NEWEST_LETTERS_OF_ONE: Final = f"""
{SELECT_LETTERS} WHERE destination = ?3 AND (?1 IS NULL OR id < ?1) ORDER BY id DESC LIMIT ?2
"""
BURY_ALL: Final = """
INSERT INTO dead_letters
  (destination, event, attempts, first_failed_at_ms, died_at_ms, reason, message, mappings, message_id)
SELECT destination, event, attempts, first_failed_at_ms, ?, ?, message, mappings, message_id
FROM jobs WHERE destination = ? ORDER BY id
"""
REVIVE: Final = """
INSERT INTO jobs
  (destination, event, attempts, first_failed_at_ms, due_at_ms, reason, message, mappings, message_id, person)
SELECT destination, event, 1, ?2, ?2, reason, message, mappings, message_id, person_of(event)
FROM dead_letters WHERE id = ?1 AND destination IN (SELECT destination FROM positions)
"""
REVIVED: Final = "DELETE FROM dead_letters WHERE id = ? AND destination IN (SELECT destination FROM positions)"
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
REMOVED: Final = "DESTINATION_REMOVED"
DROPPED: Final = "dead_letters_dropped"

BELL: Final = "delivery-jobs"

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(OutboundEvent).decode


class SqliteJobs:
    def __init__(self, path: Path, *, dead_letters_max: int = limits.DEAD_LETTERS_MAX) -> None:
        self._path = path
        self._dead_letters_max = dead_letters_max
        self._bell = Doorbell(path.parent / "bells", BELL)
        self._receipts_bell = receipts_sqlite.Chime(path.parent / "bells")
        # Not fsynced per commit: a power cut may undo the last commits, position and failures alike, and the
        # outbound log, which is fsynced, is read again from there.
        self._db = open_database(path, durable=False)
        try:
            self._db.execute("PRAGMA secure_delete = ON")  # what is delivered is also gone
            with self._writing():
                for statement in (*SCHEMA, *receipts_sqlite.SCHEMA):
                    self._db.execute(statement)
                self._add_columns()
                for statement in INDEXES:
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
        self,
        destination: str,
        offset: int,
        *,
        retries: Sequence[Job] = (),
        dead: Sequence[DeadLetter] = (),
        receipts: Sequence[Receipt] = (),
    ) -> None:
        with self._writing():
            self._db.execute(PUT_POSITION, (destination, offset))
            self._db.executemany(INSERT_JOB, map(_job_row, retries))
            self._insert_letters(dead)
            receipts_sqlite.note(self._db, receipts)
        if receipts:
            self._receipts_bell.ring()

    def soonest(self, destination: str, limit: int) -> list[Job]:
        return [_job(row) for row in self._rows(SOONEST, (destination, limit))]

    def settle(
        self,
        *,
        completed: Sequence[int] = (),
        rescheduled: Sequence[Job] = (),
        dead: Sequence[DeadLetter] = (),
        freed: Sequence[tuple[str, str]] = (),
        at_ms: int = 0,
        receipts: Sequence[Receipt] = (),
    ) -> None:
        with self._writing():
            self._db.executemany("DELETE FROM jobs WHERE id = ?", [(job_id,) for job_id in completed])
            self._db.executemany(RESCHEDULE, map(_rescheduled_row, rescheduled))
            self._insert_letters(dead)
            self._db.executemany(FREE, [(destination, person, at_ms) for destination, person in freed])
            receipts_sqlite.settle(self._db, receipts)
        if receipts:
            self._receipts_bell.ring()

    def people(self, destination: str) -> dict[str, int]:
        return dict(self._rows(PEOPLE, (destination,)))

    def dead_letters(
        self, destination: str | None = None, *, limit: int = 100, before_id: int | None = None
    ) -> list[DeadLetter]:
        return [
            _letter(row)
            for row in (
                self._rows(NEWEST_LETTERS, (before_id, limit))
                if destination is None
                else self._rows(NEWEST_LETTERS_OF_ONE, (before_id, limit, destination))
            )
        ]

    def letters(self, ids: Sequence[int]) -> list[DeadLetter]:
        chosen = "WHERE id IN (SELECT value FROM json_each(?))"
        return [_letter(row) for row in self._rows(f"{SELECT_LETTERS} {chosen}", (json.dumps(list(ids)),))]

    def of_message(self, message_id: str) -> tuple[list[Job], list[DeadLetter]]:
        jobs = [_job(row) for row in self._rows(f"{SELECT_JOBS} WHERE message_id = ?", (message_id,))]
        return jobs, [_letter(row) for row in self._rows(f"{SELECT_LETTERS} WHERE message_id = ?", (message_id,))]

    def revive(self, ids: Sequence[int], *, at_ms: int) -> int:
        chosen = set(ids)
        with self._writing():
            self._db.executemany(REVIVE, [(each, at_ms) for each in chosen])
            revived = self._db.executemany(REVIVED, [(each,) for each in chosen]).rowcount
        self._bell.ring()
        return revived

    def discard(self, ids: Sequence[int]) -> int:
        with self._writing():
            return self._db.executemany(
                "DELETE FROM dead_letters WHERE id = ?", [(each,) for each in ids]
            ).rowcount

    def listen(self) -> Bell:
        return self._bell.listen()

    def dead_letters_dropped(self) -> int:
        return sum(value for (value,) in self._rows("SELECT value FROM counters WHERE name = ?", (DROPPED,)))

    def standings(self) -> dict[str, Standing]:
        return {name: Standing(retries, dead) for name, retries, dead in self._rows(STANDINGS)}

    def forget(self, destination: str, *, at_ms: int) -> None:
        with self._writing():
            self._db.execute(BURY_ALL, (at_ms, REMOVED, destination))
            receipts_sqlite.give_up(self._db, destination, reason=REMOVED, at_ms=at_ms)
            self._drop_oldest()
            self._db.execute("DELETE FROM jobs WHERE destination = ?", (destination,))
            self._db.execute("DELETE FROM positions WHERE destination = ?", (destination,))

    def erase(
        self, is_theirs: Callable[[OutboundEvent], bool], *, after: tuple[int, int] = (0, 0), rows_max: int
    ) -> ErasedRows:
        removed, last, is_end = [], [], True
        with self._writing():
            for table, start in zip(("jobs", "dead_letters"), after, strict=True):
                rows = self._db.execute(
                    f"SELECT id, event FROM {table} WHERE id > ? ORDER BY id LIMIT ?",  # noqa: S608 - ours
                    (start, rows_max),
                ).fetchall()
                theirs = [(id_,) for id_, event in rows if is_theirs(_decode(event))]
                self._db.executemany(f"DELETE FROM {table} WHERE id = ?", theirs)  # noqa: S608 - ours
                removed.append(len(theirs))
                last.append(rows[-1][0] if rows else start)
                is_end = is_end and len(rows) < rows_max
        return ErasedRows(removed[0], removed[1], (last[0], last[1]), is_end)

    def scrub(self) -> bool:
        with translated(self._path):
            # Rows removed by an earlier version were not overwritten; what is written anew holds none of them.
            self._db.execute("VACUUM")
            busy, *_ = self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            return not busy

    def close(self) -> None:
        self._bell.close()
        self._receipts_bell.close()
        self._db.close()

    def _add_columns(self) -> None:
        """To a store of a version that did not have them."""
        self._db.create_function("person_of", 1, lambda event: _decode(event).person, deterministic=True)
        for table, columns in ADDED.items():
            names = {name for _, name, *_ in self._db.execute(f"PRAGMA table_info({table})")}
            for column, value in columns.items():
                if column not in names:
                    self._db.execute(f"ALTER TABLE {table} ADD COLUMN {column} TEXT NOT NULL DEFAULT ''")
                    self._db.create_function("value_in", 1, lambda event, of=value: of(_decode(event)))
                    self._db.execute(f"UPDATE {table} SET {column} = value_in(event)")  # noqa: S608 - ours

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


def _job(row: Sequence[Any]) -> Job:
    destination, event, attempts, first_ms, due_ms, reason, message, id_, mappings = row
    known = destination, _decode(event), attempts, first_ms, due_ms
    return Job(*known, reason, message, id_, _mappings(mappings))


def _letter(row: Sequence[Any]) -> DeadLetter:
    destination, event, attempts, first_ms, died_ms, reason, message, id_, mappings = row
    known = destination, _decode(event), attempts, first_ms, died_ms
    return DeadLetter(*known, reason, message, id_, _mappings(mappings))


def _mappings(text: str) -> tuple[str, ...]:
    return tuple(json.loads(text)) if text else ()


def _mappings_text(mappings: tuple[str, ...]) -> str:
    return json.dumps(mappings) if mappings else ""


def _job_row(job: Job) -> tuple[Any, ...]:
    return (
        job.destination,
        _encode(job.event),
        job.attempts,
        job.first_failed_at_ms,
        job.due_at_ms,
        job.reason,
        job.message,
        _mappings_text(job.mappings),
        job.event.message_id,
        job.event.person,
    )


def _rescheduled_row(job: Job) -> tuple[Any, ...]:
    why = job.reason, job.message, _mappings_text(job.mappings)
    return (job.attempts, job.first_failed_at_ms, job.due_at_ms, *why, job.id)


def _letter_row(letter: DeadLetter) -> tuple[Any, ...]:
    return (
        letter.destination,
        _encode(letter.event),
        letter.attempts,
        letter.first_failed_at_ms,
        letter.died_at_ms,
        letter.reason,
        letter.message,
        _mappings_text(letter.mappings),
        letter.event.message_id,
    )
