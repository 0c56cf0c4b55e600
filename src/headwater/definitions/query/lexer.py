r"""Text to tokens. Strings stand in either kind of quotes; `\'`, `\"` and `\\` are a quote and a backslash in
them, and any other backslash is one, so that both ways in which people write the path of `a.b` are read.
"""

import math
import re
from enum import StrEnum
from typing import Any, Final, NamedTuple

from headwater import limits
from headwater.definitions.query.errors import QueryError


class Kind(StrEnum):
    """What a token is, in the words of error messages."""

    NAME = "a name"
    STRING = "a string"
    NUMBER = "a number"
    SYMBOL = "a comparison"
    PUNCTUATION = "punctuation"
    END = "the end"


class Token(NamedTuple):
    kind: Kind
    text: str
    """As written."""
    offset: int
    value: Any = None
    """Of a string or number."""

    def shown(self) -> str:
        """For messages."""
        if self.kind is Kind.END:
            return "the end"
        return f"`{self.text if len(self.text) <= 40 else self.text[:39] + '…'}`"


_TOKEN: Final = re.compile(
    r"(?P<name>[A-Za-z_][A-Za-z0-9_]*)"
    r"|(?P<number>[+-]?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)"
    r"|(?P<symbol>==|!=|>=|<=|=|>|<)"
    r"|(?P<punctuation>[().,:])"
)
_SPACE: Final = re.compile(r"\s*")
_STRING: Final = {quote: re.compile(rf"{quote}((?:[^\\{quote}]|\\.)*){quote}", re.DOTALL) for quote in "'\""}
_ESCAPE: Final = re.compile(r"\\(['\"\\])")
_INT_MAX: Final = 2**63
_FOREIGN: Final = (
    ("<>", "use `!=`"),
    ("&&", "use `AND`"),
    ("||", "use `OR`"),
    ("!", "use `NOT`"),
    ("“", "use straight quotes: '…'"),
    ("”", "use straight quotes: '…'"),
    ("‘", "use straight quotes: '…'"),
    ("’", "use straight quotes: '…'"),
    ("`", "use straight quotes: '…'"),
    ("≠", "use `!=`"),
    ("≤", "use `<=`"),
    ("≥", "use `>=`"),
    ("$", "a path stands in quotes, and cannot go through a list"),
    ("[", "lists are written as arguments: one_of('a', 'b')"),
    ("{", "arguments stand in parentheses: sources(exclude: 'a', 'b')"),
    (";", "one expression only; join two with `AND` or `OR`"),
)
"""What other languages write, and what to write here. The longest first."""


def tokens(text: str) -> list[Token]:
    """All of them, the last one END. QueryError at the first character that begins none."""
    if len(text) > limits.definitions.QUERY_CHARS_MAX:
        problem = f"a query may have {limits.definitions.QUERY_CHARS_MAX:,} characters, this one has {len(text):,}"
        raise QueryError(problem, text, 0)
    found: list[Token] = []
    at = _end_of_space(text, 0)
    while at < len(text):
        token = _next(text, at)
        found.append(token)
        at = _end_of_space(text, at + len(token.text))
    found.append(Token(Kind.END, "", len(text)))
    return found


def _end_of_space(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    return match.end() if match else at


def _next(text: str, at: int) -> Token:
    if text[at] in _STRING:
        return _string(text, at)
    for foreign, hint in _FOREIGN:
        if text.startswith(foreign, at) and not text.startswith("!=", at):
            raise QueryError(
                f"`{foreign}` means nothing here", text, at, length=len(foreign), found=foreign, hint=hint
            )
    match = _TOKEN.match(text, at)
    if match is None:
        char = text[at] if text[at].isprintable() else f"U+{ord(text[at]):04X}"
        raise QueryError(f"`{char}` means nothing here", text, at, found=text[at])
    kind = Kind[str(match.lastgroup).upper()]
    if kind is Kind.NUMBER:
        return Token(kind, match[0], at, _number(text, at, match[0]))
    return Token(kind, match[0], at)


def _string(text: str, at: int) -> Token:
    quote = text[at]
    match = _STRING[quote].match(text, at)
    if match is None:
        hint = rf"close it with {quote}; a quote inside is written \{quote}"
        raise QueryError("this string is never closed", text, at, length=len(text) - at, expected=quote, hint=hint)
    return Token(Kind.STRING, match[0], at, _ESCAPE.sub(r"\1", match[1]))


def _number(text: str, at: int, written: str) -> int | float:
    number: int | float = float(written)
    if not re.search(r"[.eE]", written):
        number = int(written) if len(written) < 21 else number
        if isinstance(number, float) or not -_INT_MAX <= number < _INT_MAX:
            raise QueryError("a number this large is not kept exactly", text, at, length=len(written))
    elif not math.isfinite(number):
        raise QueryError("this number is too large", text, at, length=len(written))
    return number
