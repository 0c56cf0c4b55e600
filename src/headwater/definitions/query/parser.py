"""A query as a definition: one method per rule of the grammar, in `junctions`, `streams` and here."""

from typing import Any

from headwater import limits
from headwater.definitions import ast, rules
from headwater.definitions.calls import CALLS
from headwater.definitions.durations import window_mistake
from headwater.definitions.query.comparisons import comparison
from headwater.definitions.query.cursor import Cursor
from headwater.definitions.query.junctions import Junctions, junction_hint
from headwater.definitions.query.lexer import Kind, Token
from headwater.definitions.query.streams import Stream, reduced, stream, trait
from headwater.definitions.query.words import QUANTIFIERS, SCALARS
from headwater.errors import nearest

_KNOWN = (*CALLS, "trait", "sequence", *QUANTIFIERS, "NOT")


def parse_query(text: str, *, collection: str = "users") -> ast.Aggregate | ast.Condition:
    """What the query says about profiles of the collection: an Aggregate when it computes a value, a condition
    when it compares. A trait that is the key of another definition is still a trait; the catalogue knows better.
    QueryError at the first mistake.
    """
    cursor = Cursor(text)
    if cursor.peek().kind is Kind.END:
        raise cursor.error(cursor.peek(), "the query is empty")
    found: ast.Aggregate | ast.Condition = _Conditions(cursor, of_accounts=collection == "accounts").expression()
    token = cursor.peek()
    if token.kind is not Kind.END:
        raise cursor.error(token, f"expected AND, OR or the end, found {token.shown()}", junction_hint(token))
    return found


class _Conditions(Junctions):
    all_of, any_of, not_of = ast.All, ast.Any_, ast.Not

    def __init__(self, cursor: Cursor, *, of_accounts: bool) -> None:
        super().__init__(cursor)
        self._of_accounts = of_accounts

    def primary(self, token: Token) -> Any:
        cursor = self.cursor
        if token.text in QUANTIFIERS:
            return self._of_users(token)
        cursor.count_primary(token)
        if token.text in CALLS:
            return self._of_events(token)
        if token.text == "trait":
            segments = trait(cursor).segments
            return ast.TraitCondition(segments, *comparison(cursor, self._reference))
        if token.text == "sequence":
            return self._sequence()
        problem = f"expected a condition, found {token.shown()}"
        if token.text in (*SCALARS, "fql", "literal"):
            raise cursor.error(token, problem, f"{token.text} belongs inside `where(…)`")
        if token.text == "entity":
            problem = "entities are rows of a linked warehouse, and there is none here"
            raise cursor.error(token, problem, "send them as events or traits")
        raise cursor.error(token, problem, nearest(token.text, _KNOWN))

    def _reference(self, token: Token) -> ast.TraitOf | None:
        return trait(self.cursor) if token.text == "trait" else None

    def _of_users(self, token: Token) -> ast.Condition:
        cursor = self.cursor
        if not self._of_accounts:
            raise cursor.error(
                token, f"{token.text} is about the users of an account, and this is not about accounts"
            )
        cursor.next()
        self._of_accounts = False
        found = self._inside(token, self.unary)
        self._of_accounts = True
        return ast.OfUsers(QUANTIFIERS[token.text], found)

    def _of_events(self, token: Token) -> ast.Aggregate | ast.Condition:
        cursor = self.cursor
        aggregate = reduced(cursor, stream(cursor))
        if cursor.is_first(token) and cursor.peek().kind is Kind.END:
            return aggregate
        if isinstance(aggregate.window, ast.Session):
            raise cursor.error(
                token, "sessions are for computed traits", "make one, and refer to it with trait('…')"
            )
        after = cursor.peek()
        operator, operands = comparison(cursor, self._reference)
        cursor.refuse(after, rules.reduced_mistake(aggregate.reducer, operator, operands))
        return ast.EventCondition(aggregate, operator, operands)

    def _sequence(self) -> ast.Condition:
        cursor = self.cursor
        begins = cursor.next()
        cursor.expect("(")
        steps = [self._step()]
        while cursor.takes(","):
            steps.append(self._step())
        cursor.expect(")")
        if not 2 <= len(steps) <= limits.definitions.SEQUENCE_STEPS_MAX:
            raise cursor.error(begins, f"a sequence has 2 to {limits.definitions.SEQUENCE_STEPS_MAX} steps")
        within_ms = None
        if cursor.takes("."):
            cursor.expect("within")
            cursor.expect("(")
            within_ms = cursor.duration()
            cursor.refuse(begins, window_mistake(within_ms))
            cursor.expect(")")
        return ast.Sequence(tuple(steps), within_ms)

    def _step(self) -> ast.EventQuery:
        cursor, token = self.cursor, self.cursor.peek()
        if token.kind is not Kind.NAME or token.text not in CALLS:
            raise cursor.error(token, f"expected an event, found {token.shown()}", "write event('…')")
        found: Stream = stream(cursor)
        if found.window is not None:
            raise cursor.error(token, "a step has no window", "the whole sequence may: sequence(…).within(7 days)")
        return found.events
