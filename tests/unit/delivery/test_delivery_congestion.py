"""How many places a destination gets, from what its answers say."""

import pytest

from headwater import limits
from headwater.delivery.congestion import PLACES_MAX, Congestion
from headwater.delivery.parcel import Result
from headwater.destinations.kit.model import Delivered, Outcome, Rejected, RetryLater


def settle(
    subject: Congestion, outcome: Outcome, *, in_flight: int = 99, started_s: float = 0.0, now_s: float = 0.0
) -> None:
    subject.settled([Result("", outcome)], in_flight=in_flight, started_s=started_s, now_s=now_s)


def test_places_when_all_are_used_and_answered_then_one_more_for_each_round_up_to_the_most() -> None:
    subject = Congestion(None)
    assert subject.places == limits.delivery.CONCURRENCY
    for _ in range(limits.delivery.CONCURRENCY + 1):
        settle(subject, Delivered("200"))
    assert subject.places == limits.delivery.CONCURRENCY + 1
    for _ in range(10_000):
        settle(subject, Rejected("404"))
    assert subject.places == PLACES_MAX


def test_places_when_they_are_not_all_used_then_no_more() -> None:
    subject = Congestion(None)
    for _ in range(1_000):
        settle(subject, Delivered("200"), in_flight=3)
    assert subject.places == limits.delivery.CONCURRENCY


@pytest.mark.parametrize("reason", ["429", "503", "ETIMEDOUT", "ECONNRESET"])
def test_places_when_overloaded_then_three_tenths_fewer_once_for_all_that_were_under_way(reason: str) -> None:
    subject = Congestion(None)
    for _ in range(16):
        settle(subject, RetryLater(reason), started_s=1.0, now_s=2.0)
    assert subject.places == 11
    settle(subject, RetryLater(reason), started_s=3.0, now_s=4.0)
    assert subject.places == 7


def test_places_when_everything_fails_then_one_is_left() -> None:
    subject = Congestion(None)
    for second in range(100):
        settle(subject, RetryLater("503"), started_s=second + 0.5, now_s=second + 1.0)
    assert subject.places == 1


def test_places_when_something_breaks_over_there_then_as_before() -> None:
    subject = Congestion(None)
    settle(subject, RetryLater("500"), in_flight=1, started_s=1.0, now_s=2.0)
    assert subject.places == limits.delivery.CONCURRENCY


def test_places_when_the_workspace_has_a_number_then_never_more() -> None:
    subject = Congestion(3)
    for _ in range(1_000):
        settle(subject, Delivered("200"))
    assert subject.places == 3
