"""AND, OR, NOT and parentheses, which join conditions about a person and about an event in the same way."""

from collections.abc import Callable
from typing import Any, ClassVar

from headwater.definitions.query.cursor import Cursor
from headwater.definitions.query.lexer import Kind, Token
from headwater.definitions.query.words import JUNCTIONS


class Junctions:
    """One method per rule of the grammar: `expression`, made of ORs of ANDs of what `primary` reads."""

    all_of: ClassVar[Callable[..., Any]]
    any_of: ClassVar[Callable[..., Any]]
    not_of: ClassVar[Callable[..., Any]]

    def __init__(self, cursor: Cursor) -> None:
        self.cursor = cursor

    def primary(self, token: Token) -> Any:
        """What begins with this name, which is still to come."""
        raise NotImplementedError

    def expression(self) -> Any:
        items = [self._conjunction()]
        while self.cursor.takes("OR"):
            items.append(self._conjunction())
        return type(self).any_of(tuple(items)) if len(items) > 1 else items[0]

    def _conjunction(self) -> Any:
        items = [self.unary()]
        while self.cursor.takes("AND"):
            items.append(self.unary())
        return type(self).all_of(tuple(items)) if len(items) > 1 else items[0]

    def unary(self) -> Any:
        cursor, token = self.cursor, self.cursor.peek()
        if cursor.takes("NOT"):
            return self._inside(token, lambda: type(self).not_of(self.unary()))
        if cursor.takes("("):
            return self._inside(token, self._closed)
        if token.kind is not Kind.NAME:
            raise cursor.error(token, f"expected a condition, found {token.shown()}", _hint(token))
        if token.text in {"all", "any"} and cursor.is_at("(", 1):
            return self._listed(token)
        if token.text.upper() in JUNCTIONS and token.text not in JUNCTIONS:
            raise cursor.error(
                token, f"expected a condition, found {token.shown()}", f"write {token.text.upper()}"
            )
        return self.primary(token)

    def _closed(self) -> Any:
        found = self.expression()
        self.cursor.expect(")", junction_hint(self.cursor.peek()))
        return found

    def _listed(self, token: Token) -> Any:
        """`all(…)` and `any(…)`: ours, because AND and OR need two sides."""
        cursor = self.cursor
        cursor.next()
        cursor.next()
        cursor.enter(token)
        items = []
        if not cursor.is_at(")"):
            items.append(self.expression())
            while cursor.takes(","):
                items.append(self.expression())
        cursor.expect(")")
        cursor.leave()
        return (type(self).all_of if token.text == "all" else type(self).any_of)(tuple(items))

    def _inside(self, token: Token, read: Callable[[], Any]) -> Any:
        self.cursor.enter(token)
        found = read()
        self.cursor.leave()
        return found


def junction_hint(token: Token) -> str | None:
    """What may have been meant by a token behind a whole condition."""
    if token.text.upper() in {"AND", "OR"}:
        return f"write {token.text.upper()}"
    if token.kind in {Kind.NAME, Kind.STRING, Kind.NUMBER} or token.text == "(":
        return "join two conditions with AND or OR"
    return None


def _hint(token: Token) -> str | None:
    if token.kind is Kind.END:
        return "the query stops in the middle"
    if token.kind is Kind.STRING:
        return f"write event({token.text}) or trait({token.text})"
    return None
