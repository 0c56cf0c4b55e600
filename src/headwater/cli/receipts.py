"""`headwater receipts`: what became of events at destinations."""

from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Annotated, Any, Final
from urllib.parse import quote

import msgspec
import typer

from headwater.cli.target import DataOption, Local, Remote, current_workspace, find_target, local_data
from headwater.cli.terminal import counted, print_json, printable, printable_lines

PAGE_MAX: Final = 1_000

MessageOption = Annotated[str | None, typer.Option("--message-id", help="Only this message.", show_default=False)]
ProfileOption = Annotated[
    str | None, typer.Option("--profile", help="Only events of this profile (its id).", show_default=False)
]
UserOption = Annotated[str | None, typer.Option("--user-id", help="Only events of this user.", show_default=False)]
AnonymousOption = Annotated[
    str | None, typer.Option("--anonymous-id", help="Only events of this anonymousId.", show_default=False)
]
DestinationOption = Annotated[
    str | None, typer.Option("--destination", help="Only what was for it.", show_default=False)
]
SourceOption = Annotated[str | None, typer.Option("--source", help="Only of this source.", show_default=False)]
EventOption = Annotated[str | None, typer.Option("--event", help="Only this event's name.", show_default=False)]
StatusOption = Annotated[
    str | None,
    typer.Option("--status", help="Only `delivered`, `filtered`, `retrying` or `failed`.", show_default=False),
]
ReasonOption = Annotated[
    str | None,
    typer.Option("--reason", help="Only with this reason, as in `FILTERED_BY_RULES`.", show_default=False),
]
SinceOption = Annotated[
    str | None,
    typer.Option("--since", help="Settled since: `1h`, `24h`, `7d` or an instant (ISO 8601).", show_default=False),
]
UntilOption = Annotated[
    str | None, typer.Option("--until", help="Settled before that; written as --since.", show_default=False)
]
LimitOption = Annotated[int, typer.Option("--limit", min=1, max=PAGE_MAX, help="At most so many.")]
CursorOption = Annotated[
    str | None, typer.Option("--cursor", help="Go on after this id, the last one shown.", show_default=False)
]
JsonOption = Annotated[bool, typer.Option("--json", help="For programs.")]


def register(app: typer.Typer) -> None:
    group = typer.Typer(no_args_is_help=True, help="What became of events at destinations.")
    group.command("list")(show_list)
    for command in (show, delivery):
        group.command()(command)
    app.add_typer(group, name="receipts")


def show_list(
    data: DataOption = None,
    *,
    message_id: MessageOption = None,
    profile: ProfileOption = None,
    user_id: UserOption = None,
    anonymous_id: AnonymousOption = None,
    destination: DestinationOption = None,
    source: SourceOption = None,
    event: EventOption = None,
    status: StatusOption = None,
    reason: ReasonOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    limit: LimitOption = 50,
    cursor: CursorOption = None,
    json: JsonOption = False,
) -> None:
    """List receipts, newest first."""
    wanted = {
        "message_id": message_id,
        "profile_id": profile,
        "user_id": user_id,
        "anonymous_id": anonymous_id,
        "destination": destination,
        "source": source,
        "event": event,
        "status": _status(status),
        "reason": reason,
        "since": since,
        "until": until,
    }
    with _asked(data) as receipts:
        page = receipts.page({name: value for name, value in wanted.items() if value is not None}, limit, cursor)
    if json:
        print_json(page)
        return
    for each in page["data"]:
        _show_line(each)
    if not page["data"]:
        typer.echo("no receipts")
    elif page["next"]:
        typer.echo(f"headwater: there are more; go on with --cursor {page['next']}", err=True)


def show(
    receipt: Annotated[str, typer.Argument(metavar="ID", help="As the list shows it.")],
    data: DataOption = None,
    json: JsonOption = False,
) -> None:
    """Show one, with its failed attempts, and what was asked and answered in the last one; secrets are masked."""
    with _asked(data) as receipts:
        found = receipts.one(receipt)
    if json:
        print_json(found)
        return
    _show_line(found["receipt"])
    for each in found["earlier"]:
        why = f"{each['reason']}: {each['message']}" if each["message"] else each["reason"]
        typer.echo(
            printable(f"    attempt {each['number']} at {each['at']} failed ({why}), {each['latency_ms']} ms")
        )
    if not found["exchange"]:
        typer.echo("request and answer were not kept: of successes a few in an hour are")
    for each in found["exchange"]:
        typer.echo(printable_lines(msgspec.json.format(msgspec.json.encode(each)).decode()))


def delivery(
    destination: Annotated[str, typer.Argument(help="A destination's name.")],
    data: DataOption = None,
    *,
    since: Annotated[str, typer.Option("--since", help="`1h`, `24h`, `7d` or an instant (ISO 8601).")] = "1h",
    until: UntilOption = None,
    samples: Annotated[int, typer.Option("--samples", min=0, max=10, help="Receipts shown of each reason.")] = 3,
    json: JsonOption = False,
) -> None:
    """Tell how delivery to a destination went: counts by minute and reason, latency."""
    with _asked(data) as receipts:
        found = receipts.delivery(destination, {"since": since, "until": until, "samples": samples})
    if json:
        print_json(found)
        return
    _show_delivery(found)


def _status(status: str | None) -> str | None:
    from headwater.delivery.receipts import STATUSES

    if status is not None and status not in STATUSES:
        raise typer.BadParameter(f"a status is one of {', '.join(STATUSES)}", param_hint="--status")
    return status


def _show_line(receipt: dict[str, Any]) -> None:
    about = f"{receipt['at']}  {receipt['source']} → {receipt['destination']}  {receipt['status']}"
    why = ": ".join(filter(None, (receipt["reason"], receipt["message"])))
    what = " ".join(filter(None, (receipt["type"], receipt["event"])))
    by = f" by {receipt['mapping']}" if receipt["mapping"] else ""
    effort = (
        f"{counted(receipt['attempts'], 'attempt')}, {receipt['latency_ms']} ms" if receipt["attempts"] else ""
    )
    typer.echo(printable(about + (f" ({why})" if why else "")))
    typer.echo(printable("    " + ", ".join(filter(None, (what + by, effort, receipt["id"])))))


def _show_delivery(found: dict[str, Any]) -> None:
    names = ("delivered", "failed", "filtered", "retrying")
    typer.echo(printable(f"{found['destination']}, {found['since']} to {found['until']}"))
    counts = ", ".join(f"{found[name]:,} {name}" for name in names)
    typer.echo(f"{counts}; {found['pending']:,} pending now")
    if found["p95_ms"]:
        typer.echo(f"half took at most {found['p50_ms']:,} ms, 95 of 100 at most {found['p95_ms']:,} ms")
    for reason in found["reasons"]:
        if reason["reason"]:
            typer.echo(printable(f"{reason['count']:>10,}  {reason['status']}  {reason['reason']}"))
        for sample in reason["samples"]:
            typer.echo(printable(f"            {sample['id']}  {sample['message']}"))
    if found["minutes"]:
        typer.echo("\nminute            " + "".join(f"{name:>11}" for name in (*names, "pending", "p95 ms")))
    for minute in found["minutes"]:
        row = "".join(f"{minute[name]:>11,}" for name in (*names, "pending", "p95_ms"))
        typer.echo(f"{minute['at'][:16]}  {row}")


@contextmanager
def _asked(data: Path | None) -> Iterator["_OverHttp | _InFolder"]:
    target = find_target(data)
    with ExitStack() as stack:
        yield _OverHttp(target) if isinstance(target, Remote) else _InFolder(target, stack)


class _OverHttp:
    def __init__(self, remote: Remote) -> None:
        self._remote = remote

    def page(self, wanted: dict[str, str], limit: int, cursor: str | None) -> Any:
        return self._remote.get("/receipts", **wanted, limit=limit, cursor=cursor)

    def one(self, receipt: str) -> Any:
        return self._remote.get(f"/receipts/{quote(receipt, safe='')}")

    def delivery(self, destination: str, query: dict[str, Any]) -> Any:
        return self._remote.get(f"/destinations/{quote(destination, safe='')}/delivery", **query)


class _InFolder:
    """Whether or not a platform runs on it."""

    def __init__(self, target: Local, stack: ExitStack) -> None:
        from headwater.serve.deliver import receipts

        local_data(target)
        platform = target.platform()
        self._target = target
        self._views = receipts
        self._jobs = stack.enter_context(closing(platform.jobs()))
        self._receipts = stack.enter_context(closing(platform.receipts()))

    def page(self, wanted: dict[str, str], limit: int, cursor: str | None) -> Any:
        question = self._views.Question(**wanted)
        return msgspec.to_builtins(self._views.listed(self._receipts, question, limit=limit, cursor=cursor))

    def one(self, receipt: str) -> Any:
        return msgspec.to_builtins(self._views.whole(self._receipts, receipt))

    def delivery(self, destination: str, query: dict[str, Any]) -> Any:
        self._views.check_destination(current_workspace(self._target), destination)
        standing = self._jobs.standings().get(destination)
        pending = standing.retries if standing else 0
        return msgspec.to_builtins(self._views.report(self._receipts, destination, **query, pending=pending))
