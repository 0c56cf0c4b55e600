"""The functions of FQL, on JSON values. MismatchError where a type makes no sense."""

import math
import re
from collections.abc import Callable
from typing import Any, Final, NamedTuple

from headwater.fql.errors import MismatchError
from headwater.fql.glob import GlobError, compile_glob
from headwater.fql.operators import NUMBERS, an, type_name

_NUMBER: Final = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_WORD: Final = re.compile(r"(^| )([^ ])")
_EXACT_DIGITS: Final = 4_000
"""Longer integers become floats: Python itself refuses to read those of more than 4,300 digits."""
_PLAIN_MAX: Final = 1e21
"""Whole floats below it are written with all their digits, as JavaScript does."""


class Function(NamedTuple):
    name: str
    parameters: tuple[str, ...]
    call: Callable[..., Any]
    is_bool: bool = False
    """Whether the result is always true or false."""

    @property
    def signature(self) -> str:
        return f"{self.name}({', '.join(self.parameters)})"


def contains(text: Any, part: Any) -> bool:
    if text.__class__ is str and part.__class__ is str:
        return part in text
    if text.__class__ is list:
        raise MismatchError("contains looks into a string, not a list; write `value in list`")
    for value in (text, part):
        if value is not None and value.__class__ is not str:
            raise MismatchError(f"contains takes two strings, not {an(value)}")
    return False


def contains_in_trigger(text: Any, part: Any) -> bool:
    return text.__class__ is str and part.__class__ is str and part in text


def lacks_in_trigger(text: Any, part: Any) -> bool:
    """`!contains(…)` in a trigger: a string is needed here too."""
    return text.__class__ is str and part.__class__ is str and part not in text


def match(text: Any, pattern: Any) -> bool:
    for value in (text, pattern):
        if value is not None and value.__class__ is not str:
            raise MismatchError(f"match takes two strings, not {an(value)}")
    return text is not None and pattern is not None and _matches(text, pattern)


def match_in_trigger(text: Any, pattern: Any) -> bool:
    return text.__class__ is str and pattern.__class__ is str and _matches(text, pattern)


def mismatch_in_trigger(text: Any, pattern: Any) -> bool:
    """`!match(…)` in a trigger: a string is needed here too."""
    return text.__class__ is str and pattern.__class__ is str and not _matches(text, pattern)


def _matches(text: str, pattern: str) -> bool:
    try:
        return compile_glob(pattern)(text)
    except GlobError as error:  # a pattern out of the event; those of the expression were checked
        raise MismatchError(f"match: {error}") from None


def length(value: Any) -> int:
    """Items of a list, UTF-8 bytes of a string."""
    if value.__class__ is str:
        return len(value) if value.isascii() else len(value.encode())
    if value.__class__ is list:
        return len(value)
    if value is None:
        return 0
    raise MismatchError(f"length takes a string or a list, not {an(value)}")


def _of_text(name: str, change: Callable[[str], str]) -> Callable[[Any], str | None]:
    def changed(value: Any) -> str | None:
        if value.__class__ is str:
            return change(value)
        if value is None:
            return None
        raise MismatchError(f"{name} takes a string, not {an(value)}")

    return changed


def _titled(text: str) -> str:
    return _WORD.sub(lambda word: word[1] + word[2].upper(), text)


def to_bool(value: Any) -> bool:
    if value.__class__ is bool:
        return bool(value)
    if value is None:
        return False
    if value.__class__ in NUMBERS:
        return bool(value != 0)
    if value.__class__ is str:
        match value.lower():
            case "true" | "1":
                return True
            case "false" | "0" | "":
                return False
        raise MismatchError("bool takes the strings true, false, 1, 0 and the empty one")
    raise MismatchError(f"bool has no value for {an(value)}")


def to_string(value: Any) -> str | None:
    """Numbers that are equal give the same text: 1.0 and 1 are "1"."""
    if value is None or value.__class__ is str:
        return value
    if value.__class__ is bool:
        return "true" if value else "false"
    if value.__class__ is float:
        return str(int(value)) if value.is_integer() and abs(value) < _PLAIN_MAX else repr(value)
    if value.__class__ is int:
        return str(value)
    raise MismatchError(f"string has no value for {an(value)}")


def to_number(value: Any) -> int | float | None:
    if value is None or value.__class__ in NUMBERS:
        return value
    if value.__class__ is bool:
        return int(value)
    if value.__class__ is str:
        written = value.strip(" \t\n\r")
        found = _NUMBER.fullmatch(written)
        if found:
            is_whole = found[1] is None and found[2] is None and len(written) < _EXACT_DIGITS
            number: int | float = int(written) if is_whole else float(written)
            if math.isfinite(number):
                return number
        raise MismatchError("number takes strings that hold a number")
    raise MismatchError(f"number has no value for {an(value)}")


FUNCTIONS: Final = {
    function.name: function
    for function in (
        Function("contains", ("text", "part"), contains, is_bool=True),
        Function("match", ("text", "pattern"), match, is_bool=True),
        Function("length", ("value",), length),
        Function("lowercase", ("text",), _of_text("lowercase", str.lower)),
        Function("uppercase", ("text",), _of_text("uppercase", str.upper)),
        Function("snakecase", ("text",), _of_text("snakecase", lambda text: text.replace(" ", "_"))),
        Function("kebabcase", ("text",), _of_text("kebabcase", lambda text: text.replace(" ", "-"))),
        Function("titlecase", ("text",), _of_text("titlecase", _titled)),
        Function("typeof", ("value",), type_name),
        Function("bool", ("value",), to_bool, is_bool=True),
        Function("string", ("value",), to_string),
        Function("number", ("value",), to_number),
    )
}
TRIGGER_FUNCTIONS: Final = FUNCTIONS | {
    "contains": Function("contains", ("text", "part"), contains_in_trigger, is_bool=True),
    "match": Function("match", ("text", "pattern"), match_in_trigger, is_bool=True),
}
TRIGGER_NEGATIONS: Final = {"contains": lacks_in_trigger, "match": mismatch_in_trigger}
"""`!` before these in a trigger does not turn "not a string" into true."""
