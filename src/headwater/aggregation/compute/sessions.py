"""Aggregates over the current session, which ends by itself when nothing has come for a while.

State: [the reducer's …, effective time of the first event, of the newest].
"""

from typing import Final

from headwater.aggregation.compute.comparisons import Operand
from headwater.aggregation.compute.entry import Entry
from headwater.aggregation.compute.predicates import Events, Needs
from headwater.aggregation.compute.reducers import Reducer
from headwater.aggregation.compute.running import reading
from headwater.aggregation.compute.scope import NEVER_MS, Scope

_FIRST: Final = -2
_NEWEST: Final = -1


class SessionAggregate:
    is_streamed = False
    can_turn = True

    def __init__(self, id_: str, events: Events, needs: Needs, gap_ms: int, reducer: Reducer) -> None:
        self.id = id_
        self.events = [events]
        self.needs = needs
        self.value: Operand = reading(id_, reducer)
        self._events = events
        self._gap_ms = gap_ms
        self._reducer = reducer

    def feed(self, scope: Scope, entry: Entry) -> bool:
        if not self._events.has(entry, scope):
            return False
        at_ms, gap_ms = entry.at_ms, self._gap_ms
        state = scope.states.get(self.id)
        if state is None:
            return scope.now_ms - at_ms < gap_ms and self.recompute(scope)
        if at_ms < state[_FIRST]:
            return state[_FIRST] - at_ms < gap_ms and self.recompute(scope)  # it ties on what is before it
        if at_ms - state[_NEWEST] >= gap_ms:
            state[:] = [*self._reducer.start(), at_ms, at_ms]
        state[_NEWEST] = max(state[_NEWEST], at_ms)
        self._reducer.add(state, entry)
        scope.due_ms = min(scope.due_ms, state[_NEWEST] + gap_ms)
        return True

    def recompute(self, scope: Scope) -> bool:
        self.forget(scope)
        first_ms = self._first_ms(scope)
        if first_ms is None:
            return True
        state = [*self._reducer.start(), first_ms, first_ms]
        for entry in scope.subject.history.entries(first_ms, scope.now_ms + 1, self._events.kinds):
            if self._events.has(entry, scope):
                self._reducer.add(state, entry)
                state[_NEWEST] = entry.at_ms
        scope.states[self.id] = state
        scope.due_ms = min(scope.due_ms, state[_NEWEST] + self._gap_ms)
        return True

    def _first_ms(self, scope: Scope) -> int | None:
        """Of the current session. Looks further and further back, until it has found a gap."""
        gap_ms, end_ms = self._gap_ms, scope.now_ms + 1
        first_ms: int | None = None
        after_ms = scope.now_ms
        while end_ms > 0:
            start_ms = min(end_ms, after_ms + 1) - gap_ms * _GAPS_LOOKED
            found = scope.subject.history.entries(start_ms, end_ms, self._events.kinds)
            times = [entry.at_ms for entry in found if self._events.has(entry, scope)]
            for at_ms in reversed(times):
                if after_ms - at_ms >= gap_ms:
                    return first_ms
                first_ms = after_ms = at_ms
            if after_ms - start_ms >= gap_ms:
                return first_ms
            end_ms = start_ms
        return first_ms

    def due_ms(self, scope: Scope) -> int:
        state = scope.states.get(self.id)
        return NEVER_MS if state is None else state[_NEWEST] + self._gap_ms

    def turn(self, scope: Scope) -> bool:
        self.forget(scope)
        return True

    def start_ms(self, now_ms: int) -> int:  # noqa: ARG002 - it looks for itself
        return 0

    def forget(self, scope: Scope) -> None:
        scope.states.pop(self.id, None)


_GAPS_LOOKED: Final = 8
"""How far back at once."""
