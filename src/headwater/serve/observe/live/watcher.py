"""One person who watches: what they want to see, and what waits to be sent to them, bounded."""

import threading
import time
from collections.abc import Callable, Sequence
from typing import Final, Literal, NamedTuple

import msgspec

from headwater import limits
from headwater.fql import Filter, FqlEvaluationError, compile_filter
from headwater.serve.observe.live.event import ACCEPTED, WAITING, LiveEvent
from headwater.serve.observe.live.reading import LogPlace

Outcome = Literal["all", "accepted", "dropped"]


class Rate(msgspec.Struct, frozen=True):
    """What happened in about a second in which not everything could be shown."""

    seconds: float
    matched: int
    """Events that the watcher asked for ..."""
    shown: int
    """... and those of them that were sent."""
    not_looked: int
    """Events that nobody looked at, because there were too many for that; about so many."""


class Wanted:
    """Which events. FqlError for a filter that is none."""

    def __init__(
        self,
        *,
        filter_text: str | None = None,
        source: str | None = None,
        type_: str | None = None,
        event: str | None = None,
        outcome: Outcome = "all",
    ) -> None:
        self._filter: Filter | None = compile_filter(filter_text) if filter_text else None
        self._source = source
        self._type = type_
        self._event = event
        self._outcome = outcome

    def __call__(self, event: LiveEvent) -> bool:
        """The cheap questions first: a filter has to read the event's JSON."""
        if self._source is not None and event.source != self._source:
            return False
        if self._type is not None and event.type != self._type:
            return False
        if self._event is not None and event.event != self._event:
            return False
        if self._outcome == "accepted" and event.outcome != ACCEPTED:
            return False
        if self._outcome == "dropped" and event.outcome in {ACCEPTED, WAITING}:
            return False
        return self._filter is None or _passes(self._filter, event.body)


class Taken(NamedTuple):
    events: list[LiveEvent]
    place: LogPlace | None
    """Where a browser that loses the connection now goes on."""
    rate: Rate | None
    closed_for: str
    """Why the watching is over; empty: it is not."""


WINDOW_S: Final = 1.0

GONE_S: Final = 4 * limits.observe.LIVE_HEARTBEAT_S


class Watcher:
    """Filled by the tail's thread, emptied by the loop that sends. `wake` is called from the tail's thread when
    there is something to take.
    """

    def __init__(
        self,
        wanted: Wanted,
        wake: Callable[[], None],
        since: LogPlace | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
        per_s: int = limits.observe.LIVE_EVENTS_PER_S,
        bytes_per_s: int = limits.observe.LIVE_BYTES_PER_S,
        waiting_max: int = limits.observe.LIVE_WAITING_EVENTS_MAX,
    ) -> None:
        self.since = since
        self._wanted = wanted
        self._wake = wake
        self._clock = clock
        self._per_s = per_s
        self._bytes_per_s = bytes_per_s
        self._waiting_max = waiting_max
        self._lock = threading.Lock()
        self._waiting: list[LiveEvent] = []
        self._place: LogPlace | None = None
        self._closed_for = ""
        self._taken_s = clock()
        self._window_began_s = clock()
        self._matched = self._shown = self._shown_bytes = self._not_looked = 0

    def offer(self, events: Sequence[LiveEvent], place: LogPlace, *, not_looked: int = 0) -> None:
        """The next events of the tail, or those after `since`."""
        matched = [event for event in events if self._wanted(event)]
        with self._lock:
            self._place = place
            if not matched and not not_looked:
                return
            self._roll()
            self._not_looked += not_looked
            self._matched += len(matched)
            for event in matched:
                if self._shown >= self._per_s or len(self._waiting) >= self._waiting_max:
                    break
                self._shown += 1
                fits = self._shown_bytes + event.bytes <= self._bytes_per_s
                self._shown_bytes += event.bytes if fits else 0
                self._waiting.append(event if fits else msgspec.structs.replace(event, body=None))
        self._wake()

    def close(self, why: str) -> None:
        """The watching is over: `take` says so."""
        with self._lock:
            self._closed_for = why
        self._wake()

    @property
    def is_gone(self) -> bool:
        """Whether nothing was taken for so long that nobody can be there: whoever is takes heartbeats."""
        return self._clock() - self._taken_s > GONE_S

    def take(self) -> Taken:
        """Everything that waits. The rate comes once the second that it is about is over."""
        with self._lock:
            self._taken_s = self._clock()
            events, self._waiting = self._waiting, []
            rate = self._rate() if self._clock() - self._window_began_s >= WINDOW_S else None
            return Taken(events, self._place, rate, self._closed_for)

    @property
    def has_rate(self) -> bool:
        """Whether a rate is still to be told."""
        return self._matched > self._shown or self._not_looked > 0

    def _rate(self) -> Rate | None:
        seconds = self._clock() - self._window_began_s
        rate = Rate(round(seconds, 3), self._matched, self._shown, self._not_looked) if self.has_rate else None
        self._window_began_s = self._clock()
        self._matched = self._shown = self._shown_bytes = self._not_looked = 0
        return rate

    def _roll(self) -> None:
        """A new second begins; what the last one left out is told by `take`, which comes at least as often."""
        if self._clock() - self._window_began_s >= WINDOW_S and not self.has_rate:
            self._rate()


def _passes(asked: Filter, body: msgspec.Raw) -> bool:
    try:
        return asked.matches(bytes(body))
    except FqlEvaluationError:
        return False
