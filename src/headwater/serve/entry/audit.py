"""The audit log: written for every request that has changed something, and read over HTTP.

No handler writes into it, so none can forget to. What is written is who has called which operation about what;
what a change of the workspace was in detail, its version says.
"""

import asyncio
from datetime import datetime
from typing import Annotated, Any, Final

import msgspec
import structlog
from litestar import get
from litestar.handlers import HTTPRouteHandler
from litestar.params import Parameter, QueryParameter
from litestar.types import BeforeMessageSendHookHandler, Message, Scope

from headwater.config.port import ConfigStore, VersionLine
from headwater.errors import HeadwaterError
from headwater.serve.desk import Desk
from headwater.serve.entry.access import ADMIN
from headwater.serve.errors import ERRORS
from headwater.serve.instants import aware, instant_ms, now_ms
from headwater.serve.metrics import AUDIT_FAILURES
from headwater.serve.pages import PAGE_DEFAULT, Cursor, Limit, Page, place
from headwater.team.actor import Actor, Means
from headwater.team.audit import Entry, Own, Place, Wanted
from headwater.team.roles import Role

SUBJECT_CHARS_MAX: Final = 300


class AuditLine(msgspec.Struct, frozen=True):
    id: str
    at: datetime
    actor: str
    actor_id: str
    """Of the teammate or token; empty: nobody of the team."""
    role: Role | None
    """That they had then; null: not known, as of what was done on the machine itself."""
    means: Means | None
    """How they have shown who they are; null: they have not."""
    operation: str
    """Of this API, or `sign_in_failed`, or `workspace_applied` for a version made on the machine itself."""
    subject: str
    """What the address named, as in `crm`."""
    status: int
    """0: it was no request."""
    version: int | None
    """Of the workspace, that this has made."""
    note: str
    """Of that version; of a sign-in, where it came from."""


def auditing(desk: Desk) -> BeforeMessageSendHookHandler:
    """Writes the entry before the answer leaves: who is told that something was done can look it up."""

    async def write(message: Message, scope: Scope) -> None:
        if (
            message["type"] == "http.response.start"
            and message["status"] < 400
            and (entry := _entry(message, scope))
        ):
            await asyncio.shield(record(desk, entry))

    return write


async def record(desk: Desk, entry: Entry) -> None:
    """Write it. What was done is done: when the disk refuses, the log of `serve` has the entry instead."""
    try:
        if entry.version is not None:
            await note_versions(desk)  # those before this one; this entry takes the place of its own
        await desk.ask_team(lambda team: team.audit.write(entry))
    except HeadwaterError as error:
        AUDIT_FAILURES.inc()
        structlog.get_logger().error("audit entry not written", reason=str(error), **msgspec.to_builtins(entry))


def _entry(message: Message, scope: Scope) -> Entry | None:
    actor, handler, state = scope.get("user"), scope.get("route_handler"), scope.get("state", {})
    if not (isinstance(actor, Actor) and isinstance(handler, HTTPRouteHandler) and state.get("changes")):
        return None
    made = state.get("made_versions")
    return Entry(
        now_ms(),
        actor.name,
        actor.id,
        actor.role,
        actor.means,
        handler.handler_name,
        str(state.get("audit_subject") or _subject(scope, handler))[:SUBJECT_CHARS_MAX],
        int(message["status"]),  # type: ignore[typeddict-item]  # of the message that the caller has checked for
        made[-1] if made else None,
        str(state.get("audit_note", "")),
    )


def _subject(scope: Scope, handler: HTTPRouteHandler) -> str:
    if handler.opt.get("personal"):
        return ""  # the ids of people stand where they can be erased, and nowhere else
    values = (str(value).strip("/") for value in scope.get("path_params", {}).values())
    return "/".join(values)


# --- reading ---------------------------------------------------------------------------------------------------


@get("/audit", responses=ERRORS, opt=ADMIN)
async def list_audit_entries(
    desk: Desk,
    actor_named: Annotated[
        str | None,
        QueryParameter(name="actor", max_length=200, description="A name, or the id of a teammate or token."),
    ] = None,
    operation: Annotated[
        list[str] | None, Parameter(max_items=100, description="One of these; may be given several times.")
    ] = None,
    subject: Annotated[str | None, Parameter(max_length=300, description="How it begins.")] = None,
    since: Annotated[str | None, Parameter(max_length=40, description="`24h`, `7d` ago or an instant.")] = None,
    until: Annotated[str | None, Parameter(max_length=40, description="The same.")] = None,
    versions: Annotated[bool, Parameter(description="Only what has made a version of the workspace.")] = False,
    limit: Limit = PAGE_DEFAULT,
    cursor: Cursor = None,
) -> Page[AuditLine]:
    """Who has changed what, newest first, versions of the workspace that were made elsewhere among it."""
    at_ms = now_ms()
    wanted = Wanted(
        actor_named or "",
        tuple(operation or ()),
        subject or "",
        instant_ms(since, at_ms) if since else None,
        instant_ms(until, at_ms, field="until") if until else None,
        versions,
    )
    before = place(cursor, numbers=2)
    await note_versions(desk)
    found = await desk.ask_team(
        lambda team: team.audit.search(wanted, limit=limit + 1, before=Place(*before) if before else None)
    )
    lines = [_line(entry) for entry in found[:limit]]
    return Page(lines, f"{found[limit - 1].at_ms}-{found[limit - 1].id}" if len(found) > limit else None)


async def note_versions(desk: Desk) -> None:
    """Add an entry for each version of the workspace that no request has made: by `headwater apply` on the
    machine, at a start, or while `serve` did not run.
    """
    noted = await desk.ask_team(lambda team: team.audit.noted_version())
    found = await desk.call(lambda: _made_after(desk.config, noted))
    if found:
        await desk.ask_team(lambda team: team.audit.note_versions([_made_elsewhere(line) for line in found]))


def _made_after(config: ConfigStore, number: int) -> list[VersionLine]:
    newest = config.history(limit=1)
    return config.history(limit=newest[0].number - number) if newest and newest[0].number > number else []


def _made_elsewhere(line: VersionLine) -> Entry:
    at_ms = round(line.at.timestamp() * 1000)
    own = Own.APPLIED
    return Entry(at_ms, line.author, "", None, Means.COMMAND, own, version=line.number, note=line.note)


def _line(entry: Entry) -> AuditLine:
    fields: dict[str, Any] = msgspec.structs.asdict(entry)
    return AuditLine(at=aware(fields.pop("at_ms")), id=str(fields.pop("id")), **fields)


HANDLERS: Final = [list_audit_entries]
