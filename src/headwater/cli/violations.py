"""`headwater violations`: what has been broken of the tracking plans."""

from contextlib import closing
from typing import Annotated, Any
from urllib.parse import quote

import msgspec
import typer

from headwater.cli.target import DataOption, Local, Remote, current_workspace, find_target
from headwater.cli.terminal import print_json, printable


def register(app: typer.Typer) -> None:
    app.command()(violations)


def violations(
    plan: Annotated[
        str | None, typer.Argument(metavar="PLAN", help="Its name. Default: all plans.", show_default=False)
    ] = None,
    data: DataOption = None,
    *,
    source: Annotated[
        str | None, typer.Option("--source", help="Only those of this source.", show_default=False)
    ] = None,
    event: Annotated[
        str | None,
        typer.Option("--event", help="Only those of this event, by its exact name as sent.", show_default=False),
    ] = None,
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
        print_json(found)
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
    from headwater.serve.govern.tracking_plans import known, listed, plan_line
    from headwater.serve.instants import now_ms

    workspace = current_workspace(target)
    plans = [known(workspace, plan)] if plan else workspace.tracking_plans
    if not (target.data / "state").exists():  # no pipeline has run yet
        return {}
    with closing(target.platform().state_view()) as state:
        return {
            found.name: msgspec.to_builtins(
                listed(state, found.name, now_ms(), sources=plan_line(workspace, found).sources, **wanted)
            )
            for found in plans
        }


def _print(found: list[dict[str, Any]]) -> None:
    for line in found:
        is_told = "." not in line["field"] or line["field"] in line["description"]
        where = "" if is_told else f"{line['field']}: "
        what = f"{line['event'] or line['call']}  {line['type']}: {where}{line['description']}"
        typer.echo(f"{line['plan']}  {line['source']}  {printable(what)}")
        counts = f"{line['last_hour']:,} in the last hour, {line['last_24_hours']:,} in 24 hours"
        typer.echo(f"    {counts}, {line['last_7_days']:,} in 7 days; last seen {line['last_seen']}")
