"""Patterns of FQL's `match` as regular expressions that all dialects understand."""

from typing import Final

ANY: Final = "(.|\n)"
"""A point leaves out line breaks in some dialects, and how to ask for them differs."""

_SPECIAL: Final = frozenset("\\.^$|?*+()[]{}-")


def regular_expression(pattern: str) -> str:
    r"""Of a pattern that FQL takes.

    >>> regular_expression("a.b[x-z]")
    '^a\\.b[x-z]$'
    """
    written, at = [], 0
    while at < len(pattern):
        match pattern[at]:
            case "*":
                written.append(f"{ANY}*")
                at += 1
            case "?":
                written.append(ANY)
                at += 1
            case "[":
                members, at = _class(pattern, at + 1)
                written.append(f"[{members}]")
            case _:
                char, at = _char(pattern, at)
                written.append(char)
    return f"^{''.join(written)}$"


def _char(pattern: str, at: int) -> tuple[str, int]:
    """The character written there, escaped, and the place after it."""
    if pattern[at] == "\\":
        at += 1
    char = pattern[at]
    return (f"\\{char}" if char in _SPECIAL else char), at + 1


def _class(pattern: str, at: int) -> tuple[str, int]:
    members = []
    while pattern[at] != "]":
        low, at = _char(pattern, at)
        members.append(low)
        if pattern[at] == "-" and pattern[at + 1] != "]":
            high, at = _char(pattern, at + 1)
            members.append(f"-{high}")
    return "".join(members), at + 1
