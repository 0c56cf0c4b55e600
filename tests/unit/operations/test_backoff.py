import itertools

import pytest

from headwater import limits
from headwater.operations.backoff import STABLE_S, failures_in_a_row, restart_delay_s


def test_delay_grows_until_the_limit() -> None:
    delays = [restart_delay_s(failures, 0.0) for failures in range(1, 50)]
    assert delays[0] == 0.25
    assert all(earlier <= later for earlier, later in itertools.pairwise(delays))
    assert delays[-1] == limits.operations.RESTART_DELAY_S_MAX


@pytest.mark.parametrize("failures", [1, 5, 10_000, 10**9])
def test_delay_whatever_the_jitter_stays_between_half_and_whole(failures: int) -> None:
    whole = restart_delay_s(failures, 0.0)
    assert whole / 2 <= restart_delay_s(failures, 0.999_999) < restart_delay_s(failures, 0.5) < whole


@pytest.mark.parametrize(
    ("before", "ran_s", "after"), [(0, 0.1, 1), (4, 0.1, 5), (4, STABLE_S - 0.1, 5), (4, STABLE_S, 1)]
)
def test_failures_are_forgotten_after_a_stable_minute(before: int, ran_s: float, after: int) -> None:
    assert failures_in_a_row(before, ran_s) == after
