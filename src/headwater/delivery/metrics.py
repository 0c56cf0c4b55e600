"""What delivery tells Prometheus. Gauges are read from the running destination when somebody scrapes."""

from collections.abc import Callable

from prometheus_client import Counter, Gauge, Histogram

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


def watch(
    destination: str,
    *,
    in_flight: Callable[[], int],
    held_events: Callable[[], int],
    retries_pending: Callable[[], int],
    paused: Callable[[], bool],
) -> None:
    IN_FLIGHT.labels(destination).set_function(in_flight)
    HELD.labels(destination).set_function(held_events)
    RETRIES_PENDING.labels(destination).set_function(retries_pending)
    PAUSED.labels(destination).set_function(paused)


def unwatch(destination: str) -> None:
    """The destination does not run any more; its counters stay, its gauges go."""
    for gauge in (IN_FLIGHT, HELD, RETRIES_PENDING, PAUSED):
        gauge.remove(destination)
