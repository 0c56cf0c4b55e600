"""One HTTP/1.1 connection: a request is written, the answer is parsed as it comes, and no byte more is kept than
is allowed.

    idle ──begin──▶ waiting ──head──▶ reading ──end──▶ idle (if both sides keep it alive)
                       │                 │
                       └── lost, late, too much, nonsense ──▶ closed

The status decides about an event and the body only explains. So once the head is there the answer counts, whatever
happens to the body: cut off at a length, or left out when it trickles or breaks.

Why not a client library: aiohttp needs 98 to 117 µs of a core for a request, this needs 34. The grammar of HTTP,
which is the hard part, is llhttp's, Node's own parser (`httptools`). Why not HTTP/2: what it saves are
connections, and delivery has at most some dozens to a destination, kept open; its framing (`h2`) is all Python,
where llhttp is C; and whoever offers 2 offers 1.1 as well.
"""

import asyncio
import zlib
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

import httptools

from headwater import limits
from headwater.units import KIB

HEAD_BYTES_MAX: Final = 64 * KIB
"""Of all that comes before the head of an answer is complete. Common servers send 1 KiB, none may send more."""

ANSWER_BYTES_MAX: Final = HEAD_BYTES_MAX + 8 * limits.delivery.RESPONSE_BYTES_MAX
"""Of all there is to an answer. The longest body in chunks of a byte, which is how the longest that anybody could
mean travels; beyond it are trailers and extensions of chunks without an end."""

BODY_READ_S_MAX: Final = 1.0
"""A body that takes longer explains nothing any more, and must not hold up what waits."""

ENCODING: Final = b"content-encoding"
ENCODINGS: Final = {b"gzip", b"x-gzip", b"deflate"}
"""Nobody is asked to compress, a few do nevertheless."""


class Headers(Mapping[str, str]):
    """Names compare without case; of several with one name the last."""

    __slots__ = ("_values",)

    def __init__(self, pairs: list[tuple[bytes, bytes]]) -> None:
        self._values = {name.lower().decode("latin-1"): value.decode("latin-1") for name, value in pairs}

    def __getitem__(self, name: str) -> str:
        return self._values[name.lower()]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)


class Received(NamedTuple):
    status: int
    headers: Headers
    body: bytes


class ConnectionLostError(ConnectionResetError):
    """It ended before the answer did."""


class AnswerError(Exception):
    """What came is not HTTP, or more of it than any answer needs."""


class Connection(asyncio.Protocol):
    """One request at a time. `is_open` says whether it may be used again."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._answer: asyncio.Future[Received] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._has_no_body = False
        self._new_parser()

    # --- what its owner does ------------------------------------------------------------------------------

    @property
    def is_open(self) -> bool:
        transport = self._transport
        return transport is not None and not transport.is_closing()

    async def ask(self, head: bytes, body: bytes, timeout_s: float) -> Received:
        """Write, and wait for the answer. TimeoutError, ConnectionLostError or AnswerError without one; the
        connection is closed then, and when this is cancelled.
        """
        answer: asyncio.Future[Received] = self._loop.create_future()
        self._answer = answer
        self._new_parser()
        self._has_no_body = head.startswith(b"HEAD ")
        self._timer = self._loop.call_later(timeout_s, self._late)
        assert self._transport is not None
        self._transport.write(head + body if len(body) < limits.delivery.RESPONSE_BYTES_MAX else head)
        if len(body) >= limits.delivery.RESPONSE_BYTES_MAX:
            self._transport.write(body)
        try:
            return await answer
        finally:
            self._timer.cancel()
            if self._answer is not None:
                self._answer = None
                self.close()

    def close(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    # --- what the network does ----------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]  # that of a stream

    def data_received(self, data: bytes) -> None:
        if self._answer is None:
            self.close()  # nobody has asked
            return
        self._read_bytes += len(data)
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self._fail(AnswerError("an answer that changes the protocol"))
        except httptools.HttpParserError as error:
            self._fail(AnswerError(str(error)))
        if self._read_bytes > HEAD_BYTES_MAX and not self._has_head:
            self._fail(AnswerError("a head without an end"))
        elif self._read_bytes > ANSWER_BYTES_MAX and self._answer is not None:
            self._settle(complete=False)

    def eof_received(self) -> None:
        """Nothing is half open here: closing follows, and says the rest."""

    def connection_lost(self, error: Exception | None) -> None:
        self._transport = None
        if self._answer is None:
            return
        if self._has_head:
            self._settle(complete=self._ends_with_connection and error is None)
        else:
            self._fail(error or ConnectionLostError())

    def _late(self) -> None:
        if self._has_head:
            self._settle(complete=False)
        else:
            self._fail(TimeoutError())

    # --- what the parser says -----------------------------------------------------------------------------

    def _new_parser(self) -> None:
        self._parser = httptools.HttpResponseParser(self)
        self._headers: list[tuple[bytes, bytes]] = []
        self._pieces: list[bytes] = []
        self._room_bytes = limits.delivery.RESPONSE_BYTES_MAX
        self._read_bytes = 0
        self._has_head = False
        self._ends_with_connection = False

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self._has_head:  # trailers say nothing that anybody waits for
            self._headers.append((name, value))

    def on_headers_complete(self) -> None:
        if self._is_interim:
            return
        self._has_head = True
        if self._has_no_body:
            self._settle(complete=True)  # the parser would wait for what is announced and never comes
            return
        names = {name.lower() for name, _ in self._headers}
        self._ends_with_connection = b"content-length" not in names and b"transfer-encoding" not in names
        if self._timer is not None:
            deadline_s = min(self._timer.when(), self._loop.time() + BODY_READ_S_MAX)
            self._timer.cancel()
            self._timer = self._loop.call_at(deadline_s, self._late)

    def on_body(self, piece: bytes) -> None:
        if len(piece) >= self._room_bytes:
            self._pieces.append(piece[: self._room_bytes])
            self._room_bytes = 0
            self._settle(complete=True)  # enough; what is not read closes the connection instead of draining it
        else:
            self._pieces.append(piece)
            self._room_bytes -= len(piece)

    def on_message_complete(self) -> None:
        if self._is_interim:
            self._headers.clear()
        else:
            self._settle(complete=True, reusable=self._parser.should_keep_alive())

    @property
    def _is_interim(self) -> bool:
        return 100 <= self._parser.get_status_code() < 200

    # --- ends ---------------------------------------------------------------------------------------------

    def _settle(self, *, complete: bool, reusable: bool = False) -> None:
        answer, self._answer = self._answer, None
        if not reusable or answer is None:  # without a question: an answer too many
            self.close()
        if answer is None or answer.done():
            return
        body = b"".join(self._pieces) if complete else b""  # half an explanation is none
        answer.set_result(Received(self._parser.get_status_code(), Headers(self._headers), self._plain(body)))

    def _fail(self, error: Exception) -> None:
        answer, self._answer = self._answer, None
        self.close()
        if answer is not None and not answer.done():
            answer.set_exception(error)

    def _plain(self, body: bytes) -> bytes:
        if not body:
            return body
        encoding = next((value.strip().lower() for name, value in self._headers if name.lower() == ENCODING), b"")
        if encoding not in ENCODINGS:
            return body
        try:
            return zlib.decompressobj(zlib.MAX_WBITS | 32).decompress(body, limits.delivery.RESPONSE_BYTES_MAX)
        except zlib.error:
            return b""
