"""The definitions of one collection, compiled, and who has to be asked again when what has changed.

Sets of definitions are bit masks by their place in the order of dependence: bit 3 is the fourth definition. What a
definition depends on stands before it, so taking the lowest bit first asks each at most once.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Final, TypeAlias

from headwater.aggregation.compute.aggregates import aggregate_unit, sequence_unit
from headwater.aggregation.compute.comparisons import Operand
from headwater.aggregation.compute.conditions import Holds, compile_condition
from headwater.aggregation.compute.entry import Entry
from headwater.aggregation.compute.predicates import Predicates
from headwater.aggregation.compute.scope import Scope
from headwater.aggregation.compute.units import Unit, unit_id
from headwater.aggregation.tables import Computed, ComputedValue, Trait
from headwater.definitions import ast

USERS_PREFIX: Final = "users:"
"""Of the key of a condition that accounts ask about their users."""

_ORDERS_KEPT: Final = 4_096
_PLANS_KEPT: Final = 64
"""Sets of units computed anew: for new definitions, for profiles that merge, for a trait that events ask."""

_COUNTS: Final = frozenset({"count", "unique_count"})

NOBODY: Final = (0, 0)
"""How many users are linked to an account, and how many of them meet a condition."""

Feed: TypeAlias = Callable[[Scope, Entry], bool]
Plan: TypeAlias = tuple[tuple[int, Feed, int], ...]
"""Unit, what to hand an event to, and the definitions to ask when that returns true."""


class Compiled:
    """A definition, or a condition about users that an account's definition holds: a hidden one."""

    __slots__ = (
        "dependents",
        "due_key",
        "index",
        "invalidates",
        "is_audience",
        "is_hidden",
        "is_timed",
        "key",
        "starts_true",
        "value",
        "version",
    )

    def __init__(self, index: int, key: str, version: int, *, is_audience: bool, is_hidden: bool) -> None:
        self.index = index
        self.key = key
        self.version = version
        self.is_audience = is_audience
        self.is_hidden = is_hidden
        self.value: Operand
        self.dependents = 0
        """Mask of the definitions that ask it."""
        self.invalidates: tuple[int, ...] = ()
        """Units in whose events it is asked for."""
        self.is_timed = False
        """It asks the clock itself, not only through units."""
        self.due_key = "due:" + key
        """In Computed.aggregates, of a timed one: when it has to be asked again."""
        self.starts_true = False
        """An audience that somebody of whom nothing is known is in."""


class Layout:
    def __init__(
        self,
        definitions: Sequence[ast.Definition],
        hidden: Iterable[tuple[str, int, ast.Condition]],
        hidden_of_accounts: dict[str, tuple[int, ast.Condition]],
    ) -> None:
        """`hidden`: conditions that accounts ask about users, with their versions, when this is about users.
        `hidden_of_accounts`: those that these definitions ask are added to it.
        """
        self.definitions: list[Compiled] = []
        self.units: list[Unit] = []
        self.unit_dependents: list[int] = []
        self.by_trait: dict[str, tuple[int, tuple[int, ...]]] = {}
        """Sent trait → mask of definitions that ask it, and units in whose events it is asked for."""
        self.by_users: dict[str, int] = {}
        """Key of a condition about users → mask of definitions."""
        self._index: dict[str, int] = {}
        self._unit_index: dict[str, int] = {}
        self._hidden_of_accounts = hidden_of_accounts
        self._readers: dict[str, Operand] = {
            each.key: self._reader(each.key, is_audience=each.is_audience) for each in definitions
        }
        for each in definitions:
            self._add(each.key, each.version, each.body, is_hidden=False)
        for key, version, condition in hidden:
            self._add(key, version, condition, is_hidden=True)
        self.all_units: Final = range(len(self.units))
        self.all_definitions: Final = (1 << len(self.definitions)) - 1
        self.sensitive: Final = tuple(
            index for index, unit in enumerate(self.units) if unit.needs.traits or unit.needs.definitions
        )
        """Units in whose events traits are asked for."""
        self.looking: Final = tuple(
            index for index, unit in enumerate(self.units) if not unit.is_streamed or index in self.sensitive
        )
        """Units that have to look at the history when profiles merge."""
        self.timed: Final = tuple(each for each in self.definitions if each.is_timed)
        self.unit_ids: Final = tuple(unit.id for unit in self.units)
        self.turning: Final = tuple(index for index, unit in enumerate(self.units) if unit.can_turn)
        """Units that may be due some time."""
        self.keys: Final = frozenset(self._index)
        self.kept: Final = frozenset(self.unit_ids) | {each.due_key for each in self.timed}
        """Keys in Computed.aggregates that mean something; counts of users do, too."""
        self._in_order: dict[int, tuple[Compiled, ...]] = {}
        self._plans: dict[tuple[int, ...], Plans] = {}
        self.live: Final = self.plans(tuple(self.all_units))
        self.starting_true = 0
        """Mask of the audiences that somebody of whom nothing is known is in ..."""
        self.starting_key = ""
        """... and the key of one of them. They have a value once they have been asked, even if it is False."""
        self._find_what_starts_true()

    def in_order(self, definitions: int) -> tuple[Compiled, ...]:
        """Of a mask. The same few come again and again: those that a kind of event concerns."""
        found = self._in_order.get(definitions)
        if found is None:
            if len(self._in_order) >= _ORDERS_KEPT:
                self._in_order.clear()
            found = tuple(each for each in self.definitions if definitions >> each.index & 1)
            self._in_order[definitions] = found
        return found

    def current(self, version: int) -> int:
        """Mask of the definitions that are as they were in that version."""
        return sum(1 << each.index for each in self.definitions if each.version <= version)

    def _find_what_starts_true(self) -> None:
        nobody = _Nobody()
        scope = Scope(nobody, 0)
        for each in self.definitions:
            if each.is_audience and each.value(scope) is True:
                nobody.computed.values[each.key] = ComputedValue(True, 0)
                each.starts_true = True
                self.starting_true |= 1 << each.index
                self.starting_key = each.key

    # --- what conditions speak of (conditions.Parts) -----------------------------------------------------------

    def aggregate(self, node: ast.Aggregate) -> Operand:
        return self._unit(unit_id(node), lambda id_, predicates: aggregate_unit(id_, node, predicates))

    def sequence(self, node: ast.Sequence) -> Operand:
        return self._unit(unit_id(node), lambda id_, predicates: sequence_unit(id_, node, predicates))

    def users(self, node: ast.OfUsers) -> Holds:
        key = USERS_PREFIX + unit_id(node.condition)
        version, _ = self._hidden_of_accounts.get(key, (self._current.version, None))
        self._hidden_of_accounts[key] = (min(version, self._current.version), node.condition)
        self.by_users[key] = self.by_users.get(key, 0) | 1 << self._current.index
        quantifier = node.quantifier

        def holds(scope: Scope) -> bool:
            linked, met = scope.states.get(key, NOBODY)
            if quantifier == "any":
                return bool(met > 0)
            return bool(linked > 0 and met == linked) if quantifier == "all" else bool(met == 0)

        return holds

    def definition(self, key: str) -> Operand:
        index = self._index.get(key)
        if index is None:
            return _nothing
        self.definitions[index].dependents |= 1 << self._current.index
        return self._readers[key]

    # --- building ----------------------------------------------------------------------------------------------

    def _add(self, key: str, version: int, body: ast.Aggregate | ast.Condition, *, is_hidden: bool) -> None:
        is_audience = not isinstance(body, ast.Aggregate)
        compiled = Compiled(len(self.definitions), key, version, is_audience=is_audience, is_hidden=is_hidden)
        self._current = compiled
        predicates = Predicates(self._readers)
        if isinstance(body, ast.Aggregate):
            value = self.aggregate(body)
            compiled.value = _or_none(value) if body.reducer in _COUNTS else value
        else:
            compiled.value = compile_condition(body, self, predicates)
        compiled.is_timed = predicates.needs.is_timed
        for trait in predicates.needs.traits:
            definitions, units = self.by_trait.get(trait, (0, ()))
            self.by_trait[trait] = (definitions | 1 << compiled.index, units)
        for other in predicates.needs.definitions & self._index.keys():
            self.definitions[self._index[other]].dependents |= 1 << compiled.index
        self.definitions.append(compiled)
        self._index[key] = compiled.index

    def _unit(self, id_: str, make: Any) -> Operand:
        index = self._unit_index.get(id_)
        if index is None:
            unit: Unit = make(id_, Predicates(self._readers))
            index = self._unit_index[id_] = len(self.units)
            self.units.append(unit)
            self.unit_dependents.append(0)
            for trait in unit.needs.traits:
                definitions, units = self.by_trait.get(trait, (0, ()))
                self.by_trait[trait] = (definitions, (*units, index))
            for other in unit.needs.definitions & self._index.keys():
                self.definitions[self._index[other]].invalidates += (index,)
        self.unit_dependents[index] |= 1 << self._current.index
        return self.units[index].value

    def _reader(self, key: str, *, is_audience: bool) -> Operand:
        """The value of a definition that may be compiled later."""
        if is_audience:

            def is_member(scope: Scope) -> bool:
                value = scope.values.get(key)
                return value is not None and value.value is True

            return is_member

        def trait(scope: Scope) -> Any:
            return self.definitions[self._index[key]].value(scope)

        return trait

    def plans(self, units: tuple[int, ...]) -> "Plans":
        """Who takes which event, of these units."""
        plans = self._plans.get(units)
        if plans is None:
            if len(self._plans) >= _PLANS_KEPT:
                self._plans.clear()
            plans = self._plans[units] = self._make_plans(units)
        return plans

    def _make_plans(self, units: tuple[int, ...]) -> "Plans":
        named: dict[tuple[str, str | None], set[int]] = {}
        unnamed: dict[str, set[int]] = {}
        for index in units:
            for events in self.units[index].events:
                if events.name is None:
                    unnamed.setdefault(events.call, set()).add(index)
                else:
                    named.setdefault((events.call, events.name), set()).add(index)
        for (call, _), indexes in named.items():
            indexes.update(unnamed.get(call, ()))
        return Plans(
            {key: self._plan(indexes) for key, indexes in named.items()},
            {call: self._plan(indexes) for call, indexes in unnamed.items()},
        )

    def _plan(self, indexes: Iterable[int]) -> Plan:
        return tuple((at, self.units[at].feed, self.unit_dependents[at]) for at in sorted(indexes))


class Plans:
    __slots__ = ("named", "unnamed")

    def __init__(self, named: dict[tuple[str, str | None], Plan], unnamed: dict[str, Plan]) -> None:
        self.named = named
        self.unnamed = unnamed
        """By call, for names that no definition names."""

    def of(self, entry: Entry) -> Plan:
        plan = self.named.get((entry.call, entry.name))
        return self.unnamed.get(entry.call, ()) if plan is None else plan


def _or_none(count: Operand) -> Operand:
    """A trait that counts has no value while there is nothing: or everybody would have it."""
    return lambda scope: count(scope) or None


class _Nobody:
    """A subject of whom nothing is known."""

    profile = b""
    collection = ""

    def __init__(self) -> None:
        self.traits: dict[str, Trait] = {}
        self.computed = Computed()
        self.history = self

    def entries(self, start_ms: int, end_ms: int, kinds: frozenset[int] | None) -> Iterator[Entry]:  # noqa: ARG002
        return iter(())

    def collected(self, aggregate: str, /) -> dict[str, int]:  # noqa: ARG002
        return {}

    def set_collected(self, aggregate: str, counts: dict[str, int], /) -> None: ...


def _nothing(_: Scope) -> None:
    """The value of a definition that there is not."""
