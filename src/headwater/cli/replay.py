"""`headwater replay`: send again what was sent before."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Final, Protocol
from urllib.parse import quote

import msgspec
import typer

from headwater import limits
from headwater.cli.config import author
from headwater.cli.noting import note
from headwater.cli.target import DataOption, Local, Remote, current_workspace, find_target, local_data
from headwater.cli.terminal import counted, print_json, printable

JsonOption = Annotated[bool, typer.Option("--json", help="For programs.")]
IdArgument = Annotated[str, typer.Argument(metavar="ID", help="As the list shows it.")]

JSON: Final = "application/json"

replay = typer.Typer(help="Send again what was sent before.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    app.add_typer(replay, name="replay")


@replay.callback()
def group() -> None:
    """Send again what was sent before."""


def _many(flag: str, help_: str) -> Any:
    return typer.Option(flag, help=f"{help_} May be repeated.", show_default=False)


def _text(flag: str, help_: str) -> Any:
    return typer.Option(flag, help=help_, show_default=False)


@replay.command()
def start(
    data: DataOption = None,
    *,
    to: Annotated[str, _text("--to", "The destination. Left out: through the pipeline.")] = "",
    source: Annotated[list[str] | None, _many("--source", "Only events of this source.")] = None,
    type_: Annotated[list[str] | None, _many("--type", "Only such calls, as in `track`.")] = None,
    event: Annotated[list[str] | None, _many("--event", "Only track events of this name.")] = None,
    where: Annotated[str, _text("--where", "Only events for which this FQL is true.")] = "",
    since: Annotated[str, _text("--since", "Received since: `24h`, `7d` or an instant (ISO 8601).")] = "",
    until: Annotated[str, _text("--until", "Received before that; written as --since.")] = "",
    audience: Annotated[str, _text("--audience", "Only events of its members as of now.")] = "",
    dead_letters: Annotated[bool, typer.Option("--dead-letters", help="Dead letters, not the lake.")] = False,
    stage: Annotated[str, _text("--stage", "Only dead letters of this stage.")] = "",
    reason: Annotated[str, _text("--reason", "Only dead letters with this reason.")] = "",
    per_second: Annotated[
        float,
        typer.Option(
            "--per-second", help="At most so many events.", min=0.01, max=limits.delivery.REPLAY_PER_S_MAX
        ),
    ] = limits.delivery.REPLAY_PER_S,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only count them.")] = False,
    json: JsonOption = False,
) -> None:
    """Begin a replay, or count what it would send. It goes on in `serve`, also when this has ended."""
    asked = {
        "to": to,
        "from": "dead_letters" if dead_letters else "lake",
        "sources": source or [],
        "types": type_ or [],
        "events": event or [],
        "where": where,
        "since": since,
        "until": until,
        "audience": audience,
        "stage": stage,
        "reason": reason,
        "per_s": per_second,
    }
    with _replays(data) as found:
        answer = found.create(asked, dry_run=dry_run)
    if json:
        print_json(answer)
    elif dry_run:
        typer.echo(f"{counted(answer['events'], 'event')} would be sent, of {answer['looked']:,} looked at")
    else:
        typer.echo(f"{answer['id']} has begun: `headwater replay show {answer['id']}` tells how far it is")


@replay.command("list")
def show_list(
    data: DataOption = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=1000, help="At most so many.")] = 20,
    json: JsonOption = False,
) -> None:
    """The replays, newest first."""
    with _replays(data) as found:
        lines = found.newest(limit)
    if json:
        print_json(lines)
        return
    for line in lines:
        typer.echo(_line(line))
    if not lines:
        typer.echo("no replays")


@replay.command()
def show(replay_id: IdArgument, data: DataOption = None, json: JsonOption = False) -> None:
    """How far one is."""
    with _replays(data) as found:
        line = found.one(replay_id)
    if json:
        print_json(line)
        return
    typer.echo(_line(line))
    typer.echo(f"asked by {printable(line['author'])} at {line['created_at']}")
    typer.echo(f"for      {printable(msgspec.json.encode(line['asked']).decode())}")


@replay.command()
def pause(replay_id: IdArgument, data: DataOption = None) -> None:
    """Have one wait until it is resumed."""
    _decide(replay_id, "pause", data)


@replay.command()
def resume(replay_id: IdArgument, data: DataOption = None) -> None:
    """Have a paused one go on where it was."""
    _decide(replay_id, "resume", data)


@replay.command()
def cancel(replay_id: IdArgument, data: DataOption = None) -> None:
    """End one. What was sent by then stays sent."""
    _decide(replay_id, "cancel", data)


def _decide(id_: str, verb: str, data: Path | None) -> None:
    with _replays(data) as found:
        line = found.decide(id_, verb)
    typer.echo(_line(line))


def _line(line: dict[str, Any]) -> str:
    share = "" if line["progress"] is None else f"  {line['progress']:.0%}"
    to = line["asked"].get("to") or "the pipeline"
    why = f"  {line['why']}" if line["why"] else ""
    sent = f"{line['sent']:,} sent, {line['skipped']:,} left out"
    return printable(f"{line['id']}  {line['state']:<9}{share}  → {to}  {sent}{why}")


# --- where they are ----------------------------------------------------------------------------------------


class _Source(Protocol):
    """What both can do; answers are those of the private API."""

    def create(self, asked: dict[str, Any], *, dry_run: bool) -> dict[str, Any]: ...
    def newest(self, limit: int) -> list[dict[str, Any]]: ...
    def one(self, id_: str) -> dict[str, Any]: ...
    def decide(self, id_: str, verb: str) -> dict[str, Any]: ...


@contextlib.contextmanager
def _replays(data: Path | None) -> Iterator[_Source]:
    target = find_target(data)
    if isinstance(target, Remote):
        yield _OverHttp(target)
        return
    with contextlib.ExitStack() as stack:
        yield _InFolder(target, stack)


class _OverHttp:
    def __init__(self, remote: Remote) -> None:
        self._remote = remote

    def create(self, asked: dict[str, Any], *, dry_run: bool) -> dict[str, Any]:
        body = msgspec.json.encode({**asked, "dry_run": dry_run})
        return dict(self._remote.send("POST", "/replays", body, JSON, author=author()))

    def newest(self, limit: int) -> list[dict[str, Any]]:
        return list(self._remote.get("/replays", limit=limit)["data"])

    def one(self, id_: str) -> dict[str, Any]:
        return dict(self._remote.get(f"/replays/{quote(id_, safe='')}"))

    def decide(self, id_: str, verb: str) -> dict[str, Any]:
        return dict(self._remote.send("POST", f"/replays/{quote(id_, safe='')}/{verb}", b"", ""))


class _InFolder:
    """Whether or not a platform runs on it; what was begun is carried out as soon as one does."""

    def __init__(self, target: Local, stack: contextlib.ExitStack) -> None:
        from headwater.serve.deliver import replays

        local_data(target)
        self._target = target
        self._platform = target.platform()
        self._stack = stack
        self._views = replays
        self._replays = stack.enter_context(contextlib.closing(self._platform.replays()))

    def create(self, asked: dict[str, Any], *, dry_run: bool) -> dict[str, Any]:
        from headwater.replay.port import Asked

        views, wanted = self._views, msgspec.convert(asked, Asked)
        at_ms = views.now_ms()
        views.check(wanted, current_workspace(self._target))
        fixed = views.bounds(wanted, self._platform.lake(), at_ms)
        if dry_run:
            return dict(msgspec.to_builtins(self._count(wanted, fixed)))
        begun = views.begin(self._replays, wanted, fixed, author=author(), at_ms=at_ms)
        note(self._platform, "create_replay")
        return self._shown(begun)

    def _count(self, asked: Any, fixed: Any) -> Any:
        from headwater.privacy.live import LiveBarred
        from headwater.replay.members import members
        from headwater.serve.letters.dead_letter_office import Office

        opened = self._stack.enter_context
        if asked.origin == "dead_letters":
            has_state = (self._target.data / "state").exists()  # else no pipeline has run yet
            office = Office(
                self._platform.state_view if has_state else None,
                opened(contextlib.closing(self._platform.collected())),
                opened(contextlib.closing(self._platform.jobs())),
            )
            return self._views.count_letters(asked, fixed, office)
        chosen = None
        if asked.audience:
            chosen = members(opened(contextlib.closing(self._platform.state_view())), asked.audience)
        regulations = opened(contextlib.closing(self._platform.regulations()))
        barred = opened(contextlib.closing(LiveBarred(regulations)))
        return self._views.count_lake(asked, fixed, self._platform.lake(), chosen, barred)

    def newest(self, limit: int) -> list[dict[str, Any]]:
        return [self._shown(each) for each in self._replays.newest(limit=limit)]

    def one(self, id_: str) -> dict[str, Any]:
        return self._shown(self._views.known(self._replays.get(id_), id_))

    def decide(self, id_: str, verb: str) -> dict[str, Any]:
        decided = self._views.decide(self._replays, id_, verb)
        note(self._platform, "decide_replay", f"{id_}/{verb}")
        return self._shown(decided)

    def _shown(self, found: Any) -> dict[str, Any]:
        return dict(msgspec.to_builtins(self._views.line(found)))
