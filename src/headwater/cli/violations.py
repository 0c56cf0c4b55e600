"""`headwater violations`: what has been broken of the tracking plans."""

from contextlib import closing
from typing import Annotated, Any
from urllib.parse import quote

import msgspec
import typer

from headwater.cli.target import DataOption, Local, Remote, find_target, local_data
from headwater.errors import InputError


def register(app: typer.Typer) -> None:
    app.command()(violations)


def violations(
    plan: Annotated[str | None, typer.Argument(metavar="[PLAN]", help="Default: all.", show_default=False)] = None,
    data: DataOption = None,
    *,
    source: Annotated[str | None, typer.Option("--source", help="Only these.", show_default=False)] = None,
    event: Annotated[str | None, typer.Option("--event", help="Only these.", show_default=False)] = None,
    since: Annotated[
        str | None,
        typer.Option("--since", help="Seen since: `1h`, `24h`, `7d` or an instant.", show_default=False),
    ] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=1000, help="At most so many of each plan.")] = 50,
    json: Annotated[bool, typer.Option("--json", help="For programs, with samples of events.")] = False,
) -> None:
    """List what events break of tracking plans, with counts for the last hour, day and week."""
    wanted: dict[str, Any] = {"source": source, "event": event, "since": since, "limit": limit}
    target = find_target(data)
    pages = _remotely(target, plan, wanted) if isinstance(target, Remote) else _locally(target, plan, wanted)
    found = [{"plan": name, **line} for name, page in pages.items() for line in page["data"]]
    if json:
        typer.echo(msgspec.json.format(msgspec.json.encode(found)).decode())
    elif found:
        _print(found)
    else:
        typer.echo("no violations")
    if any(page["next"] for page in pages.values()):
        typer.echo(f"headwater: only the first {limit} of a plan are shown", err=True)
    if uncounted := sum(page["uncounted"] for page in pages.values()):
        typer.echo(f"headwater: {uncounted:,} more were too many different ones to be told apart", err=True)


def _remotely(target: Remote, plan: str | None, wanted: dict[str, Any]) -> dict[str, Any]:
    names = [plan] if plan else [line["name"] for line in target.get("/tracking-plans", limit=1000)["data"]]
    return {name: target.get(f"/tracking-plans/{quote(name, safe='')}/violations", **wanted) for name in names}


def _locally(target: Local, plan: str | None, wanted: dict[str, Any]) -> dict[str, Any]:
    from headwater.serve.tracking_plans import known, listed, now_ms, plan_line

    folder = local_data(target)
    platform = target.platform()
    with closing(platform.config()) as config:
        version = config.current()
    if version is None:
        raise InputError("no_workspace", "nothing was applied yet: see `headwater apply`")
    plans = [known(version.workspace, plan)] if plan else version.workspace.tracking_plans
    if not (folder / "state").exists():  # no pipeline has run yet
        return {}
    with closing(platform.state_view()) as state:
        return {
            found.name: msgspec.to_builtins(
                listed(state, found.name, now_ms(), sources=plan_line(version.workspace, found).sources, **wanted)
            )
            for found in plans
        }


def _print(found: list[dict[str, Any]]) -> None:
    for line in found:
        event = line["event"] or line["call"]
        typer.echo(f"{line['plan']}  {line['source']}  {event}  {line['type']}: {line['description']}")
        counts = f"{line['last_hour']:,} in the last hour, {line['last_24_hours']:,} in 24 hours"
        typer.echo(f"    {counts}, {line['last_7_days']:,} in 7 days; last seen {line['last_seen']}")
