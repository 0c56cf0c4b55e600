"""What is on its way to one destination: an event, and the pieces that its mappings have made of it.

Structs, which are made in a third of the time that a class of Python's takes: there is one of each per event.
"""

from collections.abc import Hashable, Sequence
from typing import Any, NamedTuple

import msgspec

from headwater.delivery.held import HeldRecord
from headwater.delivery.jobs import Job
from headwater.destinations.kit.model import Action, Answer, Call, Delivered, Filtered, Item, Outcome
from headwater.event import OutboundEvent

Talk = Sequence[tuple[Call, Answer]]
"""What was asked in an attempt, and what was answered, in order."""


class Result(NamedTuple):
    """What an attempt has come to, of one mapping."""

    mapping: str
    outcome: Outcome | Filtered
    talk: Talk = ()


class Parcel(msgspec.Struct, eq=False, gc=False):
    """One attempt of one event: the first, of a record that is held, or a later one, of a job. It is done when
    each of its pieces has a result.
    """

    event: OutboundEvent
    record: HeldRecord | None = None
    job: Job | None = None
    unfinished: int = 0
    """Pieces without a result."""
    results: list[Result] = []
    started_s: float = 0.0
    """When the first of its pieces was sent, loop time; 0: none was."""

    @property
    def is_delivered(self) -> bool:
        """All of it."""
        results = self.results
        if len(results) == 1:
            return type(results[0].outcome) is Delivered
        return all(type(result.outcome) is Delivered for result in results)


class Group(NamedTuple):
    """Pieces of which this is equal may go into one request."""

    source: str
    mapping: str
    key: Hashable


class Piece(msgspec.Struct, eq=False, gc=False):
    """What one mapping has made of an event, for one action."""

    parcel: Parcel
    mapping: str
    action: Action[Any]
    item: Item
    group: Group
    size_bytes: int
    """Of the payload as JSON, or of the whole event."""
