"""Events in a query, `event('E').where(…).within(7 days)`, and what is asked about each of them."""

from typing import Any, NamedTuple

from headwater import fql
from headwater.definitions import ast, rules
from headwater.definitions.calls import CALLS, NAMED, VIEWED
from headwater.definitions.durations import between_mistake, window_mistake
from headwater.definitions.fql_predicates import predicate_of
from headwater.definitions.paths import Segments, property_path
from headwater.definitions.query.comparisons import comparison
from headwater.definitions.query.cursor import Cursor
from headwater.definitions.query.junctions import Junctions
from headwater.definitions.query.lexer import Kind, Token
from headwater.definitions.query.words import FILTERS, QUANTIFIERS, REDUCERS, SCALARS
from headwater.errors import nearest


class Stream(NamedTuple):
    events: ast.EventQuery
    window: ast.Window | ast.Session | None
    parent_within_ms: int | None
    """How soon after another event; None: nothing is said about one."""
    begins: Token


def stream(cursor: Cursor, parent: str = "") -> Stream:
    """From the extractor to the last filter. `parent` is the call of the event that may be followed."""
    begins = cursor.next()
    call = CALLS[begins.text]
    cursor.expect("(")
    token, name = cursor.peek(), None
    if not cursor.is_at(")"):
        name = cursor.string("the name of an event")
        if call not in NAMED or not name:
            raise cursor.error(token, f"{call} calls have no name" if name else "this name is empty")
    cursor.expect(")")
    if call == "track" and name is not None and name in VIEWED:
        call, name = VIEWED[name], None
    filters = _Filters(cursor, call, parent)
    while cursor.is_at(".") and cursor.peek(1).text in FILTERS:
        cursor.next()
        filters.read(cursor.next())
    events = ast.EventQuery(call, name, filters.where(), tuple(filters.without_sources))
    return Stream(events, filters.window, filters.parent_within_ms, begins)


class _Filters:
    def __init__(self, cursor: Cursor, call: str, parent: str) -> None:
        self._cursor = cursor
        self._call = call
        self._parent = parent
        self._where: list[ast.Predicate] = []
        self.without_sources: list[str] = []
        self.window: ast.Window | ast.Session | None = None
        self.parent_within_ms: int | None = None

    def where(self) -> ast.Predicate | None:
        if len(self._where) > 1:
            return ast.AllOf(tuple(self._where))
        return self._where[0] if self._where else None

    def read(self, word: Token) -> None:
        cursor = self._cursor
        cursor.expect("(")
        match word.text:
            case "where":
                with cursor.restarted_depth():
                    self._where.append(Predicates(cursor, self._call, self._parent).expression())
            case "sources":
                cursor.expect("exclude", "write sources(exclude: 'a', 'b')")
                cursor.expect(":")
                self.without_sources.append(cursor.string("the name of a source"))
                while cursor.takes(","):
                    self.without_sources.append(cursor.string("the name of a source"))
            case _:
                self._windowed(word)
        cursor.expect(")")

    def _windowed(self, word: Token) -> None:
        cursor = self._cursor
        if self.window is not None or self.parent_within_ms is not None:
            raise cursor.error(word, "one window at a time")
        if word.text == "within" and cursor.takes("parent"):
            cursor.expect(":")
            if not self._parent:
                raise cursor.error(word, "only an event inside `where` has a parent, the event that it follows")
            self.parent_within_ms = cursor.duration()
            cursor.refuse(word, window_mistake(self.parent_within_ms))
            return
        first = cursor.duration()
        if word.text == "between":
            cursor.expect(",")
            oldest = cursor.duration()
            cursor.refuse(word, between_mistake(first, oldest))
            self.window = ast.Window(oldest, first)
            return
        cursor.refuse(word, window_mistake(first))
        self.window = ast.Session(first) if word.text == "expires_after" else ast.Window(first)


def reduced(cursor: Cursor, found: Stream) -> ast.Aggregate:
    """The reducer behind a stream's filters."""
    token = cursor.peek()
    if not cursor.takes("."):
        hint = "count them, as in `.count() >= 1`" if token.kind in {Kind.SYMBOL, Kind.END} else None
        raise cursor.error(token, f"expected what to make of these events, found {token.shown()}", hint)
    word = cursor.word("a filter or reducer")
    if word.text not in REDUCERS:
        known = (*FILTERS, *REDUCERS)
        raise cursor.error(word, f"no filter or reducer `{word.text}`", nearest(word.text, known))
    reducer = REDUCERS[word.text]
    cursor.expect("(")
    path: Segments = ()
    as_type, frequency_min = "", 2
    if reducer != "count":
        path = _scalar_path(cursor, found.events.call)
        if cursor.takes("as"):
            as_type = cursor.word("number, string or array").text
            cursor.refuse(word, rules.type_mistake(reducer, as_type))
        if reducer == "most_frequent" and cursor.takes(","):
            token = cursor.peek()
            frequency_min = cursor.whole("the least frequency")
            cursor.refuse(token, "" if frequency_min >= 1 else "the least frequency is 1 or more")
    cursor.expect(")")
    if reducer == "unique_list" and cursor.is_at(".") and cursor.is_at("count", 1):
        cursor.next()
        cursor.next()
        cursor.expect("(")
        cursor.expect(")")
        reducer = "unique_count"
    return ast.Aggregate(found.events, reducer, path, found.window, as_type, frequency_min)  # type: ignore[arg-type]


def _scalar_path(cursor: Cursor, call: str) -> Segments:
    word = cursor.next()
    if word.kind is not Kind.NAME or word.text not in SCALARS:
        hint = f"write property({word.text})" if word.kind is Kind.STRING else None
        raise cursor.error(word, f"expected property('…') or context('…'), found {word.shown()}", hint)
    cursor.expect("(")
    path = _placed(word.text, cursor.path("a path"), call)
    cursor.expect(")")
    return path


def _placed(extractor: str, path: Segments, call: str) -> Segments:
    """Where it leads, from the top of the event."""
    if extractor == "property":
        return property_path(path, call)
    if extractor == "context" and path != ("timestamp",):  # people write it of the event's own time
        return ("context", *path)
    return path


# --- what is asked about one event ------------------------------------------------------------------------------


class Predicates(Junctions):
    """Reads what stands inside `where`."""

    all_of, any_of, not_of = ast.AllOf, ast.AnyOf, ast.NotOf

    def __init__(self, cursor: Cursor, call: str, parent: str) -> None:
        super().__init__(cursor)
        self._call = call
        self._parent = parent

    def primary(self, token: Token) -> Any:
        cursor = self.cursor
        if token.text in CALLS:
            return self._followed(token)
        if token.text == "fql":
            return self._filter()
        if token.text in QUANTIFIERS:
            raise cursor.error(token, f"{token.text} is about the users of an account, not about one event")
        left = self._reference(token)
        if left is None:
            known = (*SCALARS, "trait", "fql", *CALLS)
            raise cursor.error(token, f"expected a condition, found {token.shown()}", nearest(token.text, known))
        cursor.count_primary(token)
        return ast.Compare(left, *comparison(cursor, self._reference))

    def _reference(self, token: Token) -> ast.Path | ast.ParentPath | ast.TraitOf | None:
        cursor = self.cursor
        if token.text == "trait":
            return trait(cursor)
        if token.text not in SCALARS:
            return None
        cursor.next()
        cursor.expect("(")
        of_parent = cursor.is_at("parent") and bool(cursor.next())
        if of_parent:
            cursor.expect(":")
            if not self._parent:
                raise cursor.error(token, "only an event inside `where` has a parent, the event that it follows")
        path = _placed(token.text, cursor.path("a path"), self._parent if of_parent else self._call)
        cursor.expect(")")
        return ast.ParentPath(path) if of_parent else ast.Path(path)

    def _filter(self) -> ast.Predicate:
        cursor = self.cursor
        cursor.next()
        cursor.expect("(")
        token = cursor.peek()
        cursor.count_primary(token)
        text = cursor.string("a filter")
        cursor.expect(")")
        try:
            return predicate_of(text, self._call)
        except fql.FqlError as error:
            raise cursor.error(token, f"not FQL: {error}") from None

    def _followed(self, token: Token) -> ast.Predicate:
        cursor = self.cursor
        if self._parent:
            raise cursor.error(token, "a funnel has one step; several after each other are a sequence(…)")
        found = stream(cursor, self._call)
        if found.parent_within_ms is None or found.window is not None:
            problem = "an event inside `where` is one that follows"
            raise cursor.error(token, problem, "say how soon: .within(parent: 5 days)")
        aggregate = reduced(cursor, found)
        cursor.count_primary(token)
        operator, operands = comparison(cursor, _no_reference)
        if aggregate.reducer != "count":
            raise cursor.error(token, "what follows is counted, and nothing else")
        cursor.refuse(token, rules.count_mistake(operator, operands[0] if operands else None))
        return ast.Followed(found.events, found.parent_within_ms, operator, operands[0])


def _no_reference(token: Token) -> None:
    del token


def trait(cursor: Cursor) -> ast.TraitOf:
    """`trait('k')`, of which nothing was read yet."""
    cursor.next()
    cursor.expect("(")
    path = cursor.path("the key of a trait")
    cursor.expect(")")
    return ast.TraitOf(path)
