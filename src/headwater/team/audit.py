"""The audit log: who changed what, when, and by which means. Entries are added and never changed."""

from enum import StrEnum
from typing import NamedTuple, Protocol

import msgspec

from headwater.team.actor import Means
from headwater.team.roles import Role


class Entry(msgspec.Struct, frozen=True):
    at_ms: int
    actor: str
    actor_id: str
    """Of the teammate or token; empty: nobody of the team."""
    role: Role | None
    """None: nobody knows, of what was done on the machine itself."""
    means: Means | None
    """None: of who has not got in."""
    operation: str
    """Of the private API, as its OpenAPI document has it, or one of Own."""
    subject: str = ""
    """What the address named, as in `crm`; parts are separated by `/`."""
    status: int = 0
    """Of the answer; 0: it was no request."""
    version: int | None = None
    """Of the workspace, that this has made."""
    note: str = ""
    """Of the version; or from where somebody has signed in."""
    id: int = 0
    """Given by the log."""


class Own(StrEnum):
    """What is no operation of the API."""

    SIGN_IN_FAILED = "sign_in_failed"
    APPLIED = "workspace_applied"
    """A version made on the machine itself: `headwater apply --data`, `up --workspace`, the first start."""


class Place(NamedTuple):
    """Of an entry in the order of time."""

    at_ms: int
    id: int


class Wanted(NamedTuple):
    """Which entries; None, and "": any."""

    actor: str = ""
    """Its id, or its name."""
    operations: tuple[str, ...] = ()
    subject: str = ""
    """How it begins."""
    since_ms: int | None = None
    until_ms: int | None = None
    versions_only: bool = False
    """Only what has made a version of the workspace."""


class Audit(Protocol):
    """Sync, from any thread and process. Old entries go by themselves (AUDIT_KEPT_S, AUDIT_ENTRIES_MAX in
    limits.team); failed sign-ins have a bound of their own, so that they cannot push out the others.
    """

    def write(self, entry: Entry) -> None:
        """Durable when this returns."""
        ...

    def search(self, wanted: Wanted, *, limit: int, before: Place | None = None) -> list[Entry]:
        """Newest first."""
        ...

    def noted_version(self) -> int:
        """The highest version of the workspace that an entry has; 0: none."""
        ...

    def note_versions(self, entries: list[Entry]) -> None:
        """Add those whose version no entry has. (An entry that is written for the same version later takes its
        place, but for the note: it knows more.)
        """
        ...
