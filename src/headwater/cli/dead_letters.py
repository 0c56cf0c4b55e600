"""`headwater dead-letters`: what could not be taken further or delivered, and what is to become of it."""

import os
import shlex
import subprocess
import tempfile
from pathlib import Path
from typing import Annotated, Any, Final

import msgspec
import typer

from headwater.cli.office import office
from headwater.cli.target import DataOption
from headwater.cli.terminal import counted, print_json, printable, printable_lines
from headwater.errors import InputError

SHOWN_CHARS: Final = 200
"""Of a payload in the list."""

StageOption = Annotated[
    str | None,
    typer.Option("--stage", help="Only those of this stage, as in `govern` or `delivery`.", show_default=False),
]
ReasonOption = Annotated[
    str | None,
    typer.Option("--reason", help="Only those with this reason, as in `unplanned`.", show_default=False),
]
SourceOption = Annotated[
    str | None, typer.Option("--source", help="Only those of this source.", show_default=False)
]
DestinationOption = Annotated[
    str | None, typer.Option("--destination", help="Only what could not be delivered to it.", show_default=False)
]
MessageOption = Annotated[str | None, typer.Option("--message-id", help="Only this message.", show_default=False)]
EventOption = Annotated[str | None, typer.Option("--event", help="Only events of this name.", show_default=False)]
SinceOption = Annotated[
    str | None,
    typer.Option(
        "--since", help="Received since: `1h`, `24h`, `7d` or an instant (ISO 8601).", show_default=False
    ),
]
UntilOption = Annotated[
    str | None, typer.Option("--until", help="Received before that; written as --since.", show_default=False)
]
TextOption = Annotated[
    str | None, typer.Option("--text", help="Somewhere in what was sent, or in the detail.", show_default=False)
]
LimitOption = Annotated[int, typer.Option("--limit", min=1, max=1000, help="At most so many.")]
JsonOption = Annotated[bool, typer.Option("--json", help="For programs.")]
IdsArgument = Annotated[list[str] | None, typer.Argument(metavar="ID", help="As the list shows them.")]
IdArgument = Annotated[str, typer.Argument(metavar="ID", help="As the list shows it.")]
AllOption = Annotated[bool, typer.Option("--all", help="Every dead letter there is.")]
DryRunOption = Annotated[bool, typer.Option("--dry-run", help="Only count them.")]


def register(app: typer.Typer) -> None:
    group = typer.Typer(invoke_without_command=True, help="What could not be taken further or delivered, and why.")
    group.callback()(dead_letters)
    group.command("list")(show_list)
    for command in (show, replay, edit, discard):
        group.command()(command)
    app.add_typer(group, name="dead-letters")


def dead_letters(
    context: typer.Context,
    *,
    data: DataOption = None,
    stage: StageOption = None,
    reason: ReasonOption = None,
    source: SourceOption = None,
    limit: LimitOption = 50,
    json: JsonOption = False,
) -> None:
    """What could not be taken further or delivered. Without a command: the list."""
    if context.invoked_subcommand is None:
        show_list(data, stage=stage, reason=reason, source=source, limit=limit, json=json)
    elif any((stage, reason, source, json, limit != 50, data)):
        raise typer.BadParameter(f"options belong after `{context.invoked_subcommand}`")


def show_list(
    data: DataOption = None,
    *,
    stage: StageOption = None,
    reason: ReasonOption = None,
    source: SourceOption = None,
    destination: DestinationOption = None,
    message_id: MessageOption = None,
    event: EventOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    text: TextOption = None,
    limit: LimitOption = 50,
    json: JsonOption = False,
) -> None:
    """List dead letters, newest first."""
    wanted = _filter(stage, reason, source, destination, message_id, event, since, until, text)
    with office(data) as opened:
        letters, more = opened.find(wanted, limit)
    if json:
        print_json(letters)
        return
    for letter in letters:
        place = f"{letter['received_at']}  {letter['id']}  {letter['source'] or '-'}"
        typer.echo(printable(f"{place}  {_why(letter)}"))
        payload = letter["payload"]
        typer.echo(f"    {printable(payload[:SHOWN_CHARS])}{'…' if len(payload) > SHOWN_CHARS else ''}")
    if not letters:
        typer.echo("no dead letters")
    elif more:
        typer.echo(f"headwater: only the newest {limit} are shown", err=True)


def show(dead_letter: IdArgument, data: DataOption = None, json: JsonOption = False) -> None:
    """Show one whole: why it is here, what the stages noted, and everything that was sent."""
    with office(data) as opened:
        found = opened.one(dead_letter)
    if json:
        print_json(found)
        return
    letter = found["letter"]
    typer.echo(printable(f"{letter['id']}  {_why(letter)}"))
    typer.echo(f"source {letter['source'] or '-'}, received {letter['received_at']}")
    typer.echo(f"message {printable(letter['message_id'] or '-')}")
    for noted in found["trace"]:
        typer.echo(f"noted  {printable(msgspec.json.encode(noted).decode())}")
    if found["shared"]:
        typer.echo(f"shared with its batch  {printable(found['shared'])}")
    typer.echo(printable_lines(_pretty(letter["payload"])))


def replay(
    ids: IdsArgument = None,
    data: DataOption = None,
    *,
    stage: StageOption = None,
    reason: ReasonOption = None,
    source: SourceOption = None,
    destination: DestinationOption = None,
    message_id: MessageOption = None,
    event: EventOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    text: TextOption = None,
    every: AllOption = False,
    dry_run: DryRunOption = False,
) -> None:
    """Have dead letters tried again: those named, or all that the filters find."""
    wanted = _filter(stage, reason, source, destination, message_id, event, since, until, text)
    _decide("replay", "tried again", data, ids, wanted, every=every, dry_run=dry_run)


def discard(
    ids: IdsArgument = None,
    data: DataOption = None,
    *,
    stage: StageOption = None,
    reason: ReasonOption = None,
    source: SourceOption = None,
    destination: DestinationOption = None,
    message_id: MessageOption = None,
    event: EventOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    text: TextOption = None,
    every: AllOption = False,
    dry_run: DryRunOption = False,
) -> None:
    """Let dead letters go for good: those named, or all that the filters find."""
    wanted = _filter(stage, reason, source, destination, message_id, event, since, until, text)
    _decide("discard", "discarded", data, ids, wanted, every=every, dry_run=dry_run)


def edit(
    dead_letter: IdArgument,
    data: DataOption = None,
    *,
    body: Annotated[
        Path | None,
        typer.Option(
            "--body", help="The event to take instead; left out: $EDITOR opens it.", exists=True, dir_okay=False
        ),
    ] = None,
) -> None:
    """Mend an event and have it tried again."""
    with office(data) as opened:
        if body is not None:
            edited = body.read_bytes()
        else:
            payload = _pretty(opened.one(dead_letter)["letter"]["payload"])
            edited = _edited(payload.encode())
            if edited.strip() == payload.encode().strip():
                typer.echo("nothing was changed: it is not tried again")
                raise typer.Exit(1)
        opened.edit(dead_letter, edited)
    typer.echo(f"{dead_letter} is tried again, as edited")


def _filter(*values: str | None) -> dict[str, str]:
    names = ("stage", "reason", "source", "destination", "message_id", "event", "since", "until", "text")
    return {name: value for name, value in zip(names, values, strict=True) if value is not None}


def _decide(
    verb: str,
    done: str,
    data: Path | None,
    ids: list[str] | None,
    wanted: dict[str, str],
    *,
    every: bool,
    dry_run: bool,
) -> None:
    with office(data) as opened:
        count, skipped = opened.decide(verb, _chosen(ids, wanted, every=every), dry_run=dry_run)
    typer.echo(_done(count, done, dry_run=dry_run))
    _tell_skipped(skipped)


def _chosen(ids: list[str] | None, wanted: dict[str, str], *, every: bool) -> dict[str, Any]:
    if sum(map(bool, (ids, wanted, every))) != 1:
        raise typer.BadParameter("say which: ids, or filters, or --all")
    return {"ids": ids} if ids else {"filter": wanted}


def _done(count: int, what: str, *, dry_run: bool) -> str:
    verb = "would be" if dry_run else "is" if count == 1 else "are"
    return f"{counted(count, 'dead letter')} {verb} {what}"


def _tell_skipped(skipped: list[str]) -> None:
    for letter in skipped:
        typer.echo(f"headwater: {letter} was left out: `headwater dead-letters show {letter}` says why", err=True)
    if skipped:
        raise typer.Exit(1)


def _why(letter: dict[str, Any]) -> str:
    to = f" → {letter['destination']}" if letter["destination"] else ""
    return f"{letter['stage']}{to}: {letter['reason']}: {letter['detail']}"


def _pretty(payload: str) -> str:
    try:
        return msgspec.json.format(payload)
    except msgspec.MsgspecError:
        return payload


def _edited(payload: bytes) -> bytes:
    editor = shlex.split(os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi")
    with tempfile.NamedTemporaryFile(suffix=".json") as file:  # mode 0600: it holds a customer's event
        file.write(payload)
        file.flush()
        if subprocess.run([*editor, file.name], check=False).returncode:  # noqa: S603 - the user's own editor
            raise InputError("invalid_option", f"{editor[0]} failed: nothing was changed")
        return Path(file.name).read_bytes()
