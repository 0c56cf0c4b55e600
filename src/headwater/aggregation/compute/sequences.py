"""Sequences: one step after the other, each a later event. Once there, always there.

Without a bound, the earliest event that completes each step is all there is to know. With one, the latest start
that leads to each step is: of two ways to a step the one that began later has more time left.

An event that comes late may change what others after it have led to: part of the history is looked at again.
"""

from typing import Any, Final

from headwater.aggregation.compute.cumulative import Cumulative
from headwater.aggregation.compute.entry import Entry
from headwater.aggregation.compute.predicates import Events, Needs
from headwater.aggregation.compute.scope import Scope
from headwater.aggregation.compute.units import kinds_of


class _Sequence(Cumulative):
    """State: True, once it is complete; before that see below."""

    def __init__(self, id_: str, steps: list[Events], needs: Needs) -> None:
        super().__init__(id_, steps, needs)
        self._steps = steps
        self._kinds = kinds_of(steps)

    def value(self, scope: Scope) -> Any:
        return scope.states.get(self.id) is True


class UnboundedSequence(_Sequence):
    """State: the place of the earliest event that completes each step, as far as they are."""

    def feed(self, scope: Scope, entry: Entry) -> bool:
        places: Any = scope.states.get(self.id, [])
        if places is True:
            return False
        place = [entry.at_ms, entry.offset, entry.index]
        step = sum(1 for each in places if each < place)
        if (step < len(places) and places[step] == place) or not self._steps[step].has(entry, scope):
            return False
        places = [*places[:step], place]
        if step < len(self._steps) - 1:
            self._follow(scope, places)
        is_complete = len(places) == len(self._steps)
        scope.states[self.id] = True if is_complete else places
        return is_complete

    def _follow(self, scope: Scope, places: list[list[int]]) -> None:
        """What comes after the last of these places: it may have been there before."""
        for entry in scope.subject.history.entries(places[-1][0], scope.now_ms + 1, self._kinds):
            place = [entry.at_ms, entry.offset, entry.index]
            if place > places[-1] and self._steps[len(places)].has(entry, scope):
                places.append(place)
                if len(places) == len(self._steps):
                    return


class BoundedSequence(_Sequence):
    """State: [place of the newest event of any step, latest start of a way to each step but the last]. A start of
    -1 is none.
    """

    def __init__(self, id_: str, steps: list[Events], needs: Needs, within_ms: int) -> None:
        super().__init__(id_, steps, needs)
        self._within_ms = within_ms

    def feed(self, scope: Scope, entry: Entry) -> bool:
        state = scope.states.get(self.id)
        if state is True:
            return False
        if state is None:
            state = self._start()
        place = [entry.at_ms, entry.offset, entry.index]
        if place > state[:_PLACE]:
            is_complete = self._take(scope, state, entry)
        elif any(step.has(entry, scope) for step in self._steps):
            is_complete = self._look_again(scope, state, entry.at_ms)
        else:
            return False
        if is_complete:
            scope.states[self.id] = True
        elif state[0] >= 0:
            scope.states[self.id] = state
        return is_complete

    def _start(self) -> list[int]:
        return [-1] * (_PLACE + len(self._steps) - 1)

    def _take(self, scope: Scope, state: list[int], entry: Entry) -> bool:
        """An event that comes after all others. Whether the sequence is complete."""
        last = len(self._steps) - 1
        for step in range(last, -1, -1):
            if not self._steps[step].has(entry, scope):
                continue
            state[:_PLACE] = entry.at_ms, entry.offset, entry.index
            start_ms = state[_PLACE + step - 1] if step else entry.at_ms
            if start_ms >= 0 and entry.at_ms - start_ms <= self._within_ms:
                if step == last:
                    return True
                state[_PLACE + step] = start_ms
        return False

    def _look_again(self, scope: Scope, state: list[int], at_ms: int) -> bool:
        """After an event that came late, at the stretch that it may have to do with, and, when that is still open,
        at everything since.
        """
        newest_ms = state[0]
        is_open = at_ms >= newest_ms - self._within_ms
        end_ms = newest_ms if is_open else at_ms + self._within_ms
        fresh = self._start()
        for entry in scope.subject.history.entries(at_ms - self._within_ms, end_ms + 1, self._kinds):
            if self._take(scope, fresh, entry):
                return True
        if is_open:
            state[:] = fresh
        return False


_PLACE: Final = 3
"""Numbers that a place has."""
