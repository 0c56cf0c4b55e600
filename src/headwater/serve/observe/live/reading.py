"""Both logs, read from a place on, as events with their outcome."""

import time
from collections.abc import Callable
from typing import Final, NamedTuple

import lz4.block
import msgspec

from headwater import limits
from headwater.errors import AbsentError, BusyError, InputError
from headwater.event import decode_collected, decode_outbound
from headwater.log.port import Log
from headwater.serve.lasting_view import LastingView
from headwater.serve.observe.live.event import LiveEvent, accepted
from headwater.serve.observe.live.unsettled import Unsettled

AGAIN_S: Final = 0.1
"""How soon to look again for what has arrived and has no end yet: stages that let all go ring no bell."""

AGAIN_S_MAX: Final = 1.0
"""The same when nothing has arrived for a while, and the pipeline does not get on."""

READ_RECORDS: Final = 256
"""At once, so that the bound on events is looked at often enough."""


class LogPlace(NamedTuple):
    """How far both logs were read. As the id of a message it lets a browser go on after a break."""

    collected: int
    outbound: int

    def __str__(self) -> str:
        return f"{self.collected}-{self.outbound}"

    @staticmethod
    def read(text: str) -> "LogPlace":
        collected, _, outbound = text.partition("-")
        if not (collected.isdecimal() and outbound.isdecimal() and len(text) <= 40):
            raise InputError("invalid_place", "Last-Event-ID is not one of this stream", field="Last-Event-ID")
        return LogPlace(int(collected), int(outbound))


class Step(NamedTuple):
    events: list[LiveEvent]
    not_looked: int = 0
    """Events that were jumped over, because there were too many."""


class Reading:
    """For one thread. `at` None: from now on."""

    def __init__(
        self,
        collected: Log,
        outbound: Log,
        view: LastingView,
        at: LogPlace | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._collected = collected
        self._outbound = outbound
        self._view = view
        self._clock = clock
        self._unsettled = Unsettled(clock=clock)
        self._at = at or self._ends()

    @property
    def place(self) -> LogPlace:
        """Where to go on after this step: what has no end yet is told again."""
        first = self._unsettled.first
        return LogPlace(self._at.collected if first is None else first, self._at.outbound)

    def due_in_s(self) -> float | None:
        """When to look again though no bell rings. None: when one does."""
        if not len(self._unsettled):
            return None
        return min(AGAIN_S_MAX, max(AGAIN_S, (self._clock() - self._unsettled.newest_s) / 10))

    def step(self, *, events_max: int) -> Step:
        """What has come since the last one. Of more than `events_max` accepted ones the rest is jumped over."""
        position = self._position()  # first: what the pipeline has passed is in the outbound log soon after
        self._read_collected()
        told, is_behind = self._read_outbound(events_max)
        if is_behind:
            return Step(told, self._jump())
        told += self._settle(position)
        told += self._unsettled.overdue()
        return Step(told)

    def _read_collected(self) -> None:
        read_bytes = 0
        while read_bytes < limits.observe.LIVE_READ_BYTES_MAX:
            records = self._collected.read(
                self._at.collected, records_max=READ_RECORDS, bytes_max=limits.observe.LIVE_READ_BYTES_MAX
            )
            if not records:
                return
            for offset, data in records:
                read_bytes += len(data)
                try:
                    request = decode_collected(data)
                except msgspec.MsgspecError:
                    continue  # the pipeline makes a dead letter of it
                self._unsettled.arrived(offset, request)
            self._at = self._at._replace(collected=records[-1].offset + 1)

    def _read_outbound(self, events_max: int) -> tuple[list[LiveEvent], bool]:
        """And whether there is more than that."""
        told: list[LiveEvent] = []
        while records := self._outbound.read(
            self._at.outbound, records_max=READ_RECORDS, bytes_max=limits.observe.LIVE_READ_BYTES_MAX
        ):
            for offset, data in records:
                if len(told) >= events_max:
                    return told, True
                self._at = self._at._replace(outbound=offset + 1)
                try:
                    events = decode_outbound(data)
                except (msgspec.MsgspecError, lz4.block.LZ4BlockError):
                    continue  # delivery counts those
                for event in events:
                    # Made for destinations, or sent once more: neither has arrived now.
                    if event.destinations is None and not event.is_stored:
                        self._unsettled.accepted(event)
                        told.append(accepted(event))
        return told, False

    def _settle(self, position: int) -> list[LiveEvent]:
        first = self._unsettled.first
        if first is None or first >= position:
            return []
        try:
            with self._view.reading() as state:
                return self._unsettled.settle(position, state)
        except (AbsentError, BusyError):
            return []

    def _position(self) -> int:
        try:
            with self._view.reading() as state:
                return state.position()
        except (AbsentError, BusyError):  # no pipeline has run yet, or the state is being replaced
            return 0

    def _jump(self) -> int:
        """To the ends of the logs; how many accepted events that leaves out, counted as the log does, by frames:
        some of the first may have been read.
        """
        left_out = self._outbound.lag(self._at.outbound).events
        self._unsettled.clear()
        self._at = self._ends()
        return left_out

    def _ends(self) -> LogPlace:
        return LogPlace(self._collected.end(), self._outbound.end())
