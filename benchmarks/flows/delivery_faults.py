"""Delivery while destinations are slow, dead, or coming back: what the others notice, and what is lost.

HEADWATER_BENCH_BACKLOG (3600000) is how many events wait for the destination that was gone: an hour at 1,000/s.
"""

import asyncio
import os
import random
import time
from collections.abc import Callable
from pathlib import Path

import msgspec

from benchmarks.delivering import Progress, delivering, fill, hook, outbound_event, place, shown, sink, workspace
from benchmarks.measure import Figure, data_folder, memory_mb
from headwater.event import encode_outbound
from headwater.log.sqlite import SqliteLog

BACKLOG = int(os.environ.get("HEADWATER_BENCH_BACKLOG", "3600000"))
OTHERS, SHARED = 18, 4_000
LIVE_RATE, LIVE_S = 100, 20
LOSSY, OUTAGE_S = 10_000, 60

Destination = dict[str, object]


def webhook(name: str, url: str, **more: object) -> Destination:
    return {"name": name, "type": "webhook", "settings": {"url": url}, **more}


def isolation() -> list[Figure]:
    """18 destinations alone, and then beside one that never answers and one that takes 5 s for it."""
    alone_s = asyncio.run(_drained_s(with_bad_ones=False))
    beside_s = asyncio.run(_drained_s(with_bad_ones=True))
    kept = alone_s / beside_s
    rate = OTHERS * SHARED / beside_s
    what = f"{OTHERS} destinations beside a dead and a slow one: of their rate"
    return [Figure("isolation", what, kept, f"{kept:.1%} ({shown(rate)})", "≥ 95 %", "", kept >= 0.95)]


async def _drained_s(*, with_bad_ones: bool) -> float:
    with data_folder() as folder, sink(folder) as url:
        async with hook(lambda _: None) as dead, hook(lambda _: (200, 5.0)) as slow:
            data = folder / "data"
            others = [webhook(f"other-{number}", url) for number in range(OTHERS)]
            bad = [webhook("dead", dead), webhook("slow", slow)] if with_bad_ones else []
            workspace(data, [*bad, *others])
            end = fill(data, SHARED)
            with delivering(data):
                progress = Progress(data)

                def least() -> int:
                    positions = progress.positions()
                    return min((positions.get(f"other-{number}", 0) for number in range(OTHERS)), default=0)

                await _until(lambda: least() > 0)
                began_s, first = time.monotonic(), least()
                await _until(lambda: least() >= end)
                return (time.monotonic() - began_s) * end / (end - first)


def backlog() -> list[Figure]:
    return asyncio.run(_backlog())


async def _backlog() -> list[Figure]:
    arrived_s: dict[str, float] = {}

    def note(body: bytes) -> tuple[int, float]:
        arrived_s[msgspec.json.decode(body)["messageId"]] = time.monotonic()
        return 200, 0.0

    with data_folder() as folder, sink(folder) as url:
        async with hook(note) as live:
            data = folder / "data"
            workspace(data, [webhook("back-again", url), webhook("live", live)])
            end = fill(data, BACKLOG)
            place(data, {"back-again": 0, "live": end})
            with delivering(data) as pid:
                progress = Progress(data)
                await _until(lambda: progress.positions().get("back-again", 0) > 0)
                at_s, at = time.monotonic(), progress.positions()["back-again"]
                sent_s = await _live(data)
                peak_mb = memory_mb(pid, "Rss")
                await _until(lambda: sent_s.keys() <= arrived_s.keys())
                drained = 100 * (progress.positions()["back-again"] - at) / (time.monotonic() - at_s)
                if progress.positions()["back-again"] >= end:
                    raise RuntimeError("the backlog was gone before the live events were: give it more")
    latencies_ms = sorted((arrived_s[message] - sent) * 1000 for message, sent in sent_s.items())
    p99 = latencies_ms[len(latencies_ms) * 99 // 100]
    flow = "backlog"
    return [
        Figure(
            flow,
            f"live events while {BACKLOG:,} are drained, p99",
            p99,
            f"{p99:.0f} ms",
            "≤ 500 ms",
            "",
            p99 <= 500,
        ),
        Figure(flow, "memory meanwhile", peak_mb, f"{peak_mb:.0f} MB", "≤ 500 MB", "", peak_mb <= 500),
        Figure(flow, "drained meanwhile", drained, shown(drained)),
    ]


async def _live(data: Path) -> dict[str, float]:
    """Events that come now, and when each came."""
    rng = random.Random(2)
    sent_s: dict[str, float] = {}
    log = SqliteLog(data / "log" / "outbound", bells=data / "bells")
    try:
        started_s = time.monotonic()
        for number in range(LIVE_RATE * LIVE_S):
            await asyncio.sleep(max(0.0, started_s + number / LIVE_RATE - time.monotonic()))
            event = outbound_event(rng, 10**9 + number)
            sent_s[event.message_id] = time.monotonic()
            log.append([encode_outbound([event])], events=1)
    finally:
        log.close()
    return sent_s


def success() -> list[Figure]:
    return asyncio.run(_success())


async def _success() -> list[Figure]:
    """One request in a hundred is answered 500, and once the endpoint is gone for a minute."""
    rng = random.Random(3)
    accepted: set[bytes] = set()
    first_failed: set[bytes] = set()
    gone_until_s = 0.0

    def answer(body: bytes) -> tuple[int, float] | None:
        nonlocal gone_until_s
        if len(accepted) == LOSSY // 2 and not gone_until_s:
            gone_until_s = time.monotonic() + OUTAGE_S
        if time.monotonic() < gone_until_s or rng.random() < 0.01:
            if body not in accepted:
                first_failed.add(body)
            return 503 if time.monotonic() < gone_until_s else 500, 0.0
        accepted.add(body)
        return 200, 0.0

    with data_folder() as folder:
        async with hook(answer) as url:
            data = folder / "data"
            workspace(data, [webhook("lossy", url, retry={"base_s": 1, "delay_max_s": 20})])
            fill(data, LOSSY)
            with delivering(data):
                await _until(lambda: len(accepted) >= LOSSY, seconds_max=OUTAGE_S + 120)
    if not gone_until_s:
        raise RuntimeError("there was no outage")
    share = len(accepted) / LOSSY
    without = 1 - len(first_failed) / LOSSY
    what = f"delivered, with 1 % failing at random and {OUTAGE_S} s of outage"
    return [
        Figure("delivery_success", what, share, f"{share:.3%}", "≥ 99.99 %", "", share >= 0.9999),
        Figure("delivery_success", "of these at the first attempt", without, f"{without:.3%}"),
    ]


async def _until(happened: Callable[[], bool], *, seconds_max: float = 300.0) -> None:
    async with asyncio.timeout(seconds_max):
        while not happened():  # noqa: ASYNC110 - another process's doing
            await asyncio.sleep(0.02)
