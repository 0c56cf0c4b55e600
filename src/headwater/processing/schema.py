r"""The schema of a source: the events, properties and traits it has sent, and their types. Names, never values.

It is kept in the state table `schema`: a row for each source, and one for each of its events. Properties inside
objects have dotted paths, `address.city`; what an array holds is `products.$`, its members `products.$.price`. A
dot in a name is written `\.`, a backslash `\\`, and a property that is called `$` is `\$`.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

import msgspec

from headwater.state.port import Changes, State

TABLE: Final = "schema"

TYPES: Final = ("string", "integer", "number", "boolean", "object", "array", "null", "date-time")
"""Of values, in the order of `SeenProperty.counts`. A date-time is a string as well, and counted as both."""

DATE_TIME: Final = TYPES.index("date-time")

_ESCAPE: Final = re.compile(r"\\(.)", re.DOTALL)

_SOURCE: Final = b"s\0"
_EVENT: Final = b"e\0"


class EventKey(NamedTuple):
    source: str
    call: str
    name: str
    """Of a track event, a page or a screen; empty for the other calls."""


class SeenProperty(msgspec.Struct, array_like=True):
    """Instants are Unix milliseconds, by the time of receipt."""

    first_ms: int
    last_ms: int
    counts: list[int]
    """How many values of each of TYPES."""

    @property
    def total(self) -> int:
        return sum(self.counts[:DATE_TIME])


class SeenEvent(msgspec.Struct, array_like=True):
    first_ms: int
    last_ms: int
    volume: int = 0
    unreadable: int = 0
    """Of these, how many hold what Python has no value for; nothing is known of their properties."""
    overflow: int = 0
    """How often a property was seen that is not listed, because there were enough or its name was too long."""
    properties: dict[str, SeenProperty] = msgspec.field(default_factory=dict)
    """By path, in the order of their first appearance."""


class SeenSource(msgspec.Struct, array_like=True):
    events: int = 0
    properties: int = 0
    """Of all its events together."""
    events_overflow: int = 0
    """Events that are not listed, because there were enough names or theirs was too long."""
    properties_overflow: int = 0
    unreadable: int = 0


encode_row = msgspec.msgpack.Encoder().encode
decode_event = msgspec.msgpack.Decoder(SeenEvent).decode
decode_source = msgspec.msgpack.Decoder(SeenSource).decode


def source_key(source: str) -> bytes:
    return _SOURCE + source.encode()


def event_key(event: EventKey) -> bytes:
    return _EVENT + b"\0".join(part.encode() for part in event)


def event_of(key: bytes) -> EventKey:
    source, call, name = key[len(_EVENT) :].split(b"\0", 2)
    return EventKey(source.decode(), call.decode(), name.decode())


def events(state: State, source: str | None = None) -> Iterator[tuple[EventKey, bytes]]:
    """Each event of a source with its undecoded row, by call and name; of all sources, one after the other."""
    for key, row in state.scan(TABLE, _EVENT if source is None else _EVENT + source.encode() + b"\0"):
        yield event_of(key), row


def source_row(state: State, source: str) -> SeenSource:
    (row,) = state.get_many(TABLE, [source_key(source)])
    return decode_source(row) if row else SeenSource()


def escaped(name: str) -> str:
    """A name as a part of a path."""
    if name == "$":
        return r"\$"
    return name.replace("\\", r"\\").replace(".", r"\.") if "." in name or "\\" in name else name


def split(path: str) -> tuple[str, ...]:
    r"""The parts of a path, escaped as they are: `$` is an array's content, `\$` a property of that name."""
    parts, part, is_escape = [], "", False
    for char in path:
        if char == "." and not is_escape:
            parts.append(part)
            part = ""
        else:
            part += char
        is_escape = char == "\\" and not is_escape
    return (*parts, part)


def plain(part: str) -> str:
    """The name that a part of a path stands for."""
    return _ESCAPE.sub(r"\1", part) if "\\" in part else part


class Sizes:
    """How much of each source is known, for metrics: what the state holds, kept up to date by its commits."""

    def __init__(self, state: State) -> None:
        self._sizes = {key[len(_SOURCE) :].decode(): decode_source(row) for key, row in state.scan(TABLE, _SOURCE)}

    def __call__(self) -> Mapping[str, SeenSource]:
        return dict(self._sizes)

    def committed(self, changes: Changes) -> None:
        for key, row in changes.get(TABLE, {}).items():
            if row is not None and key.startswith(_SOURCE):
                self._sizes[key[len(_SOURCE) :].decode()] = decode_source(row)
