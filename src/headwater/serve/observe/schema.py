"""The schema of a source over HTTP: what it has sent, and a tracking plan made from that."""

from collections.abc import Callable, Iterator
from itertools import dropwhile, islice
from typing import Annotated, Any, Final

import msgspec
from litestar import Response, get
from litestar.params import Parameter

from headwater import limits
from headwater.config.export import as_yaml
from headwater.config.tracking_plans import RuleType, TrackingPlan
from headwater.config.workspace import Workspace, as_data
from headwater.errors import InputError, NotFoundError
from headwater.processing import schema
from headwater.processing.plan_inference import infer
from headwater.processing.schema import EventKey, SeenEvent, SeenProperty
from headwater.processing.timestamps import render
from headwater.serve.config.workspace import YAML
from headwater.serve.desk import Desk
from headwater.serve.errors import NAMED_ERRORS
from headwater.serve.instants import instant_ms, now_ms
from headwater.serve.pages import PAGE_DEFAULT, Cursor, Limit
from headwater.state.port import State
from headwater.units import DAY_MS

NEW_MS: Final = DAY_MS
"""What was first seen this long ago, or later, is new."""

Text = Annotated[str | None, Parameter(max_length=limits.processing.SCHEMA_NAME_CHARS_MAX)]
Since = Annotated[
    str | None, Parameter(description="New is what came since: `1h`, `7d` or an ISO 8601 instant. Default: 24h.")
]


class PropertyLine(msgspec.Struct, frozen=True):
    path: str
    """`address.city`, `products.$.price`."""
    types: dict[str, int]
    """How many values of each type; a `date-time` is a `string` as well."""
    seen: int
    first_seen: str
    last_seen: str
    new: bool


class EventLine(msgspec.Struct, frozen=True):
    call: str
    event: str
    """Of a track event, a page or a screen; empty for the other calls."""
    volume: int
    unreadable: int
    """Of these, events whose properties cannot be read."""
    first_seen: str
    last_seen: str
    new: bool
    planned: bool | None
    """Whether the source's tracking plan has it; null: the source has no plan."""
    properties: list[PropertyLine]
    """Traits for identify and group."""
    overflow: int
    """How often a property was seen that is not listed: there were enough, or its name was too long."""


class SchemaPage(msgspec.Struct, frozen=True):
    source: str
    events: int
    """How many are listed in all."""
    events_overflow: int
    """How many were seen that are not listed: there were enough names, or theirs was too long."""
    data: list[EventLine]
    next: str | None
    """Send it as `cursor` for the page after this one; null: this was the last."""


def listed(
    state: State,
    workspace: Workspace,
    source: str,
    *,
    at_ms: int,
    event: str | None = None,
    since: str | None = None,
    limit: int = PAGE_DEFAULT,
    cursor: str | None = None,
) -> SchemaPage:
    """By call and name. The cursor is a place, so it stays good when events come."""
    new_ms = instant_ms(since, at_ms) if since else at_ms - NEW_MS
    is_planned = _planned(workspace, source)
    whole = schema.source_row(state, source)
    _check_known(workspace, source, whole.events)
    wanted = (event or "").casefold()
    rows: Iterator[tuple[EventKey, bytes]] = (
        (key, row) for key, row in schema.events(state, source) if wanted in (key.name or key.call).casefold()
    )
    if cursor is not None:
        after = _place(source, cursor)
        rows = dropwhile(lambda found: schema.event_key(found[0]) <= after, rows)
    found = list(islice(rows, limit + 1))
    lines = [
        _line(key, schema.decode_event(row), new_ms=new_ms, planned=is_planned(key)) for key, row in found[:limit]
    ]
    return SchemaPage(
        source,
        whole.events,
        whole.events_overflow,
        lines,
        f"{lines[-1].call}:{lines[-1].event}" if len(found) > limit else None,
    )


def inferred(
    state: State, workspace: Workspace, source: str, *, events: list[str] | None = None, name: str | None = None
) -> str:
    """`tracking_plans` of a workspace file, with one plan."""
    plan = inferred_plan(state, workspace, source, events=events, name=name)
    return as_yaml({"tracking_plans": [as_data(plan)]})


def inferred_plan(
    state: State, workspace: Workspace, source: str, *, events: list[str] | None = None, name: str | None = None
) -> TrackingPlan:
    """NotFoundError when it has sent nothing of that."""
    rows = [(key, schema.decode_event(row)) for key, row in schema.events(state, source)]
    _check_known(workspace, source, len(rows))
    plan = infer(rows, name or source, events=events or ())
    if not plan.rules:
        wanted = f"none of {', '.join(map(repr, events))}" if events else "nothing that could be planned"
        raise NotFoundError(f"{source!r} has sent {wanted}: see `headwater schema`")
    return plan


def _check_known(workspace: Workspace, source: str, events: int) -> None:
    """A source that is gone still has its schema."""
    if not events and workspace.source(source) is None:
        raise NotFoundError(f"there is no source {source!r}, and none of that name has sent anything")


def _place(source: str, cursor: str) -> bytes:
    call, colon, name = cursor.partition(":")
    if not colon:
        raise InputError("invalid_cursor", "not a cursor of this list", field="cursor")
    return schema.event_key(EventKey(source, call, name))


def _planned(workspace: Workspace, source: str) -> Callable[[EventKey], bool | None]:
    """Whether an event, as it is sent, has a rule in the source's plan."""
    known = workspace.source(source)
    plan = next((p for p in workspace.tracking_plans if known and p.name == known.tracking_plan), None)
    if plan is None:
        return lambda _: None
    rules = {(rule.type, rule.event) for rule in plan.rules}

    def is_planned(key: EventKey) -> bool:
        match key.call:
            case "track":
                return (RuleType.TRACK, plan.aliases.get(key.name, key.name)) in rules
            case "page" | "screen":
                view = "Page Viewed" if key.call == "page" else "Screen Viewed"
                return not rules.isdisjoint({(key.call, key.name), (key.call, ""), (RuleType.TRACK, view)})
            case _:
                return (key.call, "") in rules

    return is_planned


def _line(key: EventKey, row: SeenEvent, *, new_ms: int, planned: bool | None) -> EventLine:
    return EventLine(
        call=key.call,
        event=key.name,
        volume=row.volume,
        unreadable=row.unreadable,
        first_seen=render(row.first_ms),
        last_seen=render(row.last_ms),
        new=row.first_ms >= new_ms,
        planned=planned,
        properties=[_property(path, found, new_ms) for path, found in sorted(row.properties.items())],
        overflow=row.overflow,
    )


def _property(path: str, found: SeenProperty, new_ms: int) -> PropertyLine:
    return PropertyLine(
        path=path,
        types={type_: count for type_, count in zip(schema.TYPES, found.counts, strict=True) if count},
        seen=found.total,
        first_seen=render(found.first_ms),
        last_seen=render(found.last_ms),
        new=found.first_ms >= new_ms,
    )


@get("/sources/{name:str}/schema", responses=NAMED_ERRORS)
async def read_schema(
    desk: Desk,
    name: str,
    *,
    event: Text = None,
    since: Since = None,
    limit: Limit = PAGE_DEFAULT,
    cursor: Cursor = None,
) -> SchemaPage:
    """The events that a source has sent, with their properties: names and types, never values."""
    workspace = (await desk.version()).workspace
    return await desk.read_state(
        lambda state: listed(
            state, workspace, name, at_ms=now_ms(), event=event, since=since, limit=limit, cursor=cursor
        )
    )


@get("/sources/{name:str}/schema/plan", media_type=YAML, responses=NAMED_ERRORS)
async def infer_plan(
    desk: Desk,
    name: str,
    *,
    events: list[str] | None = None,
    plan: Text = None,
) -> Response[str]:
    """A tracking plan (YAML) that allows what a source has sent: of these events, else all; called so, else as the
    source.
    """
    workspace = (await desk.version()).workspace
    text = await desk.read_state(lambda state: inferred(state, workspace, name, events=events, name=plan))
    return Response(text, media_type=YAML)


@get("/sources/{name:str}/schema/rules", responses=NAMED_ERRORS)
async def infer_rules(desk: Desk, name: str, *, events: list[str] | None = None) -> TrackingPlan:
    """The same plan as data, for somebody who wants some of its rules."""
    workspace = (await desk.version()).workspace
    return await desk.read_state(lambda state: inferred_plan(state, workspace, name, events=events))


HANDLERS: Final[list[Callable[..., Any]]] = [read_schema, infer_plan, infer_rules]
