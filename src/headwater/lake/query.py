"""SQL over the lake: DuckDB with one view, `events`, and nothing else within reach."""

import re
from collections.abc import Callable, Container
from pathlib import Path
from typing import TypeVar

import duckdb

from headwater.errors import InputError
from headwater.lake.port import Lake

T = TypeVar("T")

MEMORY = "1GB"
"""More than queries over a laptop's worth of events need; DuckDB spills past it."""

COLUMNS = {
    "message_id": "VARCHAR",
    "type": "VARCHAR",
    "event": "VARCHAR",
    "name": "VARCHAR",
    "user_id": "VARCHAR",
    "anonymous_id": "VARCHAR",
    "group_id": "VARCHAR",
    "profile_id": "VARCHAR",
    "source": "VARCHAR",
    "received_at": "TIMESTAMPTZ",
    "timestamp": "TIMESTAMPTZ",
    "original_timestamp": "TIMESTAMPTZ",
    "sent_at": "TIMESTAMPTZ",
    "body": "JSON",
    "log_offset": "BIGINT",
    "log_index": "INTEGER",
    "trace": "JSON",
}
"""The view, in this order. `body` is the whole event: `body->>'$.properties.total'`. `log_offset` and `log_index`
are its place in the collected log, `trace` is what the stages noted about it.
"""


_EXPLAIN = re.compile(r"\s*EXPLAIN\b\s*(?:ANALYZE\b\s*)?(?:\([^)]*\))?", re.IGNORECASE)


def connect(lake: Lake) -> duckdb.DuckDBPyConnection:
    """A connection whose `events` view shows what the lake holds now; it can read nothing else on this machine."""
    connection = duckdb.connect(config={"memory_limit": MEMORY})
    files = lake.files()
    connection.execute("SET TimeZone = 'UTC'")
    columns = _columns(COLUMNS)
    if files:
        listed = ", ".join(_quoted(path) for path in files)
        connection.execute(f"SET allowed_paths = [{listed}]")
        rows = f"read_parquet([{listed}], union_by_name = true)"
        try:
            connection.execute(f"CREATE VIEW events AS SELECT {columns} FROM {rows}")
        except duckdb.BinderException:  # all files are of a version that had fewer columns
            known = {name for name, *_ in connection.execute(f"DESCRIBE SELECT * FROM {rows}").fetchall()}
            connection.execute(f"CREATE VIEW events AS SELECT {_columns(known)} FROM {rows}")
    else:
        connection.execute(f"CREATE VIEW events AS SELECT {_columns(())} WHERE false")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
    return connection


def ask(lake: Lake, question: Callable[[duckdb.DuckDBPyConnection], T]) -> T:
    """`question(connection)`. When files that it had listed are gone before it could read them, because a person's
    events were erased from them, it is asked again.
    """
    while True:
        files = lake.files()
        try:
            with connect(lake) as connection:
                return question(connection)
        except duckdb.InterruptException:
            raise
        except duckdb.Error:  # of several kinds: what is missing may also be taken for a folder out of bounds
            if all(path.exists() for path in files):
                raise


def check(connection: duckdb.DuckDBPyConnection, sql: str) -> None:
    """InputError unless every statement only reads. A path that may be read may be written to as well, so without
    this `COPY … TO` could replace a file of the lake. DuckDB's own errors are raised as they are.
    """
    for statement in connection.extract_statements(sql):
        explained = _EXPLAIN.match(statement.query) if statement.type == duckdb.StatementType.EXPLAIN else None
        if explained:
            check(connection, statement.query[explained.end() :])  # EXPLAIN ANALYZE carries out what it explains
        elif statement.type != duckdb.StatementType.SELECT:
            raise InputError(
                "invalid_sql", "only statements that read are allowed: SELECT and its kin", field="sql"
            )


def _columns(known: Container[str]) -> str:
    """Those of the view, null where the files do not have them."""
    found = ((f'"{name}"' if name in known else "NULL", name, kind) for name, kind in COLUMNS.items())
    return ", ".join(f'{value}::{kind} AS "{name}"' for value, name, kind in found)


def _quoted(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"
