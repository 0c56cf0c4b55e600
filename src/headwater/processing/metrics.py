"""What the pipeline counts. Events per source and outcome live in the state, so they survive restarts."""

import contextlib
import time
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache

from prometheus_client import REGISTRY, Counter, Gauge, Histogram
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from headwater.processing.schema import SeenSource

batches = Counter("headwater_pipeline_batches", "Micro-batches committed.")
batch_events = Histogram(
    "headwater_pipeline_batch_events",
    "Events per micro-batch.",
    buckets=(1, 3, 10, 30, 100, 300, 1_000, 3_000, 10_000, 30_000, 100_000),
)
stage_seconds = Counter(
    "headwater_pipeline_stage_seconds",
    "Time spent, by stage; read, commit, send and archive are steps of all.",
    ["stage"],
)
stage_events = Counter("headwater_pipeline_stage_events", "Items a stage was given.", ["stage"])
dead_letters = Gauge("headwater_dead_letters", "Dead letters kept.")
regulations_open = Gauge(
    "headwater_regulations_open", "Requests about users (suppression, deletion) that are not finished."
)
dead_letters_dropped = Counter(
    "headwater_dead_letters_dropped", "Oldest dead letters that went to keep their number bounded."
)
violations = Counter(
    "headwater_violations", "Violations of tracking plans, by source and type.", ["source", "type"]
)
lake_rows = Counter("headwater_lake_rows", "Events written to the lake by this process.")
rate = Gauge("headwater_pipeline_events_per_second", "Events processed per second, over the last minute.")
damaged_records = Gauge(
    "headwater_log_damaged_records", "Records skipped because their bytes were damaged.", ["log"]
)


@contextlib.contextmanager
def spent(stage: str) -> Iterator[None]:
    started = time.perf_counter()
    try:
        yield
    finally:
        _seconds_of(stage).inc(time.perf_counter() - started)


_seconds_of = lru_cache(stage_seconds.labels)
"""The same for the same stage; prometheus_client looks under a lock each time."""


def count_violations(seen: Mapping[tuple[str, str], int]) -> None:
    for (source, type_), count in seen.items():
        violations.labels(source, type_).inc(count)


class EventTotals(Collector):
    """`headwater_events_total{source,outcome}`: "accepted" or the reason why not, since the installation began."""

    def __init__(self, totals: Callable[[], Mapping[tuple[str, str], int]]) -> None:
        self._totals = totals
        REGISTRY.register(self)

    def collect(self) -> Iterator[CounterMetricFamily]:
        family = CounterMetricFamily(
            "headwater_events",
            "Events by source and outcome, since the installation began.",
            labels=["source", "outcome"],
        )
        for (source, outcome), count in sorted(self._totals().items()):
            family.add_metric([source, outcome], count)
        yield family

    def close(self) -> None:
        REGISTRY.unregister(self)


class SchemaSizes(Collector):
    """How much of the schema of each source is known, and how often something was too much to list."""

    def __init__(self, sizes: Callable[[], Mapping[str, SeenSource]]) -> None:
        self._sizes = sizes
        REGISTRY.register(self)

    def collect(self) -> Iterator[GaugeMetricFamily | CounterMetricFamily]:
        known = GaugeMetricFamily(
            "headwater_schema_known", "Names listed in the schema of a source.", labels=["source", "kind"]
        )
        overflow = CounterMetricFamily(
            "headwater_schema_overflow",
            "How often a name was not listed, because there were enough or it was too long.",
            labels=["source", "kind"],
        )
        unreadable = CounterMetricFamily(
            "headwater_schema_unreadable", "Events whose properties cannot be read.", labels=["source"]
        )
        for source, seen in sorted(self._sizes().items()):
            known.add_metric([source, "events"], seen.events)
            known.add_metric([source, "properties"], seen.properties)
            overflow.add_metric([source, "events"], seen.events_overflow)
            overflow.add_metric([source, "properties"], seen.properties_overflow)
            unreadable.add_metric([source], seen.unreadable)
        yield from (known, overflow, unreadable)

    def close(self) -> None:
        REGISTRY.unregister(self)
