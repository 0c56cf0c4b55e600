"""A definition as the tree of the workspace file: plain data that `tree` reads back to the same."""

from typing import Any, Final

from headwater.definitions import ast
from headwater.definitions.calls import CALLS
from headwater.definitions.durations import render_duration
from headwater.definitions.paths import Segments, as_property, render_path
from headwater.definitions.tree import KINDS

_KEYS: Final = {call: key for key, call in CALLS.items()}
_KIND_OF: Final = {reducer: kind for kind, reducer in KINDS.items()}
_AT_LEAST_ONCE: Final = (">=", (1,))


def as_tree(condition: ast.Condition) -> dict[str, Any]:
    match condition:
        case ast.All(items=items):
            return {"all": [as_tree(item) for item in items]}
        case ast.Any_(items=items):
            return {"any": [as_tree(item) for item in items]}
        case ast.Not(item=item):
            return {"not": as_tree(item)}
        case ast.EventCondition():
            return _event_condition(condition)
        case ast.TraitCondition(segments=segments, operator=operator, operands=operands):
            return {"trait": render_path(segments), **_comparison(operator, operands)}
        case ast.Computed(key=key, operator=operator, operands=operands):
            return {"computed": key, **_comparison(operator, operands)}
        case ast.InAudience(key=key):
            return {"audience": key}
        case ast.Sequence(steps=steps, within_ms=within_ms):
            within = {} if within_ms is None else {"within": render_duration(within_ms)}
            return {"sequence": [_events(step) for step in steps], **within}
        case ast.OfUsers(quantifier=quantifier, condition=inside):
            return {"users": {quantifier: as_tree(inside)}}


def as_keys(aggregate: ast.Aggregate) -> dict[str, Any]:
    """The keys of a computed trait that say how it is computed."""
    window: dict[str, Any] = _window(aggregate.window) if isinstance(aggregate.window, ast.Window) else {}
    if isinstance(aggregate.window, ast.Session):
        window = {"session": render_duration(aggregate.window.gap_ms)}
    return {
        "kind": _KIND_OF[aggregate.reducer],
        **_events(aggregate.events),
        **_reduced(aggregate),
        **window,
    }


def _event_condition(condition: ast.EventCondition) -> dict[str, Any]:
    aggregate = condition.aggregate
    data = _events(aggregate.events)
    if isinstance(aggregate.window, ast.Window):
        data |= _window(aggregate.window)
    if aggregate.reducer == "count" and (condition.operator, condition.operands) == _AT_LEAST_ONCE:
        return data
    return data | {
        aggregate.reducer: {**_reduced(aggregate), **_comparison(condition.operator, condition.operands)}
    }


def _events(events: ast.EventQuery, parent: str = "") -> dict[str, Any]:
    """`parent`: the call of the event that these have to follow."""
    data: dict[str, Any] = {_KEYS[events.call]: True if events.name is None else events.name}
    if events.where is not None:
        data["where"] = _Predicates(events.call, parent).tree(events.where)
    if events.without_sources:
        data["without_sources"] = list(events.without_sources)
    return data


def _reduced(aggregate: ast.Aggregate) -> dict[str, Any]:
    data: dict[str, Any] = {}
    if aggregate.reducer != "count":
        key, text = _path(aggregate.path, aggregate.events.call, ("property", "path"))
        data[key] = text
    if aggregate.as_type:
        data["as_type"] = aggregate.as_type
    if aggregate.reducer == "most_frequent" and aggregate.frequency_min != 2:
        data["frequency_min"] = aggregate.frequency_min
    return data


def _window(window: ast.Window) -> dict[str, Any]:
    if window.newest_ms == 0:
        return {"within": render_duration(window.oldest_ms)}
    return {"between": [render_duration(window.newest_ms), render_duration(window.oldest_ms)]}


def _path(segments: Segments, call: str, keys: tuple[str, str]) -> tuple[str, str]:
    """(key, text): the first key for a property, the second for any other path."""
    inside = as_property(segments, call)
    return (keys[0], render_path(inside)) if inside else (keys[1], render_path(segments))


def _comparison(operator: ast.Operator, operands: tuple[Any, ...]) -> dict[str, Any]:
    return _Predicates("").comparison(operator, operands)


class _Predicates:
    """What is asked about events of one call."""

    def __init__(self, call: str, parent: str = "") -> None:
        self._call = call
        self._parent = parent

    def tree(self, predicate: ast.Predicate) -> Any:
        match predicate:
            case ast.Fql(text=text):
                return text
            case ast.AllOf(items=items):
                return {"all": [self.tree(item) for item in items]}
            case ast.AnyOf(items=items):
                return {"any": [self.tree(item) for item in items]}
            case ast.NotOf(item=item):
                return {"not": self.tree(item)}
            case ast.Followed():
                return {"followed_by": self._followed(predicate)}
            case ast.Compare(left=left, operator=operator, operands=operands):
                key, text = self._side(left)
                right = operands[0] if len(operands) == 1 else None
                if isinstance(left, ast.Path) and isinstance(right, ast.TraitOf | ast.ParentPath):
                    other, value = self._side(right)
                    return {key: text, "op": operator, other: value}
                return {key: text, **self.comparison(operator, operands)}

    def comparison(self, operator: ast.Operator, operands: tuple[Any, ...]) -> dict[str, Any]:
        if not operands:
            return {"op": operator}
        if operator in ast.DURATION_OPERAND:
            return {"op": operator, "value": render_duration(operands[0])}
        values = [self._operand(operand) for operand in operands]
        is_list = len(values) > 1 or operator in {"in", "not_in"}
        return {"op": operator, "value": values if is_list else values[0]}

    def _operand(self, operand: ast.Operand) -> Any:
        if not isinstance(operand, ast.Path | ast.TraitOf | ast.ParentPath):
            return operand
        key, text = self._side(operand)
        return {key: text}

    def _side(self, side: ast.Path | ast.TraitOf | ast.ParentPath) -> tuple[str, str]:
        match side:
            case ast.TraitOf(segments=segments):
                return "trait", render_path(segments)
            case ast.ParentPath(segments=segments):
                return _path(segments, self._parent, ("parent", "parent_path"))
            case ast.Path(segments=segments):
                return _path(segments, self._call, ("property", "path"))

    def _followed(self, followed: ast.Followed) -> dict[str, Any]:
        data = {**_events(followed.events, self._call), "within": render_duration(followed.within_ms)}
        if (followed.operator, followed.count) != (">=", 1):
            data["count"] = {"op": followed.operator, "value": followed.count}
        return data
