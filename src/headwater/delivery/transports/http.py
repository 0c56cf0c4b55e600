"""HTTP: a request in, an answer or a named failure out, never a foreign exception."""

import asyncio
import errno
import socket
import ssl
import time
from functools import lru_cache
from typing import Final
from urllib.parse import urljoin, urlsplit

import httptools

from headwater.delivery.guard import AddressRefusedError
from headwater.delivery.transports.http_connection import AnswerError
from headwater.delivery.transports.http_pool import Origin, Pool
from headwater.destinations.kit.model import Answer, Failure, Request, Response

REDIRECTS_MAX: Final = 3

HARMLESS_HEADERS: Final = frozenset(
    {"user-agent", "content-type", "accept", "cache-control", "connection", "x-signature"}
)
"""What a redirect to another origin may see: nothing that gives access to the first."""

FAILURES: Final[tuple[tuple[type[Exception], str], ...]] = (
    (TimeoutError, "ETIMEDOUT"),
    (ssl.SSLError, "TLS"),
    (ssl.CertificateError, "TLS"),
    (AnswerError, "EPROTO"),
    (httptools.HttpParserError, "EPROTO"),
    (ValueError, "INVALID_SETTINGS"),  # an address that is none
    (OSError, "ECONNRESET"),  # unless the system says it better
)
"""Foreign errors, first match wins; what matches nothing is a bug and surfaces as one."""

LASTING: Final = frozenset({"INVALID_SETTINGS", "PRIVATE_ADDRESS"})
"""Failures that come from the workspace and not from the network."""

MESSAGES: Final = {
    "ETIMEDOUT": "no answer in time",
    "ECONNRESET": "the connection ended before the answer did",
    "ECONNREFUSED": "nothing listens at this address",
    "TLS": "no encrypted connection could be made",
    "EPROTO": "the answer was not HTTP",
    "INVALID_SETTINGS": "the address cannot be used",
}

PORTS: Final = {"http": 80, "https": 443}


class HttpTransport:
    def __init__(self, *, allow_private: bool) -> None:
        self._pool = Pool(allow_private=allow_private)

    async def send(self, request: Request, /) -> Answer:
        """A 307 is followed as part of the attempt."""
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
            origin, line = _target(request.url)
            connection = self._pool.waiting(origin)
            if connection is None:
                began_s = time.monotonic()
                async with asyncio.timeout(timeout_s):
                    connection = await self._pool.connect(origin)
                timeout_s = max(0.001, timeout_s - (time.monotonic() - began_s))
            status, headers, body = await connection.ask(_head(request, line), request.body, timeout_s)
            self._pool.give_back(origin, connection)
            return Response(status, headers, body, time.time())
        except (AnswerError, httptools.HttpParserError, OSError, ValueError) as error:
            return failure(error)

    async def close(self) -> None:
        self._pool.close()


@lru_cache(maxsize=1_000)
def _target(url: str) -> tuple[Origin, str]:
    """Where to connect, and what goes between method and headers. ValueError when it is no address."""
    parts = urlsplit(url)
    host, port = parts.hostname, parts.port
    if parts.scheme not in PORTS or not host or not url.isprintable() or " " in url:
        raise ValueError("not an address")
    if not host.isascii():
        host = host.encode("idna").decode()
    shown = f"[{host}]" if ":" in host else host
    if port is not None and port != PORTS[parts.scheme]:
        shown += f":{port}"
    path = _escaped(parts.path or "/") + (f"?{_escaped(parts.query)}" if parts.query else "")
    return Origin(parts.scheme, host, port or PORTS[parts.scheme]), f" {path} HTTP/1.1\r\nHost: {shown}\r\n"


def _escaped(text: str) -> str:
    """With what is not ASCII in percent notation; what is there already stays."""
    if text.isascii():
        return text
    return "".join(c if c.isascii() else "".join(f"%{byte:02X}" for byte in c.encode()) for c in text)


def _head(request: Request, line: str) -> bytes:
    lines = [f"{name}: {value}\r\n" for name, value in request.headers.items()]
    text = f"{request.method}{line}{''.join(lines)}Content-Length: {len(request.body)}\r\n\r\n"
    if not text.count("\n") == text.count("\r") == len(lines) + 4:
        raise ValueError("a header with a line break")  # would be a second request, written by an event
    return text.encode("latin-1", "strict")


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
    if isinstance(error, AddressRefusedError):
        message = f"the address is {error.kind}; settings.allow_private_destinations would permit it"
        return Failure("PRIVATE_ADDRESS", message, lasting=True)
    if isinstance(error, socket.gaierror):
        reason = "EAI_AGAIN" if error.errno == socket.EAI_AGAIN else "ENOTFOUND"
        return Failure(reason, "the host name could not be resolved")
    reason = next((code for class_, code in FAILURES if isinstance(error, class_)), "")
    if not reason:
        raise error
    if isinstance(error, ssl.SSLCertVerificationError):
        return Failure(reason, f"certificate: {error.verify_message}")
    if reason == "ECONNRESET" and isinstance(error, OSError):
        reason = errno.errorcode.get(error.errno or 0, reason)
    return Failure(reason, MESSAGES.get(reason, ""), lasting=reason in LASTING)
