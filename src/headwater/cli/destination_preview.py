"""`headwater destinations preview`: what a destination would do with an event, step by step. Nothing is sent."""

import sys
from contextlib import ExitStack, closing
from typing import Annotated, Any, Final
from urllib.parse import quote

import msgspec
import typer

from headwater import limits
from headwater.cli.destinations import JsonOption, NameArgument, destinations
from headwater.cli.target import DataOption, Local, Remote, current_workspace, find_target, local_data
from headwater.cli.terminal import print_json, printable
from headwater.errors import InputError

VALUE_CHARS_MAX: Final = 120
BODY_CHARS_MAX: Final = 2_000
"""Of a request; `--json` has all that receipts would have."""

COLOURS: Final = {
    "sent": typer.colors.GREEN,
    "passed": typer.colors.GREEN,
    "changed": typer.colors.YELLOW,
    "filtered": typer.colors.YELLOW,
    "stopped": typer.colors.YELLOW,
    "rejected": typer.colors.RED,
}


def register(_: typer.Typer) -> None:
    destinations.command("preview")(preview)


def preview(
    name: NameArgument,
    data: DataOption = None,
    *,
    message_id: Annotated[
        str, typer.Option("--message-id", help="An event that was accepted; else one is read from standard input.")
    ] = "",
    source: Annotated[str, typer.Option("--source", help="Where the event on standard input is from.")] = "",
    json: JsonOption = False,
) -> None:
    """What the destination would do with an event, up to the requests. Nothing is sent."""
    asked: dict[str, Any] = {"message_id": message_id} if message_id else {"event": _read_event()}
    if source:
        asked["source"] = source
    target = find_target(data)
    if isinstance(target, Remote):
        path = f"/destinations/{quote(name, safe='')}/preview"
        found = target.send("POST", path, msgspec.json.encode(asked), "application/json")
    else:
        found = _locally(target, name, asked)
    if json:
        print_json(found)
    else:
        _show(found)


def _read_event() -> dict[str, Any]:
    text = sys.stdin.buffer.read(limits.operations.TOOL_LINE_BYTES_MAX + 1)
    try:
        event = msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InputError("invalid_request", f"standard input is no event as JSON: {error}") from None
    if not isinstance(event, dict):
        raise InputError("invalid_request", "an event is a JSON object")
    return event


def _locally(target: Local, name: str, asked: dict[str, Any]) -> dict[str, Any]:
    from headwater.serve.deliver.routing import DestinationTrial, accepted, previewed

    trial = msgspec.convert(asked, DestinationTrial)
    event = None
    if trial.message_id:
        has_state = (local_data(target) / "state").exists()  # else no pipeline has run yet
        platform = target.platform()
        with ExitStack() as stack:
            outbound = stack.enter_context(closing(platform.outbound()))
            state = stack.enter_context(closing(platform.state_view())) if has_state else None
            event = accepted(trial.message_id, state, outbound, platform.lake())
    return dict(msgspec.to_builtins(previewed(current_workspace(target), name, trial, event)))


def _show(found: dict[str, Any]) -> None:
    _say("", found["destination"], found)
    if not found["enabled"]:
        typer.echo("  (disabled: it gets nothing now)")
    for step in found["steps"]:
        _say("  ", step["step"], step)
        for change in step["changes"]:
            before, after = (_value(change, side) for side in ("before", "after"))
            typer.echo(f"    {printable(change['path'])}: {before} → {after}")
    for mapping in found["mappings"]:
        _say("  ", f"{mapping['mapping']} ({mapping['action']})", mapping)
        if mapping["payload"] is not None:
            typer.echo(f"    {_cut(msgspec.json.encode(mapping['payload']).decode(), BODY_CHARS_MAX)}")
        for request in mapping["requests"]:
            _show_request(request)


def _show_request(request: dict[str, Any]) -> None:
    if "url" not in request:  # no HTTP: records or rows
        typer.echo(f"    {_cut(msgspec.json.encode(request).decode(), BODY_CHARS_MAX)}")
        return
    typer.echo(f"    {request['method']} {_cut(request['url'], BODY_CHARS_MAX)}")
    for name, value in request["headers"].items():
        typer.echo(f"    {printable(name)}: {_cut(value, VALUE_CHARS_MAX)}")
    if request.get("body"):
        typer.echo(f"\n    {_cut(request['body'], BODY_CHARS_MAX)}")


def _say(indent: str, what: str, line: dict[str, Any]) -> None:
    said = ": ".join(filter(None, (line["reason"], line["message"])))
    outcome = typer.style(line["outcome"], COLOURS[line["outcome"]])
    typer.echo(f"{indent}{printable(what):<24} {outcome}{f'  {printable(said)}' if said else ''}")


def _value(change: dict[str, Any], side: str) -> str:
    return _cut(msgspec.json.encode(change[side]).decode(), VALUE_CHARS_MAX) if side in change else "nothing"


def _cut(text: str, chars_max: int) -> str:
    return printable(text if len(text) <= chars_max else text[: chars_max - 1] + "…")
