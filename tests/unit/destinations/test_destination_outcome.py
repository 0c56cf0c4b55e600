"""Status by status: what becomes of an event."""

from datetime import UTC, datetime
from email.utils import format_datetime

import pytest

from headwater.destinations.kit.model import Delivered, Failure, Outcome, Rejected, Response, RetryLater
from headwater.destinations.kit.outcome import MESSAGE_CHARS_MAX, http_outcome

NOW_S = 1_700_000_000.0


def response(status: int, body: bytes = b"", **headers: str) -> Response:
    return Response(status, {name.replace("_", "-"): value for name, value in headers.items()}, body, NOW_S)


@pytest.mark.parametrize(
    ("statuses", "outcome"),
    [
        ((200, 201, 202, 204, 226, 299), Delivered),
        ((301, 302, 303, 304, 308), Rejected),
        ((307,), RetryLater),
        ((400, 401, 403, 404, 405, 409, 410, 413, 415, 422, 451), Rejected),
        ((408, 423, 429), RetryLater),
        ((500, 502, 503, 504, 505, 520, 599), RetryLater),
        ((501,), Rejected),
    ],
)
def test_outcome_when_answered_then_as_specified(statuses: tuple[int, ...], outcome: type[Outcome]) -> None:
    assert {status: type(http_outcome(response(status))) for status in statuses} == dict.fromkeys(
        statuses, outcome
    )


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (202, "202"),
        (400, "BAD_REQUEST"),
        (401, "401"),
        (404, "404"),
        (429, "429"),
        (501, "UNSUPPORTED_EVENT_TYPE"),
        (502, "502"),
    ],
)
def test_outcome_when_answered_then_the_reason_is_the_documented_code(status: int, reason: str) -> None:
    assert http_outcome(response(status)).reason == reason


def test_outcome_when_nobody_answered_then_retried_unless_it_lasts() -> None:
    assert http_outcome(Failure("ETIMEDOUT", "no answer")) == RetryLater("ETIMEDOUT", "no answer")
    assert http_outcome(Failure("PRIVATE_ADDRESS", "loopback", lasting=True)) == Rejected(
        "PRIVATE_ADDRESS", "loopback"
    )


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120.0),
        ("0", 0.0),
        (format_datetime(datetime.fromtimestamp(NOW_S + 90, UTC), usegmt=True), 90.0),
        (format_datetime(datetime.fromtimestamp(NOW_S - 90, UTC), usegmt=True), 0.0),
        ("soon", None),
        ("-5", None),
        ("", None),
        ("9" * 400, 999_999_999.0),
        ("٣", None),
    ],
)
@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_when_sent_with_429_or_503_then_heeded(
    status: int, header: str, seconds: float | None
) -> None:
    outcome = http_outcome(response(status, Retry_After=header))
    assert isinstance(outcome, RetryLater)
    assert outcome.retry_after_s == seconds


def test_retry_after_when_sent_with_another_status_then_ignored() -> None:
    outcome = http_outcome(response(500, Retry_After="120"))
    assert isinstance(outcome, RetryLater)
    assert outcome.retry_after_s is None


@pytest.mark.parametrize(
    ("body", "content_type", "message"),
    [
        (b'{"message":"no such field"}', "application/json", "no such field"),
        (b'{"message":"no such field"}', "Application/JSON; charset=utf-8", "no such field"),
        (b'{"message":"no such field"}', "text/plain", "Bad Request"),
        (b'{"message":42}', "application/json", "Bad Request"),
        (b"[]", "application/json", "Bad Request"),
        (b'{"message":"cut of', "application/json", "Bad Request"),
        (b"\xff\xfe", "application/json", "Bad Request"),
        (b'{"message":"' + b"x" * 5_000 + b'"}', "application/json", "x" * MESSAGE_CHARS_MAX),
    ],
)
def test_message_when_the_body_explains_then_kept(body: bytes, content_type: str, message: str) -> None:
    assert http_outcome(response(400, body, Content_Type=content_type)) == Rejected("BAD_REQUEST", message)
