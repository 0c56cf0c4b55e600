"""SQL over the lake. DuckDB is loaded when the first statement arrives, not before."""

import asyncio
import math
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Annotated, Any, Final

import msgspec
from litestar import delete, post

from headwater import limits
from headwater.errors import BusyError, InputError, NotFoundError
from headwater.lake.port import Lake
from headwater.serve.desk import Desk
from headwater.serve.entry.access import READS
from headwater.serve.errors import ERRORS, NAMED_ERRORS
from headwater.serve.lake import sql_schema
from headwater.serve.lake.running_statement import RunningStatement
from headwater.team.actor import Actor

STATEMENT_S_MAX: Final = 60.0
"""A statement over the API that runs longer belongs on the machine, with `headwater sql`."""

_AT_ONCE: Final = asyncio.Semaphore(2)
"""DuckDB uses every core and much memory for one statement; more at once would only be slower."""

_RUNNING: Final[dict[tuple[str, str], RunningStatement]] = {}
"""By who asks, and what they call it. No more than there are requests under way."""

_JSON_INTEGERS: Final = range(-(2**63), 2**64)


class Statement(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    sql: str
    limit: int = limits.lake.SQL_ROWS_MAX
    """At most so many rows."""
    id: Annotated[str, msgspec.Meta(max_length=64)] = ""
    """Chosen by who asks, to stop it by: `DELETE /sql/{id}`."""


class Column(msgspec.Struct, frozen=True):
    name: str
    type: str


class Rows(msgspec.Struct, frozen=True):
    columns: list[Column]
    rows: list[list[Any]]
    """Values as JSON knows them: instants as ISO 8601 in UTC, decimals as numbers."""
    truncated: bool = False
    """There were more rows than `limit`."""


def query(
    lake: Lake,
    statement: Statement,
    *,
    timeout_s: float | None = None,
    running: RunningStatement | None = None,
) -> Rows:
    """Blocking. InputError with DuckDB's own message when it refuses, and when `running` was stopped; BusyError
    when the time is over.
    """
    import duckdb

    from headwater.lake.query import ask, check

    rows_max = max(1, min(statement.limit, limits.lake.SQL_ROWS_MAX))
    watched = running or RunningStatement()

    def run(connection: duckdb.DuckDBPyConnection) -> tuple[list[Column], list[Any]]:
        with watched.watch(connection.interrupt, timeout_s):
            check(connection, statement.sql)
            result = connection.execute(statement.sql)
            columns = [Column(name, str(kind)) for name, kind, *_ in result.description or ()]
            return columns, result.fetchmany(rows_max + 1) if columns else []

    try:
        columns, fetched = ask(lake, run)
    except duckdb.InterruptException:
        if watched.is_stopped:
            raise InputError("stopped", "the statement was stopped, as somebody asked for") from None
        raise BusyError(f"the statement was stopped after {timeout_s:g} s") from None
    except duckdb.Error as error:
        raise InputError("invalid_sql", str(error), field="sql") from None
    return Rows(columns, [[plain(v) for v in row] for row in fetched[:rows_max]], len(fetched) > rows_max)


@post("/sql", status_code=200, responses=ERRORS, opt=READS)
async def run_sql(desk: Desk, actor: Actor, data: Statement) -> Rows:
    """Run one statement over the view `events`."""
    name, running = (actor.name, data.id), RunningStatement()
    if data.id:
        _RUNNING[name] = running
    try:
        async with _AT_ONCE:
            return await asyncio.to_thread(
                lambda: query(desk.lake(), data, timeout_s=STATEMENT_S_MAX, running=running)
            )
    finally:
        if _RUNNING.get(name) is running:
            del _RUNNING[name]


@delete("/sql/{statement_id:str}", status_code=204, responses=NAMED_ERRORS, opt=READS)
async def stop_sql(actor: Actor, statement_id: str) -> None:
    """Stop a statement of one's own that is still running, or waits for its turn."""
    running = _RUNNING.get((actor.name, statement_id))
    if running is None:
        raise NotFoundError("no such statement of yours is running; it may have ended")
    running.stop()


def plain(value: Any) -> Any:  # noqa: C901 - one case for each kind of value
    """A DuckDB value as one of JSON's."""
    match value:
        case None | bool() | str():
            return value
        case float():
            return value if math.isfinite(value) else None  # as JSON has no other word for it
        case int():
            return value if value in _JSON_INTEGERS else str(value)
        case Decimal():
            is_integer = value.is_finite() and value == value.to_integral_value() and abs(value) < 2**53
            return int(value) if is_integer else plain(float(value))
        case datetime():
            instant = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
            return instant.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        case date() | time():
            return value.isoformat()
        case timedelta():
            return value.total_seconds()
        case bytes() | bytearray():
            return bytes(value).hex()
        case list() | tuple():
            return [plain(item) for item in value]
        case dict():
            return {str(key): plain(item) for key, item in value.items()}
        case _:  # UUIDs and what DuckDB may yet invent
            return str(value)


HANDLERS: Final[list[Callable[..., Any]]] = [run_sql, stop_sql, *sql_schema.HANDLERS]
