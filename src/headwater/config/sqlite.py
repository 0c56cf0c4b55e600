"""The config store in one SQLite file: every version of the workspace is a row."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import msgspec

from headwater.config.port import Version
from headwater.config.workspace import Workspace, canonical
from headwater.doorbell import Bell, Doorbell
from headwater.errors import BusyError, CorruptionError
from headwater.sqlite import open_database, transaction, translated

VERSIONS_KEPT: Final = 1_000
"""Older ones go with the next put. Times the largest workspace file (4 MiB) this bounds the database."""

SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS versions (
    number   INTEGER PRIMARY KEY,  -- 1, 2, 3, ...
    at_ms    INTEGER NOT NULL,     -- Unix milliseconds, UTC
    author   TEXT    NOT NULL,
    note     TEXT    NOT NULL,
    document BLOB    NOT NULL      -- the workspace as JSON, secrets included
) STRICT
"""

NEWEST: Final = """
SELECT number, at_ms, author, note, document FROM versions ORDER BY number DESC LIMIT ?
"""

INSERT: Final = """
INSERT INTO versions (number, at_ms, author, note, document) VALUES (?, ?, ?, ?, ?)
"""

FORGET: Final = """
DELETE FROM versions WHERE number <= ?
"""

_decode = msgspec.json.Decoder(Workspace).decode


class SqliteConfigStore:
    def __init__(self, path: Path, *, bells: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._db = open_database(path)
        self._bell = Doorbell(bells, "config")
        try:
            # Looking first spares a reader the write lock, and works where the file may only be read.
            with self._database() as db:
                if db.execute("SELECT 1 FROM sqlite_schema WHERE name = 'versions'").fetchone() is None:
                    db.execute(SCHEMA)
        except BaseException:
            self.close()
            raise

    def current(self) -> Version | None:
        with self._database() as db:
            return self._current(db)

    def put(self, workspace: Workspace, *, author: str, note: str = "", expected: int | None = None) -> Version:
        with self._database() as db, transaction(db):
            current = self._current(db)
            number = current.number if current else 0
            if expected is not None and expected != number:
                raise BusyError(f"the workspace is at version {number} by now, not at {expected}; look again")
            if current and canonical(current.workspace) == canonical(workspace):
                return current
            at_ms = int(datetime.now(UTC).timestamp() * 1000)
            row = (number + 1, at_ms, author, note, msgspec.json.encode(workspace))
            db.execute(INSERT, row)
            db.execute(FORGET, (number + 1 - VERSIONS_KEPT,))
        self._bell.ring()
        return self._version(row)

    def history(self, *, limit: int = 50) -> list[Version]:
        with self._database() as db:
            return [self._version(row) for row in db.execute(NEWEST, (limit,))]

    def listen(self) -> Bell:
        return self._bell.listen()

    def close(self) -> None:
        self._bell.close()
        self._db.close()

    @contextmanager
    def _database(self) -> Iterator[sqlite3.Connection]:
        """The connection, for one thread at a time."""
        with self._lock, translated(self._path):
            yield self._db

    def _current(self, db: sqlite3.Connection) -> Version | None:
        row = db.execute(NEWEST, (1,)).fetchone()
        return self._version(row) if row else None

    def _version(self, row: tuple[Any, ...]) -> Version:
        number, at_ms, author, note, document = row
        try:
            workspace = _decode(document)
        except msgspec.MsgspecError as error:
            raise CorruptionError(f"{self._path}: version {number} of the workspace: {error}") from error
        return Version(number, datetime.fromtimestamp(at_ms / 1000, UTC), author, note, workspace)
