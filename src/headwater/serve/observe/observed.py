"""What all sources have sent, by name and volume: what lists of sources show, and what editors propose.

It is read from the schema of each source (`processing.schema`), which takes a tenth of a second for a hundred
thousand names. So it is kept for a while, the longer the more there is.
"""

import time
from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

import msgspec

from headwater.processing import schema
from headwater.processing.schema import SeenEvent
from headwater.state.port import State

KEPT_S: Final = 2.0
"""People who write look at it for seconds; somebody who waits for a new event sees it after this."""

KEPT_PER_COST: Final = 20
"""Or so many times as long as it took, so that it never takes more than a twentieth of a thread."""


class _Head(msgspec.Struct, array_like=True):
    """The beginning of a SeenEvent: what comes after it is skipped, and is most of it."""

    first_ms: int
    last_ms: int
    volume: int = 0


_decode_head = msgspec.msgpack.Decoder(_Head).decode


class SeenName(NamedTuple):
    """An event of a name, or a call, over all sources."""

    call: str
    name: str
    volume: int
    last_ms: int
    sources: tuple[str, ...]


class SeenBySource(NamedTuple):
    names: int
    volume: int
    last_ms: int


class Observed(NamedTuple):
    names: tuple[SeenName, ...]
    """Most frequent first."""
    sources: Mapping[str, SeenBySource]


NOTHING: Final = Observed((), {})


class Observation:
    """What was observed lately. For one thread at a time."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._found = NOTHING
        self._good_until = 0.0

    def look(self, state: State | None) -> Observed:
        """None: no pipeline has run yet."""
        if state is None:
            return NOTHING
        began = self._clock()
        if began >= self._good_until:
            self._found = observed(state)
            ended = self._clock()
            self._good_until = ended + max(KEPT_S, KEPT_PER_COST * (ended - began))
        return self._found


def observed(state: State) -> Observed:
    names: dict[tuple[str, str], SeenName] = {}
    sources: dict[str, SeenBySource] = {}
    for event, row in schema.events(state):
        head = _decode_head(row)
        before = names.get((event.call, event.name), SeenName(event.call, event.name, 0, 0, ()))
        names[event.call, event.name] = before._replace(
            volume=before.volume + head.volume,
            last_ms=max(before.last_ms, head.last_ms),
            sources=(*before.sources, event.source),
        )
        of = sources.get(event.source, SeenBySource(0, 0, 0))
        sources[event.source] = SeenBySource(of.names + 1, of.volume + head.volume, max(of.last_ms, head.last_ms))
    return Observed(tuple(sorted(names.values(), key=lambda name: -name.volume)), sources)


class SeenPath(NamedTuple):
    """A property, or a trait, over all sources and events it was looked for in."""

    path: str
    types: Mapping[str, int]
    """How many values of each type; a `date-time` is a `string` as well."""

    @property
    def seen(self) -> int:
        return sum(count for type_, count in self.types.items() if type_ != "date-time")


def paths(state: State, names: tuple[SeenName, ...]) -> list[SeenPath]:
    """The properties of these events (traits, of identify and group), most frequent first."""
    keys = [
        schema.event_key(schema.EventKey(source, name.call, name.name))
        for name in names
        for source in name.sources
    ]
    counts: dict[str, list[int]] = {}
    for row in state.get_many(schema.TABLE, keys):
        seen = schema.decode_event(row) if row else SeenEvent(0, 0)
        for path, found in seen.properties.items():
            counts[path] = [
                a + b for a, b in zip(counts.get(path, [0] * len(found.counts)), found.counts, strict=True)
            ]
    found_paths = [
        SeenPath(path, {type_: n for type_, n in zip(schema.TYPES, each, strict=True) if n})
        for path, each in counts.items()
    ]
    return sorted(found_paths, key=lambda found: -found.seen)
