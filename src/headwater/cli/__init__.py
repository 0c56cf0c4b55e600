"""The `headwater` command. Each module adds its commands to the app; heavy libraries are imported by the
commands that use them, so that `headwater --help` answers at once.
"""

import os
import sys

import typer

from headwater.cli import (
    audiences,
    config,
    dead_letters,
    destination_preview,
    destinations,
    explain,
    fql,
    identity,
    mapping,
    privacy,
    processes,
    profile,
    rebuild,
    receipts,
    replay,
    schema,
    secrets,
    sql,
    status,
    team,
    transform,
    validate,
    version,
    violations,
)
from headwater.errors import ConfigError, HeadwaterError

app = typer.Typer(
    name="headwater",
    help="A self-hosted customer data platform. Start with `headwater up`.",
    no_args_is_help=True,
    add_completion=False,
    # Errors meant for people are printed by `main`; any other traceback is Python's own, and complete.
    pretty_exceptions_enable=False,
)

for commands in (
    processes,
    config,
    status,
    sql,
    dead_letters,
    destinations,
    destination_preview,
    explain,
    receipts,
    profile,
    audiences,
    identity,
    rebuild,
    replay,
    privacy,
    violations,
    schema,
    secrets,
    team,
    transform,
    validate,
    fql,
    mapping,
    version,
):
    commands.register(app)


def main() -> None:
    """Exit codes: 0 done, 1 refused or failed (the reason is on standard error), 2 wrong usage."""
    try:
        app()
    except HeadwaterError as error:
        if os.environ.get("HEADWATER_DEBUG") == "1":
            raise
        sys.stderr.write(f"headwater: {_message(error)}\n")
        sys.exit(1)
    except BrokenPipeError:  # `headwater sql … | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)


def _message(error: HeadwaterError) -> str:
    if isinstance(error, ConfigError):
        count = len(error.problems)
        return f"{count} {'problem' if count == 1 else 'problems'} in the workspace\n{error}"
    return str(error)
