"""Teammates and the links that let them in, in tables."""

import builtins
import sqlite3
from typing import Any, Final

from headwater import limits
from headwater.errors import InputError, NotFoundError
from headwater.team.database import TeamDatabase
from headwater.team.roles import Role
from headwater.team.teammates import Link, Teammate, last_admin

SCHEMA: Final = (
    """CREATE TABLE IF NOT EXISTS teammates (
      id         TEXT PRIMARY KEY,
      email      TEXT NOT NULL UNIQUE,
      name       TEXT NOT NULL,
      role       TEXT NOT NULL,
      created_ms INTEGER NOT NULL,       -- Unix milliseconds, UTC, as are all times
      created_by TEXT NOT NULL,
      signed_in_ms INTEGER NOT NULL,     -- 0: never
      disabled   INTEGER NOT NULL,
      password   TEXT NOT NULL           -- as argon2id makes it; empty: none yet
    ) STRICT""",
    """CREATE TABLE IF NOT EXISTS links (
      hash    BLOB PRIMARY KEY,
      teammate  TEXT NOT NULL UNIQUE,
      ends_ms INTEGER NOT NULL
    ) STRICT""",
)

TEAMMATE_COLUMNS: Final = (
    "teammates.id, email, name, role, created_ms, created_by, signed_in_ms, disabled, password <> '' AS has_one"
)

ADMINS: Final = """
SELECT count(*) FROM teammates WHERE role = 'admin' AND NOT disabled AND password <> '' AND id <> ?
"""

CHANGE: Final = """
UPDATE teammates SET name = coalesce(?, name), role = coalesce(?, role), disabled = coalesce(?, disabled)
WHERE id = ?
"""

OFFERED: Final = f"""
SELECT {TEAMMATE_COLUMNS} FROM teammates
WHERE id = (SELECT teammate FROM links WHERE hash = ? AND ends_ms > ?) AND NOT disabled
"""  # noqa: S608


class SqliteTeammates:
    def __init__(self, database: TeamDatabase) -> None:
        self._database = database
        database.create(SCHEMA)

    def list(self) -> builtins.list[Teammate]:
        with self._database.using() as db:
            rows = db.execute(f"SELECT {TEAMMATE_COLUMNS} FROM teammates ORDER BY created_ms, id")  # noqa: S608
            return [read_teammate(row) for row in rows]

    def get(self, id_: str) -> Teammate:
        with self._database.using() as db:
            return _one(db, id_)

    def by_email(self, email: str) -> tuple[Teammate, str] | None:
        with self._database.using() as db:
            query = f"SELECT {TEAMMATE_COLUMNS}, password FROM teammates WHERE email = ?"  # noqa: S608
            row = db.execute(query, (email,)).fetchone()
        return (read_teammate(row[:-1]), row[-1]) if row else None

    def add(self, teammate: Teammate, password_hash: str = "", *, is_first: bool = False) -> None:
        with self._database.writing() as db:
            (count,) = db.execute("SELECT count(*) FROM teammates").fetchone()
            if is_first and db.execute("SELECT 1 FROM teammates WHERE password <> ''").fetchone():
                raise InputError("already_set_up", "this installation has its first admin already: sign in")
            if count >= limits.team.TEAMMATES_MAX:
                raise InputError("team_full", f"a team has at most {limits.team.TEAMMATES_MAX:,} teammates")
            if db.execute("SELECT 1 FROM teammates WHERE email = ?", (teammate.email,)).fetchone():
                raise InputError("email_taken", "somebody of the team has this address already", field="email")
            row = (
                *(
                    teammate.id,
                    teammate.email,
                    teammate.name,
                    teammate.role,
                    teammate.created_ms,
                    teammate.created_by,
                ),
                *(teammate.signed_in_ms, teammate.is_disabled, password_hash),
            )
            db.execute("INSERT INTO teammates VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)

    def change(
        self, id_: str, *, name: str | None = None, role: Role | None = None, is_disabled: bool | None = None
    ) -> Teammate:
        with self._database.writing() as db:
            before = _one(db, id_)
            db.execute(CHANGE, (name, role, is_disabled, id_))
            after = _one(db, id_)
            if _is_admin(before) and not _is_admin(after):
                _need_another_admin(db, id_)
            if (after.role, after.is_disabled) != (before.role, before.is_disabled):
                _end_sessions(db, id_)
            return after

    def remove(self, id_: str) -> Teammate:
        with self._database.writing() as db:
            teammate = _one(db, id_)
            if _is_admin(teammate):
                _need_another_admin(db, id_)
            db.execute("DELETE FROM teammates WHERE id = ?", (id_,))
            db.execute("DELETE FROM links WHERE teammate = ?", (id_,))
            _end_sessions(db, id_)
            return teammate

    def set_password(self, id_: str, password_hash: str) -> Teammate:
        with self._database.writing() as db:
            return _set_password(db, id_, password_hash)

    def note_sign_in(self, id_: str, at_ms: int) -> None:
        with self._database.writing() as db:
            db.execute("UPDATE teammates SET signed_in_ms = ? WHERE id = ?", (at_ms, id_))

    def rehash(self, id_: str, password_hash: str) -> None:
        with self._database.writing() as db:
            db.execute("UPDATE teammates SET password = ? WHERE id = ? AND password <> ''", (password_hash, id_))

    def offer(self, link: Link) -> None:
        with self._database.writing() as db:
            _one(db, link.teammate)
            row = (self._hash(link.secret), link.teammate, link.ends_ms)
            db.execute("DELETE FROM links WHERE teammate = ?", (link.teammate,))
            db.execute("INSERT INTO links VALUES (?, ?, ?)", row)

    def offered(self, secret: str, at_ms: int) -> Teammate | None:
        with self._database.using() as db:
            row = db.execute(OFFERED, (self._hash(secret), at_ms)).fetchone()
        return read_teammate(row) if row else None

    def accept(self, secret: str, password_hash: str, at_ms: int) -> Teammate | None:
        with self._database.writing() as db:
            row = db.execute(OFFERED, (self._hash(secret), at_ms)).fetchone()
            return _set_password(db, row[0], password_hash) if row else None

    def _hash(self, secret: str) -> bytes:
        return self._database.hash(secret, b"hw-link")


def _one(db: sqlite3.Connection, id_: str) -> Teammate:
    row = db.execute(f"SELECT {TEAMMATE_COLUMNS} FROM teammates WHERE id = ?", (id_,)).fetchone()  # noqa: S608
    if row is None:
        raise NotFoundError("there is no teammate of this id, or not any more")
    return read_teammate(row)


def read_teammate(row: tuple[Any, ...]) -> Teammate:
    id_, email, name, role, created_ms, created_by, signed_in_ms, disabled, has_password = row
    return Teammate(
        *(id_, email, name, Role(role), created_ms, created_by, signed_in_ms),
        is_disabled=bool(disabled),
        has_password=bool(has_password),
    )


def _is_admin(teammate: Teammate) -> bool:
    """Who can decide about the team: somebody who could not sign in would be no help."""
    return teammate.role is Role.ADMIN and teammate.has_password and not teammate.is_disabled


def _need_another_admin(db: sqlite3.Connection, id_: str) -> None:
    (others,) = db.execute(ADMINS, (id_,)).fetchone()
    if not others:
        raise last_admin()


def _set_password(db: sqlite3.Connection, id_: str, password_hash: str) -> Teammate:
    db.execute("UPDATE teammates SET password = ? WHERE id = ?", (password_hash, id_))
    db.execute("DELETE FROM links WHERE teammate = ?", (id_,))
    _end_sessions(db, id_)
    return _one(db, id_)


def _end_sessions(db: sqlite3.Connection, teammate: str) -> None:
    db.execute("DELETE FROM sessions WHERE teammate = ?", (teammate,))
