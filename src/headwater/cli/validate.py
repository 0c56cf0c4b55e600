"""`headwater validate`: a tracking plan tried out on events from standard input."""

from typing import Annotated, Final

import msgspec
import typer

from headwater.cli.config import read_file
from headwater.cli.lines import answer_lines
from headwater.errors import ConfigError

MALFORMED_EXIT: Final = 2


def register(app: typer.Typer) -> None:
    app.command()(validate)


def validate(
    file: Annotated[str, typer.Argument(metavar="PLAN", help="A file with one plan, or a workspace file.")],
    plan: Annotated[str, typer.Option("--plan", help="Which plan of a workspace file.", show_default=False)] = "",
) -> None:
    """Events in, one JSON object a line; verdicts out, one a line: what the plan would do with each."""
    from headwater.config.plan_file import load_plan
    from headwater.processing.govern.trial import Trial

    try:
        trial = Trial(load_plan(read_file(file), name=plan, file=file))
    except ConfigError as error:
        typer.echo("\n".join(error.lines()), err=True)
        raise typer.Exit(MALFORMED_EXIT) from None
    answer_lines(lambda line: msgspec.json.encode(trial.verdict(line)))
