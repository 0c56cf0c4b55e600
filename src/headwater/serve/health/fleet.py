"""What a role process says about itself, and how `serve` asks all of them. The answer travels over whatever
connects the processes: Unix sockets on one machine (operations/introspection.py).
"""

from collections.abc import Awaitable, Callable, Sequence
from enum import StrEnum
from typing import Final

import msgspec


class Role(StrEnum):
    """The processes, in the order of an event's path: they are drained in this order."""

    COLLECT = "collect"
    PIPELINE = "pipeline"
    DELIVER = "deliver"
    SERVE = "serve"


ROLES: Final = tuple(Role)


class SelfReport(msgspec.Struct, frozen=True, omit_defaults=True):
    """The body of `GET /health` on a role's own socket."""

    ready: bool
    pid: int
    started_at: str
    """ISO 8601, UTC."""
    version: str
    """Headwater's."""
    reasons: list[str] = []
    """Why it is not ready."""
    config_version: int | None = None
    """The workspace version it works with; one that lags behind for long has not heard of a change."""
    host: str = ""
    """Where others reach it, ..."""
    port: int = 0
    """... 0: nowhere."""


class RoleReport(msgspec.Struct, frozen=True):
    """One role process, as seen from outside."""

    role: Role
    worker: int
    health: SelfReport | None
    """None: it gave no answer."""
    reasons: list[str]
    """Why it cannot do its work, as far as is known; empty when it can."""
    exposition: str = ""
    """Its metrics in Prometheus text, when they were asked for."""

    @property
    def up(self) -> bool:
        return self.health is not None


AskFleet = Callable[[bool], Awaitable[Sequence[RoleReport]]]
"""All roles in path order, at least one report each; the argument says whether to ask for metrics, too.
Answers within a second or two, however many roles are dead or stuck."""
