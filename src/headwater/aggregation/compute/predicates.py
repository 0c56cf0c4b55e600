"""What is asked about one event, compiled: a function of the event and the scope it is asked in."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Final, TypeAlias, assert_never

from headwater.aggregation.compute.comparisons import HOLDS, Operand, Test, compile_dynamic, compile_test
from headwater.aggregation.compute.entry import Entry
from headwater.aggregation.compute.scope import Scope, inside
from headwater.aggregation.tables import kind_of
from headwater.definitions import ast
from headwater.fql import compile_filter

Matches: TypeAlias = Callable[[Entry, Scope], bool]
Read: TypeAlias = Callable[[Entry, Scope], Any]

_NAMED: Final = frozenset({"track", "page", "screen"})


@dataclass(slots=True)
class Needs:
    """What answers depend on, besides the event in question."""

    traits: set[str] = field(default_factory=set)
    definitions: set[str] = field(default_factory=set)
    followers: list["Events"] = field(default_factory=list)
    """Events that are looked for after the one in question ..."""
    reach_ms: int = 0
    """... and how long after it at most."""
    is_timed: bool = False
    """The answer may change while nothing happens."""

    @property
    def is_local(self) -> bool:
        """Of the event alone, and of what a person is when it is asked."""
        return not self.followers and not self.is_timed


class Events:
    """An event query, compiled."""

    __slots__ = ("call", "kinds", "name", "test")

    def __init__(self, query: ast.EventQuery, test: Matches | None) -> None:
        self.call = query.call
        self.name = query.name if query.call in _NAMED else None
        is_one_kind = self.name is not None or self.call not in _NAMED
        self.kinds = frozenset({kind_of(self.call, self.name)}) if is_one_kind else None
        """What a scan has to look at; None: everything."""
        self.test = test
        """What is asked of an event of this call and name; None: nothing."""

    def has(self, entry: Entry, scope: Scope) -> bool:
        return (
            entry.call == self.call
            and (self.name is None or entry.name == self.name)
            and (self.test is None or self.test(entry, scope))
        )


class Predicates:
    """Compiles predicates and event queries, and notes what they need."""

    def __init__(self, definitions: Mapping[str, Operand]) -> None:
        self.needs = Needs()
        self._reach_ms = 0
        self._definitions = definitions
        """Key → its value, of everything that a trait's name may mean instead."""

    def events(self, query: ast.EventQuery) -> Events:
        where = None if query.where is None else self.compile(query.where)
        if not query.without_sources:
            return Events(query, where)
        left_out = frozenset(query.without_sources)
        if where is None:
            return Events(query, lambda entry, _: entry.source not in left_out)
        return Events(query, lambda entry, scope: entry.source not in left_out and where(entry, scope))

    def compile(self, node: ast.Predicate) -> Matches:
        match node:
            case ast.Compare():
                return self._compare(node)
            case ast.Fql(text=text):
                fql = compile_filter(text)
                return lambda entry, _: entry.passes(fql)
            case ast.AllOf(items=items):
                return _all([self.compile(item) for item in items])
            case ast.AnyOf(items=items):
                return _any([self.compile(item) for item in items])
            case ast.NotOf(item=item):
                inner = self.compile(item)
                return lambda entry, scope: not inner(entry, scope)
            case ast.Followed():
                return self._followed(node)
            case _:
                assert_never(node)

    def trait(self, segments: tuple[str, ...]) -> Operand:
        """A trait of the profile as it is when it is asked."""
        definition = self._definitions.get(segments[0])
        if definition is None:
            self.needs.traits.add(segments[0])
            return lambda scope: scope.trait(segments)
        self.needs.definitions.add(segments[0])
        rest = segments[1:]
        return (lambda scope: inside(definition(scope), rest)) if rest else definition

    def test(self, operator: ast.Operator, operands: tuple[ast.Operand, ...]) -> Test | None:
        """None: an operand is inside an event."""
        self.needs.is_timed |= operator in ast.DURATION_OPERAND
        if any(isinstance(each, ast.Path | ast.ParentPath) for each in operands):
            return None
        if any(isinstance(each, ast.TraitOf) for each in operands):
            return compile_dynamic(operator, [self._operand(each) for each in operands])
        return compile_test(operator, operands)

    def _operand(self, node: ast.Operand) -> Operand:
        if isinstance(node, ast.TraitOf):
            return self.trait(node.segments)
        return lambda _: node

    def _compare(self, node: ast.Compare) -> Matches:
        test = self.test(node.operator, node.operands)
        if test is None:
            return self._compare_inside(node)
        left = node.left
        if isinstance(left, ast.Path):
            return _tested(left.segments, test, _exact(node))
        if isinstance(left, ast.TraitOf):
            trait = self.trait(left.segments)
            return lambda _, scope: test(trait(scope), scope)
        read = self._read(left)
        return lambda entry, scope: test(read(entry, scope), scope)

    def _compare_inside(self, node: ast.Compare) -> Matches:
        """With operands that are read out of events."""
        left = self._read(node.left)
        operands = [self._read(each) for each in node.operands]
        holds = HOLDS[node.operator]
        return lambda entry, scope: holds(left(entry, scope), [read(entry, scope) for read in operands])

    def _read(self, node: ast.Operand) -> Read:
        match node:
            case ast.Path(segments=segments):
                return lambda entry, _: entry.value(segments)
            case ast.ParentPath(segments=segments):
                return lambda _, scope: None if scope.parent is None else scope.parent.value(segments)
            case ast.TraitOf(segments=segments):
                trait = self.trait(segments)
                return lambda _, scope: trait(scope)
            case _:
                return lambda _, __: node

    def _followed(self, node: ast.Followed) -> Matches:
        within_ms = node.within_ms
        self._reach_ms += within_ms
        self.needs.reach_ms = max(self.needs.reach_ms, self._reach_ms)
        events = self.events(node.events)
        self._reach_ms -= within_ms
        self.needs.followers.append(events)
        compare = compile_test(node.operator, (node.count,))
        enough = max(node.count, 0) + 1  # whatever the operator, more of them compare like one more than asked for

        def matches(entry: Entry, scope: Scope) -> bool:
            outer, scope.parent = scope.parent, entry
            place = entry.place
            followers = (
                each
                for each in scope.entries(entry.at_ms, entry.at_ms + within_ms + 1, events.kinds)
                if each.place > place and each.place != scope.without and events.has(each, scope)
            )
            count = sum(1 for _ in islice(followers, enough))
            scope.parent = outer
            return compare(count, scope)

        return matches


def _tested(segments: tuple[str, ...], test: Test, exact: str | None) -> Matches:
    """A value inside the event; most are properties, right below the top, and many are asked for one text."""
    if len(segments) != 2 or segments[0] != "properties":
        return lambda entry, scope: test(entry.value(segments), scope)
    name = segments[1]
    if exact is not None:

        def is_exactly(entry: Entry, _: Scope) -> bool:
            payload = entry.payload
            return bool((entry.read_payload() if payload is None else payload).get(name) == exact)

        return is_exactly

    def matches(entry: Entry, scope: Scope) -> bool:
        payload = entry.payload
        if payload is None:
            payload = entry.read_payload()
        return test(payload.get(name), scope)

    return matches


def _exact(node: ast.Compare) -> str | None:
    """The text that the value has to be; nothing else equals it, as Python compares."""
    operand = node.operands[0] if node.operator == "=" else None
    return operand if isinstance(operand, str) and operand not in {"true", "false"} else None


def _all(tests: list[Matches]) -> Matches:
    match tests:
        case [only]:
            return only
        case [one, other]:
            return lambda entry, scope: one(entry, scope) and other(entry, scope)
        case _:
            return lambda entry, scope: all(test(entry, scope) for test in tests)


def _any(tests: list[Matches]) -> Matches:
    match tests:
        case [only]:
            return only
        case [one, other]:
            return lambda entry, scope: one(entry, scope) or other(entry, scope)
        case _:
            return lambda entry, scope: any(test(entry, scope) for test in tests)
