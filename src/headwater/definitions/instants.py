"""Instants as text: what counts as one in a trait, a property or a definition."""

import re
from datetime import UTC, datetime
from typing import Final

from headwater.units import DAY_MS

_INSTANT: Final = re.compile(
    r"\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d))?\Z", re.ASCII
)


def instant_ms(text: str) -> int | None:
    """Unix milliseconds of an ISO 8601 instant with a time zone, or of a date at midnight UTC; None: it is
    neither. Of a finer instant, the millisecond it falls into.

    >>> instant_ms("2026-01-02"), instant_ms("2026-01-02T00:00:00.0019+01:00"), instant_ms("2026-01-02T00:00:00")
    (1767312000000, 1767308400001, None)
    """
    if not _INSTANT.match(text):
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:  # the 30th of February
        return None
    if found.tzinfo is None:
        found = found.replace(tzinfo=UTC)
    since = found - _EPOCH
    return since.days * DAY_MS + since.seconds * 1_000 + since.microseconds // 1_000


_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
