"""JSON values as definitions take them: what is the same, what a number is, what a value is as text."""

import sys
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final

from headwater.fql.operators import equal

_SCALARS: Final = frozenset({str, int, float, bool})
_NUMBERS: Final = frozenset({int, float})

UNIT: Final = 10**9
"""Sums count in units of 10^-9, so that they are exact and their order does not matter."""

_SUMMABLE_MAX: Final = 10**15
_EXACT_MAX: Final = 10**6
"""Below it, a float with at most nine decimals is the nearest one to a whole number of units, divided by UNIT."""
_WHOLE_MAX: Final = 1e21
"""Larger ones have an exponent."""
_WORDS: Final = {True: "true", False: "false"}
_FLOAT_MAX: Final = int(sys.float_info.max)
_INT64_MIN: Final = -(1 << 63)
_INT64_MAX: Final = (1 << 64) - 1


def same(left: Any, right: Any) -> bool:
    """The same text, number or boolean; a boolean is also the same as its word. Nothing else equals."""
    kind, other = left.__class__, right.__class__
    if kind is other:
        return bool(left == right) and kind in _SCALARS
    if kind is bool and other is str:
        return _WORDS[left] == right  # type: ignore[no-any-return]
    if other is bool and kind is str:
        return _WORDS[right] == left  # type: ignore[no-any-return]
    return kind in _NUMBERS and other in _NUMBERS and bool(left == right)


def is_unchanged(left: Any, right: Any) -> bool:
    """The same value of a definition: here lists and objects may be equal, and a boolean is no text."""
    kind = left.__class__
    if kind is right.__class__ and kind is not list and kind is not dict:
        return bool(left == right)
    return equal(left, right)


def is_number(value: Any) -> bool:
    return value.__class__ is int or value.__class__ is float


def units_of(value: Any) -> int | None:
    """How many units of 10^-9 a number is, halves away from zero; None: it does not count in a sum."""
    kind = value.__class__
    if kind is float:
        if -_EXACT_MAX < value < _EXACT_MAX:
            units = round(value * UNIT)
            if units / UNIT == value:
                return int(units)
        elif not -_SUMMABLE_MAX < value < _SUMMABLE_MAX:
            return None
        return int(Decimal(repr(value)).scaleb(9).to_integral_value(ROUND_HALF_UP))
    if kind is int and -_SUMMABLE_MAX < value < _SUMMABLE_MAX:
        return value * UNIT  # type: ignore[no-any-return]
    return None


def number_of(units: int) -> int | float:
    """The number that so many units are: an int when it is a whole one."""
    whole, rest = divmod(units, UNIT)
    return units / UNIT if rest else whole


def text_of(value: Any) -> str | None:
    """Of text, a boolean or a number, whole ones without a fraction. None: it is neither."""
    kind = value.__class__
    if kind is str:
        return value  # type: ignore[no-any-return]
    if kind is int:
        return str(value)
    if kind is bool:
        return _WORDS[value]
    if kind is float:
        return str(int(value)) if value.is_integer() and abs(value) < _WHOLE_MAX else repr(value)
    return None


def storable(value: Any) -> Any:
    """The value as it can stand in a row: an integer that no 64 bits hold becomes the nearest float there is."""
    kind = value.__class__
    if kind is int:
        if _INT64_MIN <= value <= _INT64_MAX:
            return value
        return float(max(-_FLOAT_MAX, min(_FLOAT_MAX, value)))
    if kind is dict:
        return {key: storable(each) for key, each in value.items()}
    if kind is list:
        return [storable(each) for each in value]
    return value
