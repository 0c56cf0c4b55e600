"""Versions of an event as values, and the difference between two of them, path by path."""

from collections.abc import Iterator
from typing import Any, Final

import msgspec
from msgspec import UNSET

CHANGES_MAX: Final = 200

LEVELS_MAX: Final = 64
"""Levels of an unreadable event that are looked into: each is decoded again, and costs some stack."""

_members = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode


class Change(msgspec.Struct, frozen=True):
    path: str
    before: Any = UNSET
    """Left out: it was not there."""
    after: Any = UNSET
    """Left out: it is gone."""


def readable(raw: bytes | msgspec.Raw, levels: int = LEVELS_MAX) -> Any:
    """JSON as a value. What no value can hold (a number like 1e999, brackets a thousand deep) stands as the text
    that was sent, and so does a list with such a thing in it.

    >>> readable(b'{"a": {"b": 1e999, "c": 2}}')
    {'a': {'b': '1e999', 'c': 2}}
    """
    try:
        return msgspec.json.decode(raw)
    except (msgspec.MsgspecError, RecursionError):
        pass
    try:
        if levels:
            return {name: readable(value, levels - 1) for name, value in _members(raw).items()}
    except (msgspec.MsgspecError, RecursionError):
        pass
    return bytes(raw).decode(errors="replace")


def changes(before: Any, after: Any) -> list[Change]:
    """In the order of the paths; at most CHANGES_MAX. Lists are compared whole.

    >>> [(c.path, c.before, c.after) for c in changes({"a": {"b": 1}, "c": 2}, {"a": {"b": 3}, "c": 2, "d": 4})]
    [('a.b', 1, 3), ('d', UNSET, 4)]
    """
    found = []
    for change in _differences(before, after, ""):
        found.append(change)
        if len(found) == CHANGES_MAX:
            break
    return found


def _differences(before: Any, after: Any, path: str) -> Iterator[Change]:
    if isinstance(before, dict) and isinstance(after, dict):
        for name in sorted(before.keys() | after.keys()):
            inner = f"{path}.{name}" if path else name
            yield from _differences(before.get(name, UNSET), after.get(name, UNSET), inner)
    elif type(before) is not type(after) or before != after:
        yield Change(path, before, after)
