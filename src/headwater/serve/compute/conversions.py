"""One definition in every notation, while somebody writes it in one of them; and expressions held against the
grammar. Mistakes are the answer here, not an error: whoever types is wrong most of the time.
"""

import asyncio
from collections.abc import Callable
from typing import Annotated, Any, Final, Literal, NamedTuple

import msgspec
from litestar import post

from headwater import limits
from headwater.config.definitions import Collection
from headwater.config.document import Document, read_document
from headwater.config.export import as_yaml
from headwater.config.workspace import Workspace
from headwater.definitions.query import parse_query, render_query
from headwater.destinations import registry
from headwater.errors import ConfigError, InputError, Problem
from headwater.fql import FqlError, compile_filter, render
from headwater.fql.ast import Path
from headwater.fql.errors import ExpressionError
from headwater.serve.compute.definitions import tree_of
from headwater.serve.config.definition_edits import CONDITIONS, tried
from headwater.serve.config.edits import decoded
from headwater.serve.config.sections import Section
from headwater.serve.desk import Desk
from headwater.serve.entry.access import READS
from headwater.serve.errors import ERRORS
from headwater.serve.instants import now_ms

Notation = Literal["json", "yaml", "query"]


class Mistake(msgspec.Struct, frozen=True):
    message: str
    path: str = ""
    """Inside the definition; empty: of all of it, or of a text without paths."""
    line: int = 0
    """From 1; 0: not known."""
    offset: int = 0
    """Of a text: where the mistake begins, in characters from 0, ..."""
    length: int = 0
    """... and how many are meant; 0: not known."""
    hint: str = ""


class DefinitionText(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    section: Literal["traits", "audiences"]
    notation: Notation
    """What `text` is in. `query` is Segment's query language; the others are the item of the workspace file, or,
    of an audience, its condition.
    """
    text: Annotated[str, msgspec.Meta(max_length=limits.definitions.TEXT_CHARS_MAX)]
    collection: Collection = Collection.USERS
    """For a query, and where an item does not say."""
    key: str = ""
    """That it has or will have: it may stand in the place of the one of this key."""


class Converted(msgspec.Struct, frozen=True):
    problems: list[Mistake]
    """Empty: it is right, and the rest is filled in."""
    definition: dict[str, Any]
    """The item as the workspace file has it, its condition as a tree; without the key if none was given."""
    yaml: str
    query: str
    sql: str
    """DuckDB's; empty when it has none."""
    sql_problem: str
    """What cannot be said in SQL."""


class FqlText(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    expression: Annotated[str, msgspec.Meta(max_length=limits.fql.BYTES_MAX)]
    trigger: bool = False
    """Read it as the trigger of an action."""


class FqlCheck(msgspec.Struct, frozen=True):
    problem: Mistake | None
    """Null: it is right."""
    fql: str
    """Its canonical text."""
    ast: dict[str, Any] | None
    paths: list[str]
    """What it reads of an event."""


class _Read(NamedTuple):
    """A text as the body of a definition."""

    body: dict[str, Any]
    document: Document | None = None
    """Which knows its lines."""
    inside: str = ""
    """Where in the body the text stands."""

    def mistake(self, problem: Problem) -> Mistake:
        path = problem.path.removeprefix(self.inside).removeprefix(".") if self.inside else problem.path
        return Mistake(problem.message, path, self.document.line(path) if self.document else 0)


def converted(workspace: Workspace, asked: DefinitionText) -> Converted:
    """Blocking: the first SQL loads a compiler."""
    section = Section(asked.section)
    read = None
    try:
        read = _read(asked)
        found = tried(workspace, section, read.body, registry)
    except ExpressionError as error:
        return _wrong(mistake(error))
    except ConfigError as error:
        if read is None:
            return _wrong(*(Mistake(problem.message, problem.path, problem.line) for problem in error.problems))
        return _wrong(*map(read.mistake, error.problems))
    except InputError as error:
        return _wrong(Mistake(error.message, error.field or ""))
    body = found.definition.body
    said = {"where": tree_of(body)} if section is Section.AUDIENCES else tree_of(body)
    kept = ("key", "name", "collection", "destinations")
    definition = {key: read.body[key] for key in kept if read.body.get(key)} | said
    sql, problem = _sql(found.definition, found.workspace)
    return Converted([], definition, as_yaml(definition), render_query(body), sql, problem)


def mistake(error: ExpressionError) -> Mistake:
    return Mistake(error.problem, "", error.line, error.offset, error.length, error.hint or "")


def _wrong(*problems: Mistake) -> Converted:
    return Converted(list(problems), {}, "", "", "", "")


def _read(asked: DefinitionText) -> _Read:
    """ConfigError when it cannot be read, QueryError with its place."""
    document = None
    match asked.notation:
        case "query":
            parse_query(asked.text, collection=asked.collection)  # its own error says where, in characters
            given: dict[str, Any] = {"query": asked.text}
        case "json":
            given = decoded(asked.text.encode())
        case "yaml":
            document = read_document(asked.text)
            document.check()
            if not isinstance(document.data, dict):
                raise InputError("invalid_request", "expected a mapping, as an item of the workspace file")
            given = document.data
    about = {"key": asked.key} if asked.key else {}
    if asked.collection is not Collection.USERS:
        about["collection"] = asked.collection.value
    if asked.section == "audiences" and CONDITIONS & given.keys():
        return _Read(about | {"where": given}, document, "where")
    return _Read(about | given, document)


def _sql(definition: Any, workspace: Workspace) -> tuple[str, str]:
    from headwater.definitions.sql import NotInSqlError, compile_definition

    try:
        sql = compile_definition(definition, workspace.definitions, dialect="duckdb", now_ms=now_ms())
    except NotInSqlError as error:
        return "", error.message
    return sql, ""


def checked(asked: FqlText) -> FqlCheck:
    try:
        question = compile_filter(asked.expression, trigger=asked.trigger)
    except FqlError as error:
        return FqlCheck(mistake(error), "", None, [])
    tree = msgspec.to_builtins(question.expression)
    return FqlCheck(None, render(question.expression), tree, [render(Path(path)) for path in question.paths])


@post("/definitions/convert", status_code=200, responses=ERRORS, opt=READS)
async def convert_definition(desk: Desk, data: DefinitionText) -> Converted:
    """A trait or an audience in all notations, or what is wrong with it and where. Nothing is saved."""
    workspace = (await desk.version()).workspace
    return await asyncio.to_thread(converted, workspace, data)


@post("/fql/check", status_code=200, responses=ERRORS, opt=READS)
async def check_fql(data: FqlText) -> FqlCheck:
    """Whether a text is FQL; what it means, or what is wrong and where."""
    return checked(data)


HANDLERS: Final[list[Callable[..., Any]]] = [convert_definition, check_fql]
