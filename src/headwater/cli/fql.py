"""`headwater fql`: an expression tried out on events from standard input."""

import json
from typing import Annotated, Final

import msgspec
import typer

from headwater.cli.lines import answer_lines

MALFORMED_EXIT: Final = 2


def register(app: typer.Typer) -> None:
    app.command()(fql)


def fql(
    expression: Annotated[str, typer.Argument(metavar="EXPR", help="FQL, in quotes for the shell.")],
    *,
    trigger: Annotated[
        bool, typer.Option("--trigger", help="Read and answer it as the trigger of an action.")
    ] = False,
    ast: Annotated[
        bool, typer.Option("--ast", help="Print the syntax tree and the canonical text; read no events.")
    ] = False,
) -> None:
    """Events in, one JSON object a line; out, one a line: `true`, `false` or `{"error":…}`."""
    from headwater.fql import FqlError, compile_filter, render

    try:
        question = compile_filter(expression, trigger=trigger)
    except FqlError as error:
        typer.echo(f"headwater: {error.pointed()}", err=True)
        raise typer.Exit(MALFORMED_EXIT) from None
    if ast:
        tree = msgspec.to_builtins(question.expression)
        # json, not msgspec: numbers of an expression may be longer than 64 bits.
        typer.echo(json.dumps({"fql": render(question.expression), "ast": tree}, ensure_ascii=False))
        return
    answer_lines(lambda line: b"true" if question.matches(line) else b"false")
