"""What has changed between two looks at the metrics."""

import pytest
from prometheus_client.parser import text_string_to_metric_families

from headwater.serve.health.samples import KEPT_S, Movement, Samples

HISTOGRAM = """# TYPE wait_seconds histogram
wait_seconds_bucket{le="0.1"} 50
wait_seconds_bucket{le="0.5"} 90
wait_seconds_bucket{le="+Inf"} 100
wait_seconds_count 100
wait_seconds_sum 20
"""


def samples(text: str = "", **counts: int) -> Samples:
    lines = [f'events_total{{source="{source}",outcome="ok"}} {count}' for source, count in counts.items()]
    return Samples(
        list(text_string_to_metric_families("# TYPE events counter\n" + "\n".join(lines) + "\n" + text))
    )


class Clock:
    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


def test_samples_when_several_processes_count_then_they_are_added_up() -> None:
    twice = list(text_string_to_metric_families('# TYPE events counter\nevents_total{source="a"} 2\n')) * 2
    assert Samples(twice).total("events_total", source="a") == 4
    assert samples(a=1, b=2).by("source", "events_total") == {"a": 1, "b": 2}


def test_movement_when_asked_once_then_there_is_nothing_to_compare_with() -> None:
    movement = Movement(clock=Clock())
    movement.add(samples(a=5), {})
    assert movement.passed(5) is None


def test_movement_when_asked_again_then_it_tells_what_was_added() -> None:
    clock = Clock()
    movement = Movement(clock=clock)
    movement.add(samples(a=5), {("log", "reader"): 3})
    clock.now_s += 10
    movement.add(samples(a=25, b=10), {})
    passed = movement.passed(5)
    assert passed is not None
    assert passed.per_second("events_total") == 3.0
    assert passed.per_second("events_total", source="a") == 2.0
    assert passed.lag_events == {("log", "reader"): 3}


def test_movement_when_a_process_has_begun_anew_then_its_count_is_what_was_added() -> None:
    clock = Clock()
    movement = Movement(clock=clock)
    movement.add(samples(a=1_000), {})
    clock.now_s += 10
    movement.add(samples(a=20), {})
    passed = movement.passed(5)
    assert passed is not None
    assert passed.per_second("events_total") == 2.0


def test_movement_when_a_process_did_not_answer_once_then_its_whole_count_is_not_what_was_added() -> None:
    clock = Clock()
    movement = Movement(clock=clock)
    both, one = frozenset({"collect", "deliver"}), frozenset({"collect"})
    movement.add(samples(a=1_000, b=5_000), {}, both)
    clock.now_s += 5
    movement.add(samples(a=1_010), {}, one)
    assert movement.passed(5) is None
    clock.now_s += 5
    movement.add(samples(a=1_020, b=5_010), {}, both)
    passed = movement.passed(5)
    assert passed is not None
    assert passed.seconds == 10
    assert passed.per_second("events_total") == 3.0


def test_movement_when_asked_all_the_time_then_it_keeps_a_minute() -> None:
    clock = Clock()
    movement = Movement(clock=clock)
    for second in range(300):
        movement.add(samples(a=second), {})
        clock.now_s += 0.5
    passed = movement.passed(1_000)
    assert passed is not None
    assert passed.seconds <= KEPT_S
    assert movement.passed(5) is not None


@pytest.mark.parametrize(("share", "expected"), [(0.5, 0.1), (0.9, 0.5), (0.95, None)])
def test_percentile_when_observed_then_it_is_the_bound_above(share: float, expected: float | None) -> None:
    assert samples(HISTOGRAM).percentile_s("wait_seconds", share) == expected


def test_percentile_when_nothing_was_observed_then_there_is_none() -> None:
    nothing = samples(HISTOGRAM).minus(samples(HISTOGRAM))
    assert nothing.percentile_s("wait_seconds", 0.5) is None
