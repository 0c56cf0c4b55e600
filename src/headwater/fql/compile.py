"""The fast way to evaluate an expression: one typed decode, one generated function.

From the paths an expression reads, a msgspec struct is made that has just these members, nested as they are;
msgspec skips everything else without making an object of it. From the expression, the source of one Python
function is made. In it stand constants as `repr` writes them and names of our own, never one from the expression
or the event.

The function may only be fast, never wrong: whatever surprises it (a member that is not the object its struct
wants, a type that an operator does not take, a number no float can hold) raises, and `interpret` decides.
"""

from collections.abc import Callable
from typing import Any, Final, get_args

import msgspec
from msgspec import UNSET, Raw

from headwater.event import Event
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
from headwater.fql.functions import FUNCTIONS, TRIGGER_FUNCTIONS, TRIGGER_NEGATIONS
from headwater.fql.glob import compile_glob
from headwater.fql.interpret import canonical_path
from headwater.fql.operators import OPERATORS, TRIGGER_OPERATORS, negated, truth
from headwater.fql.shape import Shape, access, paths, step

_MEMBERS: Final = {field.encode_name: field for field in msgspec.structs.fields(Event)}
_ORDERS: Final = frozenset({">", ">=", "<", "<="})


def compile_body(
    expression: Expression, careful: Callable[[bytes], Any], *, trigger: bool, as_filter: bool
) -> Callable[[bytes], Any]:
    """A function of an event's JSON. `careful` is asked when it gives up."""
    root = Shape()
    for segments in paths(expression):
        root.add(segments)
    code = _Code(trigger=trigger)
    decode = code.constant(msgspec.json.Decoder(dict[str, Any] if root.kind is Any else root.kind).decode)
    code.path = lambda segments: access("e", root, segments)
    result = code.truth(expression, "a filter") if as_filter else code.value(expression)
    lines = [
        "def evaluate(body):",
        "    try:",
        f"        e = {decode}(body)",
        f"        return {result}",
        "    except Exception:",
        f"        return {code.constant(careful)}(body)",
    ]
    return code.function(lines) or careful


def compile_event(
    expression: Expression, careful: Callable[[Event, bytes], Any], *, trigger: bool, as_filter: bool
) -> Callable[..., Any]:
    """A function of the pipeline's envelope and its unknown members: strings are there, raw objects are decoded
    when first needed.
    """
    code = _Code(trigger=trigger)
    shapes: dict[str, Shape] = {}
    for first, *rest in paths(expression):
        shapes.setdefault(first, Shape()).add(tuple(rest))
    roots: dict[str, str] = {}
    for index, (name, shape) in enumerate(shapes.items()):
        field = _MEMBERS.get(name)
        if field is None:
            roots[name] = "None"
        elif Raw in get_args(field.type):
            decode = code.constant(msgspec.json.Decoder(shape.kind).decode)
            absent = "None" if shape.kind is Any else code.constant(shape.kind())
            raw = f"event.{field.name}"
            roots[name] = f"(r{index} or (r{index} := {decode}({raw}) if {raw} is not UNSET else {absent}))"
        else:
            shape.is_wanted = True
            roots[name] = f"event.{field.name}"
    code.path = lambda segments: access(roots[segments[0]], shapes[segments[0]], segments[1:])
    result = code.truth(expression, "a filter") if as_filter else code.value(expression)
    fallback = code.constant(careful)
    lines = ["def evaluate(event, extra=b''):"]
    if any(name not in _MEMBERS for name in shapes):
        lines += ["    if extra:", f"        return {fallback}(event, extra)"]
    cached = [f"r{index}" for index, root in enumerate(roots.values()) if root.startswith("(")]
    lines += [f"    {' = '.join(cached)} = None"] if cached else []
    lines += [
        "    try:",
        f"        return {result}",
        "    except Exception:",
        f"        return {fallback}(event, extra)",
    ]
    return code.function(lines) or careful


class _Code:
    """Writes Python expressions. Each has the value that `interpret` gives to its node, or raises."""

    def __init__(self, *, trigger: bool) -> None:
        self._is_trigger = trigger
        self._constants: dict[str, Any] = {"UNSET": UNSET, "step": step, "truth": truth, "negated": negated}
        self._operators = {
            s: self.constant(call) for s, call in (TRIGGER_OPERATORS if trigger else OPERATORS).items()
        }
        functions = TRIGGER_FUNCTIONS if trigger else FUNCTIONS
        self._functions = {name: self.constant(function.call) for name, function in functions.items()}
        self._locals = 0
        self.path: Callable[[tuple[str, ...]], str]

    def constant(self, value: Any) -> str:
        name = f"k{len(self._constants)}"
        self._constants[name] = value
        return name

    def function(self, lines: list[str]) -> Callable[..., Any] | None:
        """None when Python will not have it: it takes 200 parentheses inside each other, and no more."""
        made = dict(self._constants)
        try:
            exec(compile("\n".join(lines), "<fql>", "exec"), made)  # noqa: S102 - only what this class wrote
        except SyntaxError:
            return None
        function: Callable[..., Any] = made["evaluate"]
        return function

    def value(self, node: Expression) -> str:
        match node:
            case Null():
                return "None"
            case Boolean(value=value) | Number(value=value) | String(value=value):
                return repr(value)
            case Path(segments=segments):
                return self.path(canonical_path(segments))
            case List(items=items):
                return f"[{', '.join(map(self.value, items))}]"
            case Call(function=function, arguments=arguments):
                return self._call(function, arguments)
            case Compare():
                return self._comparison(node)
            case Not(operand=operand):
                return self._negation(operand)
            case And(operands=operands):
                return f"({' and '.join(self.truth(operand, '`and`') for operand in operands)})"
            case Or(operands=operands):
                return f"({' or '.join(self.truth(operand, '`or`') for operand in operands)})"

    def truth(self, node: Expression, taker: str) -> str:
        if _is_bool(node):
            return self.value(node)
        return f"truth({self.value(node)}, {taker!r})"

    def _negation(self, operand: Expression) -> str:
        if self._is_trigger and isinstance(operand, Call) and operand.function in TRIGGER_NEGATIONS:
            return self._call(operand.function, operand.arguments, negate=True)
        if _is_bool(operand):
            return f"(not {self.value(operand)})"
        return f"negated({self.value(operand)})"

    def _call(self, function: str, arguments: tuple[Expression, ...], *, negate: bool = False) -> str:
        name = self.constant(TRIGGER_NEGATIONS[function]) if negate else self._functions[function]
        if function in {"contains", "match"} and isinstance(arguments[1], String):
            wanted = arguments[1].value
            value, local = self._local(arguments[0])
            is_string = f"{value}.__class__ is str"
            if function == "contains":
                test = f"{wanted!r} {'not in' if negate else 'in'} {local}"
            else:
                test = f"{'not ' if negate else ''}{self.constant(compile_glob(wanted))}({local})"
            otherwise = "False" if self._is_trigger else f"{name}({local}, {wanted!r})"
            return f"({test} if {is_string} else {otherwise})"
        return f"{name}({', '.join(map(self.value, arguments))})"

    def _comparison(self, node: Compare) -> str:
        left, symbol, right = node.left, node.operator, node.right
        if symbol in {"=", "!="}:
            if _is_simple(left) and not _is_simple(right) and not self._is_trigger:
                left, right = right, left
            test = self._simple_equality(left, right, negate=symbol == "!=")
            if test:
                return test
        if symbol in _ORDERS and isinstance(right, Number):
            value, local = self._local(left)
            general = f"{self._operators[symbol]}({local}, {right.value!r})"
            return f"({local} {symbol} {right.value!r} if {_is_number(value, local)} else {general})"
        if symbol == "in" and isinstance(right, List) and all(isinstance(item, String) for item in right.items):
            # A list or an object is not hashable: it raises, and `interpret` says what is wrong.
            strings = frozenset(item.value for item in right.items if isinstance(item, String))
            return f"({self.value(left)} in {self.constant(strings)})"
        return f"{self._operators[symbol]}({self.value(left)}, {self.value(right)})"

    def _simple_equality(self, left: Expression, right: Expression, *, negate: bool) -> str | None:
        """Python's own operator where it means the same; it does not between 1 and true."""
        match right:
            case Null() | Boolean() if _is_simple(left):
                return None  # Python warns about `1 is True`
            case Null():
                return f"({self.value(left)} is {'not ' if negate else ''}None)"
            case Boolean(value=flag):
                return f"({self.value(left)} is {'not ' if negate else ''}{flag})"
            case String(value=text):
                return f"({self.value(left)} {'!=' if negate else '=='} {text!r})"
            case Number(value=number):
                value, local = self._local(left)
                if not negate and number not in {0, 1}:
                    return f"({self.value(left)} == {number!r})"
                if not negate:
                    return f"({value} == {number!r} and {local} is not True and {local} is not False)"
                otherwise = "False" if self._is_trigger else "True"
                return f"({local} != {number!r} if {_is_number(value, local)} else {otherwise})"
        return None

    def _local(self, node: Expression) -> tuple[str, str]:
        """An expression that evaluates the node and keeps the value, and the name it is kept under."""
        local = f"v{self._locals}"
        self._locals += 1
        return f"({local} := {self.value(node)})", local


def _is_number(value: str, local: str) -> str:
    return f"{value}.__class__ is float or {local}.__class__ is int"


def _is_simple(node: Expression) -> bool:
    return isinstance(node, Null | Boolean | String | Number)


def _is_bool(node: Expression) -> bool:
    """Whether its value can be nothing but true or false."""
    if isinstance(node, Call):
        return FUNCTIONS[node.function].is_bool
    return isinstance(node, And | Or | Not | Compare | Boolean)
