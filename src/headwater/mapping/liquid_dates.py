"""The filter `date` of `@liquid`."""

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Final

from headwater.mapping.javascript import number_to_string
from headwater.mapping.liquid_values import Costs, LiquidError, is_nothing, paid

_NOW: Final = ("now", "today")
_SECONDS: Final = re.compile(r"-?[0-9]{1,12}(?:\.[0-9]{1,9})?")
_FORMAT: Final = re.compile(r"%[-_0^#:]*(?P<width>[0-9]*)(?P<letter>[A-Za-z%])")
_WIDTH_CHARS_MAX: Final = 2
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def date(costs: Costs, value: Any, form: Any = "%A, %B %-e, %Y at %-l:%M %P %z") -> Any:
    """In UTC. `now` is when the event was received: a retry says the same."""
    at = _instant(costs, value)
    if at is None:
        return "" if is_nothing(value) else value

    def part(directive: "re.Match[str]") -> str:
        letter = directive["letter"]
        if len(directive["width"]) > _WIDTH_CHARS_MAX:
            raise LiquidError("`date` pads to 99 characters at most")
        if letter == "L":
            return f"{at.microsecond // 1000:03d}"
        if letter == "N":
            return f"{at.microsecond:06d}000"
        if letter == "q":
            return "th" if 11 <= at.day <= 13 else {1: "st", 2: "nd", 3: "rd"}.get(at.day % 10, "th")
        if letter == "s":
            return str(int((at - _EPOCH).total_seconds()))
        return at.strftime(directive[0])

    return paid(costs, _FORMAT.sub(part, costs.text(form)))


def _instant(costs: Costs, value: Any) -> datetime | None:
    if value.__class__ is str and value in _NOW:
        value = next((costs.event[key] for key in ("receivedAt", "timestamp") if costs.event.get(key)), None)
    text = number_to_string(value) if value.__class__ in (int, float) else value
    if text.__class__ is not str:
        return None
    try:
        if _SECONDS.fullmatch(text):
            return _EPOCH + timedelta(seconds=float(text))
        return _in_utc(datetime.fromisoformat(text))
    except (ValueError, OverflowError):
        pass
    try:
        return _in_utc(parsedate_to_datetime(text))
    except (ValueError, OverflowError, TypeError, IndexError):
        return None


def _in_utc(at: datetime) -> datetime:
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
