"""Events per source and outcome, in all and by the hour, kept in the state table `counters`: exact across crashes.

An hour is that of the log: of the newest request of the batch in which they were counted.
"""

import struct
from collections import Counter
from collections.abc import Mapping
from typing import NamedTuple

from headwater import limits
from headwater.state.port import Changes, State
from headwater.units import HOUR_MS

TABLE = "counters"


_COUNT = struct.Struct(">Q")
_HOUR = struct.Struct(">I")
_PREFIX = b"events\0"
_HOURS = b"hours\0"


class HourCount(NamedTuple):
    hour_ms: int
    """When it began, Unix milliseconds."""
    source: str
    outcome: str
    events: int


class Totals:
    def __init__(self, state: State) -> None:
        self._state = state
        self._totals: Counter[tuple[str, str]] = Counter(read(state))
        self._tidied_hour = 0

    def __call__(self) -> Mapping[tuple[str, str], int]:
        return dict(self._totals)

    def changes(self, counts: Mapping[tuple[str, str], int], *, at_ms: int) -> Changes:
        """The rows that a commit of these counts writes. `at_ms`: when they happened; 0: nobody knows, so they
        belong to no hour.
        """
        rows: dict[bytes, bytes | None] = {
            _key(what): _COUNT.pack(self._totals[what] + count) for what, count in counts.items()
        }
        if counts and at_ms > 0:
            hour = at_ms // HOUR_MS
            keys = [_hour_key(hour) + _named(what) for what in counts]
            before = self._state.get_many(TABLE, keys)
            for key, row, count in zip(keys, before, counts.values(), strict=True):
                rows[key] = _COUNT.pack(count + (0 if row is None else _COUNT.unpack(row)[0]))
            rows |= self._outlived(hour)
        return {TABLE: rows}

    def counted(self, counts: Mapping[tuple[str, str], int]) -> None:
        """The commit went through."""
        self._totals.update(counts)

    def _outlived(self, hour: int) -> dict[bytes, None]:
        """Deletions of what is too old, looked for once an hour."""
        if hour <= self._tidied_hour:
            return {}
        self._tidied_hour = hour
        oldest = _hour_key(max(0, hour - limits.processing.EVENT_HOURS_KEPT))
        outlived: dict[bytes, None] = {}
        for key, _ in self._state.scan(TABLE, _HOURS):
            if key >= oldest:
                break
            outlived[key] = None
        return outlived


def read(state: State) -> dict[tuple[str, str], int]:
    """(source, outcome) → events, as last committed."""
    found = {}
    for key, value in state.scan(TABLE, _PREFIX):
        source, outcome = key[len(_PREFIX) :].split(b"\0")
        found[source.decode(), outcome.decode()] = int(_COUNT.unpack(value)[0])
    return found


def read_hours(state: State, *, from_ms: int) -> list[HourCount]:
    """In order, from the hour in which this instant lies on."""
    found = []
    for key, value in state.scan(TABLE, _HOURS, start=_hour_key(max(0, from_ms) // HOUR_MS)):
        hour = int(_HOUR.unpack_from(key, len(_HOURS))[0])
        source, outcome = key[len(_HOURS) + _HOUR.size :].split(b"\0")
        found.append(HourCount(hour * HOUR_MS, source.decode(), outcome.decode(), int(_COUNT.unpack(value)[0])))
    return found


def _key(what: tuple[str, str]) -> bytes:
    return _PREFIX + _named(what)


def _hour_key(hour: int) -> bytes:
    return _HOURS + _HOUR.pack(hour)


def _named(what: tuple[str, str]) -> bytes:
    source, outcome = what
    return source.encode() + b"\0" + outcome.encode()
