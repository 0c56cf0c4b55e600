"""Instants of payloads as the numbers that APIs want."""

from datetime import UTC, datetime
from typing import Any


def unix_ms(instant: Any) -> int | None:
    """Unix milliseconds of ISO 8601 (UTC where it says no zone), or of a number of seconds or milliseconds.
    None if it is no instant.

    >>> unix_ms("2026-01-01T00:00:00.250Z")
    1767225600250
    >>> unix_ms(1767225600), unix_ms("1767225600250")
    (1767225600000, 1767225600250)
    >>> unix_ms("yesterday")
    """
    if isinstance(instant, str):
        text = instant.strip()
        try:
            at = datetime.fromisoformat(text)
        except ValueError:
            return _of_number(text)
        if not text.isdigit():
            return round((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() * 1000)
    return _of_number(instant)


def unix_s(instant: Any) -> int | None:
    """Whole Unix seconds, as `unix_ms`.

    >>> unix_s("2026-01-01T00:00:00.750Z")
    1767225600
    """
    at_ms = unix_ms(instant)
    return None if at_ms is None else at_ms // 1000


def _of_number(value: Any) -> int | None:
    try:
        number = float(value)
        return round(number if abs(number) >= 1e11 else number * 1000)
    except (TypeError, ValueError, OverflowError):
        return None
