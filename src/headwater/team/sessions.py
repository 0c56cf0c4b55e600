"""Sessions: somebody is signed in, in one browser.

A session ends by itself when nobody has used it for a while, and in any case some weeks after it began; at once
when its teammate signs out, changes the password, gets another role, is disabled or removed.
"""

import secrets
from typing import NamedTuple, Protocol

import msgspec

from headwater import limits
from headwater.team.teammates import Teammate


class Session(msgspec.Struct, frozen=True):
    id: str
    """Names it, opens nothing."""
    teammate: str
    began_ms: int
    seen_ms: int
    """Some minutes coarse: a request must not cost a write."""
    ends_ms: int
    """Whatever happens."""
    address: str
    agent: str
    """What the browser calls itself."""


class Opened(NamedTuple):
    session: Session
    secret: str
    """Goes into the cookie, and nowhere else."""


class Sessions(Protocol):
    """Sync, from any thread."""

    def begin(self, opened: Opened) -> None:
        """Of one teammate, the oldest ends when there are too many."""
        ...

    def find(self, secret: str, at_ms: int) -> tuple[Session, Teammate] | None:
        """Whose session it is, if it has not ended; noted as seen."""
        ...

    def of(self, teammate: str, at_ms: int) -> list[Session]:
        """Those that have not ended, last seen first."""
        ...

    def end(self, id_: str, teammate: str) -> bool:
        """Whether there was one, and it was theirs."""
        ...

    def end_others(self, teammate: str, keep: str = "") -> int:
        """All of theirs but the one with this id; how many those were."""
        ...


def new_session(teammate: str, *, at_ms: int, address: str, agent: str) -> Opened:
    session = Session(
        f"se_{secrets.token_hex(8)}",
        teammate,
        at_ms,
        at_ms,
        at_ms + limits.team.SESSION_S_MAX * 1000,
        address,
        agent[: limits.team.AGENT_CHARS_MAX],
    )
    return Opened(session, secrets.token_urlsafe(32))


def is_over(session: Session, at_ms: int) -> bool:
    """Whether it has ended by itself."""
    return at_ms >= session.ends_ms or at_ms >= session.seen_ms + limits.team.SESSION_IDLE_S_MAX * 1000
