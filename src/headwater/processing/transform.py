"""transform: the rules of the workspace that change events before anybody sees them.

An event is changed by the workspace version that was current when it came by; what is in the lake stays as it is.
A rule that hides something and cannot be applied holds the event back: it becomes a dead letter, not a leak.
"""

from collections.abc import Sequence
from typing import Any, Final

import msgspec
from msgspec import UNSET, Raw

from headwater.config import event_paths
from headwater.config.workspace import Workspace
from headwater.event import Event
from headwater.flow import Context, Effects, Stage, bury_event, dead_event
from headwater.flowing import FlowingEvent, trace_line
from headwater.fql import Filter, Value
from headwater.transformations.draft import MISSING, Draft, encode
from headwater.transformations.operations import Step
from headwater.transformations.rule import CHANGED, DROPPED, HELD_BACK, Rule, told
from headwater.transformations.rules import Applied, BySource, for_everyone

NAME: Final = "transform"

LINES_MAX: Final = 1_000
"""Trace lines kept: most events that a rule changes are changed in the same way."""

_FIELDS: Final = {field.encode_name: field.name for field in msgspec.structs.fields(Event)}
_decode = msgspec.json.Decoder().decode
_decode_members = msgspec.json.Decoder(dict[str, Raw]).decode


class _Lines:
    """What the trace says about a rule that changed an event, made once for all events that it changed so."""

    def __init__(self) -> None:
        self._made: dict[tuple[Rule, tuple[Step, ...]], bytes] = {}
        self._last: dict[Rule, tuple[tuple[Step, ...], bytes]] = {}

    def line(self, rule: Rule, steps: tuple[Step, ...]) -> bytes:
        last = self._last.get(rule)
        if last and last[0] == steps:  # mostly the very same steps, which is seen at once
            return last[1]
        made = self._line(rule, steps)
        self._last[rule] = steps, made
        return made

    def _line(self, rule: Rule, steps: tuple[Step, ...]) -> bytes:
        made = self._made.get((rule, steps))
        if made is None:
            made = trace_line(NAME, CHANGED, transformation=rule.name, version=rule.version, **told(steps))
            if len(self._made) < LINES_MAX:
                self._made[rule, steps] = made
        return made


def transform(events: Sequence[FlowingEvent], context: Context, effects: Effects) -> list[FlowingEvent]:
    by_source = context.built(_by_source)
    if not by_source:
        return list(events)
    lines = context.built(_lines)
    passed = []
    source, rules = "", by_source.of("")
    draft = _FlowingDraft()
    for flowing in events:
        if flowing.source != source:
            source = flowing.source
            rules = by_source.of(source)
        event = flowing.event
        candidates = rules.candidates(event.type, event.event)
        if candidates:
            draft.open(flowing)
            applied = rules.apply(draft, candidates)
            if applied and not _note(flowing, applied, lines, effects):
                continue
        passed.append(flowing)
    return passed


def _by_source(workspace: Workspace) -> BySource:
    return BySource(for_everyone(workspace))


def _lines(workspace: Workspace) -> _Lines:
    del workspace
    return _Lines()


def _note(flowing: FlowingEvent, applied: list[Applied], lines: _Lines, effects: Effects) -> bool:
    """Whether the event goes on."""
    for rule, result in applied:
        effects.transformed[rule.name, result.outcome] += 1
        if result.outcome is CHANGED:
            flowing.add_line(lines.line(rule, result.steps))
        elif result.outcome is DROPPED:
            effects.drop(flowing, NAME, "dropped_by_transformation", rule.label)
            return False
        elif result.outcome is HELD_BACK:
            detail = f"{rule.label} could not be applied: {result.problem}"
            effects.dead.append(dead_event(flowing, NAME, "transformation_failed", detail))
            effects.counts[flowing.source, "transformation_failed"] += 1
            return False
        else:
            flowing.note(NAME, result.outcome, transformation=rule.name, version=rule.version, why=result.problem)
    return True


class _FlowingDraft(Draft):
    """An event between the stages: its payload is the one that they share."""

    def __init__(self) -> None:
        super().__init__("properties")

    def open(self, flowing: FlowingEvent) -> None:
        """Take the next event: one draft serves a whole batch, because most events are hardly looked at."""
        self._flowing = flowing
        call = self.call = flowing.event.type or ""
        self.payload = "traits" if call in {"identify", "group"} else "properties"
        if self._open:
            self._open.clear()
        if self._changed:  # the event before was not finished
            self._changed.clear()

    @property
    def name(self) -> str | None:  # type: ignore[override]  # the event has it
        return self._flowing.event.event

    def rename(self, name: str) -> None:
        self._flowing.event.event = name

    def matches(self, condition: Filter) -> bool:
        return condition.matches_event(self._flowing.event, self._flowing.extra)

    def value_of(self, expression: Value) -> Any:
        return expression.of_event(self._flowing.event, self._flowing.extra)

    def _raw(self, member: str) -> Raw | None:
        raw = getattr(self._flowing.event, member)
        return None if raw is UNSET else raw

    def _load(self, member: str) -> Any:
        event = self._flowing.event
        field = _FIELDS.get(member)
        if field is None:
            raw = self._extra().get(member)
            return MISSING if raw is None else _decode(raw)
        value = getattr(event, field)
        if value is UNSET or value is None:
            return MISSING
        if member == self.payload:
            return self._flowing.payload()
        return _decode(value) if isinstance(value, Raw) else value

    def _store(self, member: str, value: Any) -> None:
        flowing, field = self._flowing, _FIELDS.get(member)
        if field is None:
            members = self._extra()
            if value is MISSING:
                members.pop(member, None)
            else:
                members[member] = Raw(encode(value))
            flowing.extra = encode(members)[1:-1]
        elif member == self.payload:
            flowing.decoded = value
            flowing.rewrite()
        elif member in event_paths.FREE:
            setattr(flowing.event, field, None if value is MISSING else value)
        else:
            setattr(flowing.event, field, Raw(encode(value)))

    def _extra(self) -> dict[str, Raw]:
        return _decode_members(b"{" + self._flowing.extra + b"}")


STAGE: Final = Stage(NAME, transform, bury_event(NAME), quiet="no transformation applied")
