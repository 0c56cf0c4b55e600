"""Flags over HTTP: what each is for, for how many profiles it is on now and why; and turned."""

from collections.abc import Callable
from typing import Any, Final

import msgspec
from litestar import Request, delete, get, put

from headwater.aggregation.sync import connections
from headwater.config.workspace import FLAGS, Flag, Workspace
from headwater.errors import NotFoundError, nearest
from headwater.serve.bodies import part_of_file
from headwater.serve.config import edits
from headwater.serve.config.editing import applied
from headwater.serve.config.edits import Terms, decoded
from headwater.serve.config.sections import Section
from headwater.serve.config.workspace import Applied
from headwater.serve.desk import Desk
from headwater.serve.entry.access import DRY_RUN
from headwater.serve.errors import EDIT_ERRORS, ERRORS


class FlagLine(msgspec.Struct, frozen=True):
    name: str
    description: str
    on_by_default: bool
    """For everyone, when the workspace file does not name it."""
    flag: Flag | None
    """As the workspace file has it; null: it does not, and the default holds."""
    percentage_now: float
    """Of the profiles: for so many it is on."""
    because: str
    """Why it is so, in words."""


class Flags(msgspec.Struct, frozen=True):
    version: int
    """Of the workspace: what a change starts from."""
    tier: str
    """Of the workspace: what flags may be limited to."""
    data: list[FlagLine]


def flag_lines(workspace: Workspace) -> list[FlagLine]:
    """Every flag that there is, by name."""
    return [
        FlagLine(
            name,
            description,
            name in connections.ON_BY_DEFAULT,
            workspace.flag(name),
            connections.percentage_on(workspace, name),
            _because(workspace, name),
        )
        for name, description in sorted(FLAGS.items())
    ]


def _because(workspace: Workspace, name: str) -> str:
    flag = workspace.flag(name)
    if flag is None:
        return "Default: not set in the workspace"
    if not flag.enabled:
        return "Turned off for everyone"
    if flag.tiers and workspace.tier not in flag.tiers:
        mine = (
            f"this workspace is in the tier {workspace.tier}" if workspace.tier else "this workspace has no tier"
        )
        return f"Limited to {', '.join(flag.tiers)}: {mine}"
    return "Set in the workspace"


def _check_known(name: str) -> None:
    if name not in FLAGS:
        raise NotFoundError(f"there is no flag {name!r}; {nearest(name, FLAGS)}")


@get("/flags", responses=ERRORS)
async def list_flags(desk: Desk) -> Flags:
    """Every flag that there is, and what is in force."""
    version = await desk.version()
    return Flags(version.number, version.workspace.tier, flag_lines(version.workspace))


@put("/flags/{name:str}", responses=EDIT_ERRORS, operation_class=part_of_file("Flag"), opt=DRY_RUN)
async def put_flag(desk: Desk, request: Request[Any, Any, Any], name: str, terms: Terms) -> Applied:
    """Turn it, as a new version of the workspace. It is in force for events from then on."""
    _check_known(name)
    return await applied(desk, edits.put(Section.FLAGS, name, decoded(await request.body())), terms)


@delete("/flags/{name:str}", status_code=200, responses=EDIT_ERRORS, opt=DRY_RUN)
async def delete_flag(desk: Desk, name: str, terms: Terms) -> Applied:
    """Back to its default. 404 when that is in force already."""
    _check_known(name)
    return await applied(desk, edits.delete(Section.FLAGS, name), terms)


HANDLERS: Final[list[Callable[..., Any]]] = [list_flags, put_flag, delete_flag]
