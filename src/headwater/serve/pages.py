"""Lists in pages: `{"data": [...], "next": cursor or null}`."""

from collections.abc import Callable, Sequence
from typing import Annotated, Final, Generic, TypeVar

import msgspec
from litestar.params import Parameter

from headwater.errors import InputError

PAGE_DEFAULT: Final = 50
PAGE_MAX: Final = 1_000

Limit = Annotated[int, Parameter(ge=1, le=PAGE_MAX, description="At most so many items.")]
Cursor = Annotated[str | None, Parameter(description="`next` of the page before.")]

Item = TypeVar("Item")


class Page(msgspec.Struct, Generic[Item], frozen=True):
    data: list[Item]
    next: str | None = None
    """Send it as `cursor` for the page after this one; null: this was the last."""


def page(items: Sequence[Item], key: Callable[[Item], str], *, limit: int, cursor: str | None) -> Page[Item]:
    """The items after the one whose key is `cursor`. InputError when there is none: the list has changed."""
    start = 0
    if cursor is not None:
        keys = [key(item) for item in items]
        if cursor not in keys:
            raise _foreign()
        start = keys.index(cursor) + 1
    shown = list(items[start : start + limit])
    return Page(shown, key(shown[-1]) if shown and start + limit < len(items) else None)


def place(cursor: str | None, *, numbers: int) -> tuple[int, ...] | None:
    """The place in a list that is too long to be looked through, as its cursor says it: so many numbers.

    >>> place("1795000000000-12", numbers=2), place(None, numbers=1)
    ((1795000000000, 12), None)
    """
    if cursor is None:
        return None
    parts = cursor.split("-")
    if len(parts) != numbers or not all(part.isascii() and part.isdigit() and len(part) < 19 for part in parts):
        raise _foreign()
    return tuple(map(int, parts))


def _foreign() -> InputError:
    return InputError("invalid_cursor", "the cursor is not of this list, or no longer: start over", field="cursor")
