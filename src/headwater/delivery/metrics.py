"""What delivery tells Prometheus. Gauges are read from the running destination when somebody scrapes."""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate

from prometheus_client import REGISTRY, Counter, Gauge, Histogram
from prometheus_client.core import HistogramMetricFamily
from prometheus_client.registry import Collector

from headwater.delivery.parcel import Result
from headwater.destinations.kit.model import Delivered, Rejected, RetryLater

ATTEMPTS = Counter(
    "headwater_delivery_attempts",
    "Attempts to deliver an event, by how they ended: delivered, retry_later, rejected.",
    ["destination", "outcome"],
)
EVENTS = Counter(
    "headwater_delivery_events",
    "Events by what became of them: delivered, filtered (not for this destination), rejected (dead at once), "
    "retrying (first failure), dead (retry window over).",
    ["destination", "result"],
)

RECEIPTS_WAITING = Gauge(
    "headwater_delivery_receipts_waiting", "Receipts that are in no file yet, when it was last looked."
)


class Latencies(Collector):
    """A histogram that costs a tenth of the library's, which takes a lock and a tour of its buckets for each
    event: as much as all that is done to an event in a batch. For one thread.
    """

    BOUNDS_S = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 60.0, 600.0, 3600.0, 14400.0)

    def __init__(self) -> None:
        self._counts: dict[str, list[int]] = {}
        self._sums_s: dict[str, float] = {}

    def observe(self, destination: str, latencies_s: Sequence[float]) -> None:
        counts = self._counts.get(destination)
        if counts is None:
            counts = self._counts[destination] = [0] * (len(self.BOUNDS_S) + 1)
            self._sums_s[destination] = 0.0
        for latency_s in latencies_s:
            counts[bisect_left(self.BOUNDS_S, latency_s)] += 1
        self._sums_s[destination] += sum(latencies_s)

    def collect(self) -> Iterator[HistogramMetricFamily]:
        family = HistogramMetricFamily(
            "headwater_delivery_latency_seconds",
            "From the collector's answer to the destination's.",
            labels=["destination"],
        )
        bounds = [*map(str, self.BOUNDS_S), "+Inf"]
        for destination, counts in list(self._counts.items()):
            buckets = [(bound, float(count)) for bound, count in zip(bounds, accumulate(counts), strict=True)]
            family.add_metric([destination], buckets, self._sums_s[destination])
        yield family


LATENCY = Latencies()
REGISTRY.register(LATENCY)
IN_FLIGHT = Gauge("headwater_delivery_in_flight", "Requests under way.", ["destination"])
HELD = Gauge("headwater_delivery_held_events", "Events read from the log and not yet committed.", ["destination"])
RETRIES_PENDING = Gauge(
    "headwater_delivery_retries_pending", "Events waiting for another attempt.", ["destination"]
)
PAUSED = Gauge(
    "headwater_delivery_paused", "1 while the destination is down and only probed, else 0.", ["destination"]
)
PLACES = Gauge(
    "headwater_delivery_places", "How many requests may be under way at once, as adapted.", ["destination"]
)
REQUEST_ITEMS = Histogram(
    "headwater_delivery_request_items",
    "Items that went together in one attempt.",
    ["destination"],
    buckets=(1, 2, 5, 10, 20, 50, 100, 200, 500, 1000),
)
BISECTED = Counter(
    "headwater_delivery_bisected_batches",
    "Batches refused whole that were tried again in halves.",
    ["destination"],
)
PAUSES = Counter(
    "headwater_delivery_asked_pauses",
    "Answers after which a destination asked for a pause: a 429, or the last of a quota.",
    ["destination"],
)
REPEATS = Counter(
    "headwater_delivery_possible_repeats",
    "Events sent that may have been sent before delivery was killed; none after an orderly end.",
    ["destination"],
)
UNREADABLE = Counter(
    "headwater_delivery_unreadable_records", "Records of the outbound log that could not be decoded."
)


class DestinationMetrics:
    """The series of one destination, looked up once."""

    def __init__(self, destination: str) -> None:
        self._destination = destination
        self.delivered_attempts = ATTEMPTS.labels(destination, "delivered")
        self.retry_later_attempts = ATTEMPTS.labels(destination, "retry_later")
        self.rejected_attempts = ATTEMPTS.labels(destination, "rejected")
        self.delivered = EVENTS.labels(destination, "delivered")
        self.filtered = EVENTS.labels(destination, "filtered")
        self.rejected = EVENTS.labels(destination, "rejected")
        self.retrying = EVENTS.labels(destination, "retrying")
        self.dead = EVENTS.labels(destination, "dead")
        self.request_items = REQUEST_ITEMS.labels(destination)
        self.bisected = BISECTED.labels(destination)
        self.repeats = REPEATS.labels(destination)
        self.pauses = PAUSES.labels(destination)

    def arrived(self, latencies_s: Sequence[float]) -> None:
        """Events that are delivered."""
        self.delivered.inc(len(latencies_s))
        LATENCY.observe(self._destination, latencies_s)

    def attempted(self, results: Sequence[Result]) -> None:
        """An attempt of pieces that went together."""
        delivered = rejected = retried = 0
        for result in results:
            outcome = result.outcome
            if isinstance(outcome, Delivered):
                delivered += 1
            elif isinstance(outcome, RetryLater):
                retried += 1
            elif isinstance(outcome, Rejected) and outcome.sent:
                rejected += 1
        if delivered:
            self.delivered_attempts.inc(delivered)
        if retried:
            self.retry_later_attempts.inc(retried)
        if rejected:
            self.rejected_attempts.inc(rejected)
        if sent := delivered + retried + rejected:
            self.request_items.observe(sent)


def watch(
    destination: str,
    *,
    in_flight: Callable[[], int],
    held_events: Callable[[], int],
    retries_pending: Callable[[], int],
    places: Callable[[], int],
    paused: Callable[[], bool],
) -> None:
    IN_FLIGHT.labels(destination).set_function(in_flight)
    HELD.labels(destination).set_function(held_events)
    RETRIES_PENDING.labels(destination).set_function(retries_pending)
    PLACES.labels(destination).set_function(places)
    PAUSED.labels(destination).set_function(paused)


def unwatch(destination: str) -> None:
    """The destination does not run any more; its counters stay, its gauges go."""
    for gauge in (IN_FLIGHT, HELD, RETRIES_PENDING, PLACES, PAUSED):
        gauge.remove(destination)
