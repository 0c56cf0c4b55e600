"""Paths into an event, as people write them: `order.id`, `context.ip`; a backslash makes a dot part of a name."""

import re
from typing import Final

import msgspec

from headwater import limits
from headwater.event import Event

Path = tuple[str, ...]

CONTAINERS: Final = ("properties", "traits", "context", "integrations")
"""The members of the envelope that hold what a path from the top leads to."""

FREE: Final = ("name", "category")
"""The members that say nothing about who, when and which: rules may set them."""

_FIXED: Final = {f.encode_name for f in msgspec.structs.fields(Event)}.difference(CONTAINERS, FREE)
_PIECE: Final = re.compile(r"[^.\\]+|\\[.\\]|\.|\\")


def inside(text: str) -> Path:
    """The names of a path inside properties or traits. ValueError says what is wrong with it."""
    path = _parsed(text)
    if len(path) > limits.govern.EVENT_PATH_LEVELS_MAX:
        raise ValueError(f"a path has at most {limits.govern.EVENT_PATH_LEVELS_MAX} levels")
    return path


def whole(text: str) -> Path:
    """The names of a path from the top of the event. ValueError says what is wrong with it."""
    path = _parsed(text)
    head = path[0]
    if head in _FIXED:
        instead = "; use `rename_event`" if head == "event" else ""
        raise ValueError(f"`{head}` says who, what or when, and no rule changes it{instead}")
    if head in CONTAINERS and len(path) == 1:
        raise ValueError(f"expected a path inside it, as in {head}.plan")
    if len(path) > limits.govern.EVENT_PATH_LEVELS_MAX + 1:
        raise ValueError(f"a path has at most {limits.govern.EVENT_PATH_LEVELS_MAX} levels below `{head}`")
    return path


def place(text: str) -> Path:
    """The names of a path from the top to whatever is there; a `$.` before it means nothing. ValueError says what
    is wrong with it.
    """
    path = _parsed(text.removeprefix("$."))
    if len(path) > limits.fql.PATH_NAMES_MAX:
        raise ValueError(f"a path has at most {limits.fql.PATH_NAMES_MAX} names")
    return path


def _parsed(text: str) -> Path:
    names = [""]
    for piece in _PIECE.findall(text):
        if piece == ".":
            names.append("")
        elif piece == "\\":
            raise ValueError("a backslash only stands before a dot or another backslash")
        else:
            names[-1] += piece.removeprefix("\\") if len(piece) == 2 and piece[0] == "\\" else piece
    if "" in names:
        raise ValueError("a path is names with dots between them, as in order.id; none may be empty")
    if "$" in names[1:]:
        raise ValueError("a path cannot go through a list")
    return tuple(names)
