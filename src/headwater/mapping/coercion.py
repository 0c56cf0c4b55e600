"""Values in the type that a field has, as AJV's `coerceTypes: "array"` turns them (spec 2.8): what a form or a
careless event writes as text is still a number, and one value in a list of one is that value.
"""

import math
import re
from collections.abc import Callable
from typing import Any, Final

from headwater.mapping.javascript import SPACES, a, number_to_string, type_name

_DECIMAL: Final = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_PREFIXED: Final = re.compile(r"0[xX][0-9a-fA-F]+|0[oO][0-7]+|0[bB][01]+")
_INT_DIGITS: Final = 18
_EXACT: Final = 2**53
_NUMBER_CHARS_MAX: Final = 1_100
"""Every double can be written out in fewer."""


class Unfit(Exception):  # noqa: N818 - no error yet: whoever knows the field makes it one
    """A value that a field does not take; says what it should be."""


def to_text(value: Any) -> str:
    """As JavaScript writes it.

    >>> to_text(1.0), to_text(True), to_text(["x"])
    ('1', 'true', 'x')
    """
    value = _single(value)
    if value.__class__ is str:
        return value
    if value.__class__ is bool:
        return "true" if value else "false"
    if value.__class__ in (int, float):
        return number_to_string(value)
    if value is None:
        return ""
    raise Unfit(f"should be a string, but is {a(type_name(value))}")


def to_number(value: Any) -> float:
    """Text is read as JavaScript reads it.

    >>> to_number("12"), to_number("1e3"), to_number(True), to_number("0x10")
    (12, 1000, 1, 16)
    """
    value = _single(value)
    if value.__class__ in (int, float):
        return value
    if value.__class__ is bool or value is None:
        return int(bool(value))
    number = _read(value) if value.__class__ is str else None
    if number is None:
        raise Unfit(f"should be a number, but is {_shown(value)}")
    return number


def to_integer(value: Any) -> int:
    """A number without a fraction.

    >>> to_integer("12"), to_integer(3.0)
    (12, 3)
    """
    value = _single(value)
    try:
        number = to_number(value)
    except Unfit:
        number = math.nan
    if number.__class__ is float and not number.is_integer():
        raise Unfit(f"should be a whole number, but is {_shown(value)}")
    return int(number)


def to_boolean(value: Any) -> bool:
    """Also from the two words, and from 0 and 1.

    >>> to_boolean("true"), to_boolean(0)
    (True, False)
    """
    value = _single(value)
    if value.__class__ is bool:
        return value
    if value is None or (value.__class__ in (int, float, str) and value in (0, "false")):
        return False
    if value.__class__ in (int, float, str) and value in (1, "true"):
        return True
    raise Unfit(f"should be true or false, but is {a(type_name(value))}")


def to_instant(value: Any) -> Any:
    """Text or a number, as it is."""
    value = _single(value)
    return value if value.__class__ in (str, int, float) else to_text(value)


def to_object(value: Any) -> dict[str, Any]:
    if value.__class__ is not dict:
        raise Unfit(f"should be an object, but is {a(type_name(value))}")
    return value


COERCIONS: Final[dict[str, tuple[tuple[type, ...], Callable[[Any], Any]]]] = {
    "string": ((str,), to_text),
    "text": ((str,), to_text),
    "number": ((int, float), to_number),
    "integer": ((int,), to_integer),
    "boolean": ((bool,), to_boolean),
    "datetime": ((str, int, float), to_instant),
    "object": ((dict,), to_object),
}
"""Of each type of field: the classes that are right already, and what makes others right."""


def _single(value: Any) -> Any:
    return value[0] if value.__class__ is list and len(value) == 1 else value


def _read(text: str) -> float | None:
    """A text that loosely equals the number it is; nothing but spaces is zero."""
    if not text:
        return None
    plain = text.strip(SPACES)
    if not plain:
        return 0
    if len(plain) > _NUMBER_CHARS_MAX:
        return None
    if _PREFIXED.fullmatch(plain):
        return int(plain, 0)
    if not _DECIMAL.fullmatch(plain):
        return None
    if len(plain) <= _INT_DIGITS and plain.lstrip("+-").isdigit():
        return int(plain)
    number = float(plain)
    if not math.isfinite(number):
        return None
    return int(number) if number.is_integer() and abs(number) <= _EXACT else number


def _shown(value: Any) -> str:
    return "a text that is none" if value.__class__ is str and value else a(type_name(value))
