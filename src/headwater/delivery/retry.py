"""What becomes of an event that was attempted: full-jitter exponential backoff inside a window (spec 2.4).

Pure: the time and the dice (`roll`, in [0, 1)) are parameters.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

from headwater import limits
from headwater.delivery.jobs import DeadLetter, Job
from headwater.delivery.parcel import Result
from headwater.destinations.kit.model import Delivered, Filtered, Rejected, RetryLater
from headwater.event import OutboundEvent


class RetryRules(NamedTuple):
    """How long and how often a destination is tried again; seconds."""

    window_s: float = limits.delivery.RETRY_WINDOW_S
    base_s: float = limits.delivery.RETRY_BASE_S
    delay_max_s: float = limits.delivery.RETRY_DELAY_S_MAX


DEFAULT: Final = RetryRules()


class Fate(NamedTuple):
    """What is to be stored of an attempt; neither: everything is done."""

    job: Job | None = None
    dead: DeadLetter | None = None


DONE: Final = Fate()

WAITS: Final = RetryLater("WAITS", "an earlier event of this person has not been delivered")
"""Of what was not attempted, because the destination wants a person's events one after the other."""


def fate(job: Job, results: Sequence[Result], *, now_ms: int, roll: float, rules: RetryRules = DEFAULT) -> Fate:
    """Of an event whose mappings had these results. `job`: what it is known as; for a first attempt `untried`."""
    if all(isinstance(result.outcome, Delivered | Filtered) for result in results):
        return DONE
    if all(result.outcome is WAITS for result in results):
        free_ms, names = now_ms + round(rules.window_s * 1000), _names(results, results, job)
        why = WAITS.reason, WAITS.message
        return Fate(Job(job.destination, job.event, 0, now_ms, free_ms, *why, job.id, names))
    attempts = job.attempts + 1
    first_ms = job.first_failed_at_ms if job.attempts else now_ms
    later = [result for result in results if isinstance(result.outcome, RetryLater)]
    lost = [result for result in results if isinstance(result.outcome, Rejected)]
    due_at_ms = None
    if later:
        asked_s = max(r.outcome.retry_after_s or 0.0 for r in later if isinstance(r.outcome, RetryLater))
        due_at_ms = next_attempt_ms(
            now_ms=now_ms,
            first_failed_at_ms=first_ms,
            attempts=attempts,
            roll=roll,
            retry_after_s=asked_s,
            rules=rules,
        )
    if due_at_ms is None:
        lost += later
        later = []
    again = None
    if later and due_at_ms is not None:
        why = _why(later)
        names = _names(later, results, job)
        again = Job(job.destination, job.event, attempts, first_ms, due_at_ms, *why, job.id, names)
    dead = None
    if lost:
        names = _names(lost, results, job)
        dead = DeadLetter(job.destination, job.event, attempts, first_ms, now_ms, *_why(lost), mappings=names)
    return Fate(again, dead)


def untried(destination: str, event: OutboundEvent) -> Job:
    return Job(destination, event, 0, 0, 0, "")


def _why(results: Sequence[Result]) -> tuple[str, str]:
    outcome = results[0].outcome
    assert not isinstance(outcome, Delivered)
    return outcome.reason, outcome.message


def _names(some: Sequence[Result], results: Sequence[Result], job: Job) -> tuple[str, ...]:
    """None, as long as it is all that the event matches: a change of mappings then holds for the next attempt."""
    if len(some) == len(results) and not job.mappings:
        return ()
    return tuple(result.mapping for result in some)


def next_attempt_ms(
    *,
    now_ms: int,
    first_failed_at_ms: int,
    attempts: int,
    roll: float,
    retry_after_s: float | None = None,
    rules: RetryRules = DEFAULT,
) -> int | None:
    """When to try next, Unix ms; None when the window is over and the event belongs to the dead letters.

    After the n-th attempt the delay is uniform between 0 and min(1 s · 2ⁿ⁻¹, 10 min): `roll` says where.
    *Full* jitter, because what failed together would otherwise come back together. `retry_after_s` is a floor.
    Neither reaches beyond the window: the last attempt is made when it ends, 4 h after the first failure.

    >>> next_attempt_ms(now_ms=5_000, first_failed_at_ms=5_000, attempts=3, roll=0.5)
    7000
    """
    window_ends_ms = first_failed_at_ms + round(rules.window_s * 1000)
    if now_ms >= window_ends_ms:
        return None
    delay_s = max(roll * backoff_s(attempts, rules), retry_after_s or 0.0)
    return min(now_ms + round(delay_s * 1000), window_ends_ms)


def backoff_s(attempts: int, rules: RetryRules = DEFAULT) -> float:
    """The longest pause after so many attempts.

    >>> [backoff_s(n) for n in (1, 2, 5, 11, 5_000)]
    [1.0, 2.0, 16.0, 600.0, 600.0]
    """
    # The exponent is cut first: 2.0 ** 5000 does not fit into a float.
    doublings = min(max(attempts, 1) - 1, 32)
    return min(rules.base_s * 2.0**doublings, rules.delay_max_s)
