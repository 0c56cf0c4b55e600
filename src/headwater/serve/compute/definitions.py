"""Traits and audiences as they stand: what they are, in both notations, and whether everybody is computed."""

from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import Any, NamedTuple

import msgspec

from headwater.aggregation import tables
from headwater.aggregation.reading import Rows
from headwater.aggregation.sweep import generation_of, read_sweep
from headwater.aggregation.tables import Sweep
from headwater.config.definitions import AudienceDefinition, Connection, TraitDefinition
from headwater.config.workspace import Workspace
from headwater.definitions import ast
from headwater.definitions.query import render_query
from headwater.definitions.tree_printer import as_keys, as_tree
from headwater.errors import NotFoundError, nearest
from headwater.serve.config.sections import COLLECTIONS, Section


class DefinitionStatus(StrEnum):
    LIVE = "live"
    """Everybody's value is what it should be, and follows events as they come."""
    COMPUTING = "computing"
    """It is new or was edited, and not everybody has been computed yet."""
    BROKEN = "broken"
    """It cannot be read, and is not computed: an older version has stored it."""


class TraitLine(msgspec.Struct, frozen=True):
    key: str
    name: str
    collection: str
    definition: dict[str, Any]
    """As the workspace file has it: of a trait its keys, of an audience the tree of conditions."""
    query: str
    """The same in Segment's query language."""
    version: int
    """The workspace version that brought what it computes."""
    status: DefinitionStatus
    progress: float
    """0 to 1: how many profiles have been computed. 1 when it is live."""
    profiles_done: int
    """Of the sweep that computes it; 0 when it is live."""
    profiles_total: int
    problem: str
    """Why it is broken."""
    destinations: list[str]
    """Who is told ..."""
    connections: list[Connection]
    """... and how."""


class AudienceLine(TraitLine, frozen=True):
    size: int
    """Members now."""


class Standing(NamedTuple):
    """How far the newest definitions have come."""

    sweep: Sweep
    is_of_today: bool
    """The sweep is about the definitions that there are now; else one will begin in a moment."""

    @property
    def swept(self) -> int:
        """Definitions up to this version are computed for everybody."""
        return self.sweep.version if self.sweep.finished_ms else self.sweep.swept

    @property
    def done(self) -> int:
        return self.sweep.done if self.is_of_today else 0

    @property
    def progress(self) -> float:
        return round(min(self.done / self.sweep.total, 1.0), 4) if self.is_of_today and self.sweep.total else 0.0


def standing(state: Rows | None, workspace: Workspace) -> Standing:
    """`state` None: no pipeline has run yet."""
    sweep = read_sweep(state) if state is not None else Sweep()
    return Standing(sweep, sweep.definitions == generation_of(workspace).fingerprint)


def trait_lines(state: Rows | None, workspace: Workspace) -> list[TraitLine]:
    """In the order of the workspace file."""
    return [TraitLine(**line) for line in _lines(workspace.traits, state, workspace)]


def audience_lines(state: Rows | None, workspace: Workspace) -> list[AudienceLine]:
    """In the order of the workspace file."""
    lines = list(_lines(workspace.audiences, state, workspace))
    sizes = sizes_now(state, [line["key"] for line in lines])
    return [AudienceLine(**line, size=size) for line, size in zip(lines, sizes, strict=True)]


def sizes_now(state: Rows | None, audiences: list[str]) -> list[int]:
    if state is None:
        return [0] * len(audiences)
    rows = state.get_many(tables.AUDIENCE_SIZES, [tables.size_key(key) for key in audiences])
    return [tables.unpack_ms(row) if row else 0 for row in rows]


def one(lines: Sequence[Any], section: Section, key: str, collection: str | None) -> Any:
    """What has this key, of users before accounts. NotFoundError when there is none."""
    for wanted in [collection] if collection else COLLECTIONS:
        for line in lines:
            if (line.key, line.collection) == (key, wanted):
                return line
    of = f" of {collection}" if collection else ""
    raise NotFoundError(f"there is no {section.noun} {key!r}{of}; {nearest(key, [line.key for line in lines])}")


def _lines(
    items: tuple[TraitDefinition, ...] | tuple[AudienceDefinition, ...], state: Rows | None, workspace: Workspace
) -> Iterator[dict[str, Any]]:
    now = standing(state, workspace)
    bodies = {(str(each.collection), each.key): each.body for each in workspace.definitions}
    mistakes = {mistake.name: mistake.message for mistake in workspace.catalogue.mistakes}
    for item in items:
        name = (item.collection.value, item.key)
        body = bodies.get(name)
        status = (
            DefinitionStatus.BROKEN
            if body is None
            else DefinitionStatus.LIVE
            if item.version <= now.swept
            else DefinitionStatus.COMPUTING
        )
        is_computing = status is DefinitionStatus.COMPUTING
        yield {
            "key": item.key,
            "name": item.name,
            "collection": item.collection.value,
            "definition": {} if body is None else tree_of(body),
            "query": "" if body is None else render_query(body),
            "version": item.version,
            "status": status,
            "progress": now.progress if is_computing else float(status is DefinitionStatus.LIVE),
            "profiles_done": now.done if is_computing else 0,
            "profiles_total": now.sweep.total if is_computing and now.is_of_today else 0,
            "problem": mistakes.get(name, "") if body is None else "",
            "destinations": [connection.name for connection in item.destinations],
            "connections": list(item.destinations),
        }


def tree_of(body: ast.Aggregate | ast.Condition) -> dict[str, Any]:
    return as_keys(body) if isinstance(body, ast.Aggregate) else as_tree(body)
