"""Durations, which people write with a unit and everybody else has in milliseconds."""

import re
from typing import Final

from headwater import limits
from headwater.errors import nearest
from headwater.units import DAY_MS, HOUR_MS, MINUTE_MS

_UNITS: Final = {
    "day": ("d", DAY_MS),
    "hour": ("h", HOUR_MS),
    "minute": ("m", MINUTE_MS),
    "second": ("s", 1_000),
    "millisecond": ("ms", 1),
}
"""Word → abbreviation and size, as they are printed: the largest that leaves nothing over."""

UNITS_MS: Final = {
    name: size
    for word, (short, size) in {**_UNITS, "week": ("w", 7 * DAY_MS)}.items()
    for name in (word, f"{word}s", short)
}
"""What may be written."""

_WRITTEN: Final = re.compile(r"(\d{1,15}) ?([A-Za-z]+)\Z", re.ASCII)


def parse_duration(text: str) -> int:
    """Milliseconds. ValueError says what is wrong.

    >>> parse_duration("90d"), parse_duration("12 hours")
    (7776000000, 43200000)
    """
    match = _WRITTEN.match(text)
    if match is None:
        raise ValueError(f"{text!r} is no duration; expected a whole number and a unit, as in 30d or 12h")
    if match[2] not in UNITS_MS:
        raise ValueError(f"no unit {match[2]!r}; {nearest(match[2], UNITS_MS)}")
    return int(match[1]) * UNITS_MS[match[2]]


def render_duration(ms: int) -> str:
    """`90d`: what `parse_duration` reads."""
    _, short, count = _units_of(ms)
    return f"{count}{short}"


def render_in_words(ms: int) -> str:
    """`90 days`: as the query language has it."""
    word, _, count = _units_of(ms)
    return f"{count} {word}{'' if count == 1 else 's'}"


def _units_of(ms: int) -> tuple[str, str, int]:
    word, (short, size) = next(unit for unit in _UNITS.items() if ms % unit[1][1] == 0)
    return word, short, ms // size


def window_mistake(ms: int) -> str:
    """What is wrong with so long a window; empty: nothing."""
    if ms <= 0:
        return "a window of 0 holds no event; leave it out for events of all times"
    if ms > limits.definitions.WINDOW_MS_MAX:
        days = limits.definitions.WINDOW_MS_MAX // DAY_MS
        return f"a window has at most {days:,} days (ten years); leave it out for events of all times"
    return ""


def between_mistake(newest_ms: int, oldest_ms: int) -> str:
    """What is wrong with a window that begins and ends in the past; empty: nothing."""
    if newest_ms < 0 or newest_ms >= oldest_ms:
        return "the first is when the window ends, the second, which must be longer ago, when it begins"
    return window_mistake(oldest_ms)
