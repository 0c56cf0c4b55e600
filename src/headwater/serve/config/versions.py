"""Versions of the workspace over HTTP: who made which, what each changed, and the way back."""

from datetime import datetime
from typing import Annotated, Final

import msgspec
from litestar import get, post
from litestar.params import Parameter

from headwater.config.diff import Change, diff, render
from headwater.config.port import Version
from headwater.destinations import registry
from headwater.errors import NotFoundError
from headwater.serve.config.editing import made
from headwater.serve.config.edits import Terms
from headwater.serve.config.rollback import Consequence, back_to, consequences, item_back_to
from headwater.serve.desk import Desk
from headwater.serve.entry.access import DRY_RUN
from headwater.serve.errors import CONFIG_ERRORS, ERRORS, NAMED_ERRORS
from headwater.serve.pages import PAGE_DEFAULT, Cursor, Limit, Page, place


class VersionLine(msgspec.Struct, frozen=True):
    version: int
    at: datetime
    author: str
    note: str


class VersionDetail(msgspec.Struct, frozen=True):
    version: int
    at: datetime
    author: str
    note: str
    against: int
    """The version that it is compared with; 0: none, all of it is new."""
    changes: list[Change]
    """From that one to this one, secrets masked."""
    text: str
    """The same for people."""
    consequences: list[Consequence]
    """The same in short."""
    is_current: bool


class RolledBack(msgspec.Struct, frozen=True):
    version: int
    """That it is now: a new one, or the one there was if there was nothing to change."""
    changes: list[Change]
    consequences: list[Consequence]
    dry_run: bool
    """Nothing was changed: these changes would be made to this version."""


Number = Annotated[int, Parameter(ge=1, description="Of the version.")]


@get("/workspace/versions", responses=ERRORS)
async def list_versions(desk: Desk, limit: Limit = PAGE_DEFAULT, cursor: Cursor = None) -> Page[VersionLine]:
    """Newest first."""
    after = place(cursor, numbers=1)
    found = await desk.call(lambda: desk.config.history(limit=limit + 1, before=after[0] if after else None))
    lines = [VersionLine(*line) for line in found[:limit]]
    return Page(lines, str(lines[-1].version) if len(found) > limit else None)


@get("/workspace/versions/{number:int}", responses=NAMED_ERRORS)
async def one_version(
    desk: Desk,
    number: Number,
    against: Annotated[
        int | None, Parameter(ge=0, description="Another version; by default the one before it. 0: nothing.")
    ] = None,
) -> VersionDetail:
    """What a version changed, or how it differs from any other one."""
    other = number - 1 if against is None else against
    version = await desk.call(lambda: _kept(desk, number))
    # The oldest one that is kept has none before it any more: then all of it is new.
    base = await desk.call(lambda: desk.config.get(other))
    if base is None and against:
        raise _gone(against)
    before = base.workspace if base else None
    changes = diff(before, version.workspace, registry)
    return VersionDetail(
        version.number,
        version.at,
        version.author,
        version.note,
        base.number if base else 0,
        changes,
        render(changes),
        consequences(before, version.workspace),
        is_current=(await desk.version()).number == number,
    )


@post(
    "/workspace/versions/{number:int}/rollback",
    status_code=200,
    responses=NAMED_ERRORS | CONFIG_ERRORS,
    opt=DRY_RUN,
)
async def roll_back(
    desk: Desk,
    terms: Terms,
    number: Number,
    path: Annotated[
        str | None,
        Parameter(max_length=300, description="Only this item or value goes back, as `destinations[crm]`."),
    ] = None,
) -> RolledBack:
    """The workspace as it was then, as a new version; with `path` one part of it. 422 with what is wrong when what
    was right then is not any more.
    """
    then = await desk.call(lambda: _kept(desk, number))
    before = (await desk.version()).workspace
    done = await made(desk, item_back_to(then, path) if path else back_to(then), terms)
    return RolledBack(done.number, done.changes, consequences(before, done.workspace), terms.dry_run)


def _kept(desk: Desk, number: int) -> Version:
    version = desk.config.get(number)
    if version is None:
        raise _gone(number)
    return version


def _gone(number: int) -> NotFoundError:
    return NotFoundError(f"there is no version {number} of the workspace, or not any more")


HANDLERS: Final = [list_versions, one_version, roll_back]
