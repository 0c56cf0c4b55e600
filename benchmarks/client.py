"""An HTTP client that costs little: kept connections, one request at a time on each, and nothing of HTTP that our
ports do not answer with.
"""

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, NamedTuple, cast

import msgspec

from benchmarks.people import API_TOKEN, SPACE, single, user_id

_decode = msgspec.json.Decoder().decode


class Answer(NamedTuple):
    status: int
    body: bytes

    @property
    def json(self) -> Any:
        return _decode(self.body)


class Connection(asyncio.Protocol):
    def __init__(self) -> None:
        self._waiting: asyncio.Future[Answer] | None = None
        self._buffer = b""

    @classmethod
    async def open(cls, port: int) -> "Connection":
        _, connection = await asyncio.get_running_loop().create_connection(cls, "127.0.0.1", port)
        return connection

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is none, but does all of it

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            return
        head = self._buffer[:end].lower()
        at = head.index(b"content-length:") + 15
        size = int(head[at:].split(b"\r\n", 1)[0])
        if len(self._buffer) < end + 4 + size:
            return
        answer = Answer(int(head[9:12]), self._buffer[end + 4 : end + 4 + size])
        self._buffer = b""
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(answer)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(exc or ConnectionError("closed before it answered"))

    async def ask(self, request: bytes) -> Answer:
        self._waiting = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await self._waiting

    @property
    def is_closed(self) -> bool:
        """A server closes what has been idle for some seconds."""
        return self._transport.is_closing()

    def close(self) -> None:
        self._transport.close()


class Pool:
    """So many connections to one port; who finds all of them busy waits."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._free: asyncio.LifoQueue[Connection] = asyncio.LifoQueue()

    @classmethod
    @asynccontextmanager
    async def open(cls, port: int, count: int) -> AsyncIterator["Pool"]:
        pool = cls(port)
        for _ in range(count):
            pool._free.put_nowait(await Connection.open(port))
        yield pool
        while not pool._free.empty():
            pool._free.get_nowait().close()

    async def ask(self, request: bytes) -> Answer:
        connection = await self._free.get()
        try:
            if connection.is_closed:
                connection = await Connection.open(self._port)
            return await connection.ask(request)
        finally:
            self._free.put_nowait(connection)

    async def post_event(self, event: dict[str, Any]) -> None:
        """A single one, to collection."""
        body = single(event)
        head = f"POST /v1/{event['type']} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n"
        answer = await self.ask(head.encode() + body)
        if answer.status != 200:
            raise RuntimeError(f"an event was answered {answer.status}: {answer.body[:200]!r}")


_AUTHORIZATION = base64.b64encode(f"{API_TOKEN}:".encode()).decode()


def profile_request(customer: int | str, resource: str) -> bytes:
    """To the Profile API, about a customer, or about any external id as `type:value`."""
    who = f"user_id:{user_id(customer)}" if isinstance(customer, int) else customer
    path = f"/v1/spaces/{SPACE}/collections/users/profiles/{who}/{resource}"
    return f"GET {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Basic {_AUTHORIZATION}\r\n\r\n".encode()
