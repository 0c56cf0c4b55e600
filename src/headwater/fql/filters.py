"""Filters and values: expressions ready to be asked about events."""

import functools
from typing import Any, Final, Protocol, cast

from headwater import limits
from headwater.event import Event
from headwater.fql.ast import And, Compare, Expression, Not, Or, Path, String
from headwater.fql.compile import compile_body, compile_event
from headwater.fql.interpret import body_reader, decide, evaluate, event_reader
from headwater.fql.parser import parse
from headwater.fql.shape import paths


class OfBody(Protocol):
    """FqlEvaluationError when the event gives the expression no value; callers fail closed."""

    def __call__(self, body: bytes, /) -> bool: ...


class OfEvent(Protocol):
    """The same of the pipeline's envelope. `extra` holds the top-level members that the envelope does not know, as
    FlowingEvent does; without it they are null.
    """

    def __call__(self, event: Event, extra: bytes = b"", /) -> bool: ...


class AnyOfBody(Protocol):
    def __call__(self, body: bytes, /) -> Any: ...


class AnyOfEvent(Protocol):
    def __call__(self, event: Event, extra: bytes = b"", /) -> Any: ...


class Filter:
    """A question about an event, asked in FQL. The same filter may be asked from many threads."""

    __slots__ = (
        "expression",
        "matches",
        "matches_event",
        "paths",
        "required_event",
        "required_type",
        "text",
        "trigger",
    )

    matches: OfBody
    """Whether the event in this JSON passes. An attribute, so that asking costs one call."""
    matches_event: OfEvent
    """Whether this event passes. Decodes of its raw members only those that are read."""

    def __init__(self, text: str, *, trigger: bool = False) -> None:
        expression = parse(text, trigger=trigger)
        self.text = text
        self.trigger = trigger
        self.expression = expression
        self.paths = tuple(sorted(set(paths(expression))))
        """Everything it reads. With equal values at these paths, two events get the same answer."""
        self.required_event = _required(expression, "event")
        """The only `event` it can be true for, None when there may be others. Every other one gives false, never
        an error, so a dispatcher need not ask.
        """
        self.required_type = _required(expression, "type")
        """The same for `type`."""

        def careful(body: bytes) -> bool:
            return decide(expression, body_reader(body), trigger=trigger)

        def careful_event(event: Event, extra: bytes = b"") -> bool:
            return decide(expression, event_reader(event, extra), trigger=trigger)

        self.matches = cast(OfBody, compile_body(expression, careful, trigger=trigger, as_filter=True))
        self.matches_event = cast(
            OfEvent, compile_event(expression, careful_event, trigger=trigger, as_filter=True)
        )

    def __repr__(self) -> str:
        return f"Filter({self.text!r}{', trigger=True' if self.trigger else ''})"


class Value:
    """A value computed from an event in FQL: null, bool, number, string, list or object, as Python has them."""

    __slots__ = ("expression", "of", "of_event", "paths", "text")

    of: AnyOfBody
    """The value for the event in this JSON. FqlEvaluationError when there is none."""
    of_event: AnyOfEvent
    """The value for this event."""

    def __init__(self, text: str) -> None:
        expression = parse(text)
        self.text = text
        self.expression = expression
        self.paths = tuple(sorted(set(paths(expression))))
        """Everything it reads."""

        def careful(body: bytes) -> Any:
            return evaluate(expression, body_reader(body), trigger=False)

        def careful_event(event: Event, extra: bytes = b"") -> Any:
            return evaluate(expression, event_reader(event, extra), trigger=False)

        self.of = compile_body(expression, careful, trigger=False, as_filter=False)
        self.of_event = compile_event(expression, careful_event, trigger=False, as_filter=False)

    def __repr__(self) -> str:
        return f"Value({self.text!r})"


@functools.lru_cache(maxsize=limits.fql.COMPILED_MAX)
def compile_filter(text: str, *, trigger: bool = False) -> Filter:
    """A filter, compiled once per text. FqlError if it is not FQL."""
    return Filter(text, trigger=trigger)


@functools.lru_cache(maxsize=limits.fql.COMPILED_MAX)
def compile_value(text: str) -> Value:
    """A value, compiled once per text. FqlError if it is not FQL."""
    return Value(text)


_DISPATCHED: Final = frozenset({("type",), ("event",)})


def _required(expression: Expression, member: str) -> str | None:
    """The string that this top-level member must be equal to, if every other one is certain to give false."""
    match expression:
        case Compare(operator="=", left=Path(segments=segments), right=String(value=text)) if segments == (
            member,
        ):
            return text
        case Compare(operator="=", left=String(value=text), right=Path(segments=segments)) if segments == (
            member,
        ):
            return text
        case And(operands=operands):
            for operand in operands:
                if (required := _required(operand, member)) is not None:
                    return required
                # What stands before is evaluated before. It must not be able to raise: false and "no value" are
                # different answers.
                if not _is_safe(operand):
                    return None
        case Or(operands=operands):
            texts = {_required(operand, member) for operand in operands}
            return texts.pop() if len(texts) == 1 else None
    return None


def _is_safe(expression: Expression) -> bool:
    """Whether it is sure to have a value: made of comparisons of `type` and `event` with strings."""
    match expression:
        case Compare(operator="=" | "!=", left=Path(segments=segments), right=String()):
            return segments in _DISPATCHED
        case Compare(operator="=" | "!=", left=String(), right=Path(segments=segments)):
            return segments in _DISPATCHED
        case And(operands=operands) | Or(operands=operands):
            return all(map(_is_safe, operands))
        case Not(operand=operand):
            return _is_safe(operand)
    return False
