"""`headwater sql`: DuckDB over everything that was accepted."""

import csv
import sys
from enum import StrEnum
from typing import Annotated, Any, Final

import msgspec
import typer

from headwater import limits
from headwater.cli.target import DataOption, Local, Remote, find_target, local_data
from headwater.cli.terminal import counted, printable_lines

PIPE_COLUMNS: Final = 100_000


class Format(StrEnum):
    TABLE = "table"
    JSON = "json"
    CSV = "csv"


def register(app: typer.Typer) -> None:
    app.command()(sql)


def sql(
    statement: Annotated[str, typer.Argument(metavar="STATEMENT", help="DuckDB SQL; the view is `events`.")],
    data: DataOption = None,
    form: Annotated[
        Format, typer.Option("--format", help="`json` is one array of objects; instants are ISO 8601 in UTC.")
    ] = Format.TABLE,
) -> None:
    """Ask the lake: `headwater sql "select event, count(*) from events group by event"`."""
    target = find_target(data)
    answer = _remotely(target, statement) if isinstance(target, Remote) else _locally(target, statement)
    names = [column["name"] for column in answer["columns"]]
    match form:
        case Format.JSON:
            rows = [dict(zip(names, row, strict=True)) for row in answer["rows"]]
            typer.echo(msgspec.json.encode(rows).decode())
        case Format.CSV:
            _print_csv(names, answer["rows"])
        case Format.TABLE:
            _print_table(names, answer["rows"])
    if answer["truncated"]:
        typer.echo(f"headwater: only the first {limits.lake.SQL_ROWS_MAX:,} rows are shown", err=True)


def _remotely(target: Remote, statement: str) -> dict[str, Any]:
    answer: dict[str, Any] = target.send(
        "POST", "/sql", msgspec.json.encode({"sql": statement}), "application/json"
    )
    return answer


def _locally(target: Local, statement: str) -> dict[str, Any]:
    from headwater.serve.lake.sql import Statement, query

    local_data(target)
    answer: dict[str, Any] = msgspec.to_builtins(query(target.platform().lake(), Statement(statement)))
    return answer


def _print_csv(names: list[str], rows: list[list[Any]]) -> None:
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(names)
    writer.writerows([_text(value) for value in row] for row in rows)


def _print_table(names: list[str], rows: list[list[Any]]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table()
    for name in names:
        table.add_column(Text(name), overflow="fold")  # a value that is too wide goes on below, whole
    for row in rows:
        table.add_row(*(Text(printable_lines(_text(value))) for value in row))  # Text: data is not markup
    # Into a pipe or a file, a line is as long as it has to be.
    console = Console(width=None if sys.stdout.isatty() else PIPE_COLUMNS)
    console.print(table)
    console.print(f"{counted(len(rows), 'row')}", highlight=False)


def _text(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case list() | dict():
            return msgspec.json.encode(value).decode()
        case _:
            return str(value)
