"""Violations as they are counted: two state tables, written by govern, read by those who ask.

`violations` has a row for each distinct violation (plan, source, call, event, field, type), with counts by hour.
`violation_samples` has the newest events that showed it. Samples hold personal data: each row says whose, in
`user_id` and `anonymous_id`, so whoever erases a person scans the table for them. Both tables expire: what has not
been seen for limits.govern.VIOLATIONS_KEPT_S goes by itself.
"""

from collections.abc import Iterator
from hashlib import blake2b
from typing import Final

import msgspec

from headwater import limits
from headwater.state.port import State
from headwater.units import HOUR_MS

TABLE: Final = "violations"
SAMPLES: Final = "violation_samples"

KEPT_S: Final = {TABLE: limits.govern.VIOLATIONS_KEPT_S, SAMPLES: limits.govern.VIOLATIONS_KEPT_S}


KEY_CHARS_MAX: Final = 200
"""Of each part of a key; names that are longer are cut."""

_SEPARATOR: Final = "\0"
_OVERFLOW: Final = b"\0overflow\0"


class Counted(msgspec.Struct, array_like=True):
    """One distinct violation. Instants are Unix milliseconds, by the time of receipt."""

    plan: str
    source: str
    call: str
    event: str
    """The name of a track event, page or screen."""
    field: str
    """With `$` for every index."""
    type: str
    description: str
    """Of the newest one."""
    first_ms: int
    last_ms: int
    total: int = 0
    hours: dict[int, int] = {}
    """Hours since 1970 → events, for the last limits.govern.VIOLATION_HOURS."""

    def within(self, hours: int, now_ms: int) -> int:
        """Events in so many hours before now. Clock hours are counted whole, also the one that has only partly
        passed since then: too many rather than none right after the hour.
        """
        first = now_ms // HOUR_MS - hours
        return sum(count for hour, count in self.hours.items() if hour >= first)


class Sample(msgspec.Struct, array_like=True, frozen=True):
    """An event that showed a violation, as it was before anything was left out of it."""

    message_id: str
    user_id: str
    anonymous_id: str
    source: str
    received_at_ms: int
    payload: bytes
    """JSON, cut off after limits.govern.VIOLATION_SAMPLE_BYTES_MAX."""


class Keys(msgspec.Struct, array_like=True):
    """How many distinct violations a source has in one generation of the state."""

    generation: int = 0
    count: int = 0
    overflow: int = 0
    """Those beyond limits.govern.VIOLATION_KEYS_MAX distinct ones: written on their events, only counted here."""


encode = msgspec.msgpack.Encoder().encode
decode_counted = msgspec.msgpack.Decoder(Counted).decode
decode_sample = msgspec.msgpack.Decoder(Sample).decode
decode_keys = msgspec.msgpack.Decoder(Keys).decode


def key(plan: str, source: str, call: str, event: str, field: str, type_: str) -> bytes:
    parts = (part.replace(_SEPARATOR, " ")[:KEY_CHARS_MAX] for part in (plan, source, call, event, field, type_))
    return _SEPARATOR.join(parts).encode(errors="replace")


def sample_prefix(counted_key: bytes) -> bytes:
    return blake2b(counted_key, digest_size=16).digest()


def overflow_key(source: str) -> bytes:
    return _OVERFLOW + source.encode()


def counted(state: State, plan: str, source: str = "") -> Iterator[tuple[bytes, Counted]]:
    """The distinct violations of a plan, or of one source under it, in the order of their keys."""
    prefix = plan + _SEPARATOR + (source + _SEPARATOR if source else "")
    for found, row in state.scan(TABLE, prefix.encode()):
        yield found, decode_counted(row)


def samples(state: State, counted_key: bytes) -> list[Sample]:
    """Newest first."""
    rows = (decode_sample(row) for _, row in state.scan(SAMPLES, sample_prefix(counted_key)))
    return sorted(rows, key=lambda sample: -sample.received_at_ms)[: limits.govern.VIOLATION_SAMPLES]


def overflow(state: State) -> dict[str, int]:
    """Source → violations that were too many to be counted apart, in its newest generation."""
    rows = state.scan(TABLE, _OVERFLOW)
    return {found[len(_OVERFLOW) :].decode(): decode_keys(row).overflow for found, row in rows}
