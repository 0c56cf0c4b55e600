"""Tracking plans over HTTP, and what has been broken of them: counts, first and last time, samples."""

from collections.abc import Callable, Collection, Iterator
from itertools import dropwhile, islice
from typing import Annotated, Any, Final

import msgspec
from litestar import Request, delete, get, put
from litestar.params import Parameter

from headwater import limits
from headwater.config.tracking_plans import Controls, TrackingPlan
from headwater.config.workspace import Workspace
from headwater.errors import InputError, NotFoundError
from headwater.processing import violations
from headwater.processing.timestamps import render
from headwater.processing.violations import Counted, Sample
from headwater.serve.bodies import part_of_file
from headwater.serve.config import edits
from headwater.serve.config.editing import IsNew, LeaveOut, applied
from headwater.serve.config.edits import Terms, decoded
from headwater.serve.config.sections import Section
from headwater.serve.config.workspace import Applied
from headwater.serve.desk import Desk
from headwater.serve.entry.access import DRY_RUN
from headwater.serve.errors import EDIT_ERRORS, ERRORS, NAMED_ERRORS
from headwater.serve.instants import instant_ms, now_ms
from headwater.serve.pages import PAGE_DEFAULT, Cursor, Limit, Page, page
from headwater.state.port import State

Filter = Annotated[str | None, Parameter(max_length=limits.govern.PLAN_EVENT_CHARS_MAX)]
Since = Annotated[
    str | None, Parameter(description="Only those seen since: `1h`, `24h`, `7d`, or an ISO 8601 instant.")
]


class PlanLine(msgspec.Struct, frozen=True):
    name: str
    id: str
    description: str
    version: int
    """The workspace version that brought the plan as it is."""
    rules: int
    sources: list[str]
    """Whose events are held to it."""


class PlanSummary(PlanLine, frozen=True):
    violations_24_hours: int
    controls: Controls
    """Its own; a source may have some that say more."""


class PlanDetail(PlanLine, frozen=True):
    plan: TrackingPlan
    workspace_version: int
    """What a change of it starts from."""


class SampleLine(msgspec.Struct, frozen=True):
    message_id: str
    user_id: str
    anonymous_id: str
    received_at: str
    payload: str
    """JSON as it came, cut off after 4 KiB."""


class ViolationLine(msgspec.Struct, frozen=True):
    id: str
    source: str
    call: str
    event: str
    field: str
    type: str
    description: str
    """Of the newest one."""
    last_hour: int
    last_24_hours: int
    last_7_days: int
    total: int
    first_seen: str
    last_seen: str
    samples: list[SampleLine]
    """The newest ones, newest first."""


class ViolationPage(msgspec.Struct, frozen=True):
    data: list[ViolationLine]
    next: str | None
    """Send it as `cursor` for the page after this one; null: this was the last."""
    uncounted: int
    """Violations of its sources that were too many different ones to be told apart here."""


def listed(
    state: State,
    plan: str,
    now_ms: int,
    *,
    sources: Collection[str],
    source: str | None = None,
    event: str | None = None,
    since: str | None = None,
    limit: int = PAGE_DEFAULT,
    cursor: str | None = None,
) -> ViolationPage:
    """In the order of source, call, event and field. The cursor is a place: it stays good when others come.
    `sources` are those that the plan holds for.
    """
    oldest_ms = instant_ms(since, now_ms) if since else 0
    rows: Iterator[tuple[bytes, Counted]] = (
        (key, row)
        for key, row in violations.counted(state, plan, source or "")
        if event in {None, row.event} and row.last_ms >= oldest_ms
    )
    if cursor is not None:
        after = _place(cursor)
        rows = dropwhile(lambda found: found[0] <= after, rows)
    found = list(islice(rows, limit + 1))
    lines = [_line(key, row, violations.samples(state, key), now_ms) for key, row in found[:limit]]
    uncounted = violations.overflow(state)
    beyond = sum(count for name, count in uncounted.items() if name in (sources if source is None else {source}))
    return ViolationPage(lines, lines[-1].id if len(found) > limit else None, beyond)


def _place(cursor: str) -> bytes:
    try:
        return bytes.fromhex(cursor)
    except ValueError:
        raise InputError("invalid_cursor", "not a cursor of this list", field="cursor") from None


def _line(key: bytes, row: Counted, samples: list[Sample], now_ms: int) -> ViolationLine:
    return ViolationLine(
        id=key.hex(),
        source=row.source,
        call=row.call,
        event=row.event,
        field=row.field,
        type=row.type,
        description=row.description,
        last_hour=row.within(1, now_ms),
        last_24_hours=row.within(24, now_ms),
        last_7_days=row.within(7 * 24, now_ms),
        total=row.total,
        first_seen=render(row.first_ms),
        last_seen=render(row.last_ms),
        samples=[
            SampleLine(
                sample.message_id,
                sample.user_id,
                sample.anonymous_id,
                render(sample.received_at_ms),
                sample.payload.decode(errors="replace"),
            )
            for sample in samples
        ],
    )


def plan_line(workspace: Workspace, plan: TrackingPlan) -> PlanLine:
    sources = [source.name for source in workspace.sources if source.tracking_plan == plan.name]
    return PlanLine(plan.name, plan.id, plan.description, plan.version, len(plan.rules), sources)


@get("/tracking-plans", responses=ERRORS)
async def list_plans(desk: Desk, limit: Limit = PAGE_DEFAULT, cursor: Cursor = None) -> Page[PlanSummary]:
    """In the order of the workspace file."""
    workspace = (await desk.version()).workspace
    shown = page(workspace.tracking_plans, lambda plan: plan.name, limit=limit, cursor=cursor)
    at_ms = now_ms()

    def count(state: State | None) -> list[int]:
        return [
            0 if state is None else sum(row.within(24, at_ms) for _, row in violations.counted(state, plan.name))
            for plan in shown.data
        ]

    counts = await desk.look(count)
    lines = [
        PlanSummary(
            **msgspec.structs.asdict(plan_line(workspace, plan)),
            violations_24_hours=lately,
            controls=plan.controls,
        )
        for plan, lately in zip(shown.data, counts, strict=True)
    ]
    return Page(lines, shown.next)


@get("/tracking-plans/{name:str}", responses=NAMED_ERRORS)
async def one_plan(desk: Desk, name: str) -> PlanDetail:
    """The plan as it was applied."""
    version = await desk.version()
    plan = known(version.workspace, name)
    line = plan_line(version.workspace, plan)
    return PlanDetail(**msgspec.structs.asdict(line), plan=plan, workspace_version=version.number)


@put(
    "/tracking-plans/{name:str}", responses=EDIT_ERRORS, operation_class=part_of_file("TrackingPlan"), opt=DRY_RUN
)
async def put_plan(
    desk: Desk, request: Request[Any, Any, Any], name: str, terms: Terms, is_new: IsNew = False
) -> Applied:
    """Make it, or change it, as a new version of the workspace. With another `name` its sources are held to it
    under that name; what has been broken of it is counted anew.
    """
    given = decoded(await request.body())
    return await applied(desk, edits.put(Section.TRACKING_PLANS, name, given, is_new=is_new), terms)


@delete("/tracking-plans/{name:str}", status_code=200, responses=EDIT_ERRORS, opt=DRY_RUN)
async def delete_plan(desk: Desk, name: str, terms: Terms, leave_out: LeaveOut = False) -> Applied:
    """Remove it, as a new version of the workspace. 422 while a source is held to it, unless that is left out."""
    return await applied(desk, edits.delete(Section.TRACKING_PLANS, name, leave_out=leave_out), terms)


@get("/tracking-plans/{name:str}/violations", responses=NAMED_ERRORS)
async def list_violations(
    desk: Desk,
    name: str,
    *,
    source: Filter = None,
    event: Filter = None,
    since: Since = None,
    limit: Limit = PAGE_DEFAULT,
    cursor: Cursor = None,
) -> ViolationPage:
    """Each distinct violation of the plan, with counts and samples. Those not seen for 30 days are forgotten."""
    workspace = (await desk.version()).workspace
    options: dict[str, Any] = {"source": source, "event": event, "since": since, "limit": limit, "cursor": cursor}
    options["sources"] = plan_line(workspace, known(workspace, name)).sources
    return await desk.read_state(lambda state: listed(state, name, now_ms(), **options))


def known(workspace: Workspace, name: str) -> TrackingPlan:
    plan = workspace.tracking_plan(name)
    if plan is None:
        raise NotFoundError(f"there is no tracking plan {name!r}")
    return plan


HANDLERS: Final[list[Callable[..., Any]]] = [list_plans, one_plan, put_plan, delete_plan, list_violations]
