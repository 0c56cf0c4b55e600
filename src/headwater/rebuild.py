"""rebuild: everything that is known of profiles, derived anew from the lake, and from the outbound log for what
is not in the lake yet. For a state that was lost or damaged, and for identity rules that are to hold for the past.

It runs while no pipeline does. Events go through the same stages in the same order, with what was due in between,
and what people have decided about identities at its place: decisions are in the lake. Nothing is sent to anybody.
Dead letters and schemas of sources are not touched; where the state was lost whole they are lost.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple

import msgspec

from headwater import limits
from headwater.aggregation import decide, decisions, expire, resolve, stored, tables, update
from headwater.aggregation.working_set import profile_count, read_clock
from headwater.config.workspace import Workspace
from headwater.event import CollectedRequest, OutboundEvent, decode_outbound
from headwater.flow import Context, Effects, run_stage
from headwater.flowing import Arrival
from headwater.lake.port import Lake
from headwater.log.port import Log
from headwater.processing import dedupe
from headwater.processing.outbox import PRODUCER
from headwater.state.port import PROFILE_TABLES, Commit, State

KEPT: Final = frozenset({tables.SYNCED, tables.FAN_OUTS})
"""What destinations were sent, or are being sent: that is so, whatever profiles look like now."""

SLICE_ROWS: Final = 20_000


class Progress(NamedTuple):
    events: int
    profiles: int
    broken: int
    """Events that a stage could not take; they are in the lake all the same."""


def rebuild(state: State, lake: Lake, outbound: Log, workspace: Workspace, version: int) -> Iterator[Progress]:
    """Work is done while the result is iterated; the last value is the sum. Broken off, begin again."""
    position = max(state.position(), outbound.produced(PRODUCER))
    for table in PROFILE_TABLES:
        if table not in KEPT:
            _clear(state, table, position)
    context = Context(workspace, version)
    window_s = workspace.settings.dedupe_window_s
    events = broken = 0
    for listed in _everything(lake, outbound):
        for batch in _alone(listed):
            effects = Effects(state)
            _process(batch, context, effects)
            ids = effects.change(dedupe.TABLE)
            for event in batch:
                ids[dedupe.row_key(event.message_id)] = dedupe.seen_row(event.received_at_ms)
            at_ms = max(event.received_at_ms for event in batch)
            expired = {dedupe.TABLE: at_ms - window_s * 1000}
            state.commit(Commit(position, effects.changes, at_ms=at_ms, expire=expired))
            events += len(batch)
            broken += len(effects.dead)
        yield Progress(events, _count(state), broken)
    yield Progress(events, _count(state), broken)


def _clear(state: State, table: str, position: int) -> None:
    while True:
        rows: dict[bytes, bytes | None] = {}
        for key, _ in state.scan(table):
            rows[key] = None
            if len(rows) >= SLICE_ROWS:
                break
        if not rows:
            return
        state.commit(Commit(position, {table: rows}))


def _everything(lake: Lake, outbound: Log) -> Iterator[list[OutboundEvent]]:
    yield from lake.events()
    offset = lake.position()
    while records := outbound.read(offset, bytes_max=limits.processing.MICRO_BATCH_BYTES_MAX):
        for record in records:
            yield [event for event in decode_outbound(record.data) if not (event.destinations or event.is_stored)]
        offset = records[-1].offset + 1


def _alone(listed: Sequence[OutboundEvent]) -> Iterator[list[OutboundEvent]]:
    """In batches in which a decision stands alone."""
    batch: list[OutboundEvent] = []
    for event in listed:
        if event.type in decisions.CALLS:
            if batch:
                yield batch
            yield [event]
            batch = []
        else:
            batch.append(event)
    if batch:
        yield batch


def _process(batch: Sequence[OutboundEvent], context: Context, effects: Effects) -> None:
    first = batch[0]
    if first.type in decisions.CALLS:
        run_stage(decide.STAGE, [Arrival(first.offset, _as_request(first))], context, effects)
        return
    items: list[Any] = [stored.of_outbound(event) for event in batch]
    for stage in (resolve.STAGE, update.STAGE):
        items = run_stage(stage, items, context, effects)
    clock_ms = read_clock(effects)
    while timers := expire.due(effects, 0, clock_ms, batch[-1].offset):
        run_stage(expire.STAGE, timers, context, effects)
        expire.forget(timers, effects)


def _as_request(event: OutboundEvent) -> CollectedRequest:
    body = msgspec.json.decode(event.body)["properties"]
    return CollectedRequest(
        event.received_at_ms, "", event.type, "", "", gzipped=False, body=msgspec.json.encode(body), events=0
    )


def _count(state: State) -> int:
    return sum(profile_count(Effects(state), collection) for collection in tables.COLLECTIONS)
