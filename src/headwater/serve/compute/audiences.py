"""Audiences over HTTP: who is in them, how many were when, as a file; and made, changed, removed."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from itertools import islice
from typing import Annotated, Any, Final

import msgspec
from litestar import Request, delete, get, put
from litestar.params import Parameter, QueryParameter
from litestar.response import Stream

from headwater import limits
from headwater.aggregation import tables
from headwater.aggregation.reading import Rows
from headwater.config.definitions import AudienceDefinition
from headwater.config.identity import Identity
from headwater.config.workspace import Workspace
from headwater.errors import InputError
from headwater.processing.timestamps import render
from headwater.serve.bodies import DefinitionBody
from headwater.serve.compute.definitions import AudienceLine, audience_lines, one
from headwater.serve.compute.exports import Format, Writer, columns, writer
from headwater.serve.compute.members import Member, Members, members, trait_keys
from headwater.serve.config import definition_edits
from headwater.serve.config.editing import IsNew, applied
from headwater.serve.config.edits import Terms
from headwater.serve.config.sections import Section
from headwater.serve.config.workspace import Applied
from headwater.serve.desk import Desk
from headwater.serve.entry.access import DRY_RUN
from headwater.serve.errors import EDIT_ERRORS, ERRORS, NAMED_ERRORS
from headwater.serve.instants import instant_ms, now_ms
from headwater.serve.pages import PAGE_DEFAULT, PAGE_MAX, Cursor, Limit, Page, page
from headwater.state.port import State
from headwater.units import HOUR_MS

Collection = Annotated[
    str | None, Parameter(pattern="^(users|accounts)$", description="Default: whichever has it, users first.")
]
Traits = Annotated[str | None, Parameter(description="Keys of traits to show, with commas in between.")]


class SizePoint(msgspec.Struct, frozen=True):
    hour: str
    """Its first instant."""
    size: int
    """At its end; in the hour that is not over, now."""
    entered: int | None
    """How often somebody entered in it; null: an older version has not counted."""
    left: int | None


# --- what the API and the command line both do -------------------------------------------------------------------


def find(state: Rows | None, workspace: Workspace, key: str, collection: str | None = None) -> AudienceLine:
    found: AudienceLine = one(audience_lines(state, workspace), Section.AUDIENCES, key, collection)
    return found


def sizes(state: Rows | None, audience: str, *, since_ms: int, limit: int, cursor: str | None) -> Page[SizePoint]:
    """Oldest first. An hour in which nobody came or went has no line: the size is that of the line before."""
    if cursor is not None:
        since_ms = instant_ms(cursor, 0, field="cursor") + HOUR_MS
    found = [] if state is None else list(islice(_sizes(state, audience, -(-since_ms // HOUR_MS)), limit + 1))
    lines = [SizePoint(render(hour * HOUR_MS), *row) for hour, row in found[:limit]]
    return Page(lines, lines[-1].hour if len(found) > limit else None)


def _sizes(state: Rows, audience: str, hour: int) -> Iterator[tuple[int, tables.AudienceHour]]:
    now = tables.size_key(audience)
    for key, row in state.scan(
        tables.AUDIENCE_SIZES, audience.encode() + b"\0", start=tables.size_key(audience, hour)
    ):
        if key != now:
            yield int.from_bytes(key[-4:], "big"), tables.read_hour(row)


# --- handlers ---------------------------------------------------------------------------------------------------


@get("/audiences", responses=ERRORS)
async def list_audiences(desk: Desk, limit: Limit = PAGE_DEFAULT, cursor: Cursor = None) -> Page[AudienceLine]:
    """In the order of the workspace file: what each is, its size, and whether everybody has been computed."""
    workspace = (await desk.version()).workspace
    lines = await desk.look(lambda state: audience_lines(state, workspace))
    return page(lines, lambda line: f"{line.collection}.{line.key}", limit=limit, cursor=cursor)


@get("/audiences/{key:str}", responses=NAMED_ERRORS)
async def read_audience(desk: Desk, key: str, collection: Collection = None) -> AudienceLine:
    """One of them."""
    workspace = (await desk.version()).workspace
    return await desk.look(lambda state: find(state, workspace, key, collection))


@put("/audiences/{key:str}", responses=EDIT_ERRORS, operation_class=DefinitionBody, opt=DRY_RUN)
async def put_audience(
    desk: Desk, request: Request[Any, Any, Any], key: str, terms: Terms, is_new: IsNew = False
) -> Applied:
    """Make it, or change it, as a new version of the workspace. It is computed for everybody from their history,
    and `progress` says how far that is.
    """
    return await applied(
        desk, definition_edits.put(Section.AUDIENCES, key, await request.body(), is_new=is_new), terms
    )


@delete("/audiences/{key:str}", status_code=200, responses=EDIT_ERRORS, opt=DRY_RUN)
async def delete_audience(desk: Desk, key: str, terms: Terms, collection: Collection = None) -> Applied:
    """Remove it, as a new version of the workspace. 422 while another definition refers to it."""
    return await applied(desk, definition_edits.delete(Section.AUDIENCES, key, collection), terms)


@get("/audiences/{key:str}/sizes", responses=NAMED_ERRORS)
async def list_audience_sizes(
    desk: Desk,
    key: str,
    *,
    collection: Collection = None,
    since: Annotated[
        str | None, Parameter(description="Only hours since: `24h`, `7d`, or an ISO 8601 instant.")
    ] = None,
    limit: Limit = PAGE_MAX,
    cursor: Cursor = None,
) -> Page[SizePoint]:
    """Its size at the end of each hour in which somebody entered or left, and how many did, oldest first."""
    workspace = (await desk.version()).workspace
    since_ms = instant_ms(since, now_ms(), field="since") if since else 0

    def read(state: State | None) -> Page[SizePoint]:
        return sizes(
            state, find(state, workspace, key, collection).key, since_ms=since_ms, limit=limit, cursor=cursor
        )

    return await desk.look(read)


@get("/audiences/{key:str}/members", responses=NAMED_ERRORS)
async def list_members(
    desk: Desk,
    key: str,
    *,
    collection: Collection = None,
    traits: Traits = None,
    limit: Limit = PAGE_DEFAULT,
    cursor: Cursor = None,
) -> Page[Member]:
    """Who is in it, in no order that means anything: each once, since when, by which ids, with the traits
    that were asked for. Whoever enters or leaves between two pages may or may not be there.
    """
    audience = await _Audience.find(desk, key, collection, traits)
    found = await audience.page(cursor, limit=limit, named_by=audience.workspace.identity)
    return Page(found.members, found.next)


@get("/audiences/{key:str}/export", responses=NAMED_ERRORS)
async def export_members(
    desk: Desk,
    key: str,
    *,
    form: Annotated[
        Format, QueryParameter(name="format", description="`csv`, `parquet` or `ndjson`.")
    ] = Format.CSV,
    collection: Collection = None,
    traits: Traits = None,
) -> Stream:
    """All members as a file, in one answer of any length. In CSV, text that a spreadsheet would take for a formula
    begins with an apostrophe.
    """
    audience = await _Audience.find(desk, key, collection, traits)
    shown = columns(audience.workspace, audience.collection, audience.traits)
    first = await audience.page(None, limit=limits.compute.EXPORT_PAGE_MEMBERS)
    into = await asyncio.to_thread(writer, form, audience.collection, shown)  # it may load Arrow
    headers = {"Content-Disposition": f'attachment; filename="{audience.key}.{form}"'}
    return Stream(audience.file(into, first), media_type=form.media_type, headers=headers)


class _Audience:
    """One that there is, and the traits of its members that somebody wants to see."""

    def __init__(
        self, desk: Desk, workspace: Workspace, found: AudienceDefinition, traits: tuple[str, ...]
    ) -> None:
        self.workspace = workspace
        self.key = found.key
        self.collection = found.collection.value
        self.traits = traits
        self._desk = desk

    @classmethod
    async def find(cls, desk: Desk, key: str, collection: str | None, traits: str | None) -> "_Audience":
        wanted = trait_keys(traits)
        workspace = (await desk.version()).workspace
        return cls(desk, workspace, one(workspace.audiences, Section.AUDIENCES, key, collection), wanted)

    async def page(self, cursor: str | None, *, limit: int, named_by: Identity | None = None) -> Members:
        def read(state: State | None) -> Members:
            if state is None:
                return _nobody(cursor)
            return members(
                state,
                self.key,
                self.collection,
                limit=limit,
                cursor=cursor,
                traits=self.traits,
                named_by=named_by,
            )

        return await self._desk.look(read)

    async def file(self, into: Writer, first: Members) -> AsyncIterator[bytes]:
        found = first
        while True:
            data = await asyncio.to_thread(into.write, found.members)
            if data:
                yield data
            if found.next is None:
                break
            found = await self.page(found.next, limit=limits.compute.EXPORT_PAGE_MEMBERS)
        yield await asyncio.to_thread(into.end)


def _nobody(cursor: str | None) -> Members:
    if cursor is not None:
        raise InputError("invalid_cursor", "not a cursor of this list", field="cursor")
    return Members([], None)


HANDLERS: Final[list[Callable[..., Any]]] = [
    list_audiences,
    read_audience,
    put_audience,
    delete_audience,
    list_audience_sizes,
    list_members,
    export_members,
]
