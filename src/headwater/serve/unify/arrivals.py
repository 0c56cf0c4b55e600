"""Which event changed something that was computed: the one that the clock of the log had its time from."""

from itertools import islice

from headwater import limits
from headwater.aggregation import reading
from headwater.aggregation.reading import Found, Rows
from headwater.serve.unify.timeline import Head, read_head

NONE = Head()
"""A window has closed, a definition was new or edited, or somebody undid a merge."""


class Arrivals:
    """Of the events of one profile."""

    def __init__(self, state: Rows, found: Found) -> None:
        self._state = state
        self._found = found
        self._heads: dict[int, Head] = {}

    def at(self, clock_ms: int) -> Head:
        """The event that was received at this instant; NONE: it is not among those that count shortly before."""
        if clock_ms not in self._heads:
            near = reading.events(self._state, self._found, end_ms=clock_ms + 1)
            heads = (
                read_head(row.body)
                for _, row in islice(near, limits.unify.IDENTITY_EVENTS_NEAR)
                if row.received_ms == clock_ms
            )
            self._heads[clock_ms] = next((head for head in heads if head.message_id), NONE)
        return self._heads[clock_ms]
