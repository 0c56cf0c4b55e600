"""What senders hear: statuses, bodies and headers, made once.

Every body is a JSON object on every status, because Ruby, Java and Python SDKs parse it before anything else and
stumble over what is missing: Python reads `code` and `message`, Ruby `error` (spec 1.4).
"""

import math
from typing import Final, NamedTuple

import msgspec

Headers = list[tuple[str, str]]

JSON: Final = ("content-type", "application/json")
NO_STORE: Final = ("cache-control", "no-store")
ANY_ORIGIN: Final = ("access-control-allow-origin", "*")
EXPOSED: Final = ("access-control-expose-headers", "Retry-After, X-RateLimit-Reset")
PREFLIGHT_AGE_S: Final = 86_400
"""Browsers cap it themselves (Chromium at two hours)."""

SETTINGS_AGE_S: Final = 60
"""What depends on settings is asked for again after a minute; an ETag makes that cheap."""

BUNDLE_AGE_S: Final = 31_536_000
"""A chunk's name contains its hash."""

NO_SNIFF: Final = ("x-content-type-options", "nosniff")


class Answer(NamedTuple):
    status: int
    headers: Headers
    body: bytes


OK_BODY: Final = b'{"success":true}'
OK_HEADERS: Final[Headers] = [JSON, ANY_ORIGIN]
OK: Final = Answer(200, OK_HEADERS, OK_BODY)


def refusal(status: int, code: str, message: str, *, field: str | None = None) -> Answer:
    error = {"success": False, "code": code, "message": message, "error": message}
    body = msgspec.json.encode(error | ({"field": field} if field else {}))
    return Answer(status, [JSON, NO_STORE, ANY_ORIGIN, EXPOSED], body)


def later(status: int, code: str, message: str, *, retry_after_s: float) -> Answer:
    """429 or 503. SDKs read whole seconds only; both headers mean seconds to wait."""
    seconds = str(max(1, math.ceil(retry_after_s)))
    answer = refusal(status, code, message)
    answer.headers.extend([("retry-after", seconds), ("x-ratelimit-reset", seconds)])
    return answer


def image(gif: bytes, *, status: int = 200) -> Answer:
    return Answer(status, [("content-type", "image/gif"), NO_STORE, ANY_ORIGIN], gif)


def asset(body: bytes, etag: str, content_type: str, *, age_s: int, given_etag: str | None) -> Answer:
    """200, or 304 when the caller has these bytes."""
    immutable = ", immutable" if age_s == BUNDLE_AGE_S else ""
    headers = [
        ("content-type", content_type),
        ("cache-control", f"public, max-age={age_s}{immutable}"),
        ("etag", etag),
        ANY_ORIGIN,
        NO_SNIFF,
    ]
    given = {part.strip().removeprefix("W/") for part in (given_etag or "").split(",")}
    known = not given.isdisjoint({etag, "*"})
    return Answer(304, headers, b"") if known else Answer(200, headers, body)


def preflight(requested_headers: str | None) -> Answer:
    """What a browser asks before it posts with `Authorization` (spec 1.5)."""
    allowed = requested_headers or "Authorization, Content-Type, X-Retry-Count"
    return Answer(
        204,
        [
            ANY_ORIGIN,
            ("access-control-allow-methods", "GET, POST, OPTIONS"),
            ("access-control-allow-headers", allowed),
            ("access-control-max-age", str(PREFLIGHT_AGE_S)),
            ("vary", "Access-Control-Request-Headers"),
        ],
        b"",
    )


def for_origin(answer: Answer, origin: str) -> Answer:
    """The same for a page that may have asked with credentials: those need the origin by name.

    There is nothing a credential could open here, so any origin is welcome.
    """
    headers = [header for header in answer.headers if header is not ANY_ORIGIN]
    headers += [("access-control-allow-origin", origin), ("access-control-allow-credentials", "true")]
    return Answer(answer.status, [*headers, ("vary", "Origin")], answer.body)
