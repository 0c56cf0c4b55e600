"""Two profiles with 10,000 events each become one: how long until it is to be seen, and what others feel."""

import asyncio
import itertools
import time
from collections.abc import Iterator
from typing import Any, NamedTuple

from benchmarks import people, stores
from benchmarks.flows.log_to_lake import fill
from benchmarks.live import VISIBLE_S_MAX, Traffic, after, drive, percentile, running
from benchmarks.measure import Figure, median
from benchmarks.people import Customers
from headwater.units import DAY_MS

PAIRS = 5
EVENTS_EACH = 10_000
RATE = 200
WATCHED = 50
BETWEEN_S = 3
"""Two merges."""
WARM_UP_S = 3


class Merged(NamedTuple):
    taken_ms: list[float]
    others_ms: list[float]
    quiet_ms: list[float]
    """Of others while nothing is merged."""


def device(customer: int) -> str:
    """One that nobody knows yet whose it is."""
    return f"b{people.number(customer)}"


def histories(customers: Customers, pairs: range) -> Iterator[dict[str, Any]]:
    """Of each, EVENTS_EACH events of somebody known, and as many on a device that is nobody's yet."""
    names = itertools.cycle((people.VIEW, people.ADD, people.SEARCH, people.VIEW, people.VIDEO, people.ORDER))
    for _ in range(EVENTS_EACH):
        for customer in pairs:
            yield customers.track(customer, next(names))
            unknown = customers.track(customer, next(names))
            del unknown["userId"]
            yield unknown | {"anonymousId": device(customer)}


async def merge_all(traffic: Traffic, customers: Customers, pairs: range) -> Merged:
    await _until(traffic, f"anonymous_id:{device(pairs[-1])}", EVENTS_EACH)
    everything = asyncio.create_task(traffic.steady(RATE, after(WARM_UP_S + BETWEEN_S * (2 * len(pairs)))))
    await asyncio.sleep(WARM_UP_S)
    quiet_ms = await traffic.watch_members(WATCHED, after(BETWEEN_S * len(pairs)))
    others = asyncio.create_task(traffic.watch_members(WATCHED, after(BETWEEN_S * len(pairs))))
    taken_ms = []
    for customer in pairs:
        offered_s = time.monotonic()
        await traffic.post(customers.identify(customer, {"plan": "gold"}) | {"anonymousId": device(customer)})
        await _until(traffic, f"anonymous_id:{device(customer)}", 2 * EVENTS_EACH)
        taken_ms.append((time.monotonic() - offered_s) * 1000)
        await asyncio.sleep(BETWEEN_S - taken_ms[-1] / 1000)
    others_ms = await others
    await everything
    return Merged(taken_ms, others_ms, quiet_ms)


async def _until(traffic: Traffic, who: str, events: int) -> None:
    """Somebody has so many events at least."""
    deadline = time.monotonic() + VISIBLE_S_MAX
    while time.monotonic() < deadline:
        answer = await traffic.ask(who, "metadata?verbose=true")
        if answer is not None and answer["metadata"]["events"] >= events:
            return
        await asyncio.sleep(0.001)
    raise RuntimeError(f"{who} has not {events} events after {VISIBLE_S_MAX} s")


def large_profiles() -> list[Figure]:
    async def work() -> Merged:
        async with Traffic.open(platform, customers, seed=6) as traffic:
            return await merge_all(traffic, customers, pairs)

    customers = Customers(stores.SHOP_PROFILES, seed=5, are_known=True)
    pairs = range(stores.SHOP_PROFILES - PAIRS, stores.SHOP_PROFILES)  # those that do least by themselves
    count = 2 * PAIRS * EVENTS_EACH
    with stores.copy_of(stores.shop()) as data:
        now_ms = time.time_ns() // 1_000_000
        fill(
            data,
            people.records(histories(customers, pairs), count, first_ms=now_ms - 20 * DAY_MS, last_ms=now_ms),
        )
        with running(data) as platform:
            merged = drive(work())
    taken_ms, slowest = median(merged.taken_ms), max(merged.taken_ms)
    p99, quiet = percentile(merged.others_ms, 0.99), percentile(merged.quiet_ms, 0.99)
    flow, what = "merge", f"2 × {EVENTS_EACH:,} events"
    return [
        Figure(
            flow, f"{what}: POST to one profile", taken_ms, f"{taken_ms:.0f} ms", "≤ 200 ms", "", taken_ms <= 200
        ),
        Figure(flow, f"{what}: the slowest of {PAIRS}", slowest, f"{slowest:.0f} ms"),
        Figure(flow, "others meanwhile, event to membership, p99", p99, f"{p99:.1f} ms ({quiet:.1f} ms without)"),
    ]
