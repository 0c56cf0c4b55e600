"""The one place that speaks HTTP: a request in, an answer or a named failure out, never a foreign exception."""

import asyncio
import errno
import socket
import ssl
import time
from urllib.parse import urljoin, urlsplit

import aiohttp

from headwater import limits
from headwater.delivery.guard import AddressRefusedError, public_socket
from headwater.destinations.kit.model import Answer, Failure, Request, Response

KEEP_ALIVE_S = 4.0
"""Idle connections are closed by us: Node, uvicorn and Apache do so after 5 s, and a request written into
that very moment fails."""

BODY_READ_S_MAX = 1.0
"""The status has decided; the body only explains. A trickle of it must not hold a lane."""

REDIRECTS_MAX = 3

HARMLESS_HEADERS = frozenset(
    {"user-agent", "content-type", "accept", "cache-control", "connection", "x-signature"}
)
"""What a redirect to another origin may see: nothing that gives access to the first."""

FAILURES: tuple[tuple[type[Exception], str], ...] = (
    (TimeoutError, "ETIMEDOUT"),
    (aiohttp.ClientSSLError, "TLS"),
    (aiohttp.ServerFingerprintMismatch, "TLS"),
    (aiohttp.InvalidURL, "INVALID_SETTINGS"),
    (aiohttp.ClientPayloadError, "ECONNRESET"),
    (aiohttp.ClientResponseError, "EPROTO"),  # what came was not HTTP
    (aiohttp.ClientConnectionError, "ECONNRESET"),  # unless the system's error says it better
)
"""Foreign errors, first match wins; what matches nothing is a bug and surfaces as one."""

LASTING = frozenset({"INVALID_SETTINGS", "PRIVATE_ADDRESS"})
"""Failures that come from the workspace and not from the network."""


class Client:
    """Pooled connections to every destination. Bounded by its callers: who sends awaits the answer."""

    def __init__(self, *, allow_private: bool) -> None:
        self.allow_private = allow_private
        connector = aiohttp.TCPConnector(
            limit=0,
            keepalive_timeout=KEEP_ALIVE_S,
            socket_factory=None if allow_private else public_socket,
        )
        self._session = aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            skip_auto_headers=("Accept-Encoding",),
            trust_env=False,
        )

    async def send(self, request: Request) -> Answer:
        """One attempt; a 307 is followed as part of it."""
        deadline_s = time.monotonic() + request.timeout_s
        answer = await self._send(request, request.timeout_s)
        for _ in range(REDIRECTS_MAX):
            if not isinstance(answer, Response) or answer.status != 307:
                break
            followed = redirected(request, answer.headers.get("Location", ""))
            remaining_s = deadline_s - time.monotonic()
            if followed is None or remaining_s <= 0:
                break
            request = followed
            answer = await self._send(request, remaining_s)
        return answer

    async def _send(self, request: Request, timeout_s: float) -> Answer:
        try:
            async with self._session.request(
                request.method,
                request.url,
                headers=request.headers,
                data=request.body,
                timeout=aiohttp.ClientTimeout(total=timeout_s),
                allow_redirects=False,
            ) as response:
                body = await _bounded_body(response)
                return Response(response.status, response.headers, body, time.time())
        except (aiohttp.ClientError, OSError) as error:
            return failure(error)

    async def close(self) -> None:
        await self._session.close()


async def _bounded_body(response: aiohttp.ClientResponse) -> bytes:
    """As much of the body as came in time. What is not read closes the connection instead of draining it."""
    content = response.content
    if content.is_eof():
        return content.read_nowait(limits.DELIVERY_RESPONSE_BYTES_MAX)
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_READ_S_MAX):
            while room_bytes := limits.DELIVERY_RESPONSE_BYTES_MAX - len(body):
                piece = await content.read(room_bytes)
                if not piece:
                    break
                body += piece
    except (TimeoutError, aiohttp.ClientError, OSError):
        return b""  # half an explanation is none
    return bytes(body)


def redirected(request: Request, location: str) -> Request | None:
    """The request for where a 307 points; None if that cannot or must not be followed."""
    try:
        url = urljoin(request.url, location)
        old, new = urlsplit(request.url), urlsplit(url)
        same_origin = (old.scheme, old.hostname, old.port) == (new.scheme, new.hostname, new.port)
    except ValueError:
        return None
    downgraded = old.scheme == "https" and new.scheme != "https"
    if not location or new.scheme not in {"http", "https"} or not new.hostname or downgraded:
        return None
    if new.username is not None or new.password is not None:
        return None
    headers = request.headers
    if not same_origin:
        headers = {name: value for name, value in headers.items() if name.lower() in HARMLESS_HEADERS}
    return request._replace(url=url, headers=headers)


def failure(error: Exception) -> Failure:
    """What went wrong, without addresses or credentials: it is stored and shown."""
    cause = error.os_error if isinstance(error, aiohttp.ClientConnectorError) else error
    if isinstance(cause, AddressRefusedError):
        message = f"the address is {cause.kind}; settings.allow_private_destinations would permit it"
        return Failure("PRIVATE_ADDRESS", message, lasting=True)
    if isinstance(cause, socket.gaierror):
        reason = "EAI_AGAIN" if cause.errno == socket.EAI_AGAIN else "ENOTFOUND"
        return Failure(reason, "the host name could not be resolved")
    reason = next((code for class_, code in FAILURES if isinstance(error, class_)), "")
    if reason in {"ECONNRESET", ""} and isinstance(cause, OSError):
        reason = errno.errorcode.get(cause.errno or 0, reason)
    if not reason:
        raise error
    if isinstance(cause, ssl.SSLCertVerificationError):
        return Failure(reason, f"certificate: {cause.verify_message}")
    return Failure(reason, MESSAGES.get(reason, ""), lasting=reason in LASTING)


MESSAGES = {
    "ETIMEDOUT": "no answer in time",
    "ECONNRESET": "the connection ended before the answer did",
    "ECONNREFUSED": "nothing listens at this address",
    "TLS": "no encrypted connection could be made",
    "EPROTO": "the answer was not HTTP",
    "INVALID_SETTINGS": "the address cannot be used",
}
