"""How often tracking plans were broken, hour by hour."""

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Annotated, Any, Final, Literal

from litestar import get
from litestar.params import Parameter

from headwater import limits
from headwater.processing import violations
from headwater.serve.desk import Desk
from headwater.serve.errors import NAMED_ERRORS
from headwater.serve.govern.tracking_plans import Filter, known
from headwater.serve.instants import now_ms
from headwater.serve.observe.volume import HOUR_S, Counted, EventVolume, Since, Span, charted
from headwater.state.port import State
from headwater.units import HOUR_MS

By = Annotated[
    Literal["total", "event", "type", "source"],
    Parameter(description="Told apart by the event, by what was wrong with it, or by the source."),
]


def counted(state: State, plan: str, span: Span, by: str, event: str | None) -> list[Counted]:
    """From the counts by the hour, which go back limits.govern.VIOLATION_HOURS."""
    found: list[Counted] = []
    for _, row in islice(violations.counted(state, plan), limits.govern.VIOLATION_KEYS_MAX):
        if event in {None, row.event}:
            name = {"event": row.event or row.call, "type": row.type, "source": row.source}.get(by, "")
            found += [Counted(at_ms, name, events) for at_ms, events in _hours(row, span)]
    return found


def _hours(row: violations.Counted, span: Span) -> Iterator[tuple[int, int]]:
    for hour, events in row.hours.items():
        at_ms = hour * HOUR_MS
        if span.from_ms <= at_ms <= span.to_ms:
            yield at_ms, events


@get("/tracking-plans/{name:str}/violations/volume", responses=NAMED_ERRORS)
async def violation_volume(
    desk: Desk, name: str, *, since: Since = "24h", by: By = "total", event: Filter = None
) -> EventVolume:
    """How often a plan was broken, by the hour, for a week at most. An event that breaks it in two ways counts
    twice.
    """
    known((await desk.version()).workspace, name)
    at_ms = now_ms()
    span = Span.of(since, None, at_ms=at_ms, shortest_s=HOUR_S)
    found = await desk.look(lambda state: counted(state, name, span, by, event) if state is not None else [])
    return charted(span, found)


HANDLERS: Final[list[Callable[..., Any]]] = [violation_volume]
