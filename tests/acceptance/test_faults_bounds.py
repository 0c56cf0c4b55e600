"""The bounds of collection, over real sockets and with small numbers: requests in flight, the time of a body, the
rate of a source. In one process, because a test must be able to choose the numbers.
"""

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from granian.constants import Interfaces
from granian.server.embed import Server

from headwater.collection.app import App
from headwater.collection.metrics import Tallies
from headwater.collection.oauth import Tokens
from headwater.config.live import LiveWorkspace
from headwater.config.sqlite import SqliteConfigStore
from headwater.config.workspace import Source, Workspace
from headwater.errors import StorageError
from headwater.log.group_commit import GroupCommit
from headwater.log.sqlite import SqliteLog
from headwater.telemetry import Health

from .system import free_ports

ANSWER_S_MAX = 10


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    body: dict[str, Any]


class HeldLog(SqliteLog):
    """Appends wait until they may go on, or fail."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder / "log" / "collected", bells=folder / "bells")
        self.may_go_on = threading.Event()
        self.may_go_on.set()
        self.failure: Exception | None = None

    def append(self, *arguments: Any, **named: Any) -> int:
        assert self.may_go_on.wait(60)
        if self.failure:
            raise self.failure
        return super().append(*arguments, **named)


class Edge:
    """The public port of one collector."""

    def __init__(self, app: App, log: HeldLog, port: int) -> None:
        self.app = app
        self.log = log
        self.port = port

    async def post(self, source: str = "free") -> Answer:
        reader, writer = await self.begin(source)
        return await self.finish(reader, writer)

    async def begin(self, source: str = "free") -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A post without the last byte of its body."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        body = json.dumps({"event": "A", "userId": "u", "writeKey": f"wk_{source}"}).encode()
        head = f"POST /v1/track HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n"
        writer.write(head.encode() + body[:-1])
        await writer.drain()
        return reader, writer

    async def finish(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Answer:
        writer.write(b"}")
        return await self.answer(reader, writer)

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Answer:
        try:
            async with asyncio.timeout(ANSWER_S_MAX):
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                first, *lines = head.strip().split("\r\n")
                headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
                body = await reader.readexactly(int(headers["content-length"]))
        finally:
            writer.close()
        return Answer(int(first.split()[1]), headers, json.loads(body))

    async def until(self, happened: Callable[[], bool]) -> None:
        async with asyncio.timeout(ANSWER_S_MAX):
            while not happened():  # noqa: ASYNC110 - counters have no signal
                await asyncio.sleep(0.005)

    def in_flight(self) -> int:
        return self.app._in_flight


@asynccontextmanager
async def edge(folder: Path, **bounds: Any) -> AsyncIterator[Edge]:
    store = SqliteConfigStore(folder / "config.db", bells=folder / "bells")
    sources = (
        Source(name="free", write_key="wk_free"),
        Source(name="limited", write_key="wk_limited", rate_limit=2.0),
    )
    store.put(Workspace(workspace="bounds", sources=sources), author="a test")
    live = LiveWorkspace(store)
    log = HeldLog(folder)
    commits = GroupCommit(log)
    tallies = Tallies()
    app = App(commits, live, Health(), Tokens(b"secret" * 8), tallies, **bounds)
    (port,) = free_ports(1)
    server = Server(app, address="127.0.0.1", port=port, interface=Interfaces.RSGI, log_enabled=False)
    serving = asyncio.create_task(server.serve())
    opened = Edge(app, log, port)
    try:
        await _listening(port)
        yield opened
    finally:
        log.may_go_on.set()
        server.stop()
        await serving
        await commits.close()
        tallies.close()
        live.close()
        log.close()
        store.close()


async def _listening(port: int) -> None:
    async with asyncio.timeout(ANSWER_S_MAX):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.01)
            else:
                writer.close()
                return


def run(folder: Path, test: Callable[[Edge], Awaitable[None]], **bounds: Any) -> None:
    async def main() -> None:
        async with edge(folder, **bounds) as opened:
            await test(opened)

    asyncio.run(main())


def is_plea_to_wait(answer: Answer, status: int, code: str) -> bool:
    assert {"success", "message", "error"} <= answer.body.keys(), "SDKs read these"
    assert int(answer.headers["retry-after"]) >= 1
    assert answer.headers["x-ratelimit-reset"] == answer.headers["retry-after"]
    return (answer.status, answer.body["code"]) == (status, code)


def test_in_flight_when_bodies_are_slow_then_the_surplus_hears_503(tmp_path: Path) -> None:
    async def test(edge: Edge) -> None:
        begun = [await edge.begin() for _ in range(5)]
        await edge.until(lambda: edge.in_flight() == 5)
        for answer in await asyncio.gather(*(edge.post() for _ in range(20))):
            assert is_plea_to_wait(answer, 503, "busy")
        answers = await asyncio.gather(*(edge.finish(*one) for one in begun))
        assert [answer.status for answer in answers] == [200] * 5
        assert edge.in_flight() == 0
        assert (await edge.post()).status == 200
        assert edge.log.end() == 6, "what was answered 503 is not stored"

    run(tmp_path, test, in_flight_max=5)


def test_in_flight_when_the_disk_hangs_then_the_surplus_hears_503_and_the_rest_is_stored(tmp_path: Path) -> None:
    async def test(edge: Edge) -> None:
        edge.log.may_go_on.clear()
        waiting = [asyncio.create_task(edge.post()) for _ in range(40)]
        await edge.until(lambda: sum(task.done() for task in waiting) == 30)
        assert edge.in_flight() == 10
        assert all(is_plea_to_wait(task.result(), 503, "busy") for task in waiting if task.done())
        edge.log.may_go_on.set()
        statuses = [answer.status for answer in await asyncio.gather(*waiting)]
        assert (statuses.count(200), statuses.count(503)) == (10, 30)
        assert edge.log.end() == 10
        assert edge.in_flight() == 0

    run(tmp_path, test, in_flight_max=10)


@pytest.mark.parametrize("failure", [StorageError("no space left"), ValueError("a bug")])
def test_log_when_it_refuses_then_503_and_when_it_is_well_again_200(tmp_path: Path, failure: Exception) -> None:
    async def test(edge: Edge) -> None:
        edge.log.failure = failure
        assert is_plea_to_wait(await edge.post(), 503, "unavailable")
        edge.log.failure = None
        assert (await edge.post()).status == 200
        assert edge.log.end() == 1

    run(tmp_path, test)


def test_slow_loris_when_bodies_dribble_then_they_are_cut_off_and_others_served(tmp_path: Path) -> None:
    async def test(edge: Edge) -> None:
        dribblers = [await asyncio.open_connection("127.0.0.1", edge.port) for _ in range(20)]

        async def dribble(number: int, writer: asyncio.StreamWriter) -> None:
            framing = "Content-Length: 20000" if number % 2 else "Transfer-Encoding: chunked"
            writer.write(f"POST /v1/track HTTP/1.1\r\nHost: x\r\n{framing}\r\n\r\n".encode())
            while not writer.is_closing():
                writer.write(b"{" if number % 2 else b"1\r\n{\r\n")
                await asyncio.sleep(0.02)

        dribbling = [asyncio.create_task(dribble(n, writer)) for n, (_, writer) in enumerate(dribblers)]
        await edge.until(lambda: edge.in_flight() == 20)
        for _ in range(10):
            assert (await edge.post()).status == 200
        answers = await asyncio.gather(*(edge.answer(*dribbler) for dribbler in dribblers))
        for answer in answers:
            assert (answer.status, answer.body["code"]) == (408, "timeout")
        assert edge.in_flight() == 0
        await asyncio.gather(*dribbling, return_exceptions=True)
        assert (await edge.post()).status == 200

    run(tmp_path, test, body_read_s_max=0.5)


def test_rate_limit_when_a_source_is_over_it_then_429_and_other_sources_are_not(tmp_path: Path) -> None:
    async def test(edge: Edge) -> None:
        answers = [await edge.post("limited") for _ in range(6)]
        assert [answer.status for answer in answers[:2]] == [200, 200]
        refused = [answer for answer in answers if answer.status != 200]
        assert len(refused) >= 3
        assert all(is_plea_to_wait(answer, 429, "rate_limited") for answer in refused)
        assert [(await edge.post("free")).status for _ in range(10)] == [200] * 10
        await asyncio.sleep(int(refused[-1].headers["retry-after"]))  # as an SDK does
        assert (await edge.post("limited")).status == 200

    run(tmp_path, test)
