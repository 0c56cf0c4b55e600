"""The retry schedule at its edges."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater import limits
from headwater.delivery.jobs import DeadLetter, Job
from headwater.delivery.retry import backoff_s, failed_again, first_failure, next_attempt_ms
from headwater.destinations.kit.model import Rejected, RetryLater
from headwater.event import OutboundEvent

WINDOW_MS = 4 * 3600 * 1000
EVENT = OutboundEvent(0, 0, "m1", "track", None, None, "ann", None, None, None, "web", 0, 0, None, None, b"{}")


def due(*, now_ms: int = 1_000, attempts: int = 1, roll: float = 0.5, after_s: float | None = None) -> int | None:
    """First failed at 1,000 ms."""
    return next_attempt_ms(
        now_ms=now_ms, first_failed_at_ms=1_000, attempts=attempts, roll=roll, retry_after_s=after_s
    )


@pytest.mark.parametrize(
    ("attempts", "longest_s"), [(0, 1), (1, 1), (2, 2), (3, 4), (10, 512), (11, 600), (12, 600), (10_000, 600)]
)
def test_backoff_when_attempts_grow_then_doubles_up_to_the_cap(attempts: int, longest_s: float) -> None:
    assert backoff_s(attempts) == longest_s


def test_next_attempt_when_the_dice_are_lowest_then_at_once_and_highest_then_just_below_the_backoff() -> None:
    assert due(attempts=4, roll=0.0) == 1_000
    assert due(attempts=4, roll=0.999) == 1_000 + 7_992


def test_next_attempt_when_asked_to_wait_then_a_floor_and_not_a_ceiling() -> None:
    assert due(attempts=1, roll=0.5, after_s=30) == 31_000
    assert due(attempts=11, roll=0.5, after_s=30) == 301_000
    assert due(attempts=1, roll=0.5, after_s=0) == 1_500


def test_next_attempt_when_it_would_fall_behind_the_window_then_one_last_at_its_end() -> None:
    end_ms = 1_000 + WINDOW_MS
    assert due(now_ms=end_ms - 1_000, attempts=30, roll=0.9) == end_ms
    assert due(after_s=86_400) == end_ms


def test_next_attempt_when_the_window_is_over_then_none() -> None:
    end_ms = 1_000 + WINDOW_MS
    assert due(now_ms=end_ms - 1) == end_ms
    assert due(now_ms=end_ms) is None
    assert due(now_ms=end_ms + 1, after_s=0) is None


@given(
    now_ms=st.integers(1_000, 1_000 + WINDOW_MS - 1),
    attempts=st.integers(1, 10_000),
    roll=st.floats(0, 1, exclude_max=True),
    after_s=st.none() | st.floats(0, 1e9),
)
def test_next_attempt_when_inside_the_window_then_never_before_now_nor_after_its_end(
    now_ms: int, attempts: int, roll: float, after_s: float | None
) -> None:
    at_ms = due(now_ms=now_ms, attempts=attempts, roll=roll, after_s=after_s)
    assert at_ms is not None
    assert now_ms <= at_ms <= 1_000 + WINDOW_MS


def test_schedule_when_everything_fails_then_ends_after_four_hours_with_tens_of_attempts() -> None:
    fate: Job | DeadLetter = first_failure("crm", EVENT, RetryLater("503"), now_ms=0, roll=0.5)
    while isinstance(fate, Job):
        assert fate.attempts < 200
        fate = failed_again(fate, RetryLater("503", "busy"), now_ms=fate.due_at_ms, roll=0.5)
    assert 40 < fate.attempts < 80
    assert (fate.died_at_ms, fate.first_failed_at_ms) == (limits.RETRY_WINDOW_S * 1000, 0)
    assert (fate.destination, fate.event, fate.reason, fate.message) == ("crm", EVENT, "503", "busy")


def test_fate_when_rejected_then_dead_at_once_on_any_attempt() -> None:
    rejected = Rejected("BAD_REQUEST", "no such field")
    first = first_failure("crm", EVENT, rejected, now_ms=5_000, roll=0.5)
    assert first == DeadLetter("crm", EVENT, 1, 5_000, 5_000, "BAD_REQUEST", "no such field")
    job = Job("crm", EVENT, 3, 1_000, 2_000, "503", "", 42)
    again = failed_again(job, rejected, now_ms=5_000, roll=0.5)
    assert again == DeadLetter("crm", EVENT, 4, 1_000, 5_000, "BAD_REQUEST", "no such field")


def test_fate_when_failed_again_then_the_job_keeps_its_id_and_first_failure() -> None:
    job = Job("crm", EVENT, 3, 1_000, 2_000, "503", "", 42)
    again = failed_again(job, RetryLater("ETIMEDOUT", "no answer"), now_ms=5_000, roll=0.25)
    assert again == Job("crm", EVENT, 4, 1_000, 5_000 + 2_000, "ETIMEDOUT", "no answer", 42)
