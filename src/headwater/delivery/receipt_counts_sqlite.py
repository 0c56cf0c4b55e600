"""How delivery to a destination went, from what receipts have added to the counts by minute."""

from collections.abc import Sequence
from typing import Final

from headwater.delivery.receipt_store import Delivery, Minute, Reason
from headwater.delivery.receipts import DELIVERED, FAILED, FILTERED, RETRYING
from headwater.sqlite import Connection
from headwater.units import MINUTE_MS

LATENCIES: Final = """
SELECT minute / :step AS step, at_most_ms, sum(count) FROM delivery_latencies
WHERE destination = :destination AND minute BETWEEN :first AND :last
GROUP BY step, at_most_ms ORDER BY step, at_most_ms
"""
OUTCOMES: Final = """
SELECT minute / :step AS step, status, reason, sum(count) FROM delivery_minutes
WHERE destination = :destination AND minute BETWEEN :first AND :last GROUP BY step, status, reason ORDER BY step
"""
PENDING: Final = """
SELECT first_failed_at_ms / 60000 / :step AS step, count(*) FROM jobs
WHERE destination = :destination AND first_failed_at_ms / 60000 BETWEEN :first AND :last GROUP BY step
"""


def delivery(db: Connection, destination: str, *, from_ms: int, to_ms: int, step_minutes: int = 1) -> Delivery:
    """Inside a transaction, so that all is of one moment."""
    within = {
        "destination": destination,
        "first": from_ms // MINUTE_MS,
        "last": to_ms // MINUTE_MS,
        "step": step_minutes,
    }
    outcomes = db.execute(OUTCOMES, within).fetchall()
    latencies = db.execute(LATENCIES, within).fetchall()
    pending = dict(db.execute(PENDING, within))
    counts: dict[int, dict[str, int]] = {step: {} for step in pending}
    reasons: dict[tuple[str, str], int] = {}
    for step, status, reason, count in outcomes:
        of_step = counts.setdefault(step, {})
        of_step[status] = of_step.get(status, 0) + count
        reasons[status, reason] = reasons.get((status, reason), 0) + count
    taken: dict[int, list[tuple[int, int]]] = {}
    for step, at_most_ms, count in latencies:
        taken.setdefault(step, []).append((at_most_ms, count))
    minutes = [
        Minute(
            step * step_minutes * MINUTE_MS,
            delivered=of_step.get(DELIVERED, 0),
            failed=of_step.get(FAILED, 0),
            filtered=of_step.get(FILTERED, 0),
            retrying=of_step.get(RETRYING, 0),
            pending=pending.get(step, 0),
            p50_ms=_percentile(taken.get(step, []), 0.5),
            p95_ms=_percentile(taken.get(step, []), 0.95),
        )
        for step, of_step in sorted(counts.items())
    ]
    most_frequent = sorted(reasons.items(), key=lambda item: -item[1])
    every = [latency for of_step in taken.values() for latency in of_step]
    return Delivery(
        minutes,
        [Reason(status, reason, count) for (status, reason), count in most_frequent],
        _percentile(every, 0.5),
        _percentile(every, 0.95),
    )


def _percentile(counts: Sequence[tuple[int, int]], share: float) -> int:
    """Of (at most so long, how many), in any order; 0 if there are none."""
    rank = share * sum(count for _, count in counts)
    for at_most_ms, count in sorted(counts):
        rank -= count
        if rank <= 0:
            return at_most_ms
    return 0
