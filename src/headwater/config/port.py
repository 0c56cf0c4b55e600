"""The config port: every version of the workspace, who made it, when; and a bell when there is a new one."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, NamedTuple, Protocol

from headwater.config.workspace import Workspace
from headwater.doorbell import Bell
from headwater.errors import Problem


class VersionLine(NamedTuple):
    """A version without what it says, which may be megabytes."""

    number: int
    """Counts from 1, without gaps."""
    at: datetime
    """Aware, UTC."""
    author: str
    note: str


class Version(NamedTuple):
    """The fields of VersionLine, and the workspace."""

    number: int
    at: datetime
    author: str
    note: str
    workspace: Workspace


class DestinationTypes(Protocol):
    """What the loader asks about destinations; the module `headwater.destinations.registry` answers."""

    def known_types(self) -> list[str]: ...

    def why_unknown(self, type_: str, /) -> str:
        """What to tell somebody who asked for a type that there is not."""
        ...

    def validate_settings(self, type_: str, settings: dict[str, Any], /) -> list[Problem]:
        """What is wrong with the settings of this known type; paths are relative to them, as in `url`."""
        ...

    def secret_names(self, type_: str, /) -> Collection[str] | None:
        """The settings that are secrets, of this type; None of an unknown one: those that are called so."""
        ...

    def dedupes_on(self, type_: str, /) -> str:
        """The type of external id by which destinations of this known type take each person once; "" of most."""
        ...

    def actions(self, type_: str, /) -> Mapping[str, bool]:
        """What a destination of this known type can do: action → whether it may send several events at once."""
        ...

    def mapping_problems(self, type_: str, action: str, mapping: dict[str, Any], /) -> list[Problem]:
        """What is wrong with a mapping for this known action; paths are relative to it, as in `email.@path`."""
        ...


class ConfigStore(Protocol):
    """Sync; any number of processes may read and put, any number of threads share one instance.

    Errors: StorageError when the disk refuses (nothing was stored), CorruptionError when a stored version
    does not say what was put, SecretKeyError when the key is not the one that it was encrypted with.
    """

    def current(self) -> Version | None:
        """The newest version; None before the first put."""
        ...

    def put(self, workspace: Workspace, *, author: str, note: str = "", expected: int | None = None) -> Version:
        """Store a new version and ring. Putting what is already current stores nothing and returns it.

        With `expected`, BusyError if the current number is another one: somebody else was faster.
        """
        ...

    def get(self, number: int) -> Version | None:
        """None when there never was one, or it is too old to be kept."""
        ...

    def history(self, *, limit: int = 50, before: int | None = None) -> list[VersionLine]:
        """Newest first; with `before` from the version before that number on."""
        ...

    def reseal(self) -> int:
        """Encrypt with the current key what an older key has encrypted, or an older version of Headwater has not;
        the number of versions that it was done to. SecretKeyError when one of them cannot be opened.
        """
        ...

    def listen(self) -> Bell:
        """A bell that rings after a put."""
        ...

    def close(self) -> None: ...
