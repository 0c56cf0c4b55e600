"""A tracking plan ready to be held against events: schemas compiled, rules found by call and name."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any, Final

import msgspec
from msgspec import UNSET, Raw

from headwater.config.json_schema import compiled
from headwater.config.tracking_plans import Rule, RuleType, TrackingPlan
from headwater.event import Event
from headwater.flowing import FlowingEvent, encode_event, trace_line
from headwater.processing.govern.decision import Decision
from headwater.processing.govern.fields import Planned
from headwater.processing.govern.naming import Variants
from headwater.processing.govern.violations import Violation, found

_decode_json = msgspec.json.Decoder().decode

_ANNOTATIONS: Final = {"$schema", "$id", "$comment", "title", "description", "labels", "definitions", "default"}
_SELECTIVE: Final = _ANNOTATIONS | {"type", "properties", "required"}
"""A schema with no other keywords looks at nothing but the members it names."""

VIEWED: Final = {"page": "Page Viewed", "screen": "Screen Viewed"}
"""The track events as which pages and screens are planned (spec 3.2)."""

_PAYLOADS: Final = {"properties", "traits"}

_ENVELOPE: Final = {
    "type": "type",
    "messageId": "message_id",
    "anonymousId": "anonymous_id",
    "userId": "user_id",
    "previousId": "previous_id",
    "groupId": "group_id",
    "event": "event",
    "name": "name",
    "category": "category",
    "context": "context",
    "integrations": "integrations",
    "properties": "properties",
    "traits": "traits",
}
"""Members that can be looked up singly; an event with others is decoded whole."""


class CompiledRule:
    def __init__(self, rule: Rule, plan: TrackingPlan) -> None:
        schema = rule.schema
        self.version = rule.version
        self.label = " ".join(part for part in (rule.type, rule.event, f"v{rule.version}") if part)
        self._schema = compiled(schema)
        self.is_valid = self._schema.validator.is_valid
        self.member = "traits" if rule.type in {RuleType.IDENTIFY, RuleType.GROUP} else "properties"
        whole = Planned([schema], schema)
        self.planned = whole.within.get(self.member) or Planned([{}], schema)
        self.variants = Variants(self.planned.names)
        self.members = _members(schema)
        """What the schema looks at; None: everything."""
        seen = _ENVELOPE.keys() if self.members is None or rule.type is RuleType.COMMON else {*self.members}
        self.takes_payload_only = seen <= {self.member}
        self.takes_payloads_only = seen <= _PAYLOADS
        line = trace_line("govern", "allowed", plan=plan.name, version=plan.version, rule=self.label)
        self.allowed = Decision(line, plan.name, plan.version, self.label)
        """The decision about every event that keeps the rule."""

    def violations(self, instance: dict[str, Any]) -> list[Violation]:
        return [] if self.is_valid(instance) else found(self._schema, instance)

    def instance(self, flowing: FlowingEvent, payload: dict[str, Any]) -> dict[str, Any]:
        """What the schema is held against: the event, or as much of it as the schema can see, with this payload.

        msgspec.MsgspecError or RecursionError when the event holds what Python has no value for.
        """
        mine = "traits" if flowing.has_traits else "properties"
        if self.takes_payload_only or (self.takes_payloads_only and _has_one_payload(flowing.event)):
            return {mine: payload}
        if self.members is None or not {*self.members} <= _ENVELOPE.keys():
            instance: dict[str, Any] = _decode_json(encode_event(flowing.event, flowing.extra))
        else:
            instance = {}
            for name in self.members:
                value = getattr(flowing.event, _ENVELOPE[name])
                if value is not UNSET and value is not None:
                    instance[name] = _decode_json(value) if isinstance(value, Raw) else value
        return instance | {mine: payload}


class CompiledPlan:
    def __init__(self, plan: TrackingPlan) -> None:
        self.plan = plan
        rules: defaultdict[tuple[str, str], list[CompiledRule]] = defaultdict(list)
        for rule in sorted(plan.rules, key=lambda rule: rule.version):
            rules[rule.type, rule.event].append(CompiledRule(rule, plan))
        self._rules: Mapping[tuple[str, str], list[CompiledRule]] = dict(rules)
        self.tracks = {event: found for (type_, event), found in rules.items() if type_ == RuleType.TRACK}
        """By event; the oldest version first."""
        line = trace_line("govern", "allowed", plan=plan.name, version=plan.version)
        self.unruled = Decision(line, plan.name, plan.version)
        """The decision about every event that the plan says nothing about."""
        self.common = rules.get((RuleType.COMMON, ""), [None])[0]
        self.variants = Variants(self.tracks, plan.aliases)

    def rules(self, call: str, name: str | None) -> list[CompiledRule] | None:
        """Of a call that is no track: a page has the rule of its name, or that of all pages, or that of the event
        `Page Viewed` (spec 3.2).
        """
        if call in {"page", "screen"}:
            named = self._rules.get((call, name or "")) or self._rules.get((call, ""))
            return named or self.tracks.get(VIEWED[call])
        return self._rules.get((call, ""))


def _has_one_payload(event: Event) -> bool:
    return event.traits is UNSET or event.properties is UNSET


def _members(schema: dict[str, Any]) -> tuple[str, ...] | None:
    """The top-level members a schema looks at, in its order, for that is the order in which violations are found;
    None when it may look at any.
    """
    if not schema.keys() <= _SELECTIVE:
        return None
    named = dict.fromkeys((*schema.get("properties", {}), *schema.get("required", [])))
    return tuple(name for name in named if not _is_anything(schema, name))


def _is_anything(schema: dict[str, Any], name: str) -> bool:
    """Whether the schema says nothing about a member, not even that it must be there."""
    given = schema.get("properties", {}).get(name)
    silent = given is True or (isinstance(given, dict) and given.keys() <= _ANNOTATIONS)
    return silent and name not in schema.get("required", [])
