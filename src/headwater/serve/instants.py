"""Instants as people ask for them: `24h` ago, or ISO 8601."""

import re
from datetime import UTC, datetime
from typing import Final

from headwater.errors import InputError
from headwater.processing import timestamps
from headwater.units import DAY_MS, HOUR_MS

_UNITS_MS: Final = {"h": HOUR_MS, "d": DAY_MS}
_AGO: Final = re.compile(r"([0-9]{1,7})([hd])")


def now_ms() -> int:
    return int(datetime.now(UTC).timestamp() * 1000)


def aware(at_ms: int) -> datetime:
    """The instant, in UTC, as an answer has it."""
    return datetime.fromtimestamp(at_ms / 1000, UTC)


def instant_ms(text: str, at_ms: int, *, field: str = "since") -> int:
    """What `24h`, asked at `at_ms`, or an ISO 8601 instant names. `field` is what an error names."""
    if ago := _AGO.fullmatch(text):
        return at_ms - int(ago[1]) * _UNITS_MS[ago[2]]
    instant = timestamps.read(text)
    if instant is None:
        raise InputError(
            "invalid_instant",
            f"{field} must be `1h`, `24h`, `7d`, … ago or an ISO 8601 instant, as in 2026-01-31T12:00:00Z",
            field=field,
        )
    return instant[0]
