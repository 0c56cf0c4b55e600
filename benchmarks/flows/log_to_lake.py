"""From the collected log to Parquet files: the pipeline process on one core, its log filled beforehand.

`log_to_lake` is the path with no plan and no rules; `processing` governs with a plan of 200 rules and transforms
with five. Every messageId is another one, so dedupe has to remember them all. Schema discovery is measured apart.
"""

import asyncio
import os
import random
import subprocess
import time
from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from prometheus_client.parser import text_string_to_metric_families

from benchmarks import events
from benchmarks.measure import HEADWATER, Figure, apply_workspace, cpu_s, data_folder, median, process
from headwater.event import CollectedRequest, encode_collected
from headwater.log.sqlite import SqliteLog
from headwater.operations.introspection import ask_fleet
from headwater.profiles.embedded import embedded
from headwater.serve.health.fleet import Role

ROUNDS = 3
EVENTS = 1_000_000
BATCH_EVENTS = 100
GROUP = 50
"""Requests per group commit of the collector."""
CORE = 0
SETTLE_S_MAX = 600


class Run(NamedTuple):
    rate: float
    """Events per second from the pipeline's first commit until it has drained: every event is in a closed file."""
    costs_us: dict[str, float]
    """Stage → µs per event, as /metrics says."""
    cpu_us: float
    """Per event, all threads of the process: does not depend on who else uses the machine."""


def collected(*, gzipped: bool) -> list[bytes]:
    """EVENTS events in batches, as collection stores them."""
    rng = random.Random(1)
    records = []
    for _ in range(EVENTS // BATCH_EVENTS):
        body = events.batch(rng, BATCH_EVENTS)
        stored = events.gzipped(body) if gzipped else body
        received_ms = time.time_ns() // 1_000_000
        request = CollectedRequest(
            received_ms, "shop", "batch", "127.0.0.1", "benchmark", gzipped, stored, BATCH_EVENTS, len(body)
        )
        records.append(encode_collected(request))
    return records


def run(records: Sequence[bytes], workspace: dict[str, Any]) -> Run:
    with data_folder() as data:
        apply_workspace(data, workspace)
        fill(data, records)
        return drain(data, EVENTS)


def fill(data: Path, records: Iterable[bytes]) -> None:
    """Append batches of BATCH_EVENTS events to the collected log, as the collector does."""
    log = SqliteLog(data / "log" / "collected", bells=data / "bells")
    stream = iter(records)
    while group := list(islice(stream, GROUP)):
        log.append(group, events=BATCH_EVENTS * len(group))
    log.close()
    os.sync()


def drain(data: Path, events_count: int, *, settled: Callable[[], bool] = lambda: True) -> Run:
    """Run the pipeline on one core until it has come through the collected log, which holds so many events that
    it has not seen, all of which are accepted. It goes on until `settled` as well, which is not measured.
    """
    platform = embedded(data)
    lake, outbound = platform.lake(), platform.outbound()
    first = outbound.end()
    with process(HEADWATER, "pipeline", "--data", str(data), core=CORE, log=data / "pipeline.log") as pipeline:
        while outbound.end() == first and pipeline.poll() is None:
            time.sleep(0.002)
        _require_running(pipeline, data)
        started = time.monotonic()
        before = outbound.lag(first).events
        cpu_before_s = cpu_s([pipeline.pid])
        while outbound.lag(first).events < events_count and pipeline.poll() is None:
            time.sleep(0.05)
        _require_running(pipeline, data)
        costs_us = stage_costs_us(data, events_count)
        used_s = cpu_s([pipeline.pid]) - cpu_before_s
        settled_s = _wait_until(settled)
    taken_s = time.monotonic() - started - settled_s
    if lake.position() != outbound.end():
        raise RuntimeError("the pipeline stopped before everything was in the lake")
    outbound.close()
    measured = events_count - before
    return Run(measured / taken_s, costs_us, used_s / measured * 1e6)


def _require_running(pipeline: subprocess.Popen[bytes], data: Path) -> None:
    if pipeline.poll() is not None:
        raise RuntimeError(f"the pipeline ended: {(data / 'pipeline.log').read_text()}")


def _wait_until(settled: Callable[[], bool]) -> float:
    """How long it took."""
    began = time.monotonic()
    while not settled():
        if time.monotonic() - began > SETTLE_S_MAX:
            raise RuntimeError(f"the pipeline has not settled within {SETTLE_S_MAX} s")
        time.sleep(0.2)
    return time.monotonic() - began


def stage_costs_us(data: Path, events_count: int) -> dict[str, float]:
    reports = asyncio.run(ask_fleet(data / "run", metrics=True))
    text = next(report.exposition for report in reports if report.role is Role.PIPELINE)
    return {
        sample.labels["stage"]: sample.value / events_count * 1e6
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name == "headwater_pipeline_stage_seconds_total"
    }


def figures(
    flow: str, what: str, runs: Sequence[Run], *, bar: float | None = None, aim: float = 0
) -> list[Figure]:
    rate = median([one.rate for one in runs])
    typical = min(runs, key=lambda one: abs(one.rate - rate))
    costs = ", ".join(f"{stage} {cost:.1f}" for stage, cost in typical.costs_us.items())
    headline = Figure(flow, what, rate, f"{rate:,.0f} events/s")
    if bar is not None:
        headline = headline._replace(bar=f"≥ {bar:,.0f}", aim=f"{aim:,.0f}", is_met=rate >= bar)
    return [
        headline,
        Figure(flow, "µs per event, by stage", sum(typical.costs_us.values()), costs),
        Figure(flow, "CPU per event, all threads", typical.cpu_us, f"{typical.cpu_us:.1f} µs"),
    ]


def one_core() -> list[Figure]:
    shown = []
    for gzipped, kind in ((False, "plain"), (True, "gzip")):
        records = collected(gzipped=gzipped)
        runs = [run(records, events.UNDISCOVERED_WORKSPACE) for _ in range(ROUNDS)]
        what = f"{kind} batches of {BATCH_EVENTS}, deduped, no plan, no rules, one core, last file closed"
        shown += figures("log_to_lake", what, runs, bar=80_000, aim=150_000)
    runs = [run(collected(gzipped=False), events.WORKSPACE) for _ in range(ROUNDS)]
    rate = median([one.rate for one in runs])
    what = "plain, with schema discovery, which is on by default"
    return [*shown, Figure("log_to_lake", what, rate, f"{rate:,.0f} events/s")]


def governed() -> list[Figure]:
    records = collected(gzipped=False)
    runs = [run(records, events.GOVERNED_WORKSPACE) for _ in range(ROUNDS)]
    what = "the same, plain, with a plan of 200 rules and 5 transformations"
    return figures("processing", what, runs, bar=40_000, aim=80_000)
