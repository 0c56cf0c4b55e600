"""What transformations count, in the pipeline and in delivery."""

from collections.abc import Mapping

from prometheus_client import Counter

APPLIED = Counter(
    "headwater_transformations",
    "Events that a transformation did something to, or could not: changed, dropped, skipped, held_back.",
    ["transformation", "outcome"],
)


def count(outcomes: Mapping[tuple[str, str], int]) -> None:
    """(transformation, outcome) → events."""
    for labels, events in outcomes.items():
        APPLIED.labels(*labels).inc(events)
