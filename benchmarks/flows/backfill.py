"""A new windowed audience over a million profiles with twenty million events, while events go on arriving; and how
much memory the pipeline has then.
"""

import asyncio
import json
import time
import urllib.request
from collections.abc import Callable
from typing import Any, NamedTuple

from benchmarks import people, stores
from benchmarks.live import Running, Traffic, after, drive, percentile, running
from benchmarks.measure import Figure, apply_workspace, memory_mb
from benchmarks.people import Customers

RATE = 500
WATCHED = 20
QUIET_S = 10
BACKFILL_S_MAX = 1800
SETTLE_S_MAX = 600
SCALE = stores.PROFILES / 1_000_000
KEY = str(people.NEW_AUDIENCE["key"])


class Filled(NamedTuple):
    taken_s: float
    size: int
    before_ms: list[float]
    meanwhile_ms: list[float]
    rss_mb: float


def line_of(platform: Running, audience: str) -> dict[str, Any]:
    """What the private API says of an audience."""
    token = (platform.data / "admin-token").read_text().strip()
    url = f"http://127.0.0.1:{platform.serve_port}/api/v1/audiences/{audience}"
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        line: dict[str, Any] = json.load(answer)
        return line


async def fill_in(platform: Running, traffic: Traffic) -> Filled:
    is_over = False
    everything = asyncio.create_task(traffic.steady(RATE, lambda: is_over))
    before_ms = await _when_settled(traffic)
    watching = asyncio.create_task(traffic.watch_members(WATCHED, lambda: is_over))
    workspace = people.WORKSPACE | {"audiences": [*people.AUDIENCES, people.NEW_AUDIENCE]}
    began = time.monotonic()
    await asyncio.to_thread(apply_workspace, platform.data, workspace)
    line = await _until(lambda: line_of(platform, KEY), BACKFILL_S_MAX)
    taken_s = time.monotonic() - began
    is_over = True
    meanwhile_ms = await watching
    await everything
    return Filled(taken_s, line["size"], before_ms, meanwhile_ms, memory_mb(platform.pipeline_pid, "Rss"))


async def _when_settled(traffic: Traffic) -> list[float]:
    """What was due while nothing ran is done when a customer is seen within a moment; then how they are seen."""
    deadline = time.monotonic() + SETTLE_S_MAX
    while max(await traffic.watch_members(5, after(2))) > 100 and time.monotonic() < deadline:
        pass
    return await traffic.watch_members(WATCHED, after(QUIET_S))


async def _until(read: Callable[[], dict[str, Any]], seconds: float) -> dict[str, Any]:
    """The audience, once everybody has been computed."""
    is_late = after(seconds)
    while not is_late():
        line = await asyncio.to_thread(read)
        if line["status"] == "live":
            return line
        await asyncio.sleep(0.25)
    raise RuntimeError(f"not everybody was computed within {seconds} s: {line}")


def new_audience() -> list[Figure]:
    async def work() -> Filled:
        async with Traffic.open(platform, customers, seed=7) as traffic:
            return await fill_in(platform, traffic)

    customers = Customers(stores.PROFILES, seed=7, are_known=True)
    with stores.copy_of(stores.crowd()) as data, running(data) as platform:
        filled = drive(work())
    if not filled.size:
        raise RuntimeError("nobody became a member of the new audience")
    p99, before = percentile(filled.meanwhile_ms, 0.99), percentile(filled.before_ms, 0.99)
    taken_s, rss_mb = filled.taken_s, filled.rss_mb
    events = stores.PROFILES * stores.CROWD_EVENTS_EACH
    what = f"a new audience over {stores.PROFILES:,} profiles, {events:,} events, {RATE}/s arriving"
    bar_s, aim_s = 300 * SCALE, 60 * SCALE
    return [
        Figure(
            "backfill", what, taken_s, f"{taken_s:.0f} s", f"≤ {bar_s:.0f} s", f"{aim_s:.0f} s", taken_s <= bar_s
        ),
        Figure("backfill", f"members of it, of {stores.PROFILES:,}", filled.size, f"{filled.size:,}"),
        Figure(
            "backfill",
            "event to membership meanwhile, p99",
            p99,
            f"{p99:.0f} ms ({before:.0f} ms without)",
            "< 300 ms",
            "",
            p99 < 300,
        ),
        Figure(
            "memory",
            f"RSS of the pipeline after that, {stores.PROFILES:,} profiles",
            rss_mb,
            f"{rss_mb:.0f} MB",
            "≤ 1,024 MB",
            "",
            rss_mb <= 1024,
        ),
    ]
