"""Operators with their operands, compiled: a function of a value and the scope it is asked in.

What they mean is said once, in definitions/ast.py. A comparison with a number, a text or a boolean that is known
beforehand is most of them, and the fastest; the others ask their operands each time.
"""

import operator as py
from collections.abc import Callable, Sequence
from typing import Any, Final, TypeAlias

from headwater.aggregation.compute.scope import Scope
from headwater.aggregation.compute.values import is_number, same
from headwater.definitions.ast import DURATION_OPERAND, Operator
from headwater.definitions.instants import instant_ms

Test: TypeAlias = Callable[[Any, Scope], bool]
Operand: TypeAlias = Callable[[Scope], Any]
"""The value of an operand that is not a constant: of a trait, or of the event in question."""

_ORDERS: Final[dict[str, Callable[[Any, Any], bool]]] = {"<": py.lt, "<=": py.le, ">": py.gt, ">=": py.ge}


def compile_test(operator: Operator, constants: Sequence[Any]) -> Test:
    """With operands that are known."""
    if operator in DURATION_OPERAND:
        return _DURATIONS[operator](int(constants[0]))
    if operator == "exists":
        return lambda value, _: value is not None
    if operator == "not_exists":
        return lambda value, _: value is None
    if operator == "=":
        return _equals(constants[0])
    if operator in _ORDERS and is_number(constants[0]):
        return _ordered(operator, constants[0])
    holds = HOLDS[operator]
    return lambda value, _: holds(value, constants)


def compile_dynamic(operator: Operator, operands: Sequence[Operand]) -> Test:
    """With operands that are asked each time."""
    holds = HOLDS[operator]
    return lambda value, scope: holds(value, [operand(scope) for operand in operands])


# --- with known operands --------------------------------------------------------------------------------------


def _equals(constant: Any) -> Test:
    if constant.__class__ is bool:
        word = "true" if constant else "false"
        return lambda value, _: value is constant or (value.__class__ is str and value == word)
    if constant in {"true", "false"}:
        flag = constant == "true"
        return lambda value, _: value is flag or (value.__class__ is str and value == constant)
    if constant.__class__ is str:
        return lambda value, _: value.__class__ is str and value == constant
    return lambda value, _: (value.__class__ is int or value.__class__ is float) and value == constant


def _ordered(operator: str, constant: Any) -> Test:
    match operator:
        case "<":
            return lambda value, _: (value.__class__ is int or value.__class__ is float) and value < constant
        case "<=":
            return lambda value, _: (value.__class__ is int or value.__class__ is float) and value <= constant
        case ">":
            return lambda value, _: (value.__class__ is int or value.__class__ is float) and value > constant
        case _:
            return lambda value, _: (value.__class__ is int or value.__class__ is float) and value >= constant


# --- instants against the clock -------------------------------------------------------------------------------


def _within_last(span_ms: int) -> Test:
    def test(value: Any, scope: Scope) -> bool:
        at_ms = _instant(value)
        if at_ms is None:
            return False
        scope.turns(at_ms)
        scope.turns(at_ms + span_ms)
        return scope.now_ms - span_ms < at_ms <= scope.now_ms

    return test


def _before_last(span_ms: int) -> Test:
    def test(value: Any, scope: Scope) -> bool:
        at_ms = _instant(value)
        if at_ms is None:
            return False
        scope.turns(at_ms + span_ms)
        return at_ms <= scope.now_ms - span_ms

    return test


def _within_next(span_ms: int) -> Test:
    def test(value: Any, scope: Scope) -> bool:
        at_ms = _instant(value)
        if at_ms is None:
            return False
        scope.turns(at_ms - span_ms)
        scope.turns(at_ms)
        return scope.now_ms < at_ms <= scope.now_ms + span_ms

    return test


def _after_next(span_ms: int) -> Test:
    def test(value: Any, scope: Scope) -> bool:
        at_ms = _instant(value)
        if at_ms is None:
            return False
        scope.turns(at_ms - span_ms)
        return at_ms > scope.now_ms + span_ms

    return test


_DURATIONS: Final[dict[str, Callable[[int], Test]]] = {
    "within_last": _within_last,
    "before_last": _before_last,
    "within_next": _within_next,
    "after_next": _after_next,
}


def _instant(value: Any) -> int | None:
    return instant_ms(value) if value.__class__ is str else None


# --- in general -----------------------------------------------------------------------------------------------


def _is_equal(value: Any, operands: Sequence[Any]) -> bool:
    return value is not None and same(value, operands[0])


def _differs(value: Any, operands: Sequence[Any]) -> bool:
    return value is not None and operands[0] is not None and not same(value, operands[0])


def _orders(compare: Callable[[Any, Any], bool]) -> Callable[[Any, Sequence[Any]], bool]:
    return lambda value, operands: is_number(value) and is_number(operands[0]) and compare(value, operands[0])


def _contains(value: Any, operands: Sequence[Any]) -> bool:
    if value.__class__ is str:
        return any(each.__class__ is str and each in value for each in operands)
    if value.__class__ is list:
        return any(each is not None and same(item, each) for item in value for each in operands)
    return False


def _omits(value: Any, operands: Sequence[Any]) -> bool:
    return (value.__class__ is str or value.__class__ is list) and not _contains(value, operands)


def _starts(value: Any, operands: Sequence[Any]) -> bool:
    return value.__class__ is str and any(each.__class__ is str and value.startswith(each) for each in operands)


def _ends(value: Any, operands: Sequence[Any]) -> bool:
    return value.__class__ is str and any(each.__class__ is str and value.endswith(each) for each in operands)


def _is_one(value: Any, operands: Sequence[Any]) -> bool:
    return value is not None and any(same(value, each) for each in operands)


def _is_none(value: Any, operands: Sequence[Any]) -> bool:
    return value is not None and all(each is not None and not same(value, each) for each in operands)


def _dates(compare: Callable[[Any, Any], bool]) -> Callable[[Any, Sequence[Any]], bool]:
    def holds(value: Any, operands: Sequence[Any]) -> bool:
        left, right = _instant(value), _instant(operands[0])
        return left is not None and right is not None and compare(left, right)

    return holds


HOLDS: Final[dict[str, Callable[[Any, Sequence[Any]], bool]]] = {
    "=": _is_equal,
    "!=": _differs,
    **{symbol: _orders(compare) for symbol, compare in _ORDERS.items()},
    "contains": _contains,
    "not_contains": _omits,
    "starts_with": _starts,
    "ends_with": _ends,
    "in": _is_one,
    "not_in": _is_none,
    "exists": lambda value, _: value is not None,
    "not_exists": lambda value, _: value is None,
    "before": _dates(py.lt),
    "after": _dates(py.gt),
}
