"""The HTTP client against servers that misbehave, and the names it gives to what they do."""

import asyncio
import contextlib
import socket
import ssl
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from typing import Any

import pytest
from aiohttp import web

from delivering import Endpoint, answer, endpoints, hang
from headwater import limits
from headwater.delivery import guard
from headwater.delivery.transports import http, http_connection
from headwater.delivery.transports.http import HttpTransport, failure, redirected
from headwater.destinations.kit.model import Answer, Failure, Request, Response
from headwater.units import MIB

BODY = b'{"messageId":"m1","userId":"ann"}'


def request(url: str, headers: dict[str, str] | None = None, *, timeout_s: float = 5.0) -> Request:
    return Request("POST", url, {"Content-Type": "application/json", **(headers or {})}, BODY, timeout_s)


@asynccontextmanager
async def client(*, allow_private: bool = True) -> AsyncIterator[HttpTransport]:
    opened = HttpTransport(allow_private=allow_private)
    try:
        yield opened
    finally:
        await opened.close()


@asynccontextmanager
async def raw_server(speak: Callable[[asyncio.StreamWriter], None]) -> AsyncIterator[str]:
    """Says the same to everybody, byte by byte as given, and hangs up."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(BODY[-10:])
        speak(writer)
        writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"


async def send(subject: Request, *, allow_private: bool = True) -> Answer:
    async with client(allow_private=allow_private) as sender:
        return await sender.send(subject)


async def test_send_when_answered_then_exactly_the_given_headers_and_bytes_arrive() -> None:
    seen: list[tuple[str, dict[str, str], bytes]] = []

    async def note(got: web.BaseRequest) -> web.StreamResponse:
        seen.append((got.method, dict(got.headers), await got.read()))
        return web.Response(status=202, text="fine", headers={"X-Answer": "1", "Set-Cookie": "a=b"})

    async with endpoints(note) as (endpoint,), client() as sender:
        for _ in range(2):
            got = await sender.send(request(endpoint.url, {"Connection": "Keep-Alive"}))
            assert isinstance(got, Response)
            assert (got.status, got.body, got.headers["x-answer"]) == (202, b"fine", "1")
    method, headers, body = seen[1]
    assert (method, body) == ("POST", BODY)
    host = endpoint.url.split("/")[2]
    assert headers == {
        "Host": host,
        "Content-Type": "application/json",
        "Connection": "Keep-Alive",
        "Content-Length": str(len(BODY)),
    }, "and nothing else"


async def test_send_when_nobody_answers_then_etimedout() -> None:
    async with endpoints(hang) as (endpoint,):
        got = await send(request(endpoint.url, timeout_s=0.05))
        assert got == Failure("ETIMEDOUT", "no answer in time")


async def test_send_when_nobody_listens_then_econnrefused() -> None:
    with closing(socket.socket()) as unused:
        unused.bind(("127.0.0.1", 0))
        got = await send(request(f"http://127.0.0.1:{unused.getsockname()[1]}/"))
    assert got == Failure("ECONNREFUSED", "nothing listens at this address")


async def test_send_when_the_name_does_not_exist_then_enotfound_or_try_again() -> None:
    got = await send(request("http://no-such-host.invalid/"))
    assert isinstance(got, Failure)
    assert got.reason in {"ENOTFOUND", "EAI_AGAIN"}  # a machine without DNS says the second
    assert not got.lasting


async def test_send_when_the_connection_is_cut_then_econnreset() -> None:
    async with raw_server(lambda writer: None) as url:
        got = await send(request(url))
        assert got == Failure("ECONNRESET", "the connection ended before the answer did")


async def test_send_when_the_answer_is_not_http_then_eproto() -> None:
    async with raw_server(lambda writer: writer.write(b"SSH-2.0-OpenSSH_9.9\r\n\r\n")) as url:
        got = await send(request(url))
        assert got == Failure("EPROTO", "the answer was not HTTP")


async def test_send_when_the_port_speaks_no_tls_then_tls_failure_without_the_address() -> None:
    async with endpoints(answer(200)) as (endpoint,):
        got = await send(request(endpoint.url.replace("http://", "https://") + "?key=s3cret"))
        assert got == Failure("TLS", "no encrypted connection could be made")


async def test_send_when_the_body_never_ends_then_reading_stops_and_the_status_counts() -> None:
    written = 0
    hung_up = asyncio.Event()

    async def pour(got: web.BaseRequest) -> web.StreamResponse:
        nonlocal written
        response = web.StreamResponse(status=500)
        await response.prepare(got)
        try:
            while True:
                await response.write(b"x" * 65_536)
                written += 65_536
        finally:
            hung_up.set()

    async with endpoints(pour) as (endpoint,), client() as sender:
        got = await sender.send(request(endpoint.url))
        assert isinstance(got, Response)
        assert (got.status, len(got.body)) == (500, limits.delivery.RESPONSE_BYTES_MAX)
        await hung_up.wait()  # while the client lives on: the connection was closed, not returned to the pool
        assert written < 16 * MIB, "only what the sockets' buffers take"


async def test_send_when_the_body_trickles_then_the_status_counts_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_connection, "BODY_READ_S_MAX", 0.05)

    async def trickle(got: web.BaseRequest) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(got)
        await response.write(b"x")
        return await hang(got)

    async with endpoints(trickle) as (endpoint,):
        got = await send(request(endpoint.url))
        assert isinstance(got, Response)
        assert (got.status, got.body) == (200, b"")


@pytest.mark.parametrize(
    ("more", "unit"),
    [
        (b"1\r\nx\r\n0\r\n", b"X-More: 1\r\n" * 4_000),
        (b"1\r\nx\r\n0\r\nX-More: ", b"x" * 65_536),
        (b"1", b";x" * 30_000),
    ],
)
async def test_send_when_trailers_or_extensions_of_chunks_never_end_then_reading_stops_and_the_status_counts(
    monkeypatch: pytest.MonkeyPatch, more: bytes, unit: bytes
) -> None:
    monkeypatch.setattr(http_connection, "BODY_READ_S_MAX", 30.0)
    written = 0

    async def pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal written
        await reader.readuntil(BODY[-10:])
        writer.write(b"HTTP/1.1 500 Odd\r\nTransfer-Encoding: chunked\r\n\r\n" + more)
        with contextlib.suppress(ConnectionError), contextlib.closing(writer):
            while written < 64 * MIB:
                writer.write(unit)
                await writer.drain()
                written += len(unit)

    server = await asyncio.start_server(pour, "127.0.0.1", 0)
    async with server:
        got = await send(request(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/", timeout_s=30))
    assert isinstance(got, Response)
    assert (got.status, got.body) == (500, b"")
    assert list(got.headers) == ["transfer-encoding"]
    assert written < 16 * MIB, "only what the sockets' buffers take"


async def test_send_when_trailers_follow_then_they_are_no_headers() -> None:
    def speak(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 429 Slow\r\nTransfer-Encoding: chunked\r\nRetry-After: 1\r\n\r\n")
        writer.write(b"1\r\nx\r\n0\r\nRetry-After: 9999\r\n\r\n")

    async with raw_server(speak) as url:
        got = await send(request(url))
    assert isinstance(got, Response)
    assert (got.status, got.body, got.headers["Retry-After"]) == (429, b"x", "1")


async def test_send_when_many_ask_for_one_name_then_it_is_looked_up_once(monkeypatch: pytest.MonkeyPatch) -> None:
    real, asked = socket.getaddrinfo, []
    may_answer = threading.Event()

    def slow(host: str, *more: Any, **named: Any) -> Any:
        if host != "slow.example":
            return real(host, *more, **named)
        asked.append(host)
        may_answer.wait(10)
        return real("127.0.0.1", *more, **named)

    monkeypatch.setattr(socket, "getaddrinfo", slow)
    async with endpoints(answer(200), answer(200)) as (endpoint, other), client() as sender:
        url = endpoint.url.replace("127.0.0.1", "slow.example")
        late = await sender.send(request(url, timeout_s=0.05))
        assert late == Failure("ETIMEDOUT", "no answer in time")
        waiting = [asyncio.create_task(sender.send(request(url))) for _ in range(50)]
        # All threads that look up names would be taken by the one that hangs.
        got = await sender.send(request(other.url.replace("127.0.0.1", "localhost"), timeout_s=3))
        assert isinstance(got, Response)
        may_answer.set()
        assert {each.status for each in await asyncio.gather(*waiting) if isinstance(each, Response)} == {200}
        assert asked == ["slow.example"]


async def test_send_when_redirected_by_307_then_followed_with_the_same_bytes() -> None:
    async def move(got: web.BaseRequest) -> web.StreamResponse:
        return web.Response(status=200 if got.path == "/new" else 307, headers={"Location": "/new"})

    async with endpoints(move) as (endpoint,):
        got = await send(request(endpoint.url, {"Authorization": "Basic azN5Og=="}))
        assert isinstance(got, Response)
        assert got.status == 200
        assert [r.headers["Authorization"] for r in endpoint.received] == ["Basic azN5Og=="] * 2


async def test_send_when_redirected_to_another_origin_then_without_what_gives_access() -> None:
    async with endpoints(answer(200)) as (target,):
        async with endpoints(answer(307, headers={"Location": target.url})) as (first,):
            secrets = {"Authorization": "Basic azN5Og==", "X-Segment-Settings": "e30=", "X-Team": "t"}
            got = await send(request(first.url, secrets | {"X-Signature": "abc"}))
        assert isinstance(got, Response)
        assert got.status == 200
        assert target.received[0].headers["X-Signature"] == "abc"
        assert not secrets.keys() & target.received[0].headers.keys()


@pytest.mark.parametrize("status", [301, 302, 303, 308])
async def test_send_when_redirected_by_another_status_then_not_followed(status: int) -> None:
    async with endpoints(answer(status, headers={"Location": "/elsewhere"})) as (endpoint,):
        got = await send(request(endpoint.url))
        assert isinstance(got, Response)
        assert got.status == status
        assert len(endpoint.received) == 1


async def test_send_when_redirects_go_in_circles_then_it_ends() -> None:
    async with endpoints(answer(307, headers={"Location": "/hook"})) as (endpoint,):
        got = await send(request(endpoint.url))
        assert isinstance(got, Response)
        assert got.status == 307
        assert len(endpoint.received) == 1 + http.REDIRECTS_MAX


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]"])
async def test_send_when_private_addresses_are_refused_then_however_it_is_written(host: str) -> None:
    async with endpoints(answer(200)) as (endpoint,):
        url = endpoint.url.replace("127.0.0.1", host)
        got = await send(request(url), allow_private=False)
        assert isinstance(got, Failure)
        assert (got.reason, got.lasting) == ("PRIVATE_ADDRESS", True)
        assert not endpoint.received


@pytest.mark.parametrize("host", ["2130706433", "127.1", "0x7f.1", "017700000001"])
async def test_send_when_an_address_is_written_in_an_odd_way_then_never_sent(host: str) -> None:
    async with endpoints(answer(200)) as (endpoint,):
        got = await send(request(endpoint.url.replace("127.0.0.1", host)), allow_private=False)
        assert isinstance(got, Failure)
        assert not endpoint.received


async def test_send_when_redirected_to_a_private_address_then_refused_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # The rule, reduced to one address, so that the first stop is allowed on a machine without the internet.
    monkeypatch.setattr(guard, "refused_kind", {"127.0.0.2": "loopback"}.get)
    inside = Endpoint(answer(200), host="127.0.0.2")
    await inside.up()
    try:
        async with endpoints(answer(307, headers={"Location": inside.url})) as (outside,):
            got = await send(request(outside.url), allow_private=False)
            assert isinstance(got, Failure)
            assert got.reason == "PRIVATE_ADDRESS"
            assert len(outside.received) == 1
            assert not inside.received
            assert isinstance(await send(request(inside.url)), Response), "it can be reached where it may be"
    finally:
        await inside.down()


@pytest.mark.parametrize(
    ("location", "url"),
    [
        ("/new?a=b", "https://a.example/new?a=b"),
        ("https://b.example/", "https://b.example/"),
        ("//b.example/x", "https://b.example/x"),
        ("", None),
        ("http://a.example/", None),
        ("file:///etc/passwd", None),
        ("https://user:pass@b.example/", None),
        ("https://[::1", None),
        ("https:///new", "https://a.example/new"),
    ],
)
def test_redirected_when_location_then_url(location: str, url: str | None) -> None:
    followed = redirected(request("https://a.example/hook"), location)
    assert (followed.url if followed else None) == url


def test_failure_when_a_certificate_is_bad_then_says_why_and_not_where() -> None:
    error = ssl.SSLCertVerificationError(1, "secret.example")
    error.verify_message = "certificate has expired"
    got = failure(error)
    assert got == Failure("TLS", "certificate: certificate has expired")


def test_failure_when_it_is_none_of_the_known_then_it_surfaces() -> None:
    with pytest.raises(ZeroDivisionError):
        failure(ZeroDivisionError())
