"""The careful way to evaluate an expression: node by node, and of the event only what a node asks for.

The compiled way gives up at the slightest surprise and asks here. So what this module says is what FQL means, and
its errors are the ones people see.
"""

from collections.abc import Callable
from typing import Any, Final, TypeAlias

import msgspec
from msgspec import UNSET, Raw

from headwater import wire
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
from headwater.fql.errors import FqlEvaluationError, MismatchError
from headwater.fql.functions import FUNCTIONS, TRIGGER_FUNCTIONS, TRIGGER_NEGATIONS
from headwater.fql.operators import OPERATORS, TRIGGER_OPERATORS, negated, truth
from headwater.fql.printer import render, render_path

Read: TypeAlias = Callable[[tuple[str, ...]], Any]
"""The value at a path, None when there is none."""

_SHOWN_CHARS: Final = 80
_ALIASES: Final[dict[tuple[str, ...], tuple[str, ...]]] = {("received_at",): ("receivedAt",)}
_MEMBERS: Final = {field.encode_name: field.name for field in msgspec.structs.fields(Event)}
_decode = msgspec.json.Decoder().decode
_decode_members = msgspec.json.Decoder(dict[str, Raw]).decode


def canonical_path(segments: tuple[str, ...]) -> tuple[str, ...]:
    """Where a path really leads: Segment's documentation writes `received_at` for `receivedAt`."""
    return _ALIASES.get(segments, segments)


def evaluate(expression: Expression, read: Read, *, trigger: bool) -> Any:
    """The expression's value, a JSON value. FqlEvaluationError when it has none."""
    return _Interpreter(read, trigger=trigger).value(expression)


def decide(expression: Expression, read: Read, *, trigger: bool) -> bool:
    """The expression's value as a filter's: null counts as false. FqlEvaluationError when it is no bool."""
    return _Interpreter(read, trigger=trigger).truth(expression, "a filter")


class _Interpreter:
    def __init__(self, read: Read, *, trigger: bool) -> None:
        self._read = read
        self._is_trigger = trigger
        self._operators = TRIGGER_OPERATORS if trigger else OPERATORS
        self._functions = TRIGGER_FUNCTIONS if trigger else FUNCTIONS

    def value(self, node: Expression) -> Any:
        match node:
            case Null():
                return None
            case Boolean(value=value) | Number(value=value) | String(value=value):
                return value
            case Path(segments=segments):
                return self._read(canonical_path(segments))
            case List(items=items):
                return [self.value(item) for item in items]
            case Call(function=function, arguments=arguments):
                return self._apply(node, self._functions[function].call, *map(self.value, arguments))
            case Compare(operator=operator, left=left, right=right):
                return self._apply(node, self._operators[operator], self.value(left), self.value(right))
            case Not(operand=operand):
                return self._negated(operand)
            case And(operands=operands):
                return all(self.truth(operand, "`and`") for operand in operands)
            case Or(operands=operands):
                return any(self.truth(operand, "`or`") for operand in operands)

    def truth(self, node: Expression, taker: str) -> bool:
        return bool(self._apply(node, truth, self.value(node), taker))

    def _negated(self, operand: Expression) -> bool:
        if self._is_trigger and isinstance(operand, Call) and operand.function in TRIGGER_NEGATIONS:
            return TRIGGER_NEGATIONS[operand.function](*map(self.value, operand.arguments))
        return bool(self._apply(operand, negated, self.value(operand)))

    def _apply(self, node: Expression, function: Callable[..., Any], *values: Any) -> Any:
        try:
            return function(*values)
        except MismatchError as error:
            text = render(node)
            shown = text if len(text) <= _SHOWN_CHARS else text[: _SHOWN_CHARS - 1] + "…"
            raise FqlEvaluationError("fql_type", f"{error}, in: {shown}") from None
        except RecursionError:
            raise FqlEvaluationError("unreadable_event", "the values are nested too deeply to compare") from None


def body_reader(body: bytes) -> Read:
    """Reads paths out of an event's JSON, decoding nothing that is not asked for. FqlEvaluationError when it is no
    JSON object.
    """
    members = _members(body, ())
    if members is None:
        raise FqlEvaluationError("unreadable_event", "an event is a JSON object")
    return lambda segments: _at(members, segments)


def event_reader(event: Event, extra: bytes = b"") -> Read:
    """Reads paths out of the pipeline's envelope; `extra` holds the top-level members that it does not know."""

    def read(segments: tuple[str, ...]) -> Any:
        name = _MEMBERS.get(segments[0])
        if name is None:
            return _at(_members(b"{" + extra + b"}", ()) or {}, segments) if extra else None
        value = getattr(event, name)
        if value is UNSET:
            return None
        if isinstance(value, Raw):
            return _at({segments[0]: value}, segments)
        return _step(value, segments[1:])

    return read


def _at(members: dict[str, Raw], segments: tuple[str, ...]) -> Any:
    for depth, name in enumerate(segments, 1):
        raw = members.get(name)
        if raw is None:
            return None
        if depth == len(segments):
            return _readable(_decode, raw, segments)
        inner = _members(raw, segments[:depth])
        if inner is None:
            return None
        members = inner
    return None


def _step(value: Any, segments: tuple[str, ...]) -> Any:
    for name in segments:
        value = value.get(name) if value.__class__ is dict else None
    return value


def _members(raw: bytes | Raw, segments: tuple[str, ...]) -> dict[str, Raw] | None:
    """The members of a JSON object as raw JSON; None when it is something else."""
    try:
        return _decode_members(raw)
    except msgspec.ValidationError:
        return None
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, TypeError):
        members: dict[str, Raw] = _readable(_decode_members, raw, segments)
        return members


def _readable(decode: Callable[[Any], Any], raw: bytes | Raw, segments: tuple[str, ...]) -> Any:
    """Decoded; half a surrogate pair, which no strict reader takes, is first made U+FFFD as normalise does."""
    try:
        return decode(wire.repair_surrogates(bytes(raw)))
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, TypeError, ValueError) as error:
        what = render_path(segments) if segments else "the event"
        shown = "nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise FqlEvaluationError("unreadable_event", f"{what} cannot be read: {shown}") from None
