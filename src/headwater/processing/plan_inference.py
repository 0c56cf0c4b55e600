"""A tracking plan that allows what a source has sent: a draft for a person to read, sharpen and apply.

Types are those seen, an integer is a number when both came, null is allowed when it came. A property is required
when every event had it and there were enough events to mean something. All pages share the rule `Page Viewed`, all
screens `Screen Viewed` (spec 3.2). What discover did not list, the plan does not mention.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Any, Final

from headwater import limits
from headwater.config.tracking_plans import Rule, RuleType, TrackingPlan
from headwater.processing import schema
from headwater.processing.schema import DATE_TIME, TYPES, EventKey, SeenEvent, SeenProperty

REQUIRED_SEEN_MIN: Final = 20
"""Fewer sightings say little about what is always there."""

_VIEWS: Final = {"page": "Page Viewed", "screen": "Screen Viewed"}
_DRAFT: Final = "http://json-schema.org/draft-07/schema#"
_STRING, _INTEGER, _NUMBER = TYPES.index("string"), TYPES.index("integer"), TYPES.index("number")
_OBJECT, _ARRAY = TYPES.index("object"), TYPES.index("array")


def infer(seen: Iterable[tuple[EventKey, SeenEvent]], name: str, *, events: Collection[str] = ()) -> TrackingPlan:
    """`events`: names of track events, `Page Viewed`, `Screen Viewed`, `identify` or `group`; empty: all.

    When they are more than a plan may have rules, the rarest are left out.
    """
    found: defaultdict[tuple[RuleType, str], list[SeenEvent]] = defaultdict(list)
    for key, event in seen:
        rule = _rule_of(key)
        if rule and (not events or (rule[1] or rule[0]) in events):
            found[rule].append(event)
    merged = {rule: _merged(rows) for rule, rows in found.items()}
    often = sorted(merged, key=lambda rule: (bool(rule[1]), -merged[rule].volume, rule))
    return TrackingPlan(
        name, rules=tuple(_rule(rule, merged[rule]) for rule in sorted(often[: limits.govern.PLAN_RULES_MAX]))
    )


def _rule_of(key: EventKey) -> tuple[RuleType, str] | None:
    match key.call:
        case "track":
            return RuleType.TRACK, key.name
        case "page" | "screen":
            return RuleType.TRACK, _VIEWS[key.call]
        case "identify" | "group":
            return RuleType(key.call), ""
        case _:  # an alias has nothing that could be planned
            return None


def _merged(rows: list[SeenEvent]) -> SeenEvent:
    """Several kinds of events as one."""
    if len(rows) == 1:
        return rows[0]
    whole = SeenEvent(min(row.first_ms for row in rows), max(row.last_ms for row in rows))
    for row in rows:
        whole.volume += row.volume
        whole.unreadable += row.unreadable
        for path, found in row.properties.items():
            before = whole.properties.get(path)
            counts = (
                found.counts
                if before is None
                else [a + b for a, b in zip(before.counts, found.counts, strict=True)]
            )
            whole.properties[path] = SeenProperty(whole.first_ms, whole.last_ms, counts)
    return whole


def _rule(rule: tuple[RuleType, str], event: SeenEvent) -> Rule:
    type_, name = rule
    payload = _Node()
    for path, found in event.properties.items():
        payload.place(schema.split(path), found)
    payload.counts[_OBJECT] = event.volume - event.unreadable
    member = "properties" if type_ is RuleType.TRACK else "traits"
    envelope: dict[str, Any] = {"$schema": _DRAFT, "type": "object", "properties": {member: payload.schema()}}
    if "required" in envelope["properties"][member]:
        envelope["required"] = [member]
    return Rule(type_, event=name, schema=envelope)


class _Node:
    """One property, with what is inside it."""

    def __init__(self) -> None:
        self.counts = [0] * len(TYPES)
        self.members: dict[str, _Node] = {}
        self.items: _Node | None = None

    def place(self, path: tuple[str, ...], found: SeenProperty) -> None:
        node = self
        for part in path:
            if part == "$":
                node.items = node = node.items or _Node()
            else:
                node = node.members.setdefault(schema.plain(part), _Node())
        node.counts = list(found.counts)

    @property
    def total(self) -> int:
        return sum(self.counts[:DATE_TIME])

    def schema(self) -> dict[str, Any]:
        types = [
            type_
            for index, type_ in enumerate(TYPES[:DATE_TIME])
            if self.counts[index] and not (index == _INTEGER and self.counts[_NUMBER])
        ]
        written: dict[str, Any] = {"type": types[0] if len(types) == 1 else types} if types else {}
        if self.counts[_STRING] and self.counts[_STRING] == self.counts[DATE_TIME]:
            written["format"] = "date-time"
        if self.members:
            written["properties"] = {name: member.schema() for name, member in sorted(self.members.items())}
            required = sorted(name for name, member in self.members.items() if self._needs(member))
            if required:
                written["required"] = required
        if self.items is not None:
            written["items"] = self.items.schema()
        return written

    def _needs(self, member: "_Node") -> bool:
        return self.counts[_OBJECT] >= REQUIRED_SEEN_MIN and member.total == self.counts[_OBJECT]
