"""The audit log in a table."""

import sqlite3
from typing import Any, Final

from headwater import limits
from headwater.team.actor import Means
from headwater.team.audit import Entry, Own, Place, Wanted
from headwater.team.database import TeamDatabase
from headwater.team.roles import Role

SCHEMA: Final = (
    """CREATE TABLE IF NOT EXISTS audit (
      id        INTEGER PRIMARY KEY AUTOINCREMENT,
      at_ms     INTEGER NOT NULL,
      actor     TEXT NOT NULL,
      actor_id  TEXT NOT NULL,
      role      TEXT,
      means     TEXT,
      operation TEXT NOT NULL,
      subject   TEXT NOT NULL,
      status    INTEGER NOT NULL,
      version   INTEGER UNIQUE,          -- of the workspace; of most entries none
      note      TEXT NOT NULL
    ) STRICT""",
    "CREATE INDEX IF NOT EXISTS audit_by_time ON audit (at_ms, id)",
    "CREATE INDEX IF NOT EXISTS audit_by_operation ON audit (operation, at_ms, id)",
)

COLUMNS: Final = "at_ms, actor, actor_id, role, means, operation, subject, status, version, note, id"

INSERT: Final = """
INSERT INTO audit (at_ms, actor, actor_id, role, means, operation, subject, status, version, note)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""

REPLACE: Final = """
ON CONFLICT (version) DO UPDATE SET at_ms = excluded.at_ms, actor = excluded.actor, actor_id = excluded.actor_id,
  role = excluded.role, means = excluded.means, operation = excluded.operation, subject = excluded.subject,
  status = excluded.status
"""

LEAVE: Final = "ON CONFLICT (version) DO NOTHING"

OLD: Final = "DELETE FROM audit WHERE at_ms < ?"

TOO_MANY: Final = "DELETE FROM audit WHERE id <= (SELECT max(id) FROM audit) - ?"

TOO_MANY_FAILURES: Final = """
DELETE FROM audit WHERE id IN (
  SELECT id FROM audit WHERE operation = ? ORDER BY at_ms DESC, id DESC LIMIT -1 OFFSET ?
)
"""


class SqliteAudit:
    def __init__(self, database: TeamDatabase) -> None:
        self._database = database
        database.create(SCHEMA)

    def write(self, entry: Entry) -> None:
        with self._database.writing() as db:
            db.execute(INSERT + REPLACE, _row(entry))
            _forget(db, entry)

    def search(self, wanted: Wanted, *, limit: int, before: Place | None = None) -> list[Entry]:
        where, values = _where(wanted, before)
        query = f"SELECT {COLUMNS} FROM audit {where} ORDER BY at_ms DESC, id DESC LIMIT ?"  # noqa: S608 - ours
        with self._database.using() as db:
            return [_read(row) for row in db.execute(query, (*values, limit))]

    def noted_version(self) -> int:
        with self._database.using() as db:
            (version,) = db.execute("SELECT coalesce(max(version), 0) FROM audit").fetchone()
        return int(version)

    def note_versions(self, entries: list[Entry]) -> None:
        with self._database.writing() as db:
            db.executemany(INSERT + LEAVE, map(_row, entries))


def _where(wanted: Wanted, before: Place | None) -> tuple[str, list[Any]]:
    """The condition, of texts of ours alone, and its values."""
    conditions: list[tuple[str, tuple[Any, ...]]] = []
    if wanted.actor:
        conditions.append(("(actor_id = ? OR actor = ?)", (wanted.actor, wanted.actor)))
    if wanted.operations:
        conditions.append((f"operation IN ({', '.join('?' * len(wanted.operations))})", wanted.operations))
    if wanted.subject:
        conditions.append(("substr(subject, 1, ?) = ?", (len(wanted.subject), wanted.subject)))
    if wanted.since_ms is not None:
        conditions.append(("at_ms >= ?", (wanted.since_ms,)))
    if wanted.until_ms is not None:
        conditions.append(("at_ms < ?", (wanted.until_ms,)))
    if wanted.versions_only:
        conditions.append(("version IS NOT NULL", ()))
    if before is not None:
        conditions.append(("(at_ms, id) < (?, ?)", before))
    where = " AND ".join(condition for condition, _ in conditions)
    return f"WHERE {where}" if where else "", [value for _, values in conditions for value in values]


def _forget(db: sqlite3.Connection, entry: Entry) -> None:
    db.execute(OLD, (entry.at_ms - limits.team.AUDIT_KEPT_S * 1000,))
    db.execute(TOO_MANY, (limits.team.AUDIT_ENTRIES_MAX,))
    if entry.operation == Own.SIGN_IN_FAILED:
        db.execute(TOO_MANY_FAILURES, (Own.SIGN_IN_FAILED, limits.team.AUDIT_FAILURES_MAX))


def _row(entry: Entry) -> tuple[Any, ...]:
    return (
        *(entry.at_ms, entry.actor, entry.actor_id, entry.role, entry.means, entry.operation, entry.subject),
        *(entry.status, entry.version, entry.note),
    )


def _read(row: tuple[Any, ...]) -> Entry:
    at_ms, actor, actor_id, role, means, *rest = row
    return Entry(at_ms, actor, actor_id, role and Role(role), means and Means(means), *rest)
