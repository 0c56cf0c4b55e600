"""What becomes of an event that was not delivered: full-jitter exponential backoff inside a window (spec 2.4).

Pure: the time and the dice (`roll`, in [0, 1)) are parameters.
"""

from headwater import limits
from headwater.delivery.jobs import DeadLetter, Job
from headwater.destinations.kit.model import Rejected, RetryLater
from headwater.event import OutboundEvent


def first_failure(
    destination: str, event: OutboundEvent, outcome: RetryLater | Rejected, *, now_ms: int, roll: float
) -> Job | DeadLetter:
    return _fate(Job(destination, event, 0, now_ms, now_ms, ""), outcome, now_ms, roll)


def failed_again(job: Job, outcome: RetryLater | Rejected, *, now_ms: int, roll: float) -> Job | DeadLetter:
    """The same job for another attempt, or its dead letter."""
    return _fate(job, outcome, now_ms, roll)


def _fate(job: Job, outcome: RetryLater | Rejected, now_ms: int, roll: float) -> Job | DeadLetter:
    attempts, first_ms, why = job.attempts + 1, job.first_failed_at_ms, (outcome.reason, outcome.message)
    if isinstance(outcome, RetryLater):
        due_at_ms = next_attempt_ms(
            now_ms=now_ms,
            first_failed_at_ms=first_ms,
            attempts=attempts,
            roll=roll,
            retry_after_s=outcome.retry_after_s,
        )
        if due_at_ms is not None:
            return Job(job.destination, job.event, attempts, first_ms, due_at_ms, *why, job.id)
    return DeadLetter(job.destination, job.event, attempts, first_ms, now_ms, *why)


def next_attempt_ms(
    *, now_ms: int, first_failed_at_ms: int, attempts: int, roll: float, retry_after_s: float | None = None
) -> int | None:
    """When to try next, Unix ms; None when the window is over and the event belongs to the dead letters.

    After the n-th attempt the delay is uniform between 0 and min(1 s · 2ⁿ⁻¹, 10 min): `roll` says where.
    *Full* jitter, because what failed together would otherwise come back together. `retry_after_s` is a floor.
    Neither reaches beyond the window: the last attempt is made when it ends, 4 h after the first failure.

    >>> next_attempt_ms(now_ms=5_000, first_failed_at_ms=5_000, attempts=3, roll=0.5)
    7000
    """
    window_ends_ms = first_failed_at_ms + limits.RETRY_WINDOW_S * 1000
    if now_ms >= window_ends_ms:
        return None
    delay_s = max(roll * backoff_s(attempts), retry_after_s or 0.0)
    return min(now_ms + round(delay_s * 1000), window_ends_ms)


def backoff_s(attempts: int) -> float:
    """The longest pause after so many attempts.

    >>> [backoff_s(n) for n in (1, 2, 5, 11, 5_000)]
    [1.0, 2.0, 16.0, 600.0, 600.0]
    """
    # The exponent is cut first: 2.0 ** 5000 does not fit into a float.
    doublings = min(max(attempts, 1) - 1, 32)
    return min(limits.RETRY_BASE_S * 2.0**doublings, limits.RETRY_DELAY_S_MAX)
