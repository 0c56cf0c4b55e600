"""Sessions in a table."""

from typing import Any, Final

from headwater import limits
from headwater.team.database import TeamDatabase
from headwater.team.sessions import Opened, Session, is_over
from headwater.team.teammates import Teammate
from headwater.team.teammates_sqlite import TEAMMATE_COLUMNS, read_teammate

SCHEMA: Final = (
    """CREATE TABLE IF NOT EXISTS sessions (
      hash     BLOB PRIMARY KEY,
      id       TEXT NOT NULL UNIQUE,
      teammate   TEXT NOT NULL,
      began_ms INTEGER NOT NULL,
      seen_ms  INTEGER NOT NULL,
      ends_ms  INTEGER NOT NULL,
      address  TEXT NOT NULL,
      agent    TEXT NOT NULL
    ) STRICT""",
    "CREATE INDEX IF NOT EXISTS sessions_of ON sessions (teammate, began_ms)",
)

COLUMNS: Final = "sessions.id, teammate, began_ms, seen_ms, ends_ms, address, agent"

FIND: Final = f"""
SELECT {COLUMNS}, {TEAMMATE_COLUMNS} FROM sessions JOIN teammates ON teammates.id = teammate
WHERE hash = ? AND NOT disabled
"""  # noqa: S608

OVER: Final = "DELETE FROM sessions WHERE ends_ms <= ? OR seen_ms <= ?"

TOO_MANY: Final = """
DELETE FROM sessions WHERE hash IN (
  SELECT hash FROM sessions WHERE teammate = ? ORDER BY began_ms DESC, rowid DESC LIMIT -1 OFFSET ?
)
"""


class SqliteSessions:
    def __init__(self, database: TeamDatabase) -> None:
        self._database = database
        database.create(SCHEMA)

    def begin(self, opened: Opened) -> None:
        session = opened.session
        row = (
            *(self._hash(opened.secret), session.id, session.teammate, session.began_ms, session.seen_ms),
            *(session.ends_ms, session.address, session.agent),
        )
        with self._database.writing() as db:
            db.execute(OVER, (session.began_ms, session.began_ms - limits.team.SESSION_IDLE_S_MAX * 1000))
            db.execute("INSERT INTO sessions VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)
            db.execute(TOO_MANY, (session.teammate, limits.team.SESSIONS_PER_TEAMMATE_MAX))

    def find(self, secret: str, at_ms: int) -> tuple[Session, Teammate] | None:
        hash_ = self._hash(secret)
        with self._database.using() as db:
            row = db.execute(FIND, (hash_,)).fetchone()
        if row is None or is_over(session := _read(row[:7]), at_ms):
            return None
        if at_ms >= session.seen_ms + limits.team.SESSION_SEEN_S * 1000:
            with self._database.writing() as db:
                db.execute("UPDATE sessions SET seen_ms = ? WHERE hash = ?", (at_ms, hash_))
        return session, read_teammate(row[7:])

    def of(self, teammate: str, at_ms: int) -> list[Session]:
        query = f"SELECT {COLUMNS} FROM sessions WHERE teammate = ? ORDER BY seen_ms DESC, began_ms DESC"  # noqa: S608
        with self._database.using() as db:
            found = [_read(row) for row in db.execute(query, (teammate,))]
        return [session for session in found if not is_over(session, at_ms)]

    def end(self, id_: str, teammate: str) -> bool:
        with self._database.writing() as db:
            return db.execute("DELETE FROM sessions WHERE id = ? AND teammate = ?", (id_, teammate)).rowcount > 0

    def end_others(self, teammate: str, keep: str = "") -> int:
        with self._database.writing() as db:
            return db.execute("DELETE FROM sessions WHERE teammate = ? AND id <> ?", (teammate, keep)).rowcount

    def _hash(self, secret: str) -> bytes:
        return self._database.hash(secret, b"hw-session")


def _read(row: tuple[Any, ...]) -> Session:
    return Session(*row)
