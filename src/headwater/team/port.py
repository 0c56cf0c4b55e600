"""The port `team`: everything about who runs this installation, in five parts with one lifetime.

Errors of all: StorageError when the disk refuses, BusyError when another process holds the lock too long.
"""

from typing import Protocol

from headwater.team.attempts import Attempts
from headwater.team.audit import Audit
from headwater.team.sessions import Sessions
from headwater.team.teammates import Teammates
from headwater.team.tokens import Tokens


class Team(Protocol):
    @property
    def installation(self) -> str:
        """Eight hexadecimal digits, always the same, that tell this installation from others on the machine."""
        ...

    @property
    def teammates(self) -> Teammates: ...

    @property
    def sessions(self) -> Sessions: ...

    @property
    def tokens(self) -> Tokens: ...

    @property
    def attempts(self) -> Attempts: ...

    @property
    def audit(self) -> Audit: ...

    def close(self) -> None: ...
