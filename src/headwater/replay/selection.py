"""Which events of the lake a replay is about, read in the order in which they were accepted, a page at a time.

A page is a window of offsets of the collected log: what a window holds does not change when files of the lake are
merged meanwhile, and its bounds are in the statistics of their row groups, so that only what can be in it is read.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

import duckdb

from headwater.errors import InputError
from headwater.event import CALLS, OutboundEvent
from headwater.fql import Filter, FqlError, FqlEvaluationError, compile_filter
from headwater.lake.port import Lake
from headwater.lake.query import connect
from headwater.replay.port import Asked, Bounds

Wanted = Callable[[OutboundEvent], bool]

ROWS_MAX: Final = 1_000
"""Of a page: 32 MB at worst, a megabyte of plain events."""

WINDOW_FIRST: Final = 256
WINDOW_MAX: Final = 1 << 40
"""Offsets at once; as wide as a page's rows allow."""

_COLUMNS: Final = """
log_offset, log_index, message_id, type, event, name, user_id, anonymous_id, group_id, profile_id, source,
epoch_ms(received_at), epoch_ms("timestamp"), epoch_ms(original_timestamp), epoch_ms(sent_at), body, trace
"""
"""Of an OutboundEvent, in its order."""


class Page(NamedTuple):
    events: list[OutboundEvent]
    cursor: str
    """Where the next one begins."""
    is_end: bool
    """There is none behind it."""


class Rows:
    """The rows that SQL alone can choose: by source, type, name and time."""

    def __init__(self, lake: Lake, asked: Asked, bounds: Bounds) -> None:
        self._lake = lake
        self._bounds = bounds
        self._where, self._values = _conditions(asked, bounds)
        self._window = WINDOW_FIRST
        self._files: list[Any] = []
        self._connection: duckdb.DuckDBPyConnection | None = None

    def page(self, cursor: str, rows_max: int = ROWS_MAX) -> Page:
        """From the cursor on; "" is the beginning."""
        offset, index = _place(cursor)
        end = min(offset + self._window, self._bounds.before_offset)
        query = (
            f"SELECT {_COLUMNS} FROM events WHERE log_offset >= ? AND log_offset < ?"  # noqa: S608
            f" AND (log_offset > ? OR log_index > ?) AND {self._where} ORDER BY log_offset, log_index LIMIT ?"
        )
        rows = self._ask(query, [offset, end, offset, index, *self._values, rows_max])
        events = [_event(row) for row in rows]
        if len(events) == rows_max:
            self._window = max(1, self._window // 2)
            return Page(events, cursor_behind(events[-1]), is_end=False)
        if len(events) < rows_max // 4:
            self._window = min(2 * self._window, WINDOW_MAX)
        return Page(events, f"{end}.-1", is_end=end >= self._bounds.before_offset)

    def close(self) -> None:
        if self._connection:
            self._connection.close()
            self._connection = None

    def _ask(self, query: str, values: list[Any]) -> list[tuple[Any, ...]]:
        """Files are merged, and rewritten when somebody is deleted: then they are listed anew."""
        while True:
            files = self._lake.files()
            try:
                if self._connection is None or files != self._files:
                    self.close()
                    self._connection, self._files = connect(self._lake), files
                return self._connection.execute(query, values).fetchall()
            except duckdb.Error:
                self.close()
                if self._lake.files() == files and all(path.exists() for path in files):
                    raise  # it was not that: a file is damaged, or the memory not enough


def bounds(lake: Lake, asked: Asked, *, since_ms: int | None, until_ms: int | None) -> Bounds:
    """What is fixed when a replay of the lake is asked for."""
    with connect(lake) as connection:
        (last,) = connection.execute("SELECT max(log_offset) FROM events").fetchone() or (None,)
        fixed = Bounds(since_ms, until_ms, 0 if last is None else last + 1, 0)
        where, values = _conditions(asked, fixed)
        query = f"SELECT count(*) FROM events WHERE log_offset < ? AND {where}"  # noqa: S608
        (rows,) = connection.execute(query, [fixed.before_offset, *values]).fetchone() or (0,)
    return fixed._replace(rows=rows)


def wanted(asked: Asked, members: frozenset[str] | None) -> Wanted:
    """The rest: FQL, and being a member (`members`: segment ids; None: that does not matter). InputError when the
    FQL is none.
    """
    condition = compiled(asked.where)

    def is_wanted(event: OutboundEvent) -> bool:
        if members is not None and event.profile_id not in members:
            return False
        return condition is None or matches(condition, event.body)

    return is_wanted


def matches(condition: Filter, body: bytes) -> bool:
    """As destination filters have it: what gives no answer is not wanted."""
    try:
        return condition.matches(body)
    except FqlEvaluationError:
        return False


def compiled(where: str) -> Filter | None:
    if not where:
        return None
    try:
        return compile_filter(where)
    except FqlError as error:
        raise InputError("invalid_fql", f"`where` is not FQL: {error}", field="where") from None


def _conditions(asked: Asked, fixed: Bounds) -> tuple[str, list[Any]]:
    parts, values = ["type IN (SELECT unnest(?))"], [list(asked.types or CALLS)]
    for column, names in (("source", asked.sources), ("event", asked.events)):
        if names:
            parts.append(f"{column} IN (SELECT unnest(?))")
            values.append(list(names))
    for sign, at_ms in ((">=", fixed.since_ms), ("<", fixed.until_ms)):
        if at_ms is not None:
            parts.append(f"received_at {sign} make_timestamptz(?::BIGINT * 1000)")
            values.append(at_ms)  # type: ignore[arg-type]
    return " AND ".join(parts), values


def cursor_behind(event: OutboundEvent) -> str:
    return f"{event.offset}.{event.index}"


def _place(cursor: str) -> tuple[int, int]:
    offset, _, index = cursor.partition(".")
    return (int(offset), int(index)) if cursor else (0, -1)


def _event(row: Sequence[Any]) -> OutboundEvent:
    *members, body, trace = row
    members += [body.encode(), (trace or "[]")[1:-1].encode()]
    return OutboundEvent(*members)
