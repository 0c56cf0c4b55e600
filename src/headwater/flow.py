"""What a stage is, and the effects it asks for. What travels through it: see `flowing`.

A stage is a function of (items, context) that returns the items for the next stage and notes everything else
in `Effects`. It touches nothing outside: no clock, no random number, no file. That is what lets the runtime run
it again on half of a batch to find the one event that breaks it.
"""

import struct
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any, Final, NamedTuple, Protocol, TypeVar, cast

import msgspec

from headwater import limits
from headwater.config.workspace import Workspace
from headwater.errors import BusyError
from headwater.event import encode_collected
from headwater.flowing import GENERATED, Arrival, FlowingEvent, encode_event
from headwater.state.port import Changes, Table

_encode_row = msgspec.msgpack.Encoder().encode
_PLACE = struct.Struct(">Qi")
_T = TypeVar("_T")

DROPPED: Final = "dropped"
"""The state table of events that a stage let go of: what became of them, never what was in them."""


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
    message_id: str = ""
    """The event's, as it was or would have been accepted; empty for a whole request."""
    trace: bytes = b""
    """What the stages noted before it came here, as in FlowingEvent."""
    ip: str = ""
    user_agent: str = ""
    shared: bytes = b""
    """The members that it shared with its batch (sentAt, context, integrations), as a JSON object; empty: it came
    alone. With ip and user agent, everything a replay needs to give what would have been accepted."""
    owned_id: str = ""
    """The messageId that dedupe has noted for this very event; empty when it did not get that far."""
    first_offset: int = -1
    """Where it first arrived, if this is what became of a replay: a missing messageId is made of that place."""
    first_index: int = -1


class Refusal(NamedTuple):
    """Why an event is not accepted."""

    reason: str
    detail: str


class Dropped(msgspec.Struct, frozen=True, array_like=True):
    """That an event went no further, and why."""

    stage: str
    reason: str
    source: str
    received_at_ms: int
    offset: int
    index: int
    detail: str = ""
    fate: str = ""
    """Of a dead letter: `kept` while nobody has decided about it, then `replayed` or `discarded`."""
    decided_at_ms: int = 0


class Reader(Protocol):
    """The part of the state port that stages read through."""

    def get_many(self, table: Table, keys: Sequence[bytes]) -> list[bytes | None]: ...

    def scan(
        self, table: Table, prefix: bytes = b"", *, start: bytes | None = None
    ) -> Iterator[tuple[bytes, bytes]]: ...


@dataclass(slots=True)
class Effects:
    """Everything a stage wants to happen besides passing items on, and what it reads: the state as it will be
    once the effects so far have been committed.
    """

    state: Reader | None = None
    """None: an empty one."""
    below: "Effects | None" = None
    """What happened before in this batch."""
    dead: list[DeadLetter] = field(default_factory=list)
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    """(source, what happened) → how often."""
    violations: Counter[tuple[str, str]] = field(default_factory=Counter)
    """(source, type of violation) → how often."""
    transformed: Counter[tuple[str, str]] = field(default_factory=Counter)
    """(transformation, what it did) → events."""
    identity: Counter[str] = field(default_factory=Counter)
    """What was decided about external ids → how often."""
    sync: Counter[tuple[str, ...]] = field(default_factory=Counter)
    """What was decided about syncs → how often: see aggregation/metrics.py."""
    changes: Changes = field(default_factory=dict)
    _sorted: dict[Table, list[bytes]] = field(default_factory=dict)
    """Keys of `changes` in order, as of the last scan."""

    def read(self, table: Table, keys: Sequence[bytes]) -> list[bytes | None]:
        """Values in the order of the keys, with what this batch has changed."""
        values: list[bytes | None] = self.state.get_many(table, keys) if self.state else [None] * len(keys)
        for layer in self._layers():
            if rows := layer.changes.get(table):
                values = [rows.get(key, value) for key, value in zip(keys, values, strict=True)]
        return values

    def scan(
        self, table: Table, prefix: bytes = b"", *, start: bytes | None = None, own: bool = True
    ) -> Iterator[tuple[bytes, bytes]]:
        """Rows whose key begins with `prefix`, in order, from the key `start` on: the state's, with what this
        batch has changed until now. `own` False: but not with what these very effects hold, for whoever keeps
        account of that anyway; looking through it takes longer the more there is.
        """
        stored = self.state.scan(table, prefix, start=start) if self.state else iter(())
        changed: dict[bytes, bytes | None] = {}
        layers = self._layers()
        for layer in layers if own else layers[:-1]:
            changed |= layer._changed(table, prefix, start or prefix)  # noqa: SLF001 - its own kind
        return _overlaid(stored, changed) if changed else stored

    def _changed(self, table: Table, prefix: bytes, start: bytes) -> dict[bytes, bytes | None]:
        rows = self.changes.get(table)
        if not rows:
            return {}
        keys = self._sorted.get(table)
        if keys is None or len(keys) != len(rows):  # keys are only ever added
            keys = self._sorted[table] = sorted(rows)
        found = {}
        for at in range(bisect_left(keys, start), len(keys)):
            key = keys[at]
            if not key.startswith(prefix):
                break
            found[key] = rows[key]
        return found

    def change(self, table: Table) -> dict[bytes, bytes | None]:
        """The rows of a table that change, to add to."""
        return self.changes.setdefault(table, {})

    def _layers(self) -> list["Effects"]:
        """Oldest first, this one last."""
        return [*self.below._layers(), self] if self.below else [self]  # noqa: SLF001 - its own kind

    def drop(self, flowing: FlowingEvent, stage: str, reason: str, detail: str = "") -> None:
        """Count an event that goes no further, and remember for a while what became of it."""
        self.counts[flowing.source, reason] += 1
        row = Dropped(stage, reason, flowing.source, flowing.received_at_ms, flowing.offset, flowing.index, detail)
        self.remember(flowing.event.message_id or "", row)

    def remember(self, message_id: str, row: Dropped) -> None:
        """What became of a message, for `headwater explain`."""
        key = dropped_prefix(message_id) + _PLACE.pack(row.offset, row.index)
        self.changes.setdefault(DROPPED, {})[key] = _encode_row(row)

    def merge(self, other: "Effects") -> None:
        self.dead += other.dead
        self.counts.update(other.counts)
        self.violations.update(other.violations)
        self.transformed.update(other.transformed)
        self.identity.update(other.identity)
        self.sync.update(other.sync)
        for table, rows in other.changes.items():
            if table in self.changes:
                self.changes[table].update(rows)
            else:
                self.changes[table] = rows


def _overlaid(
    stored: Iterator[tuple[bytes, bytes]], changed: dict[bytes, bytes | None]
) -> Iterator[tuple[bytes, bytes]]:
    """`stored`, in order, as it will be once `changed` (in order, too) has been committed."""
    new = iter(sorted(changed.items()))
    ahead = next(new, None)
    for key, value in stored:
        while ahead is not None and ahead[0] < key:
            if ahead[1] is not None:
                yield ahead[0], ahead[1]
            ahead = next(new, None)
        if ahead is not None and ahead[0] == key:
            if ahead[1] is not None:
                yield ahead[0], ahead[1]
            ahead = next(new, None)
        else:
            yield key, value
    while ahead is not None:
        if ahead[1] is not None:
            yield ahead[0], ahead[1]
        ahead = next(new, None)


def dropped_prefix(message_id: str) -> bytes:
    """The key of the rows in DROPPED for this message begins so; its place in the log follows."""
    return blake2b(message_id.encode(), digest_size=16).digest()


class Suppressed(Protocol):
    """The users whose events are refused."""

    def __len__(self) -> int: ...
    def __contains__(self, user_id: object, /) -> bool: ...


@dataclass(frozen=True, slots=True)
class Context:
    """What a stage may know besides its items."""

    workspace: Workspace
    version: int = 0
    """The workspace's."""
    suppressed: Suppressed = frozenset()
    _built: dict[Any, Any] = field(default_factory=dict)

    def built(self, build: Callable[[Workspace], _T]) -> _T:
        """`build(workspace)`, made once per workspace version: compiled rules, indexes by source."""
        if build not in self._built:
            self._built[build] = build(self.workspace)
        return cast(_T, self._built[build])


class Stage(NamedTuple):
    name: str
    run: Callable[[Sequence[Any], Context, Effects], list[Any]]
    """Items in, items for the next stage out, in order. An exception means: at least one item is poison."""
    bury: Callable[[Any, BaseException], DeadLetter]
    """The dead letter for one item that makes `run` raise."""
    quiet: str = ""
    """What it means when the stage has left no line in an event's trace."""


def bury_event(stage: str) -> Callable[[FlowingEvent, BaseException], DeadLetter]:
    """How a stage of flowing events makes a dead letter of one."""

    def bury(flowing: FlowingEvent, error: BaseException) -> DeadLetter:
        return dead_event(flowing, stage, "poison", repr(error)[:500])

    return bury


def bury_request(stage: str) -> Callable[[Arrival, BaseException], DeadLetter]:
    """How a stage of arrivals makes a dead letter of one."""

    def bury(arrival: Arrival, error: BaseException) -> DeadLetter:
        request = arrival.request
        return DeadLetter(
            arrival.offset,
            -1,
            stage,
            "poison",
            repr(error)[:500],
            request.source,
            request.call,
            request.received_at_ms,
            encode_collected(request),
            request.events,
        )

    return bury


def dead_event(flowing: FlowingEvent, stage: str, reason: str, detail: str) -> DeadLetter:
    """A flowing event as a dead letter. What was sent is put into it once per batch: dead_letters.completed. One
    that a stage made was not sent by anybody, so it is put in here.
    """
    return DeadLetter(
        flowing.offset,
        flowing.index,
        stage,
        reason,
        detail[: limits.processing.DETAIL_CHARS_MAX],
        flowing.source,
        flowing.event.type or "",
        flowing.received_at_ms,
        encode_event(flowing.event, flowing.extra) if flowing.index >= GENERATED else b"",
        message_id=flowing.event.message_id or "",
        trace=flowing.trace,
    )


def run_stage(stage: Stage, items: Sequence[Any], context: Context, effects: Effects) -> list[Any]:
    """The stage's output for every item that can be processed; items that make it fail become dead letters.

    A failing batch is halved until the poison stands alone, so the cost is a few more runs of the stage, paid only
    when something is wrong. Errors of the machinery (a disk, another process) are nobody's poison and are raised.
    """
    attempt = Effects(effects.state, below=effects)
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
