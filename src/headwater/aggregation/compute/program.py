"""The definitions of a workspace, ready to run over profiles.

Every verb leaves a profile's `Computed` true for the instant it is given, and returns what has changed on the way.
Hidden conditions (what accounts ask about their users) live in `Computed.values` like audiences, and no change
tells of them.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final

from headwater.aggregation.changes import Change, Reason
from headwater.aggregation.compute.entry import Entry
from headwater.aggregation.compute.layout import NOBODY, USERS_PREFIX, Compiled, Layout
from headwater.aggregation.compute.scope import NEVER_MS, Scope
from headwater.aggregation.compute.settling import advance, compute, dues, settle
from headwater.aggregation.compute.subject import Subject
from headwater.aggregation.tables import Computed
from headwater.definitions import ast


class Program:
    """Compiled once per workspace version; never changes."""

    def __init__(self, definitions: Sequence[ast.Definition], version: int) -> None:
        self.version = version
        hidden: dict[str, tuple[int, ast.Condition]] = {}
        accounts = Layout([each for each in definitions if each.collection == "accounts"], (), hidden)
        users = Layout(
            [each for each in definitions if each.collection == "users"],
            [(key, since, condition) for key, (since, condition) in sorted(hidden.items())],
            {},
        )
        self._layouts = {"users": users, "accounts": accounts}
        self.hidden_keys: Final = tuple(sorted(hidden))
        """Of conditions that accounts ask about their users; in the users' `Computed.values`."""
        self.audiences: Final = {
            collection: frozenset(
                each.key for each in layout.definitions if each.is_audience and not each.is_hidden
            )
            for collection, layout in self._layouts.items()
        }

    @staticmethod
    def build(definitions: Sequence[ast.Definition], version: int) -> "Program":
        """Of definitions that stand after what they refer to. `version` is the newest of theirs."""
        return Program(definitions, version)

    # --- what happens to a profile ----------------------------------------------------------------------------

    def apply(
        self,
        subject: Subject,
        entry: Entry,
        now_ms: int,
        changed_traits: Collection[str] = (),
        reason: Reason = Reason.VALUE_CHANGED,
    ) -> list[Change]:
        """What an event changes that is in the history by now, and these traits that came with it. What was due
        until now has happened.
        """
        layout = self._layouts[subject.collection]
        scope = Scope(subject, now_ms)
        asked = 0
        for _, feed, dependents in layout.live.of(entry):
            if feed(scope, entry):
                asked |= dependents
        if changed_traits:
            asked |= _traits_changed(layout, scope, changed_traits)
        if layout.starting_true and layout.starting_key not in scope.values:
            asked |= layout.starting_true
        changes = settle(layout, scope, asked, reason) if asked else []
        computed = subject.computed
        computed.at_ms = now_ms
        if scope.due_ms != NEVER_MS and (computed.due_ms is None or scope.due_ms < computed.due_ms):
            computed.due_ms = scope.due_ms
        return changes

    def advance(self, subject: Subject, now_ms: int) -> list[Change]:
        """Everything that is due until now, in order, each at its very instant."""
        layout = self._layouts[subject.collection]
        return _advance(subject, layout, now_ms, layout.all_units, layout.all_definitions)

    def refresh(self, subject: Subject, now_ms: int) -> list[Change]:
        """Bring it up from the definitions it was computed with to these: what is new or edited is computed from
        the history, in one pass over it; what is gone leaves without a word.
        """
        layout = self._layouts[subject.collection]
        computed = subject.computed
        _drop_unknown(subject, layout)
        if computed.version == self.version:
            return []
        current = layout.current(computed.version)
        kept = frozenset(
            at for at in layout.all_units if layout.unit_dependents[at] & current and at not in layout.sensitive
        )
        changes = _advance(subject, layout, now_ms, kept, current)
        stale = tuple(at for at in layout.all_units if at not in kept)
        changes += _compute_anew(subject, layout, stale, now_ms, Reason.BACKFILLED)
        computed.version = self.version
        return changes

    def rebuild(self, subject: Subject, now_ms: int, reason: Reason) -> list[Change]:
        """Everything from the history. Changes are told against the values there were."""
        layout = self._layouts[subject.collection]
        _drop_unknown(subject, layout)
        changes = _compute_anew(subject, layout, tuple(layout.all_units), now_ms, reason)
        subject.computed.version = self.version
        return changes

    def absorb(
        self, subject: Subject, others: Sequence[Computed], entries: Iterable[Entry], now_ms: int
    ) -> list[Change]:
        """The profile has become one with others: `entries` are all events that its `computed` does not know yet,
        `others` is what was computed of the profiles they come from. History and traits are everybody's already.
        Told is every definition that any of them had a value for, changed or not.
        """
        layout = self._layouts[subject.collection]
        computed = subject.computed
        before = {each.key: _value(computed, each) for each in layout.definitions}
        scope = Scope(subject, now_ms)
        plans = layout.plans(tuple(at for at in layout.all_units if at not in layout.looking))
        for entry in entries:
            for _, feed, _ in plans.of(entry):
                feed(scope, entry)
        compute(layout, scope, layout.looking)
        caused = settle(layout, scope, layout.all_definitions, Reason.PROFILE_MERGED)
        computed.at_ms = now_ms
        computed.due_ms = _due_ms(layout, scope)
        told = {change.key: change for change in caused}
        changes = []
        for each in layout.definitions:
            values = (before[each.key], *(_value(other, each) for other in others))
            now = _value(computed, each)
            if each.is_hidden or all(_is_nothing(value, each) for value in (now, *values)):
                continue
            change = told.get(each.key) or Change(
                subject.profile, each.key, each.is_audience, now, now, Reason.PROFILE_MERGED, now_ms
            )
            change.before = values
            changes.append(change)
        return changes

    def users_changed(self, subject: Subject, deltas: Mapping[str, tuple[int, int]], now_ms: int) -> list[Change]:
        """Of an account: for conditions about its users, how many more are linked and how many more meet it."""
        changes = self.advance(subject, now_ms)
        layout = self._layouts[subject.collection]
        scope = Scope(subject, now_ms)
        asked = 0
        for key, (linked, met) in deltas.items():
            # Also of conditions that nobody asks: what a link says it has contributed stays true.
            before = scope.states.get(key, NOBODY)
            scope.states[key] = [before[0] + linked, before[1] + met]
            if scope.states[key] == [0, 0]:
                del scope.states[key]
            asked |= layout.by_users.get(key, 0)
        current = layout.current(subject.computed.version)  # `refresh` will come to the others
        return changes + settle(layout, scope, asked, Reason.VALUE_CHANGED, current)

    def user_counts(self, subject: Subject, key: str) -> tuple[int, int]:
        """Of an account: how many users are linked, and how many of them meet the condition of that key."""
        linked, met = subject.computed.aggregates.get(key, NOBODY)
        return linked, met


def _traits_changed(layout: Layout, scope: Scope, changed_traits: Collection[str]) -> int:
    """The definitions to ask."""
    asked = 0
    for trait in changed_traits:
        concerned = layout.by_trait.get(trait)
        if concerned is None:
            continue
        definitions, units = concerned
        asked |= definitions
        if units:
            compute(layout, scope, units)
            for at in units:
                asked |= layout.unit_dependents[at]
    return asked


def _advance(
    subject: Subject, layout: Layout, now_ms: int, units: Collection[int], definitions: int
) -> list[Change]:
    computed = subject.computed
    changes: list[Change] = []
    if computed.due_ms is not None and computed.due_ms <= now_ms:
        changes = advance(layout, Scope(subject, computed.at_ms), now_ms, units, definitions)
    computed.at_ms = max(computed.at_ms, now_ms)
    return changes


def _compute_anew(
    subject: Subject, layout: Layout, units: tuple[int, ...], now_ms: int, reason: Reason
) -> list[Change]:
    scope = Scope(subject, now_ms)
    compute(layout, scope, units)
    changes = settle(layout, scope, layout.all_definitions, reason)
    subject.computed.at_ms = now_ms
    subject.computed.due_ms = _due_ms(layout, scope)
    return changes


def _due_ms(layout: Layout, scope: Scope) -> int | None:
    return min(dues(layout, scope, layout.all_units).values(), default=None)


def _value(computed: Computed, definition: Compiled) -> Any:
    value = computed.values.get(definition.key)
    return None if value is None else value.value


def _is_nothing(value: Any, definition: Compiled) -> bool:
    return value is None or (definition.is_audience and value is False)


def _drop_unknown(subject: Subject, layout: Layout) -> None:
    """What belongs to no definition any more."""
    computed = subject.computed
    for key in computed.values.keys() - layout.keys:
        del computed.values[key]
    for id_ in computed.aggregates.keys() - layout.kept:
        if not id_.startswith(USERS_PREFIX):
            del computed.aggregates[id_]
            subject.set_collected(id_, {})
