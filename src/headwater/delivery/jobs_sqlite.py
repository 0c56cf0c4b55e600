"""Delivery jobs in one SQLite file."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, TypeVar

import msgspec

from headwater import limits
from headwater.delivery import letters_sqlite, receipts_sqlite
from headwater.delivery.jobs import DeadLetter, ErasedFile, ErasedRows, Job, LetterGroup, Standing
from headwater.delivery.letters_sqlite import SqliteLetters, mappings_of, mappings_text
from headwater.delivery.receipts import Receipt
from headwater.doorbell import Bell, Doorbell
from headwater.errors import StorageError
from headwater.event import OutboundEvent
from headwater.lake.letters import LetterArea
from headwater.sqlite import open_database, snapshot, transaction, translated

SCHEMA: Final = (
    """CREATE TABLE IF NOT EXISTS positions (
      destination TEXT PRIMARY KEY,
      next_offset INTEGER NOT NULL   -- everything below is delivered, a job, or dead
    ) STRICT, WITHOUT ROWID""",
    """CREATE TABLE IF NOT EXISTS reservations (
      destination TEXT PRIMARY KEY,
      below       INTEGER NOT NULL   -- records up to here may have been begun
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
COUNT: Final = """
INSERT INTO counters VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = value + excluded.value
"""
STARTED: Final = "started"
TIDIED: Final = "letter_files_tidied"
REMOVED: Final = "DESTINATION_REMOVED"

BELL: Final = "delivery-jobs"

T = TypeVar("T")

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(OutboundEvent).decode


class SqliteJobs:
    def __init__(
        self,
        path: Path,
        open_letter_area: Callable[[], LetterArea],
        *,
        dead_letters_max: int = limits.letters.KEPT_MAX,
    ) -> None:
        """`open_letter_area` is called when a file of it is needed, which is rare."""
        self._path = path
        self._bell = Doorbell(path.parent / "bells", BELL)
        self._receipts_bell = receipts_sqlite.Chime(path.parent / "bells")
        # Not fsynced per commit: a power cut may undo the last commits, position and failures alike, and the
        # outbound log, which is fsynced, is read again from there.
        self._db = open_database(path, durable=False)
        self._letters = SqliteLetters(self._db, open_letter_area, letters_max=dead_letters_max)
        try:
            self._db.execute("PRAGMA secure_delete = ON")  # what is delivered is also gone
            with self._writing():
                for statement in (*SCHEMA, *letters_sqlite.SCHEMA, *receipts_sqlite.SCHEMA):
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
            self._letters.add(dead)
            receipts_sqlite.note(self._db, receipts)
        if receipts:
            self._receipts_bell.ring()

    def reserve(self, destination: str, offset: int) -> None:
        with self._writing():
            self._db.execute("INSERT OR REPLACE INTO reservations VALUES (?, ?)", (destination, offset))

    def reserved(self) -> dict[str, int]:
        return dict(self._rows("SELECT destination, below FROM reservations"))

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
            receipts = receipts_sqlite.continued(self._db, receipts)
            receipts_sqlite.forget_jobs(self._db, completed)
            self._db.executemany("DELETE FROM jobs WHERE id = ?", [(job_id,) for job_id in completed])
            self._db.executemany(RESCHEDULE, map(_rescheduled_row, rescheduled))
            self._letters.add(dead)
            self._db.executemany(FREE, [(destination, person, at_ms) for destination, person in freed])
            receipts_sqlite.settle(self._db, receipts)
        if receipts:
            self._receipts_bell.ring()

    def people(self, destination: str) -> dict[str, int]:
        return dict(self._rows(PEOPLE, (destination,)))

    def dead_letters(
        self, destination: str | None = None, *, limit: int = 100, before_id: int | None = None
    ) -> list[DeadLetter]:
        return self._look(lambda: self._letters.newest(destination, limit=limit, before_id=before_id))

    def letters(self, ids: Sequence[int]) -> list[DeadLetter]:
        return self._look(lambda: self._letters.among(ids))

    def letter_groups(self) -> list[LetterGroup]:
        return self._look(self._letters.groups)

    def of_message(self, message_id: str) -> tuple[list[Job], list[DeadLetter]]:
        jobs = f"{SELECT_JOBS} WHERE message_id = ?"
        return self._look(
            lambda: (
                [_job(row) for row in self._db.execute(jobs, (message_id,))],
                self._letters.of_message(message_id),
            )
        )

    def revive(self, ids: Sequence[int], *, at_ms: int) -> int:
        with self._writing():
            revived = self._letters.revive(ids, at_ms=at_ms)
        self._tidy_letters()
        self._bell.ring()
        return revived

    def discard(self, ids: Sequence[int]) -> int:
        with self._writing():
            discarded = self._letters.discard(ids)
        self._tidy_letters()
        return discarded

    def listen(self) -> Bell:
        return self._bell.listen()

    def standings(self) -> dict[str, Standing]:
        with self._reading():
            jobs = dict(self._db.execute("SELECT destination, count(*) FROM jobs GROUP BY destination"))
            letters = self._letters.counts()
        return {name: Standing(jobs.get(name, 0), letters.get(name, 0)) for name in jobs.keys() | letters.keys()}

    def forget(self, destination: str, *, at_ms: int) -> None:
        with self._writing():
            self._letters.bury(destination, reason=REMOVED, at_ms=at_ms)
            receipts_sqlite.give_up(self._db, destination, reason=REMOVED, at_ms=at_ms)
            self._db.execute("DELETE FROM jobs WHERE destination = ?", (destination,))
            self._db.execute("DELETE FROM positions WHERE destination = ?", (destination,))
            self._db.execute("DELETE FROM reservations WHERE destination = ?", (destination,))

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

    def erase_filed(self, is_theirs: Callable[[OutboundEvent], bool], *, after: int = 0) -> ErasedFile:
        with self._writing():
            removed, last = self._letters.erase_file(is_theirs, after=after)
            if not last:
                self._letters.is_untidy = True  # a kill may have left a file from before an erasure
        self._tidy_letters()
        return ErasedFile(removed, last, is_end=not last)

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
        for table, columns in ADDED.items():
            names = {name for _, name, *_ in self._db.execute(f"PRAGMA table_info({table})")}
            for column, value in columns.items():
                if column not in names:
                    self._db.execute(f"ALTER TABLE {table} ADD COLUMN {column} TEXT NOT NULL DEFAULT ''")
                    self._db.create_function("value_in", 1, lambda event, of=value: of(_decode(event)))
                    self._db.execute(f"UPDATE {table} SET {column} = value_in(event)")  # noqa: S608 - ours

    def _tidy_letters(self) -> None:
        """Files of letters that do not count any more go. A power cut must not bring back what names them, so
        everything is made durable first.
        """
        if not self._letters.is_untidy:
            return
        with translated(self._path):
            self._db.execute("PRAGMA synchronous = FULL")
            try:
                with transaction(self._db):
                    self._db.execute(COUNT, (TIDIED, 1))
            finally:
                self._db.execute("PRAGMA synchronous = NORMAL")
        with self._writing():
            self._letters.tidy()

    def _look(self, read: Callable[[], T]) -> T:
        """What is read, as it is in one moment. A file may go while it is being read: then it is read again."""
        while True:
            with self._reading():
                files = self._letters.files()
                try:
                    return read()
                except StorageError:
                    pass
            with self._reading():
                if self._letters.files() == files:
                    return read()

    @contextmanager
    def _reading(self) -> Iterator[None]:
        with translated(self._path), snapshot(self._db):
            yield

    def _rows(self, query: str, parameters: tuple[Any, ...] = ()) -> list[Any]:
        with translated(self._path):
            return self._db.execute(query, parameters).fetchall()

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            with translated(self._path), transaction(self._db):
                yield
        except BaseException:
            self._letters.is_untidy = False  # what is undone has left nothing
            raise


def _job(row: Sequence[Any]) -> Job:
    destination, event, attempts, first_ms, due_ms, reason, message, id_, mappings = row
    known = destination, _decode(event), attempts, first_ms, due_ms
    return Job(*known, reason, message, id_, mappings_of(mappings))


def _job_row(job: Job) -> tuple[Any, ...]:
    return (
        job.destination,
        _encode(job.event),
        job.attempts,
        job.first_failed_at_ms,
        job.due_at_ms,
        job.reason,
        job.message,
        mappings_text(job.mappings),
        job.event.message_id,
        job.event.person,
    )


def _rescheduled_row(job: Job) -> tuple[Any, ...]:
    why = job.reason, job.message, mappings_text(job.mappings)
    return (job.attempts, job.first_failed_at_ms, job.due_at_ms, *why, job.id)
