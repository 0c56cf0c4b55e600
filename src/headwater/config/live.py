"""The workspace a role works with: always the newest one, without asking for it over and over."""

import structlog

from headwater.config.port import ConfigStore
from headwater.config.workspace import Workspace
from headwater.errors import HeadwaterError

logger = structlog.get_logger()


class LiveWorkspace:
    """The current snapshot of a store. It changes only in `refresh()`, so whoever calls that decides when.

    Put `fileno()` into the event loop or a poll and call `refresh()` when it is readable. Before the first
    `apply` the workspace is empty and its version 0. Closing leaves the store open: whoever opened it closes it.
    """

    def __init__(self, store: ConfigStore) -> None:
        self._store = store
        self._bell = store.listen()  # before the first look, so that no change falls between
        try:
            self._current = store.current()
        except BaseException:
            self._bell.close()
            raise

    @property
    def workspace(self) -> Workspace:
        return self._current.workspace if self._current else NOTHING

    @property
    def version(self) -> int:
        return self._current.number if self._current else 0

    def fileno(self) -> int:
        return self._bell.fileno()

    def wait(self, timeout_s: float | None = None) -> bool:
        """Block until there may be something to refresh (True) or until the time is over (False)."""
        return self._bell.wait(timeout_s)

    def refresh(self) -> bool:
        """True when the workspace is another one now. A store that cannot be read changes nothing: the role
        goes on with what it has, and the next ring is the next try.
        """
        self._bell.clear()
        try:
            newest = self._store.current()
        except HeadwaterError as error:
            logger.warning("workspace not refreshed", version=self.version, reason=str(error))
            return False
        changed = newest is not None and newest.number != self.version
        if changed:
            self._current = newest
            logger.info("workspace refreshed", version=self.version)
        return changed

    def close(self) -> None:
        self._bell.close()


NOTHING = Workspace(workspace="")
