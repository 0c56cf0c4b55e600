"""FQL a second time, as plainly as possible: the whole event as Python objects, and one `if` after another.

It shares the parser with the product and nothing else. NO_VALUE stands for FqlEvaluationError.
"""

import re
from collections.abc import Callable
from typing import Any, Final

import msgspec

from headwater.fql.ast import And, Call, Compare, Expression, List, Not, Null, Or, Path

NO_VALUE: Final = object()


class NoValueError(Exception):
    pass


def answer(expression: Expression, body: bytes, *, trigger: bool) -> Any:
    """True, False or NO_VALUE."""
    try:
        event = msgspec.json.decode(body)
        if not isinstance(event, dict):
            return NO_VALUE
        return truth(value(expression, event, trigger))
    except NoValueError:
        return NO_VALUE


def kind(x: Any) -> str:
    if x is None:
        return "null"
    if isinstance(x, bool):
        return "bool"
    if isinstance(x, int | float):
        return "number"
    return {str: "string", list: "list", dict: "object"}[type(x)]


def truth(x: Any) -> bool:
    if kind(x) == "null":
        return False
    if kind(x) == "bool":
        return bool(x)
    raise NoValueError


def value(node: Expression, event: dict[str, Any], trigger: bool) -> Any:
    if isinstance(node, Null):
        return None
    if isinstance(node, Path):
        return at(event, ("receivedAt",) if node.segments == ("received_at",) else node.segments)
    if isinstance(node, List):
        return [value(item, event, trigger) for item in node.items]
    if isinstance(node, And):
        return all(truth(value(operand, event, trigger)) for operand in node.operands)
    if isinstance(node, Or):
        return any(truth(value(operand, event, trigger)) for operand in node.operands)
    if isinstance(node, Not):
        return opposite(node.operand, event, trigger)
    if isinstance(node, Compare):
        left, right = value(node.left, event, trigger), value(node.right, event, trigger)
        return compare(node.operator, left, right, trigger)
    if isinstance(node, Call):
        return call(node.function, [value(argument, event, trigger) for argument in node.arguments], trigger)
    return node.value


def at(x: Any, names: tuple[str, ...]) -> Any:
    for name in names:
        if kind(x) != "object" or name not in x:
            return None
        x = x[name]
    return x


def opposite(operand: Expression, event: dict[str, Any], trigger: bool) -> bool:
    if trigger and isinstance(operand, Call) and operand.function in {"contains", "match"}:
        arguments = [value(argument, event, trigger) for argument in operand.arguments]
        if any(kind(argument) != "string" for argument in arguments):
            return False
        return not call(operand.function, arguments, trigger)
    x = value(operand, event, trigger)
    if kind(x) != "bool":
        raise NoValueError
    return not x


def same(left: Any, right: Any) -> bool:
    if kind(left) != kind(right):
        return False
    if kind(left) == "list":
        return len(left) == len(right) and all(same(a, b) for a, b in zip(left, right, strict=True))
    if kind(left) == "object":
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    return left == right


def compare(operator: str, left: Any, right: Any, trigger: bool) -> bool:  # noqa: C901 - plain on purpose
    if operator == "=":
        return same(left, right)
    if operator == "!=":
        if trigger and kind(right) == "number" and kind(left) != "number":
            return False
        return not same(left, right)
    if operator == "in":
        if kind(left) in {"list", "object"}:
            raise NoValueError
        if kind(right) == "null":
            return False
        if kind(right) != "list":
            raise NoValueError
        return any(same(left, item) for item in right)
    if trigger and {kind(left), kind(right)} != {"number"}:
        return False
    if "null" in {kind(left), kind(right)}:
        return False
    if kind(left) != kind(right) or kind(left) not in {"number", "string"}:
        raise NoValueError
    return {">": left > right, ">=": left >= right, "<": left < right, "<=": left <= right}[operator]


def call(function: str, arguments: list[Any], trigger: bool) -> Any:  # noqa: C901 - plain on purpose
    kinds = [kind(argument) for argument in arguments]
    if function in {"contains", "match"}:
        if set(kinds) <= {"string"}:
            return arguments[1] in arguments[0] if function == "contains" else glob(*arguments)
        if trigger:
            return False
        if set(kinds) <= {"string", "null"}:
            return False
        raise NoValueError
    (x,) = arguments
    (kind_of_x,) = kinds
    if function == "typeof":
        return kind_of_x
    if function == "length":
        if kind_of_x == "string":
            return len(x.encode())
        if kind_of_x in {"list", "null"}:
            return len(x or [])
        raise NoValueError
    if function in CHANGES:
        if kind_of_x == "null":
            return None
        if kind_of_x == "string":
            return CHANGES[function](x)
        raise NoValueError
    return CONVERSIONS[function](x, kind_of_x)


def titled(text: str) -> str:
    return " ".join(word[:1].upper() + word[1:] for word in text.split(" "))


CHANGES: dict[str, Callable[[str], str]] = {
    "lowercase": lambda text: text.lower(),
    "uppercase": lambda text: text.upper(),
    "snakecase": lambda text: "_".join(text.split(" ")),
    "kebabcase": lambda text: "-".join(text.split(" ")),
    "titlecase": titled,
}


def to_bool(x: Any, kind_of_x: str) -> bool:
    if kind_of_x == "string":
        if x.lower() not in {"true", "1", "false", "0", ""}:
            raise NoValueError
        return x.lower() in {"true", "1"}
    if kind_of_x in {"list", "object"}:
        raise NoValueError
    return bool(x)


def to_string(x: Any, kind_of_x: str) -> str | None:
    if kind_of_x in {"list", "object"}:
        raise NoValueError
    if kind_of_x in {"null", "string"}:
        return x
    if kind_of_x == "bool":
        return "true" if x else "false"
    if isinstance(x, float) and x == int(x) and abs(x) < 1e21:
        return str(int(x))
    return str(x)


def to_number(x: Any, kind_of_x: str) -> int | float | None:
    if kind_of_x in {"list", "object"}:
        raise NoValueError
    if kind_of_x == "string":
        text = x.strip(" \t\r\n")
        if not re.fullmatch(r"[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?", text):
            raise NoValueError
        number = float(text) if set(text) & set(".eE") else int(text)
        if number in {float("inf"), float("-inf")}:
            raise NoValueError
        return number
    return int(x) if kind_of_x == "bool" else x


CONVERSIONS: dict[str, Callable[[Any, str], Any]] = {"bool": to_bool, "string": to_string, "number": to_number}


def glob(text: str, pattern: str) -> bool:
    """One regular expression, which may backtrack; the patterns of the tests are short."""
    written, at = "", 0
    while at < len(pattern):
        char = pattern[at]
        at += 1
        if char == "*":
            written += ".*"
        elif char == "?":
            written += "."
        elif char == "[":
            members, at = set_of(pattern, at)
            written += f"[{members}]"
        else:
            if char == "\\":
                if at == len(pattern):
                    raise NoValueError
                char = pattern[at]
                at += 1
            written += re.escape(char)
    return re.fullmatch(written, text, re.DOTALL) is not None


def set_of(pattern: str, at: int) -> tuple[str, int]:
    """What is between the brackets, and where it goes on."""
    members: list[str] = []
    if pattern[at : at + 1] in {"^", "!"}:
        raise NoValueError
    while True:
        if at >= len(pattern):
            raise NoValueError
        if pattern[at] == "]":
            break
        low, at = one(pattern, at)
        if pattern[at : at + 1] == "-" and pattern[at + 1 : at + 2] not in {"]", ""}:
            high, at = one(pattern, at + 1)
            if high < low:
                raise NoValueError
            members.append(f"{re.escape(low)}-{re.escape(high)}")
        else:
            members.append(re.escape(low))
    if not members:
        raise NoValueError
    return "".join(members), at + 1


def one(pattern: str, at: int) -> tuple[str, int]:
    if pattern[at] == "\\":
        if at + 1 >= len(pattern):
            raise NoValueError
        return pattern[at + 1], at + 2
    return pattern[at], at + 1
