"""What is on its way to one destination: an event, and the pieces that its mappings have made of it."""

from collections.abc import Hashable, Sequence
from typing import Any, NamedTuple

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


class Parcel:
    """One attempt of one event: the first, of a record that is held, or a later one, of a job. It is done when
    each of its pieces has a result.
    """

    __slots__ = ("event", "job", "record", "results", "started_s", "unfinished")

    def __init__(self, event: OutboundEvent, *, record: HeldRecord | None = None, job: Job | None = None) -> None:
        self.event = event
        self.record = record
        self.job = job
        self.unfinished = 0
        """Pieces without a result."""
        self.results: list[Result] = []
        self.started_s = 0.0
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


class Piece:
    """What one mapping has made of an event, for one action."""

    __slots__ = ("action", "group", "item", "mapping", "parcel", "size_bytes")

    def __init__(
        self, parcel: Parcel, mapping: str, action: Action[Any], item: Item, group: Group, size_bytes: int
    ) -> None:
        self.parcel = parcel
        self.mapping = mapping
        self.action = action
        self.item = item
        self.group = group
        self.size_bytes = size_bytes
        """Of the payload as JSON, or of the whole event."""
