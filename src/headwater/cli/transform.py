"""`headwater transform test`: what transformations would do to events that really came."""

import json as standard_json
from contextlib import closing
from typing import Annotated, Any, Final

import msgspec
import typer

from headwater import limits
from headwater.cli.config import read_file, shown_name
from headwater.cli.target import DataOption, Local, Remote, find_target, local_data
from headwater.cli.terminal import counted, print_json, printable
from headwater.errors import ConfigError

LAST: Final = 20
VALUE_CHARS_MAX: Final = 120

SIGNS: Final = {"-": typer.colors.RED, "+": typer.colors.GREEN, "~": typer.colors.YELLOW}

WORDS: Final = {
    "changed": "changes it",
    "dropped": "drops it",
    "skipped": "cannot be applied, the event goes on without it",
    "held_back": "cannot be applied, the event is held back",
}

transform = typer.Typer(help="Transformations, tried before they are applied.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    app.add_typer(transform, name="transform")


@transform.callback()
def group() -> None:
    """Transformations, tried before they are applied."""


@transform.command("test")
def dry_run(
    data: DataOption = None,
    *,
    file: Annotated[
        str, typer.Option("--file", help="A workspace file; its transformations instead of the current ones.")
    ] = "",
    transformation: Annotated[str, typer.Option("--transformation", help="Only this one, enabled or not.")] = "",
    source: Annotated[str, typer.Option("--source", help="Only events of this source.")] = "",
    last: Annotated[
        int,
        typer.Option(
            "--last", min=1, max=limits.govern.TRANSFORMATION_TEST_EVENTS_MAX, help="The newest so many events."
        ),
    ] = LAST,
    json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Show what transformations would do to the newest events. Nothing is changed."""
    asked: dict[str, Any] = {"last": last}
    if file:
        asked["file"] = read_file(file).decode(errors="replace")
    asked |= {key: value for key, value in (("transformation", transformation), ("source", source)) if value}
    target = find_target(data)
    if isinstance(target, Remote):
        try:
            found = target.send("POST", "/transformations/-/test", msgspec.json.encode(asked), "application/json")
        except ConfigError as error:
            raise ConfigError(error.problems, file=shown_name(file)) from None
    else:
        found = _locally(target, asked, file)
    if json:
        print_json(found)
    else:
        _show(found)


def _locally(target: Local, asked: dict[str, Any], file: str) -> dict[str, Any]:
    from headwater.serve.govern.dry_run import newest, originals, tried
    from headwater.serve.govern.transformations import Test, workspace_to_test

    data = local_data(target)
    platform = Local(data).platform()
    question = msgspec.convert(asked, Test)
    with closing(platform.config()) as config:
        workspace = workspace_to_test(config.current(), question, shown_name(file) if file else "")
    rows = newest(platform.lake(), question.last, question.source)
    known: dict[tuple[int, int], bytes] = {}
    if rows and (data / "log" / "collected").exists():
        with closing(platform.collected()) as collected:
            known = originals(collected, rows, workspace)
    found: dict[str, Any] = msgspec.to_builtins(tried(rows, known, workspace, question.transformation or ""))
    return found


# --- for people --------------------------------------------------------------------------------------------


def _show(found: dict[str, Any]) -> None:
    for event in found["events"]:
        origin = "" if event["as_received"] else "  (from the lake, transformed before)"
        place = f"{event['message_id']}  {event['source']}  {event['received_at']}{origin}"
        name = typer.style(printable(event["event"] or event["type"]), bold=True)
        typer.echo(f"{name}  {printable(place)}")
        for step in event["steps"]:
            _show_step(step)
        typer.echo()
    tested, received = found["tested"], found["as_received"]
    typer.echo(
        f"{counted(tested, 'event')} tested, {found['matched']} matched: "
        f"{found['changed']} changed, {found['dropped']} dropped, {found['errors']} with errors"
    )
    for name, outcomes in found["transformations"].items():
        typer.echo(f"  {name}: {', '.join(f'{count} {outcome}' for outcome, count in outcomes.items())}")
    if received < tested:
        typer.echo(
            f"{tested - received} of them are no longer in the collected log: they were taken from the lake, as "
            "transformations of their time had left them"
        )


def _show_step(step: dict[str, Any]) -> None:
    for_whom = f" for {step['destination']}" if step["destination"] else ""
    why = f": {step['problem']}" if step["problem"] else ""
    did = f"{step['transformation']}@{step['version']} {WORDS[step['outcome']]}{for_whom}{why}"
    typer.echo(f"  {printable(did)}")
    for change in step["changes"]:
        if "after" not in change:
            sign, text = "-", _value(change["before"])
        elif "before" not in change:
            sign, text = "+", _value(change["after"])
        else:
            sign, text = "~", f"{_value(change['before'])} → {_value(change['after'])}"
        typer.echo("    " + typer.style(printable(f"{sign} {change['path']}: {text}"), fg=SIGNS[sign]))


def _value(value: Any) -> str:
    text = standard_json.dumps(value, ensure_ascii=False)
    return text if len(text) <= VALUE_CHARS_MAX else text[:VALUE_CHARS_MAX] + "…"
