"""Destinations over HTTP: which there are; one whole; made, changed, removed."""

from collections.abc import Callable
from typing import Any, Final

import msgspec
from litestar import Request, delete, get, put

from headwater.config.secrets import masked
from headwater.config.workspace import Destination, Workspace
from headwater.destinations import registry
from headwater.errors import NotFoundError, nearest
from headwater.serve.bodies import part_of_file
from headwater.serve.config import edits
from headwater.serve.config.editing import IsNew, LeaveOut, applied
from headwater.serve.config.edits import Terms, decoded
from headwater.serve.config.sections import Section
from headwater.serve.config.workspace import Applied
from headwater.serve.desk import Desk
from headwater.serve.entry.access import DRY_RUN
from headwater.serve.errors import EDIT_ERRORS, ERRORS, NAMED_ERRORS
from headwater.serve.pages import PAGE_DEFAULT, Cursor, Limit, Page, page


class DestinationLine(msgspec.Struct, frozen=True):
    name: str
    type: str
    sources: list[str]
    """Whose events it gets."""
    enabled: bool
    settings: dict[str, Any]
    """Secrets are masked."""


class Connected(msgspec.Struct, frozen=True):
    """A trait or an audience whose changes a destination is told."""

    section: str
    """`traits` or `audiences`."""
    key: str
    name: str


class DestinationDetail(msgspec.Struct, frozen=True):
    version: int
    """Of the workspace: what a change of it starts from."""
    destination: Destination
    """As the workspace file has it, with masks for its secrets."""
    sources: list[str]
    """Whose events it gets."""
    connected: list[Connected]
    transformations: list[str]
    """What changes only what it is sent, in the order in which they are applied; disabled ones as well."""


def destination_lines(workspace: Workspace) -> list[DestinationLine]:
    """In the order of the workspace file."""
    return [
        DestinationLine(d.name, d.type, sources_of(workspace, d), d.enabled, d.settings)
        for d in masked(workspace, registry).destinations
    ]


def sources_of(workspace: Workspace, destination: Destination) -> list[str]:
    if destination.sources is not None:
        return list(destination.sources)
    return [source.name for source in workspace.sources]


def known(workspace: Workspace, name: str) -> Destination:
    destination = workspace.destination(name)
    if destination is None:
        names = [each.name for each in workspace.destinations]
        raise NotFoundError(f"there is no destination {name!r}; {nearest(name, names)}")
    return destination


def connected_to(workspace: Workspace, destination: str) -> list[Connected]:
    """Traits first, in the order of the workspace file."""
    return [
        Connected(section, each.key, each.name or each.key)
        for section, items in ((Section.TRAITS, workspace.traits), (Section.AUDIENCES, workspace.audiences))
        for each in items
        if any(connection.name == destination for connection in each.destinations)
    ]


@get("/destinations", responses=ERRORS)
async def list_destinations(
    desk: Desk, limit: Limit = PAGE_DEFAULT, cursor: Cursor = None
) -> Page[DestinationLine]:
    """In the order of the workspace file, with secret settings masked."""
    lines = destination_lines((await desk.version()).workspace)
    return page(lines, lambda line: line.name, limit=limit, cursor=cursor)


@get("/destinations/{name:str}", responses=NAMED_ERRORS)
async def read_destination(desk: Desk, name: str) -> DestinationDetail:
    """One of them whole, and what reaches it."""
    version = await desk.version()
    workspace = version.workspace
    destination = known(masked(workspace, registry), name)
    transformations = [each.name for each in workspace.transformations if each.destination == name]
    return DestinationDetail(
        version.number,
        destination,
        sources_of(workspace, destination),
        connected_to(workspace, name),
        transformations,
    )


@put("/destinations/{name:str}", responses=EDIT_ERRORS, operation_class=part_of_file("Destination"), opt=DRY_RUN)
async def put_destination(
    desk: Desk, request: Request[Any, Any, Any], name: str, terms: Terms, is_new: IsNew = False
) -> Applied:
    """Make it, or change it, as a new version of the workspace. With another `name` it is called so from then on,
    by all who name it, and delivery takes it for a new one: it gets what comes after that, and what waits to be
    tried again under the old name becomes dead letters.
    """
    given = decoded(await request.body())
    return await applied(desk, edits.put(Section.DESTINATIONS, name, given, is_new=is_new), terms)


@delete("/destinations/{name:str}", status_code=200, responses=EDIT_ERRORS, opt=DRY_RUN)
async def delete_destination(desk: Desk, name: str, terms: Terms, leave_out: LeaveOut = False) -> Applied:
    """Remove it, as a new version of the workspace. What waits to be tried again becomes dead letters."""
    return await applied(desk, edits.delete(Section.DESTINATIONS, name, leave_out=leave_out), terms)


HANDLERS: Final[list[Callable[..., Any]]] = [
    list_destinations,
    read_destination,
    put_destination,
    delete_destination,
]
