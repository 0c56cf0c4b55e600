"""The table in availability.py, row by row."""

from headwater.delivery.availability import FAILURES_MAX, PAUSE_S_MAX, Availability


def availability(roll: float = 1.0) -> Availability:
    """With dice that give the longest pauses."""
    return Availability(roll=lambda: roll)


def down(roll: float = 1.0, *, at_s: float = 100.0, retry_after_s: float | None = None) -> Availability:
    subject = availability(roll)
    for _ in range(FAILURES_MAX):
        subject.failed(at_s, started_s=at_s - 1, retry_after_s=retry_after_s)
    assert subject.down
    return subject


def test_up_when_one_failure_is_missing_then_still_up() -> None:
    subject = availability()
    for _ in range(FAILURES_MAX - 1):
        subject.failed(100.0, started_s=99.0)
    assert not subject.down
    assert all(subject.may_send(100.0) for _ in range(20))


def test_up_when_anything_is_answered_in_between_then_the_count_starts_anew() -> None:
    subject = availability()
    for _ in range(5):
        for _ in range(FAILURES_MAX - 1):
            subject.failed(100.0, started_s=99.0)
        subject.answered()
    assert not subject.down


def test_up_when_only_repeats_fail_then_never_down() -> None:
    subject = availability()
    for _ in range(10 * FAILURES_MAX):
        subject.failed(100.0, started_s=99.0, first_attempt=False)
    assert not subject.down


def test_down_when_the_pause_is_over_then_one_probe_at_a_time() -> None:
    subject = down()
    assert subject.probe_at_s == 101.0
    assert not subject.may_send(100.9)
    assert subject.may_send(101.0)
    assert not subject.may_send(500.0)


def test_down_when_probes_fail_then_pauses_double_up_to_the_longest() -> None:
    subject, now_s, pauses = down(), 100.0, []
    for _ in range(9):
        pauses.append(subject.probe_at_s - now_s)
        now_s = subject.probe_at_s
        assert subject.may_send(now_s)
        subject.failed(now_s, started_s=now_s, first_attempt=len(pauses) % 2 == 0)
    assert pauses == [1, 2, 4, 8, 16, 32, 60, 60, 60]


def test_down_when_the_dice_are_low_then_half_the_pause() -> None:
    assert down(roll=0.0).probe_at_s == 100.5


def test_down_when_an_older_attempt_fails_then_neither_pause_nor_probe_change() -> None:
    subject = down()
    subject.failed(100.5, started_s=98.0)
    assert subject.probe_at_s == 101.0
    assert subject.may_send(101.0)
    subject.failed(101.5, started_s=98.0)
    assert not subject.may_send(102.0), "the probe is still under way"


def test_down_when_asked_to_wait_then_the_probe_waits_but_ten_minutes_at_most() -> None:
    assert down(retry_after_s=300).probe_at_s == 400.0
    assert down(retry_after_s=1e9).probe_at_s == 100.0 + 600
    assert PAUSE_S_MAX < 600


def test_down_when_answered_then_up_with_the_shortest_pause_again() -> None:
    subject = down()
    assert subject.may_send(101.0)
    subject.failed(101.0, started_s=101.0)
    subject.answered()
    assert not subject.down
    assert all(subject.may_send(101.0) for _ in range(20))
    for _ in range(FAILURES_MAX):
        subject.failed(200.0, started_s=199.0)
    assert subject.probe_at_s == 201.0
