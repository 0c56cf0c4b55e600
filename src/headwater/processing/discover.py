"""discover: what every source sends, noted by name and type (see `schema`). Every event goes on as it is.

Events of one kind mostly look the same, so a batch is first counted by shape: the names of an object and the
types of their values. Only the distinct shapes are then taken apart into properties. Folding shapes in the
order they came in gives the same rows as taking every event by itself, however a batch is split: that order
decides which names are still listed when there are too many.
"""

import itertools
import re
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime
from operator import itemgetter
from types import NoneType
from typing import Any, Final

import msgspec
from msgspec import UNSET

from headwater import limits
from headwater.flow import Context, Effects, Stage, bury_event
from headwater.flowing import FlowingEvent
from headwater.processing import schema
from headwater.processing.schema import EventKey, SeenEvent, SeenProperty, SeenSource

_NAMED_BY_NAME: Final = frozenset({"page", "screen"})


class _DateTime(str):
    """Stands for the type of a string that is an RFC 3339 instant."""

    __slots__ = ()


_INDEX: Final = {
    str: 0,
    int: 1,
    float: 2,
    bool: 3,
    dict: 4,
    list: 5,
    NoneType: 6,
    _DateTime: 0,
}
"""Type → its place in schema.TYPES."""

_CONTAINERS: Final = frozenset({dict, list})
_IN_ARRAY: Final = ".$."
_Typed = Callable[[Any], type]

_MAY_HOLD_DATE_TIME: Final = re.compile(rb"T\d\d:").search
_DATE_TIME: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)", re.ASCII).fullmatch

_UNREADABLE: Final = (None,)
"""The shape of a payload that cannot be decoded."""

_Shape = tuple[Any, ...]
"""Of an object: its path with a dot behind (the payload: ""), its names, the types of their values. Of what an
array holds: its path and one type.
"""


_turn = itertools.count().__next__


class _Tally(msgspec.Struct, gc=False):
    """How often a shape came, and when."""

    count: int
    first_ms: int
    last_ms: int
    inner: tuple[tuple[str, str], ...] = ()
    """The members to look into, with what their content's paths begin with."""
    turn: int = msgspec.field(default_factory=_turn)
    """Shapes of all events of a source are folded in this order, that of their first appearance."""


_Shapes = dict[_Shape, _Tally]
_Kinds = dict[tuple[str, str | None, str | None], _Shapes]
_TURN: Final = itemgetter(0)


def discover(events: Sequence[FlowingEvent], context: Context, effects: Effects) -> list[FlowingEvent]:
    if not context.workspace.settings.schema_discovery:
        return list(events)
    book = _Book(effects)
    kinds: _Kinds = {}
    room = limits.processing.SCHEMA_SHAPES_MAX
    for flowing in events:
        if flowing.first_place is not None:  # seen when it was new
            continue
        event = flowing.event
        call = event.type
        name = event.event if call == "track" else event.name if call in _NAMED_BY_NAME else None
        kind = flowing.source, call, name
        shapes = kinds.get(kind)
        if shapes is None:
            shapes = kinds[kind] = {}
        known = len(shapes)
        try:
            payload = flowing.payload()
        except (msgspec.MsgspecError, RecursionError):
            _count(shapes, _UNREADABLE, 1, flowing.received_at_ms)
        else:
            raw = flowing.raw_payload
            typed = type if raw is UNSET or _MAY_HOLD_DATE_TIME(raw) is None else type_of
            _look(shapes, "", payload, flowing.received_at_ms, 1, typed)
        room -= len(shapes) - known
        if room < 0:  # shapes take more memory than the rows they end in
            book.fold(kinds)
            kinds = {}
            room = limits.processing.SCHEMA_SHAPES_MAX
    book.fold(kinds)
    book.write()
    return list(events)


def type_of(value: Any) -> type:
    """The value's type, with instants told from other strings."""
    if type(value) is str and value[10:11] == "T" and _DATE_TIME(value):
        try:
            datetime.fromisoformat(value)
        except ValueError:  # the 30th of February
            return str
        return _DateTime
    return type(value)


def _look(shapes: _Shapes, prefix: str, members: dict[str, Any], at_ms: int, depth: int, typed: _Typed) -> None:
    """Count an object and what is in it."""
    shape = (prefix, *members, *map(typed, members.values()))
    tally = shapes.get(shape)
    if tally is None:
        tally = shapes[shape] = _Tally(1, at_ms, at_ms, _inner(prefix, members, depth))
    else:
        tally.count += 1
        if at_ms != tally.last_ms:
            _came(tally, at_ms)
    for name, inside in tally.inner:
        value = members[name]
        if type(value) is dict:
            _look(shapes, inside, value, at_ms, depth + 1, typed)
        elif len(value) == 1 and type(value[0]) is dict and depth < limits.processing.SCHEMA_DEPTH_MAX - 1:
            _look(shapes, inside, value[0], at_ms, depth + 2, typed)
        elif value:
            _look_through(shapes, inside, value, at_ms, depth + 1, typed)


def _inner(prefix: str, members: dict[str, Any], depth: int) -> tuple[tuple[str, str], ...]:
    if depth == limits.processing.SCHEMA_DEPTH_MAX:
        return ()
    prefixes = [
        (name, prefix + schema.escaped(name) + ("." if type(value) is dict else _IN_ARRAY))
        for name, value in members.items()
        if type(value) in _CONTAINERS
    ]
    return tuple(
        (name, inside) for name, inside in prefixes if len(inside) <= limits.processing.SCHEMA_NAME_CHARS_MAX
    )


def _look_through(shapes: _Shapes, inside: str, items: list[Any], at_ms: int, depth: int, typed: _Typed) -> None:
    """Count what an array holds. An object in it is counted by its own shape, unless it lies too deep."""
    is_looked_into = depth < limits.processing.SCHEMA_DEPTH_MAX
    rest = [item for item in items if type(item) is not dict] if is_looked_into else items
    for found, count in Counter(map(typed, rest)).items():
        _count(shapes, (inside[:-1], found), count, at_ms)
    if is_looked_into:
        for item in items:
            if type(item) is dict:
                _look(shapes, inside, item, at_ms, depth + 1, typed)
            elif type(item) is list and item:
                _look_through(shapes, inside + "$.", item, at_ms, depth + 1, typed)


def _count(shapes: _Shapes, shape: _Shape, count: int, at_ms: int) -> None:
    tally = shapes.get(shape)
    if tally is None:
        shapes[shape] = _Tally(count, at_ms, at_ms)
    else:
        tally.count += count
        if at_ms != tally.last_ms:
            _came(tally, at_ms)


def _came(tally: _Tally, at_ms: int) -> None:
    if at_ms > tally.last_ms:
        tally.last_ms = at_ms
    elif at_ms < tally.first_ms:
        tally.first_ms = at_ms


class _Book:
    """The rows this batch touches."""

    def __init__(self, effects: Effects) -> None:
        self._effects = effects
        self._sources: dict[str, SeenSource] = {}
        self._events: dict[EventKey, SeenEvent | None] = {}

    def fold(self, kinds: _Kinds) -> None:
        """Add what was counted, in the order in which it first came."""
        found = {
            EventKey(source, call or "", name or ""): of_kind for (source, call, name), of_kind in kinds.items()
        }
        self._read(list(found))
        all_shapes = [
            (tally.turn, key, shape, tally) for key, shapes in found.items() for shape, tally in shapes.items()
        ]
        for _, key, shape, tally in sorted(all_shapes, key=_TURN):
            source, event = self._sources[key.source], self._events[key]
            if event is None:
                if key.name and (
                    source.events >= limits.processing.SCHEMA_EVENTS_MAX
                    or len(key.name) > limits.processing.SCHEMA_NAME_CHARS_MAX
                ):
                    if not shape[0]:
                        source.events_overflow += tally.count
                    continue
                event = self._events[key] = SeenEvent(tally.first_ms, tally.first_ms)
                source.events += 1
            _fold(shape, tally, event, source)

    def _read(self, wanted: list[EventKey]) -> None:
        keys = [key for key in wanted if key not in self._events]
        sources = list({key.source: None for key in keys if key.source not in self._sources})
        rows = self._effects.read(schema.TABLE, [*map(schema.event_key, keys), *map(schema.source_key, sources)])
        for key, row in zip(keys, rows, strict=False):
            self._events[key] = schema.decode_event(row) if row else None
        for source, row in zip(sources, rows[len(keys) :], strict=True):
            self._sources[source] = schema.decode_source(row) if row else SeenSource()

    def write(self) -> None:
        changes = self._effects.changes.setdefault(schema.TABLE, {})
        changes.update(
            (schema.event_key(key), schema.encode_row(event)) for key, event in self._events.items() if event
        )
        changes.update(
            (schema.source_key(name), schema.encode_row(source)) for name, source in self._sources.items()
        )


def _fold(shape: _Shape, tally: _Tally, event: SeenEvent, source: SeenSource) -> None:
    prefix = shape[0]
    if not prefix:
        event.volume += tally.count
        event.first_ms = min(event.first_ms, tally.first_ms)
        event.last_ms = max(event.last_ms, tally.last_ms)
    if shape == _UNREADABLE:
        event.unreadable += tally.count
        source.unreadable += tally.count
    elif len(shape) == 2:
        _add(event, source, prefix, shape[1], tally)
    else:
        if prefix.endswith(_IN_ARRAY):
            _add(event, source, prefix[:-1], dict, tally)
        middle = len(shape) // 2 + 1
        for name, found in zip(shape[1:middle], shape[middle:], strict=True):
            _add(event, source, prefix + schema.escaped(name), found, tally)


def _add(event: SeenEvent, source: SeenSource, path: str, found: type, tally: _Tally) -> None:
    count, first_ms, last_ms = tally.count, tally.first_ms, tally.last_ms
    seen = event.properties.get(path)
    if seen is None:
        if (
            len(event.properties) >= limits.processing.SCHEMA_PROPERTIES_MAX
            or source.properties >= limits.processing.SCHEMA_SOURCE_PROPERTIES_MAX
            or len(path) > limits.processing.SCHEMA_NAME_CHARS_MAX
        ):
            event.overflow += count
            source.properties_overflow += count
            return
        seen = event.properties[path] = SeenProperty(first_ms, last_ms, [0] * len(schema.TYPES))
        source.properties += 1
    seen.counts[_INDEX[found]] += count
    if found is _DateTime:
        seen.counts[schema.DATE_TIME] += count
    seen.first_ms = min(seen.first_ms, first_ms)
    seen.last_ms = max(seen.last_ms, last_ms)


STAGE: Final = Stage("discover", discover, bury_event("discover"), quiet="noted in the schema of its source")
