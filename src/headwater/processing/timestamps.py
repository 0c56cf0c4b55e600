"""Instants as SDKs write them, to Unix milliseconds and back (spec 1.7)."""

import re
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache
from typing import Final

MIN_MS: Final = -62_135_596_800_000
MAX_MS: Final = 253_402_300_799_999
"""0001-01-01 and the last millisecond of 9999: what RFC 3339 can write."""

FLOAT_EXACT_S: Final = 4_000_000_000
"""Until the year 2096 a float of seconds tells microseconds apart; beyond, exact arithmetic is used."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)

_SLOPPY: Final = re.compile(
    r"\s*(\d{4})-(\d{1,2})-(\d{1,2})"
    r"(?:[Tt ]+(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:[.,](\d{1,18}))?)?)?"
    r"\s*(?:([Zz]|UTC|GMT)|([+-])(\d{2}):?(\d{2})?)?\s*",
    re.ASCII,
)
"""One-digit months and days (a sample of Segment's docs has them), a comma, nanoseconds, odd white space."""

EPOCH_SECONDS_MAX: Final = 100_000_000_000
"""Numbers below this (the year 5138) are seconds since 1970, others milliseconds."""


def read(text: str) -> tuple[int, str] | None:
    """(Unix milliseconds, RFC 3339 text with milliseconds) of an instant as SDKs write it; fractions are cut.

    None for what is no instant or lies outside MIN_MS … MAX_MS. Without an offset it is UTC.
    """
    # First the two ways in which nearly all SDKs write it: …:45.678Z and …:45.678901+00:00.
    if text[23:] == "Z":
        fraction = text[20:23]
    elif text[26:] == "+00:00":
        fraction = text[20:26]
    else:
        return _read_any(text)
    second_ms = _second_ms(text[:20])
    if second_ms is None or not (fraction.isdecimal() and fraction.isascii()):
        return _read_any(text)
    return second_ms + int(fraction[:3]), text[:23] + "Z"


@lru_cache(maxsize=4096)
def _second_ms(text: str) -> int | None:
    """Of `2026-01-02T03:04:05.`, written just so; None otherwise."""
    try:
        moment = datetime.fromisoformat(text[:19]).replace(tzinfo=UTC)
    except ValueError:
        return None
    second_ms = (moment - _EPOCH) // _MILLISECOND
    return second_ms if render(second_ms)[:20] == text else None


def _read_any(text: str) -> tuple[int, str] | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        sloppy = _read_sloppy(text)
        if sloppy is None:
            return None
        moment, text = sloppy, ""
    zone = moment.tzinfo
    if zone is None:
        moment = moment.replace(tzinfo=UTC)
    second = moment.timestamp()
    if 0 < second < FLOAT_EXACT_S:
        moment_ms = int(second * 1000 + 0.0005)  # half a microsecond, so that .678 s stays 678 ms
    else:
        moment_ms = (moment - _EPOCH) // _MILLISECOND
        if not MIN_MS <= moment_ms <= MAX_MS:
            return None
    return moment_ms, render(moment_ms)


def _read_sloppy(text: str) -> datetime | None:
    match = _SLOPPY.fullmatch(text)
    if not match:
        return None
    year, month, day, hour, minute, second, fraction, _utc, sign, offset_h, offset_m = match.groups()
    offset = timedelta(hours=int(offset_h or 0), minutes=int(offset_m or 0))
    try:
        return datetime(
            int(year),
            int(month),
            int(day),
            int(hour or 0),
            int(minute or 0),
            int(second or 0),
            int(((fraction or "") + "000000")[:6]),
            tzinfo=timezone(-offset if sign == "-" else offset),
        )
    except ValueError:
        return None


def from_number(number: float) -> int | None:
    """An instant given as a number: seconds or milliseconds since 1970, whichever is plausible."""
    try:
        moment_ms = int(number * 1000) if abs(number) < EPOCH_SECONDS_MAX else int(number)
    except (OverflowError, ValueError):
        return None
    return moment_ms if MIN_MS <= moment_ms <= MAX_MS else None


def render(moment_ms: int) -> str:
    """RFC 3339, UTC, milliseconds: `2026-01-02T03:04:05.678Z`. Needs MIN_MS ≤ moment_ms ≤ MAX_MS."""
    return _render_second(moment_ms // 1000) + _FRACTIONS[moment_ms % 1000]


_FRACTIONS: Final = tuple(f".{milliseconds:03d}Z" for milliseconds in range(1000))


@lru_cache(maxsize=4096)
def _render_second(second: int) -> str:
    # Events come in order of time, roughly: the same few seconds again and again.
    return (_EPOCH + timedelta(seconds=second)).isoformat()[:19]


def corrected(received_ms: int, sent_ms: int | None, original_ms: int | None) -> int:
    """When it happened, by our clock: the client's clock is off by as much as its `sentAt` is."""
    if original_ms is None:
        return received_ms
    if sent_ms is None:
        return original_ms
    moment_ms = received_ms - (sent_ms - original_ms)
    return moment_ms if MIN_MS <= moment_ms <= MAX_MS else received_ms
