"""From a POST to the Profile API, at 2,000 events/s offered in single posts: when a customer is a member of the
audience that her event meets, and when a plain trait is there.
"""

import asyncio

from benchmarks import stores
from benchmarks.live import Traffic, after, drive, percentile, running
from benchmarks.measure import Figure
from benchmarks.people import Customers

RATE = 2_000
WATCHED = 40
"""Per second, of each kind, which come on top."""
WARM_UP_S = 5
SECONDS = 20


async def load(traffic: Traffic) -> tuple[list[float], list[float]]:
    """Members and traits, ms each."""
    everything = asyncio.create_task(traffic.steady(RATE, after(WARM_UP_S + SECONDS)))
    await asyncio.sleep(WARM_UP_S)
    members, traits = await asyncio.gather(
        traffic.watch_members(WATCHED, after(SECONDS)), traffic.watch_traits(WATCHED, after(SECONDS))
    )
    await everything
    return members, traits


def under_load() -> list[Figure]:
    async def work() -> tuple[list[float], list[float]]:
        async with Traffic.open(platform, customers, seed=4) as traffic:
            return await load(traffic)

    customers = Customers(stores.SHOP_PROFILES, seed=4, are_known=True)
    with stores.copy_of(stores.shop()) as data, running(data) as platform:
        members, traits = drive(work())
    p50, p99 = percentile(members, 0.5), percentile(members, 0.99)
    fresh = percentile(traits, 0.99)
    flow, what = "event_to_profile", f"{stores.SHOP_PROFILES:,} profiles, {RATE:,} events/s"
    return [
        Figure(flow, f"{what}: POST to membership, p50", p50, f"{p50:.1f} ms", "≤ 20 ms", "", p50 <= 20),
        Figure(flow, f"{what}: POST to membership, p99", p99, f"{p99:.1f} ms", "≤ 100 ms", "≤ 50 ms", p99 <= 100),
        Figure(flow, f"{what}: 200 to trait, p99", fresh, f"{fresh:.1f} ms", "≤ 200 ms", "", fresh <= 200),
    ]
