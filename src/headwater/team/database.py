"""The SQLite file of the team: one connection, and the key that secrets are hashed with.

The key is in the file itself. It cannot protect the hashes from who has the file, and need not: what is hashed is
random. It makes that the hashes of one installation mean nothing in another one.
"""

import secrets
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import blake2b
from pathlib import Path
from typing import Final

from headwater.sqlite import open_database, transaction, translated

SCHEMA: Final = (
    "CREATE TABLE IF NOT EXISTS installation (row INTEGER PRIMARY KEY CHECK (row = 1), key BLOB NOT NULL) STRICT",
    "INSERT OR IGNORE INTO installation VALUES (1, ?)",
)


class TeamDatabase:
    """What the parts share: a connection, for one thread at a time, and the key of hashes."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._db = open_database(path)
        create, fill = SCHEMA
        with self.writing() as db:
            db.execute(create)
            db.execute(fill, (secrets.token_bytes(32),))
            (self._key,) = db.execute("SELECT key FROM installation").fetchone()

    def hash(self, secret: str, what: bytes) -> bytes:
        """Of a secret; `what` keeps those of one kind from being taken for those of another."""
        return blake2b(
            secret.encode("utf-8", "surrogatepass"), key=self._key, digest_size=32, person=what
        ).digest()

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        with self._lock, translated(self._path):
            yield self._db

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction: all of the block, or nothing."""
        with self._lock, translated(self._path), transaction(self._db) as db:
            yield db

    def close(self) -> None:
        self._db.close()
