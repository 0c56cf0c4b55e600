"""Delivery on real engines, and endpoints that do to it what endpoints do."""

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
from aiohttp import web
from prometheus_client import REGISTRY

from headwater.config.live import LiveWorkspace
from headwater.config.sqlite import SqliteConfigStore
from headwater.config.workspace import Destination, Settings, Workspace
from headwater.delivery.engine import Deliverer
from headwater.delivery.jobs import Jobs
from headwater.delivery.jobs_sqlite import SqliteJobs
from headwater.delivery.receipt_store_sqlite import SqliteReceipts
from headwater.event import OutboundEvent, encode_outbound
from headwater.lake.letters_parquet import ParquetLetters
from headwater.lake.receipts_parquet import ParquetReceipts
from headwater.log.sqlite import SqliteLog
from headwater.privacy.sqlite import SqliteRegulations
from headwater.telemetry import Health

_serial = itertools.count()


def event(*, person: str = "ann", source: str = "website", **more: Any) -> OutboundEvent:
    number = next(_serial)
    message_id = f"m{number}"
    fields: dict[str, Any] = {
        "offset": number,
        "index": 0,
        "message_id": message_id,
        "type": "track",
        "event": "Order Completed",
        "name": None,
        "user_id": person,
        "anonymous_id": None,
        "group_id": None,
        "profile_id": None,
        "source": source,
        "received_at_ms": 1_700_000_000_000,
        "timestamp_ms": 1_700_000_000_000,
        "original_timestamp_ms": None,
        "sent_at_ms": None,
        "body": msgspec.json.encode({"messageId": message_id, "userId": person}),
    }
    return OutboundEvent(**(fields | more))


def events(count: int, *, people: int = 10) -> list[OutboundEvent]:
    return [event(person=f"person {number % people}") for number in range(count)]


def metric(name: str, **labels: str) -> float:
    """One sample, 0 if there is none. Metrics outlive tests: each test names its destinations its own way."""
    return REGISTRY.get_sample_value(f"headwater_delivery_{name}", labels) or 0.0


def hook(name: str, *endpoints: "Endpoint", **more: Any) -> Destination:
    settings = {"urls": [endpoint.url for endpoint in endpoints]}
    return Destination(name=name, type="webhook", settings=settings, **more)


class Received(NamedTuple):
    message_id: str
    person: str
    headers: Any


Behaviour = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


async def ok(request: web.BaseRequest) -> web.StreamResponse:
    return web.Response()


async def hang(request: web.BaseRequest) -> web.StreamResponse:
    await asyncio.sleep(3600)
    return web.Response()


def answer(status: int, **more: Any) -> Behaviour:
    async def behaviour(request: web.BaseRequest) -> web.StreamResponse:
        return web.Response(status=status, **more)

    return behaviour


class Endpoint:
    """A server on a port of its own that notes what it gets and then behaves as told."""

    def __init__(self, behaviour: Behaviour = ok, *, host: str = "127.0.0.1") -> None:
        self.host = host
        self.behaviour = behaviour
        self.received: list[Received] = []
        self.bodies: list[bytes] = []
        """What was received, as it was."""
        self.accepted: list[str] = []
        """Message ids answered with 200."""
        self._port = 0
        self._runner: web.ServerRunner | None = None
        self._news = asyncio.Condition()

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self._port}/hook"

    async def up(self) -> None:
        self._runner = web.ServerRunner(web.Server(self._handle, access_log=None), shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, self.host, self._port, reuse_address=True).start()
        self._port = self._runner.addresses[0][1]

    async def down(self) -> None:
        """Gone: connections are refused. `up` brings it back on the same port."""
        if self._runner:
            await self._runner.cleanup()
            self._runner = None

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        self.bodies.append(await request.read())
        body = msgspec.json.decode(self.bodies[-1])
        self.received.append(Received(body["messageId"], body["userId"], request.headers))
        await self._tell()
        response = await self.behaviour(request)
        if response.status == 200:
            self.accepted.append(body["messageId"])
            await self._tell()
        return response

    async def _tell(self) -> None:
        async with self._news:
            self._news.notify_all()

    async def until(self, happened: Callable[[], bool]) -> None:
        """Looks again at every request that comes."""
        async with self._news:
            await self._news.wait_for(happened)

    async def until_accepted(self, expected: list[OutboundEvent]) -> None:
        ids = {e.message_id for e in expected}
        await self.until(lambda: ids <= set(self.accepted))


@contextlib.asynccontextmanager
async def endpoints(*behaviours: Behaviour) -> AsyncIterator[list[Endpoint]]:
    opened = [Endpoint(behaviour) for behaviour in behaviours]
    try:
        for endpoint in opened:
            await endpoint.up()
        yield opened
    finally:
        for endpoint in opened:
            await endpoint.down()


class Delivery:
    """The engines of one data folder, and a Deliverer that can be started and stopped over them."""

    def __init__(self, folder: Path) -> None:
        self.log = SqliteLog(folder / "log" / "outbound", bells=folder / "bells")
        # One store for the test and one for delivery: each is used by one thread at a time.
        self.jobs, self._jobs = (
            SqliteJobs(folder / "delivery.db", lambda: ParquetLetters(folder / "lake")) for _ in range(2)
        )
        self.receipts, self._receipts = (
            SqliteReceipts(folder / "delivery.db", lambda: ParquetReceipts(folder / "lake")) for _ in range(2)
        )
        self.store = SqliteConfigStore(folder / "config.db", bells=folder / "bells")
        self.live = LiveWorkspace(self.store)
        self.regulations = SqliteRegulations(
            folder / "regulations.db", bells=folder / "bells", secret=folder / "privacy-secret"
        )
        self.health = Health()
        self._stop = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def apply(self, *destinations: Destination, private: bool = True) -> None:
        settings = Settings(allow_private_destinations=private)
        self.store.put(Workspace(workspace="shop", settings=settings, destinations=destinations), author="a test")

    def append(self, appended: list[OutboundEvent]) -> None:
        self.log.append([encode_outbound(appended)], events=len(appended))

    async def start(self, jobs: Jobs | None = None) -> None:
        """Returns when every destination runs."""
        self.live.refresh()
        self._stop, self.health = asyncio.Event(), Health()
        ports = jobs or self._jobs, self._receipts, self.regulations
        deliverer = Deliverer(self.log, *ports, self.live, self.health)
        self._task = asyncio.create_task(deliverer.run(self._stop))
        await self.until(lambda: self.health.ready)

    async def stop(self) -> None:
        """SIGTERM: drains."""
        self._stop.set()
        if self._task:
            task, self._task = self._task, None
            await task

    async def cancel(self) -> None:
        if self._task:
            task, self._task = self._task, None
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def until(self, happened: Callable[[], bool]) -> None:
        """For what has no signal: state that another task is about to change."""
        while not happened():
            assert not (self._task and self._task.done()), self._task
            await asyncio.sleep(0.005)

    async def close(self) -> None:
        await self.stop()
        self.live.close()
        stores = (self.jobs, self._jobs, self.receipts, self._receipts)
        for engine in (self.log, *stores, self.store, self.regulations):
            engine.close()


@contextlib.asynccontextmanager
async def delivery(folder: Path) -> AsyncIterator[Delivery]:
    opened = Delivery(folder)
    try:
        yield opened
    finally:
        await opened.close()
