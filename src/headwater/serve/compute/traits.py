"""Computed traits over HTTP: what they are, whether they are computed; made, changed, removed."""

from collections.abc import Callable
from typing import Any, Final

from litestar import Request, delete, get, put

from headwater.serve.bodies import DefinitionBody
from headwater.serve.compute.audiences import Collection
from headwater.serve.compute.definitions import TraitLine, one, trait_lines
from headwater.serve.config import definition_edits
from headwater.serve.config.editing import IsNew, applied
from headwater.serve.config.edits import Terms
from headwater.serve.config.sections import Section
from headwater.serve.config.workspace import Applied
from headwater.serve.desk import Desk
from headwater.serve.entry.access import DRY_RUN
from headwater.serve.errors import EDIT_ERRORS, ERRORS, NAMED_ERRORS
from headwater.serve.pages import PAGE_DEFAULT, Cursor, Limit, Page, page


@get("/traits", responses=ERRORS)
async def list_traits(desk: Desk, limit: Limit = PAGE_DEFAULT, cursor: Cursor = None) -> Page[TraitLine]:
    """In the order of the workspace file: what each computes, and whether it has been computed for everybody."""
    workspace = (await desk.version()).workspace
    lines = await desk.look(lambda state: trait_lines(state, workspace))
    return page(lines, lambda line: f"{line.collection}.{line.key}", limit=limit, cursor=cursor)


@get("/traits/{key:str}", responses=NAMED_ERRORS)
async def read_trait(desk: Desk, key: str, collection: Collection = None) -> TraitLine:
    """One of them."""
    workspace = (await desk.version()).workspace
    lines = await desk.look(lambda state: trait_lines(state, workspace))
    found: TraitLine = one(lines, Section.TRAITS, key, collection)
    return found


@put("/traits/{key:str}", responses=EDIT_ERRORS, operation_class=DefinitionBody, opt=DRY_RUN)
async def put_trait(
    desk: Desk, request: Request[Any, Any, Any], key: str, terms: Terms, is_new: IsNew = False
) -> Applied:
    """Make it, or change it, as a new version of the workspace. It is computed for everybody from their history,
    and `progress` says how far that is.
    """
    return await applied(
        desk, definition_edits.put(Section.TRAITS, key, await request.body(), is_new=is_new), terms
    )


@delete("/traits/{key:str}", status_code=200, responses=EDIT_ERRORS, opt=DRY_RUN)
async def delete_trait(desk: Desk, key: str, terms: Terms, collection: Collection = None) -> Applied:
    """Remove it, as a new version of the workspace. 422 while another definition refers to it."""
    return await applied(desk, definition_edits.delete(Section.TRAITS, key, collection), terms)


HANDLERS: Final[list[Callable[..., Any]]] = [list_traits, read_trait, put_trait, delete_trait]
