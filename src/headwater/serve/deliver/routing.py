"""What a destination would do with an event, before anybody has to find out from receipts."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec
from litestar import post

from headwater.config.export import as_yaml
from headwater.config.loader import load
from headwater.config.workspace import Destination, Workspace, as_data
from headwater.delivery.preview import Preview, Previewer, destination_of, event_of
from headwater.delivery.routing import filters
from headwater.destinations import registry
from headwater.destinations.kit.model import Outcome
from headwater.errors import ConfigError, InputError, NotFoundError, Problem
from headwater.event import OutboundEvent, instant
from headwater.lake.port import Lake
from headwater.log.port import Log
from headwater.serve.desk import Desk
from headwater.serve.entry.access import READS
from headwater.serve.errors import CONFIG_ERRORS, NAMED_ERRORS
from headwater.serve.instants import now_ms
from headwater.serve.observe.changed import Change, changes, readable
from headwater.serve.observe.explain import Accepted, Traces, find_traces, search_lake
from headwater.state.port import State

Items = list[dict[str, Any]]
"""As a workspace file has them."""


class DestinationTrial(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`event` or `message_id`; with `filters` or `mappings`, as in a workspace file, these instead of the stored
    ones.
    """

    event: dict[str, Any] | None = None
    """What it leaves out of `type`, `messageId` and times is filled in."""
    message_id: str | None = None
    """An event that was accepted before."""
    source: str | None = None
    """Of `event`; left out: the first that the destination takes."""
    filters: Items | None = None
    mappings: Items | None = None


class FilterTrial(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    payload: dict[str, Any] | None = None
    """An event; nothing is filled in."""
    message_id: str | None = None
    """An event that was accepted before."""
    filter: dict[str, Any] | None = None
    """One filter, as in a workspace file or as the Public API writes it; left out: the destination's own."""


class FilterResult(msgspec.Struct, frozen=True):
    input_payload: Any
    result: Any
    """The event as it would go on; null: it would not be sent."""
    reason: str
    message: str
    changes: list[Change]


class StepLine(msgspec.Struct, frozen=True):
    step: str
    outcome: str
    """`passed`, `changed`, or `stopped` for the last one."""
    reason: str = ""
    message: str = ""
    changes: list[Change] = []


class MappingLine(msgspec.Struct, frozen=True):
    mapping: str
    action: str
    outcome: str
    """`sent`, or `rejected`."""
    reason: str
    message: str
    payload: Any
    """What the fields of the action get; null: the action takes the whole event, or there is none."""
    requests: list[Any]
    """What would be asked at once, secrets masked. Nothing is."""


class DestinationPreview(msgspec.Struct, frozen=True):
    destination: str
    enabled: bool
    source: str
    outcome: str
    """`sent`, `filtered` or `rejected`; `sent` if any mapping would be."""
    reason: str
    message: str
    steps: list[StepLine]
    mappings: list[MappingLine]


@post("/destinations/{name:str}/preview", status_code=200, responses=NAMED_ERRORS | CONFIG_ERRORS, opt=READS)
async def preview_destination(desk: Desk, name: str, data: DestinationTrial) -> DestinationPreview:
    """What each step on an event's way to this destination says, what each mapping makes of it, and the requests.
    Nothing is sent.
    """
    workspace = (await desk.version()).workspace
    destination_of(workspace, name)
    check_which(data.event, data.message_id, field="event")
    known = await accepted_event(desk, data.message_id) if data.message_id is not None else None
    return await asyncio.to_thread(lambda: previewed(workspace, name, data, known))


@post(
    "/destinations/{name:str}/filters/preview", status_code=200, responses=NAMED_ERRORS | CONFIG_ERRORS, opt=READS
)
async def preview_filters(desk: Desk, name: str, data: FilterTrial) -> FilterResult:
    """What a filter, or all of this destination, would make of an event."""
    workspace = (await desk.version()).workspace
    destination_of(workspace, name)
    if data.filter is not None:
        workspace = edited(workspace, name, filters=[data.filter])
    check_which(data.payload, data.message_id, field="payload")
    if data.message_id is not None:
        event = await accepted_event(desk, data.message_id)
    else:
        event = event_of(msgspec.json.encode(data.payload), "", at_ms=now_ms())
    step = filters.step(destination_of(workspace, name).filters)
    verdict = step.run(event) if step else event
    before = readable(event.body)
    if not isinstance(verdict, OutboundEvent):
        return FilterResult(before, None, verdict.reason, verdict.message, [])
    after = readable(verdict.body)
    return FilterResult(before, after, "", "", changes(before, after))


def previewed(
    workspace: Workspace, name: str, data: DestinationTrial, accepted: OutboundEvent | None = None
) -> DestinationPreview:
    """`accepted`: the event that `data.message_id` names. Errors of a workspace file, and of what cannot be
    carried out.
    """
    sources = destination_of(workspace, name).sources
    if sources is None:
        sources = tuple(source.name for source in workspace.sources)
    tried = edited(workspace, name, filters=data.filters, mappings=data.mappings)
    source = data.source or (sources[0] if sources else "")
    previewer = Previewer(tried, name, at_s=time.time())
    return told(previewer, destination_of(tried, name), accepted or _given(data.event or {}, source))


def told(previewer: Previewer, destination: Destination, event: OutboundEvent) -> DestinationPreview:
    """The preview in words."""
    found = previewer.of(event)
    mappings = [
        MappingLine(
            each.mapping,
            each.action,
            "sent" if each.end is None else "rejected",
            "" if each.end is None else each.end.reason,
            _message(each.end),
            each.payload,
            each.requests,
        )
        for each in found.mappings
    ]
    steps = _steps(found, event.body)
    return DestinationPreview(
        destination.name, destination.enabled, event.source, *_outcome(found), steps, mappings
    )


def _steps(found: Preview, body: bytes) -> list[StepLine]:
    lines = []
    for step, end, after in found.steps:
        if end is not None:
            lines.append(StepLine(step, "stopped", end.reason, end.message))
        elif after is body:
            lines.append(StepLine(step, "passed"))
        else:
            lines.append(StepLine(step, "changed", changes=changes(readable(body), readable(after))))
        body = after
    if found.end is not None and all(end is None for _, end, _ in found.steps):
        lines.append(StepLine("triggers", "stopped", found.end.reason, found.end.message))
    elif found.end is None:
        lines.append(StepLine("triggers", "passed"))
    return lines


def _outcome(found: Preview) -> tuple[str, str, str]:
    """(outcome, reason, message) of all together."""
    if found.end is not None:
        return type(found.end).__name__.lower(), found.end.reason, found.end.message
    ends = [each.end for each in found.mappings]
    first = next((end for end in ends if end is not None), None)
    if first is None or None in ends:
        return "sent", "", ""
    return "rejected", first.reason, _message(first)


def _message(end: Outcome | None) -> str:
    return getattr(end, "message", "")


def edited(
    workspace: Workspace, name: str, *, filters: Items | None = None, mappings: Items | None = None
) -> Workspace:
    """The workspace with other filters or mappings of a destination, checked as `apply` does. ConfigError with
    paths that begin with them.
    """
    given = {"filters": filters, "mappings": mappings}
    given = {key: items for key, items in given.items() if items is not None}
    if not given:
        return workspace
    data = as_data(workspace)
    index = next(at for at, each in enumerate(data["destinations"]) if each["name"] == name)
    data["destinations"][index] |= given
    at = f"destinations[{index}]."
    try:
        loaded = load(as_yaml(data), registry)
    except ConfigError as error:
        raise ConfigError([Problem(p.message, p.path.removeprefix(at)) for p in error.problems]) from None
    return msgspec.structs.replace(workspace, destinations=loaded.destinations)


def check_which(event: object, message_id: str | None, *, field: str) -> None:
    """InputError unless just one of the two says which event is meant."""
    if (event is None) == (message_id is None):
        said = f"one of `{field}` and `message_id` says which event; give one, and not both"
        raise InputError("invalid_request", said, field=field)


def _given(event: Mapping[str, Any], source: str) -> OutboundEvent:
    at_ms = now_ms()
    return event_of(msgspec.json.encode(filled(event, at_ms)), source, at_ms=at_ms)


def filled(event: Mapping[str, Any], at_ms: int) -> dict[str, Any]:
    """With what every event has that comes out of the pipeline."""
    at = instant(at_ms)
    times = dict.fromkeys(("timestamp", "originalTimestamp", "sentAt", "receivedAt"), at)
    return {"type": "track", "messageId": "preview", **event} | {k: v for k, v in times.items() if k not in event}


async def accepted_event(desk: Desk, message_id: str) -> OutboundEvent:
    """The event as it left the pipeline; of several the first. NotFoundError when neither the lake nor the
    outbound log has it.
    """
    outbound = desk.logs[1]
    traces = await desk.look(lambda state: find_traces(message_id, state, outbound, desk.lake()))
    found = await asyncio.to_thread(lambda: search_lake(message_id, traces, desk.lake()))
    return _first(message_id, traces, found)


def accepted(message_id: str, state: State | None, outbound: Log, lake: Lake) -> OutboundEvent:
    """The same without a server, blocking."""
    traces = find_traces(message_id, state, outbound, lake)
    return _first(message_id, traces, search_lake(message_id, traces, lake))


def _first(message_id: str, traces: Traces, found: Sequence[Accepted]) -> OutboundEvent:
    for each in (*found, *traces.waiting):
        return event_of(each.body.encode(), each.source, at_ms=each.received_at_ms)
    where = "; ".join(traces.looked)
    raise NotFoundError(f"no accepted event has the message id {message_id}. Looked in: {where}")


HANDLERS: Final = [preview_destination, preview_filters]
