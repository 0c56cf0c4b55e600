"""The general way to an aggregate or a sequence: look at the history whenever anything about it changes.

For what no state can be kept for, because what counts depends on other events (funnels) or on the date.
"""

from typing import Any, Final

from headwater.aggregation.compute.entry import Entry
from headwater.aggregation.compute.predicates import Events, Needs
from headwater.aggregation.compute.reducers import Reducer
from headwater.aggregation.compute.scope import NEVER_MS, Scope
from headwater.aggregation.compute.units import kinds_of
from headwater.definitions import ast

_VALUE: Final = 0
_TURN: Final = 1


class _Rescanned:
    """State: [value, when it has to be looked at again or NEVER_MS]."""

    is_streamed = False
    can_turn = True

    def __init__(self, id_: str, events: list[Events], needs: Needs, empty: Any) -> None:
        self.id = id_
        self.events = [*events, *needs.followers]
        self.needs = needs
        self._empty = empty
        self._kinds = kinds_of(events)

    def feed(self, scope: Scope, entry: Entry) -> bool:  # noqa: ARG002 - it is in the history
        return self.recompute(scope)

    def recompute(self, scope: Scope) -> bool:
        outer, scope.turn_ms = scope.turn_ms, NEVER_MS
        value = self._look(scope)
        if value == self._empty and scope.turn_ms == NEVER_MS:
            scope.states.pop(self.id, None)
        else:
            scope.states[self.id] = [value, scope.turn_ms]
        scope.due_ms = min(scope.due_ms, scope.turn_ms)
        scope.turn_ms = outer
        return True

    def _look(self, scope: Scope) -> Any:
        raise NotImplementedError

    def due_ms(self, scope: Scope) -> int:
        state = scope.states.get(self.id)
        return NEVER_MS if state is None else state[_TURN]

    def turn(self, scope: Scope) -> bool:
        return self.recompute(scope)

    def start_ms(self, now_ms: int) -> int:  # noqa: ARG002 - it looks for itself
        return 0

    def forget(self, scope: Scope) -> None:
        scope.states.pop(self.id, None)

    def value(self, scope: Scope) -> Any:
        state = scope.states.get(self.id)
        return self._empty if state is None else state[_VALUE]


class RescannedAggregate(_Rescanned):
    def __init__(
        self,
        id_: str,
        events: Events,
        needs: Needs,
        reducer: Reducer,
        window: ast.Window | ast.Session | None,
    ) -> None:
        super().__init__(id_, [events], needs, reducer.result(reducer.start()))
        self._events = events
        self._reducer = reducer
        self._window = window

    def _look(self, scope: Scope) -> Any:
        state = self._reducer.start()
        match self._window:
            case ast.Session(gap_ms=gap_ms):
                entries = self._session(scope, gap_ms)
            case ast.Window() as window:
                entries = self._inside(scope, window)
            case None:
                found = scope.subject.history.entries(0, scope.now_ms + 1, self._kinds)
                entries = [entry for entry in found if self._events.has(entry, scope)]
        for entry in entries:
            self._reducer.add(state, entry)
        return self._reducer.result(state)

    def _inside(self, scope: Scope, window: ast.Window) -> list[Entry]:
        now_ms = scope.now_ms
        found = []
        for entry in scope.subject.history.entries(now_ms - window.oldest_ms + 1, now_ms + 1, self._kinds):
            if entry.at_ms > now_ms - window.newest_ms:
                scope.turns(entry.at_ms + window.newest_ms)
                break
            if self._events.has(entry, scope):
                scope.turns(entry.at_ms + window.oldest_ms)
                found.append(entry)
        return found

    def _session(self, scope: Scope, gap_ms: int) -> list[Entry]:
        """Looks twice as far back until it has found a gap."""
        end_ms = scope.now_ms + 1
        span_ms = 2 * gap_ms
        while True:
            start_ms = end_ms - span_ms
            found = scope.subject.history.entries(start_ms, end_ms, self._kinds)
            entries = [entry for entry in found if self._events.has(entry, scope)]
            if not entries or scope.now_ms - entries[-1].at_ms >= gap_ms:
                return []
            first = len(entries) - 1
            while first and entries[first].at_ms - entries[first - 1].at_ms < gap_ms:
                first -= 1
            if first or start_ms <= entries[0].at_ms - gap_ms or start_ms <= 0:
                scope.turns(entries[-1].at_ms + gap_ms)
                return entries[first:]
            span_ms *= 2


class RescannedSequence(_Rescanned):
    def __init__(self, id_: str, steps: list[Events], needs: Needs, within_ms: int | None) -> None:
        super().__init__(id_, steps, needs, empty=False)
        self._steps = steps
        self._within_ms = within_ms

    def _look(self, scope: Scope) -> Any:
        begun: list[int | None] = [None] * len(self._steps)
        for entry in scope.subject.history.entries(0, scope.now_ms + 1, self._kinds):
            for at in range(len(self._steps) - 1, -1, -1):
                start_ms = begun[at - 1] if at else entry.at_ms
                if start_ms is None or not self._steps[at].has(entry, scope):
                    continue
                if self._within_ms is None or entry.at_ms - start_ms <= self._within_ms:
                    begun[at] = start_ms
                    if at == len(self._steps) - 1:
                        return True
        return False
