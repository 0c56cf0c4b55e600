"""Every error of the private API has one shape: `{"error": {"code", "message", "field"?, "problems"?}}`."""

import re
from http import HTTPStatus
from typing import Any, Final

import msgspec
import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException
from litestar.openapi import ResponseSpec

from headwater.errors import (
    BusyError,
    ConfigError,
    ConflictError,
    CorruptionError,
    HeadwaterError,
    InputError,
    NotFoundError,
    OwnershipError,
    Problem,
)


class ErrorBody(msgspec.Struct, frozen=True, omit_defaults=True):
    code: str
    """Stable, for programs."""
    message: str
    """For people: what was wrong and what is allowed."""
    field: str | None = None
    """The offending part of the request."""
    problems: list[dict[str, Any]] = []
    """Of a workspace file: every mistake with `message`, `path` and `line` (0: not known)."""


class ErrorAnswer(msgspec.Struct, frozen=True):
    error: ErrorBody


class Refusal(HTTPException):
    """An answer that is no error of the platform: a status, a stable code, and a text for people."""

    def __init__(
        self,
        code: str,
        message: str,
        *,
        status: int,
        headers: dict[str, str] | None = None,
        field: str | None = None,
    ) -> None:
        super().__init__(detail=message, status_code=status, headers=headers)
        self.body = ErrorBody(code, message, field=field)


ERRORS: Final = {
    400: ResponseSpec(ErrorAnswer, description="The request breaks a rule; `field` names the part."),
    401: ResponseSpec(ErrorAnswer, description="Nobody is signed in, and no token is right."),
    403: ResponseSpec(ErrorAnswer, description="This needs another role; the message says which."),
    503: ResponseSpec(ErrorAnswer, description="Not now; `Retry-After` says when."),
}
"""What every operation may answer besides its result, for the OpenAPI document."""

NAMED_ERRORS: Final = ERRORS | {404: ResponseSpec(ErrorAnswer, description="There is none of this name.")}

EDIT_ERRORS: Final = NAMED_ERRORS | {
    409: ResponseSpec(ErrorAnswer, description="Somebody else has changed the workspace, or has taken the name."),
    422: ResponseSpec(ErrorAnswer, description="It cannot be so; `problems` has every mistake."),
}
"""Of one part of the workspace."""

CONFIG_ERRORS: Final = ERRORS | {
    422: ResponseSpec(ErrorAnswer, description="The workspace file is wrong; `problems` has every mistake.")
}

_CODES: Final = {
    400: "invalid_request",
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
}

_NAMED: Final = re.compile(r"field `(\w+)`")
"""How validation names a member that is missing or unknown."""

_MESSAGES: Final = {
    401: "sign in, or send `Authorization: Bearer …` with an API token or the content of DIR/admin-token",
    404: "there is nothing at this path: /api/v1/openapi.json lists what there is",
    405: "this path does not answer to this method: see /api/v1/openapi.json",
}


def answer(request: Request[Any, Any, Any], error: Exception) -> Response[ErrorAnswer]:
    """The one place where an error becomes a status."""
    match error:
        case ConfigError():
            body = ErrorBody(error.code, error.message, problems=[_problem(p) for p in error.problems])
            return _respond(422, body)
        case NotFoundError():
            return _respond(404, ErrorBody(error.code, error.message))
        case InputError():
            return _respond(400, ErrorBody(error.code, error.message, field=error.field))
        case BusyError():
            headers = {"Retry-After": str(max(1, round(error.retry_after_s)))}
            return _respond(503, ErrorBody("busy", str(error)), headers)
        case ConflictError():
            return _respond(409, ErrorBody("conflict", str(error)))
        case OwnershipError():
            return _respond(409, ErrorBody("owned_elsewhere", str(error)))
        case CorruptionError():
            return _respond(500, ErrorBody("corrupted", str(error)))
        case HeadwaterError():
            return _respond(409, ErrorBody("refused", str(error)))
        case HTTPException():
            return _respond(error.status_code, _http(error), error.headers)
        case _:
            structlog.get_logger().error(
                "request failed", method=request.method, path=request.url.path, exc_info=error
            )
            return _respond(500, ErrorBody("internal", "an error of ours: the log of `serve` has the details"))


def _http(error: HTTPException) -> ErrorBody:
    if isinstance(error, Refusal):
        return error.body
    status = error.status_code
    code = _CODES.get(status, HTTPStatus(status).phrase.lower().replace(" ", "_"))
    # Validation names each offending parameter; the first one is enough to go on with.
    first = error.extra[0] if isinstance(error.extra, list) and error.extra else None
    if isinstance(first, dict):
        message = str(first.get("message", error.detail))
        return ErrorBody(code, message, field=_field(str(first.get("key", "")), message))
    return ErrorBody(code, _MESSAGES.get(status, error.detail))


def _field(key: str, message: str) -> str | None:
    """As the request has it: `data` is our word for its body."""
    named = _NAMED.search(message)
    return ".".join(filter(None, ("" if key == "data" else key, named[1] if named else ""))) or None


def _problem(problem: Problem) -> dict[str, Any]:
    return {"line": problem.line, "path": problem.path, "message": problem.message}


def _respond(status: int, body: ErrorBody, headers: dict[str, str] | None = None) -> Response[ErrorAnswer]:
    return Response(ErrorAnswer(body), status_code=status, headers=headers, media_type="application/json")
