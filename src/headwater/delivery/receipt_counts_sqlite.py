"""How delivery to a destination went, from what receipts have added to the counts by minute."""

from collections.abc import Sequence
from typing import Final

from headwater.delivery.receipt_store import Delivery, Minute, Reason
from headwater.delivery.receipts import DELIVERED, FAILED, FILTERED, RETRYING
from headwater.delivery.receipts_sqlite import MINUTE_MS
from headwater.sqlite import Connection

LATENCIES: Final = """
SELECT minute, at_most_ms, count FROM delivery_latencies
WHERE destination = ? AND minute BETWEEN ? AND ? ORDER BY minute, at_most_ms
"""
OUTCOMES: Final = """
SELECT minute, status, reason, count FROM delivery_minutes
WHERE destination = ? AND minute BETWEEN ? AND ? ORDER BY minute
"""
PENDING: Final = """
SELECT first_failed_at_ms / 60000 AS minute, count(*) FROM jobs
WHERE destination = ? AND first_failed_at_ms / 60000 BETWEEN ? AND ? GROUP BY minute
"""


def delivery(db: Connection, destination: str, *, from_ms: int, to_ms: int) -> Delivery:
    """Inside a transaction, so that all is of one moment."""
    within = destination, from_ms // MINUTE_MS, to_ms // MINUTE_MS
    outcomes = db.execute(OUTCOMES, within).fetchall()
    latencies = db.execute(LATENCIES, within).fetchall()
    pending = dict(db.execute(PENDING, within))
    counts: dict[int, dict[str, int]] = {minute: {} for minute in pending}
    reasons: dict[tuple[str, str], int] = {}
    for minute, status, reason, count in outcomes:
        of_minute = counts.setdefault(minute, {})
        of_minute[status] = of_minute.get(status, 0) + count
        reasons[status, reason] = reasons.get((status, reason), 0) + count
    taken: dict[int, list[tuple[int, int]]] = {}
    for minute, at_most_ms, count in latencies:
        taken.setdefault(minute, []).append((at_most_ms, count))
    minutes = [
        Minute(
            minute * MINUTE_MS,
            delivered=of_minute.get(DELIVERED, 0),
            failed=of_minute.get(FAILED, 0),
            filtered=of_minute.get(FILTERED, 0),
            retrying=of_minute.get(RETRYING, 0),
            pending=pending.get(minute, 0),
            p50_ms=_percentile(taken.get(minute, []), 0.5),
            p95_ms=_percentile(taken.get(minute, []), 0.95),
        )
        for minute, of_minute in sorted(counts.items())
    ]
    most_frequent = sorted(reasons.items(), key=lambda item: -item[1])
    every = [latency for of_minute in taken.values() for latency in of_minute]
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
