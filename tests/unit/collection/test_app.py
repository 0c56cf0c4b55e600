"""The public edge without its server: a request in, an answer out, a record in a real log."""

import asyncio
import base64
import contextlib
import gzip
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

import pytest

from headwater.collection.app import POSTS, App
from headwater.collection.metrics import Tallies
from headwater.collection.oauth import Tokens
from headwater.config.live import LiveWorkspace
from headwater.config.sqlite import SqliteConfigStore
from headwater.config.workspace import Settings, Source, SourceType, Workspace
from headwater.errors import StorageError
from headwater.event import CALLS, CollectedRequest, decode_collected
from headwater.log.group_commit import GroupCommit
from headwater.log.sqlite import SqliteLog
from headwater.telemetry import Health
from headwater.units import MIB

S_MAX = 30


class Exchange:
    """One request as Granian hands it over, and the answer it was given (RSGI's scope and protocol)."""

    def __init__(self, body: bytes, *, hangs: bool = False) -> None:
        self._body = body
        self._hangs = hangs
        self.status = 0
        self.headers: dict[str, str] = {}
        self.body = b""

    async def __call__(self) -> bytes:
        if self._hangs:
            await asyncio.Event().wait()
        return self._body

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for at in range(0, len(self._body), 1000):
            yield self._body[at : at + 1000]

    def response_bytes(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        assert not self.status, "answered twice"
        self.status, self.headers, self.body = status, dict(headers), body

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Edge(NamedTuple):
    app: App
    log: SqliteLog
    store: SqliteConfigStore
    live: LiveWorkspace
    health: Health
    tallies: Tallies

    async def post(
        self, path: str = "/v1/batch", body: Any = None, *, method: str = "POST", **more: Any
    ) -> Exchange:
        sent = (
            {"batch": [{"type": "track", "event": "A", "userId": "u"}], "writeKey": "WK"} if body is None else body
        )
        raw = sent if isinstance(sent, bytes) else json.dumps(sent).encode()
        exchange = Exchange(raw, hangs=more.pop("hangs", False))
        headers = {"content-length": str(len(raw))} | more.pop("headers", {})
        if more.pop("chunked", False):
            del headers["content-length"]
        scope = {
            "method": method,
            "path": path,
            "client": "198.51.100.4:5000",
            "query_string": "",
            "scheme": "http",
        }
        await self.app.__rsgi__(SimpleNamespace(**scope | more, headers=headers), exchange)
        return exchange

    def records(self) -> list[CollectedRequest]:
        return [decode_collected(record.data) for record in self.log.read(0, bytes_max=MIB)]

    def outcomes(self) -> dict[tuple[str, str], int]:
        return dict(self.tallies.requests)


def workspace(*sources: Source, **settings: Any) -> Workspace:
    website = Source("website", type=SourceType.JAVASCRIPT, write_key="WK")
    return Workspace("shop", settings=Settings(**settings), sources=sources or (website,))


class RefusingLog(SqliteLog):
    refuses = False

    def append(self, *arguments: Any, **named: Any) -> int:
        if self.refuses:
            raise StorageError("no space left")
        return super().append(*arguments, **named)


@contextlib.asynccontextmanager
async def edge(folder: Path, configured: Workspace | None = None, **options: Any) -> AsyncIterator[Edge]:
    bells = folder / "bells"
    with contextlib.ExitStack() as stack:
        log = RefusingLog(folder / "collected", bells=bells)
        stack.callback(log.close)
        store = SqliteConfigStore(folder / "config.db", bells=bells)
        stack.callback(store.close)
        store.put(configured or workspace(), author="test")
        live = LiveWorkspace(store)
        stack.callback(live.close)
        health = Health()
        health.clear("start")
        commit = GroupCommit(log)
        tallies = Tallies()
        stack.callback(tallies.close)
        app = App(commit, live, health, Tokens(b"s" * 32), tallies, **options)
        yield Edge(app, log, store, live, health, tallies)
        await commit.close()


Test = Callable[[Edge], Awaitable[None]]


def try_out(folder: Path, test: Test, *arguments: Any, **options: Any) -> None:
    async def run() -> None:
        async with edge(folder, *arguments, **options) as opened:
            await test(opened)

    asyncio.run(asyncio.wait_for(run(), S_MAX))


def basic(key: str) -> dict[str, str]:
    return {"authorization": "Basic " + base64.b64encode(f"{key}:".encode()).decode()}


# --- what is stored -----------------------------------------------------------------------------------------


def test_post_when_accepted_then_the_record_says_what_came_and_from_whom(tmp_path: Path) -> None:
    async def test(edge: Edge) -> None:
        body = b'{"batch":[{},{}] , "writeKey":"WK"}'
        answer = await edge.post(body=body, headers={"user-agent": "x" * 5_000})
        assert (answer.status, answer.json) == (200, {"success": True})
        [record] = edge.records()
        assert (record.source, record.call, record.ip, record.body) == ("website", "batch", "198.51.100.4", body)
        assert (record.events, record.inflated_bytes, record.gzipped) == (2, len(body), False)
        assert record.user_agent == "x" * 1_024
        assert edge.outcomes() == {("website", "stored"): 1}

    try_out(tmp_path, test)


@pytest.mark.parametrize("encoding", ["gzip", "GZIP", "x-gzip"])
def test_post_when_gzipped_then_stored_as_it_came(encoding: str, tmp_path: Path) -> None:
    async def test(edge: Edge) -> None:
        plain = b'{"batch":[{"userId":"u"}],"writeKey":"WK"}'
        answer = await edge.post(body=gzip.compress(plain), headers={"content-encoding": encoding}, chunked=True)
        assert answer.status == 200
        [record] = edge.records()
        assert record.gzipped
        assert gzip.decompress(record.body) == plain
        assert record.inflated_bytes == len(plain)

    try_out(tmp_path, test)


def test_post_when_sent_to_any_path_of_the_sdks_then_its_call_is_known(tmp_path: Path) -> None:
    async def test(edge: Edge) -> None:
        for path, call in POSTS.items():
            body = {"batch": [{}], "writeKey": "WK"} if call == "batch" else {"userId": "u", "writeKey": "WK"}
            assert (await edge.post(path, body)).status == 200
        assert [record.call for record in edge.records()] == list(POSTS.values())
        assert set(POSTS.values()) == {*CALLS, "batch"}

    try_out(tmp_path, test)


def test_post_when_a_trusted_proxy_forwards_it_then_the_senders_address_is_stored(tmp_path: Path) -> None:
    async def test(edge: Edge) -> None:
        for client in ("10.1.1.1:5000", "198.51.100.4:5000"):
            await edge.post(client=client, headers={"x-forwarded-for": "203.0.113.7"})
        assert [record.ip for record in edge.records()] == ["203.0.113.7", "198.51.100.4"]

    try_out(tmp_path, test, workspace(trusted_proxies=("10.0.0.0/8",)))


# --- who may write ------------------------------------------------------------------------------------------


def test_key_when_in_the_header_or_in_the_body_then_either_will_do_and_the_header_wins(tmp_path: Path) -> None:
    sources = (Source("one", write_key="ONE"), Source("two", write_key="TWO"))

    async def test(edge: Edge) -> None:
        event = {"userId": "u"}
        await edge.post("/v1/identify", event, headers=basic("ONE"))
        await edge.post("/v1/identify", event | {"writeKey": "TWO"})
        await edge.post("/v1/identify", event | {"writeKey": "TWO"}, headers=basic("ONE"))
        await edge.post("/v1/identify", event | {"writeKey": "TWO"}, headers=basic("nobody"))
        await edge.post("/v1/identify", event | {"writeKey": "TWO"}, headers={"authorization": "Basic \xe9"})
        assert [record.source for record in edge.records()] == ["one", "two", "one", "two", "two"]

    try_out(tmp_path, test, workspace(*sources))


def test_key_when_nobody_has_it_then_200_and_nothing_stored_and_counted(tmp_path: Path) -> None:
    async def test(edge: Edge) -> None:
        answer = await edge.post(body={"batch": [{}], "writeKey": "wrong"})
        assert (answer.status, answer.json) == (200, {"success": True})
        assert edge.records() == []
        assert edge.outcomes() == {("", "unknown_write_key"): 1}

    try_out(tmp_path, test)


@pytest.mark.parametrize("body", [b'{"userId":"u"}', b'{"userId":"u","writeKey":""}', b'{"writeKey":1e999}'])
def test_key_when_there_is_none_then_400_that_sdks_can_read(body: bytes, tmp_path: Path) -> None:
    async def test(edge: Edge) -> None:
        answer = await edge.post("/v1/identify", body)
        assert answer.status == 400
        assert answer.json["code"] == "no_write_key"

    try_out(tmp_path, test)


def test_workspace_when_it_changes_then_new_keys_write_and_old_ones_do_not(tmp_path: Path) -> None:
    async def test(edge: Edge) -> None:
        edge.store.put(workspace(Source("app", write_key="NEW")), author="test")
        assert edge.live.refresh()
        edge.app.reload()
        await edge.post(body={"batch": [{}], "writeKey": "NEW"})
        await edge.post(body={"batch": [{}], "writeKey": "WK"})
        assert [record.source for record in edge.records()] == ["app"]

    try_out(tmp_path, test)


# --- what is refused ----------------------------------------------------------------------------------------


def test_post_when_the_log_refuses_then_503_not_ready_and_well_again_after_the_next(tmp_path: Path) -> None:
    async def test(edge: Edge) -> None:
        edge.log.refuses = True  # type: ignore[attr-defined]
        answer = await edge.post()
        assert (answer.status, answer.json["code"]) == (503, "unavailable")
        assert int(answer.headers["retry-after"]) >= 1
        assert edge.health.reasons == ["no space left"]
        assert (await edge.post("/readyz", method="GET")).status == 503
        edge.log.refuses = False  # type: ignore[attr-defined]
        assert (await edge.post()).status == 200
        assert edge.health.ready
        assert len(edge.records()) == 1

    try_out(tmp_path, test)


def test_post_when_too_many_are_in_flight_then_503_and_the_others_are_served(tmp_path: Path) -> None:
    async def test(edge: Edge) -> None:
        answers = await asyncio.gather(*(edge.post() for _ in range(5)))
        assert sorted(answer.status for answer in answers) == [200, 200, 503, 503, 503]
        assert (await edge.post()).status == 200
        assert edge.outcomes()["", "busy"] == 3

    try_out(tmp_path, test, in_flight_max=2)


def test_post_when_the_body_takes_too_long_then_408_and_the_place_is_free_again(tmp_path: Path) -> None:
    async def test(edge: Edge) -> None:
        answer = await edge.post(hangs=True)
        assert (answer.status, answer.json["code"]) == (408, "timeout")
        assert (await edge.post()).status == 200

    try_out(tmp_path, test, in_flight_max=1, body_read_s_max=0.01)


def test_post_when_over_the_rate_limit_then_429_with_seconds_to_wait(tmp_path: Path) -> None:
    async def test(edge: Edge) -> None:
        assert (await edge.post()).status == 200
        answer = await edge.post()
        assert (answer.status, answer.json["code"]) == (429, "rate_limited")
        assert answer.headers["retry-after"] == answer.headers["x-ratelimit-reset"] != "0"
        assert len(edge.records()) == 1

    try_out(tmp_path, test, workspace(Source("slow", write_key="WK", rate_limit=0.001)))


@pytest.mark.parametrize("chunked", [False, True])
def test_post_when_larger_than_any_request_may_be_then_400_after_the_body_was_taken(
    *, chunked: bool, tmp_path: Path
) -> None:
    async def test(edge: Edge) -> None:
        answer = await edge.post(body=b"x" * 600_000, chunked=chunked)
        assert (answer.status, answer.json["code"]) == (400, "too_large")
        assert edge.records() == []

    try_out(tmp_path, test)


def test_batch_when_it_has_too_many_events_or_none_then_200_and_counted_for_its_source(tmp_path: Path) -> None:
    async def test(edge: Edge) -> None:
        for batch in ([{}] * 2_501, [], None):
            assert (await edge.post(body={"batch": batch, "writeKey": "WK"})).status == 200
        assert edge.records() == []
        assert edge.outcomes() == {("website", "too_many_events"): 1, ("website", "empty_batch"): 2}

    try_out(tmp_path, test)


def test_any_path_when_asked_with_an_origin_then_the_answer_names_it(tmp_path: Path) -> None:
    async def test(edge: Edge) -> None:
        origin = {"origin": "https://shop.example"}
        for method, path in (
            ("POST", "/v1/batch"),
            ("OPTIONS", "/v1/t"),
            ("GET", "/nowhere"),
            ("DELETE", "/v1/t"),
        ):
            answer = await edge.post(path, method=method, headers=origin)
            assert answer.headers["access-control-allow-origin"] == "https://shop.example"

    try_out(tmp_path, test)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/healthz", 200),
        ("GET", "/readyz", 200),
        ("GET", "/", 200),
        ("GET", "/v1/batch", 405),
        ("PUT", "/v1/batch", 405),
        ("POST", "/v1/nowhere", 404),
        ("GET", "/nowhere", 404),
        ("POST", "/v1/m", 200),
        ("GET", "/v1/projects/WK/settings", 200),
        ("GET", "/v1/projects/nobody/settings", 404),
        ("GET", "/v1/pixel/track", 200),
        ("OPTIONS", "/v1/anything", 204),
    ],
)
def test_path_when_asked_for_then_the_status_that_is_promised(
    method: str, path: str, status: int, tmp_path: Path
) -> None:
    async def test(edge: Edge) -> None:
        answer = await edge.post(path, method=method, headers={"host": "localhost:8080"})
        assert answer.status == status
        if status not in {200, 204}:
            assert answer.json["code"]
            assert answer.json["message"]

    try_out(tmp_path, test)
