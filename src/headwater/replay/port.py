"""What a replay is, and the port that keeps replays and how far they have come."""

from enum import StrEnum
from typing import Annotated, Literal, NamedTuple, Protocol

import msgspec

from headwater import limits
from headwater.doorbell import Bell

Names = Annotated[tuple[str, ...], msgspec.Meta(max_length=100)]
Text = Annotated[str, msgspec.Meta(max_length=200)]

Origin = Literal["lake", "dead_letters"]


class Asked(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Which events, where to, how fast. What is left out does not matter."""

    to: Text = ""
    """The name of one destination; empty: through the pipeline."""
    origin: Origin = msgspec.field(name="from", default="lake")
    sources: Names = ()
    types: Names = ()
    """Of calls: `track`, …"""
    events: Names = ()
    """Names of track events."""
    where: str = ""
    """FQL: only events for which it is true."""
    since: Text = ""
    """Received since then: `24h`, `7d` ago, or an ISO 8601 instant."""
    until: Text = ""
    """Received before that. Empty: up to what is there when the replay is asked for."""
    audience: Text = ""
    """Only events of profiles that are members when the replay begins. A key."""
    stage: Text = ""
    """Of dead letters: the stage that set them aside, ..."""
    reason: Text = ""
    """... and its reason."""
    per_s: Annotated[float, msgspec.Meta(gt=0, le=limits.delivery.REPLAY_PER_S_MAX)] = limits.delivery.REPLAY_PER_S
    """At most so many events per second."""


class State(StrEnum):
    RUNNING = "running"
    """Or about to, as soon as `serve` runs."""
    PAUSED = "paused"
    DONE = "done"
    CANCELLED = "cancelled"
    """What was sent by then stays sent."""
    FAILED = "failed"

    @property
    def is_over(self) -> bool:
        return self in {State.DONE, State.CANCELLED, State.FAILED}


class Bounds(NamedTuple):
    """What was fixed when the replay was asked for, so that what comes later is not drawn into it."""

    since_ms: int | None
    until_ms: int | None
    before_offset: int
    """Of the collected log; for dead letters not used."""
    rows: int
    """That the lake has within these bounds: how long the way is."""


class Progress(msgspec.Struct, frozen=True):
    cursor: str = ""
    """Where to go on: what was looked at so far lies before it."""
    looked: int = 0
    """Events looked at; of `Bounds.rows`."""
    sent: int = 0
    skipped: int = 0
    """Not wanted after all (FQL, audience), or of users who are suppressed or deleted; dead letters that cannot be
    tried again.
    """
    is_end: bool = False
    """There was nothing behind it."""


class Replay(msgspec.Struct, frozen=True):
    id: str
    """Stands in the events that it sends: `context.replay.id`."""
    asked: Asked
    bounds: Bounds
    at_ms: int
    """When it was asked for, Unix milliseconds."""
    author: str
    state: State = State.RUNNING
    progress: Progress = Progress()
    why: str = ""
    """Of a failed one; or what a running one waits for."""
    ended_ms: int = 0


class Step(NamedTuple):
    """A step that was begun: whether the log has it tells whether it was done."""

    number: int
    """Grows by one from step to step, whatever the replay."""
    replay: str
    log: str
    """Whose log it appends to: `outbound` or `collected`."""
    progress: Progress
    """Once it is done."""


class Replays(Protocol):
    """Sync; any number of processes may look and decide, one carries them out. Errors: StorageError."""

    def add(self, replay: Replay) -> None: ...

    def get(self, id_: str) -> Replay | None: ...

    def newest(self, *, limit: int, before: str | None = None) -> list[Replay]:
        """Newest first; `before`: those older than this one."""
        ...

    def running(self) -> list[Replay]:
        """Oldest first."""
        ...

    def move(self, id_: str, to: State, *, when: frozenset[State], why: str = "") -> Replay | None:
        """Into another state, if it is in one of `when`; as it is now, None if there is none of this id."""
        ...

    def begin(self, id_: str, log: str, progress: Progress, *, above: int = 0) -> int:
        """Note durably what a step will have done; its number, which is larger than `above`."""
        ...

    def end(self, number: int) -> None:
        """The step was done: its progress is the replay's."""
        ...

    def begun(self) -> list[Step]:
        """Steps of which nobody knows whether they were done: a crash came in between."""
        ...

    def drop(self, number: int) -> None:
        """The step was not done."""
        ...

    def listen(self) -> Bell:
        """A bell that rings when a replay is added or moved."""
        ...

    def close(self) -> None: ...
