r"""Text to tokens, by the lexical rules of FQL, which are unusual in three places.

- A string has no escapes: a backslash in it is a backslash. A name has: `\` makes any character part of it.
- `and`, `or` and `null` are keywords only before white space, `,`, `]`, `)` or the end; `true`, `false` and `in`
  are names that the parser knows. A name with an escape in it is never any of these: `\and` is a member "and".
- `!` negates only what begins with a letter or `(`.
"""

import re
from enum import StrEnum
from typing import Final, NamedTuple

from headwater import limits
from headwater.fql.errors import FqlError


class Kind(StrEnum):
    """What a token is, in the words of error messages."""

    NAME = "a name"
    KEYWORD = "a keyword"
    STRING = "a string"
    NUMBER = "a number"
    OPERATOR = "an operator"
    PUNCTUATION = "punctuation"
    END = "the end"


class Token(NamedTuple):
    kind: Kind
    text: str
    """As written."""
    offset: int
    segments: tuple[str, ...] = ()
    """Of a name: the path, unescaped."""

    def shown(self) -> str:
        """For messages."""
        if self.kind is Kind.END:
            return "the end"
        return f"`{self.text if len(self.text) <= 40 else self.text[:39] + '…'}`"


_SPACE: Final = " \t\n"
_KEYWORDS: Final = frozenset({"and", "or", "null"})
_NAME: Final = re.compile(r"(?:[A-Za-z_]|\\.)(?:[A-Za-z0-9_-]|\\.)*", re.DOTALL)
_ESCAPE: Final = re.compile(r"\\(.)", re.DOTALL)
_NUMBER: Final = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?")
_NUMBER_LIKE: Final = re.compile(r"[+-]?[0-9][A-Za-z0-9_.+-]*")
_BEGINS: Final = re.compile(
    r"(?P<punctuation>[()\[\],])|(?P<operator>!=|[<>]=?|=)|(?P<negation>!)|(?P<string>['\"])"
    r"|(?P<number>[+-]?[0-9])|(?P<name>[A-Za-z_]|\\.)",
    re.DOTALL,
)
_ENDS_NUMBER: Final = frozenset(_SPACE + ",])=!<>")
_FOREIGN: Final = (
    ("===", "use `=`"),
    ("!==", "use `!=`"),
    ("==", "use `=`"),
    ("=~", "use match(text, pattern)"),
    ("<>", "use `!=`"),
    ("=>", "use `>=`"),
    ("=<", "use `<=`"),
    ("&&", "use `and`"),
    ("||", "use `or`"),
    ("&", "use `and`"),
    ("|", "use `or`"),
    ("“", 'use straight quotes: "…"'),
    ("”", 'use straight quotes: "…"'),
    ("„", 'use straight quotes: "…"'),
    ("«", 'use straight quotes: "…"'),
    ("‘", "use straight quotes: '…'"),
    ("’", "use straight quotes: '…'"),
    ("`", "use straight quotes: '…'"),
    ("\r", "lines end with a line feed alone"),
    ("\u00a0", "this is a no-break space; use an ordinary one"),
    ("≠", "use `!=`"),
    ("≤", "use `<=`"),
    ("≥", "use `>=`"),
    ("$", "members of lists cannot be addressed; in a name write `\\$`"),
    ("#", "FQL has no comments"),
    ("//", "FQL has no comments"),
    ("{", "FQL has no objects; lists are written [1, 2]"),
    (";", "one expression only; join two with `and` or `or`"),
    ("*", 'use match(text, "a*")'),
    ("-", "a sign needs a digit after it; FQL does not calculate"),
    ("+", "a sign needs a digit after it; FQL does not calculate"),
    (".", "a number needs a digit before the point, a path a name"),
)
"""What other languages write, and what to write here. The longest first."""


def tokens(text: str) -> list[Token]:
    """All of them, the last one END. FqlError at the first character that begins none."""
    _check_text(text)
    found: list[Token] = []
    at = 0
    while at < len(text):
        if text[at] in _SPACE:
            at += 1
            continue
        token = _next(text, at)
        found.append(token)
        at += len(token.text)
    found.append(Token(Kind.END, "", len(text)))
    return found


def _check_text(text: str) -> None:
    try:
        size_bytes = len(text.encode())
    except UnicodeEncodeError as error:
        raise FqlError("this is no Unicode character", text, error.start, hint="the text must be UTF-8") from None
    if size_bytes > limits.fql.BYTES_MAX:
        problem = f"an expression may have {limits.fql.BYTES_MAX:,} bytes, this one has {size_bytes:,}"
        hint = 'many `=` on one path are shorter as `path in ["a", "b"]`' if text.count("=") > 1 else None
        raise FqlError(problem, text, 0, hint=hint)


def _next(text: str, at: int) -> Token:
    for foreign, hint in _FOREIGN:
        if text.startswith(foreign, at) and not (foreign in {"-", "+"} and _NUMBER.match(text, at)):
            raise _unexpected(text, at, len(foreign), hint)
    begins = _BEGINS.match(text, at)
    match begins and begins.lastgroup:
        case "punctuation":
            return Token(Kind.PUNCTUATION, text[at], at)
        case "operator":
            return Token(Kind.OPERATOR, text[at : begins.end() if begins else at], at)
        case "negation":
            return _negation(text, at)
        case "string":
            return _string(text, at)
        case "number":
            return _number(text, at)
        case "name":
            return _name(text, at)
    if text[at] == "\\":
        raise FqlError("a backslash at the end escapes nothing", text, at)
    raise _unexpected(text, at, 1, f"in a name, write it with a backslash: `\\{text[at]}`")


def _unexpected(text: str, at: int, length: int, hint: str | None) -> FqlError:
    found = text[at : at + length]
    shown = f"`{found}`" if found.isprintable() else _shown(found[0])
    return FqlError(f"{shown} means nothing in FQL", text, at, length=length, found=found, hint=hint)


def _negation(text: str, at: int) -> Token:
    after = text[at + 1 : at + 2]
    if after == "(" or (after.isascii() and after.isalpha()):
        return Token(Kind.OPERATOR, "!", at)
    found = _shown(after)
    raise FqlError(
        f"expected `=`, a letter or `(` after `!`, found {found}",
        text,
        at + 1,
        expected="`=`, a letter or `(`",
        found=after,
        hint="to negate anything, put it in parentheses: `!(…)`",
    )


def _shown(char: str) -> str:
    if not char:
        return "the end"
    if char in _SPACE:
        return "white space"
    return f"`{char}`" if char.isprintable() else f"the character U+{ord(char):04X}"


def _string(text: str, at: int) -> Token:
    quote = text[at]
    end = text.find(quote, at + 1)
    if end < 0:
        hint = f"close it with {quote}"
        if "\\" + quote in text[:at]:
            hint = f"strings have no escapes: one that holds {quote} stands in the other kind of quotes"
        raise FqlError("this string is never closed", text, at, length=len(text) - at, expected=quote, hint=hint)
    return Token(Kind.STRING, text[at : end + 1], at)


def _number(text: str, at: int) -> Token:
    digits = _NUMBER.match(text, at)
    whole = _NUMBER_LIKE.match(text, at)
    assert digits
    assert whole
    end = digits.end()
    if end == len(text) or text[end] in _ENDS_NUMBER:
        return Token(Kind.NUMBER, digits[0], at)
    written = whole[0]
    if end == at + len(written):  # the number is one, and what follows it is not
        raise _unexpected(text, end, 1, "after a number comes white space, an operator or the end")
    if re.fullmatch(r"[+-]?[0-9.]+[eE][+-]?[0-9]+", written):
        hint = "numbers have no exponent: write out the zeros"
    elif written.endswith("."):
        hint = "a decimal point needs digits on both sides"
    elif re.fullmatch(r"[+-]?[0-9.]+", written):
        hint = "a number has one decimal point"
    elif written[-1] in "+-" or re.fullmatch(r"[+-]?[0-9.]+[+-][0-9.]+", written):
        hint = "FQL does not calculate"
    else:
        hint = f"a name cannot begin with a digit unless it is escaped: `\\{written.lstrip('+-')}`"
    raise FqlError(
        f"`{written[:40]}` is not a number",
        text,
        at,
        length=len(written),
        expected="a number",
        found=written,
        hint=hint,
    )


def _name(text: str, at: int) -> Token:
    segments: list[str] = []
    end = at
    while True:
        match = _NAME.match(text, end)
        if match is None:
            raise _broken_path(text, end)
        segments.append(_ESCAPE.sub(r"\1", match[0]))
        end = match.end()
        if text[end : end + 1] != ".":
            break
        end += 1
    written = text[at:end]
    is_keyword = written in _KEYWORDS and (end == len(text) or text[end] in _SPACE + ",])")
    return Token(Kind.KEYWORD if is_keyword else Kind.NAME, written, at, tuple(segments))


def _broken_path(text: str, at: int) -> FqlError:
    after = text[at : at + 1]
    hint = None
    if after.isdigit():
        hint = f"a member whose name begins with a digit is `\\{after}…`; the items of a list cannot be addressed"
    elif after in {"$", "*", "["} and after:
        hint = "the items of a list cannot be addressed; `value in path` looks through all of them"
    elif after and after in _SPACE:
        hint = "a path has no spaces; one in a name is written `\\ `"
    elif after and after not in "().,":
        hint = f"in a name, write it with a backslash: `\\{after}`"
    found = f"`{after}`" if after.strip() else "a space" if after else "the end"
    return FqlError(
        f"expected a name after `.`, found {found}", text, at, expected="a name", found=after, hint=hint
    )
