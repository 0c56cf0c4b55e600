"""SQL over the lake: DuckDB with one view, `events`, and nothing else within reach."""

from pathlib import Path

import duckdb

from headwater.lake.port import Lake

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
}
"""The view, in this order. `body` is the whole event: `body->>'$.properties.total'`."""


def connect(lake: Lake) -> duckdb.DuckDBPyConnection:
    """A connection whose `events` view shows what the lake holds now; it can read nothing else on this machine."""
    connection = duckdb.connect(config={"memory_limit": MEMORY})
    files = lake.files()
    connection.execute("SET TimeZone = 'UTC'")
    columns = ", ".join(f'"{name}"::{kind} AS "{name}"' for name, kind in COLUMNS.items())
    if files:
        listed = ", ".join(_quoted(path) for path in files)
        connection.execute(f"SET allowed_paths = [{listed}]")
        connection.execute(f"CREATE VIEW events AS SELECT {columns} FROM read_parquet([{listed}])")
    else:
        nothing = ", ".join(f'NULL::{kind} AS "{name}"' for name, kind in COLUMNS.items())
        connection.execute(f"CREATE VIEW events AS SELECT {nothing} WHERE false")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
    return connection


def _quoted(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"
