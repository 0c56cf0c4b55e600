"""Which events a definition can be about, in both notations."""

from collections.abc import Mapping
from typing import Final, Literal

Call = Literal["track", "page", "screen", "identify", "group", "alias"]

CALLS: Final[Mapping[str, Call]] = {
    "event": "track",
    "page": "page",
    "screen": "screen",
    "identify": "identify",
    "group": "group",
    "alias": "alias",
}
"""Word → call. Segment has `event` only; the others are ours."""

NAMED: Final = frozenset({"track", "page", "screen"})
"""Calls that have a name."""

VIEWED: Final[Mapping[str, Call]] = {"Page Viewed": "page", "Screen Viewed": "screen"}
"""What Segment calls page and screen calls where it speaks of events (spec 4.7)."""
