"""A walk over the tokens of one query: what every rule of its grammar is made of."""

from collections.abc import Iterator
from contextlib import contextmanager

from headwater import limits
from headwater.definitions.durations import UNITS_MS
from headwater.definitions.paths import Segments, parse_path
from headwater.definitions.query.errors import QueryError
from headwater.definitions.query.lexer import Kind, Token, tokens
from headwater.errors import nearest


class Cursor:
    def __init__(self, text: str) -> None:
        self.text = text
        self._tokens = tokens(text)
        self._at = 0
        self._depth = 0
        self._primaries = 0

    def peek(self, ahead: int = 0) -> Token:
        return self._tokens[min(self._at + ahead, len(self._tokens) - 1)]

    def next(self) -> Token:
        token = self.peek()
        self._at += token.kind is not Kind.END
        return token

    def is_first(self, token: Token) -> bool:
        return token is self._tokens[0]

    def error(self, token: Token, problem: str, hint: str | None = None) -> QueryError:
        return QueryError(
            problem, self.text, token.offset, length=len(token.text), found=token.text, hint=hint or None
        )

    # --- what may stand here ----------------------------------------------------------------------------------

    def is_at(self, text: str, ahead: int = 0) -> bool:
        """Whether the next token is this word or mark (not a string that reads like it)."""
        token = self.peek(ahead)
        return token.kind in {Kind.NAME, Kind.PUNCTUATION} and token.text == text

    def takes(self, text: str) -> bool:
        """The same, and goes on behind it when it is."""
        found = self.is_at(text)
        self._at += found
        return found

    def expect(self, text: str, hint: str | None = None) -> Token:
        token = self.peek()
        if not self.takes(text):
            raise self.error(token, f"expected `{text}`, found {token.shown()}", hint)
        return token

    def word(self, expected: str) -> Token:
        token = self.next()
        if token.kind is not Kind.NAME:
            raise self.error(token, f"expected {expected}, found {token.shown()}")
        return token

    def string(self, expected: str) -> str:
        token = self.next()
        if token.kind is not Kind.STRING:
            hint = f"put it in quotes: '{token.text}'" if token.kind in {Kind.NAME, Kind.NUMBER} else None
            raise self.error(token, f"expected {expected} in quotes, found {token.shown()}", hint)
        return str(token.value)

    def path(self, expected: str) -> Segments:
        token = self.peek()
        try:
            return parse_path(self.string(expected))
        except ValueError as error:
            raise self.error(token, str(error)) from None

    def whole(self, expected: str) -> int:
        token = self.next()
        if token.kind is not Kind.NUMBER or not isinstance(token.value, int):
            raise self.error(token, f"expected {expected}, a whole number, found {token.shown()}")
        return token.value

    def duration(self) -> int:
        """`7 days`, in milliseconds."""
        count_token = self.peek()
        count = self.whole("a duration, as in 7 days")
        if count < 0:
            raise self.error(count_token, "a duration is 0 or more")
        unit = self.next()
        if unit.kind is not Kind.NAME:
            raise self.error(unit, f"expected a unit, found {unit.shown()}", "write hours or days")
        if unit.text not in UNITS_MS:
            raise self.error(unit, f"no unit {unit.text!r}", nearest(unit.text, UNITS_MS))
        return count * UNITS_MS[unit.text]

    def refuse(self, token: Token, mistake: str) -> None:
        """An error, unless there is no mistake."""
        if mistake:
            raise self.error(token, mistake)

    # --- bounds -----------------------------------------------------------------------------------------------

    def enter(self, token: Token) -> None:
        self._depth += 1
        if self._depth > limits.definitions.DEPTH_MAX:
            raise self.error(token, f"nested deeper than {limits.definitions.DEPTH_MAX} levels")

    def leave(self) -> None:
        self._depth -= 1

    def count_primary(self, token: Token) -> None:
        self._primaries += 1
        if self._primaries > limits.definitions.QUERY_PRIMARIES_MAX:
            hint = "make audiences of some of them, and refer to these"
            raise self.error(token, f"more than {limits.definitions.QUERY_PRIMARIES_MAX} expressions", hint)

    @contextmanager
    def restarted_depth(self) -> Iterator[None]:
        """Depth counts from 0 again: of what is asked about an event."""
        before, self._depth = self._depth, 0
        yield
        self._depth = before
