"""The cookie of a session, and what keeps other sites from using it.

The cookie is for this origin alone: no script reads it, no other site's request carries it, and over https its
name lets no other host of the domain set it. It is named after the installation, because cookies do not know
ports: two platforms on one machine would sign each other's people out.

What changes something needs more than the cookie: the request comes from our own pages, as far as the browser says
where it comes from, and carries a header that only they can know (`GET /session` tells it).
"""

import hmac
from base64 import urlsafe_b64encode
from hashlib import blake2b
from typing import Any, Final
from urllib.parse import urlsplit

from litestar.connection import ASGIConnection
from litestar.datastructures import Cookie

from headwater import limits
from headwater.serve.errors import Refusal

CSRF_HEADER: Final = "x-csrf-token"

Connection = ASGIConnection[Any, Any, Any, Any]


def session_secret(connection: Connection, installation: str) -> str | None:
    """What the cookie holds, if there is one. Over https only one that was set over https counts."""
    return connection.cookies.get(_name(connection, installation))


def session_cookie(connection: Connection, installation: str, secret: str) -> Cookie:
    """Lets the browser keep it as long as the session can last."""
    return _cookie(connection, installation, secret, limits.team.SESSION_S_MAX)


def no_cookie(connection: Connection, installation: str) -> Cookie:
    """Makes the browser forget it."""
    return _cookie(connection, installation, "", 0)


def csrf_token(secret: str) -> str:
    """Bound to the session, and of no use without its cookie."""
    return urlsafe_b64encode(blake2b(secret.encode(), digest_size=24, person=b"hw-csrf").digest()).decode()


def check_csrf(connection: Connection, secret: str) -> None:
    """Refuse what one of our pages in this session has not sent."""
    check_origin(connection)
    given = connection.headers.get(CSRF_HEADER, "")
    if not hmac.compare_digest(given.encode(), csrf_token(secret).encode()):
        raise Refusal(
            "csrf_token_needed",
            "with a cookie, a change needs the header `X-CSRF-Token`, as GET /api/v1/session says it",
            status=403,
        )


def check_origin(connection: Connection) -> None:
    """Refuse what the browser says comes from another site. Who is no browser says nothing."""
    if not _is_ours(connection):
        raise Refusal("foreign_origin", "this request was sent from another site", status=403)


def _is_ours(connection: Connection) -> bool:
    site, origin = connection.headers.get("sec-fetch-site"), connection.headers.get("origin")
    if site is not None or origin is None:
        return site in {None, "same-origin"}
    # A proxy may have changed the host; pages of other sites cannot send the second header.
    hosts = (connection.headers.get(name, "") for name in ("host", "x-forwarded-host"))
    place = urlsplit(origin).netloc
    return bool(place) and place in hosts


def is_https(connection: Connection) -> bool:
    """Whether the browser speaks https, to us or to a proxy in front of us. Who lies about it harms only their own
    cookie.
    """
    said = connection.headers.get("x-forwarded-proto", connection.scope["scheme"])
    return said.partition(",")[0].strip().lower() == "https"


def _name(connection: Connection, installation: str) -> str:
    return f"{'__Host-' if is_https(connection) else ''}headwater_{installation}"


def _cookie(connection: Connection, installation: str, value: str, max_age_s: int) -> Cookie:
    return Cookie(
        _name(connection, installation),
        value=value,
        path="/",
        max_age=max_age_s,
        httponly=True,
        samesite="strict",
        secure=is_https(connection),
    )
