"""Token buckets on a clock that the test moves."""

from hypothesis import given
from hypothesis import strategies as st

from headwater.collection.rate_limit import RateLimits
from headwater.config.workspace import Source


class Clock:
    def __init__(self, now_s: float = 1000.0) -> None:
        self.now_s = now_s

    def __call__(self) -> float:
        return self.now_s


def source(name: str = "website", *, rate_limit: float | None = 10.0) -> Source:
    return Source(name, rate_limit=rate_limit)


def passing(rates: RateLimits, from_: Source, tries: int) -> int:
    return sum(rates.wait_s(from_) == 0 for _ in range(tries))


def test_wait_when_there_is_no_limit_then_never() -> None:
    assert passing(RateLimits(clock=Clock()), source(rate_limit=None), 10_000) == 10_000


def test_wait_when_a_burst_comes_then_one_seconds_worth_passes() -> None:
    assert passing(RateLimits(clock=Clock()), source(), 100) == 10


def test_wait_when_refused_then_says_when_the_next_one_passes() -> None:
    clock = Clock()
    rates, website = RateLimits(clock=clock), source()
    passing(rates, website, 10)
    clock.now_s += 0.04
    wait_s = rates.wait_s(website)
    assert abs(wait_s - 0.06) < 1e-6
    clock.now_s += wait_s + 1e-6
    assert rates.wait_s(website) == 0
    assert rates.wait_s(website) > 0


def test_wait_when_refused_again_and_again_then_nothing_is_used_up() -> None:
    clock = Clock()
    rates, website = RateLimits(clock=clock), source()
    passing(rates, website, 10)
    for _ in range(1000):
        clock.now_s += 0.001
        rates.wait_s(website)
    assert passing(rates, website, 100) <= 1
    clock.now_s += 1
    assert passing(rates, website, 100) == 10


def test_wait_when_idle_for_long_then_saves_up_one_second_only() -> None:
    clock = Clock()
    rates = RateLimits(clock=clock)
    passing(rates, source(), 5)
    clock.now_s += 3600
    assert passing(rates, source(), 100) == 10


def test_wait_when_sources_differ_then_they_do_not_share() -> None:
    rates = RateLimits(clock=Clock())
    assert passing(rates, source("a"), 100) == passing(rates, source("b"), 100) == 10


def test_wait_when_less_than_one_per_second_then_one_passes_at_first() -> None:
    clock = Clock()
    rates, slow = RateLimits(clock=clock), source(rate_limit=0.1)
    assert rates.wait_s(slow) == 0
    assert abs(rates.wait_s(slow) - 10) < 1e-6
    clock.now_s += 10.01
    assert rates.wait_s(slow) == 0


def test_wait_when_collectors_share_a_port_then_each_has_its_part() -> None:
    assert passing(RateLimits(share=0.5, clock=Clock()), source(), 100) == 5


def test_wait_when_the_limit_is_lowered_then_the_new_one_counts_at_once() -> None:
    rates = RateLimits(clock=Clock())
    rates.wait_s(source(rate_limit=1000))
    assert passing(rates, source(rate_limit=3), 100) == 3


@given(
    rate=st.floats(0.01, 1000),
    pauses_s=st.lists(st.floats(0, 5), max_size=200),
)
def test_wait_when_requests_come_in_any_rhythm_then_the_limit_holds(rate: float, pauses_s: list[float]) -> None:
    clock = Clock()
    rates, website = RateLimits(clock=clock), source(rate_limit=rate)
    passed = 0
    for pause_s in pauses_s:
        clock.now_s += pause_s
        wait_s = rates.wait_s(website)
        assert wait_s >= 0
        passed += wait_s == 0
    assert passed <= max(1, rate) + rate * sum(pauses_s) + 1e-3
