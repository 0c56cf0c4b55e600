"""When the next request may be made: a rate, and what answers say about how much is left."""

import pytest

from headwater import limits
from headwater.delivery.pacer import Pacer, quota_pause_s
from headwater.delivery.transports.http_connection import Headers
from headwater.destinations.kit.model import Response

AT_S = 1_800_000_000.0


def answer(status: int = 200, **headers: str) -> Response:
    pairs = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return Response(status, Headers(pairs), b"", AT_S)


def made_in(pacer: Pacer, seconds: float) -> int:
    """How many requests whoever asks all the time may make."""
    now_s, count = 100.0, 0
    while (now_s := max(now_s, pacer.next_at_s())) < 100.0 + seconds:
        pacer.made(now_s)
        count += 1
        assert count < 100_000
    return count


@pytest.mark.parametrize(("per_s", "seconds", "expected"), [(10.0, 10, 101), (0.5, 10, 5), (1_000.0, 2, 2_100)])
def test_pacer_when_it_has_a_rate_then_no_more_than_that_after_a_short_burst(
    per_s: float, seconds: float, expected: int
) -> None:
    assert made_in(Pacer(per_s), seconds) == pytest.approx(expected, abs=1)


def test_pacer_when_one_attempt_took_many_requests_then_they_are_paid_for_afterwards() -> None:
    subject = Pacer(10.0)
    for _ in range(50):
        subject.made(100.0)
    assert 104.5 < subject.next_at_s() <= 105.0


def test_pacer_when_it_has_no_rate_then_never_waits() -> None:
    subject = Pacer(None)
    subject.made(100.0)
    assert subject.next_at_s() <= 100.0


def test_pacer_when_a_429_asks_for_time_then_nobody_asks_before() -> None:
    subject = Pacer(None)
    assert subject.heard(answer(429, Retry_After="7"), 100.0) == 7.0
    subject.heard(answer(429, Retry_After="2"), 101.0)
    assert subject.next_at_s() == 107.0


@pytest.mark.parametrize(
    ("said", "pause_s"),
    [
        (answer(), None),
        (answer(429), None),
        (answer(503, Retry_After="7"), None),  # the circuit's business: it may be one of many servers
        (answer(429, Retry_After="7"), 7.0),
        (answer(429, X_RateLimit_Reset="9"), 9.0),
        (answer(429, Retry_After="0"), None),
        (answer(200, X_RateLimit_Remaining="0", X_RateLimit_Reset="30"), 30.0),
        (answer(200, X_RateLimit_Remaining="0", X_RateLimit_Reset=str(int(AT_S) + 30)), 30.0),
        (answer(200, X_RateLimit_Remaining="0", X_RateLimit_Reset=f"{int(AT_S) + 30}000"), 30.0),
        (answer(200, X_RateLimit_Remaining="0", X_RateLimit_Reset=str(int(AT_S) - 30)), None),
        (answer(200, X_RateLimit_Remaining="1", X_RateLimit_Reset="30"), None),
        (answer(200, RateLimit_Remaining="0", RateLimit_Reset="5"), 5.0),
        (answer(200, RateLimit_Remaining="0;w=60", RateLimit_Reset="5"), 5.0),
        (answer(200, X_RateLimit_Remaining="0"), None),
        (answer(200, X_RateLimit_Remaining="none", X_RateLimit_Reset="soon"), None),
        (answer(429, Retry_After="999999"), limits.delivery.RETRY_DELAY_S_MAX),
    ],
)
def test_quota_pause_when_an_answer_says_something_then_so_long(said: Response, pause_s: float | None) -> None:
    assert quota_pause_s(said) == pause_s
