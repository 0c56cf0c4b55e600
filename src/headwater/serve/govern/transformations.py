"""Transformations over HTTP: which there are, and what they would do to real events."""

import asyncio
from typing import Annotated, Any, Final

import msgspec
from litestar import Request, delete, get, post, put

from headwater import limits
from headwater.config.loader import complete, load
from headwater.config.port import Version
from headwater.config.secrets import masked
from headwater.config.transformations import Transformation
from headwater.config.workspace import Workspace, as_data
from headwater.destinations import registry
from headwater.errors import InputError, NotFoundError, nearest
from headwater.serve.bodies import part_of_file
from headwater.serve.config import edits
from headwater.serve.config.editing import IsNew, applied
from headwater.serve.config.edits import Terms, decoded
from headwater.serve.config.sections import Section
from headwater.serve.config.workspace import Applied
from headwater.serve.desk import Desk
from headwater.serve.entry.access import DRY_RUN, READS
from headwater.serve.errors import CONFIG_ERRORS, EDIT_ERRORS, ERRORS, NAMED_ERRORS
from headwater.serve.govern import dry_run
from headwater.serve.govern.dry_run import DryRun
from headwater.serve.pages import PAGE_DEFAULT, Cursor, Limit, Page, page


class TransformationLine(msgspec.Struct, frozen=True):
    name: str
    enabled: bool
    sources: list[str]
    """Whose events it changes; empty: every source's."""
    destination: str
    """Empty: for everyone."""
    version: int
    """The workspace version that brought it as it is."""
    definition: dict[str, Any]
    """As in a workspace file, with the key of a hash masked."""


class TransformationDetail(msgspec.Struct, frozen=True):
    version: int
    """Of the workspace: what a change of it starts from."""
    transformation: Transformation
    """As the workspace file has it, with the key of a hash masked; and the workspace version that brought it."""


class TransformationOrder(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    order: Annotated[list[str], msgspec.Meta(max_length=limits.govern.TRANSFORMATIONS_MAX)]
    """All of them by name, the first to be applied first."""


class Test(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    file: str | None = None
    """A workspace file, YAML: its transformations are tried. Left out: those of the workspace."""
    transformation: str | None = None
    """Only this one, enabled or not."""
    draft: dict[str, Any] | None = None
    """What this one would say, as the workspace file has it; one that is new comes last."""
    source: str | None = None
    """Only events of this source."""
    last: Annotated[int, msgspec.Meta(ge=1, le=limits.govern.TRANSFORMATION_TEST_EVENTS_MAX)] = (
        dry_run.LAST_DEFAULT
    )
    """The newest so many events."""
    whole: Annotated[int, msgspec.Meta(ge=0, le=limits.observe.RECENT_EVENTS_MAX)] = 0
    """So many of those that something would be done to are told whole, before and after."""


def workspace_to_test(current: Version | None, test: Test, file: str = "") -> Workspace:
    """The workspace whose transformations are tried. ConfigError when the file is wrong, InputError when what is
    asked for is not in it.
    """
    if test.file is not None:
        loaded = load(test.file, registry, file=file, previous=current.workspace if current else None)
        workspace = complete(
            loaded, current.workspace if current else None, (current.number if current else 0) + 1
        )
    elif current is None:
        raise InputError("no_workspace", "nothing was applied yet", field="file")
    else:
        workspace = current.workspace
    if test.transformation and test.transformation not in {t.name for t in workspace.transformations}:
        raise InputError(
            "unknown_transformation",
            f"there is no transformation {test.transformation!r}",
            field="transformation",
        )
    if test.source and workspace.source(test.source) is None:
        raise InputError("unknown_source", f"there is no source {test.source!r}", field="source")
    return workspace


@get("/transformations", responses=ERRORS)
async def list_transformations(
    desk: Desk, limit: Limit = PAGE_DEFAULT, cursor: Cursor = None
) -> Page[TransformationLine]:
    """In the order in which they are applied."""
    workspace = (await desk.version()).workspace
    lines = [
        TransformationLine(t.name, t.enabled, list(t.sources), t.destination, t.version, as_data(t))
        for t in masked(workspace, registry).transformations
    ]
    return page(lines, lambda line: line.name, limit=limit, cursor=cursor)


@get("/transformations/{name:str}", responses=NAMED_ERRORS)
async def read_transformation(desk: Desk, name: str) -> TransformationDetail:
    """One of them whole."""
    version = await desk.version()
    rules = masked(version.workspace, registry).transformations
    for rule in rules:
        if rule.name == name:
            return TransformationDetail(version.number, rule)
    raise NotFoundError(f"there is no transformation {name!r}; {nearest(name, [rule.name for rule in rules])}")


@put(
    "/transformations/{name:str}",
    responses=EDIT_ERRORS,
    operation_class=part_of_file("Transformation"),
    opt=DRY_RUN,
)
async def put_transformation(
    desk: Desk, request: Request[Any, Any, Any], name: str, terms: Terms, is_new: IsNew = False
) -> Applied:
    """Make it, as the last one, or change it where it stands, as a new version of the workspace. It holds for
    events from then on.
    """
    given = decoded(await request.body())
    return await applied(desk, edits.put(Section.TRANSFORMATIONS, name, given, is_new=is_new), terms)


@delete("/transformations/{name:str}", status_code=200, responses=EDIT_ERRORS, opt=DRY_RUN)
async def delete_transformation(desk: Desk, name: str, terms: Terms) -> Applied:
    """Remove it, as a new version of the workspace. Events that it has changed stay as they are."""
    return await applied(desk, edits.delete(Section.TRANSFORMATIONS, name), terms)


@put("/transformations", responses=EDIT_ERRORS, opt=DRY_RUN)
async def order_transformations(desk: Desk, data: TransformationOrder, terms: Terms) -> Applied:
    """Apply them in another order, as a new version of the workspace."""
    return await applied(desk, edits.order(Section.TRANSFORMATIONS, data.order), terms)


@post("/transformations/-/test", status_code=200, responses=CONFIG_ERRORS, opt=READS)
async def test_transformations(desk: Desk, data: Test) -> DryRun:
    """What transformations would do to the newest events of the lake. Nothing is written."""
    current = await desk.call(desk.config.current)
    if data.draft is not None:
        current = await _with_draft(desk, current, data, data.draft)
    workspace = workspace_to_test(current, data)
    rows = await asyncio.to_thread(lambda: dry_run.newest(desk.lake(), data.last, data.source))
    collected = desk.logs[0]
    known = await desk.call(lambda: dry_run.originals(collected, rows, workspace))
    return await asyncio.to_thread(
        lambda: dry_run.tried(rows, known, workspace, data.transformation or "", whole=data.whole)
    )


async def _with_draft(desk: Desk, current: Version | None, test: Test, draft: dict[str, Any]) -> Version | None:
    """What there would be if the draft were saved."""
    name = test.transformation
    if not name or test.file is not None:
        said = "a draft is of one transformation of the workspace: name it in `transformation`, without a file"
        raise InputError("invalid_request", said, field="draft")
    edit = edits.put(Section.TRANSFORMATIONS, name, draft | {"name": name})
    made = await desk.call(lambda: edits.make(desk.config, edit, registry, Terms("", dry_run=True)))
    return current and current._replace(workspace=made.workspace)


HANDLERS: Final = [
    list_transformations,
    read_transformation,
    put_transformation,
    delete_transformation,
    order_transformations,
    test_transformations,
]
