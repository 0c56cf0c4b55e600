"""A definition as a query: one way to write it, Segment's where Segment has one, that `parser` reads back to the
same. References to other definitions become traits, as Segment has them; the catalogue knows which is which.
"""

from typing import Any, Final

from headwater.definitions import ast
from headwater.definitions.calls import CALLS, VIEWED
from headwater.definitions.durations import render_in_words
from headwater.definitions.paths import Segments, as_property, render_path
from headwater.definitions.query.words import COMPARATORS, QUANTIFIERS, REDUCERS, SYMBOLS

_WORDS: Final = {operator: word for word, operator in COMPARATORS.items() if operator not in SYMBOLS.values()}
_EXTRACTOR_OF: Final = {call: word for word, call in CALLS.items()}
_VIEWED_OF: Final = {call: name for name, call in VIEWED.items()}
_REDUCER_OF: Final = {reducer: word for word, reducer in REDUCERS.items()}
_QUANTIFIER_OF: Final = {quantifier: word for word, quantifier in QUANTIFIERS.items()}
_TIMESTAMP: Final = ("timestamp",)


def render_query(body: ast.Aggregate | ast.Condition) -> str:
    if isinstance(body, ast.Aggregate):
        return _aggregate(body)
    return _condition(body)


def _condition(condition: ast.Condition) -> str:
    match condition:
        case ast.All(items=items):
            return _joined("AND", "all", [(_condition(item), _is_joined(item)) for item in items])
        case ast.Any_(items=items):
            return _joined("OR", "any", [(_condition(item), _is_joined(item)) for item in items])
        case ast.Not(item=item):
            return f"NOT {_in_parentheses(item)}"
        case ast.EventCondition(aggregate=aggregate, operator=operator, operands=operands):
            return _aggregate(aggregate) + _comparison(operator, operands)
        case ast.TraitCondition(segments=segments, operator=operator, operands=operands):
            return f"trait({_text(render_path(segments))}){_comparison(operator, operands)}"
        case ast.Computed(key=key, operator=operator, operands=operands):
            return f"trait({_text(render_path((key,)))}){_comparison(operator, operands)}"
        case ast.InAudience(key=key):
            return f"trait({_text(render_path((key,)))}) = 'true'"
        case ast.Sequence(steps=steps, within_ms=within_ms):
            within = "" if within_ms is None else f".within({render_in_words(within_ms)})"
            return f"sequence({', '.join(map(_events, steps))}){within}"
        case ast.OfUsers(quantifier=quantifier, condition=inside):
            return f"{_QUANTIFIER_OF[quantifier]} {_in_parentheses(inside)}"


def _is_joined(node: Any) -> bool:
    """Whether it prints as several things side by side."""
    return isinstance(node, ast.All | ast.Any_ | ast.AllOf | ast.AnyOf) and len(node.items) > 1


def _in_parentheses(condition: ast.Condition) -> str:
    text = _condition(condition)
    return f"({text})" if _is_joined(condition) else text


def _joined(junction: str, function: str, items: list[tuple[str, bool]]) -> str:
    """`items`: text, and whether it needs parentheses beside others."""
    if len(items) < 2:
        return f"{function}({''.join(text for text, _ in items)})"
    return f" {junction} ".join(f"({text})" if is_joined else text for text, is_joined in items)


# --- events and what is made of them --------------------------------------------------------------------------


def _aggregate(aggregate: ast.Aggregate) -> str:
    window = ""
    match aggregate.window:
        case ast.Window(oldest_ms=oldest_ms, newest_ms=0):
            window = f".within({render_in_words(oldest_ms)})"
        case ast.Window(oldest_ms=oldest_ms, newest_ms=newest_ms):
            window = f".between({render_in_words(newest_ms)}, {render_in_words(oldest_ms)})"
        case ast.Session(gap_ms=gap_ms):
            window = f".expires_after({render_in_words(gap_ms)})"
    return _events(aggregate.events) + window + _reducer(aggregate)


def _reducer(aggregate: ast.Aggregate) -> str:
    reducer = aggregate.reducer
    if reducer == "count":
        return ".count()"
    path = _path(aggregate.path, aggregate.events.call)
    if reducer == "unique_count":
        return f".unique({path}).count()"
    as_type = f" as {aggregate.as_type}" if aggregate.as_type else ""
    frequency = f", {aggregate.frequency_min}" if reducer == "most_frequent" else ""
    return f".{_REDUCER_OF[reducer]}({path}{as_type}{frequency})"


def _events(events: ast.EventQuery, parent: str = "") -> str:
    """`parent`: the call of the event that these have to follow."""
    call, name = events.call, events.name
    if name is None and call in _VIEWED_OF:
        text = f"event({_text(_VIEWED_OF[call])})"
    else:
        text = f"{_EXTRACTOR_OF[call]}({'' if name is None else _text(name)})"
    if events.where is not None:
        text += f".where({_Predicates(call, parent).text(events.where)})"
    if events.without_sources:
        text += f".sources(exclude: {', '.join(map(_text, events.without_sources))})"
    return text


class _Predicates:
    """What is asked about events of one call."""

    def __init__(self, call: str, parent: str) -> None:
        self._call = call
        self._parent = parent

    def text(self, predicate: ast.Predicate) -> str:
        match predicate:
            case ast.Fql(text=text):
                return f"fql({_text(text)})"
            case ast.AllOf(items=items):
                return _joined("AND", "all", [(self.text(item), _is_joined(item)) for item in items])
            case ast.AnyOf(items=items):
                return _joined("OR", "any", [(self.text(item), _is_joined(item)) for item in items])
            case ast.NotOf(item=item):
                return f"NOT ({self.text(item)})" if _is_joined(item) else f"NOT {self.text(item)}"
            case ast.Followed(events=events, within_ms=within_ms, operator=operator, count=count):
                within = f".within(parent: {render_in_words(within_ms)})"
                return f"{_events(events, self._call)}{within}.count() {operator} {count}"
            case ast.Compare(left=left, operator=operator, operands=operands):
                return self._operand(left) + _comparison(operator, operands, self._operand)

    def _operand(self, operand: ast.Operand) -> str:
        match operand:
            case ast.Path(segments=segments):
                return _path(segments, self._call)
            case ast.ParentPath(segments=segments):
                return _path(segments, self._parent, "parent: ")
        return _scalar(operand)


def _path(segments: Segments, call: str, prefix: str = "") -> str:
    if inside := as_property(segments, call):
        extractor = "property"
    elif segments == _TIMESTAMP:
        extractor, inside = "context", segments
    elif segments[0] == "context" and len(segments) > 1 and segments[1:] != _TIMESTAMP:
        extractor, inside = "context", segments[1:]
    else:
        extractor, inside = "field", segments
    return f"{extractor}({prefix}{_text(render_path(inside))})"


# --- comparisons -----------------------------------------------------------------------------------------------


def _scalar(operand: Any) -> str:
    if isinstance(operand, ast.TraitOf):
        return f"trait({_text(render_path(operand.segments))})"
    if isinstance(operand, bool):
        return "true" if operand else "false"
    return _text(operand) if isinstance(operand, str) else repr(operand)


def _comparison(operator: ast.Operator, operands: tuple[Any, ...], shown: Any = _scalar) -> str:
    if operator in ast.DURATION_OPERAND:
        return f".{_WORDS[operator]}({render_in_words(operands[0])})"
    if operator in _WORDS:
        return f".{_WORDS[operator]}({', '.join(map(shown, operands))})"
    return f" {operator} {shown(operands[0])}"


def _text(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
