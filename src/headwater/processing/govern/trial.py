"""A tracking plan tried out on events that nobody stores: what `headwater validate` answers."""

from typing import Any

import msgspec
from msgspec import Raw

from headwater.config.tracking_plans import TrackingPlan
from headwater.config.workspace import Source, Workspace
from headwater.errors import InputError
from headwater.event import CALLS
from headwater.flow import Refusal
from headwater.flowing import FlowingEvent, encode_event
from headwater.processing import validate
from headwater.processing.govern.decision import carry_out
from headwater.processing.govern.governor import governors

_NAME = "trial"


class Trial:
    def __init__(self, plan: TrackingPlan) -> None:
        source = Source(name=_NAME, tracking_plan=plan.name)
        self._governor = governors(Workspace(_NAME, sources=(source,), tracking_plans=(plan,)))[_NAME]

    def verdict(self, line: bytes) -> dict[str, Any]:
        """What the plan makes of an event, given as JSON: the same decision, carried out by the same code, as in
        the pipeline. An event need not be complete: ids and times are not looked at. InputError for what is none.
        """
        try:
            read = validate.lenient(line, None)
        except (msgspec.MsgspecError, RecursionError) as error:
            raise InputError("malformed", f"not readable: {error}") from None
        if isinstance(read, Refusal):
            raise InputError(read.reason, read.detail)
        event, extra = read
        if event.type not in CALLS:
            raise InputError("type_unknown", f"type must be one of {', '.join(CALLS)}")
        flowing = FlowingEvent(0, 0, _NAME, 0, 0, None, None, event, extra)
        decision = self._governor.decide(flowing)
        told = decision.told()
        answer: dict[str, Any] = {"verdict": decision.outcome}
        if decision.code:
            answer |= {"code": decision.code, "detail": decision.detail}
        answer |= {name: told.get(name, []) for name in ("violations", "omitted", "omitted_on_violation")}
        answer |= {name: told[name] for name in ("unplanned", "renamed_to", "rule") if name in told}
        if not decision.code:
            if not decision.line:
                carry_out(decision, flowing, self._governor.source.id)
            answer["event"] = Raw(encode_event(event, extra))
        return answer
