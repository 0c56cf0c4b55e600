"""How long to wait before a crashed role is started again."""

from typing import Final

from headwater import limits

FIRST_DELAY_S: Final = 0.25
"""A single crash (out of memory, kill -9) costs a quarter of a second, not more."""

STABLE_S: Final = 60.0
"""A role that ran for so long has got over what killed it: the count of failures starts again."""


def restart_delay_s(failures: int, jitter: float) -> float:
    """Doubles with each failure in a row (1, 2, …) up to limits.operations.RESTART_DELAY_S_MAX.

    `jitter` in [0, 1) takes away up to half, so that roles that fell together do not rise together.

    >>> [restart_delay_s(failures, 0.0) for failures in (1, 2, 3, 4, 7, 1000)]
    [0.25, 0.5, 1.0, 2.0, 15.0, 15.0]
    """
    exponent = min(failures - 1, 30)  # 2**30 quarter seconds are over any limit; larger floats overflow
    return min(limits.operations.RESTART_DELAY_S_MAX, FIRST_DELAY_S * 2.0**exponent) * (1 - jitter / 2)


def failures_in_a_row(failures: int, ran_s: float) -> int:
    """The count after one more failure of a process that ran for `ran_s`."""
    return 1 if ran_s >= STABLE_S else failures + 1
