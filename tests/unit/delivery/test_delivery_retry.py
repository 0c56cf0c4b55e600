"""The retry schedule at its edges."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater import limits
from headwater.delivery.jobs import DeadLetter, Job
from headwater.delivery.parcel import Result
from headwater.delivery.retry import DONE, WAITS, Fate, RetryRules, backoff_s, fate, next_attempt_ms, untried
from headwater.destinations.kit.model import Delivered, Filtered, Outcome, Rejected, RetryLater
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


def after(
    job: Job, *outcomes: Outcome | Filtered, now_ms: int, roll: float = 0.5, window_s: float = 14_400
) -> Fate:
    results = [Result(name, outcome) for name, outcome in zip("ABC", outcomes, strict=False)]
    return fate(job, results, now_ms=now_ms, roll=roll, rules=RetryRules(window_s=window_s))


NEW = untried("crm", EVENT)


def test_schedule_when_everything_fails_then_ends_after_four_hours_with_tens_of_attempts() -> None:
    found = after(NEW, RetryLater("503"), now_ms=0)
    attempts = 1
    while found.job is not None:
        assert attempts < 200
        found = after(found.job, RetryLater("503", "busy"), now_ms=found.job.due_at_ms)
        attempts += 1
    dead = found.dead
    assert dead is not None
    assert 40 < dead.attempts == attempts < 80
    assert (dead.died_at_ms, dead.first_failed_at_ms) == (limits.delivery.RETRY_WINDOW_S * 1000, 0)
    assert (dead.destination, dead.event, dead.reason, dead.message) == ("crm", EVENT, "503", "busy")


def test_fate_when_rejected_then_dead_at_once_on_any_attempt() -> None:
    rejected = Rejected("BAD_REQUEST", "no such field")
    dead = DeadLetter("crm", EVENT, 1, 5_000, 5_000, "BAD_REQUEST", "no such field")
    assert after(NEW, rejected, now_ms=5_000) == Fate(dead=dead)
    job = Job("crm", EVENT, 3, 1_000, 2_000, "503", "", 42)
    dead = DeadLetter("crm", EVENT, 4, 1_000, 5_000, "BAD_REQUEST", "no such field")
    assert after(job, rejected, now_ms=5_000) == Fate(dead=dead)


def test_fate_when_failed_again_then_the_job_keeps_its_id_and_first_failure() -> None:
    job = Job("crm", EVENT, 3, 1_000, 2_000, "503", "", 42)
    again = after(job, RetryLater("ETIMEDOUT", "no answer"), now_ms=5_000, roll=0.25)
    assert again == Fate(Job("crm", EVENT, 4, 1_000, 5_000 + 2_000, "ETIMEDOUT", "no answer", 42))


def test_fate_when_nothing_failed_then_nothing_is_stored() -> None:
    assert after(NEW, Delivered("200"), Filtered("FILTERED_BY_RULES"), now_ms=0) is DONE


def test_fate_when_mappings_end_differently_then_each_goes_its_own_way() -> None:
    found = after(NEW, Delivered("200"), RetryLater("503"), Rejected("404"), now_ms=1_000)
    assert found.job is not None
    assert found.dead is not None
    assert (found.job.mappings, found.job.reason) == (("B",), "503")
    assert (found.dead.mappings, found.dead.reason) == (("C",), "404")
    again = after(found.job, RetryLater("503"), now_ms=2_000)
    assert again.job is not None
    assert again.job.mappings == ("A",), "named as it was asked for, also when it is all that is left"


def test_fate_when_the_window_of_a_destination_is_over_then_dead_also_beside_what_was_rejected() -> None:
    job = Job("crm", EVENT, 3, 1_000, 2_000, "503", "", 42)
    found = after(job, RetryLater("503"), Rejected("404"), now_ms=61_000, window_s=60)
    assert found.job is None
    assert found.dead is not None
    assert (found.dead.reason, found.dead.mappings) == ("404", ())


def test_fate_when_it_waits_behind_another_then_a_job_that_was_not_attempted_and_begins_its_window_later() -> None:
    found = after(NEW, WAITS, now_ms=1_000)
    assert found.job is not None
    assert (found.job.attempts, found.job.due_at_ms, found.job.reason) == (0, 1_000 + WINDOW_MS, "WAITS")
    first = after(found.job, RetryLater("503"), now_ms=9_000_000)
    assert first.job is not None
    assert (first.job.attempts, first.job.first_failed_at_ms) == (1, 9_000_000)
