"""The config port: every version of the workspace, who made it, when; and a bell when there is a new one."""

from datetime import datetime
from typing import NamedTuple, Protocol

from headwater.config.workspace import Workspace
from headwater.doorbell import Bell


class Version(NamedTuple):
    number: int
    """Counts from 1, without gaps."""
    at: datetime
    """Aware, UTC."""
    author: str
    note: str
    workspace: Workspace


class ConfigStore(Protocol):
    """Sync; any number of processes may read and put."""

    def current(self) -> Version | None:
        """The newest version; None before the first put."""
        ...

    def put(self, workspace: Workspace, *, author: str, note: str = "", expected: int | None = None) -> Version:
        """Store a new version and ring. Putting what is already current stores nothing and returns it.

        With `expected`, BusyError if the current number is another one: somebody else was faster."""
        ...

    def history(self, *, limit: int = 50) -> list[Version]:
        """Newest first."""
        ...

    def listen(self) -> Bell:
        """A bell that rings after a put."""
        ...

    def close(self) -> None: ...
