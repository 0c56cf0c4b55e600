"""Teammates and the links that let them in, in tables."""

import builtins
import sqlite3
from typing import Any, Final

from headwater import limits
from headwater.errors import InputError, NotFoundError
from headwater.team.database import TeamDatabase
from headwater.team.members import Link, Member, last_admin
from headwater.team.roles import Role

SCHEMA: Final = (
    """CREATE TABLE IF NOT EXISTS members (
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
      member  TEXT NOT NULL UNIQUE,
      ends_ms INTEGER NOT NULL
    ) STRICT""",
)

MEMBER_COLUMNS: Final = (
    "members.id, email, name, role, created_ms, created_by, signed_in_ms, disabled, password <> '' AS has_password"
)

ADMINS: Final = """
SELECT count(*) FROM members WHERE role = 'admin' AND NOT disabled AND password <> '' AND id <> ?
"""

CHANGE: Final = """
UPDATE members SET name = coalesce(?, name), role = coalesce(?, role), disabled = coalesce(?, disabled)
WHERE id = ?
"""

OFFERED: Final = f"""
SELECT {MEMBER_COLUMNS} FROM members
WHERE id = (SELECT member FROM links WHERE hash = ? AND ends_ms > ?) AND NOT disabled
"""  # noqa: S608


class SqliteMembers:
    def __init__(self, database: TeamDatabase) -> None:
        self._database = database
        with database.writing() as db:
            for statement in SCHEMA:
                db.execute(statement)

    def list(self) -> builtins.list[Member]:
        with self._database.reading() as db:
            rows = db.execute(f"SELECT {MEMBER_COLUMNS} FROM members ORDER BY created_ms, id")  # noqa: S608
            return [read_member(row) for row in rows]

    def get(self, id_: str) -> Member:
        with self._database.reading() as db:
            return _one(db, id_)

    def by_email(self, email: str) -> tuple[Member, str] | None:
        with self._database.reading() as db:
            query = f"SELECT {MEMBER_COLUMNS}, password FROM members WHERE email = ?"  # noqa: S608
            row = db.execute(query, (email,)).fetchone()
        return (read_member(row[:-1]), row[-1]) if row else None

    def add(self, member: Member, password_hash: str = "", *, is_first: bool = False) -> None:
        with self._database.writing() as db:
            (count,) = db.execute("SELECT count(*) FROM members").fetchone()
            if is_first and db.execute("SELECT 1 FROM members WHERE password <> ''").fetchone():
                raise InputError("already_set_up", "this installation has its first admin already: sign in")
            if count >= limits.TEAM_MEMBERS_MAX:
                raise InputError("team_full", f"a team has at most {limits.TEAM_MEMBERS_MAX:,} members")
            if db.execute("SELECT 1 FROM members WHERE email = ?", (member.email,)).fetchone():
                raise InputError("email_taken", "somebody of the team has this address already", field="email")
            row = (
                *(member.id, member.email, member.name, member.role, member.created_ms, member.created_by),
                *(member.signed_in_ms, member.is_disabled, password_hash),
            )
            db.execute("INSERT INTO members VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)

    def change(
        self, id_: str, *, name: str | None = None, role: Role | None = None, is_disabled: bool | None = None
    ) -> Member:
        with self._database.writing() as db:
            before = _one(db, id_)
            db.execute(CHANGE, (name, role, is_disabled, id_))
            after = _one(db, id_)
            if _is_admin(before) and not _is_admin(after):
                _need_another_admin(db, id_)
            if (after.role, after.is_disabled) != (before.role, before.is_disabled):
                _end_sessions(db, id_)
            return after

    def remove(self, id_: str) -> Member:
        with self._database.writing() as db:
            member = _one(db, id_)
            if _is_admin(member):
                _need_another_admin(db, id_)
            db.execute("DELETE FROM members WHERE id = ?", (id_,))
            db.execute("DELETE FROM links WHERE member = ?", (id_,))
            _end_sessions(db, id_)
            return member

    def set_password(self, id_: str, password_hash: str) -> Member:
        with self._database.writing() as db:
            return _set_password(db, id_, password_hash)

    def note_sign_in(self, id_: str, at_ms: int) -> None:
        with self._database.writing() as db:
            db.execute("UPDATE members SET signed_in_ms = ? WHERE id = ?", (at_ms, id_))

    def rehash(self, id_: str, password_hash: str) -> None:
        with self._database.writing() as db:
            db.execute("UPDATE members SET password = ? WHERE id = ? AND password <> ''", (password_hash, id_))

    def offer(self, link: Link) -> None:
        with self._database.writing() as db:
            _one(db, link.member)
            row = (self._hash(link.secret), link.member, link.ends_ms)
            db.execute("DELETE FROM links WHERE member = ?", (link.member,))
            db.execute("INSERT INTO links VALUES (?, ?, ?)", row)

    def offered(self, secret: str, at_ms: int) -> Member | None:
        with self._database.reading() as db:
            row = db.execute(OFFERED, (self._hash(secret), at_ms)).fetchone()
        return read_member(row) if row else None

    def accept(self, secret: str, password_hash: str, at_ms: int) -> Member | None:
        with self._database.writing() as db:
            row = db.execute(OFFERED, (self._hash(secret), at_ms)).fetchone()
            return _set_password(db, row[0], password_hash) if row else None

    def _hash(self, secret: str) -> bytes:
        return self._database.hash(secret, b"hw-link")


def _one(db: sqlite3.Connection, id_: str) -> Member:
    row = db.execute(f"SELECT {MEMBER_COLUMNS} FROM members WHERE id = ?", (id_,)).fetchone()  # noqa: S608
    if row is None:
        raise NotFoundError("there is no teammate of this id, or not any more")
    return read_member(row)


def read_member(row: tuple[Any, ...]) -> Member:
    id_, email, name, role, created_ms, created_by, signed_in_ms, disabled, has_password = row
    return Member(
        *(id_, email, name, Role(role), created_ms, created_by, signed_in_ms),
        is_disabled=bool(disabled),
        has_password=bool(has_password),
    )


def _is_admin(member: Member) -> bool:
    """Who can decide about the team: somebody who could not sign in would be no help."""
    return member.role is Role.ADMIN and member.has_password and not member.is_disabled


def _need_another_admin(db: sqlite3.Connection, id_: str) -> None:
    (others,) = db.execute(ADMINS, (id_,)).fetchone()
    if not others:
        raise last_admin()


def _set_password(db: sqlite3.Connection, id_: str, password_hash: str) -> Member:
    db.execute("UPDATE members SET password = ? WHERE id = ?", (password_hash, id_))
    db.execute("DELETE FROM links WHERE member = ?", (id_,))
    _end_sessions(db, id_)
    return _one(db, id_)


def _end_sessions(db: sqlite3.Connection, member: str) -> None:
    db.execute("DELETE FROM sessions WHERE member = ?", (member,))
