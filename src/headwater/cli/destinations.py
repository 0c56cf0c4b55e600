"""`headwater destinations`: which there are, which there could be, and whether one can be reached."""

import asyncio
from pathlib import Path
from typing import Annotated, Any, Final
from urllib.parse import quote

import msgspec
import typer

from headwater.cli.target import DataOption, Remote, current_workspace, find_target
from headwater.cli.terminal import print_json, printable

JsonOption = Annotated[bool, typer.Option("--json", help="For programs.")]
NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="As the workspace calls it.")]
TypeArgument = Annotated[
    str | None, typer.Argument(metavar="[TYPE]", help="Everything about this one.", show_default=False)
]

PAGE: Final = 1_000

MARKS: Final = {"works": typer.colors.GREEN, "not now": typer.colors.YELLOW, "refused": typer.colors.RED}

destinations = typer.Typer(
    help="Destinations, their types, and whether they can be reached.", no_args_is_help=True
)


def register(app: typer.Typer) -> None:
    app.add_typer(destinations, name="destinations")


@destinations.callback()
def group() -> None:
    """Destinations, their types, and whether they can be reached."""


@destinations.command("list")
def show_list(data: DataOption = None, json: JsonOption = False) -> None:
    """The destinations of the workspace."""
    target = find_target(data)
    if isinstance(target, Remote):
        found = target.get("/destinations", limit=PAGE)
    else:
        from headwater.serve.deliver.destinations import destination_lines

        found = msgspec.to_builtins({"data": destination_lines(current_workspace(target))})
    if json:
        print_json(found)
        return
    for line in found["data"]:
        state = "" if line["enabled"] else "  (disabled)"
        typer.echo(printable(f"{line['name']:<24}  {line['type']:<20}  {', '.join(line['sources'])}{state}"))
    if not found["data"]:
        typer.echo("no destinations: docs/destinations/README.md shows how to add one")


@destinations.command("types")
def show_types(type_: TypeArgument = None, data: DataOption = None, json: JsonOption = False) -> None:
    """The types there are; with a TYPE, its settings, actions and presets."""
    if type_:
        found = _types(data, type_)
        print_json(found) if json else _show_type(found)
        return
    found = _types(data, "")
    if json:
        print_json(found)
        return
    for line in found["data"]:
        package = f"  ({line['package']})" if line["package"] else ""
        typer.echo(printable(f"{line['name']:<24}  {line['category']:<12}  {line['description']}{package}"))
    for each in found["refused"]:
        typer.echo(
            printable(f"headwater: {each['name']} of {each['package']} was refused: {each['why']}"), err=True
        )


@destinations.command("test")
def check(name: NameArgument, data: DataOption = None, json: JsonOption = False) -> None:
    """Ask a destination something harmless that only works when its settings are right. Exit code 1: no."""
    target = find_target(data)
    if isinstance(target, Remote):
        found = target.send("POST", f"/destinations/{quote(name, safe='')}/test", b"", "")
    else:
        from headwater.serve.deliver.connections import tested

        found = msgspec.to_builtins(asyncio.run(tested(current_workspace(target), name)))
    if json:
        print_json(found)
    else:
        said = ": ".join(filter(None, (found["reason"], found["message"])))
        typer.echo(f"{typer.style(found['verdict'], MARKS[found['verdict']])}  {printable(said)}", nl=False)
        typer.echo(f"  ({found['latency_ms']} ms)")
    raise typer.Exit(0 if found["verdict"] == "works" else 1)


def _types(data: Path | None, name: str) -> dict[str, Any]:
    target = find_target(data)
    if isinstance(target, Remote):
        if name:
            return dict(target.get(f"/destination-types/{quote(name, safe='')}"))
        refused = target.get("/refused-destination-types", limit=PAGE)["data"]
        return {"data": target.get("/destination-types", limit=PAGE)["data"], "refused": refused}
    from headwater.destinations.catalogue import shapes
    from headwater.serve.deliver.destination_types import described, refused_types

    found = described(name) if name else {"data": shapes(), "refused": refused_types()}
    return dict(msgspec.to_builtins(found))


def _show_type(found: dict[str, Any]) -> None:
    typer.echo(f"{found['label']} (`{found['name']}`): {found['description']}")
    typer.echo("\nsettings")
    required = set(found["settings"].get("required", ()))
    for name, about in found["settings"]["properties"].items():
        marks = ("*" if name in required else " ") + ("s" if name in found["secrets"] else " ")
        typer.echo(f"  {marks} {name:<22}  {_one_line(about.get('description', ''))}")
    typer.echo("  (* needed, s secret)")
    typer.echo("\nactions")
    for action in found["actions"]:
        typer.echo(f"  {action['name']:<24}  {action['description']}")
        for field in action["fields"]:
            mark = "*" if field.get("required") else " "
            said = field.get("description", "") or field["label"]
            typer.echo(f"    {mark} {field['name']:<22}  {field['type']:<9} {_one_line(said)}")
    typer.echo("\npresets")
    for preset in found["presets"]:
        typer.echo(f"  {preset['name']}: {preset['action']} when {preset['trigger']}")


def _one_line(text: str) -> str:
    return printable(" ".join(text.split()))
