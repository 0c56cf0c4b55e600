"""The decision about each event of a source: what its switches, plan and controls say (spec 3.4, 3.5)."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec
from msgspec import UNSET

from headwater import limits
from headwater.config.tracking_plans import Controls, OnViolation, SourceSchema
from headwater.config.workspace import Source, Workspace
from headwater.flowing import FlowingEvent
from headwater.processing.govern.controls import by_call, combined
from headwater.processing.govern.decision import Decision
from headwater.processing.govern.fields import relative, without
from headwater.processing.govern.rulebook import VIEWED, CompiledPlan, CompiledRule
from headwater.processing.govern.violations import Path, Violation, unreadable

UNREADABLE: Final = (msgspec.MsgspecError, RecursionError, ValueError)
"""What decoding or validating raises for JSON that we have no values for; ValueError is the validator's."""

AS_IT_IS: Final = Decision()

NAMED_MAX: Final = 5
"""Violations named in the detail of a blocked event."""


class _Versioned(msgspec.Struct, gc=False):
    protocols: Any = None


_decode_payload = msgspec.json.Decoder(dict[str, Any] | None).decode
_decode_versioned = msgspec.json.Decoder(_Versioned).decode


def governors(workspace: Workspace) -> dict[str, "Governor"]:
    """By source; sources that let everything pass have none."""
    used = {source.tracking_plan for source in workspace.sources}
    plans = {plan.name: CompiledPlan(plan) for plan in workspace.tracking_plans if plan.name in used}
    return {
        source.name: Governor(source, plans.get(source.tracking_plan), workspace)
        for source in workspace.sources
        if source.tracking_plan in plans or source.schema != SourceSchema()
    }


class Governor:
    def __init__(self, source: Source, plan: CompiledPlan | None, workspace: Workspace) -> None:
        self.source = source
        self.plan = plan
        self.schema = source.schema
        controls = combined(source.controls, plan.plan.controls) if plan else Controls()
        self.violations_to = _enabled(workspace, controls.forwarding_violations_to)
        self.blocked_to = _enabled(workspace, controls.forwarding_blocked_events_to)
        self._controls = by_call(controls)
        self._tracks = plan.tracks if plan else {}
        self._common = plan.common if plan else None
        self._is_plain = self.schema == SourceSchema()
        """Whether an event that keeps its rules passes as it is."""
        self._version_context: Any = None
        self._version_asked: Any = None

    def decide(self, flowing: FlowingEvent) -> Decision:
        """The decision; nothing about the event has been changed. The first lines are for what nearly all events
        are, tracks that keep their rule: they cost a look-up and a validation.
        """
        event = flowing.event
        call = event.type or ""
        if self._is_plain and self.plan:
            rules = self._tracks.get(event.event or "") if call == "track" else self.plan.rules(call, event.name)
            if rules:
                rule = rules[0] if len(rules) == 1 else self._of_version(rules, flowing)
                common = self._common
                try:
                    payload = flowing.payload()
                    if (
                        rule.is_valid(rule.instance(flowing, payload))
                        and (not self._controls[call].omits_unplanned or rule.planned.covers(payload))
                        and (common is None or common.is_valid(common.instance(flowing, payload)))
                    ):
                        return rule.allowed
                except UNREADABLE:
                    pass
        return self._decide(flowing)

    def _decide(self, flowing: FlowingEvent) -> Decision:
        if detail := self._switched_off(flowing):
            return Decision(code="event_setting", detail=detail)
        decision = Decision(off=self._off(flowing))
        if names := self._blocked_traits(flowing):
            decision.payload = {name: value for name, value in flowing.payload().items() if name not in names}
            decision.omitted = sorted(names)
        if self.plan:
            decision.plan, decision.plan_version = self.plan.plan.name, self.plan.plan.version
            rule = self._rule(flowing, decision)
            if rule and not decision.code:
                self._hold_against(rule, flowing, decision)
            if self._common and not decision.code:
                self._hold_against_common(self._common, flowing, decision)
            return (
                self.plan.unruled
                if decision == Decision(b"", self.plan.plan.name, decision.plan_version)
                else decision
            )
        return AS_IT_IS if decision == AS_IT_IS else decision

    # --- switches of the source -------------------------------------------------------------------------------

    def _switched_off(self, flowing: FlowingEvent) -> str:
        event, schema = flowing.event, self.schema
        if event.type == "track" and event.event in schema.block_events:
            return f"the event {event.event!r} is blocked for this source"
        if (event.type == "page" and schema.block_pages) or (event.type == "screen" and schema.block_screens):
            return f"{event.type} calls are blocked for this source"
        return ""

    def _blocked_traits(self, flowing: FlowingEvent) -> set[str]:
        call, schema = flowing.event.type, self.schema
        names = schema.block_identify_traits if call == "identify" else schema.block_group_traits
        if not names or not flowing.has_traits:
            return set()
        try:
            return flowing.payload().keys() & set(names)
        except UNREADABLE:  # then none of its traits can be told apart; see _hold_against
            return set()

    def _off(self, flowing: FlowingEvent) -> tuple[str, ...]:
        return (
            self.schema.integrations_off.get(flowing.event.event or "", ()) if self.schema.integrations_off else ()
        )

    # --- the plan ---------------------------------------------------------------------------------------------

    def _rule(self, flowing: FlowingEvent, decision: Decision) -> CompiledRule | None:
        """The rule for the event, or the decision about one that has none."""
        assert self.plan
        event = flowing.event
        call, controls = event.type or "", self._controls[flowing.event.type or ""]
        rules = self._tracks.get(event.event or "") if call == "track" else self.plan.rules(call, event.name)
        meant = self.plan.variants.of(event.event or "") if call == "track" and not rules else None
        if meant and self.plan.plan.unify_names:
            decision.name = meant
            rules = self._tracks[meant]
        if rules:
            rule = rules[0] if len(rules) == 1 else self._of_version(rules, flowing)
            decision.rule = rule.label
            return rule
        if call not in {"track", "page", "screen"}:
            return None  # without a rule for its traits nothing is said about them
        name = event.event if call == "track" else event.name
        hint = f"; did you mean {meant!r}?" if meant else ""
        said = f"no rule for {call} {name!r}{hint}" if name else f"no rule for {call} calls without a name"
        if call != "track":
            said += f", nor for {VIEWED[call]}"
        if meant:
            decision.violations = [Violation("Naming Variant", "event", said)]
        else:
            decision.unplanned = [Violation("Unplanned Event", "event" if call == "track" else "name", said)]
        if controls.blocks_unplanned:
            decision.code, decision.detail = "unplanned", said
        return None

    def _of_version(self, rules: Sequence[CompiledRule], flowing: FlowingEvent) -> CompiledRule:
        """The one that `context.protocols.event_version` asks for; the oldest when it asks for none of them."""
        context = flowing.event.context
        if context is not self._version_context:  # neighbours mostly share theirs
            self._version_context, self._version_asked = context, None
            try:
                protocols = None if context is UNSET else _decode_versioned(context).protocols
            except UNREADABLE:
                protocols = None
            if isinstance(protocols, dict):
                asked = protocols.get("event_version")
                self._version_asked = asked if isinstance(asked, int) and not isinstance(asked, bool) else None
        return next((rule for rule in rules if rule.version == self._version_asked), rules[0])

    def _hold_against(self, rule: CompiledRule, flowing: FlowingEvent, decision: Decision) -> None:
        """Layer one: names that are not planned, then the schema."""
        controls = self._controls[flowing.event.type or ""]
        member = "traits" if flowing.has_traits else "properties"
        try:
            payload = flowing.payload() if decision.payload is None else decision.payload
            if controls.omits_unplanned and (paths := rule.planned.unplanned(payload)):
                decision.payload = payload = _copied(flowing, decision)
                without(payload, paths)
                names = list(dict.fromkeys(map(relative, paths)))
                decision.omitted += names
                told = names[: limits.govern.VIOLATIONS_PER_EVENT_MAX]
                decision.unplanned += [_unplanned(member, name, rule) for name in told]
            instance = rule.instance(flowing, payload)
            violations = rule.violations(instance)
        except UNREADABLE as error:
            violations = [unreadable(member, error)]
        if not violations:
            return
        decision.violations += violations
        if controls.blocks_violations:
            decision.code = "unplanned_and_schema_violation" if decision.omitted else "schema_violation"
            decision.detail = _named(violations)
        elif controls.omits_violations:
            self._omit(rule, flowing, decision, violations)

    def _hold_against_common(self, rule: CompiledRule, flowing: FlowingEvent, decision: Decision) -> None:
        """Layer two: the COMMON rule, on what layer one let pass."""
        on_violation = self._controls[flowing.event.type or ""].common
        try:
            payload = flowing.payload() if decision.payload is None else decision.payload
            instance = rule.instance(flowing, payload)
            violations = rule.violations(instance)
        except UNREADABLE as error:
            violations = [unreadable("traits" if flowing.has_traits else "properties", error)]
        if not violations:
            return
        decision.rule = f"{decision.rule}, {rule.label}" if decision.rule else rule.label
        decision.violations += [v for v in violations if v not in decision.violations]
        if on_violation is OnViolation.BLOCK:
            decision.code, decision.detail = "common_schema_violation", _named(violations)
        elif on_violation is OnViolation.OMIT:
            self._omit(rule, flowing, decision, violations)

    def _omit(
        self, rule: CompiledRule, flowing: FlowingEvent, decision: Decision, violations: list[Violation]
    ) -> None:
        """Leave out the fields that break the rule. What is missing cannot be left out, nor can what stands beside
        the payload. Leaving one field out may break a rule about another: then that one goes as well.
        """
        member = "traits" if flowing.has_traits else "properties"
        if any(violation.type == "Unreadable" for violation in violations):
            return
        payload = _copied(flowing, decision)
        for _ in range(limits.govern.OMIT_ROUNDS_MAX):
            paths = _outermost([v.culprit[1:] for v in violations if v.culprit[:1] == (member,) and v.culprit[1:]])
            if not paths:
                break
            without(payload, paths)
            decision.payload = payload
            names = (".".join(map(str, path)) for path in paths)
            decision.omitted_on_violation += [n for n in names if n not in decision.omitted_on_violation]
            violations = rule.violations(rule.instance(flowing, payload))


def _unplanned(member: str, name: str, rule: CompiledRule) -> Violation:
    meant = rule.variants.of(name)
    hint = f"; did you mean {meant}?" if meant else ""
    kind = "Unplanned Trait" if member == "traits" else "Unplanned Property"
    return Violation(kind, f"{member}.{name}", f"{member}.{name} is not planned{hint}")


def _copied(flowing: FlowingEvent, decision: Decision) -> dict[str, Any]:
    """A payload of the decision's own: the shared one is only changed once it is decided that the event passes."""
    if decision.payload is not None:
        return decision.payload
    raw = flowing.event.traits if flowing.has_traits else flowing.event.properties
    return {} if raw is UNSET else _decode_payload(raw) or {}  # a tenth of what copying the decoded one costs


def _outermost(paths: list[Path]) -> list[Path]:
    """Without those inside another one."""
    chosen = set(paths)
    return [path for path in dict.fromkeys(paths) if not any(path[:n] in chosen for n in range(1, len(path)))]


def _named(violations: Sequence[Violation]) -> str:
    told = [f"{violation.field}: {violation.description}" for violation in violations[:NAMED_MAX]]
    more = len(violations) - NAMED_MAX
    return "; ".join([*told, f"and {more} more"] if more > 0 else told)


def _enabled(workspace: Workspace, name: str | None) -> Source | None:
    source = workspace.source(name) if name else None
    return source if source and source.enabled else None
