"""Privacy over HTTP: ask for suppression and deletion, see where a request stands, read the audit."""

from collections.abc import Callable
from typing import Annotated, Any, Final

import msgspec
from litestar import get, post
from litestar.params import Parameter

from headwater.config.workspace import Workspace
from headwater.destinations import registry
from headwater.errors import InputError, NotFoundError
from headwater.event import instant
from headwater.privacy.port import Regulations
from headwater.privacy.regulation import USER_ID, Receipt, Regulation, RegulationType, checked
from headwater.serve.desk import Desk
from headwater.serve.entry.access import READS
from headwater.serve.errors import ERRORS, NAMED_ERRORS
from headwater.serve.pages import PAGE_DEFAULT, Cursor, Limit, Page
from headwater.serve.unify.regulation_progress import progress, summary
from headwater.team.actor import Actor


class NewRegulation(msgspec.Struct, frozen=True, rename="camel"):
    regulation_type: str
    """SUPPRESS_ONLY, UNSUPPRESS, DELETE_INTERNAL, SUPPRESS_WITH_DELETE_INTERNAL, DELETE_ONLY or
    SUPPRESS_WITH_DELETE."""
    subject_ids: list[str]
    """At most 5,000, compared exactly."""
    subject_type: str = USER_ID
    """Only USER_ID."""


class Created(msgspec.Struct, frozen=True, rename="camel"):
    regulate_id: str


class Answer(msgspec.Struct, frozen=True):
    data: Created


class ReceiptLine(msgspec.Struct, frozen=True, rename="camel"):
    number: int
    at: str
    """ISO 8601, UTC."""
    regulation: str
    system: str
    """processing, sending, state, lake, delivery, logs, or destination:<name>."""
    status: str
    """requested, running, done, verified, failed or not_supported."""
    detail: str
    counts: dict[str, int]


class RegulationLine(msgspec.Struct, frozen=True, rename="camel"):
    id: str
    regulation_type: str
    subjects: int
    """How many users it is about."""
    overall_status: str
    """INITIALIZED, RUNNING, PARTIAL_SUCCESS, FAILED or FINISHED."""
    created_at: str
    finished_at: str | None
    author: str
    systems: list[ReceiptLine]
    """The newest receipt of each system."""
    progress: float
    """0 to 1: how much of it is done, by systems."""
    summary: str
    """Where it stands, in a sentence or two."""


class SuppressionLine(msgspec.Struct, frozen=True, rename="camel"):
    subject_type: str
    subject_ids: list[str]
    """Empty: the user was deleted as well, and the id is not kept."""
    fingerprint: str
    since: str


class Subject(msgspec.Struct, frozen=True, rename="camel"):
    subject_id: str
    subject_type: str = USER_ID


# --- what the API and the command line both do ---------------------------------------------------------------


def create(regulations: Regulations, workspace: Workspace, new: NewRegulation, *, author: str) -> Regulation:
    type_, user_ids = checked(new.regulation_type, new.subject_type, new.subject_ids)
    destinations = {d.name: registry.can_delete(d.type) for d in workspace.destinations if d.enabled}
    return regulations.request(type_, user_ids, author=author, destinations=destinations)


def one(regulations: Regulations, regulation: str) -> RegulationLine:
    found = regulations.get(regulation)
    if found is None:
        raise NotFoundError("there is no regulation with this id")
    return line(found)


def listed(regulations: Regulations, *, limit: int, cursor: str | None) -> Page[RegulationLine]:
    if cursor is not None:
        one(regulations, cursor)
    found = regulations.recent(limit=limit + 1, before=cursor)
    return Page([line(r) for r in found[:limit]], found[limit - 1].id if len(found) > limit else None)


def suppressed(
    regulations: Regulations, *, limit: int, cursor: str | None, user_id: str | None = None
) -> Page[SuppressionLine]:
    found = regulations.suppressions(limit=limit + 1, after=_number(cursor) or 0, user_id=user_id)
    lines = [
        SuppressionLine(
            USER_ID, [s.user_id] if s.user_id is not None else [], s.fingerprint.hex(), instant(s.since_ms)
        )
        for s in found[:limit]
    ]
    return Page(lines, str(found[limit - 1].number) if len(found) > limit else None)


def audit(
    regulations: Regulations, *, regulation: str | None, limit: int, cursor: str | None
) -> Page[ReceiptLine]:
    found = regulations.audit(regulation, limit=limit + 1, before=_number(cursor))
    return Page([_receipt(r) for r in found[:limit]], str(found[limit - 1].number) if len(found) > limit else None)


def line(regulation: Regulation) -> RegulationLine:
    finished_at_ms = regulation.finished_at_ms
    return RegulationLine(
        regulation.id,
        regulation.type.value,
        regulation.subjects,
        regulation.overall.value,
        instant(regulation.created_at_ms),
        None if finished_at_ms is None else instant(finished_at_ms),
        regulation.author,
        [_receipt(receipt) for receipt in regulation.receipts],
        progress(regulation),
        summary(regulation),
    )


def _receipt(r: Receipt) -> ReceiptLine:
    return ReceiptLine(r.number, instant(r.at_ms), r.regulation, r.system, r.status.value, r.detail, r.counts)


def _number(cursor: str | None) -> int | None:
    try:
        return None if cursor is None else int(cursor)
    except ValueError:
        raise InputError("invalid_cursor", "not a cursor of this list", field="cursor") from None


# --- handlers -------------------------------------------------------------------------------------------------


@post("/regulations", status_code=200, responses=ERRORS)
async def create_regulation(desk: Desk, actor: Actor, data: NewRegulation) -> Answer:
    """Suppress, unsuppress, delete, or suppress and delete users. It is durable when this answers."""
    workspace = (await desk.version()).workspace
    made = await desk.call(lambda: create(desk.regulations, workspace, data, author=actor.name))
    return Answer(Created(made.id))


@get("/regulations", responses=ERRORS)
async def list_regulations(desk: Desk, limit: Limit = PAGE_DEFAULT, cursor: Cursor = None) -> Page[RegulationLine]:
    """Newest first."""
    return await desk.call(lambda: listed(desk.regulations, limit=limit, cursor=cursor))


@get("/regulations/{regulation:str}", responses=NAMED_ERRORS)
async def show_regulation(desk: Desk, regulation: str) -> RegulationLine:
    """Where a request stands, in each system."""
    return await desk.call(lambda: one(desk.regulations, regulation))


@post("/regulations/search", status_code=200, responses=ERRORS, opt=READS)
async def search_regulations(desk: Desk, data: Subject) -> Page[RegulationLine]:
    """Every request about one user, newest first. The id is in the body, so that it is in nobody's access log."""
    found = await desk.call(lambda: desk.regulations.about(data.subject_id))
    return Page([line(regulation) for regulation in found])


@get("/suppressions", responses=ERRORS)
async def list_suppressions(
    desk: Desk, limit: Limit = PAGE_DEFAULT, cursor: Cursor = None
) -> Page[SuppressionLine]:
    """Whose events are refused, oldest first."""
    return await desk.call(lambda: suppressed(desk.regulations, limit=limit, cursor=cursor))


@post("/suppressions/search", status_code=200, responses=ERRORS, opt=READS)
async def search_suppressions(
    desk: Desk, data: Subject, limit: Limit = PAGE_DEFAULT, cursor: Cursor = None
) -> Page[SuppressionLine]:
    """Whether a user is suppressed, also one who was deleted; and those whose ids begin with this one."""
    checked(RegulationType.SUPPRESS_ONLY, data.subject_type, [data.subject_id])
    user_id = data.subject_id
    return await desk.call(lambda: suppressed(desk.regulations, limit=limit, cursor=cursor, user_id=user_id))


@get("/privacy/audit", responses=ERRORS)
async def list_audit(
    desk: Desk,
    regulation: Annotated[str | None, Parameter(max_length=100)] = None,
    limit: Limit = PAGE_DEFAULT,
    cursor: Cursor = None,
) -> Page[ReceiptLine]:
    """Every receipt ever written, newest first."""
    return await desk.call(lambda: audit(desk.regulations, regulation=regulation, limit=limit, cursor=cursor))


HANDLERS: Final[list[Callable[..., Any]]] = [
    create_regulation,
    list_regulations,
    show_regulation,
    search_regulations,
    list_suppressions,
    search_suppressions,
    list_audit,
]
