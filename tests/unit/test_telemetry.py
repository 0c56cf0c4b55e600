"""Readiness with reasons, and a rate over the last minute."""

from hypothesis import given
from hypothesis import strategies as st

from headwater.telemetry import METER_WINDOW_S, Health, Meter


class Clock:
    def __init__(self, now_s: float = 1000.0) -> None:
        self.now_s = now_s

    def __call__(self) -> float:
        return self.now_s


def test_health_when_new_then_not_ready_until_started() -> None:
    health = Health()
    assert not health.ready
    assert health.reasons == ["starting"]
    health.clear("start")
    assert health.ready
    assert health.reasons == []


def test_health_when_obstacles_overlap_then_ready_only_after_the_last() -> None:
    health = Health()
    health.clear("start")
    health.obstacle("disk", "full")
    health.obstacle("lake", "read-only")
    health.obstacle("disk", "still full")
    assert health.reasons == ["still full", "read-only"]
    health.clear("disk")
    assert not health.ready
    health.clear("lake")
    health.clear("never stood")
    assert health.ready


def test_meter_when_nothing_happened_then_zero() -> None:
    assert Meter(Clock()).per_second() == 0


def test_meter_when_young_then_averages_over_its_own_age() -> None:
    clock = Clock()
    meter = Meter(clock)
    meter.add(100)
    assert meter.per_second() == 100, "less than a second counts as one"
    clock.now_s += 10
    assert meter.per_second() == 10


def test_meter_when_events_come_steadily_then_their_rate() -> None:
    clock = Clock()
    meter = Meter(clock)
    for _ in range(10 * METER_WINDOW_S):
        clock.now_s += 0.5
        meter.add(25)
    assert abs(meter.per_second() - 50) < 2


def test_meter_when_a_minute_is_over_then_forgets() -> None:
    clock = Clock()
    meter = Meter(clock)
    meter.add(1_000_000)
    clock.now_s += METER_WINDOW_S + 2
    assert meter.per_second() == 0


@given(st.lists(st.tuples(st.floats(0, 100), st.integers(0, 1000)), max_size=200))
def test_meter_when_used_in_any_rhythm_then_memory_stays_bounded_and_the_rate_sane(
    steps: list[tuple[float, int]],
) -> None:
    clock = Clock()
    meter = Meter(clock)
    for pause_s, count in steps:
        clock.now_s += pause_s
        meter.add(count)
    assert 0 <= meter.per_second() <= sum(count for _, count in steps)
    assert len(meter._seconds) <= METER_WINDOW_S + 1
