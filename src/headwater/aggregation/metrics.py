"""What aggregation counts about syncs."""

from collections.abc import Mapping

from prometheus_client import Counter

decisions = Counter(
    "headwater_sync_decisions",
    "Which path of the decision table was taken, once for each change and destination.",
    ["path"],
)
comparisons = Counter(
    "headwater_sync_comparisons",
    "Decisions made both ways while shadow_sync is on: the path that counts, the other, same ids or not.",
    ["path", "other_path", "result"],
)
messages = Counter(
    "headwater_sync_messages", "Messages planned for destinations, shared ones once, by call.", ["call"]
)

identity = Counter(
    "headwater_identity_decisions",
    "What was decided about external ids: created, attached, merged, demoted, quarantined, blocked, unmerged. An"
    " alert on quarantined finds a shared device or a broken user id early.",
    ["decision"],
)
computations_broken = Counter(
    "headwater_computations_broken",
    "Profiles that could not be brought up to the clock or to new definitions; the log of the pipeline says why.",
    ["stage"],
)

_COUNTERS: Mapping[str, Counter] = {"decided": decisions, "compared": comparisons, "planned": messages}


def count_sync(seen: Mapping[tuple[str, ...], int]) -> None:
    """`Effects.sync`: which counter, then its labels → how often."""
    for (name, *labels), count in seen.items():
        _COUNTERS[name].labels(*labels).inc(count)


def count_identity(decided: Mapping[str, int]) -> None:
    """`Effects.identity`: kind of decision → how often."""
    for decision, count in decided.items():
        identity.labels(decision).inc(count)
