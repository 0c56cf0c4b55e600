"""`headwater rebuild`: profiles derived anew from the lake, while no pipeline runs."""

import sys
import time
from contextlib import ExitStack, closing
from typing import TYPE_CHECKING, Annotated, Final

import typer

from headwater.cli.target import DataOption, Remote, find_target, local_data
from headwater.cli.terminal import counted
from headwater.errors import InputError, OwnershipError

if TYPE_CHECKING:
    from headwater.rebuild import Progress

SAID_S: Final = 2.0
"""Between two lines of progress."""


def register(app: typer.Typer) -> None:
    app.command()(rebuild)


def rebuild(
    data: DataOption = None, yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False
) -> None:
    """Derive profiles, traits and audiences anew from the lake, by the rules of now. Stop the platform first."""
    from headwater.operations.ownership import take_slot
    from headwater.rebuild import Progress
    from headwater.rebuild import rebuild as rebuild_state
    from headwater.serve.health.fleet import Role

    target = find_target(data)
    if isinstance(target, Remote):
        raise InputError("invalid_option", "a rebuild is done where the data is: name the folder with --data")
    folder = local_data(target)
    (folder / "run").mkdir(mode=0o700, exist_ok=True)
    try:
        slot = take_slot(folder, Role.PIPELINE, slots=1)
    except OwnershipError:
        raise OwnershipError(
            f"a pipeline works on {folder}: stop it first (`headwater up` or `headwater pipeline`), "
            "then rebuild, then start it again"
        ) from None
    platform = target.platform()
    with ExitStack() as stack:
        stack.callback(slot.hold.release)
        if not yes and sys.stdin.isatty():
            typer.confirm("All profiles are dropped and derived anew. Go on?", abort=True)
        config = stack.enter_context(closing(platform.config()))
        version = config.current()
        if version is None:
            raise InputError("no_workspace", f"nothing was applied in {folder} yet: see `headwater apply`")
        state = stack.enter_context(closing(platform.state()))
        outbound = stack.enter_context(closing(platform.outbound()))
        said_at = time.monotonic()
        done = Progress(0, 0, 0)
        for done in rebuild_state(state, platform.lake(), outbound, version.workspace, version.number):
            if time.monotonic() - said_at > SAID_S:
                said_at = time.monotonic()
                typer.echo(_said(done), err=True)
    typer.echo(_said(done))
    if done.broken:
        typer.echo(
            f"headwater: {counted(done.broken, 'event')} could not be taken; they are in the lake", err=True
        )


def _said(done: "Progress") -> str:
    return f"{counted(done.events, 'event')}, {counted(done.profiles, 'profile')}"
