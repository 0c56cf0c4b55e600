"""govern: events as their source's tracking plan wants them, or blocked (spec 3).

`governor` decides about an event without changing anything, `decision` carries it out, and what breaks a plan is
counted in `tally`. Those who ask what has been counted read it through `headwater.processing.violations`.
"""

from collections.abc import Sequence
from typing import Final

from headwater.flow import Context, Effects, Stage, bury_event, dead_event
from headwater.flowing import GENERATED, FlowingEvent
from headwater.processing.dedupe import dedupe
from headwater.processing.govern import forwarding
from headwater.processing.govern.decision import Decision, carry_out
from headwater.processing.govern.governor import AS_IT_IS, Governor, governors
from headwater.processing.govern.tally import Tally


def govern(events: Sequence[FlowingEvent], context: Context, effects: Effects) -> list[FlowingEvent]:
    by_source = context.built(governors)
    if not by_source:
        return list(events)
    passed: list[FlowingEvent] = []
    tally = Tally()
    source, governor = "", None
    for flowing in events:
        if flowing.source is not source:
            source = flowing.source
            governor = by_source.get(source)
        if governor is None:
            passed.append(flowing)
            continue
        decision = governor.decide(flowing)
        if decision.line:
            flowing.trace = flowing.trace + b"," + decision.line if flowing.trace else decision.line
            passed.append(flowing)
        elif decision is AS_IT_IS:
            passed.append(flowing)
        else:
            tally.add(flowing, decision)
            if tally.is_full:
                tally.save(effects)
            _act(governor, flowing, decision, passed, effects)
            passed += _generated(governor, flowing, decision)
    tally.save(effects)
    return _without_repeats(passed, context, effects)


def _without_repeats(passed: list[FlowingEvent], context: Context, effects: Effects) -> list[FlowingEvent]:
    """An event that is replayed breaks its plan again, but that was told when it first did."""
    generated = [flowing for flowing in passed if flowing.index >= GENERATED]
    if not generated:
        return passed
    first = {(flowing.offset, flowing.index) for flowing in dedupe(generated, context, effects)}
    return [each for each in passed if each.index < GENERATED or (each.offset, each.index) in first]


def _generated(governor: Governor, flowing: FlowingEvent, decision: Decision) -> list[FlowingEvent]:
    if not (governor.violations_to and governor.plan and decision.violations):
        return []
    return forwarding.violations(flowing, decision, governor.source, governor.plan.plan, governor.violations_to)


def _act(
    governor: Governor,
    flowing: FlowingEvent,
    decision: Decision,
    passed: list[FlowingEvent],
    effects: Effects,
) -> None:
    """Let the event pass as decided, or block it, and send it on where that is asked for."""
    if not decision.code:
        carry_out(decision, flowing, governor.source.id)
        passed.append(flowing)
    else:
        effects.counts[flowing.source, decision.code] += 1
        if governor.blocked_to:
            passed.append(forwarding.blocked(flowing, decision, governor.blocked_to))
        else:
            effects.dead.append(dead_event(flowing, "govern", decision.code, decision.detail))


STAGE: Final = Stage("govern", govern, bury_event("govern"), quiet="its source has no tracking plan")
