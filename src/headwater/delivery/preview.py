"""What a destination would do with an event: what each step says, what each mapping makes of it, and what would be
asked first. Nothing is sent, counted or kept.

What a destination asks after an answer (a token, an id that has to be looked up) nobody can know here.
"""

from typing import Any, Final, NamedTuple

import msgspec

from headwater.config.secrets import hidden, values
from headwater.config.workspace import Destination, Workspace
from headwater.delivery.masking import MASK, Mask
from headwater.delivery.routing.mapping import Routed
from headwater.delivery.routing.route import Route
from headwater.delivery.routing.step import with_body
from headwater.destinations import registry
from headwater.destinations.kit.model import (
    Attempt,
    Call,
    Calls,
    Failure,
    Filtered,
    Item,
    Outcome,
    Perform,
    Rejected,
)
from headwater.errors import ConfigError, NotFoundError, Problem, nearest
from headwater.event import OutboundEvent
from headwater.transformations.rules import for_destination

SOURCES: Final = "sources"
"""The step before all others: whether the destination takes events of this source at all."""

NOT_FROM_HERE: Final = Filtered("NOT_FROM_THIS_SOURCE", "the destination takes events of other sources")
NOT_SENT: Final = Failure("NOT_SENT", "a preview sends nothing")


class StepTold(NamedTuple):
    step: str
    end: Filtered | Rejected | None
    """None: the event goes on ..."""
    body: bytes
    """... as this."""


class MappingTold(NamedTuple):
    mapping: str
    action: str
    payload: dict[str, Any] | None
    """None: the action takes the whole event."""
    end: Outcome | None
    """Why nothing is asked for it; None: it would be."""
    requests: list[Any]
    """What would be asked at once, as receipts show it: secrets masked, and bounded."""


class Preview(NamedTuple):
    steps: list[StepTold]
    end: Filtered | Rejected | None
    """Why it goes no further; None: the mappings say the rest."""
    mappings: list[MappingTold]


def destination_of(workspace: Workspace, name: str) -> Destination:
    """NotFoundError, with the nearest name, when there is none."""
    found = workspace.destination(name)
    if found is None:
        known = [each.name for each in workspace.destinations]
        raise NotFoundError(f"there is no destination {name!r}; {nearest(name, known)}")
    return found


class Previewer:
    """What one destination would do with events, one after the other."""

    def __init__(self, workspace: Workspace, name: str, *, at_s: float) -> None:
        """`at_s`: the instant, Unix seconds, that requests are made for. NotFoundError when there is no such
        destination, ConfigError when what is configured cannot be carried out.
        """
        self._destination = destination = destination_of(workspace, name)
        type_ = registry.get(destination.type)
        problems = registry.validate_settings(destination.type, destination.settings)
        if type_ is None or problems:
            raise ConfigError([Problem(p.message, f"settings.{p.path}".rstrip("."), p.line) for p in problems])
        self._settings = settings = msgspec.convert(destination.settings, type_.settings)
        rules = for_destination(workspace, name)
        self._route = Route(destination, type_, settings, rules, note=lambda *_: None)
        self._mask = Mask(values(hidden(destination.settings, registry.secret_names(destination.type))))
        self._at_s = at_s

    def of(self, event: OutboundEvent) -> Preview:
        if not event.is_for(self._destination.name, self._destination.sources):
            return Preview([StepTold(SOURCES, NOT_FROM_HERE, event.body)], NOT_FROM_HERE, [])
        passed, verdict = self._route.trace(event)
        steps, body = [StepTold(SOURCES, None, event.body)], event.body
        for step, said in passed:
            if isinstance(said, OutboundEvent):
                body = said.body
            steps.append(StepTold(step, None if isinstance(said, OutboundEvent) else said, body))
        if not isinstance(verdict, list):
            return Preview(steps, verdict, [])
        performed = ((each, each.action.perform(self._settings)) for each in verdict)
        return Preview(steps, None, [_told(each, perform, self._mask, self._at_s) for each, perform in performed])


def _told(routed: Routed, perform: Perform, mask: Mask, at_s: float) -> MappingTold:
    name, action, item = routed.mapping, routed.action, routed.item
    if isinstance(item, Rejected):
        return MappingTold(name, action.name, None, item, [])
    payload = None if action.whole_event else item.payload
    asked = _first_calls(perform, item, at_s)
    if not isinstance(asked, list):
        return MappingTold(name, action.name, payload, asked, [])
    shown = msgspec.json.decode(mask.exchange([(call, NOT_SENT) for call in asked]))
    return MappingTold(name, action.name, payload, None, [each["request"] for each in shown if "request" in each])


def _first_calls(perform: Perform, item: Item, at_s: float) -> list[Call] | Outcome:
    exchange = perform([item], Attempt(at_s, token=MASK))
    try:
        calls: Calls = next(exchange)
    except StopIteration as end:
        (outcome,) = end.value
        return outcome  # type: ignore[no-any-return]
    except Exception as error:
        return Rejected("INTERNAL", f"the request could not be built ({type(error).__name__})", sent=False)
    finally:
        exchange.close()
    # A call is a tuple itself, of a named kind.
    return list(calls) if type(calls) is tuple else [calls]  # type: ignore[list-item,arg-type]


def event_of(body: bytes, source: str, *, at_ms: int) -> OutboundEvent:
    """An event as the outbound log would have it. msgspec.MsgspecError when the body is no JSON object."""
    bare = OutboundEvent(
        offset=0,
        index=0,
        message_id="",
        type="",
        event=None,
        name=None,
        user_id=None,
        anonymous_id=None,
        group_id=None,
        profile_id=None,
        source=source,
        received_at_ms=at_ms,
        timestamp_ms=at_ms,
        original_timestamp_ms=None,
        sent_at_ms=None,
        body=body,
    )
    message_id = msgspec.json.decode(body).get("messageId")
    changes: dict[str, Any] = {"message_id": str(message_id or "")}
    return with_body(msgspec.structs.replace(bare, **changes), body)
