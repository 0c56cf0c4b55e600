"""`headwater secrets`: the key that the workspace is encrypted with."""

from contextlib import closing

import typer

from headwater.cli.target import DataOption, Remote, find_target, local_data
from headwater.cli.terminal import counted
from headwater.errors import InputError

secrets = typer.Typer(help="The key that the workspace is encrypted with.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    app.add_typer(secrets, name="secrets")


@secrets.callback()
def group() -> None:
    """The key that the workspace is encrypted with."""


@secrets.command("new-key")
def new_key() -> None:
    """Print a key for HEADWATER_SECRET_KEY. Needs no platform."""
    from headwater.config.vault import new_key as fresh

    typer.echo(fresh())


@secrets.command()
def rotate(data: DataOption = None) -> None:
    """Encrypt every version of the workspace with a new key. Running roles go on."""
    target = find_target(data)
    if isinstance(target, Remote):
        raise InputError(
            "not_remote", "the key is changed where the data is: run this on that machine, with --data"
        )
    local_data(target)
    platform = target.platform()
    with closing(platform.config()) as store:
        store.current()  # with the key that there is; else nothing is changed
        with platform.vault.rotation():
            count = store.reseal()
    typer.echo(f"{counted(count, 'version')} encrypted with the new key")
    if not platform.vault.is_ours:
        typer.echo("of the keys in the environment, only the first one is needed from now on")
