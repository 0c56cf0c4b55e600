"""The workspace over HTTP: read it whole, plan a change, make it; its versions."""

from datetime import datetime
from typing import Annotated, Any, Final

import msgspec
from litestar import Request, Response, get, post, put
from litestar.params import Parameter
from msgspec.structs import replace

from headwater.config import changes
from headwater.config.diff import Change
from headwater.config.export import export
from headwater.config.secrets import MASK, masked
from headwater.config.workspace import Workspace
from headwater.destinations import registry
from headwater.serve.bodies import WorkspaceFile
from headwater.serve.desk import Desk
from headwater.serve.entry.access import READS, require
from headwater.serve.errors import CONFIG_ERRORS, ERRORS
from headwater.team.actor import Actor
from headwater.team.roles import Role

YAML: Final = "application/yaml"

Text = Annotated[str | None, Parameter(max_length=200)]


WithSecrets = Annotated[bool, Parameter(description="Show secrets instead of masks.")]


class CurrentWorkspace(msgspec.Struct, frozen=True):
    version: int
    at: datetime
    author: str
    workspace: Workspace
    """Complete, with masks for its secrets unless they were asked for."""


class Planned(msgspec.Struct, frozen=True):
    changes: list[Change]
    text: str
    """The same for people."""


class Applied(msgspec.Struct, frozen=True):
    version: int
    """That it is now: a new one, or the one there was if there was nothing to change."""
    changes: list[Change]
    dry_run: bool = False
    """Nothing was changed: these changes would be made to this version."""


def shown_to(actor: Actor, workspace: Workspace, *, secrets: bool = False) -> Workspace:
    """What somebody may see of it: secrets if they ask as an admin, write keys from editors on."""
    if secrets:
        require(actor, Role.ADMIN)
        return workspace
    workspace = masked(workspace, registry)
    if actor.may(Role.EDITOR):
        return workspace
    return replace(workspace, sources=tuple(replace(each, write_key=MASK) for each in workspace.sources))


@get("/workspace", responses=ERRORS)
async def current_workspace(desk: Desk, actor: Actor, secrets: WithSecrets = False) -> CurrentWorkspace:
    """The newest version. Its secrets are for admins, its write keys for editors."""
    version = await desk.version()
    workspace = shown_to(actor, version.workspace, secrets=secrets)
    return CurrentWorkspace(version.number, version.at, version.author, workspace)


@post("/workspace/plan", status_code=200, responses=CONFIG_ERRORS, operation_class=WorkspaceFile, opt=READS)
async def plan_workspace(desk: Desk, request: Request[Any, Any, Any]) -> Planned:
    """What a workspace file (the body, YAML) would change. 422 with every mistake when it cannot be applied."""
    text = await request.body()
    planned = await desk.call(lambda: changes.plan(desk.config, text, "", registry))
    return Planned(planned.changes, planned.text)


@put("/workspace", responses=CONFIG_ERRORS, operation_class=WorkspaceFile)
async def put_workspace(
    desk: Desk, request: Request[Any, Any, Any], actor: Actor, author: Text = None, note: Text = None
) -> Applied:
    """Make a workspace file (the body, YAML) the workspace. Running roles take it over at once."""
    text, signed = await request.body(), actor.author(author)
    applied = await desk.call(lambda: changes.apply(desk.config, text, "", registry, signed, note or ""))
    return Applied(applied.version.number, applied.changes)


@get("/workspace/export", media_type=YAML, responses=ERRORS)
async def export_workspace(desk: Desk, actor: Actor, secrets: WithSecrets = False) -> Response[str]:
    """The workspace as a file that can be applied. A mask stands for what is stored; with `secrets`, for
    admins, the file is a backup.
    """
    workspace = (await desk.version()).workspace
    return Response(export(shown_to(actor, workspace, secrets=secrets)), media_type=YAML)


HANDLERS: Final = [
    current_workspace,
    plan_workspace,
    put_workspace,
    export_workspace,
]
