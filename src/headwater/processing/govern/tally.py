"""Counting the violations of a batch, so that one row per distinct violation is read and written."""

import re
from collections import Counter
from typing import Final

import msgspec

from headwater import limits
from headwater.flow import Effects
from headwater.flowing import FlowingEvent, encode_event
from headwater.processing import violations
from headwater.processing.govern.decision import Decision
from headwater.processing.govern.violations import DESCRIPTION_CHARS_MAX
from headwater.processing.violations import Counted, Keys, Sample
from headwater.units import HOUR_MS

_GENERATION_MS: Final = limits.processing.STATE_GENERATION_S * 1000
_INDEX: Final = re.compile(r"(?<=\.)\d+(?=\.|$)")


class Tally:
    def __init__(self) -> None:
        self._seen: dict[bytes, Counted] = {}
        """Of this batch only; `hours` and `total` are what it adds."""
        self._samples: dict[bytes, Sample] = {}
        self._types: Counter[tuple[str, str]] = Counter()

    @property
    def is_full(self) -> bool:
        """Whether to save what was seen before more is added: how many names there are, the senders choose."""
        return len(self._seen) >= limits.govern.VIOLATION_KEYS_MAX

    def add(self, flowing: FlowingEvent, decision: Decision) -> None:
        """Call it before the decision is carried out: samples show the event as it came."""
        event, now_ms = flowing.event, flowing.received_at_ms
        event_name = (event.event if event.type == "track" else event.name) or ""
        sample = None
        for violation in (*decision.violations, *decision.unplanned):
            field = _INDEX.sub("$", violation.field)
            names = (decision.plan, flowing.source, event.type or "", event_name, field, violation.type)
            at = violations.key(*names)
            description = violation.description[:DESCRIPTION_CHARS_MAX]
            row = self._seen.get(at)
            if row is None:
                plan, source, call, name, field, type_ = (part[: violations.KEY_CHARS_MAX] for part in names)
                row = Counted(plan, source, call, name, field, type_, description, now_ms, now_ms)
                self._seen[at] = row
            row.last_ms = max(row.last_ms, now_ms)
            row.first_ms = min(row.first_ms, now_ms)
            row.total += 1
            row.hours[now_ms // HOUR_MS] = row.hours.get(now_ms // HOUR_MS, 0) + 1
            row.description = description
            if at not in self._samples:  # one of each batch is enough
                self._samples[at] = sample = sample or _sample(flowing)
            self._types[flowing.source, violation.type] += 1

    def save(self, effects: Effects) -> None:
        """Add what was seen to the rows in the state, and begin anew."""
        if not self._seen:
            return
        effects.violations.update(self._types)
        sources = sorted({row.source for row in self._seen.values()})
        stored = effects.read(violations.TABLE, [violations.overflow_key(source) for source in sources])
        keys = {s: violations.decode_keys(row) if row else Keys() for s, row in zip(sources, stored, strict=True)}
        changes = effects.changes.setdefault(violations.TABLE, {})
        taken = effects.changes.setdefault(violations.SAMPLES, {})
        rows = effects.read(violations.TABLE, list(self._seen))
        for (at, seen), row in zip(self._seen.items(), rows, strict=True):
            before = violations.decode_counted(row) if row else None
            if not _has_room(keys[seen.source], seen, before):
                continue
            total = _added(before, seen) if before else seen
            changes[at] = violations.encode(total)
            slot = total.total % limits.govern.VIOLATION_SAMPLES
            taken[violations.sample_prefix(at) + bytes([slot])] = violations.encode(self._samples[at])
        for source in sources:
            changes[violations.overflow_key(source)] = violations.encode(keys[source])
        self._seen, self._samples, self._types = {}, {}, Counter()


def _has_room(keys: Keys, seen: Counted, before: Counted | None) -> bool:
    """Rows live in generations of the state and vanish with them: each generation has its own bound."""
    generation = seen.last_ms // _GENERATION_MS
    if keys.generation < generation:
        keys.generation, keys.count, keys.overflow = generation, 0, 0
    if before is not None and before.last_ms // _GENERATION_MS >= keys.generation:
        return True
    if keys.count >= limits.govern.VIOLATION_KEYS_MAX:
        keys.overflow += seen.total
        return False
    keys.count += 1
    return True


def _added(before: Counted, seen: Counted) -> Counted:
    last_ms = max(before.last_ms, seen.last_ms)
    oldest = last_ms // HOUR_MS - limits.govern.VIOLATION_HOURS
    hours = {hour: count for hour, count in before.hours.items() if hour >= oldest}
    for hour, count in seen.hours.items():
        hours[hour] = hours.get(hour, 0) + count
    first_ms, total = min(before.first_ms, seen.first_ms), before.total + seen.total
    return msgspec.structs.replace(seen, first_ms=first_ms, last_ms=last_ms, total=total, hours=hours)


def _sample(flowing: FlowingEvent) -> Sample:
    event = flowing.event
    return Sample(
        event.message_id or "",
        event.user_id or "",
        event.anonymous_id or "",
        flowing.source,
        flowing.received_at_ms,
        encode_event(event, flowing.extra)[: limits.govern.VIOLATION_SAMPLE_BYTES_MAX],
    )
