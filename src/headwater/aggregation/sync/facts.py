"""What the decision table asks about a change: the kind of it, and who had the value before a merge."""

from typing import Any

from headwater.aggregation.changes import Change, Reason
from headwater.aggregation.sync.paths import Kind, Sides


def kind_of(change: Change, *, is_audience: bool) -> tuple[Kind, Sides]:
    """Of a merge, by what the profiles had that became one: what one of them was not told is news."""
    before = change.before if change.reason is Reason.PROFILE_MERGED and change.before else (change.previous,)
    had = [_is_there(value, is_audience=is_audience) for value in before]
    sides = Sides.ALL if all(had) else Sides.SOME if any(had) else Sides.NEITHER
    if _is_there(change.value, is_audience=is_audience):
        if all(had) and (is_audience or all(_equal(value, change.value) for value in before)):
            return Kind.SAME, sides
        return Kind.ENTERED if is_audience else Kind.VALUE_SET, sides
    if any(had):
        return Kind.EXITED if is_audience else Kind.VALUE_REMOVED, sides
    return Kind.ABSENT, sides


def _is_there(value: Any, *, is_audience: bool) -> bool:
    return value is True if is_audience else value is not None


def _equal(one: Any, other: Any) -> bool:
    return isinstance(one, bool) == isinstance(other, bool) and bool(one == other)
