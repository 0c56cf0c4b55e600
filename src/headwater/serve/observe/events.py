"""The newest events, as samples: for previews of mappings, filters and transformations, and for pickers."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Annotated, Any, Final

import lz4.block
import msgspec
from litestar import get
from litestar.params import Parameter, QueryParameter

from headwater import limits
from headwater.event import OutboundEvent, decode_outbound
from headwater.fql import Filter, FqlEvaluationError, compile_filter
from headwater.lake.port import Lake
from headwater.log.port import Log
from headwater.processing.timestamps import render
from headwater.serve.desk import Desk
from headwater.serve.errors import ERRORS

LIMIT_DEFAULT: Final = 20

_WINDOW_RECORDS: Final = 16
"""Of the log, read at first; each time that is not enough, twice as many."""

_AT_ONCE: Final = asyncio.Semaphore(2)
"""Each may read some megabytes."""

Text = Annotated[str | None, Parameter(max_length=1_000)]


class RecentEvent(msgspec.Struct, frozen=True):
    place: str
    """Where it arrived: `<offset>.<index>` in the collected log."""
    message_id: str
    source: str
    received_at: str
    """ISO 8601, UTC."""
    type: str
    event: str | None
    """What is tracked, or the name of the page or screen."""
    user_id: str | None
    anonymous_id: str | None
    profile_id: str | None
    body: Any
    """The whole event as it was accepted."""


class RecentEvents(msgspec.Struct, frozen=True):
    data: list[RecentEvent]
    """Newest first."""
    looked_back_to: str | None
    """When the oldest event that was looked at was received; null: all of them were."""


class Wanted(msgspec.Struct, frozen=True):
    """Which events; what is left out does not matter."""

    source: str | None = None
    type: str | None = None
    event: str | None = None
    user_id: str | None = None
    profile_id: str | None = None
    filter: Filter | None = None

    def matches(self, event: OutboundEvent) -> bool:
        return (
            (self.source is None or event.source == self.source)
            and (self.type is None or event.type == self.type)
            and (self.event is None or self.event in {event.event, event.name})
            and (self.user_id is None or event.user_id == self.user_id)
            and (self.profile_id is None or event.profile_id == self.profile_id)
            and self.passes(event.body)
        )

    def passes(self, body: bytes) -> bool:
        try:
            return self.filter is None or self.filter.matches(body)
        except FqlEvaluationError:
            return False

    def condition(self) -> tuple[str, list[str]]:
        """The same, but for the filter, in SQL; with its values."""
        columns = ("source", "type", "user_id", "profile_id")
        asked = {f"{name} = ?": [getattr(self, name)] for name in columns if getattr(self, name) is not None}
        if self.event is not None:
            asked["(event = ? OR name = ?)"] = [self.event, self.event]
        where = "".join(f" AND {condition}" for condition in asked)
        return where, [value for values in asked.values() for value in values]


def recent(open_outbound: Callable[[], Log], lake: Lake, wanted: Wanted, limit: int) -> RecentEvents:
    """Blocking. The log first, which is quick and has what is newest; then what only the lake has."""
    found: list[OutboundEvent] = []
    oldest_ms: int | None = None
    with closing(open_outbound()) as outbound:
        for event in _backwards(outbound):
            if len(found) == limit:
                return _told(found, oldest_ms)
            oldest_ms = event.received_at_ms
            if wanted.matches(event):
                found.append(event)
    known = {(event.offset, event.index, event.source) for event in found}
    older, oldest_ms = _in_lake(lake, wanted, oldest_ms)
    found += [event for event in older if (event.offset, event.index, event.source) not in known]
    return _told(found[:limit], oldest_ms if len(found) <= limit else found[limit - 1].received_at_ms)


def _backwards(outbound: Log) -> Iterator[OutboundEvent]:
    """Newest first, in limits.observe.RECENT_LOG_BYTES_MAX. Without messages that were made for destinations."""
    start, end, window = outbound.start(), outbound.end(), _WINDOW_RECORDS
    room_bytes = limits.observe.RECENT_LOG_BYTES_MAX
    while end > start and room_bytes > 0:
        first = max(start, end - window)
        events: list[OutboundEvent] = []
        at = first
        while at < end and (
            records := outbound.read(at, records_max=end - at, bytes_max=limits.observe.LIVE_READ_BYTES_MAX)
        ):
            at = records[-1].offset + 1
            for _, data in records:
                room_bytes -= len(data)
                try:
                    events += decode_outbound(data)
                except (msgspec.MsgspecError, lz4.block.LZ4BlockError):
                    continue  # delivery counts those
        for event in reversed(events):
            if event.destinations is None and not event.is_stored:
                yield event
        end, window = first, window * 2


def _in_lake(lake: Lake, wanted: Wanted, until_ms: int | None) -> tuple[list[OutboundEvent], int | None]:
    """Those received until then, newest first; and how far back that goes, None: to the beginning."""
    import duckdb

    from headwater.lake.query import ask

    where, values = wanted.condition()
    rows_max = limits.observe.RECENT_LAKE_ROWS_MAX
    until = "" if until_ms is None else f" AND received_at <= to_timestamp({until_ms / 1000!r})"
    # First the places alone: bodies are most of the lake, and need to be read only where they are wanted.
    places = (
        "SELECT log_offset, log_index FROM events "  # noqa: S608 - ours
        f"WHERE source != ''{until}{where} ORDER BY log_offset DESC, log_index DESC LIMIT {rows_max}"
    )
    query = (
        "SELECT log_offset, log_index, message_id, type, event, name, user_id, anonymous_id, group_id, "  # noqa: S608
        "profile_id, source, epoch_ms(received_at), epoch_ms(timestamp), NULL, NULL, encode(body) "
        f"FROM events SEMI JOIN ({places}) AS wanted USING (log_offset, log_index) WHERE source != ''{where} "
        "ORDER BY log_offset DESC, log_index DESC"
    )

    def run(connection: duckdb.DuckDBPyConnection) -> list[Any]:
        return connection.execute(query, [*values, *values]).fetchall()

    events = [OutboundEvent(*row) for row in ask(lake, run)]
    oldest_ms = events[-1].received_at_ms if len(events) == rows_max else None
    return [event for event in events if wanted.passes(event.body)], oldest_ms


def _told(events: list[OutboundEvent], oldest_ms: int | None) -> RecentEvents:
    return RecentEvents(
        [
            RecentEvent(
                f"{event.offset}.{event.index}",
                event.message_id,
                event.source,
                render(event.received_at_ms),
                event.type,
                event.event or event.name,
                event.user_id,
                event.anonymous_id,
                event.profile_id,
                msgspec.Raw(event.body),
            )
            for event in events
        ],
        None if oldest_ms is None else render(oldest_ms),
    )


@get("/events", responses=ERRORS)
async def list_events(
    desk: Desk,
    source: Text = None,
    call: Annotated[str | None, QueryParameter(name="type", max_length=100)] = None,
    event: Text = None,
    user_id: Text = None,
    profile_id: Text = None,
    filter_text: Annotated[str | None, QueryParameter(name="filter", description="FQL.", max_length=5_120)] = None,
    limit: Annotated[int, Parameter(ge=1, le=limits.observe.RECENT_EVENTS_MAX)] = LIMIT_DEFAULT,
) -> RecentEvents:
    """The newest accepted events, whole. Looks back as far as is quick, and says how far that was."""
    asked = compile_filter(filter_text) if filter_text else None
    wanted = Wanted(source, call, event, user_id, profile_id, asked)
    async with _AT_ONCE:
        return await asyncio.to_thread(lambda: recent(desk.open_outbound, desk.lake(), wanted, limit))


HANDLERS: Final = [list_events]
