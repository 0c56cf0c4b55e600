"""`headwater version`."""

import typer

from headwater import __version__


def register(app: typer.Typer) -> None:
    app.command()(version)


def version() -> None:
    """Print Headwater's version."""
    typer.echo(__version__)
