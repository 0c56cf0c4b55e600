"""`headwater plan`, `apply`, `export`, `history`: the workspace as code. (`plan infer` is in `schema`.)"""

import getpass
import os
import socket
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Final

import msgspec
import typer
from typer.core import TyperGroup

from headwater import limits
from headwater.cli.schema import infer
from headwater.cli.target import DataOption, Local, Remote, current_workspace, find_target, local_data
from headwater.cli.terminal import print_json
from headwater.errors import ConfigError, HeadwaterError, InputError

CHANGES_EXIT: Final = 2
"""As `diff` and `terraform plan -detailed-exitcode` do it: 0 nothing to do, 2 something, 1 an error."""

YAML: Final = "application/yaml"

FileArgument = Annotated[str, typer.Argument(metavar="FILE", help="A workspace file; `-` reads standard input.")]
JsonOption = Annotated[bool, typer.Option("--json", help="For programs.")]
NoteOption = Annotated[str, typer.Option("--note", help="Why; kept with the version.", show_default=False)]
OutputOption = Annotated[
    Path | None,
    typer.Option("--output", "-o", help="A file to write; made with mode 0600.", dir_okay=False),
]
SecretsOption = Annotated[
    bool, typer.Option("--with-secrets", help="Secrets in the clear: a backup, and as precious as they are.")
]
LimitOption = Annotated[int, typer.Option("--limit", min=1, max=1000, help="At most so many versions.")]


def register(app: typer.Typer) -> None:
    plans = typer.Typer(cls=_PlanGroup, help="Show what `apply` would change, or draft a tracking plan.")
    plans.command(_PlanGroup.FILE)(plan)
    plans.command()(infer)
    app.add_typer(plans, name="plan")
    for command in (apply, export, history):
        app.command()(command)


class _PlanGroup(TyperGroup):
    """`plan FILE`, unless the first word is another command; a file of that name is `./infer`."""

    FILE: Final = "FILE"

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        asked = args[0] if args else ""
        is_file = asked not in {*self.commands, *ctx.help_option_names}
        return super().parse_args(ctx, [self.FILE, *args] if is_file else args)


def plan(file: FileArgument, data: DataOption = None, json: JsonOption = False) -> None:
    """Show what `apply` would change. Exit code 0: nothing, 2: something."""
    text, target = read_file(file), find_target(data)
    if isinstance(target, Remote):
        with _named(file):
            answer = target.send("POST", "/workspace/plan", text, YAML)
    else:
        answer = _plan_locally(target, text, file)
    if json:
        print_json({"changes": answer["changes"]})
    else:
        typer.echo(answer["text"], nl=False)
    raise typer.Exit(CHANGES_EXIT if answer["changes"] else 0)


def apply(file: FileArgument, data: DataOption = None, note: NoteOption = "") -> None:
    """Make FILE the workspace. Running roles take it over at once."""
    text, target = read_file(file), find_target(data)
    if isinstance(target, Remote):
        from headwater.config.diff import Change, render

        with _named(file):
            answer = target.send("PUT", "/workspace", text, YAML, author=author(), note=note or None)
        version, shown = answer["version"], render(msgspec.convert(answer["changes"], list[Change]))
    else:
        version, shown = _apply_locally(target, text, file, note)
    typer.echo(f"{shown}version {version} is current")


def export(data: DataOption = None, output: OutputOption = None, with_secrets: SecretsOption = False) -> None:
    """Print the workspace as a file that `apply` takes. Masks stand for what is stored; a backup needs secrets."""
    target = find_target(data)
    if isinstance(target, Remote):
        text = target.call("GET", "/workspace/export", secrets="true" if with_secrets else None).decode()
    else:
        text = _export_locally(target, with_secrets=with_secrets)
    if output is None:
        typer.echo(text, nl=False)
        return
    try:
        with open(os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as out:
            out.write(text)
    except OSError as error:
        raise HeadwaterError(f"cannot write {output}: {error.strerror}") from None


def history(data: DataOption = None, limit: LimitOption = 20, json: JsonOption = False) -> None:
    """The versions of the workspace, newest first: number, when, who, why."""
    target = find_target(data)
    if isinstance(target, Remote):
        versions = target.get("/workspace/versions", limit=limit)["data"]
    else:
        with closing(Local(local_data(target)).platform().config()) as store:
            versions = [
                {"version": v.number, "at": v.at.isoformat(), "author": v.author, "note": v.note}
                for v in store.history(limit=limit)
            ]
    if json:
        print_json({"versions": versions})
        return
    for v in versions:
        at = datetime.fromisoformat(v["at"]).strftime("%Y-%m-%d %H:%M:%SZ")
        typer.echo(f"{v['version']:>5}  {at}  {v['author']:<24}  {v['note']}".rstrip())


# --- a folder on this machine ------------------------------------------------------------------------------


def _plan_locally(target: Local, text: bytes, file: str) -> dict[str, Any]:
    from headwater.config import changes
    from headwater.config.diff import as_json
    from headwater.destinations import registry

    if (target.data / "config.db").exists():
        with closing(target.platform().config()) as store:
            planned = changes.plan(store, text, shown_name(file), registry)
    else:  # a look must not make a data folder
        planned = changes.plan(None, text, shown_name(file), registry)
    return {"changes": as_json(planned.changes), "text": planned.text}


def _apply_locally(target: Local, text: bytes, file: str, note: str) -> tuple[int, str]:
    from headwater.config import changes
    from headwater.destinations import registry

    try:
        target.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise HeadwaterError(f"cannot use {target.data} as the data folder: {error.strerror}") from None
    with closing(target.platform().config()) as store:
        applied = changes.apply(store, text, shown_name(file), registry, author(), note)
    return applied.version.number, applied.text


def _export_locally(target: Local, *, with_secrets: bool) -> str:
    from headwater.config.export import export as as_text
    from headwater.config.secrets import masked
    from headwater.destinations import registry

    workspace = current_workspace(target)
    return as_text(workspace if with_secrets else masked(workspace, registry))


# --- small things ------------------------------------------------------------------------------------------


def read_file(file: str) -> bytes:
    """The file's bytes; one more than allowed when it is too large, so that the loader says so."""
    try:
        if file == "-":
            return sys.stdin.buffer.read(limits.operations.CONTROL_BODY_BYTES_MAX + 1)
        with Path(file).open("rb") as opened:
            return opened.read(limits.operations.CONTROL_BODY_BYTES_MAX + 1)
    except OSError as error:
        raise InputError("unreadable_file", f"cannot read {file}: {error.strerror}") from None


def shown_name(file: str) -> str:
    return "<stdin>" if file == "-" else file


@contextmanager
def _named(file: str) -> Iterator[None]:
    """The platform sees a text, not a file: its problems get the name here."""
    try:
        yield
    except ConfigError as error:
        raise ConfigError(error.problems, file=shown_name(file)) from None


def author() -> str:
    """Who does this, for the history of the workspace and the audit."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):  # a container's user id without a name
        user = str(os.getuid())
    return f"{user}@{socket.gethostname()}"
