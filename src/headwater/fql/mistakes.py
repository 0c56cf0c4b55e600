"""What people write instead of FQL, and what to tell them."""

import difflib
from typing import Final

from headwater.fql.errors import FqlError
from headwater.fql.functions import FUNCTIONS
from headwater.fql.lexer import Kind, Token

TRIGGER_MEMBERS: Final = ("type", "event", "name", "userId")
"""What a trigger may look at ..."""
TRIGGER_CONTAINERS: Final = ("properties", "traits", "context")
"""... and in which objects it may look at any member."""

OPERAND: Final = "a path, string, number, null, true, false, list, function or `(`"
_WORDS: Final = {
    "and": "operators are in lower case: `and`",
    "or": "operators are in lower case: `or`",
    "in": "operators are in lower case: `in`",
    "is": "use `=`",
    "eq": "use `=`",
    "not": "negate with `!`, as in `!(…)` or `!=`",
    "like": "use match(text, pattern)",
    "matches": "use match(text, pattern)",
}
"""Words people write where an operator has to stand."""


class Mistakes:
    """The errors of one text, each with a hint where the token suggests what was meant."""

    def __init__(self, text: str) -> None:
        self._text = text

    def at(self, token: Token, problem: str, expected: str, hint: str | None) -> FqlError:
        return FqlError(
            problem,
            self._text,
            token.offset,
            length=len(token.text),
            expected=expected,
            found=token.text,
            hint=hint,
        )

    def after_operand(self, token: Token, expected: str) -> FqlError:
        """Something stands where an expression could have ended or gone on."""
        word = token.text.lower()
        before = self._text[: token.offset].split()
        hint = None
        if before and before[-1].lower() == "not":
            hint = _WORDS["not"]
        elif token.kind is Kind.NAME and token.text in {"and", "or"}:
            hint = f"`{token.text}` is an operator only with white space after it"
        elif token.kind is Kind.NAME and word in _WORDS:
            hint = _WORDS[word]
        elif token.kind is Kind.NAME and word in FUNCTIONS:
            hint = f"functions stand before what they are about: {FUNCTIONS[word].signature}"
        elif token.kind is Kind.OPERATOR and token.text == "!":
            hint = "`!` stands before a whole comparison: `!(a in b)`"
        elif token.text in {")", "]"}:
            hint = f"no `{'(' if token.text == ')' else '['}` is open here"
        elif token.kind in {Kind.STRING, Kind.NAME, Kind.NUMBER} or token.text == "(":
            hint = "join two conditions with `and` or `or`"
        elif token.text == "[":
            hint = "the items of a list cannot be addressed; `value in path` looks through all of them"
        return self.at(token, f"expected {expected}, found {token.shown()}", expected, hint)

    def no_operand(self, token: Token) -> FqlError:
        hint = None
        if token.kind is Kind.KEYWORD:
            hint = f"a member of this name is written `\\{token.text}`"
        elif token.kind is Kind.OPERATOR and token.text != "!":
            hint = "a comparison needs something on both sides"
        elif token.text == "!":
            hint = "put a negation inside a comparison in parentheses: `(!a) = b`"
        elif token.text == ",":
            hint = "an item is missing"
        elif token.text in {")", "]"}:
            hint = "there is nothing to compare or to join here"
        elif token.kind is Kind.END:
            hint = "the expression stops in the middle"
        return self.at(token, f"expected {OPERAND}, found {token.shown()}", OPERAND, hint)

    def unknown_function(self, name: Token) -> FqlError:
        close = difflib.get_close_matches(name.text.lower(), FUNCTIONS, n=1, cutoff=0.5)
        hint = f"did you mean {FUNCTIONS[close[0]].signature}?" if close else "there are: " + ", ".join(FUNCTIONS)
        if name.text in {"and", "or"}:
            hint = f"`{name.text}` is an operator only with white space after it"
        elif name.text.lower() in _WORDS:
            hint = _WORDS[name.text.lower()]
        return FqlError(
            f"there is no function {name.shown()}",
            self._text,
            name.offset,
            length=len(name.text),
            expected="a function",
            found=name.text,
            hint=hint,
        )

    def not_in_trigger(self, name: Token) -> FqlError:
        allowed = [*TRIGGER_MEMBERS, *(f"{container}.*" for container in TRIGGER_CONTAINERS)]
        known = [*TRIGGER_MEMBERS, *TRIGGER_CONTAINERS]
        first = name.segments[0]
        hint = None
        if first in TRIGGER_CONTAINERS:
            hint = f"name a member: `{first}.…`"
        elif close := difflib.get_close_matches(first.replace("_", ""), known, n=1, cutoff=0.75):
            hint = f"did you mean {close[0]}?"
        return FqlError(
            f"a trigger cannot look at {name.shown()}, only at {', '.join(allowed)}",
            self._text,
            name.offset,
            length=len(name.text),
            expected=", ".join(allowed),
            found=name.text,
            hint=hint,
        )
