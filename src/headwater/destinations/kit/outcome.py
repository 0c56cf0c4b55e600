"""What an HTTP answer means for an event, as Segment's framework decides it (spec 2.2 and 2.4)."""

import email.utils
from http import HTTPStatus

import msgspec

from headwater.destinations.kit.model import Answer, Delivered, Failure, Outcome, Rejected, Response, RetryLater

MESSAGE_CHARS_MAX = 500
"""Kept of an endpoint's own words; enough for a sentence, too little to fill the disk with."""

RETRIED = {
    HTTPStatus.TEMPORARY_REDIRECT,  # only seen here when it could not be followed
    HTTPStatus.REQUEST_TIMEOUT,
    HTTPStatus.LOCKED,
    HTTPStatus.TOO_MANY_REQUESTS,
}
"""Statuses below 500 that are worth another attempt."""

HEEDED = {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}
"""Statuses whose `Retry-After` is heeded."""

REASONS = {400: "BAD_REQUEST", 501: "UNSUPPORTED_EVENT_TYPE"}
"""Reason codes that are not simply the status."""


class _ErrorBody(msgspec.Struct):
    message: str


_decode_error = msgspec.json.Decoder(_ErrorBody).decode


def http_outcome(answer: Answer) -> Outcome:
    if isinstance(answer, Failure):
        return failed(answer)
    if not isinstance(answer, Response):
        raise TypeError(f"not an answer of HTTP: {answer!r}")
    status = answer.status
    if 200 <= status < 300:
        return Delivered(str(status))
    reason, message = REASONS.get(status, str(status)), _message(answer)
    if status in RETRIED or (status >= 500 and status != HTTPStatus.NOT_IMPLEMENTED):
        return RetryLater(reason, message, retry_after_s(answer) if status in HEEDED else None)
    return Rejected(reason, message)


def failed(failure: Failure) -> Outcome:
    """Of an attempt that nobody has answered."""
    if failure.lasting:
        return Rejected(failure.reason, failure.message)
    return RetryLater(failure.reason, failure.message)


def retry_after_s(response: Response) -> float | None:
    """The pause the endpoint asks for: seconds or a date, never negative; None if it says nothing sensible."""
    text = response.headers.get("Retry-After", "").strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        return max(0.0, email.utils.parsedate_to_datetime(text).timestamp() - response.at_s)
    except (ValueError, OverflowError):
        return None


def _message(response: Response) -> str:
    """The endpoint's words, from the optional `{"message": "text"}` of spec 2.2, else the status's name."""
    if response.headers.get("Content-Type", "").lower().startswith("application/json"):
        try:
            return _decode_error(response.body).message[:MESSAGE_CHARS_MAX]
        except (msgspec.DecodeError, UnicodeDecodeError):
            pass  # no such object: nothing to show
    if 300 <= response.status < 400:
        return "redirects are not followed; point the destination at the final address"
    try:
        return HTTPStatus(response.status).phrase
    except ValueError:
        return ""
