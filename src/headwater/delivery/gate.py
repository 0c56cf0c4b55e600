"""The gate in front of one destination: asks `Availability`, keeps its clock, tells the log."""

import asyncio
from collections.abc import Callable, Sequence

import structlog

from headwater.delivery.availability import Availability
from headwater.delivery.parcel import Result
from headwater.destinations.kit.model import Delivered, Rejected, RetryLater

logger = structlog.get_logger()

CLOCK_GRAIN_S = 0.001
"""What event loops round a time to."""


class Gate:
    def __init__(self, destination: str, *, opened: Callable[[], None]) -> None:
        """`opened` is called whenever somebody who was refused may ask again."""
        self._destination = destination
        self._opened = opened
        self._loop = asyncio.get_running_loop()
        self._availability = Availability()
        self._down_at_s = 0.0
        self._probe: asyncio.TimerHandle | None = None

    @property
    def down(self) -> bool:
        return self._availability.down

    def may_send(self) -> bool:
        """True obliges: send, and report with `settled`."""
        return not self._availability.down or self._availability.may_send(self._loop.time())

    def settled(self, results: Sequence[Result], *, started_s: float, first_attempt: bool) -> None:
        """How an attempt ended that began at `started_s` (loop time): what went together counts once."""
        outcomes = [result.outcome for result in results]
        if any(isinstance(o, Delivered) or (isinstance(o, Rejected) and o.sent) for o in outcomes):
            self._answered()
            return
        waits = next((o for o in outcomes if isinstance(o, RetryLater)), None)
        if waits is None:
            self._not_made(started_s)
        else:
            self._failed(waits.reason, started_s, waits.retry_after_s, first_attempt=first_attempt)

    def start_afresh(self) -> None:
        """The settings are new: whatever was wrong may be mended."""
        self._availability.answered()
        self._opened()

    def close(self) -> None:
        if self._probe:
            self._probe.cancel()

    def _answered(self) -> None:
        was_down = self.down
        self._availability.answered()
        if was_down:
            down_s = round(self._loop.time() - self._down_at_s, 1)
            logger.info("destination_recovered", destination=self._destination, down_s=down_s)
            self._opened()

    def _not_made(self, started_s: float) -> None:
        """Nothing was sent: if this was the probe, somebody else may make it."""
        if self.down:
            self._availability.not_made(started_s=started_s)
            self._await_probe()

    def _failed(self, reason: str, started_s: float, retry_after_s: float | None, *, first_attempt: bool) -> None:
        was_down, now_s = self.down, self._loop.time()
        self._availability.failed(
            now_s, started_s=started_s, retry_after_s=retry_after_s, first_attempt=first_attempt
        )
        if not self.down:
            return
        if not was_down:
            self._down_at_s = now_s
            logger.warning("destination_down", destination=self._destination, reason=reason)
        self._await_probe()

    def _await_probe(self) -> None:
        # uvloop counts whole milliseconds and may call a little early, when nobody could be let in yet: asking
        # again is what keeps a destination from staying down for ever.
        self.close()
        if self._loop.time() < self._availability.probe_at_s:
            self._probe = self._loop.call_at(self._availability.probe_at_s + CLOCK_GRAIN_S, self._await_probe)
        else:
            self._opened()
