"""Which versions of the workspace a request has made, in whichever thread."""

from contextvars import ContextVar

from headwater.config.port import ConfigStore, Version
from headwater.config.workspace import Workspace
from headwater.doorbell import Bell

_made: ContextVar[list[int] | None] = ContextVar("made", default=None)


def watch() -> list[int]:
    """The numbers of the versions that are made from now on, by what follows in this context; it grows."""
    made: list[int] = []
    _made.set(made)
    return made


class WatchedConfig:
    """A ConfigStore whose versions are noted for who watches."""

    def __init__(self, store: ConfigStore) -> None:
        self._store = store
        self.current = store.current
        self.get = store.get
        self.history = store.history
        self.reseal = store.reseal
        self.close = store.close

    def put(self, workspace: Workspace, *, author: str, note: str = "", expected: int | None = None) -> Version:
        before = self._store.current() if expected is None else None
        version = self._store.put(workspace, author=author, note=note, expected=expected)
        base = expected if before is None else before.number
        made = _made.get()
        if made is not None and version.number != base:
            made.append(version.number)
        return version

    def listen(self) -> Bell:
        return self._store.listen()
