"""Aggregates over a window that moves with the clock. Exact to the millisecond; for an event to enter or to leave
nothing has to arrive.

What is kept is the result so far, and the times of the oldest events in it, a few: the next to leave. When these
are used up, the history tells the following ones. The same is kept of events that are too young yet. An event
leaves by being read in the history once more and taken back.

State: [the reducer's …, times that wait, whether more wait, times that will leave, whether more will]. Both lists
are in order. They have everything before their last time; of that very time, and of later ones, they have
everything only when there are no more.
"""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator
from typing import Any, Final

from headwater import limits
from headwater.aggregation.compute.comparisons import Operand
from headwater.aggregation.compute.entry import Entry
from headwater.aggregation.compute.predicates import Events, Needs
from headwater.aggregation.compute.reducers import Extreme, Outermost, Removing, Tally
from headwater.aggregation.compute.running import prefer, reading, reading_tally
from headwater.aggregation.compute.scope import NEVER_MS, Scope
from headwater.definitions import ast

_WAIT: Final = -4
_MORE_WAIT: Final = -3
_LEAVE: Final = -2
_MORE_LEAVE: Final = -1


class _Windowed:
    is_streamed = True
    can_turn = True

    def __init__(self, id_: str, events: Events, needs: Needs, window: ast.Window) -> None:
        self.id = id_
        self.events = [events]
        self.needs = needs
        self._events = events
        self._test = events.test
        self._oldest_ms = window.oldest_ms
        self._newest_ms = window.newest_ms

    # --- what every kind of window does in its own way ---------------------------------------------------------

    def _start(self) -> list[Any]:
        """The rest of the state."""
        raise NotImplementedError

    def _enter(self, scope: Scope, state: list[Any], entry: Entry) -> bool:
        """The event is in the window. Whether it matters."""
        raise NotImplementedError

    def _leave(self, scope: Scope, state: list[Any], edge_ms: int) -> None:
        """Everything until `edge_ms` leaves; something does."""
        raise NotImplementedError

    def _leaves_ms(self, state: list[Any]) -> int:
        """The effective time of what leaves next; NEVER_MS: the window is empty."""
        leaving = state[_LEAVE]
        return leaving[0] if leaving else NEVER_MS

    # --- feeding -----------------------------------------------------------------------------------------------

    def feed(self, scope: Scope, entry: Entry) -> bool:
        at_ms, now_ms = entry.at_ms, scope.now_ms
        if at_ms + self._oldest_ms <= now_ms or (self._test is not None and not self._test(entry, scope)):
            return False
        state = scope.states.get(self.id)
        if state is None:
            state = [*self._start(), [], False, [], False]
        due_ms = at_ms + self._newest_ms
        is_in = due_ms <= now_ms
        if not is_in:
            state[_MORE_WAIT] = push(state[_WAIT], at_ms, more=state[_MORE_WAIT])
        elif self._enter(scope, state, entry):
            due_ms = at_ms + self._oldest_ms
        else:
            return False
        scope.states[self.id] = state
        scope.due_ms = min(scope.due_ms, due_ms)
        return is_in

    def recompute(self, scope: Scope) -> bool:
        raise NotImplementedError("it is fed")

    def start_ms(self, now_ms: int) -> int:
        return now_ms - self._oldest_ms + 1

    def forget(self, scope: Scope) -> None:
        scope.states.pop(self.id, None)

    # --- time --------------------------------------------------------------------------------------------------

    def due_ms(self, scope: Scope) -> int:
        state = scope.states.get(self.id)
        if state is None:
            return NEVER_MS
        due_ms = self._leaves_ms(state) + self._oldest_ms
        waiting = state[_WAIT]
        return min(due_ms, waiting[0] + self._newest_ms) if waiting else due_ms

    def turn(self, scope: Scope) -> bool:
        state = scope.states[self.id]
        self._let_in(scope, state, scope.now_ms - self._newest_ms)
        edge_ms = scope.now_ms - self._oldest_ms
        if self._leaves_ms(state) <= edge_ms:
            self._leave(scope, state, edge_ms)
        if not state[_WAIT] and self._leaves_ms(state) == NEVER_MS:
            self.forget(scope)
        return True

    def _let_in(self, scope: Scope, state: list[Any], edge_ms: int) -> None:
        """Everything until `edge_ms` has waited long enough."""
        waiting = state[_WAIT]
        while waiting and waiting[0] <= edge_ms:
            at_ms = waiting[0]
            del waiting[: bisect_right(waiting, at_ms)]
            for entry in self._entries(scope, at_ms, at_ms + 1):
                self._enter(scope, state, entry)
            if state[_MORE_WAIT] and not waiting:
                state[_MORE_WAIT] = self._refill(scope, waiting, at_ms + 1, scope.now_ms + 1)

    def _entries(self, scope: Scope, start_ms: int, end_ms: int) -> Iterator[Entry]:
        found = scope.subject.history.entries(start_ms, end_ms, self._events.kinds)
        return (entry for entry in found if self._events.has(entry, scope))

    def _refill(self, scope: Scope, times: list[int], start_ms: int, end_ms: int) -> bool:
        """Put the next times into a list that is empty; whether there are more. When none is found in a bounded
        number of rows, the time of the last one stands for what is behind it.
        """
        found = scope.subject.history.entries(start_ms, end_ms, self._events.kinds)
        for looked, entry in enumerate(found):
            if self._counts(scope, entry):
                if len(times) == limits.compute.WINDOW_TIMES_KEPT:
                    return True
                times.append(entry.at_ms)
            elif looked >= limits.compute.WINDOW_ROWS_LOOKED:
                if not times:
                    times.append(entry.at_ms)
                return True
        return False

    def _counts(self, scope: Scope, entry: Entry) -> bool:
        """Whether the event will have to enter, or leave."""
        return self._events.has(entry, scope)


def push(times: list[int], at_ms: int, *, more: bool) -> bool:
    """Add a time to a list that keeps the first few. Whether there are more than it has."""
    if not times or at_ms >= times[-1]:
        if more or len(times) >= limits.compute.WINDOW_TIMES_KEPT:
            return True
        times.append(at_ms)
        return False
    insort(times, at_ms)
    if len(times) > limits.compute.WINDOW_TIMES_KEPT:
        times.pop()
        return True
    return more


# --- what leaves one by one --------------------------------------------------------------------------------------


class _OneByOne(_Windowed):
    """The state of a reducer follows."""

    def __init__(
        self, id_: str, events: Events, needs: Needs, window: ast.Window, reducer: Removing | Outermost
    ) -> None:
        super().__init__(id_, events, needs, window)
        self._reducer = reducer
        self.value: Operand = reading(id_, reducer)

    def _start(self) -> list[Any]:
        return self._reducer.start()

    def _enter(self, scope: Scope, state: list[Any], entry: Entry) -> bool:  # noqa: ARG002
        if not self._reducer.counts(entry):
            return False
        state[_MORE_LEAVE] = push(state[_LEAVE], entry.at_ms, more=state[_MORE_LEAVE])
        self._reducer.add(state, entry)
        return True

    def _next(self, scope: Scope, state: list[Any], edge_ms: int) -> None:
        """Who leaves next, after everything until `edge_ms`."""
        times = state[_LEAVE]
        del times[: bisect_right(times, edge_ms)]
        if state[_MORE_LEAVE] and not times:
            end_ms = scope.now_ms - self._newest_ms + 1
            state[_MORE_LEAVE] = self._refill(scope, times, edge_ms + 1, end_ms)

    def _counts(self, scope: Scope, entry: Entry) -> bool:
        return self._events.has(entry, scope) and self._reducer.counts(entry)


class WindowedTotal(_OneByOne):
    def __init__(self, id_: str, events: Events, needs: Needs, window: ast.Window, reducer: Removing) -> None:
        super().__init__(id_, events, needs, window, reducer)
        self._add = reducer.add
        self._remove = reducer.remove

    def _enter(self, scope: Scope, state: list[Any], entry: Entry) -> bool:  # noqa: ARG002
        if not self._add(state, entry):
            return False
        state[_MORE_LEAVE] = push(state[_LEAVE], entry.at_ms, more=state[_MORE_LEAVE])
        return True

    def _leave(self, scope: Scope, state: list[Any], edge_ms: int) -> None:
        for entry in self._entries(scope, state[_LEAVE][0], edge_ms + 1):
            self._remove(state, entry)
        self._next(scope, state, edge_ms)

    def take_back(self, scope: Scope, entry: Entry) -> None:
        """An event that was fed counts no more."""
        at_ms, now_ms = entry.at_ms, scope.now_ms
        if at_ms + self._oldest_ms <= now_ms or at_ms + self._newest_ms > now_ms:
            return  # it has left, or what waits is asked again when its time has come
        if not self._reducer.counts(entry):
            return
        state = scope.states[self.id]
        self._remove(state, entry)
        times = state[_LEAVE]
        if at_ms in times:
            times.remove(at_ms)
        self._next(scope, state, now_ms - self._oldest_ms)
        if not times and not state[_WAIT]:
            self.forget(scope)


class WindowedCount(WindowedTotal):
    """The times say how many leave, as long as there are all of them."""

    def feed(self, scope: Scope, entry: Entry) -> bool:
        # What feed does anyway, without a call for each step: most definitions count.
        at_ms, now_ms = entry.at_ms, scope.now_ms
        due_ms = at_ms + self._oldest_ms
        if due_ms <= now_ms or at_ms + self._newest_ms > now_ms:
            return super().feed(scope, entry)
        if self._test is not None and not self._test(entry, scope):
            return False
        state = scope.states.get(self.id)
        if state is None:
            scope.states[self.id] = [1, [], False, [at_ms], False]
        else:
            state[0] += 1
            state[_MORE_LEAVE] = push(state[_LEAVE], at_ms, more=state[_MORE_LEAVE])
        scope.due_ms = min(scope.due_ms, due_ms)
        return True

    def _leave(self, scope: Scope, state: list[Any], edge_ms: int) -> None:
        times = state[_LEAVE]
        if state[_MORE_LEAVE] and times[-1] <= edge_ms:
            super()._leave(scope, state, edge_ms)
        else:
            gone = bisect_right(times, edge_ms)
            del times[:gone]
            state[0] -= gone


class WindowedTally(_OneByOne):
    """How often each value occurs lives apart. The state of a RunningTally follows."""

    def __init__(self, id_: str, events: Events, needs: Needs, window: ast.Window, tally: Tally) -> None:
        super().__init__(id_, events, needs, window, tally)
        self._tally = tally
        self.value = reading_tally(id_, tally)

    def _start(self) -> list[Any]:
        return [0, "", 0]

    def _enter(self, scope: Scope, state: list[Any], entry: Entry) -> bool:
        texts = self._tally.texts(entry)
        if not texts:
            return False
        state[_MORE_LEAVE] = push(state[_LEAVE], entry.at_ms, more=state[_MORE_LEAVE])
        counts = scope.subject.collected(self.id)
        for text in texts:
            self._tally.count(counts, text)
            prefer(state, text, counts.get(text, 0))
        state[0] = len(counts)
        scope.subject.set_collected(self.id, counts)
        return True

    def _leave(self, scope: Scope, state: list[Any], edge_ms: int) -> None:
        counts = scope.subject.collected(self.id)
        for entry in self._entries(scope, state[_LEAVE][0], edge_ms + 1):
            for text in self._tally.texts(entry):
                self._tally.discount(counts, text)
        best = self._tally.most_frequent(counts) if self._tally.is_frequency else ("", 0)
        state[:_WAIT] = len(counts), *best
        scope.subject.set_collected(self.id, counts)
        self._next(scope, state, edge_ms)

    def forget(self, scope: Scope) -> None:
        if scope.states.pop(self.id, None) is not None:
            scope.subject.set_collected(self.id, {})


class WindowedFirst(_OneByOne):
    def _leave(self, scope: Scope, state: list[Any], edge_ms: int) -> None:
        state[:_WAIT] = self._reducer.start()
        self._next(scope, state, edge_ms)
        while state[_LEAVE] and not self._found(scope, state):
            self._next(scope, state, state[_LEAVE][0])

    def _found(self, scope: Scope, state: list[Any]) -> bool:
        """False: the time stood for rows that were not looked at."""
        at_ms = state[_LEAVE][0]
        for entry in self._entries(scope, at_ms, at_ms + 1):
            self._reducer.add(state, entry)
        return state[0] is not None


# --- what leaves all at once, or is outdone ------------------------------------------------------------------


class WindowedLast(_Windowed):
    """The state of the reducer follows. When the last one leaves, all others have left."""

    def __init__(self, id_: str, events: Events, needs: Needs, window: ast.Window, last: Outermost) -> None:
        super().__init__(id_, events, needs, window)
        self._last = last
        self.value: Operand = reading(id_, last)

    def _start(self) -> list[Any]:
        return self._last.start()

    def _enter(self, scope: Scope, state: list[Any], entry: Entry) -> bool:  # noqa: ARG002
        return self._last.add(state, entry)

    def _leaves_ms(self, state: list[Any]) -> int:
        return NEVER_MS if state[0] is None else state[1]

    def _leave(self, scope: Scope, state: list[Any], edge_ms: int) -> None:  # noqa: ARG002
        state[:_WAIT] = self._last.start()


class WindowedExtreme(_Windowed):
    """What leaves are [time, value]: the best, then the best of those that come after it, and so on. All others
    are outdone by one that stays longer, so they never matter.
    """

    def __init__(self, id_: str, events: Events, needs: Needs, window: ast.Window, extreme: Extreme) -> None:
        super().__init__(id_, events, needs, window)
        self._value = extreme.value
        self._beats = extreme.beats

    def _start(self) -> list[Any]:
        return []

    def _enter(self, scope: Scope, state: list[Any], entry: Entry) -> bool:  # noqa: ARG002
        value = self._value(entry)
        if value is None:
            return False
        kept = state[_LEAVE]
        end = bisect_left(kept, [entry.at_ms])
        start = end
        if end < len(kept):
            if not self._beats(value, kept[end][1]):
                return False
            if kept[end][0] == entry.at_ms:
                end += 1
        while start and not self._beats(kept[start - 1][1], value):
            start -= 1
        if start == len(kept) and state[_MORE_LEAVE]:
            return False  # it comes after some that are not kept
        kept[start:end] = [[entry.at_ms, value]]
        if len(kept) > limits.compute.WINDOW_TIMES_KEPT:
            kept.pop()
            state[_MORE_LEAVE] = True
        return True

    def _leaves_ms(self, state: list[Any]) -> int:
        kept = state[_LEAVE]
        return kept[0][0] if kept else NEVER_MS

    def _leave(self, scope: Scope, state: list[Any], edge_ms: int) -> None:
        kept = state[_LEAVE]
        del kept[: bisect_left(kept, [edge_ms + 1])]
        if state[_MORE_LEAVE] and not kept:
            state[_MORE_LEAVE] = False
            for entry in self._entries(scope, edge_ms + 1, scope.now_ms - self._newest_ms + 1):
                self._enter(scope, state, entry)

    def value(self, scope: Scope) -> Any:
        state = scope.states.get(self.id)
        return None if state is None or not state[_LEAVE] else state[_LEAVE][0][1]
