"""Events that govern sends on by itself: violations as events of another source, and blocked events (spec 3.4)."""

import re
from hashlib import blake2b
from typing import Any, Final

import msgspec
from msgspec import UNSET, Raw

from headwater.config.tracking_plans import TrackingPlan
from headwater.config.workspace import Source
from headwater.event import Event
from headwater.flowing import GENERATED, FlowingEvent
from headwater.processing.govern.decision import Decision
from headwater.processing.govern.violations import Violation
from headwater.processing.normalise import SPEC_VERSION

_encode_json = msgspec.json.Encoder().encode
_EMPTY: Final = Raw(b"{}")


class _Origin(msgspec.Struct, gc=False):
    """The members of a context that are handed on."""

    app: Raw | msgspec.UnsetType = UNSET
    library: Raw | msgspec.UnsetType = UNSET


class _App(msgspec.Struct, gc=False):
    version: Any = None


_decode_origin = msgspec.json.Decoder(_Origin).decode
_decode_app = msgspec.json.Decoder(_App).decode


def blocked(flowing: FlowingEvent, decision: Decision, target: Source) -> FlowingEvent:
    """A blocked event as one of another source: as it was sent, past that source's controls."""
    sent = msgspec.structs.replace(flowing.event, project_id=target.id)
    forwarded = msgspec.structs.replace(flowing, source=target.name, event=sent, decoded=None)
    forwarded.note("govern", "forwarded", blocked_in=flowing.source, code=decision.code, detail=decision.detail)
    return forwarded


def violations(
    flowing: FlowingEvent, decision: Decision, origin: Source, plan: TrackingPlan, target: Source
) -> list[FlowingEvent]:
    """A `Violation Generated` event for each violation. Their message ids are the same when this runs again."""
    event = flowing.event
    origin_context = _decode_origin(event.context) if event.context is not UNSET else _Origin()
    context = Raw(_encode_json(origin_context))
    shared = {
        "appVersion": _app_version(origin_context.app),
        "eventMessageID": event.message_id,
        "eventName": event.event or event.name,
        "eventSentAt": event.sent_at,
        "eventTimestamp": event.timestamp,
        "eventType": event.type,
        "sourceID": origin.id,
        "sourceName": origin.name,
        "sourceSlug": re.sub(r"\W+", "-", origin.name.lower()),
        "trackingPlanID": plan.id,
        "trackingPlanName": plan.name,
    }
    shared = {name: value for name, value in shared.items() if value is not None}
    extra = b'"forwardedFromProject":' + _encode_json(origin.id)
    generated = []
    for number, violation in enumerate(decision.violations, start=1):
        said = {
            "violationDescription": violation.description,
            "violationField": violation.field,
            "violationType": violation.type,
        }
        sent = Event(
            type="track",
            message_id=_message_id(flowing, violation),
            user_id="schema-violations",
            event="Violation Generated",
            properties=Raw(_encode_json(shared | said)),
            context=context,
            integrations=_EMPTY,
            timestamp=event.received_at,
            received_at=event.received_at,
            channel="server",
            version=SPEC_VERSION,
            project_id=target.id,
        )
        index, received_ms = flowing.index + number * GENERATED, flowing.received_at_ms
        made = FlowingEvent(flowing.offset, index, target.name, received_ms, received_ms, None, None, sent, extra)
        made.note("govern", "generated", violation_of=event.message_id)
        generated.append(made)
    return generated


def _message_id(flowing: FlowingEvent, violation: Violation) -> str:
    identity = "\0".join([flowing.event.message_id or "", flowing.source, *violation[:3]])
    return (
        "sch-"
        + blake2b(identity.encode(errors="surrogatepass"), digest_size=16, person=b"hw-violation").hexdigest()
    )


def _app_version(app: Raw | msgspec.UnsetType) -> Any:
    try:
        return None if app is UNSET else _decode_app(app).version
    except (msgspec.MsgspecError, RecursionError):
        return None
