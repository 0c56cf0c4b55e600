"""What is decided about one event, and carrying it out."""

from typing import Any, Final

import msgspec
from msgspec import UNSET, Raw

from headwater.flowing import FlowingEvent
from headwater.processing.govern.violations import Violation

_members = msgspec.json.Decoder(dict[str, Raw]).decode
_decode_json = msgspec.json.Decoder().decode
_encode_json = msgspec.json.Encoder().encode

TRACED_MAX: Final = 10
"""Violations and names in an event's trace; the event itself has all of them."""


class Decision(msgspec.Struct, gc=False):
    """`line` is the whole decision for an event that passes as it is."""

    line: bytes = b""
    """The line in its trace, made once for all such events; empty: see `carry_out`."""
    plan: str = ""
    plan_version: int = 0
    rule: str = ""
    """Its type, name and version; empty when no rule is for this event."""
    code: str = ""
    """Why it is blocked (spec 2.5); empty when it passes."""
    detail: str = ""
    violations: list[Violation] = []
    """What is written on the event, and forwarded."""
    unplanned: list[Violation] = []
    """What is only counted: names that no rule plans."""
    omitted: list[str] = []
    omitted_on_violation: list[str] = []
    payload: dict[str, Any] | None = None
    """What properties, or traits, become; None: as they are."""
    name: str = ""
    """The planned name that the event gets."""
    off: tuple[str, ...] = ()
    """Destinations that do not get it."""

    @property
    def outcome(self) -> str:
        if self.code:
            return "blocked"
        return "omitted" if self.omitted or self.omitted_on_violation else "allowed"

    def told(self) -> dict[str, Any]:
        """The decision as people read it; what there is nothing to say about is left out."""
        said = {
            "plan": self.plan,
            "version": self.plan_version,
            "rule": self.rule,
            "code": self.code,
            "detail": self.detail,
            "renamed_to": self.name,
            "omitted": self.omitted,
            "omitted_on_violation": self.omitted_on_violation,
            "violations": [violation.shown() for violation in self.violations],
            "unplanned": [violation.field for violation in self.unplanned],
            "off": list(self.off),
        }
        return {key: value for key, value in said.items() if value}


def carry_out(decision: Decision, flowing: FlowingEvent, source_id: str) -> None:
    """Make the event what the decision says, with the traces of it in its context (spec 3.4)."""
    event = flowing.event
    if decision.name:
        event.event = decision.name
    if decision.payload is not None:
        flowing.decoded = decision.payload
        flowing.rewrite()
    if decision.off:
        switches = {} if event.integrations is UNSET else _members(event.integrations)
        event.integrations = Raw(_encode_json(switches | dict.fromkeys(decision.off, Raw(b"false"))))
    if decision.violations or decision.omitted or decision.omitted_on_violation:
        context = {} if event.context is UNSET else _members(event.context)
        context["protocols"] = Raw(_encode_json(_protocols(context.get("protocols"), decision, source_id)))
        event.context = Raw(_encode_json(context))
    flowing.note("govern", decision.outcome, **_bounded(decision.told()))


def _protocols(sent: Raw | None, decision: Decision, source_id: str) -> dict[str, Any]:
    """`context.protocols`: what the sender said there, the version mostly, and what we found."""
    try:
        given = _decode_json(sent) if sent else {}
    except (msgspec.MsgspecError, RecursionError):
        given = {}
    found = {
        "sourceId": source_id,
        "omitted": decision.omitted,
        "omitted_on_violation": decision.omitted_on_violation,
        "violations": [violation.shown() for violation in decision.violations],
    }
    sent_too = (
        {name: value for name, value in given.items() if name not in found} if isinstance(given, dict) else {}
    )
    return sent_too | {name: value for name, value in found.items() if value}


def _bounded(told: dict[str, Any]) -> dict[str, Any]:
    return {key: value[:TRACED_MAX] if isinstance(value, list) else value for key, value in told.items()}
