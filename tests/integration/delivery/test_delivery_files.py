"""Files of many events, which wait for company, through the real engine."""

import asyncio
import gzip
from collections import Counter
from pathlib import Path

from aiohttp import web

from delivering import delivery, event
from headwater.config.workspace import Destination
from headwater.delivery import held


class Bucket:
    """Takes files, and notes how many events are in them."""

    def __init__(self) -> None:
        self.lines: Counter[str] = Counter()
        self.files = 0
        self._news = asyncio.Condition()

    async def put(self, request: web.Request) -> web.Response:
        self.lines.update(gzip.decompress(await request.read()).decode().splitlines())
        self.files += 1
        async with self._news:
            self._news.notify_all()
        return web.Response()

    async def until(self, events: int) -> None:
        async with self._news:
            await self._news.wait_for(lambda: len(self.lines) >= events)


async def test_files_when_no_more_may_be_held_then_written_before_their_wait_is_over(tmp_path: Path) -> None:
    bucket, app = Bucket(), web.Application(client_max_size=64 * 1024 * 1024)
    app.router.add_put("/{name:.*}", bucket.put)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    settings = {
        "access_key_id": "AKIAEXAMPLE",
        "secret_access_key": "s3cret",
        "region": "eu-central-1",
        "bucket": "events",
        "endpoint": f"http://127.0.0.1:{runner.addresses[0][1]}",
        "wait_s": 300,
    }
    sources = ("website", "app", "backend")
    count = 3 * held.EVENTS_MAX
    async with delivery(tmp_path) as system:
        system.apply(Destination(name="files", type="amazon-s3", settings=settings))
        await system.start()
        # Of no source as many as a file may have: only what is held, all sources together, has a bound.
        for at in range(0, count, 500):
            system.append([event(person=f"p {n % 50}", source=sources[n % 3]) for n in range(at, at + 500)])
        await bucket.until(2 * held.EVENTS_MAX)
        await system.stop()
    assert set(bucket.lines.values()) == {1}
    assert bucket.files < 60
    await runner.cleanup()
