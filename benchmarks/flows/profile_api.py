"""The Profile API over a loaded store: `serve` on one core, a closed loop of clients on the other."""

import asyncio
import os
import random
import time

import uvloop

from benchmarks import stores
from benchmarks.client import Connection, profile_request
from benchmarks.measure import HEADWATER, Figure, data_folder, free_port, median, process, wait_ready

ROUNDS = 3
SECONDS = 5
CONNECTIONS = 16
SERVER_CORE, CLIENT_CORE = 0, 1
MIX = (
    "traits?limit=100",
    "traits?class=audience&limit=100",
    "traits?include=orders,often_ordered,email",
    "external_ids",
    "events?limit=10",
    "metadata",
)
REQUESTS = 20_000
"""Different ones, asked again and again."""


async def closed_loop(port: int, requests: list[bytes], seconds: float) -> list[float]:
    """How long each answer took, ms."""
    taken_ms: list[float] = []
    until = time.monotonic() + seconds
    stream = iter(requests * 1000)

    async def client() -> None:
        connection = await Connection.open(port)
        while (asked := time.monotonic()) < until:
            answer = await connection.ask(next(stream))
            taken_ms.append((time.monotonic() - asked) * 1000)
            if answer.status != 200:
                raise RuntimeError(f"answered {answer.status}: {answer.body[:200]!r}")
        connection.close()

    await asyncio.gather(*(client() for _ in range(CONNECTIONS)))
    return sorted(taken_ms)


def loaded_store() -> list[Figure]:
    rng = random.Random(3)
    requests = [profile_request(rng.randrange(stores.SHOP_PROFILES), rng.choice(MIX)) for _ in range(REQUESTS)]
    port = free_port()
    rates, p99 = [], []
    cores = os.sched_getaffinity(0)
    with stores.copy_of(stores.shop()) as data, data_folder() as logs:
        command = (HEADWATER, "serve", "--data", str(data), "--serve-port", str(port))
        with process(*command, core=SERVER_CORE, log=logs / "serve.log"):
            wait_ready(port)
            os.sched_setaffinity(0, {CLIENT_CORE})
            try:
                for _ in range(ROUNDS):
                    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                        taken_ms = runner.run(closed_loop(port, requests, SECONDS))
                    rates.append(len(taken_ms) / SECONDS)
                    p99.append(taken_ms[len(taken_ms) * 99 // 100])
            finally:
                os.sched_setaffinity(0, cores)
    rate, slow_ms = median(rates), median(p99)
    what = f"{stores.SHOP_PROFILES:,} profiles, traits, external ids and events, {CONNECTIONS} clients, one core"
    return [
        Figure("profile_api", what, rate, f"{rate:,.0f} requests/s", "≥ 2,000", "10,000", rate >= 2000),
        Figure("profile_api", "the same, p99", slow_ms, f"{slow_ms:.1f} ms", "≤ 10 ms", "", slow_ms <= 10),
    ]
