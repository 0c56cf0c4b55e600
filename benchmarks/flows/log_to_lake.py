"""From the collected log to Parquet files: the pipeline process on one core, its log filled beforehand."""

import os
import random
import sys
import time
from pathlib import Path

from benchmarks import events
from benchmarks.measure import HEADWATER, Figure, apply_workspace, data_folder, median, process
from headwater.event import CollectedRequest, encode_collected
from headwater.log.sqlite import SqliteLog
from headwater.profiles.embedded import embedded

ROUNDS = 3
EVENTS = 1_000_000
BATCH_EVENTS = 100
GROUP = 50
CORE = 0


def fill(data: Path, *, gzipped: bool) -> None:
    """EVENTS events in batches as collection stores them. Bodies repeat; nothing downstream can tell yet."""
    rng = random.Random(1)
    requests = []
    for _ in range(GROUP):
        body = events.batch(rng, BATCH_EVENTS)
        stored = events.gzipped(body) if gzipped else body
        request = CollectedRequest(
            time.time_ns() // 1_000_000,
            "shop",
            "batch",
            "127.0.0.1",
            "benchmark",
            gzipped,
            stored,
            BATCH_EVENTS,
            len(body),
        )
        requests.append(encode_collected(request))
    log = SqliteLog(data / "log" / "collected", bells=data / "bells")
    for _ in range(EVENTS // BATCH_EVENTS // GROUP):
        log.append(requests, events=BATCH_EVENTS * GROUP)
    log.close()


def rate_of_one_run(*, gzipped: bool) -> float:
    """Events per second from the pipeline's first commit until it has drained: every event is in a closed file."""
    with data_folder() as data:
        apply_workspace(data, events.WORKSPACE)
        fill(data, gzipped=gzipped)
        os.sync()
        platform = embedded(data)
        lake, outbound = platform.lake(), platform.outbound()
        with process(HEADWATER, "pipeline", "--data", str(data), core=CORE, log=data / "pipeline.log"):
            while not outbound.end():
                time.sleep(0.002)
            started = time.monotonic()
            before = outbound.lag(0).events
            while outbound.lag(0).events < EVENTS:
                time.sleep(0.05)
        taken_s = time.monotonic() - started
        if lake.position() != outbound.end():
            raise RuntimeError("the pipeline stopped before everything was in the lake")
        outbound.close()
    return (EVENTS - before) / taken_s


def one_core() -> list[Figure]:
    figures = []
    for gzipped, what in ((False, "plain batches"), (True, "gzip batches")):
        rate = median([rate_of_one_run(gzipped=gzipped) for _ in range(ROUNDS)])
        figures.append(
            Figure(
                "log_to_lake",
                f"{what} of {BATCH_EVENTS}, one core, last file closed",
                rate,
                f"{rate:,.0f} events/s",
                "≥ 100,000",
                "200,000",
                rate >= 100_000,
            )
        )
    return figures


if __name__ == "__main__":
    print(rate_of_one_run(gzipped="gzip" in sys.argv))
