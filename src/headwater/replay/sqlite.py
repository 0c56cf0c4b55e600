"""Replays in one SQLite file."""

import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import msgspec

from headwater.doorbell import Bell, Doorbell
from headwater.replay.port import Asked, Bounds, Progress, Replay, State, Step
from headwater.sqlite import SharedDatabase

KEPT: Final = 1_000
"""Replays that are over; older ones go when one is added."""

SCHEMA: Final = (
    """CREATE TABLE IF NOT EXISTS replays (
      number   INTEGER PRIMARY KEY AUTOINCREMENT,
      id       TEXT NOT NULL UNIQUE,
      asked    BLOB NOT NULL,             -- JSON, as are bounds and progress
      bounds   BLOB NOT NULL,
      at_ms    INTEGER NOT NULL,          -- Unix milliseconds, UTC
      author   TEXT NOT NULL,
      state    TEXT NOT NULL,
      progress BLOB NOT NULL,
      why      TEXT NOT NULL,
      ended_ms INTEGER NOT NULL           -- 0: not yet
    ) STRICT""",
    """CREATE TABLE IF NOT EXISTS steps (
      number   INTEGER PRIMARY KEY AUTOINCREMENT,
      replay   TEXT NOT NULL,
      log      TEXT NOT NULL,
      progress BLOB NOT NULL
    ) STRICT""",
)
END: Final = """
UPDATE replays SET progress = step.progress
FROM (SELECT replay, progress FROM steps WHERE number = ?) AS step WHERE id = step.replay
"""

BEGIN: Final = """
INSERT INTO steps (number, replay, log, progress)
SELECT max(?, coalesce(max(seq), 0)) + 1, ?, ?, ? FROM sqlite_sequence WHERE name = 'steps'
"""

COLUMNS: Final = "id, asked, bounds, at_ms, author, state, progress, why, ended_ms"

_encode = msgspec.json.Encoder().encode
_asked = msgspec.json.Decoder(Asked).decode
_bounds = msgspec.json.Decoder(Bounds).decode
_progress = msgspec.json.Decoder(Progress).decode


class SqliteReplays:
    def __init__(self, path: Path, *, bells: Path) -> None:
        self._db = SharedDatabase(path)
        with self._db.using() as db:
            for statement in SCHEMA:
                db.execute(statement)
        self._bell = Doorbell(bells, "replays")

    def add(self, replay: Replay) -> None:
        row = (
            replay.id,
            _encode(replay.asked),
            _encode(replay.bounds),
            replay.at_ms,
            replay.author,
            replay.state,
            _encode(replay.progress),
            replay.why,
            replay.ended_ms,
        )
        with self._db.writing() as db:
            db.execute(f"INSERT INTO replays ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)  # noqa: S608
            db.execute("DELETE FROM replays WHERE ended_ms AND number <= last_insert_rowid() - ?", (KEPT,))
        self._bell.ring()

    def get(self, id_: str) -> Replay | None:
        with self._db.using() as db:
            return self._one(db, id_)

    def newest(self, *, limit: int, before: str | None = None) -> list[Replay]:
        older = "WHERE number < (SELECT number FROM replays WHERE id = ?)" if before else ""
        query = f"SELECT {COLUMNS} FROM replays {older} ORDER BY number DESC LIMIT ?"  # noqa: S608
        with self._db.using() as db:
            return list(map(_read, db.execute(query, (*([before] if before else []), limit))))

    def running(self) -> list[Replay]:
        query = f"SELECT {COLUMNS} FROM replays WHERE state = ? ORDER BY number"  # noqa: S608
        with self._db.using() as db:
            return list(map(_read, db.execute(query, (State.RUNNING,))))

    def move(self, id_: str, to: State, *, when: frozenset[State], why: str = "") -> Replay | None:
        ended_ms = int(datetime.now(UTC).timestamp() * 1000) if to.is_over else 0
        with self._db.writing() as db:
            before = self._one(db, id_)
            if before is None or before.state not in when:
                return before
            row = (to, why, ended_ms, id_)
            db.execute("UPDATE replays SET state = ?, why = ?, ended_ms = ? WHERE id = ?", row)
            after = self._one(db, id_)
        self._bell.ring()
        return after

    def begin(self, id_: str, log: str, progress: Progress, *, above: int = 0) -> int:
        with self._db.writing() as db:
            number = db.execute(BEGIN, (above, id_, log, _encode(progress))).lastrowid
        assert number is not None
        return number

    def end(self, number: int) -> None:
        with self._db.writing() as db:
            db.execute(END, (number,))
            db.execute("DELETE FROM steps WHERE number = ?", (number,))

    def begun(self) -> list[Step]:
        with self._db.using() as db:
            rows = db.execute("SELECT number, replay, log, progress FROM steps ORDER BY number").fetchall()
        return [Step(number, replay, log, _progress(progress)) for number, replay, log, progress in rows]

    def drop(self, number: int) -> None:
        with self._db.using() as db:
            db.execute("DELETE FROM steps WHERE number = ?", (number,))

    def listen(self) -> Bell:
        return self._bell.listen()

    def close(self) -> None:
        self._bell.close()
        self._db.close()

    def _one(self, db: sqlite3.Connection, id_: str) -> Replay | None:
        row = db.execute(f"SELECT {COLUMNS} FROM replays WHERE id = ?", (id_,)).fetchone()  # noqa: S608
        return _read(row) if row else None


def _read(row: tuple[Any, ...]) -> Replay:
    id_, asked, bounds, at_ms, author, state, progress, why, ended_ms = row
    return Replay(
        id_, _asked(asked), _bounds(bounds), at_ms, author, State(state), _progress(progress), why, ended_ms
    )
