r"""Glob patterns of `match`: `*` any run of characters, `?` one, `[abc]` and `[a-z]` one of these, `\x` just x.

A pattern is cut at its stars. What lies between two stars has a fixed length, so it is enough to take its first
occurrence after the one before: no choice is ever taken back, and no pattern makes matching explode.
"""

import functools
import re
from collections.abc import Callable
from typing import Final, NamedTuple, TypeAlias

from headwater import limits

Matcher: TypeAlias = Callable[[str], bool]


class GlobError(ValueError):
    """A pattern that means nothing; `offset` is in its characters."""

    def __init__(self, problem: str, offset: int, hint: str | None = None) -> None:
        super().__init__(problem)
        self.offset = offset
        self.hint = hint


_ANY: Final = "."


class _Part(NamedTuple):
    """What stands between two stars, of fixed length."""

    length: int
    literal: str | None
    """The text itself when nothing else matches."""
    pattern: re.Pattern[str]

    def is_at(self, text: str, at: int) -> bool:
        if self.literal is not None:
            return text.startswith(self.literal, at)
        return self.pattern.match(text, at) is not None

    def find(self, text: str, start: int, end: int) -> int:
        """The first place where it fits into text[start:end], or -1."""
        if self.literal is not None:
            return text.find(self.literal, start, end)
        found = self.pattern.search(text, start, end)
        return found.start() if found else -1


@functools.lru_cache(maxsize=limits.fql.COMPILED_MAX)
def compile_glob(pattern: str) -> Matcher:
    """A function that says whether the whole of a text matches. GlobError when the pattern means nothing."""
    if len(pattern) > limits.fql.GLOB_CHARS_MAX:
        raise GlobError(
            f"a pattern may have {limits.fql.GLOB_CHARS_MAX} characters, this one has {len(pattern):,}", 0
        )
    parts = _parts(pattern)
    first, *middle, last = parts if len(parts) > 1 else [*parts, parts[0]]
    if len(parts) == 1:
        if first.literal is not None:
            return first.literal.__eq__
        fullmatch = first.pattern.fullmatch
        return lambda text: fullmatch(text) is not None
    shortest = sum(part.length for part in parts)

    def matches(text: str) -> bool:
        end = len(text) - last.length
        if len(text) < shortest or not first.is_at(text, 0) or not last.is_at(text, end):
            return False
        at = first.length
        for part in middle:
            at = part.find(text, at, end)
            if at < 0:
                return False
            at += part.length
        return True

    return _simple(first, middle, last) or matches


def _simple(first: _Part, middle: list[_Part], last: _Part) -> Matcher | None:
    """The shapes that nearly all patterns have: `v*`, `*v`, `*v*`."""
    shape = (first.length > 0, [part.length > 0 for part in middle], last.length > 0)
    match shape:
        case (True, [], False) if (head := first.literal) is not None:
            return lambda text: text.startswith(head)
        case (False, [], True) if (tail := last.literal) is not None:
            return lambda text: text.endswith(tail)
        case (False, [True], False) if (inner := middle[0].literal) is not None:
            return lambda text: inner in text
    return None


def _parts(pattern: str) -> list[_Part]:
    """Between the stars, one more than there are stars; runs of stars count as one."""
    parts: list[_Part] = []
    atoms: list[str] = []
    literal: list[str] | None = []
    at = 0
    while at < len(pattern):
        char = pattern[at]
        if char == "*":
            parts.append(_part(atoms, literal))
            atoms, literal = [], []
            while pattern[at : at + 1] == "*":
                at += 1
            continue
        if char == "?":
            atoms.append(_ANY)
            literal = None
            at += 1
        elif char == "[":
            atom, at = _class(pattern, at)
            atoms.append(atom)
            literal = None
        else:
            char, at = _char(pattern, at)
            atoms.append(_exactly(char))
            if literal is not None:
                literal.append(char)
    parts.append(_part(atoms, literal))
    return parts


def _part(atoms: list[str], literal: list[str] | None) -> _Part:
    text = None if literal is None else "".join(literal)
    return _Part(len(atoms), text, re.compile("".join(atoms) if text is None else "", re.DOTALL))


def _char(pattern: str, at: int) -> tuple[str, int]:
    """The character written at this place, and the place after it."""
    if pattern[at] != "\\":
        return pattern[at], at + 1
    if at + 1 == len(pattern):
        raise GlobError("a backslash at the end of a pattern escapes nothing", at, "a backslash itself is `\\\\`")
    return pattern[at + 1], at + 2


def _class(pattern: str, opened: int) -> tuple[str, int]:
    """A class as a regular expression, and the place after it."""
    at = opened + 1
    if pattern[at : at + 1] in {"^", "!"} and pattern[at + 1 : at + 2] != "]":
        raise GlobError("a class cannot be negated", at, f"to mean the character itself, write `\\{pattern[at]}`")
    ranges: list[str] = []
    while pattern[at : at + 1] not in {"]", ""}:
        low, at = _char(pattern, at)
        high = low
        if pattern[at : at + 1] == "-" and pattern[at + 1 : at + 2] not in {"]", ""}:
            high, after = _char(pattern, at + 1)
            if high < low:
                raise GlobError(f"the range {low}-{high} is empty", at - 1, f"write {high}-{low}")
            at = after
        ranges.append(f"{_exactly(low)}-{_exactly(high)}")
    if at == len(pattern):
        raise GlobError("this class is never closed", opened, "a `[` itself is written `\\[`")
    if not ranges:
        raise GlobError("a class needs a character", opened, "`[` and `]` themselves are written `\\[` and `\\]`")
    return f"[{''.join(ranges)}]", at + 1


def _exactly(char: str) -> str:
    """A regular expression for one character; by number, because then none of them means anything else."""
    return f"\\U{ord(char):08x}"
