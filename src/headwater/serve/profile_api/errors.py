"""What the Profile API refuses: a status, a code that Segment documents, and a sentence. A test holds this list
and docs/reference/profile-api.md together.
"""

from typing import Final

STATUSES: Final = {
    "authentication_error": 401,
    "invalid_request_error": 400,
    "validation_error": 400,
    "not_found": 404,
    "rate_limit_error": 429,
    "unavailable": 503,
    "internal_error": 500,
}


class ApiError(Exception):
    """`{"error":{"code","message"}}`."""

    def __init__(self, code: str, message: str, *, retry_after_s: float = 0.0) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = STATUSES[code]
        self.retry_after_s = retry_after_s


def invalid(parameter: str, rule: str) -> ApiError:
    """A parameter of the query breaks a rule."""
    return ApiError("invalid_request_error", f"The parameter `{parameter}` {rule}.")
