"""One transformation, compiled, and what it did to an event."""

from typing import Any, Final, NamedTuple

import msgspec

from headwater import fql
from headwater.config import event_paths
from headwater.config.transformations import Transformation
from headwater.fql.ast import Compare
from headwater.transformations import operations
from headwater.transformations.draft import Draft, encode
from headwater.transformations.operations import Operation, Step

UNTOUCHED: Final = "untouched"
CHANGED: Final = "changed"
DROPPED: Final = "dropped"
SKIPPED: Final = "skipped"
"""It could not be applied, and the event goes on without it."""
HELD_BACK: Final = "held_back"
"""It could not be applied, and it hides something: the event must not go on."""

PROBLEM_CHARS_MAX: Final = 200


class Result(NamedTuple):
    outcome: str
    steps: tuple[Step, ...] = ()
    problem: str = ""


_NOTHING: Final = Result(UNTOUCHED)
_DROPPED: Final = Result(DROPPED)


class Rule:
    """Compiled from a definition that the loader has checked; fql.FqlError or ValueError from one that it has not
    (another version of Headwater stored it).
    """

    def __init__(self, definition: Transformation, position: int) -> None:
        self.name = definition.name
        self.version = definition.version
        self.position = position
        """Among those of its scope: rules are applied in this order."""
        self.drops = definition.drop
        self.hides = definition.hides
        self.renames = bool(definition.rename_event)
        """Whether the event may have another name afterwards, so that other rules fit."""
        self.condition = fql.compile_filter(definition.if_) if definition.if_ else None
        self.asks = _asks(self.condition)
        """Whether there is more to ask once the event's call and name are known to fit."""
        self._computed = [
            (event_paths.whole(path), path, fql.compile_value(text))
            for path, text in definition.fql_values.items()
        ]
        self._operations = _operations(definition)
        members = _members(definition)
        self._members = tuple(members) if len(members) > 1 else ()
        """What is read before anything is changed, so that a rule is applied whole or not at all."""
        self._wants = _wants(definition)

    @property
    def label(self) -> str:
        """`name@version`, as traces and details have it."""
        return f"{self.name}@{self.version}"

    def apply(self, draft: Draft, *, fits: bool = False) -> Result:
        """Change the draft if the condition holds. Nothing is changed when it cannot be told whether it does, or a
        value that is asked for cannot be computed. `fits`: call and name are known to be what it asks for.
        """
        try:
            if self.condition is not None and (self.asks or not fits):
                draft.settle()
                if not draft.matches(self.condition):
                    return _NOTHING
            if self.drops:
                return _DROPPED
            if self._wants and self._finds_nothing(draft):
                return _NOTHING
            for member in self._members:
                draft.read(member or draft.payload)
            values = self._values(draft) if self._computed else ()
            steps: list[Step] = []
            for operation in self._operations:
                operation(draft, steps)
            for path, text, value in values:
                operations.put_computed(draft, steps, path, text, value)
        except (fql.FqlEvaluationError, msgspec.MsgspecError, RecursionError) as error:
            why = str(error)[:PROBLEM_CHARS_MAX]
            return Result(HELD_BACK if self.hides else SKIPPED, problem=why)
        return Result(CHANGED, tuple(steps)) if steps else _NOTHING

    def _values(self, draft: Draft) -> list[tuple[event_paths.Path, str, Any]]:
        draft.settle()
        return [(path, text, draft.value_of(expression)) for path, text, expression in self._computed]

    def _finds_nothing(self, draft: Draft) -> bool:
        for member, keys in self._wants:  # noqa: SIM110 - all() takes twice as long
            if not draft.lacks(member or draft.payload, keys):
                return False
        return True


def _asks(condition: fql.Filter | None) -> bool:
    if condition is None:
        return False
    # One comparison, and it is the one that is required.
    required = condition.required_event is not None or condition.required_type is not None
    return not (required and isinstance(condition.expression, Compare))


def _operations(rule: Transformation) -> list[Operation]:
    """In an order that nobody can tell from another: no two touch the same path. What is taken away goes first."""
    made: list[Operation] = []
    if rule.allow_properties:
        made.append(operations.allow(rule.allow_properties))
    made += [operations.drop(operations.inside(path), path) for path in rule.drop_properties]
    made += [operations.drop(event_paths.whole(path), path) for path in rule.drop_values]
    if rule.hash_values.paths:
        changed = operations.hashed(rule.hash_values)
        made += [
            operations.change(event_paths.whole(path), path, "hashed", changed) for path in rule.hash_values.paths
        ]
    for path, values in rule.map_properties.items():
        changed = operations.mapped(values)
        made.append(operations.change(operations.inside(path), path, "mapped", changed))
    for old, new in rule.rename_properties.items():
        made.append(operations.move(operations.inside(old), operations.inside(new), "renamed", old, new))
    for old, new in rule.move_values.items():
        made.append(operations.move(event_paths.whole(old), event_paths.whole(new), "moved", old, new))
    for path, value in rule.set_values.items():
        made.append(operations.put(event_paths.whole(path), path, value))
    if rule.rename_event:
        made.append(operations.rename_event(rule.rename_event))
    return made


def _members(rule: Transformation) -> frozenset[str]:
    """The top-level members that its operations read."""
    whole = (*rule.drop_values, *rule.move_values, *rule.move_values.values(), *rule.set_values, *rule.fql_values)
    members = {event_paths.whole(path)[0] for path in (*whole, *rule.hash_values.paths)}
    if rule.allow_properties or rule.drop_properties or rule.rename_properties or rule.map_properties:
        members.add(operations.PAYLOAD)
    return frozenset(members)


def _wants(rule: Transformation) -> tuple[tuple[str, tuple[bytes, ...]], ...]:
    """By member, the names of which an event must have one for the rule to do anything. Empty: it may do something
    to any event.
    """
    if rule.set_values or rule.fql_values or rule.allow_properties or rule.rename_event:
        return ()
    inside = (*rule.drop_properties, *rule.rename_properties, *rule.map_properties)
    whole = (*rule.drop_values, *rule.move_values, *rule.hash_values.paths)
    paths = [*map(operations.inside, inside), *map(event_paths.whole, whole)]
    if any(len(path) == 1 for path in paths):
        return ()
    keys: dict[str, set[bytes]] = {}
    for path in paths:
        keys.setdefault(path[0], set()).add(encode(path[-1]))
    return tuple((member, tuple(sorted(names))) for member, names in keys.items())


def told(steps: tuple[Step, ...]) -> dict[str, Any]:
    """What was done, by verb: a list of paths, or old → new."""
    by_verb: dict[str, Any] = {}
    for verb, path, to in steps:
        if to:
            by_verb.setdefault(verb, {})[path] = to
        else:
            by_verb.setdefault(verb, []).append(path)
    return by_verb
