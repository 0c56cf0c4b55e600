"""What is asked about one event, in a tree: FQL, or comparisons joined with all, any and not."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from headwater import fql, limits
from headwater.definitions import ast, rules
from headwater.definitions.calls import CALLS
from headwater.definitions.durations import window_mistake
from headwater.definitions.fql_predicates import predicate_of
from headwater.definitions.problems import Place
from headwater.definitions.values import comparison, count_of, milliseconds_of, path_of
from headwater.errors import nearest

ReadEvents = Callable[[Mapping[str, Any], Place, str], ast.EventQuery]
"""Reads which events a mapping is about; the last argument is the call of those that they follow."""

_JOINED: Final = ("all", "any", "not", "followed_by")
_SIDES: Final = ("property", "path", "parent", "parent_path", "trait")
"""What can be compared, in the order in which one is taken for the left side."""
_EVENT_KEYS: Final = (*CALLS, "where", "without_sources")

_LOST: Final = ast.AllOf(())


class Predicates:
    """Reads the `where` of events of one call."""

    def __init__(self, call: str, parent: str, read_events: ReadEvents) -> None:
        self._call = call
        self._parent = parent
        """The call of the event that these follow; empty: they follow none."""
        self._read_events = read_events

    def predicate(self, data: Any, place: Place, depth: int = 1) -> ast.Predicate:
        if depth > limits.definitions.DEPTH_MAX:
            place.report(f"nested deeper than {limits.definitions.DEPTH_MAX} conditions")
            return _LOST
        if isinstance(data, str):
            return self._filter(data, place)
        if not isinstance(data, dict):
            place.report("expected FQL, or a mapping that compares something")
            return _LOST
        heads = [key for key in data if key in _JOINED]
        sides = [key for key in _SIDES if key in data]
        if len(heads) > 1 or (heads and sides):
            both = " and ".join((*heads, *sides))
            place.report(f"one condition at a time: {both} are several; join them with all or any")
        elif sides:
            return self._compare(data, sides, place)
        elif heads:
            return self._joined(heads[0], data, place, depth)
        elif data:
            place.report(f"expected a condition; {nearest(str(next(iter(data))), (*_JOINED, *_SIDES))}")
        else:
            place.report("expected a condition; this mapping is empty")
        return _LOST

    def _filter(self, text: str, place: Place) -> ast.Predicate:
        try:
            return predicate_of(text, self._call)
        except fql.FqlError as error:
            place.report(f"not FQL: {error}")
            return _LOST

    def _joined(self, head: str, data: dict[str, Any], place: Place, depth: int) -> ast.Predicate:
        place.refuse_unknown(data, (head,))
        inside, at = data[head], place.at(head)
        if head == "not":
            return ast.NotOf(self.predicate(inside, at, depth + 1))
        if head == "followed_by":
            return self._followed(inside, at)
        if not isinstance(inside, list):
            at.report("expected a list of conditions")
            return _LOST
        items = tuple(self.predicate(item, at.at(index), depth + 1) for index, item in enumerate(inside))
        return ast.AllOf(items) if head == "all" else ast.AnyOf(items)

    def _followed(self, data: Any, place: Place) -> ast.Predicate:
        if self._parent:
            place.report("one step after another is a `sequence`; a funnel has one step")
            return _LOST
        if not isinstance(data, dict):
            place.report("expected a mapping, as in {event: Order Completed, within: 7d}")
            return _LOST
        place.refuse_unknown(data, (*_EVENT_KEYS, "within", "count"))
        events = self._read_events(data, place, self._call)
        within = milliseconds_of(data.get("within"), place.at("within")) or 0
        if isinstance(data.get("within"), str):
            place.at("within").report(window_mistake(within))
        operator, count = self._count(data.get("count"), place.at("count"))
        return ast.Followed(events, within, operator, count)

    def _count(self, data: Any, place: Place) -> tuple[ast.Operator, int]:
        if data is None:
            return ">=", 1
        if not isinstance(data, dict):
            place.report('expected a comparison, as in {op: ">=", value: 2}')
            return ">=", 1
        place.refuse_unknown(data, ("op", "value"))
        operator, _ = comparison({"op": data.get("op")}, place)
        count = count_of(data.get("value"), place.at("value"), least=0)
        place.report(rules.count_mistake(operator, count))
        return operator, count

    # --- comparisons ------------------------------------------------------------------------------------------

    def _compare(self, data: dict[str, Any], sides: list[str], place: Place) -> ast.Predicate:
        left, *right = sides
        place.refuse_unknown(data, (*_SIDES, "op", "value"))
        side = self._side(left, data[left], place.at(left))
        operator, operands = comparison(data, place, self._reference)
        if right:
            if len(right) > 1 or right[0] in {"property", "path"} or operands:
                what = " and ".join((*right, *(["value"] if operands else [])))
                place.report(f"{left} is compared with one thing; {what} are several, or need `value`")
            operands = (self._side(right[0], data[right[0]], place.at(right[0])),)
        place.report(rules.comparison_mistake(operator, operands))
        return ast.Compare(side, operator, operands)

    def _reference(self, data: dict[str, Any], place: Place) -> Any:
        if len(data) != 1 or next(iter(data)) not in _SIDES:
            place.report(f"expected a value, or one of {', '.join(_SIDES)} to compare with")
            return ""
        ((side, value),) = data.items()
        return self._side(side, value, place.at(side))

    def _side(self, key: str, value: Any, place: Place) -> ast.Path | ast.TraitOf | ast.ParentPath:
        if key == "trait":
            return ast.TraitOf(path_of(value, place))
        if key in {"property", "path"}:
            return ast.Path(path_of(value, place, self._call if key == "property" else None))
        if not self._parent:
            place.report("only events of `followed_by` have a parent, the event that they follow")
        return ast.ParentPath(path_of(value, place, self._parent if key == "parent" else None))
