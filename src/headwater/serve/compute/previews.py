"""What a trait or an audience would come to, before it is saved: a question to the lake in SQL.

It is exact for what is in the lake, which is some seconds behind; people whose merge was undone are counted as
they were when their events came. Once saved, the live value is the true one.
"""

import asyncio
import time
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any, Final, NamedTuple

import msgspec
from litestar import Request, post

from headwater import limits
from headwater.aggregation import reading, tables
from headwater.aggregation.reading import Rows
from headwater.aggregation.working_set import profile_count
from headwater.config.identity import Identity
from headwater.config.workspace import Workspace
from headwater.definitions.query import render_query
from headwater.destinations import registry
from headwater.errors import AbsentError, HeadwaterError
from headwater.flow import Effects
from headwater.lake.port import Lake
from headwater.serve.bodies import DefinitionBody
from headwater.serve.compute.definitions import tree_of
from headwater.serve.config.definition_edits import tried
from headwater.serve.config.edits import decoded
from headwater.serve.config.sections import Section
from headwater.serve.desk import Desk
from headwater.serve.entry.access import READS
from headwater.serve.errors import CONFIG_ERRORS
from headwater.serve.instants import now_ms
from headwater.serve.unify.profile_names import by_priority, called
from headwater.serve.unify.profiles import Id
from headwater.state.port import State

_AT_ONCE: Final = asyncio.Semaphore(1)
"""One takes every core, as an SQL statement does."""


class PreviewLine(msgspec.Struct, frozen=True):
    segment_id: str
    value: Any
    """Of an audience: true."""
    external_ids: list[Id]
    """The best first, at most 100."""
    name: str
    """As people would call it; empty: nothing is known of it."""


class Preview(msgspec.Struct, frozen=True):
    collection: str
    definition: dict[str, Any]
    """As it was understood, in both notations."""
    query: str
    count: int
    """Profiles that would have a value, or be members."""
    profiles: int
    """That there are, of this collection."""
    sample: list[PreviewLine]
    """The first of them by segment id."""
    took_ms: int
    """To ask the lake, without waiting for others who ask it."""


class _Related(NamedTuple):
    """What the lake cannot know."""

    merged: list[tuple[str, str]]
    accounts: list[tuple[str, str]]


def preview(state: State | None, lake: Lake, workspace: Workspace, section: Section, body: bytes) -> Preview:
    """Blocking. `state` None: no pipeline has run yet. InputError or ConfigError when the body defines nothing,
    BusyError when it takes too long.
    """
    import duckdb

    from headwater.definitions.sql import preview as in_sql
    from headwater.lake.query import ask

    began = time.monotonic()
    definition, edited = tried(workspace, section, decoded(body), registry)
    related = _Related([], []) if state is None else _related(state)

    def question(connection: duckdb.DuckDBPyConnection) -> in_sql.Preview:
        return in_sql.preview(connection, definition, edited.definitions, now_ms=now_ms(), **related._asdict())

    try:
        found = ask(lake, question)
    except duckdb.Error as error:
        raise HeadwaterError(f"the lake could not be asked: {error}") from None
    lines = [line(state, each.profile_id, each.value, workspace.identity) for each in found.sample]
    profiles = 0 if state is None else profile_count(Effects(state), str(definition.collection))
    body_of_it = definition.body
    took_ms = round((time.monotonic() - began) * 1000)
    return Preview(
        definition.collection,
        tree_of(body_of_it),
        render_query(body_of_it),
        found.count,
        profiles,
        lines,
        took_ms,
    )


def _related(state: Rows) -> _Related:
    merged = {key: into for key, into in state.scan(tables.MERGED) if len(key) == tables.KEY_BYTES}
    pairs = [(tables.segment_id(key), tables.segment_id(_survivor(merged, key))) for key in merged]
    return _Related(pairs, list(_accounts(state)))


def _survivor(merged: dict[bytes, bytes], key: bytes) -> bytes:
    """Follows the rows to their end, and shortens the way for who comes later."""
    way: list[bytes] = []
    while (into := merged.get(key)) is not None and len(way) < limits.identity.MERGED_FOLLOWED_MAX:
        way.append(key)
        key = into
    for each in way:
        merged[each] = key
    return key


def _accounts(state: Rows) -> Iterator[tuple[str, str]]:
    for key, row in state.scan(tables.PROFILE_IDS, tables.COLLECTIONS["accounts"]):
        known = tables.decode_profile_id(row)
        if known.type == "group_id":
            yield known.value, tables.segment_id(key[: tables.KEY_BYTES])


def line(state: Rows | None, segment_id: str, value: Any, identity: Identity) -> PreviewLine:
    key = tables.key_of_segment_id(segment_id)
    if state is None or key is None:
        return PreviewLine(segment_id, value, [], "")
    found = [each for each, _ in islice(reading.external_ids(state, key), limits.compute.MEMBER_IDS_SHOWN_MAX)]
    ids = by_priority(found, identity)
    (row,) = state.get_many(tables.PROFILES, [key])
    known = {} if row is None else reading.sent(tables.decode_profile(row))
    return PreviewLine(segment_id, value, [Id(*each) for each in ids], called(known, ids))


@post("/audiences/-/preview", status_code=200, responses=CONFIG_ERRORS, operation_class=DefinitionBody, opt=READS)
async def preview_audience(desk: Desk, request: Request[Any, Any, Any]) -> Preview:
    """How many would be members, and 20 of them, of what is in the lake. Nothing is saved."""
    return await _preview(desk, Section.AUDIENCES, await request.body())


@post("/traits/-/preview", status_code=200, responses=CONFIG_ERRORS, operation_class=DefinitionBody, opt=READS)
async def preview_trait(desk: Desk, request: Request[Any, Any, Any]) -> Preview:
    """How many would have a value, and 20 of them with it, of what is in the lake. Nothing is saved."""
    return await _preview(desk, Section.TRAITS, await request.body())


async def _preview(desk: Desk, section: Section, body: bytes) -> Preview:
    workspace = (await desk.version()).workspace

    def work() -> Preview:
        try:
            with desk.view.reading() as state:
                return preview(state, desk.lake(), workspace, section, body)
        except AbsentError:
            return preview(None, desk.lake(), workspace, section, body)

    async with _AT_ONCE:
        return await asyncio.to_thread(work)


HANDLERS: Final[list[Callable[..., Any]]] = [preview_audience, preview_trait]
