"""`headwater schema`, `headwater plan infer`: what a source sends, and a tracking plan made from that."""

from collections.abc import Callable, Sequence
from contextlib import closing
from typing import Annotated, Any, TypeVar
from urllib.parse import quote

import msgspec
import typer

from headwater.cli.target import DataOption, Local, Remote, current_workspace, find_target
from headwater.cli.terminal import counted, print_json, printable
from headwater.config.workspace import Workspace
from headwater.errors import InputError
from headwater.state.port import State

Result = TypeVar("Result")

SourceArgument = Annotated[
    str, typer.Argument(metavar="SOURCE", help="The name of a source, as in the workspace.")
]
EventArgument = Annotated[
    str | None,
    typer.Argument(metavar="EVENT", help="Only events with this text in their name.", show_default=False),
]
SinceOption = Annotated[
    str | None,
    typer.Option(
        "--since", help="New is what came since: `1h`, `7d` or an instant. Default: 24h.", show_default=False
    ),
]
LimitOption = Annotated[int, typer.Option("--limit", min=1, max=1000, help="At most so many events.")]
JsonOption = Annotated[bool, typer.Option("--json", help="For programs.")]
EventsOption = Annotated[
    list[str] | None,
    typer.Option("--events", help="Only this event; may be given several times.", show_default=False),
]
NameOption = Annotated[
    str | None, typer.Option("--name", help="Of the plan. Default: that of the source.", show_default=False)
]


def register(app: typer.Typer) -> None:
    app.command()(schema)


def schema(
    source: SourceArgument,
    event: EventArgument = None,
    data: DataOption = None,
    *,
    since: SinceOption = None,
    limit: LimitOption = 200,
    json: JsonOption = False,
) -> None:
    """Show the events that a source has sent, with their properties and types. With EVENT: every detail."""
    wanted: dict[str, Any] = {"event": event, "since": since, "limit": limit}
    target = find_target(data)
    if isinstance(target, Remote):
        page = target.get(f"/sources/{quote(source, safe='')}/schema", **wanted)
    else:
        from headwater.serve.instants import now_ms
        from headwater.serve.observe.schema import listed

        page = msgspec.to_builtins(
            _read(target, lambda state, workspace: listed(state, workspace, source, at_ms=now_ms(), **wanted))
        )
    if json:
        print_json(page)
        return
    if not page["data"]:
        typer.echo("nothing was seen" if event is None else f"no event with {event!r} in its name was seen")
    elif event is None:
        _print_events(page["data"])
    else:
        for line in page["data"]:
            _print_event(line)
    if page["next"]:
        typer.echo(f"headwater: only the first {limit} events are shown", err=True)
    if page["events_overflow"]:
        typer.echo(f"headwater: {page['events_overflow']:,} events had names beyond what is listed", err=True)


def infer(
    source: SourceArgument, data: DataOption = None, *, events: EventsOption = None, name: NameOption = None
) -> None:
    """Print a tracking plan (YAML, as the workspace file has it) that allows what SOURCE has sent."""
    target = find_target(data)
    if isinstance(target, Remote):
        path = f"/sources/{quote(source, safe='')}/schema/plan"
        text = target.call("GET", path, events=events, plan=name).decode()
    else:
        from headwater.serve.observe.schema import inferred

        text = _read(target, lambda state, workspace: inferred(state, workspace, source, events=events, name=name))
    typer.echo(text, nl=False)


def _read(target: Local, read: Callable[[State, Workspace], Result]) -> Result:
    workspace = current_workspace(target)
    if not (target.data / "state").exists():
        raise InputError("no_platform", f"no pipeline has run in {target.data} yet: start one with `headwater up`")
    with closing(target.platform().state_view()) as state:
        return read(state, workspace)


def _print_events(lines: list[dict[str, Any]]) -> None:
    rows = [
        (f"{line['volume']:,}", str(len(line["properties"])), *_times(line), _name(line) + _flags(line))
        for line in lines
    ]
    _print_columns([("volume", "properties", "first seen", "last seen", "event"), *rows])


def _print_event(line: dict[str, Any]) -> None:
    first, last = _times(line)
    typer.echo(
        f"{printable(_name(line))}{_flags(line)}: {counted(line['volume'], 'event')} from {first} to {last}"
    )
    rows = [
        (
            f"{found['seen']:,}",
            *_times(found),
            f"{found['path']}: {', '.join(f'{type_} {count:,}' for type_, count in found['types'].items())}"
            + "  (new)" * found["new"],
        )
        for found in line["properties"]
    ]
    if rows:
        _print_columns([("seen", "first seen", "last seen", "property: types"), *rows])
    if line["overflow"]:
        typer.echo(f"and {line['overflow']:,} times a property that is not listed")
    if line["unreadable"]:
        typer.echo(f"and {line['unreadable']:,} events whose properties could not be read")
    typer.echo()


def _name(line: dict[str, Any]) -> str:
    """A track event by its name, another call by what it is."""
    return line["event"] if line["call"] == "track" else f"{line['call']} {line['event']}".rstrip()


def _times(line: dict[str, Any]) -> tuple[str, str]:
    first, last = (line[key][:16].replace("T", " ") + "Z" for key in ("first_seen", "last_seen"))
    return first, last


def _flags(line: dict[str, Any]) -> str:
    flags = ["new"] * line["new"] + ["not planned"] * (line["planned"] is False)
    return f"  ({', '.join(flags)})" if flags else ""


def _print_columns(rows: Sequence[tuple[str, ...]]) -> None:
    """Aligned to the right, but for the last one: names are long, and what they hold is data, shown escaped."""
    widths = [max(map(len, column)) for column in zip(*(row[:-1] for row in rows), strict=True)]
    for *cells, last in rows:
        aligned = [cell.rjust(width) for cell, width in zip(cells, widths, strict=True)]
        typer.echo("  ".join((*aligned, printable(last))))
