"""How long one waits after failures: pure, so it is asked with everything."""

from ipaddress import IPv6Address

from hypothesis import given
from hypothesis import strategies as st

from headwater.team.attempts import ACCOUNT, ADDRESS, Rule, Tally, neighbourhood, wait_ms

RULES = st.sampled_from((ACCOUNT, ADDRESS)) | st.builds(
    Rule, free=st.integers(0, 50), pause_s_max=st.integers(1, 10_000)
)
FAILURES = st.integers(0, 10_000)
INSTANTS = st.integers(0, 1 << 45)


@given(rule=RULES, failures=FAILURES, last_ms=INSTANTS, at_ms=INSTANTS)
def test_wait_when_whatever_happened_then_it_is_within_bounds(
    rule: Rule, failures: int, last_ms: int, at_ms: int
) -> None:
    """Also when the clock was set back: nobody waits longer than the longest pause."""
    wait = wait_ms(rule, Tally(failures, last_ms), at_ms)
    assert 0 <= wait <= rule.pause_s_max * 1000
    assert failures >= rule.free or wait == 0


@given(rule=RULES, failures=FAILURES, last_ms=INSTANTS, at_ms=INSTANTS)
def test_wait_when_it_is_waited_then_the_next_attempt_goes_on(
    rule: Rule, failures: int, last_ms: int, at_ms: int
) -> None:
    wait = wait_ms(rule, Tally(failures, last_ms), at_ms)
    if at_ms >= last_ms:
        assert wait_ms(rule, Tally(failures, last_ms), at_ms + wait) == 0


@given(rule=RULES, failures=FAILURES, last_ms=INSTANTS, later_ms=st.integers(0, 1 << 30))
def test_wait_when_there_is_one_more_failure_or_less_time_then_it_is_not_shorter(
    rule: Rule, failures: int, last_ms: int, later_ms: int
) -> None:
    tally = Tally(failures, last_ms)
    assert wait_ms(rule, Tally(failures + 1, last_ms), last_ms) >= wait_ms(rule, tally, last_ms)
    assert wait_ms(rule, tally, last_ms) >= wait_ms(rule, tally, last_ms + later_ms)


@given(days=st.integers(1, 400))
def test_wait_when_somebody_guesses_without_end_then_a_year_is_some_hundred_thousand_guesses(days: int) -> None:
    """At the cap: what the module says, and what the shortest password is chosen for."""
    per_day = 24 * 3600 / ACCOUNT.pause_s_max
    assert days * per_day + 2 * ACCOUNT.free < 400 * 300


@given(st.ip_addresses(v=6))
def test_neighbourhood_when_only_the_last_64_bits_differ_then_it_is_one(address: IPv6Address) -> None:
    other = IPv6Address(int(address) ^ 0xFFFF_FFFF)
    assert neighbourhood(str(address)) == neighbourhood(str(other))
