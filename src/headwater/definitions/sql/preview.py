"""What a definition would come to, before it is saved: how many, and a few of them."""

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Final

import duckdb
import msgspec

from headwater import limits
from headwater.definitions.ast import Aggregate, Definition
from headwater.definitions.sql.compiler import compile_definition
from headwater.definitions.sql.lake import relate
from headwater.errors import BusyError

_AGAIN_S: Final = 0.01
"""DuckDB forgets an interrupt that comes between two statements, so it is told again until it stops."""


class Sampled(msgspec.Struct, frozen=True):
    profile_id: str
    value: Any
    """JSON. Of an audience: true."""


class Preview(msgspec.Struct, frozen=True):
    count: int
    """Profiles that would have a value, or be members."""
    sample: list[Sampled]
    """The first of them by id."""


def preview(
    connection: duckdb.DuckDBPyConnection,
    definition: Definition,
    definitions: Iterable[Definition],
    *,
    now_ms: int,
    merged: Iterable[tuple[str, str]] = (),
    accounts: Iterable[tuple[str, str]] = (),
    sample_max: int = limits.definitions.PREVIEW_SAMPLE_MAX,
    timeout_s: float = limits.definitions.PREVIEW_S_MAX,
) -> Preview:
    """Blocking. The connection is one of `lake.query.connect`, used for nothing else before or after; `merged` and
    `accounts` are those of `relate`.

    BusyError when it takes longer, NotInSqlError when the definition has no SQL.
    """
    sql = compile_definition(definition, definitions, dialect="duckdb", now_ms=now_ms)
    with _stopped_after(connection, timeout_s):
        relate(connection, merged=merged, accounts=accounts)
        connection.execute(f"CREATE TEMP TABLE found AS {sql}")
        (count,) = connection.execute("SELECT COUNT(*) FROM found").fetchone() or (0,)
        rows = connection.execute(
            "SELECT profile_id, value FROM found ORDER BY profile_id LIMIT ?", [sample_max]
        ).fetchall()
    is_json = isinstance(definition.body, Aggregate) and definition.body.reducer in {"first", "last"}
    return Preview(count, [Sampled(id_, msgspec.json.decode(value) if is_json else value) for id_, value in rows])


@contextmanager
def _stopped_after(connection: duckdb.DuckDBPyConnection, timeout_s: float) -> Iterator[None]:
    done = threading.Event()

    def stop() -> None:
        late = not done.wait(timeout_s)
        while late and not done.wait(_AGAIN_S):
            connection.interrupt()

    thread = threading.Thread(target=stop, daemon=True)
    thread.start()
    try:
        yield
    except duckdb.InterruptException:
        raise BusyError(f"the preview was stopped after {timeout_s:g} s") from None
    finally:
        done.set()
        thread.join()
