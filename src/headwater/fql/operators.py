"""What the operators mean, on JSON values as msgspec decodes them. MismatchError where a type makes no sense."""

import operator
from collections.abc import Callable
from typing import Any, Final, TypeAlias

from headwater.fql.errors import MismatchError

Comparison: TypeAlias = Callable[[Any, Any], bool]

NUMBERS: Final = (int, float)
"""bool is neither: classes are compared, not instances."""

_NAMES: Final = {
    str: "string",
    int: "number",
    float: "number",
    list: "list",
    bool: "bool",
    type(None): "null",
    dict: "object",
}


def type_name(value: Any) -> str:
    return _NAMES[value.__class__]


def an(value: Any) -> str:
    """The value's type with its article, for messages."""
    name = type_name(value)
    return name if name == "null" else f"an {name}" if name == "object" else f"a {name}"


def truth(value: Any, taker: str) -> bool:
    """A bool, or null as false."""
    if value is True:
        return True
    if value is False or value is None:
        return False
    raise MismatchError(f"{taker} takes true, false or null, not {an(value)}")


def negated(value: Any) -> bool:
    if value is True or value is False:
        return not value
    raise MismatchError(f"`!` takes true or false, not {an(value)}")


def equal(left: Any, right: Any) -> bool:
    """The same type and the same value. 1 equals 1.0, since JSON has one kind of number; lists and objects are
    equal when all they hold is.
    """
    kind, other = left.__class__, right.__class__
    if kind in NUMBERS and other in NUMBERS:
        return bool(left == right)
    if kind is not other:
        return False
    if kind is list:
        return len(left) == len(right) and all(map(equal, left, right))
    if kind is dict:
        return len(left) == len(right) and all(key in right and equal(left[key], right[key]) for key in left)
    return bool(left == right)


def differs(left: Any, right: Any) -> bool:
    return not equal(left, right)


def differs_in_trigger(left: Any, right: Any) -> bool:
    """As `differs`, but only a number can differ from a number."""
    if right.__class__ in NUMBERS and left.__class__ not in NUMBERS:
        return False
    return not equal(left, right)


def is_in(left: Any, right: Any) -> bool:
    if left.__class__ is list or left.__class__ is dict:
        raise MismatchError(f"`in` takes a string, number, bool or null on its left, not {an(left)}")
    if right is None:
        return False
    if right.__class__ is not list:
        raise MismatchError(f"`in` takes a list on its right, not {an(right)}")
    return any(equal(left, item) for item in right)


def _ordered(symbol: str, compare: Comparison) -> Comparison:
    def ordered(left: Any, right: Any) -> bool:
        kind, other = left.__class__, right.__class__
        if (kind in NUMBERS and other in NUMBERS) or (kind is str and other is str):
            return compare(left, right)
        if left is None or right is None:
            return False
        raise MismatchError(f"`{symbol}` compares two numbers or two strings, not {an(left)} with {an(right)}")

    return ordered


def _ordered_in_trigger(compare: Comparison) -> Comparison:
    def ordered(left: Any, right: Any) -> bool:
        return left.__class__ in NUMBERS and right.__class__ in NUMBERS and compare(left, right)

    return ordered


_ORDERS: Final[dict[str, Comparison]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}
OPERATORS: Final[dict[str, Comparison]] = {
    "=": equal,
    "!=": differs,
    "in": is_in,
    **{symbol: _ordered(symbol, compare) for symbol, compare in _ORDERS.items()},
}
TRIGGER_OPERATORS: Final[dict[str, Comparison]] = {
    "=": equal,
    "!=": differs_in_trigger,
    "in": is_in,
    **{symbol: _ordered_in_trigger(compare) for symbol, compare in _ORDERS.items()},
}
