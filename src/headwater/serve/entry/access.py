"""Who may use the private port, and what every answer of it carries.

A handler needs a viewer when it is asked with GET or HEAD, otherwise an editor; its `opt` may say something else:

    opt=READS              it changes nothing, although it is asked with POST: a preview, a search, a test
    opt=DRY_RUN            the same whenever the query says `dry_run=true`
    opt=ADMIN              an admin
    opt=ANYBODY            everybody who is known, for what is their own
    opt=PUBLIC             nobody needs to be known
    opt=PERSONAL           its address names one of the customers' people: the audit log must not
    opt=READS | ADMIN      several at once

It takes a parameter `actor: Actor` to know who is asking.
"""

import ipaddress
from collections.abc import Awaitable, Callable
from typing import Any, Final

from litestar import Request
from litestar.connection import ASGIConnection
from litestar.datastructures import MutableScopeHeaders
from litestar.exceptions import NotAuthorizedException, PermissionDeniedException
from litestar.handlers import BaseRouteHandler
from litestar.types import Message, Scope

from headwater.serve.desk import Desk
from headwater.serve.entry import made_versions
from headwater.serve.entry.cookies import check_csrf
from headwater.serve.entry.identification import bearer, by_cookie, by_token
from headwater.serve.metrics import API_REQUESTS
from headwater.team.actor import Actor
from headwater.team.roles import Role

Guard = Callable[[ASGIConnection[Any, Any, Any, Any], BaseRouteHandler], Awaitable[None]]

READS: Final[dict[str, Any]] = {"reads": True}
DRY_RUN: Final[dict[str, Any]] = {"dry_run": True}
ADMIN: Final[dict[str, Any]] = {"role": Role.ADMIN}
ANYBODY: Final[dict[str, Any]] = {"role": Role.VIEWER}
PUBLIC: Final[dict[str, Any]] = {"public": True}
PERSONAL: Final[dict[str, Any]] = {"personal": True}

SECURITY_HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
}
"""What this port answers is data for programs: no browser should run, frame, guess or keep any of it."""

_METHODS: Final = {"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"}


def _may_change(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> bool:
    """Whether this request may change something."""
    if connection.scope.get("method") in {"GET", "HEAD"} or handler.opt.get("reads"):
        return False
    # Said once and exactly: what one reader takes for a dry run, no other may take for the real thing.
    return not (handler.opt.get("dry_run") and connection.query_params.getall("dry_run", []) == ["true"])


def require(actor: Actor, role: Role) -> None:
    """Refuse who may not do what this role may."""
    if not actor.may(role):
        raise PermissionDeniedException(
            f"this needs the role {role}, and yours is {actor.role}: an admin of the team can change that"
        )


def changed_nothing(request: Request[Any, Any, Any]) -> None:
    """Called by a handler that has only looked, for which it needs the body to know: no audit entry is written."""
    request.scope["state"]["changes"] = False


def about(request: Request[Any, Any, Any], subject: str) -> None:
    """Called by a handler to say what the request is about where its address does not, or says it in numbers."""
    request.scope["state"]["audit_subject"] = subject


def acts_as(request: Request[Any, Any, Any], actor: Actor) -> None:
    """Called by a handler without the guard, which has found out by itself who is asking, before it changes
    anything.
    """
    request.scope["user"] = actor
    request.scope["state"] |= {"changes": True, "made_versions": made_versions.watch()}


async def current_actor(request: Request[Any, Any, Any]) -> Actor:
    """The dependency `actor`."""
    actor = request.scope.get("user")
    assert isinstance(actor, Actor), "only a handler without the guard is reached by nobody"
    return actor


def guard(desk: Desk) -> Guard:
    """Lets in who is known and may do what they ask for; the handler's `opt` says what that takes."""

    async def let_in(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
        changes = _may_change(connection, handler)
        connection.scope["state"] |= {"changes": changes, "made_versions": made_versions.watch()}
        if handler.opt.get("public"):
            return
        actor = await _known(desk, connection)
        connection.scope["user"] = actor
        require(actor, handler.opt.get("role") or (Role.EDITOR if changes else Role.VIEWER))

    return let_in


async def _known(desk: Desk, connection: ASGIConnection[Any, Any, Any, Any]) -> Actor:
    """NotAuthorizedException when nobody is. A token goes before a cookie: who sends one means it."""
    given = bearer(connection)
    if given is not None:
        if actor := await by_token(desk, given):
            return actor
    elif signed_in := await by_cookie(desk, connection):
        actor, secret = signed_in
        if connection.scope.get("method") not in {"GET", "HEAD"}:
            check_csrf(connection, secret)
        return actor
    raise NotAuthorizedException(headers={"WWW-Authenticate": "Bearer"})


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
