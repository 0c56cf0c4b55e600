"""`headwater status`: whether the platform works, and how far behind it is."""

import asyncio
from contextlib import ExitStack, closing
from typing import Annotated, Any

import msgspec
import typer

from headwater.cli.target import DataOption, Local, Remote, find_target, local_data
from headwater.cli.terminal import counted, print_json
from headwater.config.workspace import Workspace
from headwater.errors import AbsentError


def register(app: typer.Typer) -> None:
    app.command()(status)


def status(
    data: DataOption = None, json: Annotated[bool, typer.Option("--json", help="For programs.")] = False
) -> None:
    """Per role: up, ready, lag, rate, dead letters. Exit code 0 when every role is up and ready, else 1."""
    target = find_target(data)
    state = target.get("/status") if isinstance(target, Remote) else _observe(target)
    if json:
        print_json(state)
    else:
        _show(state)
    raise typer.Exit(0 if state["up"] and state["ready"] else 1)


def _observe(target: Local) -> dict[str, Any]:
    from headwater.operations.introspection import ask_fleet
    from headwater.operations.options import Options
    from headwater.serve.health.status import read_stores, summarise

    folder = local_data(target)
    platform = target.platform()
    with ExitStack() as open_ports:
        config = open_ports.enter_context(closing(platform.config()))
        logs = [open_ports.enter_context(closing(log())) for log in (platform.collected, platform.outbound)]
        stores = read_stores(config, logs)
        current = config.current()
    people = _people(target, current.workspace) if current is not None else None
    reports = asyncio.run(ask_fleet(Options(data=folder).run_folder, metrics=True))
    state: dict[str, Any] = msgspec.to_builtins(summarise(reports, stores, people))
    return state


def _people(target: Local, workspace: Workspace) -> Any:
    from headwater.serve.instants import now_ms
    from headwater.serve.unify.people import people

    try:
        with closing(target.platform().state_view()) as state:
            return people(state, workspace, now_ms())
    except AbsentError:
        return people(None, workspace, now_ms())


def _show(state: dict[str, Any]) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console(soft_wrap=True)
    console.print(f"workspace [bold]{state['workspace'] or '-'}[/], version {state['version']}", highlight=False)
    roles = Table("role", "state", "pid", "events behind", "seconds behind", "events/s", "dead letters", box=None)
    for name, role in state["roles"].items():
        roles.add_row(
            name,
            _state(role),
            str(role["pid"] or "-"),
            _shown(role["lag_events"]),
            _shown(role["lag_seconds"]),
            _shown(role["events_per_second"]),
            _shown(role["dead_letters"]),
        )
    console.print(roles)
    for title in ("sources", "destinations"):
        for name, counts in state[title].items():
            shown = ", ".join(f"{metric} {_shown(count)}" for metric, count in counts.items() if count)
            console.print(f"{title[:-1]} [bold]{name}[/]: {shown or 'nothing yet'}", highlight=False)
    if state["people"] is not None:
        for line in _about_people(state["people"]):
            console.print(line, highlight=False, markup=False)
    for name, role in state["roles"].items():
        for reason in role["reasons"]:
            console.print(f"{name}: {reason}", style="yellow", highlight=False, markup=False)


def _about_people(people: dict[str, Any]) -> list[str]:
    sweep = people["sweep"]
    lines = [f"people: {counted(people['users'], 'user')}, {counted(people['accounts'], 'account')}"]
    lines += [f"audience {key}: {counted(size, 'member')}" for key, size in people["audiences"].items()]
    if sweep["under_way"]:
        lines.append(f"computing definitions for everybody: {sweep['done']:,} of {sweep['total']:,} profiles")
    if people["timers_due"]:
        lines.append(f"due: {counted(people['timers_due'], 'profile')}")
    if people["quarantined"]:
        lines.append(f"quarantined: {counted(people['quarantined'], 'external id')}; see `headwater quarantine`")
    return lines


def _state(role: dict[str, Any]) -> str:
    if not role["up"]:
        return "[red]down[/]"
    return "[green]ready[/]" if role["ready"] else "[yellow]not ready[/]"


def _shown(value: float | None) -> str:
    return "-" if value is None else f"{value:,.6g}" if isinstance(value, float) else f"{value:,}"
