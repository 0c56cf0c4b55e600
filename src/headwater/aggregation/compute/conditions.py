"""What is asked about a profile, compiled: a function of the scope it is asked in."""

import operator as py
from collections.abc import Callable
from typing import Any, Final, Protocol, TypeAlias, assert_never

from headwater.aggregation.compute.comparisons import Operand, Test
from headwater.aggregation.compute.predicates import Predicates
from headwater.aggregation.compute.scope import Scope
from headwater.aggregation.compute.values import is_number
from headwater.definitions import ast

Holds: TypeAlias = Callable[[Scope], bool]


class Parts(Protocol):
    """Where the values that conditions speak of come from."""

    def aggregate(self, node: ast.Aggregate) -> Operand: ...

    def sequence(self, node: ast.Sequence) -> Operand: ...

    def users(self, node: ast.OfUsers) -> Holds: ...

    def definition(self, key: str) -> Operand: ...


def compile_condition(node: ast.Condition, parts: Parts, predicates: Predicates) -> Holds:
    """`predicates` notes what it needs besides its parts."""
    match node:
        case ast.All(items=items):
            return _all([compile_condition(item, parts, predicates) for item in items])
        case ast.Any_(items=items):
            return _any([compile_condition(item, parts, predicates) for item in items])
        case ast.Not(item=item):
            inner = compile_condition(item, parts, predicates)
            return lambda scope: not inner(scope)
        case ast.EventCondition(aggregate=aggregate):
            return _compared(parts.aggregate(aggregate), node, predicates)
        case ast.TraitCondition(segments=segments):
            predicates.needs.traits.add(segments[0])
            return _compared(lambda scope: scope.trait(segments), node, predicates)
        case ast.Computed(key=key):
            return _compared(parts.definition(key), node, predicates)
        case ast.InAudience(key=key):
            audience = parts.definition(key)
            return lambda scope: audience(scope) is True
        case ast.Sequence():
            sequence = parts.sequence(node)
            return lambda scope: sequence(scope) is True
        case ast.OfUsers():
            return parts.users(node)
        case _:
            assert_never(node)


def _compared(
    value: Operand, node: ast.EventCondition | ast.TraitCondition | ast.Computed, predicates: Predicates
) -> Holds:
    test = predicates.test(node.operator, node.operands)
    if test is None:
        # An operand inside an event, where no event is in question: it is missing.
        return lambda _: False
    if isinstance(node, ast.EventCondition) and node.aggregate.reducer in _COUNTS:
        return _counted(value, node, test)
    return lambda scope: test(value(scope), scope)


def _counted(count: Operand, node: ast.EventCondition, test: Test) -> Holds:
    """Most conditions: what is compared is sure to be a number."""
    compare, operand = _ORDERS.get(node.operator), node.operands[:1]
    if compare is None or not is_number(operand[0]):
        return lambda scope: test(count(scope), scope)
    number = operand[0]
    return lambda scope: compare(count(scope), number)


_COUNTS: Final = frozenset({"count", "unique_count"})
_ORDERS: Final[dict[str, Callable[[Any, Any], bool]]] = {"<": py.lt, "<=": py.le, ">": py.gt, ">=": py.ge}


def _all(tests: list[Holds]) -> Holds:
    match tests:
        case [only]:
            return only
        case [one, other]:
            return lambda scope: one(scope) and other(scope)
        case _:
            return lambda scope: all(test(scope) for test in tests)


def _any(tests: list[Holds]) -> Holds:
    match tests:
        case [only]:
            return only
        case [one, other]:
            return lambda scope: one(scope) or other(scope)
        case _:
            return lambda scope: any(test(scope) for test in tests)
