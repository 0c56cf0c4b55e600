"""The gate in front of one destination: asks `Availability`, keeps its clock, tells metrics and the log."""

import asyncio
import time
from collections.abc import Callable

import structlog

from headwater.delivery.availability import Availability
from headwater.delivery.metrics import DestinationMetrics
from headwater.destinations.kit.model import Delivered, Filtered, Outcome, Rejected
from headwater.event import OutboundEvent

logger = structlog.get_logger()

CLOCK_GRAIN_S = 0.001
"""What event loops round a time to."""


class Gate:
    def __init__(self, destination: str, *, opened: Callable[[], None]) -> None:
        """`opened` is called whenever somebody who was refused may ask again."""
        self._destination = destination
        self._opened = opened
        self._loop = asyncio.get_running_loop()
        self._metrics = DestinationMetrics(destination)
        self._availability = Availability()
        self._down_at_s = 0.0
        self._probe: asyncio.TimerHandle | None = None

    @property
    def down(self) -> bool:
        return self._availability.down

    def may_send(self) -> bool:
        """True obliges: send, and report with `settled`."""
        return not self._availability.down or self._availability.may_send(self._loop.time())

    def settled(
        self, event: OutboundEvent, outcome: Outcome | Filtered, *, started_s: float, first_attempt: bool
    ) -> None:
        """How an attempt ended that began at `started_s` (loop time)."""
        if isinstance(outcome, Filtered):
            self._metrics.filtered.inc()
            self._not_made(started_s)
            return
        if isinstance(outcome, Rejected) and not outcome.sent:
            self._metrics.rejected.inc()
            self._not_made(started_s)
            return
        if isinstance(outcome, Delivered):
            self._metrics.delivered_attempts.inc()
            self._metrics.delivered.inc()
            self._metrics.latency_s.observe(time.time() - event.received_at_ms / 1000)
        elif isinstance(outcome, Rejected):
            self._metrics.rejected_attempts.inc()
            self._metrics.rejected.inc()
        else:
            self._metrics.retry_later_attempts.inc()
            if first_attempt:
                self._metrics.retrying.inc()
            self._failed(outcome.reason, started_s, outcome.retry_after_s, first_attempt=first_attempt)
            return
        was_down = self.down
        self._availability.answered()
        if was_down:
            down_s = round(self._loop.time() - self._down_at_s, 1)
            logger.info("destination_recovered", destination=self._destination, down_s=down_s)
            self._opened()

    def died(self) -> None:
        """An event's retry window is over."""
        self._metrics.dead.inc()

    def start_afresh(self) -> None:
        """The settings are new: whatever was wrong may be mended."""
        self._availability.answered()
        self._opened()

    def close(self) -> None:
        if self._probe:
            self._probe.cancel()

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
