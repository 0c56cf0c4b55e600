"""The definitions of a workspace, ready to run over profiles.

Every verb leaves a profile's `Computed` true for the instant it is given, and returns what has changed on the way.
Hidden conditions (what accounts ask about their users) live in `Computed.values` like audiences, and no change
tells of them.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final

from headwater.aggregation.changes import Change, Reason
from headwater.aggregation.compute.entry import Entry
from headwater.aggregation.compute.layout import NOBODY, Compiled, Layout, Plans
from headwater.aggregation.compute.scope import NEVER_MS, Scope
from headwater.aggregation.compute.subject import Subject
from headwater.aggregation.compute.units import kinds_of
from headwater.aggregation.compute.values import is_unchanged
from headwater.aggregation.tables import Computed, ComputedValue
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
        self._plans: dict[tuple[str, tuple[int, ...]], Plans] = {}
        self.hidden_keys: Final = tuple(sorted(hidden))
        """Of conditions that accounts ask about their users; in the users' `Computed.values`."""
        self.audiences: Final = {
            collection: frozenset(
                each.key for each in layout.definitions if each.is_audience and not each.is_hidden
            )
            for collection, layout in self._layouts.items()
        }
        for layout in self._layouts.values():
            layout.find_what_starts_true()

    @staticmethod
    def build(definitions: Sequence[ast.Definition], version: int) -> "Program":
        """Of definitions that stand after what they refer to. `version` is the newest of theirs."""
        return Program(definitions, version)

    # --- what happens to a profile ------------------------------------------------------------------------------

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
            asked |= self._traits_changed(layout, scope, changed_traits)
        if layout.starting_true and layout.starting_key not in scope.values:
            asked |= layout.starting_true
        computed = subject.computed
        computed.at_ms = now_ms
        changes = self._settle(layout, scope, asked, reason) if asked else []
        if scope.due_ms != NEVER_MS and (computed.due_ms is None or scope.due_ms < computed.due_ms):
            computed.due_ms = scope.due_ms
        return changes

    def advance(self, subject: Subject, now_ms: int) -> list[Change]:
        """Everything that is due until now, in order, each at its very instant."""
        layout = self._layouts[subject.collection]
        return self._advance(subject, layout, now_ms, layout.all_units, layout.all_definitions)

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
        kept = [
            at for at in layout.all_units if layout.unit_dependents[at] & current and at not in layout.sensitive
        ]
        changes = self._advance(subject, layout, now_ms, kept, current)
        stale = tuple(at for at in layout.all_units if at not in kept)
        changes += self._recompute(subject, layout, stale, now_ms, Reason.BACKFILLED)
        computed.version = self.version
        return changes

    def rebuild(self, subject: Subject, now_ms: int, reason: Reason) -> list[Change]:
        """Everything from the history. Changes are told against the values there were."""
        layout = self._layouts[subject.collection]
        _drop_unknown(subject, layout)
        changes = self._recompute(subject, layout, tuple(layout.all_units), now_ms, reason)
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
        scope = Scope(subject, now_ms)
        before = {each.key: _told(subject.computed, each) for each in layout.definitions}
        rescanned = {at for at in layout.all_units if not layout.units[at].is_streamed} | set(layout.sensitive)
        plans = self._plans_of(subject.collection, layout, tuple(sorted(set(layout.all_units) - rescanned)))
        for entry in entries:
            for _, feed, _ in plans.of(entry):
                feed(scope, entry)
        self._compute(subject, layout, scope, tuple(sorted(rescanned)))
        subject.computed.at_ms = now_ms
        caused = {
            change.key: change
            for change in self._settle(layout, scope, layout.all_definitions, Reason.PROFILE_MERGED)
        }
        subject.computed.due_ms = self._due(layout, scope, layout.all_units, layout.all_definitions)
        changes = []
        for each in layout.definitions:
            values = (before[each.key], *(_told(other, each) for other in others))
            now = _told(subject.computed, each)
            if each.is_hidden or all(_is_nothing(value, each) for value in (now, *values)):
                continue
            change = caused.get(each.key) or Change(
                profile=subject.profile,
                key=each.key,
                is_audience=each.is_audience,
                value=now,
                previous=before[each.key],
                reason=Reason.PROFILE_MERGED,
                at_ms=now_ms,
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
            if key not in layout.by_users:
                continue
            before = scope.states.get(key, NOBODY)
            after = [before[0] + linked, before[1] + met]
            if after == [0, 0]:
                scope.states.pop(key, None)
            else:
                scope.states[key] = after
            asked |= layout.by_users[key]
        current = layout.current(subject.computed.version)  # `refresh` will come to the others
        changes += self._settle(layout, scope, asked, Reason.VALUE_CHANGED, current)
        return changes

    def user_counts(self, subject: Subject, key: str) -> tuple[int, int]:
        """Of an account: how many users are linked, and how many of them meet the condition of that key."""
        linked, met = subject.computed.aggregates.get(key, NOBODY)
        return linked, met

    # --- units --------------------------------------------------------------------------------------------------

    def _traits_changed(self, layout: Layout, scope: Scope, changed_traits: Collection[str]) -> int:
        asked = 0
        for trait in changed_traits:
            concerned = layout.by_trait.get(trait)
            if concerned is None:
                continue
            asked |= concerned[0]
            if concerned[1]:
                self._compute(scope.subject, layout, scope, concerned[1])
                for at in concerned[1]:
                    asked |= layout.unit_dependents[at]
        return asked

    def _recompute(
        self, subject: Subject, layout: Layout, units: tuple[int, ...], now_ms: int, reason: Reason
    ) -> list[Change]:
        scope = Scope(subject, now_ms)
        self._compute(subject, layout, scope, units)
        subject.computed.at_ms = now_ms
        changes = self._settle(layout, scope, layout.all_definitions, reason)
        subject.computed.due_ms = self._due(layout, scope, layout.all_units, layout.all_definitions)
        return changes

    def _compute(self, subject: Subject, layout: Layout, scope: Scope, units: tuple[int, ...]) -> None:
        """These units from the history, in one pass as far as that goes."""
        streamed = tuple(at for at in units if layout.units[at].is_streamed)
        for at in units:
            layout.units[at].forget(scope)
        if streamed:
            start_ms = min(layout.units[at].start_ms(scope.now_ms) for at in streamed)
            kinds = kinds_of(events for at in streamed for events in layout.units[at].events)
            plans = self._plans_of(subject.collection, layout, streamed)
            for entry in subject.history.entries(start_ms, scope.now_ms + 1, kinds):
                for _, feed, _ in plans.of(entry):
                    feed(scope, entry)
        for at in units:
            if not layout.units[at].is_streamed:
                layout.units[at].recompute(scope)

    def _plans_of(self, collection: str, layout: Layout, units: tuple[int, ...]) -> Plans:
        key = (collection, units)
        plans = self._plans.get(key)
        if plans is None:
            if len(self._plans) > _PLANS_KEPT:
                self._plans.clear()
            plans = self._plans[key] = layout.plans(units)
        return plans

    # --- definitions --------------------------------------------------------------------------------------------

    def _settle(self, layout: Layout, scope: Scope, asked: int, reason: Reason, among: int = -1) -> list[Change]:
        """Ask these definitions, and those that depend on the ones that changed, if they are `among` these."""
        changes: list[Change] = []
        values, now_ms = scope.values, scope.now_ms
        asked &= among
        while asked:
            lowest = asked & -asked
            asked ^= lowest
            definition = layout.definitions[lowest.bit_length() - 1]
            key = definition.key
            if definition.is_timed:
                new = _ask_timed(definition, scope)
            else:
                new = definition.value(scope)
            old = values.get(key)
            if old is None:
                previous = None
                if new is None or (new is False and definition.is_audience):
                    if definition.starts_true:
                        values[key] = ComputedValue(False, now_ms)
                    continue
            else:
                previous = old.value
                if new is previous:
                    continue
                if is_unchanged(new, previous):
                    old.value = new
                    continue
            if new is None:
                del values[key]
            elif old is None:
                values[key] = ComputedValue(new, now_ms)
            else:
                old.value = new
                old.changed_ms = now_ms
            if not definition.is_hidden:
                changes.append(
                    Change(scope.subject.profile, key, definition.is_audience, new, previous, reason, now_ms)
                )
            asked |= definition.dependents & among
            if definition.invalidates:
                self._compute(scope.subject, layout, scope, tuple(definition.invalidates))
                for at in definition.invalidates:
                    asked |= layout.unit_dependents[at] & among
        return changes

    # --- time ---------------------------------------------------------------------------------------------------

    def _advance(
        self, subject: Subject, layout: Layout, now_ms: int, units: Sequence[int], definitions: int
    ) -> list[Change]:
        computed = subject.computed
        changes: list[Change] = []
        scope = Scope(subject, computed.at_ms)
        if computed.due_ms is not None and computed.due_ms <= now_ms:
            due_ms = self._due(layout, scope, units, definitions)
            while due_ms is not None and due_ms <= now_ms:
                scope.now_ms = due_ms
                asked = 0
                for at in units:
                    unit = layout.units[at]
                    if unit.due_ms(scope) <= due_ms and unit.turn(scope):
                        asked |= layout.unit_dependents[at]
                for definition in layout.timed:
                    if scope.states.get(definition.due_key, NEVER_MS) <= due_ms:
                        asked |= 1 << definition.index
                changes += self._settle(layout, scope, asked, Reason.VALUE_CHANGED, definitions)
                due_ms = self._due(layout, scope, units, definitions)
            computed.due_ms = due_ms
        computed.at_ms = max(computed.at_ms, now_ms)
        return changes

    def _due(self, layout: Layout, scope: Scope, units: Iterable[int], definitions: int) -> int | None:
        due_ms = min((layout.units[at].due_ms(scope) for at in units), default=NEVER_MS)
        for definition in layout.timed:
            if definitions >> definition.index & 1:
                due_ms = min(due_ms, scope.states.get(definition.due_key, NEVER_MS))
        return None if due_ms == NEVER_MS else due_ms


_PLANS_KEPT: Final = 64
"""Sets of units that are computed anew: for a change of the definitions, for a trait that events are asked for."""


def _ask_timed(definition: Compiled, scope: Scope) -> Any:
    outer, scope.turn_ms = scope.turn_ms, NEVER_MS
    value = definition.value(scope)
    if scope.turn_ms == NEVER_MS:
        scope.states.pop(definition.due_key, None)
    else:
        scope.states[definition.due_key] = scope.turn_ms
        scope.due_ms = min(scope.due_ms, scope.turn_ms)
    scope.turn_ms = outer
    return value


def _is_nothing(value: Any, definition: Compiled) -> bool:
    return value is None or (definition.is_audience and value is False)


def _told(computed: Computed, definition: Compiled) -> Any:
    value = computed.values.get(definition.key)
    return None if value is None else value.value


def _drop_unknown(subject: Subject, layout: Layout) -> None:
    """What belongs to no definition any more."""
    computed = subject.computed
    for key in computed.values.keys() - layout.keys:
        del computed.values[key]
    for id_ in computed.aggregates.keys() - layout.kept:
        del computed.aggregates[id_]
        subject.set_collected(id_, {})
