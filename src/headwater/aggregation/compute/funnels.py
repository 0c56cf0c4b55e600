"""Sums and counts of events that others have to follow, or must not.

An event can only decide about those before it, and no further back than a funnel reaches. So when one arrives,
these are asked twice: as if it were not there, and as it is. What differs is taken, or taken back. An event costs
as much as there are events within the reach of the funnel.
"""

from headwater.aggregation.compute.comparisons import Operand
from headwater.aggregation.compute.entry import Entry
from headwater.aggregation.compute.predicates import Events, Needs
from headwater.aggregation.compute.running import RunningTotal
from headwater.aggregation.compute.scope import Scope
from headwater.aggregation.compute.units import kinds_of
from headwater.aggregation.compute.windowed import WindowedTotal


class Funnel:
    """The state is that of the aggregate, which is fed the events that count."""

    is_streamed = False

    def __init__(self, events: Events, needs: Needs, aggregate: RunningTotal | WindowedTotal) -> None:
        self.id = aggregate.id
        self.events = [events, *needs.followers]
        self.needs = needs
        self.can_turn = aggregate.can_turn
        self.value: Operand = aggregate.value
        self.due_ms = aggregate.due_ms
        self.turn = aggregate.turn
        self.start_ms = aggregate.start_ms
        self.forget = aggregate.forget
        self._events = events
        self._kinds = kinds_of(self.events)
        self._aggregate = aggregate

    def feed(self, scope: Scope, entry: Entry) -> bool:
        events, reach_ms = self._events, self.needs.reach_ms
        scope.read(entry.at_ms - reach_ms, entry.at_ms + reach_ms + 1, self._kinds)
        is_changed = False
        for each in scope.entries(entry.at_ms - reach_ms, entry.at_ms + 1, events.kinds):
            if each.place > entry.place:
                break
            scope.without = entry.place
            counted = each.place != entry.place and events.has(each, scope)
            scope.without = None
            counts = events.has(each, scope)
            if counts and not counted:
                is_changed |= self._aggregate.feed(scope, each)
            elif counted and not counts:
                self._aggregate.take_back(scope, each)
                is_changed = True
        scope.read_no_more()
        return is_changed

    def recompute(self, scope: Scope) -> bool:
        self.forget(scope)
        events = self._events
        for entry in scope.subject.history.entries(self.start_ms(scope.now_ms), scope.now_ms + 1, events.kinds):
            if entry.call == events.call and events.name in {None, entry.name}:
                self._aggregate.feed(scope, entry)
        return True
