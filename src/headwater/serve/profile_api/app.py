"""The ASGI application of the Profile API: who asks, whether they may, and which answer they get.

It stands before Litestar, whose own work would cost more than reading a profile, and reads the state in the event
loop's thread: a look-up takes some 10 µs, and handing it to another thread takes longer.
"""

import base64
import binascii
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec
import structlog

from headwater.aggregation import reading
from headwater.collection.rate_limit import RateLimits
from headwater.config.workspace import Workspace
from headwater.errors import AbsentError, BusyError
from headwater.serve.entry.access import SECURITY_HEADERS
from headwater.serve.entry.identification import is_admin_token
from headwater.serve.lasting_view import LastingView
from headwater.serve.metrics import API_REQUESTS
from headwater.serve.profile_api.errors import ApiError
from headwater.serve.profile_api.request import PREFIX, Query, read_path
from headwater.serve.profile_api.resources import RESOURCES
from headwater.serve.profile_api.space import Space

Asgi = Callable[..., Awaitable[None]]

_HEADERS: Final = [
    (b"content-type", b"application/json"),
    *((name.lower().encode(), value.encode()) for name, value in SECURITY_HEADERS.items()),
]
_encode: Final = msgspec.json.Encoder().encode


class _Caller(NamedTuple):
    """As RateLimits knows one."""

    name: str
    rate_limit: float | None


class ProfileApi:
    """Answers GET requests below PREFIX. Everything else is `behind`'s."""

    def __init__(
        self,
        view: LastingView,
        workspace: Callable[[], Workspace],
        token_path: Path,
        behind: Asgi,
        *,
        limits: RateLimits | None = None,
    ) -> None:
        """`workspace` gives the current one. `token_path` is the file of the admin token, which opens it, too."""
        self._view = view
        self._workspace = workspace
        self._token_path = token_path
        self._behind = behind
        self._limits = limits or RateLimits()
        self._known: tuple[Workspace, Space] | None = None

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] != "http" or scope["method"] != "GET" or not scope["path"].startswith(PREFIX):
            await self._behind(scope, receive, send)
            return
        status, body, headers = self._respond(scope)
        API_REQUESTS.labels("GET", str(status)).inc()
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    def _respond(self, scope: dict[str, Any]) -> tuple[int, bytes, list[tuple[bytes, bytes]]]:
        request_id = os.urandom(16).hex()
        headers = [*_HEADERS, (b"request-id", request_id.encode())]
        try:
            body = _encode(self._answer(scope))
        except ApiError as error:
            refusal = error
        except AbsentError:  # there are no profiles before the pipeline has run
            refusal = _not_found()
        except BusyError as error:
            refusal = ApiError("unavailable", str(error), retry_after_s=error.retry_after_s)
        except Exception:
            structlog.get_logger().exception("request failed", path=scope["path"], request_id=request_id)
            refusal = ApiError("internal_error", "An error of ours: the log of `serve` has the details.")
        else:
            headers.append((b"content-length", b"%d" % len(body)))
            return 200, body, headers
        if refusal.retry_after_s:
            headers.append((b"retry-after", b"%d" % max(1, round(refusal.retry_after_s))))
        if refusal.status == 401:
            headers.append((b"www-authenticate", b'Basic realm="Profile API"'))
        body = _encode({"error": {"code": refusal.code, "message": refusal.message}})
        headers.append((b"content-length", b"%d" % len(body)))
        return refusal.status, body, headers

    def _answer(self, scope: dict[str, Any]) -> dict[str, Any]:
        space = self._space()
        self._admit(scope, space)
        target = read_path(_raw_path(scope))
        if target.space != space.name:
            raise ApiError("not_found", "Space was not found.")
        query = Query(scope["query_string"], target.resource)
        with self._view.reading() as state:
            found = reading.find(state, target.collection, target.who)
            if found is None:
                raise _not_found()
            return RESOURCES[target.resource](state, found, space, query)

    def _space(self) -> Space:
        workspace = self._workspace()
        if self._known is None or self._known[0] is not workspace:
            self._known = workspace, Space(workspace)
        return self._known[1]

    def _admit(self, scope: dict[str, Any], space: Space) -> None:
        scheme, given = _credentials(scope)
        if scheme == "bearer" and is_admin_token(self._token_path, given):
            return
        name = space.token_name(given) if scheme == "basic" else None
        if name is None:
            raise ApiError(
                "authentication_error",
                "No valid token: send a token of the space as the user name of Basic authorization, with an empty "
                "password.",
            )
        wait_s = self._limits.wait_s(_Caller(name, space.rate_limit))
        if wait_s:
            raise ApiError(
                "rate_limit_error",
                f"More than {space.rate_limit:g} requests per second with this token.",
                retry_after_s=wait_s,
            )


def _credentials(scope: dict[str, Any]) -> tuple[str, str]:
    """The scheme in lower case and what was presented; of Basic authorization the user name."""
    header = next((value for name, value in scope["headers"] if name == b"authorization"), b"")
    scheme, _, given = header.decode("latin-1").partition(" ")
    scheme, given = scheme.lower(), given.strip()
    if scheme != "basic":
        return scheme, given
    try:
        return scheme, base64.b64decode(given, validate=True).decode().partition(":")[0]
    except (binascii.Error, ValueError):
        return scheme, ""


def _raw_path(scope: dict[str, Any]) -> str:
    """As it was sent: in `path`, slashes inside a value are no longer told apart."""
    return bytes(scope["raw_path"]).decode("latin-1")


def _not_found() -> ApiError:
    return ApiError("not_found", "Profile was not found.")
