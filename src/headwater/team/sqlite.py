"""The team in one SQLite file. Secrets are kept as keyed hashes, passwords as argon2id makes them."""

from pathlib import Path

from headwater.team.attempts_sqlite import SqliteAttempts
from headwater.team.audit_sqlite import SqliteAudit
from headwater.team.database import TeamDatabase
from headwater.team.sessions_sqlite import SqliteSessions
from headwater.team.teammates_sqlite import SqliteTeammates
from headwater.team.tokens_sqlite import SqliteTokens


class SqliteTeam:
    def __init__(self, path: Path) -> None:
        self._database = TeamDatabase(path)
        self.installation = self._database.hash("installation", b"hw-name").hex()[:8]
        self.teammates = SqliteTeammates(self._database)
        self.sessions = SqliteSessions(self._database)
        self.tokens = SqliteTokens(self._database)
        self.attempts = SqliteAttempts(self._database)
        self.audit = SqliteAudit(self._database)

    def close(self) -> None:
        self._database.close()
