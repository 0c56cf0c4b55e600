"""A dry run of transformations over the newest events of the lake. Nothing is written.

An event in the lake has been transformed once. Where the collected log still has the request that brought it, the
event is taken from there and led through the stages before `transform`, as the pipeline would today.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple

import msgspec
from msgspec import UNSET, Raw, UnsetType

from headwater import limits
from headwater.config.workspace import Workspace
from headwater.event import decode_collected
from headwater.flow import Context, Effects, run_stage
from headwater.flowing import Arrival, encode_event
from headwater.lake.port import Lake
from headwater.log.port import Log
from headwater.pipeline import STAGES
from headwater.processing import normalise, transform
from headwater.serve.observe.changed import Change
from headwater.transformations.draft import MISSING
from headwater.transformations.rule import DROPPED
from headwater.transformations.trial import Trial, TrialStep

LAST_DEFAULT: Final = 100

_BEFORE: Final = STAGES[STAGES.index(normalise.STAGE) : STAGES.index(transform.STAGE)]


class Step(msgspec.Struct, frozen=True):
    transformation: str
    version: int
    """The one that it has, or that the file would give it."""
    destination: str
    """Empty: for everyone."""
    outcome: str
    """changed, dropped; skipped or held_back when it could not be applied."""
    problem: str
    changes: list[Change]
    before: Any = UNSET
    """The whole event before this step; of as many events as were asked for."""
    after: Any = UNSET
    """And after it; left out of one that was dropped."""


class TestedEvent(msgspec.Struct, frozen=True):
    message_id: str
    source: str
    type: str
    event: str | None
    received_at: str
    as_received: bool
    """False: taken from the lake, where it had been transformed already."""
    steps: list[Step]


class DryRun(msgspec.Struct, frozen=True):
    tested: int
    """Events looked at."""
    as_received: int
    """How many of them were still to be had as they came."""
    matched: int
    """Events that some transformation would do something to, or could not."""
    changed: int
    dropped: int
    """For everyone or for a destination."""
    errors: int
    """Events that some transformation could not be applied to."""
    transformations: dict[str, dict[str, int]]
    """Name → outcome → events; per destination counted once."""
    events: list[TestedEvent]
    """Those that matched, newest first."""


class Row(NamedTuple):
    """One event of the lake."""

    message_id: str
    source: str
    type: str
    event: str | None
    received_at: str
    body: bytes
    log_offset: int
    log_index: int


def newest(lake: Lake, last: int, source: str | None) -> list[Row]:
    """The events that came last, newest first. Blocking."""
    import duckdb

    from headwater.lake.query import ask

    where, given = ("WHERE source = ?", [source]) if source else ("", [])

    def run(connection: duckdb.DuckDBPyConnection) -> list[Any]:
        # First the places alone: bodies are most of the lake, and need to be read only where they are wanted.
        places = connection.execute(
            f"SELECT min(log_offset) FROM (SELECT log_offset FROM events {where} "  # noqa: S608
            "ORDER BY log_offset DESC, log_index DESC LIMIT ?)",
            [*given, last],
        ).fetchone()
        first = places[0] if places else None
        if first is None:
            return []
        return connection.execute(
            "SELECT message_id, source, type, event, strftime(received_at, '%Y-%m-%dT%H:%M:%S.%gZ'), body, "  # noqa: S608
            f"log_offset, log_index FROM events {where or 'WHERE true'} AND log_offset >= ? "
            "ORDER BY log_offset DESC, log_index DESC LIMIT ?",
            [*given, first, last],
        ).fetchall()

    found = ask(lake, run)
    return [
        Row(message_id, source, call, event, received_at, body.encode(), offset, place)
        for message_id, source, call, event, received_at, body, offset, place in found
    ]


def originals(log: Log, rows: Iterable[Row], workspace: Workspace) -> dict[tuple[int, int], bytes]:
    """(offset, index) → the event as `transform` would get it, for those that the log still has. Blocking."""
    context = Context(workspace)
    found: dict[tuple[int, int], bytes] = {}
    for offset in sorted({row.log_offset for row in rows}):
        records = log.read(offset, records_max=1, bytes_max=1)
        if not records or records[0].offset != offset:
            continue
        try:
            items: Sequence[Any] = [Arrival(offset, decode_collected(records[0].data))]
        except msgspec.MsgspecError:
            continue
        for stage in _BEFORE:
            items = run_stage(stage, items, context, Effects())
        for flowing in items:
            found[offset, flowing.index] = encode_event(flowing.event, flowing.extra)
    return found


def tried(
    rows: Sequence[Row],
    known: dict[tuple[int, int], bytes],
    workspace: Workspace,
    only: str = "",
    *,
    whole: int = 0,
) -> DryRun:
    """What the workspace's transformations, or `only` one of them, would do to these events; so many of those that
    they would do something to are told `whole`.
    """
    trial = Trial(workspace, only)
    events: list[TestedEvent] = []
    counts: dict[str, dict[str, int]] = {}
    for row in rows:
        original = known.get((row.log_offset, row.log_index))
        steps = [
            _told(step, is_whole=len(events) < whole)
            for step in trial.run(original or row.body, row.source, as_received=original is not None)
        ]
        if steps:
            events.append(TestedEvent(*row[:5], original is not None, steps))
        for name, outcome in {(step.transformation, step.outcome) for step in steps}:
            mine = counts.setdefault(name, {})
            mine[outcome] = mine.get(outcome, 0) + 1
    return DryRun(
        len(rows),
        sum((row.log_offset, row.log_index) in known for row in rows),
        len(events),
        _having(events, {"changed"}),
        _having(events, {"dropped"}),
        _having(events, {"skipped", "held_back"}),
        counts,
        events,
    )


def _told(step: TrialStep, *, is_whole: bool) -> Step:
    changes = [Change(path, _shown(before), _shown(after)) for path, before, after in step.differences]
    goes_on = step.outcome != DROPPED
    return Step(
        *step[:5],
        changes,
        before=Raw(step.before) if is_whole else UNSET,
        after=Raw(step.after) if is_whole and goes_on else UNSET,
    )


def _having(events: Iterable[TestedEvent], outcomes: set[str]) -> int:
    return sum(any(step.outcome in outcomes for step in event.steps) for event in events)


def _shown(value: Any) -> Any | UnsetType:
    return UNSET if value is MISSING else value


assert LAST_DEFAULT <= limits.govern.TRANSFORMATION_TEST_EVENTS_MAX
