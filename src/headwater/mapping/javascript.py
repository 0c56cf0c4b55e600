"""JavaScript's idea of values, as far as mappings show it: the language of spec 2.9 was written in JavaScript, and
people's mappings rest on what it does with numbers as text, with null and undefined, with `$&` in replacements.
"""

import json
import math
import re
from typing import Any, Final


class _Undefined(tuple[()]):
    """A tuple, because nothing else is false as fast and no value in JSON is one."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "undefined"


UNDEFINED: Final[Any] = _Undefined()
"""Not there, as opposed to null."""

SPACES: Final = (
    " \t\n\v\f\r\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000\ufeff"
)
"""What `trim` takes away."""

_TYPES: Final = {
    type(UNDEFINED): "undefined",
    type(None): "null",
    bool: "boolean",
    int: "number",
    float: "number",
    str: "string",
    list: "array",
    dict: "object",
}
_SURROGATES: Final = re.compile("[\ud800-\udfff]")
_EXACT_INTS_BELOW: Final = 2**53
_WRITTEN_OUT_BELOW: Final = 21
"""Numbers with more digits before the point are written with an exponent ..."""
_WRITTEN_OUT_ABOVE: Final = -7
"""... and those with more zeros after it."""
_INDEX: Final = re.compile("0|[1-9][0-9]{0,9}")


def type_name(value: Any) -> str:
    """What JavaScript calls it, with null and arrays told apart from objects.

    >>> [type_name(value) for value in (UNDEFINED, None, True, 1, 1.5, "", [], {})]
    ['undefined', 'null', 'boolean', 'number', 'number', 'string', 'array', 'object']
    """
    return _TYPES.get(type(value), type(value).__name__)


def a(kind: str) -> str:
    """With its article, if it has one.

    >>> a("object"), a("string"), a("null")
    ('an object', 'a string', 'null')
    """
    if kind in ("undefined", "null"):
        return kind
    return f"{'an' if kind[0] in 'aeiou' else 'a'} {kind}"


def number_to_string(value: float) -> str:
    """The shortest that is read as the same double.

    >>> [number_to_string(value) for value in (1, 1.0, -0.0, 0.1, 1e21, 123456789012345678901, 1e-7, 1.5e-6)]
    ['1', '1', '0', '0.1', '1e+21', '123456789012345680000', '1e-7', '0.0000015']
    """
    if isinstance(value, int) and -_EXACT_INTS_BELOW <= value <= _EXACT_INTS_BELOW:
        return str(int(value))
    try:
        value = float(value)
    except OverflowError:
        value = math.inf if value > 0 else -math.inf
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    if not value:
        return "0"
    mantissa, _, exponent = f"{abs(value)!r}e".partition("e")
    whole, _, fraction = mantissa.partition(".")
    exponent = exponent.rstrip("e")
    fraction = "" if fraction == "0" else fraction
    all_digits = whole + fraction
    digits = all_digits.lstrip("0")
    point = len(whole) + int(exponent or 0) - (len(all_digits) - len(digits))
    digits = digits.rstrip("0")
    sign = "-" if value < 0 else ""
    if len(digits) <= point <= _WRITTEN_OUT_BELOW:
        return f"{sign}{digits}{'0' * (point - len(digits))}"
    if 0 < point <= _WRITTEN_OUT_BELOW:
        return f"{sign}{digits[:point]}.{digits[point:]}"
    if _WRITTEN_OUT_ABOVE < point - 1 < 0:
        return f"{sign}0.{'0' * -point}{digits}"
    tail = f".{digits[1:]}" if len(digits) > 1 else ""
    return f"{sign}{digits[0]}{tail}e{point - 1:+d}"


def to_string(value: Any) -> str:
    """What `String(value)` gives.

    >>> [to_string(value) for value in (1.0, True, None, [1, None, [2, "x"]], {"a": 1})]
    ['1', 'true', 'null', '1,,2,x', '[object Object]']
    """
    kind = value.__class__
    if kind is str:
        return value  # type: ignore[no-any-return]
    if kind is bool:
        return "true" if value else "false"
    if kind is int or kind is float:
        return number_to_string(value)
    if kind is dict:
        return "[object Object]"
    if kind is list:
        return ",".join(["" if item is None or item is UNDEFINED else to_string(item) for item in value])
    return "null" if value is None else "undefined"


def is_blank(value: Any) -> bool:
    """Whether it is undefined, null, or loosely equal to an empty string.

    >>> [is_blank(value) for value in (None, "", 0, False, [], [None], [[]], ["", ""], " ", {}, "0", [0])]
    [True, True, True, True, True, True, True, False, False, False, False, False]
    """
    if value.__class__ is list:
        return not to_string(value)
    return value.__class__ is not dict and not value


def step(value: Any, key: str) -> Any:
    """`value && value[key]`, own members only: what is falsy is its own answer, and lists and strings have a
    length and items.

    >>> step({"a": 1}, "a"), step(0, "a"), step([5], "0"), step("abc", "length"), step(None, "a"), step(True, "a")
    (1, 0, 5, 3, None, undefined)
    """
    if value.__class__ is dict:
        return value.get(key, UNDEFINED)
    if value.__class__ is list or (value.__class__ is str and value):
        if key == "length":
            return length(value) if isinstance(value, str) else len(value)
        if _INDEX.fullmatch(key):
            units = utf16(value) if isinstance(value, str) else value
            return units[int(key)] if int(key) < len(units) else UNDEFINED
        return UNDEFINED
    return UNDEFINED if value else value


def length(text: str) -> int:
    """In UTF-16 units, as JavaScript counts.

    >>> length("aé"), length("🙂")
    (2, 2)
    """
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def utf16(text: str) -> str:
    """With characters outside the basic plane as two surrogates."""
    if text.isascii() or max(text) < "\U00010000":
        return text
    units = text.encode("utf-16-be", "surrogatepass")
    return "".join(chr(units[at] << 8 | units[at + 1]) for at in range(0, len(units), 2))


def quoted(text: str) -> str:
    """As a JSON string; halves of characters are escaped, so that it is valid Unicode."""
    written = json.encoder.encode_basestring(text)
    if written.isascii():
        return written
    return _SURROGATES.sub(lambda half: f"\\u{ord(half[0]):04x}", written)


def has_half_characters(text: str) -> bool:
    """Whether it cannot be written as UTF-8."""
    return not text.isascii() and _SURROGATES.search(text) is not None


def as_double(value: int) -> float | int | None:
    """A whole number that fits into 64 bits as it is, any other as the nearest double; null beyond those."""
    if -(2**63) <= value < 2**64:
        return value
    try:
        return float(value)
    except OverflowError:
        return None


def case_key(text: str) -> str:
    """What a pattern that ignores case compares: upper case, where that is one character and no ASCII for another.

    >>> case_key("straße"), case_key("ſ"), case_key("É") == case_key("é")
    ('STRAßE', 'ſ', True)
    """
    if text.isascii():
        return text.upper()
    return "".join(map(_case_key, text))


def _case_key(char: str) -> str:
    upper = char.upper()
    if len(upper) != 1 or (upper < "\x80" <= char) or char > "\uffff":
        return char
    return upper


def expanded(replacement: str, before: str, found: str, after: str) -> str:
    r"""A replacement with its `$` sequences written out; without groups in the pattern `$1` is just text.

    >>> expanded("[$&|$$|$1|$`|$'|$]", "b", "f", "a")
    '[f|$|$1|b|a|$]'
    """
    parts = {"$": "$", "&": found, "`": before, "'": after}
    return re.sub(r"\$([$&`'])", lambda sequence: parts[sequence[1]], replacement)
