"""Regulations in one SQLite file. `secure_delete` overwrites what is removed, and the write-ahead log is emptied
after plain ids were forgotten: a finished deletion is not in any byte of the file.
"""

import secrets
import sqlite3
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec

from headwater.doorbell import Bell, Doorbell
from headwater.errors import NotFoundError
from headwater.privacy.fingerprint import Fingerprints
from headwater.privacy.regulation import (
    LOGS,
    Barred,
    Receipt,
    Regulation,
    RegulationType,
    Status,
    Subject,
    Suppression,
    systems,
)
from headwater.sqlite import SharedDatabase

SCHEMA: Final = (
    """CREATE TABLE IF NOT EXISTS regulations (
      number           INTEGER PRIMARY KEY AUTOINCREMENT,
      id               TEXT NOT NULL UNIQUE,
      type             TEXT NOT NULL,
      subjects         INTEGER NOT NULL,
      created_at_ms    INTEGER NOT NULL,
      author           TEXT NOT NULL,
      collected_before INTEGER,           -- offset of the collected log; NULL: no pipeline has seen it
      open             INTEGER NOT NULL   -- 1: some system is not finished
    ) STRICT""",
    "CREATE INDEX IF NOT EXISTS regulations_open ON regulations (number) WHERE open",
    """CREATE TABLE IF NOT EXISTS subjects (
      regulation  INTEGER NOT NULL,
      fingerprint BLOB NOT NULL,
      user_id     TEXT,                   -- NULL: forgotten
      PRIMARY KEY (regulation, fingerprint)
    ) STRICT, WITHOUT ROWID""",
    "CREATE INDEX IF NOT EXISTS subjects_by_fingerprint ON subjects (fingerprint)",
    """CREATE TABLE IF NOT EXISTS suppressed (
      number      INTEGER PRIMARY KEY AUTOINCREMENT,
      fingerprint BLOB NOT NULL UNIQUE,
      user_id     TEXT,                   -- NULL: deleted as well
      since_ms    INTEGER NOT NULL
    ) STRICT""",
    """CREATE TABLE IF NOT EXISTS forwarded (
      regulation  INTEGER NOT NULL,
      destination TEXT NOT NULL,
      fingerprint BLOB NOT NULL,
      PRIMARY KEY (regulation, destination, fingerprint)
    ) STRICT, WITHOUT ROWID""",
    """CREATE TABLE IF NOT EXISTS audit (
      number     INTEGER PRIMARY KEY AUTOINCREMENT,
      at_ms      INTEGER NOT NULL,
      regulation INTEGER NOT NULL,
      system     TEXT NOT NULL,
      status     TEXT NOT NULL,
      detail     TEXT NOT NULL,
      counts     TEXT NOT NULL            -- JSON
    ) STRICT""",
    "CREATE INDEX IF NOT EXISTS audit_by_system ON audit (regulation, system, number)",
    """CREATE TRIGGER IF NOT EXISTS audit_keeps_its_lines BEFORE UPDATE ON audit
       BEGIN SELECT raise(ABORT, 'the audit is append-only'); END""",
    """CREATE TRIGGER IF NOT EXISTS audit_keeps_all_lines BEFORE DELETE ON audit
       BEGIN SELECT raise(ABORT, 'the audit is append-only'); END""",
    "CREATE TABLE IF NOT EXISTS versions (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID",
)

_REGULATIONS: Final = """
SELECT number, id, type, subjects, created_at_ms, author, collected_before FROM regulations
"""
_OPEN: Final = f"{_REGULATIONS} WHERE open ORDER BY number"
_ONE: Final = f"{_REGULATIONS} WHERE id = ?"
_RECENT: Final = f"""
{_REGULATIONS} WHERE ?1 IS NULL OR number < (SELECT number FROM regulations WHERE id = ?1)
ORDER BY number DESC LIMIT ?2
"""  # noqa: S608 - ours
_ABOUT: Final = f"""
{_REGULATIONS} WHERE number IN (SELECT regulation FROM subjects WHERE fingerprint = ?) ORDER BY number DESC
"""  # noqa: S608 - ours
_SUPPRESSED: Final = """
SELECT number, fingerprint, user_id, since_ms FROM suppressed
WHERE number > ?1 AND (?3 IS NULL OR fingerprint = ?4 OR substr(user_id, 1, length(?3)) = ?3)
ORDER BY number LIMIT ?2
"""
_NEWEST_LINES: Final = """
SELECT a.number, a.at_ms, a.system, a.status, a.detail, a.counts FROM audit AS a
WHERE a.number IN (SELECT max(number) FROM audit WHERE regulation = ? GROUP BY system)
ORDER BY (SELECT min(number) FROM audit AS first WHERE first.regulation = a.regulation AND first.system = a.system)
"""
_AUDIT: Final = """
SELECT a.number, a.at_ms, r.id, a.system, a.status, a.detail, a.counts
FROM audit AS a JOIN regulations AS r ON r.number = a.regulation
WHERE (?1 IS NULL OR r.id = ?1) AND (?2 IS NULL OR a.number < ?2) ORDER BY a.number DESC LIMIT ?3
"""
_ERASED: Final = """
SELECT s.fingerprint, max(r.collected_before) FROM regulations AS r JOIN subjects AS s ON s.regulation = r.number
WHERE r.open AND r.collected_before IS NOT NULL GROUP BY s.fingerprint
"""
_CHANGED: Final = """
INSERT INTO versions VALUES ('barred', 1) ON CONFLICT (name) DO UPDATE SET value = value + 1
"""


class SqliteRegulations:
    def __init__(self, path: Path, *, bells: Path, secret: Path) -> None:
        self._fingerprints = Fingerprints(secret)
        self._bell = Doorbell(bells, "privacy")
        self._db = SharedDatabase(path)
        try:
            with self._db.using() as db:
                db.execute("PRAGMA secure_delete = ON")
            self._db.create(SCHEMA)
        except BaseException:
            self._db.close()
            raise

    def fingerprint(self, user_id: str) -> bytes:
        return self._fingerprints(user_id)

    # --- requests -----------------------------------------------------------------------------------------

    def request(
        self, type_: RegulationType, user_ids: Sequence[str], *, author: str, destinations: Mapping[str, bool]
    ) -> Regulation:
        at_ms = time.time_ns() // 1_000_000
        id_ = f"reg_{secrets.token_hex(12)}"
        subjects = [(self._fingerprints(user_id), user_id) for user_id in user_ids]
        with self._db.writing() as db:
            row = db.execute(
                "INSERT INTO regulations (id, type, subjects, created_at_ms, author, open) "
                "VALUES (?, ?, ?, ?, ?, 1)",
                (id_, type_.value, len(subjects), at_ms, author),
            )
            number = row.lastrowid or 0
            # A suppression that is nothing else keeps its ids in the list of suppressed users, and not here.
            kept = [(number, fingerprint, user_id if type_.deletes else None) for fingerprint, user_id in subjects]
            db.executemany("INSERT INTO subjects VALUES (?, ?, ?)", kept)
            if type_.suppresses:
                db.executemany(
                    "INSERT INTO suppressed (fingerprint, user_id, since_ms) VALUES (?, ?, ?) "
                    "ON CONFLICT (fingerprint) DO NOTHING",
                    [(fingerprint, user_id, at_ms) for fingerprint, user_id in subjects],
                )
            elif not type_.deletes:
                db.executemany("DELETE FROM suppressed WHERE fingerprint = ?", [(f,) for f, _ in subjects])
            if type_.suppresses or not type_.deletes:
                db.execute(_CHANGED)
            for system, status, detail in systems(type_, destinations):
                self._add(db, number, system, status, detail, {"users": len(subjects)})
            found = self._regulation(db, id_)
        if not type_.deletes:
            self.scrub()
        self._bell.ring()
        return found

    def open(self) -> list[Regulation]:
        with self._db.reading() as db:
            return [self._read(db, row) for row in db.execute(_OPEN).fetchall()]

    def get(self, regulation: str) -> Regulation | None:
        with self._db.reading() as db:
            row = db.execute(_ONE, (regulation,)).fetchone()
            return self._read(db, row) if row else None

    def recent(self, *, limit: int, before: str | None = None) -> list[Regulation]:
        with self._db.reading() as db:
            return [self._read(db, row) for row in db.execute(_RECENT, (before, limit)).fetchall()]

    def subjects(self, regulation: str) -> list[Subject]:
        query = (
            "SELECT fingerprint, user_id FROM subjects "
            "WHERE regulation = (SELECT number FROM regulations WHERE id = ?) ORDER BY fingerprint"
        )
        with self._db.reading() as db:
            return [Subject(*row) for row in db.execute(query, (regulation,)).fetchall()]

    def about(self, user_id: str) -> list[Regulation]:
        with self._db.reading() as db:
            rows = db.execute(_ABOUT, (self._fingerprints(user_id),)).fetchall()
            return [self._read(db, row) for row in rows]

    def begin(self, regulation: str, collected_before: int) -> int:
        with self._db.writing() as db:
            changed = db.execute(
                "UPDATE regulations SET collected_before = ? WHERE id = ? AND collected_before IS NULL",
                (collected_before, regulation),
            )
            if changed.rowcount:
                db.execute(_CHANGED)
            found = self._regulation(db, regulation)
        self._bell.ring()
        return found.collected_before or 0

    # --- receipts -----------------------------------------------------------------------------------------

    def report(
        self, regulation: str, system: str, status: Status, detail: str, counts: Mapping[str, int] | None = None
    ) -> bool:
        forgotten = False
        with self._db.writing() as db:
            before = self._regulation(db, regulation)
            newest = next((r for r in before.receipts if r.system == system), None)
            if newest and (newest.status.is_final or (newest.status, newest.detail) == (status, detail)):
                return False
            number = self._number(db, regulation)
            self._add(db, number, system, status, detail, dict(counts or {}))
            after = self._regulation(db, regulation)
            if all(receipt.status.is_final for receipt in after.receipts if receipt.system != LOGS):
                forgotten = self._forget(db, number, deletes=after.type.deletes)
            if after.finished_at_ms is not None:
                db.execute("UPDATE regulations SET open = 0 WHERE number = ?", (number,))
                if after.collected_before is not None:
                    db.execute(_CHANGED)
        if forgotten:
            self.scrub()
        self._bell.ring()
        return True

    def _forget(self, db: sqlite3.Connection, number: int, *, deletes: bool) -> bool:
        """The plain ids of a regulation, and of suppressed users that it has deleted."""
        changed = 0
        if deletes:
            # Another deletion of the same person that still runs needs the id in its own rows only.
            changed += db.execute(
                "UPDATE suppressed SET user_id = NULL WHERE user_id IS NOT NULL "
                "AND fingerprint IN (SELECT fingerprint FROM subjects WHERE regulation = ?)",
                (number,),
            ).rowcount
        changed += db.execute(
            "UPDATE subjects SET user_id = NULL WHERE regulation = ? AND user_id IS NOT NULL", (number,)
        ).rowcount
        db.execute("DELETE FROM forwarded WHERE regulation = ?", (number,))
        return changed > 0

    def forwarded(self, regulation: str, destination: str) -> set[bytes]:
        with self._db.reading() as db:
            rows = db.execute(
                "SELECT fingerprint FROM forwarded WHERE regulation = ? AND destination = ?",
                (self._number(db, regulation), destination),
            )
            return {fingerprint for (fingerprint,) in rows}

    def note_forwarded(self, regulation: str, destination: str, fingerprint: bytes) -> None:
        with self._db.writing() as db:
            row = (self._number(db, regulation), destination, fingerprint)
            db.execute("INSERT OR IGNORE INTO forwarded VALUES (?, ?, ?)", row)

    # --- who is barred ------------------------------------------------------------------------------------

    def version(self) -> int:
        with self._db.reading() as db:
            return _version(db)

    def barred(self) -> Barred:
        with self._db.reading() as db:
            version = _version(db)
            suppressed = frozenset(f for (f,) in db.execute("SELECT fingerprint FROM suppressed"))
            return Barred(version, suppressed, dict(db.execute(_ERASED).fetchall()))

    def suppressions(self, *, limit: int, after: int = 0, user_id: str | None = None) -> list[Suppression]:
        fingerprint = None if user_id is None else self._fingerprints(user_id)
        with self._db.reading() as db:
            rows = db.execute(_SUPPRESSED, (after, limit, user_id, fingerprint)).fetchall()
            return [Suppression(*row) for row in rows]

    def audit(self, regulation: str | None = None, *, limit: int, before: int | None = None) -> list[Receipt]:
        with self._db.reading() as db:
            return [_receipt(*row) for row in db.execute(_AUDIT, (regulation, before, limit)).fetchall()]

    def scrub(self) -> bool:
        with self._db.using() as db:
            busy, *_ = db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            return not busy

    def listen(self) -> Bell:
        return self._bell.listen()

    def close(self) -> None:
        self._bell.close()
        self._db.close()

    # --- rows ---------------------------------------------------------------------------------------------

    def _add(
        self, db: sqlite3.Connection, number: int, system: str, status: Status, detail: str, counts: dict[str, int]
    ) -> None:
        at_ms, encoded = time.time_ns() // 1_000_000, msgspec.json.encode(counts).decode()
        db.execute(
            "INSERT INTO audit (at_ms, regulation, system, status, detail, counts) VALUES (?, ?, ?, ?, ?, ?)",
            (at_ms, number, system, status.value, detail, encoded),
        )

    def _number(self, db: sqlite3.Connection, regulation: str) -> int:
        row = db.execute("SELECT number FROM regulations WHERE id = ?", (regulation,)).fetchone()
        if row is None:
            raise NotFoundError("there is no regulation with this id")
        return int(row[0])

    def _regulation(self, db: sqlite3.Connection, regulation: str) -> Regulation:
        row = db.execute(_ONE, (regulation,)).fetchone()
        if row is None:
            raise NotFoundError("there is no regulation with this id")
        return self._read(db, row)

    def _read(self, db: sqlite3.Connection, row: tuple[Any, ...]) -> Regulation:
        number, id_, type_, subjects, created_at_ms, author, collected_before = row
        lines = db.execute(_NEWEST_LINES, (number,)).fetchall()
        receipts = tuple(_receipt(line, at_ms, id_, *rest) for line, at_ms, *rest in lines)
        return Regulation(id_, RegulationType(type_), subjects, created_at_ms, author, collected_before, receipts)


def _version(db: sqlite3.Connection) -> int:
    row = db.execute("SELECT value FROM versions WHERE name = 'barred'").fetchone()
    return int(row[0]) if row else 0


def _receipt(
    number: int, at_ms: int, regulation: str, system: str, status: str, detail: str, counts: str
) -> Receipt:
    return Receipt(number, at_ms, regulation, system, Status(status), detail, msgspec.json.decode(counts))
