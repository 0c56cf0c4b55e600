"""Sources that send nothing, too much, or what is not taken."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from headwater.serve.health.attention.facts import (
    Attention,
    AttentionReason,
    Facts,
    LetterFacts,
    Severity,
)
from headwater.serve.health.attention.words import listed, many, part, source_page
from headwater.serve.letters.letter_reasons import POISON, explained
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
                f"{source.name} has sent nothing for {many(ago - 1, 'hour')}; its usual is {usual:,.0f} an hour.",
                "The SDK may be removed or blocked, the write key changed, or the app down.",
                "Check the app. The source's setup page has the snippet, and waits for the next event.",
                source_page(source.name, "setup"),
                source.name,
            )


def rate_limited(facts: Facts) -> Iterator[Attention]:
    for (source, outcome), count in sorted(facts.requests.items()):
        if outcome == "rate_limited" and count:
            yield Attention(
                "rate_limited",
                Severity.WARNING,
                f"{source} is over its rate limit: {many(count, 'request')} rejected in the last minute.",
                "They were answered with 429. SDKs back off and retry; browsers give up after a while.",
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
            f"{many(count, 'request')} in the last minute used an unknown write key.",
            "They were answered with 200, as Segment does, but nothing of them is kept.",
            "Look for an app that still uses an old key: of a deleted source, or from before the key was changed.",
            "/sources",
        )


def violations_rising(facts: Facts) -> Iterator[Attention]:
    for each in facts.violations:
        if each.last_hour >= RISING_LEAST and each.last_hour > RISING * each.usual:
            usual = f"{each.usual:,.1f}" if each.usual < 10 else f"{each.usual:,.0f}"
            yield Attention(
                "violations_rising",
                Severity.WARNING,
                f"The plan {each.plan} was violated {each.last_hour:,} times in the last hour; usual is {usual}.",
                "Often a release has changed what an app or a website sends.",
                "See which events and properties are affected, then fix the sender or the plan.",
                f"/tracking-plans/{part(each.plan)}?tab=violations",
                each.plan,
            )


def dead_letters_of_stages(facts: Facts) -> Iterator[Attention]:
    """What is ours alone, and what senders and rules have brought about in one entry, reason by reason."""
    ours = [each for each in facts.letters if each.reason == POISON]
    others = [each for each in facts.letters if each.reason != POISON]
    if ours:
        yield _dead_letters(
            Severity.WARNING,
            ours,
            f"{many(_sum(ours), 'event')} could not be processed because of an error in Headwater.",
            "Report it with the detail of the dead letter. After an update, replay them.",
        )
    if others:
        yield _dead_letters(
            Severity.NOTICE,
            others,
            f"{many(_sum(others), 'event')} could not be accepted.",
            "Fix the sender, the tracking plan or the transformation, then replay or discard them.",
        )


def _dead_letters(severity: Severity, letters: Sequence[LetterFacts], what: str, fix: str) -> Attention:
    sources = sorted({each.source for each in letters})
    reasons = [
        AttentionReason(
            explained(stage, reason).title,
            reason,
            count,
            f"/dead-letters?stage={part(stage)}&reason={part(reason)}",
        )
        for (stage, reason), count in _by_reason(letters).most_common()
    ]
    return Attention(
        "dead_letters",
        severity,
        what,
        f"From {listed(sources)}. Their senders were answered with 200, so they do not know.",
        fix,
        reasons[0].link if len(reasons) == 1 else "/dead-letters",
        reasons=reasons,
    )


def _by_reason(letters: Sequence[LetterFacts]) -> Counter[tuple[str, str]]:
    found: Counter[tuple[str, str]] = Counter()
    for each in letters:
        found[each.stage, each.reason] += each.count
    return found


def _sum(letters: Sequence[LetterFacts]) -> int:
    return sum(each.count for each in letters)
