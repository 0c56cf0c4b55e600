"""The config store in one SQLite file: every version of the workspace is a row, and encrypted."""

import itertools
import os
import sqlite3
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import msgspec

from headwater.config.port import Version, VersionLine
from headwater.config.vault import Vault
from headwater.config.workspace import Workspace, canonical
from headwater.doorbell import Bell, Doorbell
from headwater.errors import BusyError, CorruptionError
from headwater.sqlite import SharedDatabase, open_database, transaction, translated

VERSIONS_KEPT: Final = 1_000
"""Older ones go with the next put. Times the largest workspace file (4 MiB) this bounds the database."""

SCHEMA: Final = """
CREATE TABLE versions (
    number   INTEGER PRIMARY KEY,  -- 1, 2, 3, ...
    at_ms    INTEGER NOT NULL,     -- Unix milliseconds, UTC
    author   TEXT    NOT NULL,
    note     TEXT    NOT NULL,
    document BLOB    NOT NULL      -- the workspace as JSON, sealed by the vault
) STRICT
"""

NEWEST: Final = """
SELECT number, at_ms, author, note, document FROM versions ORDER BY number DESC LIMIT 1
"""

ONE: Final = """
SELECT number, at_ms, author, note, document FROM versions WHERE number = ?
"""

HISTORY: Final = """
SELECT number, at_ms, author, note FROM versions WHERE number < ? ORDER BY number DESC LIMIT ?
"""

END: Final = (1 << 63) - 1

INSERT: Final = """
INSERT INTO versions (number, at_ms, author, note, document) VALUES (?, ?, ?, ?, ?)
"""

STALE: Final = """
SELECT number FROM versions WHERE substr(document, 1, ?) IS NOT ? ORDER BY number
"""

DOCUMENT: Final = """
SELECT document FROM versions WHERE number = ?
"""

RESEAL: Final = """
UPDATE versions SET document = ? WHERE number = ?
"""

FORGET: Final = """
DELETE FROM versions WHERE number <= ?
"""

_serial = itertools.count()
_decode = msgspec.json.Decoder(Workspace).decode


class SqliteConfigStore:
    def __init__(self, path: Path, *, bells: Path, vault: Vault | None = None) -> None:
        """`vault` None: its key is beside the database, or in the environment."""
        self._path = path
        self._vault = vault or Vault(path.parent)
        if not path.exists():
            _create(path)
        self._db = SharedDatabase(path)
        self._bell = Doorbell(bells, "config")

    def current(self) -> Version | None:
        with self._db.using() as db:
            return self._current(db)

    def put(self, workspace: Workspace, *, author: str, note: str = "", expected: int | None = None) -> Version:
        with self._db.writing() as db:
            current = self._current(db)
            number = current.number if current else 0
            if expected is not None and expected != number:
                raise BusyError(
                    f"somebody else has just changed the workspace: it is at version {number} by now, not at "
                    f"{expected}; look again, and try again"
                )
            if current and canonical(current.workspace) == canonical(workspace):
                return current
            at_ms = int(datetime.now(UTC).timestamp() * 1000)
            sealed = self._vault.seal(msgspec.json.encode(workspace), _about(number + 1))
            row = (number + 1, at_ms, author, note, sealed)
            db.execute(INSERT, row)
            db.execute(FORGET, (number + 1 - VERSIONS_KEPT,))
        self._bell.ring()
        return self._version(row)

    def get(self, number: int) -> Version | None:
        with self._db.using() as db:
            row = db.execute(ONE, (number,)).fetchone()
            return self._version(row) if row else None

    def history(self, *, limit: int = 50, before: int | None = None) -> list[VersionLine]:
        with self._db.using() as db:
            rows = db.execute(HISTORY, (END if before is None else before, limit))
            return [VersionLine(number, _instant(at_ms), author, note) for number, at_ms, author, note in rows]

    def reseal(self) -> int:
        count = 0
        with self._db.using() as db:
            self._current(db)  # with the key there is: one that is missing must not be replaced by a new one
            beginning = self._vault.beginning()
            with transaction(db):  # waits for who is putting: that may have been sealed with the key before
                numbers = [number for (number,) in db.execute(STALE, (len(beginning), beginning))]
            for number in numbers:
                with transaction(db):  # one at a time: others must be able to put meanwhile
                    row = db.execute(DOCUMENT, (number,)).fetchone()
                    if row is not None and not row[0].startswith(beginning):
                        clear = self._open(number, row[0])
                        db.execute(RESEAL, (self._vault.seal(clear, _about(number)), number))
                        count += 1
            if count:
                # What was there before lies on in free pages and in the write-ahead log.
                db.execute("VACUUM")
                db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return count

    def listen(self) -> Bell:
        return self._bell.listen()

    def close(self) -> None:
        self._bell.close()
        self._db.close()

    def _current(self, db: sqlite3.Connection) -> Version | None:
        row = db.execute(NEWEST).fetchone()
        return self._version(row) if row else None

    def _version(self, row: tuple[Any, ...]) -> Version:
        number, at_ms, author, note, document = row
        try:
            workspace = _decode(self._open(number, document))
        except msgspec.MsgspecError as error:
            raise CorruptionError(f"{self._path}: version {number} of the workspace: {error}") from error
        return Version(number, _instant(at_ms), author, note, workspace)

    def _open(self, number: int, document: bytes) -> bytes:
        try:
            return self._vault.open(document, _about(number))
        except CorruptionError as error:
            raise CorruptionError(f"{self._path}: version {number} of the workspace: {error}") from None


def _instant(at_ms: int) -> datetime:
    return datetime.fromtimestamp(at_ms / 1000, UTC)


def _about(number: int) -> bytes:
    """What a sealed version is bound to."""
    return b"workspace %d" % number


def _create(path: Path) -> None:
    """The database, made whole under another name and then put in its place in one step.

    Several processes may be the first to open it. Switching one file to WAL from two of them at once fails
    with "database is locked", which no busy timeout heals.
    """
    draft = path.with_name(f"{path.name}.{os.getpid()}.{next(_serial)}")
    with translated(path):
        try:
            with closing(open_database(draft)) as db:
                db.execute(SCHEMA)
            with suppress(FileExistsError):  # somebody was faster: theirs is as good
                os.link(draft, path)
            folder = os.open(path.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
        finally:
            draft.unlink(missing_ok=True)
