"""API tokens in a table."""

import builtins
from typing import Any, Final

from headwater import limits
from headwater.errors import InputError, NotFoundError
from headwater.team.database import TeamDatabase
from headwater.team.roles import Role
from headwater.team.tokens import Issued, Token

SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS tokens (
  hash       BLOB PRIMARY KEY,
  id         TEXT NOT NULL UNIQUE,
  name       TEXT NOT NULL UNIQUE,
  role       TEXT NOT NULL,
  prefix     TEXT NOT NULL,
  created_ms INTEGER NOT NULL,
  created_by TEXT NOT NULL,
  ends_ms    INTEGER NOT NULL,   -- 0: never
  used_ms    INTEGER NOT NULL    -- 0: never
) STRICT
"""

COLUMNS: Final = "id, name, role, prefix, created_ms, created_by, ends_ms, used_ms"


class SqliteTokens:
    def __init__(self, database: TeamDatabase) -> None:
        self._database = database
        with database.writing() as db:
            db.execute(SCHEMA)

    def list(self) -> builtins.list[Token]:
        with self._database.using() as db:
            rows = db.execute(f"SELECT {COLUMNS} FROM tokens ORDER BY created_ms DESC, rowid DESC")  # noqa: S608
            return [_read(row) for row in rows]

    def add(self, issued: Issued) -> None:
        token = issued.token
        with self._database.writing() as db:
            if db.execute("SELECT 1 FROM tokens WHERE name = ?", (token.name,)).fetchone():
                raise InputError("name_taken", "there is a token of this name already", field="name")
            (count,) = db.execute("SELECT count(*) FROM tokens").fetchone()
            if count >= limits.team.TOKENS_MAX:
                raise InputError(
                    "too_many_tokens", f"there are {count:,} tokens already: revoke those that nobody uses"
                )
            row = (
                *(self._hash(issued.secret), token.id, token.name, token.role, token.prefix),
                *(token.created_ms, token.created_by, token.ends_ms, token.used_ms),
            )
            db.execute("INSERT INTO tokens VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)

    def find(self, secret: str, at_ms: int) -> Token | None:
        hash_ = self._hash(secret)
        with self._database.using() as db:
            row = db.execute(f"SELECT {COLUMNS} FROM tokens WHERE hash = ?", (hash_,)).fetchone()  # noqa: S608
        if row is None or 0 < (token := _read(row)).ends_ms <= at_ms:
            return None
        if at_ms >= token.used_ms + limits.team.TOKEN_USED_S * 1000:
            with self._database.writing() as db:
                db.execute("UPDATE tokens SET used_ms = ? WHERE hash = ?", (at_ms, hash_))
        return token

    def revoke(self, id_: str) -> Token:
        with self._database.writing() as db:
            row = db.execute(f"DELETE FROM tokens WHERE id = ? RETURNING {COLUMNS}", (id_,)).fetchone()  # noqa: S608
        if row is None:
            raise NotFoundError("there is no token of this id, or not any more")
        return _read(row)

    def _hash(self, secret: str) -> bytes:
        return self._database.hash(secret, b"hw-token")


def _read(row: tuple[Any, ...]) -> Token:
    id_, name, role, *rest = row
    return Token(id_, name, Role(role), *rest)
