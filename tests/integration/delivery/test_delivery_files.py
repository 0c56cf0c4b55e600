"""Files of many events, which wait for company, through the real engine."""

import asyncio
import gzip
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
from aiohttp import web

from delivering import delivery, event, events
from headwater.config.workspace import Destination
from headwater.delivery import held


class Bucket:
    """Takes files, and notes how many events are in them."""

    def __init__(self) -> None:
        self.lines: Counter[str] = Counter()
        self.files = 0
        self.refusing = 0
        """So many more files."""
        self._news = asyncio.Condition()

    async def put(self, request: web.Request) -> web.Response:
        if self.refusing:
            self.refusing -= 1
            return web.Response(status=503)
        self.lines.update(gzip.decompress(await request.read()).decode().splitlines())
        self.files += 1
        async with self._news:
            self._news.notify_all()
        return web.Response()

    async def until(self, events: int) -> None:
        async with self._news:
            await self._news.wait_for(lambda: len(self.lines) >= events)


@asynccontextmanager
async def bucket() -> AsyncIterator[tuple[Bucket, Destination]]:
    opened, app = Bucket(), web.Application(client_max_size=64 * 1024 * 1024)
    app.router.add_put("/{name:.*}", opened.put)
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
    yield opened, Destination(name="files", type="amazon-s3", settings=settings)
    await runner.cleanup()


async def test_files_when_no_more_may_be_held_then_written_before_their_wait_is_over(tmp_path: Path) -> None:
    sources = ("website", "app", "backend")
    async with bucket() as (opened, files), delivery(tmp_path) as system:
        system.apply(files)
        await system.start()
        # Of no source as many as a file may have: only what is held, all sources together, has a bound.
        for at in range(0, 3 * held.EVENTS_MAX, 500):
            system.append([event(person=f"p {n % 50}", source=sources[n % 3]) for n in range(at, at + 500)])
        await opened.until(2 * held.EVENTS_MAX)
        await system.stop()
    assert set(opened.lines.values()) == {1}
    assert opened.files < 60


async def test_files_when_one_is_refused_then_its_events_are_tried_again_together(tmp_path: Path) -> None:
    sent = events(900, people=30)
    async with bucket() as (opened, files), delivery(tmp_path) as system:
        opened.refusing = 1
        system.apply(msgspec.structs.replace(files, settings=files.settings | {"wait_s": 1}))
        await system.start()
        system.append(sent)
        await opened.until(len(sent))
    assert opened.refusing == 0
    assert set(opened.lines.values()) == {1}
    assert opened.files <= 3, "as many as jobs are looked at together, and the rest"
