"""What collection counts. The hot path adds to plain dictionaries; they become metrics when somebody looks."""

from collections import Counter
from collections.abc import Iterator

from prometheus_client import REGISTRY, Gauge, Histogram
from prometheus_client.core import CounterMetricFamily
from prometheus_client.registry import Collector as MetricCollector

from headwater.telemetry import Meter

in_flight = Gauge("headwater_collect_in_flight", "Requests being answered.")
rate = Gauge("headwater_collect_events_per_second", "Events stored per second, over the last minute.")
commit_seconds = Histogram(
    "headwater_collect_commit_seconds",
    "Time of one group commit, fsync included.",
    buckets=(0.000_5, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1, 5),
)
commit_records = Histogram(
    "headwater_collect_commit_records", "Requests in one group commit.", buckets=(1, 3, 10, 30, 100, 300, 1_000)
)


class Tallies(MetricCollector):
    """`headwater_collect_requests_total{source,outcome}` and `headwater_collect_events_total{source}`.

    Outcomes: `stored`, `unknown_write_key`, `bad_request`, `too_large`, `rate_limited`, `busy`, `unavailable`,
    `unauthorized`, `timeout`, `hung_up`, and the reasons for which a request is answered 200 and not stored.
    """

    def __init__(self) -> None:
        self.requests: Counter[tuple[str, str]] = Counter()
        self.events: Counter[str] = Counter()
        self.meter = Meter()
        REGISTRY.register(self)

    def stored(self, source: str, events: int) -> None:
        self.requests[source, "stored"] += 1
        self.events[source] += events

    def committed(self, seconds: float, records: int, events: int) -> None:
        commit_seconds.observe(seconds)
        commit_records.observe(records)
        self.meter.add(events)

    def collect(self) -> Iterator[CounterMetricFamily]:
        requests = CounterMetricFamily(
            "headwater_collect_requests", "Requests by source and outcome.", labels=["source", "outcome"]
        )
        for (source, outcome), count in sorted(self.requests.items()):
            requests.add_metric([source, outcome], count)
        yield requests
        events = CounterMetricFamily("headwater_collect_events", "Events stored, by source.", labels=["source"])
        for source, count in sorted(self.events.items()):
            events.add_metric([source], count)
        yield events

    def close(self) -> None:
        REGISTRY.unregister(self)
