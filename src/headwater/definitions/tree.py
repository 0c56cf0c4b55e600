"""The tree of the workspace file as a definition: docs/reference/definitions.md is the language.

Reading goes on after a mistake, so that all are found; what could not be read is `_LOST` until then.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from headwater import limits
from headwater.definitions import ast, rules
from headwater.definitions.calls import CALLS, NAMED, VIEWED, Call
from headwater.definitions.durations import between_mistake, window_mistake
from headwater.definitions.paths import Segments
from headwater.definitions.predicates import Predicates
from headwater.definitions.problems import Place
from headwater.definitions.query import QueryError, parse_query
from headwater.definitions.values import comparison, count_of, milliseconds_of, path_of, text_of
from headwater.definitions.walk import nodes
from headwater.errors import nearest

KINDS: Final[Mapping[str, ast.Reducer]] = {
    "event_count" if reducer == "count" else reducer: reducer for reducer in rules.REDUCERS
}
"""Kind of a computed trait → reducer."""

_EVENT_KEYS: Final = (*CALLS, "where", "without_sources")
_WINDOW_KEYS: Final = ("within", "between")
_COMPARED_KEYS: Final = ("property", "path", "op", "value", "as_type", "frequency_min")
_HEADS: Final = (*CALLS, "trait", "computed", "audience", "all", "any", "not", "sequence", "users")

_LOST: Final = ast.All(())
_NOTHING: Final = ast.EventQuery()
_QUANTIFIERS: Final = ("any", "all", "none")


def parse_condition(data: Any, *, collection: str = "users") -> ast.Condition:
    """What a tree, or a text in Segment's query language, says about profiles of the collection. DefinitionError
    has every mistake.
    """
    place = Place([])
    found = _Conditions(of_accounts=collection == "accounts").condition(data, place, 1)
    _check(found, place)
    return found


def parse_aggregate(data: Mapping[str, Any]) -> ast.Aggregate:
    """What the keys of a computed trait say that are about how it is computed; others are passed over.
    DefinitionError has every mistake.
    """
    place = Place([])
    kind = data.get("kind")
    if kind is None:
        place.report("say what is computed: either `kind`, or `query`")
        place.check()
    if not isinstance(kind, str) or kind not in KINDS:
        place.at("kind").report(f"no kind {kind!r}; {nearest(str(kind), KINDS)}")
        place.check()
    reducer = KINDS[str(kind)]
    written = {key: value for key, value in data.items() if value is not None}
    events = _events(written, place)
    window = _window(written, place)
    if "session" in written:
        if window is not None:
            place.at("session").report("a session is a window of its own; leave out the other one")
        gap = _duration(written["session"], place.at("session"))
        window = ast.Session(gap)
    aggregate = _aggregate(reducer, events, window, written, place)
    _check(aggregate, place)
    return aggregate


def _check(found: ast.Aggregate | ast.Condition, place: Place) -> None:
    if sum(1 for _ in nodes(found)) > limits.definitions.NODES_MAX:
        place.report(
            f"more than {limits.definitions.NODES_MAX} conditions and what they compare; make several of it"
        )
    place.check()


# --- conditions -----------------------------------------------------------------------------------------------


class _Conditions:
    def __init__(self, *, of_accounts: bool) -> None:
        self._of_accounts = of_accounts
        self._read: Mapping[str, Callable[[dict[str, Any], Place, int], ast.Condition]] = {
            **dict.fromkeys(CALLS, self._event),
            "all": self._all,
            "any": self._any,
            "not": self._not,
            "trait": self._trait,
            "computed": self._computed,
            "audience": self._audience,
            "sequence": self._sequence,
            "users": self._users,
        }

    def condition(self, data: Any, place: Place, depth: int) -> ast.Condition:
        if depth > limits.definitions.DEPTH_MAX:
            place.report(f"nested deeper than {limits.definitions.DEPTH_MAX} conditions")
            return _LOST
        if isinstance(data, str):
            return self._query(data, place)
        if not isinstance(data, dict):
            place.report("expected a condition: a mapping, or text in the query language")
            return _LOST
        heads = [key for key in data if key in _HEADS]
        if len(heads) == 1:
            return self._read[heads[0]](data, place, depth)
        if heads:
            place.report(f"one condition at a time: {' and '.join(heads)} are several; join them with all or any")
        elif unknown := [str(key) for key in data]:
            place.report(f"expected a condition; {nearest(unknown[0], _HEADS)}")
        else:
            place.report("expected a condition; this mapping is empty")
        return _LOST

    def _query(self, text: str, place: Place) -> ast.Condition:
        try:
            found = parse_query(text, collection="accounts" if self._of_accounts else "users")
        except QueryError as error:
            place.report(f"not the query language: {error}")
            return _LOST
        if isinstance(found, ast.Aggregate):
            place.report("this computes a value; compare it with something, as in `.count() >= 1`")
            return _LOST
        return found

    def _all(self, data: dict[str, Any], place: Place, depth: int) -> ast.Condition:
        return ast.All(self._items(data, "all", place, depth))

    def _any(self, data: dict[str, Any], place: Place, depth: int) -> ast.Condition:
        return ast.Any_(self._items(data, "any", place, depth))

    def _items(self, data: dict[str, Any], key: str, place: Place, depth: int) -> tuple[ast.Condition, ...]:
        place.refuse_unknown(data, (key,))
        items = data[key]
        if not isinstance(items, list):
            place.at(key).report("expected a list of conditions")
            return ()
        inside = place.at(key)
        return tuple(self.condition(item, inside.at(index), depth + 1) for index, item in enumerate(items))

    def _not(self, data: dict[str, Any], place: Place, depth: int) -> ast.Condition:
        place.refuse_unknown(data, ("not",))
        return ast.Not(self.condition(data["not"], place.at("not"), depth + 1))

    def _event(self, data: dict[str, Any], place: Place, depth: int) -> ast.Condition:
        del depth
        events, window = _events(data, place), _window(data, place)
        place.refuse_unknown(data, (*_EVENT_KEYS, *_WINDOW_KEYS, *rules.REDUCERS, "session"))
        if "session" in data:
            place.at("session").report("sessions are for computed traits; refer to one")
        found = [reducer for reducer in rules.REDUCERS if reducer in data]
        if len(found) > 1:
            place.report(f"one value at a time: {' and '.join(found)} are several; join two conditions with all")
            return _LOST
        if not found:
            return ast.EventCondition(ast.Aggregate(events, window=window), ">=", (1,))
        reducer, compared, at = found[0], data[found[0]], place.at(found[0])
        if not isinstance(compared, dict):
            at.report('expected a comparison, as in {op: ">=", value: 3}')
            return _LOST
        at.refuse_unknown(compared, _COMPARED_KEYS)
        aggregate = _aggregate(reducer, events, window, compared, at)
        operator, operands = comparison(compared, at)
        at.report(rules.reduced_mistake(reducer, operator, operands))
        return ast.EventCondition(aggregate, operator, operands)

    def _trait(self, data: dict[str, Any], place: Place, depth: int) -> ast.Condition:
        del depth
        place.refuse_unknown(data, ("trait", "op", "value"))
        segments = path_of(data["trait"], place.at("trait"))
        operator, operands = comparison(data, place)
        place.report(rules.comparison_mistake(operator, operands))
        return ast.TraitCondition(segments, operator, operands)

    def _computed(self, data: dict[str, Any], place: Place, depth: int) -> ast.Condition:
        del depth
        place.refuse_unknown(data, ("computed", "op", "value"))
        key = text_of(data["computed"], place.at("computed"))
        operator, operands = comparison(data, place)
        place.report(rules.comparison_mistake(operator, operands))
        return ast.Computed(key, operator, operands)

    def _audience(self, data: dict[str, Any], place: Place, depth: int) -> ast.Condition:
        del depth
        place.refuse_unknown(data, ("audience",))
        return ast.InAudience(text_of(data["audience"], place.at("audience")))

    def _sequence(self, data: dict[str, Any], place: Place, depth: int) -> ast.Condition:
        del depth
        place.refuse_unknown(data, ("sequence", "within"))
        steps, at = data["sequence"], place.at("sequence")
        if not isinstance(steps, list) or not 2 <= len(steps) <= limits.definitions.SEQUENCE_STEPS_MAX:
            at.report(f"expected a list of 2 to {limits.definitions.SEQUENCE_STEPS_MAX} events")
            return _LOST
        within = None if data.get("within") is None else _duration(data["within"], place.at("within"))
        return ast.Sequence(tuple(_step(step, at.at(index)) for index, step in enumerate(steps)), within)

    def _users(self, data: dict[str, Any], place: Place, depth: int) -> ast.Condition:
        place.refuse_unknown(data, ("users",))
        inside, at = data["users"], place.at("users")
        if not self._of_accounts:
            at.report("only accounts have users; say `collection: accounts`, or leave `users` out")
            return _LOST
        if not isinstance(inside, dict) or len(inside) != 1 or next(iter(inside)) not in _QUANTIFIERS:
            at.report("expected one of any, all, none with a condition, as in {any: {event: Signed Up}}")
            return _LOST
        (quantifier, condition), *_ = inside.items()
        self._of_accounts = False
        found = self.condition(condition, at.at(quantifier), depth + 1)
        self._of_accounts = True
        return ast.OfUsers(quantifier, found)


# --- events and what is made of them --------------------------------------------------------------------------


def _step(data: Any, place: Place) -> ast.EventQuery:
    if not isinstance(data, dict):
        place.report("expected a mapping, as in {event: Signed Up}")
        return _NOTHING
    place.refuse_unknown(data, _EVENT_KEYS)
    return _events(data, place)


def _events(data: Mapping[str, Any], place: Place, parent: str = "") -> ast.EventQuery:
    """`parent`: the call of the event that these have to follow."""
    found = [key for key in CALLS if data.get(key) is not None]
    if len(found) != 1:
        some = f"{' and '.join(found)} are several" if found else "there is none"
        place.report(f"expected exactly one of {', '.join(CALLS)}; {some}")
        return _NOTHING
    (key,) = found
    call, name = _named(CALLS[key], data[key], place.at(key))
    where: ast.Predicate | None = None
    if data.get("where") is not None:
        where = Predicates(call, parent, _events).predicate(data["where"], place.at("where"))
    sources = data.get("without_sources") or []
    if not isinstance(sources, list | tuple) or not all(isinstance(source, str) for source in sources):
        place.at("without_sources").report("expected a list of names of sources")
        sources = []
    return ast.EventQuery(
        call=call,
        name=name,
        where=where,
        without_sources=tuple(sources),
    )


def _named(call: Call, value: Any, place: Place) -> tuple[Call, str | None]:
    if value is True:
        return call, None
    if call not in NAMED:
        place.report(f"{call} calls have no name; expected true")
    elif not isinstance(value, str) or not value:
        place.report("expected a name, or true for any")
    else:
        return (VIEWED[value], None) if call == "track" and value in VIEWED else (call, value)
    return call, None


def _aggregate(
    reducer: ast.Reducer,
    events: ast.EventQuery,
    window: ast.Window | ast.Session | None,
    data: Mapping[str, Any],
    place: Place,
) -> ast.Aggregate:
    as_type = data.get("as_type") or ""
    if not isinstance(as_type, str) or (mistake := rules.type_mistake(reducer, as_type)):
        place.at("as_type").report(mistake if isinstance(as_type, str) else "expected text")
        as_type = ""
    frequency = data.get("frequency_min")
    if frequency is not None and reducer != "most_frequent":
        place.at("frequency_min").report("only most_frequent has one")
    return ast.Aggregate(
        events=events,
        reducer=reducer,
        path=_reduced_path(reducer, events.call, data, place),
        window=window,
        as_type=as_type,  # type: ignore[arg-type]
        frequency_min=2 if frequency is None else count_of(frequency, place.at("frequency_min"), least=1),
    )


def _reduced_path(reducer: ast.Reducer, call: str, data: Mapping[str, Any], place: Place) -> Segments:
    given = [key for key in ("property", "path") if data.get(key)]
    if reducer == "count":
        if given:
            place.at(given[0]).report("events are counted as they are; leave it out, or use unique_count")
        return ()
    if len(given) != 1:
        place.report(f"{reducer} needs exactly one of property and path: what is looked at")
        return ()
    return path_of(data[given[0]], place.at(given[0]), call if given[0] == "property" else None)


def _window(data: Mapping[str, Any], place: Place) -> ast.Window | ast.Session | None:
    within, between = data.get("within"), data.get("between")
    if within is not None and between is not None:
        place.at("between").report("one window at a time; `within` is the other")
    if within is not None:
        return ast.Window(_duration(within, place.at("within")))
    if between is None:
        return None
    at = place.at("between")
    if not isinstance(between, list | tuple) or len(between) != 2:
        at.report("expected two durations, as in [7d, 10d]: events between 7 and 10 days ago")
        return None
    newest, oldest = (milliseconds_of(item, at.at(index)) for index, item in enumerate(between))
    if newest is not None and oldest is not None:
        at.report(between_mistake(newest, oldest))
    return ast.Window(oldest or 0, newest or 0)


def _duration(value: Any, place: Place) -> int:
    """Of a window."""
    found = milliseconds_of(value, place)
    if found is not None:
        place.report(window_mistake(found))
    return found or 0
