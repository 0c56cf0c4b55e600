"""How many events there were over time, for charts: accepted ones from the lake, by outcome as the pipeline counts
them, and deliveries as their receipts do.
"""

import asyncio
from typing import Annotated, Any, Final, Literal, NamedTuple

import msgspec
from litestar import get
from litestar.params import Parameter

from headwater import limits
from headwater.delivery.receipt_store import Receipts
from headwater.delivery.receipts import DELIVERED, FAILED, FILTERED, RETRYING
from headwater.errors import InputError
from headwater.lake.port import Lake
from headwater.processing import totals
from headwater.processing.timestamps import render
from headwater.serve.deliver.receipts import DeliveryMinute, check_destination
from headwater.serve.desk import Desk
from headwater.serve.errors import ERRORS, NAMED_ERRORS
from headwater.serve.instants import instant_ms, now_ms
from headwater.state.port import State

STEPS_S: Final = (60, 300, 900, 3_600, 21_600, 86_400)

POINTS_WANTED: Final = 200
"""The shortest step is taken that gives no more."""

KEPT_S: Final = 5.0

HOUR_S: Final = 3_600

By = Literal["total", "source", "event", "type", "outcome"]

_KEYS: Final = {
    "total": "''",
    "source": "source",
    # What has no name goes under what it is.
    "event": "coalesce(event, CASE WHEN type IN ('page', 'screen') THEN name END, type)",
    "type": "type",
}

_AT_ONCE: Final = asyncio.Semaphore(2)
"""DuckDB uses every core for one question."""

Since = Annotated[str, Parameter(max_length=100, description="`1h`, `24h`, `7d`, … ago, or ISO 8601.")]
Step = Annotated[
    int | None,
    Parameter(ge=60, le=86_400, description="Seconds of one point, whole minutes; chosen when left out."),
]
Text = Annotated[str | None, Parameter(max_length=1_000)]


class Series(msgspec.Struct, frozen=True):
    name: str
    """Of the source, the event, the type or the outcome; empty: everything, or all that are not told apart."""
    total: int
    points: list[int]
    """One for each of `times`."""


class EventVolume(msgspec.Struct, frozen=True):
    since: str
    until: str
    step_s: int
    times: list[str]
    """When each step began, ISO 8601, UTC. The last one is not over."""
    series: list[Series]
    """Largest first."""


class DestinationVolume(msgspec.Struct, frozen=True):
    destination: str
    delivered: int
    failed: int
    filtered: int
    retrying: int
    """Attempts in this time that failed and were to be repeated."""
    p50_ms: int
    p95_ms: int
    steps: list[DeliveryMinute]
    """Those in which something happened, of `step_s` each."""


class DeliveryVolume(msgspec.Struct, frozen=True):
    since: str
    until: str
    step_s: int
    destinations: list[DestinationVolume]


class Span(NamedTuple):
    """A piece of time, cut into steps that begin at multiples of their length since 1970."""

    from_ms: int
    to_ms: int
    step_s: int

    @staticmethod
    def of(since: str, step_s: int | None, *, at_ms: int, shortest_s: int = STEPS_S[0]) -> "Span":
        from_ms = max(instant_ms(since, at_ms), at_ms - limits.observe.VOLUME_S_MAX * 1_000)
        length_s = max(1, (at_ms - from_ms) // 1_000)
        if step_s is None:
            fitting = (step for step in STEPS_S if step >= shortest_s and length_s <= step * POINTS_WANTED)
            step_s = next(fitting, STEPS_S[-1])
        elif step_s % shortest_s:
            raise InputError("invalid_step", f"step must be a multiple of {shortest_s} here", field="step")
        if length_s > step_s * (points_max := limits.observe.VOLUME_POINTS_MAX):
            message = f"that would be more than {points_max} points: ask for longer steps or less time"
            raise InputError("too_many_points", message, field="step")
        step_ms = step_s * 1_000
        return Span(from_ms // step_ms * step_ms, at_ms, step_s)

    @property
    def starts_ms(self) -> range:
        return range(self.from_ms, max(self.to_ms, self.from_ms + 1), self.step_s * 1_000)


class Counted(NamedTuple):
    at_ms: int
    """Anywhere in its step."""
    name: str
    events: int


def charted(span: Span, counted: list[Counted]) -> EventVolume:
    """A line for each of the largest, and one for all the others together."""
    sums: dict[str, int] = {}
    for _, name, events in counted:
        sums[name] = sums.get(name, 0) + events
    largest = sorted((name for name in sums if name), key=lambda name: -sums[name])[
        : limits.observe.VOLUME_SERIES_MAX
    ]
    starts = span.starts_ms
    lines = {name: [0] * len(starts) for name in [*largest, ""]}
    for at_ms, name, events in counted:
        number = (at_ms - span.from_ms) // starts.step
        if 0 <= number < len(starts):
            lines[name if name in lines else ""][number] += events
    return EventVolume(
        render(span.from_ms),
        render(span.to_ms),
        span.step_s,
        [render(at_ms) for at_ms in starts],
        [Series(name, sum(line), line) for name, line in lines.items() if any(line) or not largest],
    )


def in_lake(lake: Lake, span: Span, by: By, source: str | None, event: str | None) -> list[Counted]:
    """Accepted events, as far as they are in files. Blocking."""
    import duckdb

    from headwater.lake.query import ask

    conditions = ["source != ''", "received_at >= to_timestamp(?)"]
    values: list[Any] = [span.from_ms / 1_000]
    if source is not None:
        conditions.append("source = ?")
        values.append(source)
    if event is not None:
        conditions.append("(event = ? OR name = ?)")
        values += [event, event]
    query = (
        f"WITH counted AS MATERIALIZED (SELECT epoch_ms(received_at) // {span.step_s * 1_000} AS step, "  # noqa: S608
        f"{_KEYS[by]} AS name, count(*) AS events FROM events WHERE {' AND '.join(conditions)} GROUP BY ALL), "
        "largest AS (SELECT name FROM counted GROUP BY name ORDER BY sum(events) DESC "
        f"LIMIT {limits.observe.VOLUME_SERIES_MAX}) "
        f"SELECT step * {span.step_s * 1_000}, CASE WHEN name IN (FROM largest) THEN name ELSE '' END AS shown, "
        "sum(events)::BIGINT FROM counted GROUP BY ALL"
    )

    def run(connection: duckdb.DuckDBPyConnection) -> list[Any]:
        return connection.execute(query, values).fetchall()

    return [Counted(int(at_ms), name or "", int(events)) for at_ms, name, events in ask(lake, run)]


def by_outcome(state: State | None, span: Span, source: str | None) -> list[Counted]:
    """`accepted`, and the reasons why not, as the pipeline counts them by the hour."""
    hours = totals.read_hours(state, from_ms=span.from_ms) if state else []
    return [Counted(each.hour_ms, each.outcome, each.events) for each in hours if source in {None, each.source}]


def of_destination(receipts: Receipts, name: str, span: Span) -> DestinationVolume:
    found = receipts.delivery(name, from_ms=span.from_ms, to_ms=span.to_ms, step_minutes=span.step_s // 60)
    total = {status: sum(each.times for each in found.reasons if each.status == status) for status in _COUNTED}
    return DestinationVolume(
        name,
        **total,
        p50_ms=found.p50_ms,
        p95_ms=found.p95_ms,
        steps=[DeliveryMinute(render(each.at_ms), *each[1:]) for each in found.minutes],
    )


_COUNTED: Final = (DELIVERED, FAILED, FILTERED, RETRYING)


@get("/events/volume", responses=ERRORS)
async def get_event_volume(
    desk: Desk,
    since: Since = "24h",
    by: By = "total",
    step: Step = None,
    source: Text = None,
    event: Text = None,
) -> EventVolume:
    """Events over time. By outcome it is what the pipeline has counted by the hour, dropped events included, for
    two weeks; else accepted events as they are in the lake, which has them after some seconds.
    """

    async def work() -> EventVolume:
        span = Span.of(since, step, at_ms=now_ms(), shortest_s=HOUR_S if by == "outcome" else STEPS_S[0])
        if by == "outcome":
            if event is not None:
                raise InputError("invalid_request", "outcomes are not counted by event", field="event")
            return charted(span, await desk.look(lambda state: by_outcome(state, span, source)))
        async with _AT_ONCE:
            return charted(span, await asyncio.to_thread(in_lake, desk.lake(), span, by, source, event))

    return await desk.answers.get(("events", since, by, step, source, event), work, kept_s=KEPT_S)


@get("/deliveries/volume", responses=NAMED_ERRORS)
async def get_delivery_volume(
    desk: Desk, since: Since = "24h", step: Step = None, destination: Text = None
) -> DeliveryVolume:
    """Deliveries over time, of one destination or of each: what became of events, and how long attempts took."""
    workspace = (await desk.version()).workspace
    if destination is not None:
        check_destination(workspace, destination)
    names = [destination] if destination is not None else [each.name for each in workspace.destinations]

    async def work() -> DeliveryVolume:
        span = Span.of(since, step, at_ms=now_ms())
        found = await desk.ask_receipts(lambda receipts: [of_destination(receipts, name, span) for name in names])
        return DeliveryVolume(render(span.from_ms), render(span.to_ms), span.step_s, found)

    return await desk.answers.get(("deliveries", since, step, *names), work, kept_s=KEPT_S)


HANDLERS: Final = [get_event_volume, get_delivery_volume]
