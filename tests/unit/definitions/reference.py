"""What a definition comes to, as plainly as possible: every event of a person in a list, and the docstrings of
`definitions/ast.py` one after another. It is the judge of the live evaluator and of the compiler to SQL, and
shares nothing with them but the syntax tree and FQL.

Where the docstrings leave a choice, this is what was chosen:

- A *trait* has no value when nothing was counted: `count`, `unique_count` and `unique_list` too, so a profile does
  not get a zero for each definition that is not about it. Inside an EventCondition a count is a number always.
- `!=` asks for another value, whatever its type; with an operand that is missing it is false. Lists and objects
  equal nothing.
- `TraitOf` an audience is true or false, never missing. What refers to a definition that is gone finds no value.
- A session is made of the events that match, not of all there are.
- `avg` is the sum as a number, divided by how many there are.
- In FQL paths lead where FQL says: `properties` of an identify are not its traits.
- An instant is a date, or a date and a time with a zone (`INSTANT`); what is finer than a millisecond is cut.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from headwater.definitions import ast
from headwater.fql import FqlEvaluationError, compile_filter

UNITS = 10**9
SUMMED_MAX = 10**15
INSTANT = re.compile(
    r"(\d{4})-(\d{2})-(\d{2})(?:T(\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?(?:Z|([+-])(\d{2}):(\d{2})))?",
    re.ASCII,
)
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)  # noqa: UP017 - beside timezone(offset) it reads better

Catalogue = Mapping[tuple[str, str], ast.Definition]


@dataclass(frozen=True)
class Occurrence:
    """An event of a person's history."""

    at_ms: int
    """Effective time."""
    offset: int
    index: int
    call: str
    name: str | None
    """Of a track event, a page or a screen."""
    source: str
    event: dict[str, Any]
    """The whole event, as its JSON has it."""

    @property
    def place(self) -> tuple[int, int, int]:
        return self.at_ms, self.offset, self.index


@dataclass(frozen=True)
class Person:
    """A user or an account."""

    events: list[Occurrence] = field(default_factory=list)
    """In any order."""
    collection: str = "users"
    users: list["Person"] = field(default_factory=list)
    """Of an account: those that are linked to it."""
    given_traits: dict[str, Any] | None = None
    """Instead of those that the events carry."""

    @property
    def traits(self) -> dict[str, Any]:
        if self.given_traits is not None:
            return self.given_traits
        call = "identify" if self.collection == "users" else "group"
        found: dict[str, Any] = {}
        for occurrence in sorted(self.events, key=lambda o: o.place):
            sent = occurrence.event.get("traits")
            if occurrence.call == call and isinstance(sent, dict):
                found.update(sent)
        return found


def evaluate(
    definition: ast.Definition, definitions: Iterable[ast.Definition], person: Person, now_ms: int
) -> Any:
    """Of an audience whether the person is a member, of a trait its value, None when it has none. `definitions`
    are those that it may refer to.
    """
    catalogue: Catalogue = {(str(d.collection), d.key): d for d in definitions}
    return _Evaluation(catalogue, person, now_ms).definition(definition)


@dataclass(frozen=True)
class _Evaluation:
    catalogue: Catalogue
    person: Person
    now_ms: int

    # --- definitions and conditions -----------------------------------------------------------------------------

    def definition(self, definition: ast.Definition) -> Any:
        if not isinstance(definition.body, ast.Aggregate):
            return self.condition(definition.body)
        value = self.aggregate(definition.body)
        return None if definition.body.reducer in {"count", "unique_count"} and value == 0 else value

    def reference(self, key: str) -> Any:
        definition = self.catalogue.get((self.person.collection, key))
        return None if definition is None else self.definition(definition)

    def condition(self, node: ast.Condition) -> bool:
        match node:
            case ast.All(items=items):
                return all(self.condition(item) for item in items)
            case ast.Any_(items=items):
                return any(self.condition(item) for item in items)
            case ast.Not(item=item):
                return not self.condition(item)
            case ast.EventCondition():
                return self.compared(self.aggregate(node.aggregate), node.operator, node.operands)
            case ast.TraitCondition():
                return self.compared(at(self.person.traits, node.segments), node.operator, node.operands)
            case ast.Computed():
                return self.compared(self.reference(node.key), node.operator, node.operands)
            case ast.InAudience():
                return self.reference(node.key) is True
            case ast.Sequence():
                return self.sequence(node)
            case ast.OfUsers():
                met = [
                    _Evaluation(self.catalogue, user, self.now_ms).condition(node.condition)
                    for user in self.person.users
                ]
                return {"any": any(met), "all": bool(met) and all(met), "none": not any(met)}[node.quantifier]

    def sequence(self, node: ast.Sequence) -> bool:
        def completed(start: Occurrence, after: Occurrence, steps: tuple[ast.EventQuery, ...]) -> bool:
            if not steps:
                return True
            return any(
                completed(start, event, steps[1:])
                for event in self.matching(steps[0])
                if event.place > after.place
                and (node.within_ms is None or event.at_ms - start.at_ms <= node.within_ms)
            )

        if not node.steps:
            return True
        return any(completed(first, first, node.steps[1:]) for first in self.matching(node.steps[0]))

    # --- events -------------------------------------------------------------------------------------------------

    def matching(self, query: ast.EventQuery, parent: Occurrence | None = None) -> list[Occurrence]:
        """In order of place."""
        return [
            event
            for event in sorted(self.person.events, key=lambda o: o.place)
            if event.call == query.call
            and query.name in {None, event.name}
            and event.source not in query.without_sources
            and (query.where is None or self.predicate(query.where, event, parent))
        ]

    def predicate(self, node: ast.Predicate, event: Occurrence, parent: Occurrence | None) -> bool:
        match node:
            case ast.AllOf(items=items):
                return all(self.predicate(item, event, parent) for item in items)
            case ast.AnyOf(items=items):
                return any(self.predicate(item, event, parent) for item in items)
            case ast.NotOf(item=item):
                return not self.predicate(item, event, parent)
            case ast.Compare():
                left = self.operand(node.left, event, parent)
                return self.compared(left, node.operator, node.operands, event, parent)
            case ast.Fql(text=text):
                try:
                    return compile_filter(text).matches(json.dumps(event.event).encode())
                except FqlEvaluationError:
                    return False
            case ast.Followed():
                followers = [
                    later
                    for later in self.matching(node.events, event)
                    if later.place > event.place and later.at_ms - event.at_ms <= node.within_ms
                ]
                return self.compared(len(followers), node.operator, (node.count,))

    def operand(self, operand: ast.Operand, event: Occurrence | None, parent: Occurrence | None) -> Any:
        match operand:
            case ast.Path(segments=segments):
                return None if event is None else value_of(event, segments)
            case ast.ParentPath(segments=segments):
                return None if parent is None else value_of(parent, segments)
            case ast.TraitOf(segments=segments):
                if (self.person.collection, segments[0]) in self.catalogue:
                    return at(self.reference(segments[0]), segments[1:])
                return at(self.person.traits, segments)
        return operand

    def compared(
        self,
        left: Any,
        operator: str,
        operands: tuple[ast.Operand, ...],
        event: Occurrence | None = None,
        parent: Occurrence | None = None,
    ) -> bool:
        rights = [self.operand(operand, event, parent) for operand in operands]
        return compare(left, operator, rights, self.now_ms)

    # --- aggregates ---------------------------------------------------------------------------------------------

    def counted(self, node: ast.Aggregate) -> list[Occurrence]:
        events = self.matching(node.events)
        match node.window:
            case ast.Window(oldest_ms=oldest_ms, newest_ms=newest_ms):
                return [event for event in events if newest_ms <= self.now_ms - event.at_ms < oldest_ms]
            case ast.Session(gap_ms=gap_ms):
                session: list[Occurrence] = []
                after_ms = self.now_ms
                for event in reversed(events):
                    if after_ms - event.at_ms >= gap_ms:
                        break
                    session.insert(0, event)
                    after_ms = event.at_ms
                return session
        return events

    def aggregate(self, node: ast.Aggregate) -> Any:
        events = self.counted(node)
        if node.reducer == "count":
            return len(events)
        values = [value for event in events if (value := value_of(event, node.path)) is not None]
        match node.reducer:
            case "first" | "last":
                return (values[0] if node.reducer == "first" else values[-1]) if values else None
            case "sum" | "avg":
                units = [in_units(value) for value in values if is_number(value) and abs(value) < SUMMED_MAX]
                total = sum(units) / UNITS
                return None if not units else total if node.reducer == "sum" else total / len(units)
            case "min" | "max":
                wanted: Callable[[Any], bool] = is_text if node.as_type == "string" else is_number
                pick: Any = min if node.reducer == "min" else max
                return pick(filter(wanted, values), default=None)
            case "most_frequent":
                return most_frequent(values, node.as_type, node.frequency_min)
            case "unique_list":
                return sorted(set(map(as_text, scalars(values)))) or None
            case "unique_count":
                return len(set(map(as_text, scalars(values))))


# --- values -----------------------------------------------------------------------------------------------------


def value_of(occurrence: Occurrence, segments: tuple[str, ...]) -> Any:
    if occurrence.call in {"identify", "group"} and segments[0] == "properties":
        segments = ("traits", *segments[1:])
    return at(occurrence.event, segments)


def at(value: Any, segments: tuple[str, ...]) -> Any:
    """Null and missing are the same here: None."""
    for name in segments:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def is_text(value: Any) -> bool:
    return isinstance(value, str)


def is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def scalars(values: Iterable[Any]) -> Iterator[Any]:
    """Texts, numbers and booleans, and those inside lists."""
    for value in values:
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, str | int | float):
                yield item


def as_text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e21:
        return str(int(value))
    return str(value)


def in_units(value: float) -> int:
    return int((Decimal(str(value)) * UNITS).to_integral_value(rounding=ROUND_HALF_UP))


def most_frequent(values: list[Any], as_type: str, frequency_min: int) -> Any:
    if as_type != "array":
        values = [value for value in values if not isinstance(value, list)]
    counted = list(scalars(values))
    if as_type == "number":
        counts = Counter(value for value in counted if is_number(value))
    else:
        counts = Counter(map(as_text, counted))
    enough = [(-count, as_text(value), value) for value, count in counts.items() if count >= frequency_min]
    return min(enough)[2] if enough else None


def instant_ms(text: Any) -> int | None:
    found = INSTANT.fullmatch(text) if isinstance(text, str) else None
    if not found:
        return None
    year, month, day, hour, minute, second, fraction, sign, zone_hour, zone_minute = found.groups()
    if int(zone_hour or 0) > 23 or int(zone_minute or 0) > 59:
        return None
    zone = timedelta(hours=int(zone_hour or 0), minutes=int(zone_minute or 0))
    try:
        local = datetime(
            int(year),
            int(month),
            int(day),
            int(hour or 0),
            int(minute or 0),
            int(second or 0),
            tzinfo=EPOCH.tzinfo,
        )
    except ValueError:
        return None
    offset_ms = (-1 if sign == "-" else 1) * (zone // timedelta(milliseconds=1))
    return (local - EPOCH) // timedelta(milliseconds=1) + int(((fraction or "") + "000")[:3]) - offset_ms


# --- comparing --------------------------------------------------------------------------------------------------


def same(left: Any, right: Any) -> bool:
    if is_number(left) and is_number(right):
        return bool(left == right)
    words = [as_text(value) if isinstance(value, bool) else value for value in (left, right)]
    return all(map(is_text, words)) and words[0] == words[1]


def contains(left: Any, rights: list[Any]) -> bool:
    if isinstance(left, list):
        return any(same(item, right) for item in left for right in rights)
    return is_text(left) and any(is_text(right) and right in left for right in rights)


def compare(left: Any, operator: str, rights: list[Any], now_ms: int) -> bool:  # noqa: C901 - plain on purpose
    match operator:
        case "exists":
            return left is not None
        case "not_exists":
            return left is None
        case "=" | "in":
            return any(same(left, right) for right in rights)
        case "!=" | "not_in":
            return left is not None and all(right is not None and not same(left, right) for right in rights)
        case "contains":
            return contains(left, rights)
        case "not_contains":
            return isinstance(left, str | list) and not contains(left, rights)
        case "starts_with":
            return is_text(left) and any(is_text(right) and left.startswith(right) for right in rights)
        case "ends_with":
            return is_text(left) and any(is_text(right) and left.endswith(right) for right in rights)
    (right,) = rights
    if operator in {"<", "<=", ">", ">="}:
        orders = {"<": lambda: left < right, "<=": lambda: left <= right, ">": lambda: left > right}
        return is_number(left) and is_number(right) and bool(orders.get(operator, lambda: left >= right)())
    at_ms = instant_ms(left)
    if operator in {"before", "after"}:
        other_ms = instant_ms(right)
        if at_ms is None or other_ms is None:
            return False
        return at_ms < other_ms if operator == "before" else at_ms > other_ms
    if at_ms is None or not is_number(right):
        return False
    answers: dict[str, bool] = {
        "within_last": now_ms - right < at_ms <= now_ms,
        "before_last": at_ms <= now_ms - right,
        "within_next": now_ms < at_ms <= now_ms + right,
        "after_next": at_ms > now_ms + right,
    }
    return answers[operator]
