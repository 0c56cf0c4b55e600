"""What follows for a profile when some of what its definitions ask has changed."""

from collections.abc import Container
from typing import Any, Final

from headwater.aggregation.changes import Change, Reason
from headwater.aggregation.compute.layout import Compiled, Layout
from headwater.aggregation.compute.scope import NEVER_MS, Scope
from headwater.aggregation.compute.units import kinds_of
from headwater.aggregation.compute.values import is_unchanged
from headwater.aggregation.tables import ComputedValue

_SIMPLE: Final = frozenset({int, float, str, bool})


def settle(layout: Layout, scope: Scope, asked: int, reason: Reason, among: int = -1) -> list[Change]:
    """Ask these definitions, and then those that depend on the ones that changed; only those `among` these."""
    changes: list[Change] = []
    asked &= among
    while asked:
        asked = _settle_some(layout, scope, asked, reason, among, changes)
    return changes


def _settle_some(
    layout: Layout, scope: Scope, asked: int, reason: Reason, among: int, changes: list[Change]
) -> int:
    """Ask in order, until more have to be asked than these. What is left to ask."""
    values, now_ms = scope.values, scope.now_ms
    for definition in layout.in_order(asked):
        new = _ask_timed(definition, scope) if definition.is_timed else definition.value(scope)
        old = values.get(definition.key)
        previous = None if old is None else old.value
        if new is previous:
            continue
        kind = new.__class__
        if old is not None and kind is previous.__class__ and kind in _SIMPLE:
            if new == previous:
                continue
            old.value = new
            old.changed_ms = now_ms
        elif not _keep(definition, new, old, scope):
            continue
        if not definition.is_hidden:
            key, is_audience = definition.key, definition.is_audience
            changes.append(Change(scope.subject.profile, key, is_audience, new, previous, reason, now_ms))
        concerned = definition.dependents & among
        if definition.invalidates:
            concerned |= _invalidate(layout, scope, definition) & among
        if concerned & ~asked:
            done = definition.index + 1
            return (asked | concerned) >> done << done
    return 0


def _invalidate(layout: Layout, scope: Scope, definition: Compiled) -> int:
    """The definition has changed: the units in whose events it is asked for look again. Who asks them."""
    compute(layout, scope, definition.invalidates)
    concerned = 0
    for at in definition.invalidates:
        concerned |= layout.unit_dependents[at]
    return concerned


def _keep(definition: Compiled, new: Any, old: ComputedValue | None, scope: Scope) -> bool:
    """The value. Whether that is a change: nobody is told that somebody who never was a member is none, nor that 5
    is 5.0 now.
    """
    values, key = scope.values, definition.key
    if old is None:
        if new is False and definition.is_audience and not definition.starts_true:
            return False
        values[key] = ComputedValue(new, scope.now_ms)
        return new is not False or not definition.is_audience
    if new is None:
        del values[key]
        return True
    is_changed = not is_unchanged(new, old.value)
    old.value = new
    if is_changed:
        old.changed_ms = scope.now_ms
    return is_changed


def _ask_timed(definition: Compiled, scope: Scope) -> Any:
    """And note when it has to be asked again."""
    outer, scope.turn_ms = scope.turn_ms, NEVER_MS
    value = definition.value(scope)
    if scope.turn_ms == NEVER_MS:
        scope.states.pop(definition.due_key, None)
    else:
        scope.states[definition.due_key] = scope.turn_ms
        scope.due_ms = min(scope.due_ms, scope.turn_ms)
    scope.turn_ms = outer
    return value


def compute(layout: Layout, scope: Scope, units: tuple[int, ...]) -> None:
    """These units from the history, in one pass over it as far as that goes."""
    for at in units:
        layout.units[at].forget(scope)
    streamed = tuple(at for at in units if layout.units[at].is_streamed)
    if streamed:
        start_ms = min(layout.units[at].start_ms(scope.now_ms) for at in streamed)
        kinds = kinds_of(events for at in streamed for events in layout.units[at].events)
        plans = layout.plans(streamed)
        for entry in scope.subject.history.entries(start_ms, scope.now_ms + 1, kinds):
            for _, feed, _ in plans.of(entry):
                feed(scope, entry)
    for at in units:
        if not layout.units[at].is_streamed:
            layout.units[at].recompute(scope)


def dues(layout: Layout, scope: Scope, units: Container[int], definitions: int = -1) -> dict[int, int]:
    """When which of these units is due, and under its index inverted (~), which definition that asks the clock."""
    states = scope.states
    found = {}
    for at in layout.turning:
        if layout.unit_ids[at] in states and at in units:
            due_ms = layout.units[at].due_ms(scope)
            if due_ms < NEVER_MS:
                found[at] = due_ms
    for definition in layout.timed:
        if definition.due_key in states and definitions >> definition.index & 1:
            found[~definition.index] = states[definition.due_key]
    return found


def advance(layout: Layout, scope: Scope, until_ms: int, units: Container[int], definitions: int) -> list[Change]:
    """Everything that is due, in order, each at its very instant."""
    changes: list[Change] = []
    found = dues(layout, scope, units, definitions)
    while found and (due_ms := min(found.values())) <= until_ms:
        scope.now_ms = due_ms
        asked = 0
        for part in [part for part, each_ms in found.items() if each_ms == due_ms]:
            if part < 0:
                asked |= 1 << ~part
            elif layout.units[part].turn(scope):
                asked |= layout.unit_dependents[part]
        changes += settle(layout, scope, asked, Reason.VALUE_CHANGED, definitions)
        found = dues(layout, scope, units, definitions)
    scope.subject.computed.due_ms = min(found.values(), default=None)
    return changes
