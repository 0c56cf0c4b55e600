"""What delivery tells Prometheus. Gauges are read from the running destination when somebody scrapes."""

from collections.abc import Callable, Sequence

from prometheus_client import Counter, Gauge, Histogram

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
LATENCY = Histogram(
    "headwater_delivery_latency_seconds",
    "From the collector's answer to the destination's.",
    ["destination"],
    buckets=(0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60, 600, 3600, 14400),
)
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
UNREADABLE = Counter(
    "headwater_delivery_unreadable_records", "Records of the outbound log that could not be decoded."
)


class DestinationMetrics:
    """The series of one destination, looked up once."""

    def __init__(self, destination: str) -> None:
        self.delivered_attempts = ATTEMPTS.labels(destination, "delivered")
        self.retry_later_attempts = ATTEMPTS.labels(destination, "retry_later")
        self.rejected_attempts = ATTEMPTS.labels(destination, "rejected")
        self.delivered = EVENTS.labels(destination, "delivered")
        self.filtered = EVENTS.labels(destination, "filtered")
        self.rejected = EVENTS.labels(destination, "rejected")
        self.retrying = EVENTS.labels(destination, "retrying")
        self.dead = EVENTS.labels(destination, "dead")
        self.latency_s = LATENCY.labels(destination)
        self.request_items = REQUEST_ITEMS.labels(destination)
        self.bisected = BISECTED.labels(destination)
        self.pauses = PAUSES.labels(destination)

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
