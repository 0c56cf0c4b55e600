r"""Paths as text: names with dots between them. `\.` is a dot inside a name, `\\` a backslash."""

import re
from typing import Final

from headwater import limits

Segments = tuple[str, ...]

_PIECE: Final = re.compile(r"[^.\\]+|\\[.\\]|\.|\\")

NAMED_CALLS: Final = {"page": "page_name", "screen": "screen_name"}
"""What Segment calls the name of a page or screen when it stands among the properties (spec 4.7)."""


def parse_path(text: str) -> Segments:
    r"""ValueError says what is wrong.

    >>> parse_path("cart.size"), parse_path(r"a\.b")
    (('cart', 'size'), ('a.b',))
    """
    names = [""]
    for piece in _PIECE.findall(text):
        if piece == ".":
            names.append("")
        else:  # a lone backslash is a backslash: people paste such names
            names[-1] += piece[1] if len(piece) == 2 and piece[0] == "\\" else piece
    if "" in names:
        raise ValueError(f"{text!r} is no path; expected names with dots between them, none of them empty")
    if "$" in names:
        raise ValueError("a path cannot go through a list; `contains` looks at all items of one")
    if len(names) > limits.fql.PATH_NAMES_MAX:
        raise ValueError(f"a path has at most {limits.fql.PATH_NAMES_MAX} names")
    return tuple(names)


def render_path(segments: Segments) -> str:
    return ".".join(name.replace("\\", "\\\\").replace(".", "\\.") for name in segments)


def property_path(segments: Segments, call: str) -> Segments:
    """Where a property of such an event is, from the event's top."""
    if segments == (NAMED_CALLS.get(call),):
        return ("name",)
    return ("properties", *segments)


def as_property(segments: Segments, call: str) -> Segments | None:
    """The opposite; None: no property's name leads there."""
    if segments == ("name",) and call in NAMED_CALLS:
        return (NAMED_CALLS[call],)
    if segments[0] == "properties" and len(segments) > 1 and segments[1:] != (NAMED_CALLS.get(call),):
        return segments[1:]
    return None
