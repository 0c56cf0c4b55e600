"""A server that misbehaves in every way we know, by a seeded coin; and honest books about it."""

import asyncio
import contextlib
import random
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Final

import msgspec

Fault = Callable[[asyncio.StreamWriter], Awaitable[None]]

_OK: Final = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def _says(answer: bytes) -> Fault:
    async def fault(writer: asyncio.StreamWriter) -> None:
        writer.write(answer)

    return fault


def _status(status: int, headers: str = "", body: bytes = b"") -> bytes:
    return f"HTTP/1.1 {status} X\r\n{headers}Content-Length: {len(body)}\r\n\r\n".encode() + body


async def _never(writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(3600)


async def _close(writer: asyncio.StreamWriter) -> None:
    writer.close()


async def _reset(writer: asyncio.StreamWriter) -> None:
    sock: socket.socket = writer.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def _drip(writer: asyncio.StreamWriter, text: bytes) -> None:
    for at in range(len(text)):
        writer.write(text[at : at + 1])
        await writer.drain()
        await asyncio.sleep(0.05)


async def _drip_head(writer: asyncio.StreamWriter) -> None:
    await _drip(writer, b"HTTP/1.1 200 OK\r\nX-Slow: " + b"z" * 1_000)


async def _drip_body(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
    await _drip(writer, b"z" * 1_000)


async def _pour(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n")
    for _ in range(16_000):
        writer.write(b"z" * 65_536)
        await writer.drain()


async def _pour_head(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\n")
    for number in range(1_000_000):
        writer.write(f"X-{number}: {'z' * 1_000}\r\n".encode())
        await writer.drain()


FAULTS: Final[Mapping[str, Fault]] = {
    "refuses for now": _says(_status(500)),
    "is overloaded": _says(_status(503, "Retry-After: 0\r\n")),
    "throttles": _says(_status(429)),
    "never answers": _never,
    "closes": _close,
    "resets": _reset,
    "drips a head": _drip_head,
    "pours a head": _pour_head,
    "stops in the head": _says(b"HTTP/1.1 200 OK\r\nContent-Le"),
    "speaks something else": _says(b"220 mail.example ESMTP ready\r\n\r\n"),
    "redirects in a circle": _says(_status(307, "Location: /again\r\n")),
}
"""After each of these the events have not arrived, and may be sent again."""

KINDNESSES: Final[Mapping[str, Fault]] = {
    "drips a body": _drip_body,
    "pours a body": _pour,
    "says more than it was asked": _says(_OK + _OK),
    "sends a bomb": _says(_status(200, "Content-Encoding: gzip\r\n", b"\x1f\x8b" + b"\0" * 100)),
    "hangs up after it": _says(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"),
    "says it in the end": _says(b"HTTP/1.0 200 OK\r\n\r\nuntil the connection ends"),
}
"""After these they have: the status decides, whatever comes behind it."""


def events_in(body: bytes) -> list[tuple[str, str]]:
    """Person and message id of each event of a request, single or a batch."""
    sent = msgspec.json.decode(body)
    return [(event["userId"], event["messageId"]) for event in sent.get("batch", [sent])]


class FaultServer:
    def __init__(self, seed: int, *, share: float, poison: str = "", is_honest: bool = True) -> None:
        """`share` of the requests get a fault. Whatever holds `poison` is refused for good. One that is not honest
        accepts what it then answers with a fault.
        """
        self._is_honest = is_honest
        self._dice = random.Random(seed)
        self._share = share
        self._poison = poison.encode()
        self.accepted: list[tuple[str, str]] = []
        """Person and message id of each event."""
        self.met: set[str] = set()
        """Which faults and kindnesses were met."""
        self._serving: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    @contextlib.asynccontextmanager
    async def up(self) -> AsyncIterator["FaultServer"]:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        try:
            yield self
        finally:
            self._server.close()
            for task in list(self._serving):
                task.cancel()
            await asyncio.gather(*self._serving, return_exceptions=True)

    def heal(self) -> None:
        """No more faults."""
        self._share = 0.0

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self._serving.add(task)
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).lower()
                size = int(head.split(b"content-length: ")[1].split(b"\r\n")[0])
                await self._answer(head.split(b" ")[1].decode(), await reader.readexactly(size), writer)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass  # the client has hung up, or the test is over: asyncio's servers report a cancelled task
        finally:
            self._serving.discard(task)
            writer.transport.abort()

    async def _answer(self, path: str, body: bytes, writer: asyncio.StreamWriter) -> None:
        if path == "/again":
            return await FAULTS["redirects in a circle"](writer)
        events = events_in(body)
        if self._poison and self._poison in body:
            return writer.write(_status(400))
        if self._dice.random() < self._share:
            name = self._dice.choice(list(FAULTS))
            self.met.add(name)
            if not self._is_honest:
                self.accepted += events
            return await FAULTS[name](writer)
        self.accepted += events
        if self._dice.random() < self._share:
            name = self._dice.choice(list(KINDNESSES))
            self.met.add(name)
            return await KINDNESSES[name](writer)
        return writer.write(_OK)
