"""What travels through the stages: flowing events, and the effects a stage asks for.

A stage is a function of (items, context) that returns the items for the next stage and notes everything else
in `Effects`. It touches nothing outside: no clock, no random number, no file. That is what lets the runtime run
it again on half of a batch to find the one event that breaks it.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import msgspec

from headwater.config.workspace import Workspace
from headwater.errors import BusyError
from headwater.event import CollectedRequest, Event
from headwater.state.port import Changes


class Arrival(NamedTuple):
    """A collected request with its offset in the collected log."""

    offset: int
    request: CollectedRequest


class FlowingEvent(msgspec.Struct, gc=False):
    """An accepted event between the stages. Instants are Unix milliseconds."""

    offset: int
    index: int
    source: str
    received_at_ms: int
    timestamp_ms: int
    original_timestamp_ms: int | None
    sent_at_ms: int | None
    event: Event
    extra: bytes = b""
    """Top-level members the envelope does not know, as JSON members (`"a":1,"b":2`); kept, never interpreted."""


class DeadLetter(msgspec.Struct, frozen=True, array_like=True):
    """What a stage could not take further: kept with the reason, shown, replayable."""

    offset: int
    index: int
    """-1: the whole request."""
    stage: str
    reason: str
    """A discard reason of spec 1.4, or `poison` when the stage itself failed."""
    detail: str
    source: str
    call: str
    received_at_ms: int
    payload: bytes
    """The event as sent; for a whole request, the record of the collected log."""
    events: int = 1
    """How many it holds: a whole request may have been a batch."""


class Refusal(NamedTuple):
    """Why an event is not accepted."""

    reason: str
    detail: str


@dataclass(slots=True)
class Effects:
    """Everything a stage wants to happen besides passing items on."""

    dead: list[DeadLetter] = field(default_factory=list)
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    """(source, what happened) → how often."""
    changes: Changes = field(default_factory=dict)

    def merge(self, other: "Effects") -> None:
        self.dead += other.dead
        self.counts.update(other.counts)
        for table, rows in other.changes.items():
            self.changes.setdefault(table, {}).update(rows)


@dataclass(frozen=True, slots=True)
class Context:
    """What a stage may know besides its items."""

    workspace: Workspace


class Stage(NamedTuple):
    name: str
    run: Callable[[Sequence[Any], Context, Effects], list[Any]]
    """Items in, items for the next stage out, in order. An exception means: at least one item is poison."""
    bury: Callable[[Any, BaseException], DeadLetter]
    """The dead letter for one item that makes `run` raise."""


def run_stage(stage: Stage, items: Sequence[Any], context: Context, effects: Effects) -> list[Any]:
    """The stage's output for every item that can be processed; items that make it fail become dead letters.

    A failing batch is halved until the poison stands alone, so the cost is a few more runs of the stage, paid only
    when something is wrong. Errors of the machinery (a disk, another process) are nobody's poison and are raised.
    """
    attempt = Effects()
    try:
        passed = stage.run(items, context, attempt)
    except BusyError:
        raise
    except Exception as error:
        if len(items) == 1:
            letter = stage.bury(items[0], error)
            effects.dead.append(letter)
            effects.counts[letter.source, letter.reason] += letter.events
            return []
        middle = len(items) // 2
        first = run_stage(stage, items[:middle], context, effects)
        return first + run_stage(stage, items[middle:], context, effects)
    effects.merge(attempt)
    return passed
