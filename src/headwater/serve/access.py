"""Who may use the private port, and what every answer of it carries.

A handler needs a viewer when it is asked with GET or HEAD, otherwise an editor; its `opt` may say something else:

    opt=READS              it changes nothing, although it is asked with POST: a preview, a search, a test
    opt=DRY_RUN            the same whenever the query says `dry_run=true`
    opt=ADMIN              an admin
    opt=ANYBODY            everybody who is known, for what is their own
    opt=PUBLIC             nobody needs to be known
    opt=READS | ADMIN      several at once

It takes a parameter `actor: Actor` to know who is asking.
"""

import hmac
import ipaddress
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from litestar import Request
from litestar.connection import ASGIConnection
from litestar.datastructures import MutableScopeHeaders
from litestar.exceptions import NotAuthorizedException, PermissionDeniedException
from litestar.handlers import BaseRouteHandler
from litestar.types import Message, Scope

from headwater.serve.metrics import API_REQUESTS
from headwater.team.actor import Actor, Means
from headwater.team.roles import Role

Guard = Callable[[ASGIConnection[Any, Any, Any, Any], BaseRouteHandler], None]

READS: Final[dict[str, Any]] = {"reads": True}
DRY_RUN: Final[dict[str, Any]] = {"dry_run": True}
ADMIN: Final[dict[str, Any]] = {"role": Role.ADMIN}
ANYBODY: Final[dict[str, Any]] = {"role": Role.VIEWER}
PUBLIC: Final[dict[str, Any]] = {"public": True}

SECURITY_HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
}
"""What this port answers is data for programs: no browser should run, frame, guess or keep any of it."""

_METHODS: Final = {"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"}


def changes(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> bool:
    """Whether this request may change something."""
    if connection.scope.get("method") in {"GET", "HEAD"} or handler.opt.get("reads"):
        return False
    # Said once and exactly: what one reader takes for a dry run, no other may take for the real thing.
    return not (handler.opt.get("dry_run") and connection.query_params.getall("dry_run", []) == ["true"])


def needed(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> Role:
    """The role that this request needs."""
    role: Role = handler.opt.get("role") or (Role.EDITOR if changes(connection, handler) else Role.VIEWER)
    return role


def require(actor: Actor, role: Role) -> None:
    """Refuse who may not do what this role may."""
    if not actor.may(role):
        raise PermissionDeniedException(
            f"this needs the role {role}, and yours is {actor.role}: an admin of the team can change that"
        )


def changed_nothing(request: Request[Any, Any, Any]) -> None:
    """Called by a handler that has only looked, for which it needs the body to know: no audit entry is written."""
    request.scope["state"]["changed_nothing"] = True


async def current_actor(request: Request[Any, Any, Any]) -> Actor:
    """The dependency `actor`."""
    actor = request.scope.get("user")
    assert isinstance(actor, Actor), "only a handler without the guard is reached by nobody"
    return actor


def token_guard(token_path: Path) -> Guard:
    """Lets in who sends the admin token. The file is read each time: writing a new one changes it at once."""

    def require_token(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
        if handler.opt.get("public"):
            return
        scheme, _, given = connection.headers.get("authorization", "").partition(" ")
        expected = token_path.read_text().strip()
        # Compared in constant time, so that answering times do not give the token away letter by letter.
        is_known = hmac.compare_digest(given.strip().encode(), expected.encode())
        if scheme.lower() != "bearer" or not expected or not is_known:
            raise NotAuthorizedException(headers={"WWW-Authenticate": "Bearer"})
        actor = Actor("admin token", Role.ADMIN, Means.ADMIN_TOKEN)
        connection.scope["user"] = actor
        require(actor, needed(connection, handler))

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
