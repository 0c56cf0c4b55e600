"""The SQLite file of the team: one connection, and the key that secrets are hashed with.

The key is in the file itself. It cannot protect the hashes from who has the file, and need not: what is hashed is
random. It makes that the hashes of one installation mean nothing in another one.
"""

import secrets
from hashlib import blake2b
from pathlib import Path
from typing import Final

from headwater.sqlite import SharedDatabase

SCHEMA: Final = (
    "CREATE TABLE IF NOT EXISTS installation (row INTEGER PRIMARY KEY CHECK (row = 1), key BLOB NOT NULL) STRICT",
    "INSERT OR IGNORE INTO installation VALUES (1, ?)",
)


class TeamDatabase(SharedDatabase):
    """What the parts share: a connection, and the key of hashes."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
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
