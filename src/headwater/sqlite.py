"""What every SQLite engine shares: how a database is opened and what its errors mean to us."""

import contextlib
import os
import sqlite3
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path

from headwater.errors import BusyError, CorruptionError, HeadwaterError, StorageError

Connection = sqlite3.Connection

BUSY_TIMEOUT_MS = 10_000
"""Longer than any write of ours holds the lock; after it the caller is told to come back."""


def open_database(path: Path, *, durable: bool = True, page_bytes: int = 4096) -> sqlite3.Connection:
    """A connection in WAL mode, autocommit, usable from any one thread at a time; the file has mode 0600.

    `durable`: a commit is fsynced before it returns. Otherwise only a power cut can undo recent commits.
    """
    with translated(path):
        return connect(path, durable=durable, page_bytes=page_bytes)


def connect(path: Path, *, durable: bool = True, page_bytes: int = 4096) -> sqlite3.Connection:
    """The same for who wants SQLite's own errors."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    try:
        connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
        connection.execute(f"PRAGMA page_size = {page_bytes}")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
    except BaseException:
        connection.close()
        raise
    return connection


class SharedDatabase:
    """A connection for one thread at a time, whichever; its errors are ours."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._connection = open_database(path)

    @contextlib.contextmanager
    def using(self) -> Iterator[sqlite3.Connection]:
        """Each statement for itself."""
        with self._lock, translated(self._path):
            yield self._connection

    @contextlib.contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction: all of the block, or nothing."""
        with self.using() as connection, transaction(connection):
            yield connection

    @contextlib.contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """One state of the database for every statement of the block."""
        with self.using() as connection, snapshot(connection):
            yield connection

    def create(self, schema: Iterable[str]) -> None:
        with self.writing() as connection:
            for statement in schema:
                connection.execute(statement)

    def close(self) -> None:
        self._connection.close()


@contextlib.contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    """One write transaction: committed when the block ends, undone when it raises."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield connection
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


@contextlib.contextmanager
def snapshot(connection: sqlite3.Connection) -> Iterator[None]:
    """Everything that is read inside is as it was in one moment."""
    connection.execute("BEGIN")
    try:
        yield
    finally:
        connection.execute("COMMIT")


@contextlib.contextmanager
def translated(path: Path) -> Iterator[None]:
    """Foreign errors become ours, once, here."""
    try:
        yield
    except sqlite3.Error as error:
        raise translate(error, path) from error
    except OSError as error:
        raise StorageError(f"{path}: {error.strerror or error}") from error


def is_damage(error: sqlite3.Error) -> bool:
    """Whether the file does not hold what was written; everything else may pass (a full disk, a lock).

    Damage has many names: a missing page, a short read, a table that is gone (SQLITE_ERROR), a key that stands
    where it cannot (a constraint). Errors without a name are made by Python or by us from what was read.
    """
    name: str | None = getattr(error, "sqlite_errorname", None)
    if name is None:
        return not isinstance(error, sqlite3.ProgrammingError | sqlite3.InterfaceError)
    return name.startswith(_DAMAGED)


_DAMAGED = (
    *("SQLITE_CORRUPT", "SQLITE_NOTADB", "SQLITE_IOERR_SHORT_READ", "SQLITE_IOERR_CORRUPTFS"),
    *("SQLITE_ERROR", "SQLITE_CONSTRAINT", "SQLITE_MISMATCH", "SQLITE_TOOBIG", "SQLITE_FORMAT"),
)


def translate(error: sqlite3.Error, path: Path) -> HeadwaterError:
    name = getattr(error, "sqlite_errorname", "") or ""
    if name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")):
        return CorruptionError(f"{path}: {error}")
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return BusyError(f"{path}: locked by another process")
    return StorageError(f"{path}: {error}")
