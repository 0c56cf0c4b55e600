"""Sources that send nothing, too much, or what is not taken."""

from collections.abc import Iterator
from typing import Final

from headwater.serve.health.attention.facts import Attention, Facts, Severity
from headwater.serve.health.attention.words import listed, many, part, source_page
from headwater.units import HOUR_MS

SILENT_HOURS_LOOKED: Final = 7 * 24

SILENT_USUAL: Final = 20
"""Events in an ordinary hour, below which an hour of silence says nothing."""

SILENT_SHARE: Final = 0.8
"""Of the hours looked at that must have had events: a shop that sleeps at night is not silent at night."""

RISING: Final = 3.0

RISING_LEAST: Final = 20
"""Violations rise when the last full hour has so many times those of an ordinary one, and at least so many."""


def silent_source(facts: Facts) -> Iterator[Attention]:
    """Every source has some ordinary hours and some without events; one that nearly always has some, and now none
    in the hour that has just ended nor in this one, has fallen silent.
    """
    this_hour = facts.at_ms // HOUR_MS * HOUR_MS
    first = this_hour - SILENT_HOURS_LOOKED * HOUR_MS
    for source in facts.workspace.sources:
        by_hour: dict[int, int] = {}
        for each in facts.hours:
            if each.source == source.name and each.hour_ms >= first:
                by_hour[each.hour_ms] = by_hour.get(each.hour_ms, 0) + each.events
        last = max((hour for hour, events in by_hour.items() if events), default=None)
        if not source.enabled or last is None or last >= this_hour - HOUR_MS:
            continue
        began = min(by_hour)
        hours = (last - began) // HOUR_MS + 1
        usual = sum(by_hour.values()) / hours
        if hours >= 3 and usual >= SILENT_USUAL and len(by_hour) >= SILENT_SHARE * hours:
            ago = (this_hour - last) // HOUR_MS
            yield Attention(
                "source_silent",
                Severity.WARNING,
                f"{source.name} has sent nothing for {many(ago - 1, 'hour')}; usually it is {usual:,.0f} an hour.",
                "The SDK was removed or blocked, the write key was changed, or the app is down.",
                "Check the app; the source's set-up page has the snippet and waits for the next event.",
                source_page(source.name, "setup"),
                source.name,
            )


def rate_limited(facts: Facts) -> Iterator[Attention]:
    for (source, outcome), count in sorted(facts.requests.items()):
        if outcome == "rate_limited" and count:
            yield Attention(
                "rate_limited",
                Severity.WARNING,
                f"{source} is over its rate limit: {many(count, 'request')} refused in the last minute.",
                "They were answered 429; SDKs wait and try again, and browsers give up after a while.",
                "Raise the limit of the source, or find out what sends so much.",
                source_page(source, "settings"),
                source,
            )


def unknown_write_keys(facts: Facts) -> Iterator[Attention]:
    count = sum(
        requests
        for (_, outcome), requests in facts.requests.items()
        if outcome in {"unknown_write_key", "no_write_key"}
    )
    if count:
        yield Attention(
            "unknown_write_keys",
            Severity.WARNING,
            f"{many(count, 'request')} of the last minute had a write key that no source has.",
            "They were answered 200, as Segment does, and nothing of them is kept.",
            "Look for an app with an old key: one of a source that was deleted, or whose key was renewed.",
            "/sources",
        )


def violations_rising(facts: Facts) -> Iterator[Attention]:
    for each in facts.violations:
        if each.last_hour >= RISING_LEAST and each.last_hour > RISING * each.usual:
            usual = f"{each.usual:,.1f}" if each.usual < 10 else f"{each.usual:,.0f}"
            yield Attention(
                "violations_rising",
                Severity.WARNING,
                f"Events break the plan {each.plan} {each.last_hour:,} times an hour; usual are {usual}.",
                "Mostly a release of an app or a website that sends something else than was agreed.",
                "Look which events and fields, then mend the sender or the plan.",
                f"/tracking-plans/{part(each.plan)}?tab=violations",
                each.plan,
            )


def dead_letters_of_stages(facts: Facts) -> Iterator[Attention]:
    sums: dict[tuple[str, str], int] = {}
    of: dict[tuple[str, str], set[str]] = {}
    for each in facts.letters:
        key = each.stage, each.reason
        sums[key] = sums.get(key, 0) + each.count
        of.setdefault(key, set()).add(each.source)
    for (stage, reason), count in sums.items():
        sources = sorted(of[stage, reason])
        is_ours = reason == "poison"
        yield Attention(
            "dead_letters",
            Severity.WARNING if is_ours else Severity.NOTICE,
            f"Set aside by {stage}, with {reason}: {many(count, 'event')}.",
            f"From {listed(sources)}. They were answered 200, so nobody but you will notice.",
            "Look at one, mend the sender, the plan or the transformation, then replay or discard them.",
            f"/dead-letters?stage={part(stage)}&reason={part(reason)}",
            reason,
        )
