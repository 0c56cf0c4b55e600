"""Aggregates over all events there ever were: every event is taken once, and nothing ever leaves."""

from typing import Any, Final

from headwater.aggregation.compute.comparisons import Operand
from headwater.aggregation.compute.cumulative import Cumulative
from headwater.aggregation.compute.entry import Entry
from headwater.aggregation.compute.predicates import Events, Matches, Needs
from headwater.aggregation.compute.reducers import Count, Reducer, Removing, Tally
from headwater.aggregation.compute.scope import Scope


class _Running(Cumulative):
    def __init__(self, id_: str, events: Events, needs: Needs) -> None:
        super().__init__(id_, [events], needs)
        self._test: Matches | None = events.test


class Running(_Running):
    """The state is its reducer's."""

    def __init__(self, id_: str, events: Events, needs: Needs, reducer: Reducer) -> None:
        super().__init__(id_, events, needs)
        self._start = reducer.start
        self._add = reducer.add
        self.value: Operand = reading(id_, reducer)

    def feed(self, scope: Scope, entry: Entry) -> bool:
        if self._test is not None and not self._test(entry, scope):
            return False
        state = scope.states.get(self.id)
        if state is not None:
            return self._add(state, entry)
        state = self._start()
        if not self._add(state, entry):
            return False
        scope.states[self.id] = state
        return True


class RunningTotal(Running):
    """Of a reducer that can take events back."""

    def __init__(self, id_: str, events: Events, needs: Needs, reducer: Removing) -> None:
        super().__init__(id_, events, needs, reducer)
        self._remove = reducer.remove

    def take_back(self, scope: Scope, entry: Entry) -> None:
        """An event that was fed counts no more."""
        state = scope.states.get(self.id)
        if state is not None:
            self._remove(state, entry)
            if not state[0]:
                del scope.states[self.id]


class RunningTally(_Running):
    """How often each value occurs lives apart, because it grows. State: [distinct values, the most frequent one,
    how often that]; for what is only about which values there are, none is counted twice.
    """

    def __init__(self, id_: str, events: Events, needs: Needs, tally: Tally) -> None:
        super().__init__(id_, events, needs)
        self._tally = tally
        self.value: Operand = reading_tally(id_, tally)

    def feed(self, scope: Scope, entry: Entry) -> bool:
        if self._test is not None and not self._test(entry, scope):
            return False
        tally = self._tally
        texts = tally.texts(entry)
        if not texts:
            return False
        counts = scope.subject.collected(self.id)
        state = scope.states.get(self.id)
        if state is None:
            state = scope.states[self.id] = [0, "", 0]
        if not tally.is_frequency:
            texts = [text for text in texts if text not in counts]
            if not texts:
                return False
        for text in texts:
            tally.count(counts, text)
            prefer(state, text, counts.get(text, 0))
        state[_DISTINCT] = len(counts)
        scope.subject.set_collected(self.id, counts)
        return True

    def forget(self, scope: Scope) -> None:
        if scope.states.pop(self.id, None) is not None:
            scope.subject.set_collected(self.id, {})


_DISTINCT: Final = 0
_BEST: Final = 1
_OFTEN: Final = 2


def prefer(state: list[Any], text: str, count: int) -> None:
    """The value occurs so often now, once more than before."""
    often = state[_OFTEN]
    if count > often or (count == often and text < state[_BEST]):
        state[_BEST], state[_OFTEN] = text, count


def reading(id_: str, reducer: Reducer) -> Operand:
    """The value that a state comes to which begins with the reducer's."""
    if isinstance(reducer, Count):

        def count(scope: Scope) -> Any:
            state = scope.states.get(id_)
            return 0 if state is None else state[0]

        return count
    result, empty = reducer.result, reducer.result(reducer.start())

    def value(scope: Scope) -> Any:
        state = scope.states.get(id_)
        return empty if state is None else result(state)

    return value


def reading_tally(id_: str, tally: Tally) -> Operand:
    """The same, as far as possible without reading how often each value occurs."""
    empty = tally.result(tally.start())

    def value(scope: Scope) -> Any:
        state = scope.states.get(id_)
        if state is None:
            return empty
        if tally.is_frequency:
            return tally.shown(state[_BEST], state[_OFTEN])
        return tally.result([scope.subject.collected(id_)]) if tally.is_list else state[_DISTINCT]

    return value
