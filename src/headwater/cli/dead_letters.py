"""`headwater dead-letters`: what could not be taken further, and why."""

from contextlib import closing
from typing import Annotated, Any

import msgspec
import typer

from headwater.cli.target import DataOption, Local, Remote, find_target, local_data


def register(app: typer.Typer) -> None:
    app.command("dead-letters")(dead_letters)


def dead_letters(
    data: DataOption = None,
    *,
    stage: Annotated[str | None, typer.Option("--stage", help="Only these.", show_default=False)] = None,
    reason: Annotated[str | None, typer.Option("--reason", help="Only these.", show_default=False)] = None,
    source: Annotated[str | None, typer.Option("--source", help="Only these.", show_default=False)] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=1000, help="At most so many.")] = 50,
    json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """List dead letters, newest first."""
    wanted: dict[str, Any] = {"stage": stage, "reason": reason, "source": source, "limit": limit}
    target = find_target(data)
    page = target.get("/dead-letters", **wanted) if isinstance(target, Remote) else _read(target, wanted)
    if json:
        typer.echo(msgspec.json.format(msgspec.json.encode(page["data"])).decode())
        return
    for letter in page["data"]:
        place = f"{letter['received_at']}  {letter['id']}  {letter['source'] or '-'}"
        typer.echo(f"{place}  {letter['stage']}: {letter['reason']}: {letter['detail']}")
        typer.echo(f"    {letter['payload'][:200]}")
    if not page["data"]:
        typer.echo("no dead letters")
    elif page["next"]:
        typer.echo(f"headwater: only the newest {limit} are shown", err=True)


def _read(target: Local, wanted: dict[str, Any]) -> dict[str, Any]:
    from headwater.serve.dead_letters import listed

    if not (local_data(target) / "state").exists():  # no pipeline has run yet
        return {"data": [], "next": None}
    with closing(target.platform().state_view()) as state:
        page: dict[str, Any] = msgspec.to_builtins(listed(state, **wanted))
        return page
