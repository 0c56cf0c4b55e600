"""What is told about an event once an attempt of it has ended: a receipt, and metrics."""

from typing import NamedTuple

from headwater.delivery.masking import Mask
from headwater.delivery.metrics import DestinationMetrics
from headwater.delivery.parcel import Parcel, Result
from headwater.delivery.receipts import DELIVERED, FAILED, FILTERED, RETRYING, Receipt, Samples
from headwater.delivery.retry import Fate
from headwater.destinations.kit.model import Delivered, Rejected
from headwater.units import HOUR_MS


class Instant(NamedTuple):
    """One, by two clocks."""

    wall_ms: int
    loop_s: float


class Accounts:
    """Of one destination."""

    def __init__(self, destination: str) -> None:
        self.mask = Mask()
        """What hides the secrets of the destination's settings."""
        self._destination = destination
        self._metrics = DestinationMetrics(destination)
        self._samples = Samples()
        self._sated_until_ms = 0
        """Until then no more exchanges of successes are wanted, and nobody need ask for each of them."""
        self._latencies_s: list[float] = []

    def ended(self, parcel: Parcel, fate: Fate, now: Instant) -> Receipt:
        """An event whose mappings end in different ways counts under each of them, and has one receipt: of what is
        still to come, else of what was given up, else of what has arrived.
        """
        if fate.dead is not None:
            is_refused = any(isinstance(result.outcome, Rejected) for result in parcel.results)
            (self._metrics.rejected if is_refused else self._metrics.dead).inc()
        if fate.job is not None:
            if parcel.job is None:
                self._metrics.retrying.inc()
            job = fate.job
            return self._receipt(parcel, RETRYING, now, job.reason, job.message, job.attempts)
        if fate.dead is not None:
            dead = fate.dead
            return self._receipt(parcel, FAILED, now, dead.reason, dead.message, dead.attempts)
        if any(type(result.outcome) is Delivered for result in parcel.results):
            return self.delivered(parcel, now)
        self._metrics.filtered.inc()
        outcome = parcel.results[0].outcome
        message = "" if isinstance(outcome, Delivered) else outcome.message
        attempts = (parcel.job.attempts if parcel.job else 0) + bool(parcel.started_s)
        return self._receipt(parcel, FILTERED, now, outcome.reason, message, attempts)

    def delivered(self, parcel: Parcel, now: Instant) -> Receipt:
        """All of it. `flush` counts it."""
        self._latencies_s.append((now.wall_ms - parcel.event.received_at_ms) / 1000)
        attempts = parcel.job.attempts + 1 if parcel.job else 1
        return self._receipt(parcel, DELIVERED, now, "", "", attempts)

    def flush(self) -> None:
        """Tell metrics what was delivered since the last time."""
        if self._latencies_s:
            self._metrics.arrived(self._latencies_s)
            self._latencies_s.clear()

    def _receipt(
        self, parcel: Parcel, status: str, now: Instant, reason: str, message: str, attempts: int
    ) -> Receipt:
        event, results, exchange, latency_ms = parcel.event, parcel.results, None, 0
        if parcel.started_s:
            latency_ms = round((now.loop_s - parcel.started_s) * 1000)
            is_sated = status == DELIVERED and now.wall_ms < self._sated_until_ms
            if not is_sated and self._is_wanted(status, reason, now.wall_ms):
                exchange = self.mask.exchange(_telling(results, reason).talk)
        return Receipt(
            event.message_id,
            self._destination,
            event.source,
            event.type,
            event.event or event.name,
            event.profile_id,
            event.user_id,
            event.anonymous_id,
            event.offset,
            status,
            reason,
            message,
            attempts,
            latency_ms,
            now.wall_ms,
            results[0].mapping if len(results) == 1 else _names(results),
            exchange,
        )

    def _is_wanted(self, status: str, reason: str, at_ms: int) -> bool:
        """Whether the exchange is kept."""
        is_wanted = self._samples.wants(self._destination, status, reason, at_ms)
        if status == DELIVERED and not is_wanted:
            self._sated_until_ms = (at_ms // HOUR_MS + 1) * HOUR_MS
        return is_wanted


def _names(results: list[Result]) -> str:
    return ", ".join(result.mapping for result in results if result.mapping)


def _telling(results: list[Result], reason: str) -> Result:
    """The one that the receipt is about."""
    return next((result for result in results if result.outcome.reason == reason and result.talk), results[0])
