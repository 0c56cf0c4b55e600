"""A syntax tree as text: the one way to write it. `parse(render(tree)) == tree` for every tree."""

import re
from decimal import Decimal
from typing import Final

from headwater.fql.ast import (
    And,
    Boolean,
    Call,
    Compare,
    Expression,
    List,
    Not,
    Null,
    Number,
    Or,
    Path,
    String,
)

_ORDINARY: Final = re.compile(r"[A-Za-z0-9_-]")
_WORDS: Final = frozenset({"and", "or", "null", "true", "false", "in"})
_JOINED: Final = (And, Or, Compare, Not)
"""What needs parentheses where the grammar wants an operand."""


def render(expression: Expression) -> str:  # noqa: C901 - one case per kind of node
    """Canonical FQL: no parentheses but needed ones, double quotes unless the string holds one."""
    match expression:
        case Null():
            return "null"
        case Boolean(value=value):
            return "true" if value else "false"
        case Number(value=number):
            # repr gives the fewest digits that read back the same, Decimal writes them without exponent.
            return str(number) if isinstance(number, int) else format(Decimal(repr(number)), "f")
        case String(value=text):
            quote = "'" if '"' in text else '"'
            if quote in text:
                raise ValueError(f"FQL cannot write a string with both kinds of quotes: {text!r}")
            return f"{quote}{text}{quote}"
        case Path(segments=segments):
            return render_path(segments)
        case List(items=items):
            return f"[{', '.join(_operand(item) for item in items)}]"
        case Call(function=function, arguments=arguments):
            return f"{function}({', '.join(render(argument) for argument in arguments)})"
        case Compare(operator=operator, left=left, right=right):
            return f"{_operand(left)} {operator} {_operand(right)}"
        case Not(operand=operand):
            text = _operand(operand)
            # `!` takes a letter or a parenthesis; a comparison is clearer in parentheses, though it needs none.
            return f"!{text}" if re.match(r"[A-Za-z(]", text) else f"!({text})"
        case And(operands=operands):
            return " and ".join(_in_parentheses(o) if isinstance(o, And | Or) else render(o) for o in operands)
        case Or(operands=operands):
            return " or ".join(_in_parentheses(o) if isinstance(o, Or) else render(o) for o in operands)


def render_path(segments: tuple[str, ...]) -> str:
    r"""`properties.product\ 1`: names joined by dots, escaped where they must be."""
    head = "\\" + segments[0] if segments[0] in _WORDS else _name(segments[0])
    return ".".join([head, *map(_name, segments[1:])])


def _name(segment: str) -> str:
    escaped = "".join(char if _ORDINARY.match(char) else "\\" + char for char in segment)
    return "\\" + escaped if escaped[0] in "0123456789-" else escaped


def _operand(expression: Expression) -> str:
    return _in_parentheses(expression) if isinstance(expression, _JOINED) else render(expression)


def _in_parentheses(expression: Expression) -> str:
    return f"({render(expression)})"
