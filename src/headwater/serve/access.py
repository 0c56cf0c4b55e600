"""Who may use the private port, and what every answer of it carries."""

import hmac
import ipaddress
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from litestar.connection import ASGIConnection
from litestar.datastructures import MutableScopeHeaders
from litestar.exceptions import NotAuthorizedException
from litestar.handlers import BaseRouteHandler
from litestar.types import Message, Scope

from headwater.serve.metrics import API_REQUESTS

Guard = Callable[[ASGIConnection[Any, Any, Any, Any], BaseRouteHandler], None]

SECURITY_HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
}
"""What this port answers is data for programs: no browser should run, frame, guess or keep any of it."""

_METHODS: Final = {"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"}


def token_guard(token_path: Path) -> Guard:
    """Lets in who sends the admin token. The file is read each time: writing a new one changes it at once."""

    def require_token(connection: ASGIConnection[Any, Any, Any, Any], _handler: BaseRouteHandler) -> None:
        scheme, _, given = connection.headers.get("authorization", "").partition(" ")
        expected = token_path.read_text().strip()
        # Compared in constant time, so that answering times do not give the token away letter by letter.
        is_known = hmac.compare_digest(given.strip().encode(), expected.encode())
        if scheme.lower() != "bearer" or not expected or not is_known:
            raise NotAuthorizedException(headers={"WWW-Authenticate": "Bearer"})

    return require_token


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach what listens on `host`.

    >>> [is_loopback(host) for host in ("127.0.0.1", "::1", "localhost", "0.0.0.0", "cdp.internal")]
    [True, True, True, False, False]
    """
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


async def finish_answer(message: Message, scope: Scope) -> None:
    """Called for the head of every answer, errors included."""
    if message["type"] != "http.response.start":
        return
    headers = MutableScopeHeaders.from_message(message)
    for name, value in SECURITY_HEADERS.items():
        # The few pages for people say themselves what they may do.
        if name not in headers:
            headers[name] = value
    method = str(scope.get("method", ""))
    # A method is whatever the caller wrote; only known ones become a label.
    API_REQUESTS.labels(method if method in _METHODS else "other", str(message["status"])).inc()
