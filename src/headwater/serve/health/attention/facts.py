"""What the rules look at, and what they find."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import StrEnum

import msgspec

from headwater.config.workspace import Workspace
from headwater.processing.totals import HourCount
from headwater.serve.health.storage import Storage


class Severity(StrEnum):
    CRITICAL = "critical"
    """Events are lost, late or not delivered, or soon will be."""
    WARNING = "warning"
    """Something does not work as it is meant to."""
    NOTICE = "notice"
    """Worth knowing, and deciding about one day."""


class AttentionReason(msgspec.Struct, frozen=True):
    """One of several reasons that an entry puts together."""

    title: str
    """A few words."""
    code: str
    """As lists are filtered by it."""
    count: int
    link: str
    """Where in the console these alone are: a path."""


class Attention(msgspec.Struct, frozen=True):
    rule: str
    """Its name, which stays the same."""
    severity: Severity
    what: str
    """One sentence with numbers."""
    why: str
    """What follows from it, or what it comes from."""
    fix: str
    """What to do."""
    link: str
    """Where in the console: a path. Empty: it is put right elsewhere."""
    subject: str = ""
    """The source, destination, role or plan it is about."""
    reasons: list[AttentionReason] = []
    """What it is made of, most frequent first; empty: it is one thing."""


class RoleFacts(msgspec.Struct, frozen=True):
    name: str
    up: bool
    reasons: list[str]
    """Why it is not ready."""
    config_version: int | None
    """The oldest that any of its processes works with."""
    up_s: float | None


class LagFacts(msgspec.Struct, frozen=True):
    log: str
    reader: str
    events: int
    seconds: float
    events_before: int | None
    """Up to a minute earlier; null: nobody has looked."""


class DestinationFacts(msgspec.Struct, frozen=True):
    name: str
    enabled: bool
    paused: bool
    """It is down: only probed."""
    retries: int
    dead_letters: int
    delivered: int
    """In the last hour, like the next two."""
    failed: int
    retrying: int
    reasons: list[tuple[str, int]]
    """Of those, most frequent first."""


class LetterFacts(msgspec.Struct, frozen=True):
    stage: str
    reason: str
    source: str
    count: int


class ViolationFacts(msgspec.Struct, frozen=True):
    plan: str
    last_hour: int
    """The last full one."""
    usual: float
    """In an hour before that, of up to a week."""


class Facts(msgspec.Struct, frozen=True):
    at_ms: int
    workspace: Workspace
    version: int
    roles: Sequence[RoleFacts] = ()
    lags: Sequence[LagFacts] = ()
    destinations: Sequence[DestinationFacts] = ()
    letters: Sequence[LetterFacts] = ()
    """Of the stages."""
    hours: Sequence[HourCount] = ()
    """Of the last week, in order."""
    requests: Mapping[tuple[str, str], int] = {}
    """(source, outcome) → requests in the last minute that were not stored."""
    violations: Sequence[ViolationFacts] = ()
    storage: Storage | None = None
    quarantined: int = 0
    refused_types: Sequence[tuple[str, str]] = ()
    """Types of other packages that were not let in, and why."""
    has_key_beside_data: bool = False
    """The secret key lies in the data folder, and is not the machine's only secret by choice."""


Rule = Callable[[Facts], Iterator[Attention]]
