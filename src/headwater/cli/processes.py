"""`headwater up` and the four roles as commands of their own."""

from pathlib import Path
from typing import Annotated

import typer

from headwater.cli.target import DEFAULT_DATA
from headwater.operations.options import Options

Data = Annotated[
    Path,
    typer.Option("--data", envvar="HEADWATER_DATA", help="The data folder; made when missing.", file_okay=False),
]
Host = Annotated[str, typer.Option("--host", envvar="HEADWATER_HOST", help="The address to listen on.")]
ServeHost = Annotated[
    str,
    typer.Option(
        "--serve-host",
        envvar="HEADWATER_SERVE_HOST",
        help="The address of the private port. Default: that of --host.",
        show_default=False,
    ),
]
CollectPort = Annotated[
    int,
    typer.Option("--collect-port", envvar="HEADWATER_COLLECT_PORT", help="The public port: events come in here."),
]
ServePort = Annotated[
    int,
    typer.Option("--serve-port", envvar="HEADWATER_SERVE_PORT", help="The private port: API, health, metrics."),
]
Collectors = Annotated[
    int,
    typer.Option("--collectors", envvar="HEADWATER_COLLECTORS", help="Processes that share the public port."),
]
WorkspaceFile = Annotated[
    Path | None,
    typer.Option(
        "--workspace",
        envvar="HEADWATER_WORKSPACE",
        help="A workspace file to apply first.",
        dir_okay=False,
        show_default=False,
    ),
]


def register(app: typer.Typer) -> None:
    for command in (up, collect, pipeline, deliver, serve):
        app.command()(command)


def up(
    *,
    data: Data = DEFAULT_DATA,
    workspace: WorkspaceFile = None,
    collect_port: CollectPort = 8080,
    serve_port: ServePort = 8090,
    host: Host = "127.0.0.1",
    serve_host: ServeHost = "",
    collectors: Collectors = 1,
) -> None:
    """Run the whole platform on this machine, until Ctrl-C or SIGTERM."""
    from headwater.operations.up import up as run_up

    options = Options(
        data=data,
        host=host,
        serve_host=serve_host,
        collect_port=collect_port,
        serve_port=serve_port,
        collectors=collectors,
    )
    raise typer.Exit(run_up(options, workspace_file=workspace))


def collect(data: Data = DEFAULT_DATA, collect_port: CollectPort = 8080, host: Host = "127.0.0.1") -> None:
    """Run one collector: the public edge. Several may share a folder and a port."""
    _run("collect", Options(data=data, host=host, collect_port=collect_port))


def pipeline(data: Data = DEFAULT_DATA) -> None:
    """Run the pipeline: from collected requests to clean events."""
    _run("pipeline", Options(data=data))


def deliver(data: Data = DEFAULT_DATA) -> None:
    """Run delivery: sends, retries, receipts."""
    _run("deliver", Options(data=data))


def serve(
    data: Data = DEFAULT_DATA,
    serve_port: ServePort = 8090,
    host: Host = "127.0.0.1",
    serve_host: ServeHost = "",
) -> None:
    """Run the private port: API, health, metrics."""
    _run("serve", Options(data=data, host=host, serve_host=serve_host, serve_port=serve_port))


def _run(role: str, options: Options) -> None:
    from headwater.operations.role import run_role
    from headwater.serve.health.fleet import Role

    raise typer.Exit(run_role(Role(role), options))
