"""Attempts to sign in, in a table."""

import sqlite3
from typing import Final

from headwater import limits
from headwater.team.attempts import ACCOUNT, ADDRESS, Rule, Tally, neighbourhood, wait_ms
from headwater.team.database import TeamDatabase
from headwater.team.teammates import plain_email

SCHEMA: Final = (
    """CREATE TABLE IF NOT EXISTS attempts (
      name     BLOB PRIMARY KEY,   -- of an account or address, hashed
      failures INTEGER NOT NULL,
      last_ms  INTEGER NOT NULL
    ) STRICT""",
    "CREATE INDEX IF NOT EXISTS attempts_by_time ON attempts (last_ms)",
)

COUNT: Final = """
INSERT INTO attempts VALUES (?, 1, ?)
ON CONFLICT (name) DO UPDATE SET failures = failures + 1, last_ms = excluded.last_ms
"""

TOO_MANY: Final = """
DELETE FROM attempts WHERE name IN (SELECT name FROM attempts ORDER BY last_ms DESC LIMIT -1 OFFSET ?)
"""


class SqliteAttempts:
    def __init__(self, database: TeamDatabase) -> None:
        self._database = database
        database.create(SCHEMA)

    def begin(self, email: str, address: str, at_ms: int) -> int:
        names = self._names(email, address)
        with self._database.writing() as db:
            db.execute("DELETE FROM attempts WHERE last_ms <= ?", (at_ms - limits.team.SIGN_IN_KEPT_S * 1000,))
            wait = max(wait_ms(rule, _tally(db, name), at_ms) for name, rule in names.items())
            if wait == 0:
                db.executemany(COUNT, [(name, at_ms) for name in names])
                db.execute(TOO_MANY, (limits.team.SIGN_IN_NAMES_MAX,))
        return wait

    def succeed(self, email: str, address: str) -> None:
        account, from_ = self._names(email, address)
        with self._database.writing() as db:
            db.execute("DELETE FROM attempts WHERE name = ?", (account,))
            db.execute("UPDATE attempts SET failures = max(0, failures - 1) WHERE name = ?", (from_,))

    def _names(self, email: str, address: str) -> dict[bytes, Rule]:
        return {
            self._database.hash(plain_email(email), b"hw-account"): ACCOUNT,
            self._database.hash(neighbourhood(address), b"hw-address"): ADDRESS,
        }


def _tally(db: sqlite3.Connection, name: bytes) -> Tally:
    row = db.execute("SELECT failures, last_ms FROM attempts WHERE name = ?", (name,)).fetchone()
    return Tally(*row) if row else Tally(0, 0)
