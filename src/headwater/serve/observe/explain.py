"""What became of a message: every time it arrived, what each stage noted, where it went.

This module knows no stage. A stage leaves its own lines in an event's trace, or says with `Stage.quiet` what it
means that there is none; what was dropped or set aside is found in tables by the hash of the message id. Here the
stages are walked in order and their lines put together. Delivery adds its own.

Where an accepted event lies in the lake is not indexed. Dedupe's table says in which second its message was first
accepted, which leaves a few row groups of the lake to look into, however large it is.
"""

import asyncio
import threading
from collections.abc import Callable, Sequence
from contextlib import closing
from itertools import islice
from typing import Annotated, Any, Final, NamedTuple

import msgspec
from litestar import get
from litestar.params import Parameter

from headwater import limits
from headwater.config.workspace import Workspace
from headwater.delivery import trace as delivery_trace
from headwater.delivery.jobs import Jobs
from headwater.delivery.receipt_store import Receipts, Wanted
from headwater.delivery.receipts import Receipt
from headwater.errors import BusyError, NotFoundError
from headwater.event import decode_collected, decode_outbound
from headwater.flow import DROPPED, DeadLetter, Dropped, dropped_prefix
from headwater.lake.port import Lake
from headwater.log.port import Log
from headwater.processing import dead_letters, dedupe, timestamps
from headwater.processing.dead_letters import Place
from headwater.serve.desk import Desk
from headwater.serve.errors import NAMED_ERRORS
from headwater.serve.letters.letter_reasons import Explained
from headwater.serve.observe.changed import Change, changes, readable
from headwater.serve.observe.ends import why
from headwater.serve.observe.shown import without_write_key
from headwater.state.port import State
from headwater.units import MIB

JOURNEYS_MAX: Final = 50
"""Arrivals told of one message; a sender that repeats one for ever has made its point by then."""

RECEIPTS_MAX: Final = 1_000
"""Read of one message: of a hundred destinations, and of ten replays."""

TAIL_BYTES_MAX: Final = 32 * MIB
"""Of the outbound log looked through for what is in no file yet: the last seconds, mostly much less."""

SEARCH_S_MAX: Final = 30.0
"""For the lake, when nothing says which second to look at."""

_decode_dropped = msgspec.msgpack.Decoder(Dropped).decode


class Step(msgspec.Struct, frozen=True):
    stage: str
    outcome: str
    detail: dict[str, Any] = {}
    quiet: bool = False
    """The stage has noted nothing; `outcome` is what that means."""


class Journey(msgspec.Struct, frozen=True):
    """One arrival of the message."""

    id: str
    """`<offset>.<index>` in the collected log."""
    source: str
    received_at: str
    ended: str
    """`accepted`, or the reason why not."""
    steps: list[Step]
    dead_letter: str | None = None
    """The id of the dead letter that waits for a decision."""
    received: Any = None
    """The event as it came, while the collected log holds it."""
    accepted: Any = None
    """The event as it is in the lake and was sent on."""
    changes: list[Change] = []
    """From the one to the other."""
    deliveries: list[delivery_trace.DeliveryLine] = []
    profile_id: str | None = None
    """The profile that it belongs to."""
    why: Explained | None = None
    """What the reason means that it was not accepted for, and what to do."""


class Explanation(msgspec.Struct, frozen=True):
    message_id: str
    journeys: list[Journey]
    """In the order of arrival; a replay is one more."""
    looked: list[str]
    """Where this was looked for, in words."""


class Accepted(NamedTuple):
    """An accepted event, wherever it was found."""

    place: Place
    source: str
    received_at_ms: int
    trace: str
    body: str
    outbound: tuple[int, int]
    """It is in the outbound log from the one to the other offset."""
    profile_id: str | None = None
    is_copy: bool = False
    """It was made for single destinations."""


class Traces(NamedTuple):
    """What the tables and the outbound log know of a message."""

    dropped: list[Dropped]
    letters: list[DeadLetter]
    first_seen_s: int | None
    waiting: list[Accepted]
    """Accepted and in no file of the lake yet."""
    lake_position: int
    looked: list[str]


def find_traces(message_id: str, state: State | None, outbound: Log, lake: Lake) -> Traces:
    looked = []
    dropped: list[Dropped] = []
    letters: list[DeadLetter] = []
    seen = None
    if state:
        rows = state.scan(DROPPED, dropped_prefix(message_id))
        dropped = [_decode_dropped(row) for _, row in islice(rows, JOURNEYS_MAX)]
        letters = dead_letters.of_message(state, message_id)[:JOURNEYS_MAX]
        (row,) = state.get_many(dedupe.TABLE, [dedupe.row_key(message_id)])
        seen = None if row is None else dedupe.first_seen_s(row)
        days = limits.processing.DROPPED_KEPT_S // 86_400
        looked.append(f"the events that were dropped or set aside in the last {days} days")
        looked.append("the dead letters")
    position = lake.position()  # first: what gets into a file from here on is found twice, not never
    waiting, end = _waiting(message_id, outbound, position)
    looked.append(f"the outbound log from record {position:,} to {end:,}, which the lake does not have yet")
    return Traces(dropped, letters, seen, waiting, position, looked)


def _waiting(message_id: str, outbound: Log, position: int) -> tuple[list[Accepted], int]:
    found: list[Accepted] = []
    room_bytes = TAIL_BYTES_MAX
    while room_bytes > 0 and (records := outbound.read(position, bytes_max=min(room_bytes, MIB))):
        for offset, data in records:
            room_bytes -= len(data)
            found += [
                Accepted(
                    (e.offset, e.index),
                    e.source,
                    e.received_at_ms,
                    f"[{e.trace.decode()}]",
                    e.body.decode(),
                    (offset, offset),
                    e.profile_id,
                    is_copy=bool(e.destinations),
                )
                for e in decode_outbound(data)
                if e.message_id == message_id
            ]
        position = records[-1].offset + 1
    return found, position


def search_lake(message_id: str, traces: Traces, lake: Lake) -> list[Accepted]:
    """Blocking. BusyError when the whole lake had to be searched and that took too long."""
    import duckdb

    from headwater.lake.query import ask

    values: list[str | int] = [message_id]
    where = "message_id = ?"
    if traces.first_seen_s is None:
        traces.looked.append("the whole lake")
    else:
        where += " AND received_at >= to_timestamp(?) AND received_at < to_timestamp(?)"
        values += [traces.first_seen_s, traces.first_seen_s + 1]
        second = timestamps.render(traces.first_seen_s * 1000)
        traces.looked.append(f"the lake, at {second}, when dedupe first accepted this message")
    columns = "log_offset, log_index, source, epoch_ms(received_at), coalesce(trace, '[]'), body, profile_id"
    query = f"SELECT {columns} FROM events WHERE {where} ORDER BY ALL LIMIT {JOURNEYS_MAX}"  # noqa: S608 - ours

    def run(connection: duckdb.DuckDBPyConnection) -> list[Any]:
        timer = threading.Timer(SEARCH_S_MAX, connection.interrupt)
        timer.daemon = True
        timer.start()
        try:
            return connection.execute(query, values).fetchall()
        except duckdb.InterruptException:
            raise BusyError(
                f"nothing says when {message_id} was accepted, and searching the whole lake took over "
                f"{SEARCH_S_MAX:g} s: `headwater sql` has no such bound"
            ) from None
        finally:
            timer.cancel()

    rows = ask(lake, run)
    within = (-1, max(traces.lake_position - 1, 0))
    return [
        Accepted((offset, index), source, received_ms, str(trace), str(body), within, profile_id)
        for offset, index, source, received_ms, trace, body, profile_id in rows
    ]


def find_receipts(message_id: str, receipts: Receipts) -> list[Receipt]:
    """Newest first."""
    return receipts.find(Wanted(message_id=message_id), limit=RECEIPTS_MAX).receipts


def assemble(
    message_id: str,
    traces: Traces,
    found: Sequence[Accepted],
    *,
    collected: Log,
    jobs: Jobs,
    receipts: Sequence[Receipt],
    workspace: Workspace,
) -> Explanation:
    """NotFoundError, with where was looked, when nobody knows the message."""
    # An event that was blocked may have been sent on under another source: one place, two ends.
    # What was replayed to a destination is a copy: it tells only of what nobody else does.
    copies = [each for each in traces.waiting if each.is_copy]
    originals = [each for each in traces.waiting if not each.is_copy]
    accepted = {(each.place, each.source): each for each in [*copies, *found, *originals]}
    letters = {dead_letters.place_of(letter): letter for letter in traces.letters}
    dropped = {(row.offset, row.index): row for row in traces.dropped}
    sent = _Sent(collected, message_id)
    told = [
        (event.place, _accepted(event, sent(event.place), jobs, receipts, workspace, message_id))
        for event in accepted.values()
    ]
    told += [
        (place, _ended(place, dropped.get(place), letters.get(place), sent(place)))
        for place in dropped.keys() | letters.keys()
    ]
    if not told:
        where = "; ".join(traces.looked)
        raise NotFoundError(f"no event with the message id {message_id} was found. Looked in: {where}")
    journeys = [journey for _, journey in sorted(told, key=lambda pair: pair[0])]
    return Explanation(message_id, journeys[:JOURNEYS_MAX], traces.looked)


def _accepted(
    event: Accepted,
    received: Any,
    jobs: Jobs,
    receipts: Sequence[Receipt],
    workspace: Workspace,
    message_id: str,
) -> Journey:
    body = readable(event.body.encode())
    first, last = event.outbound
    return Journey(
        _id(event.place),
        event.source,
        timestamps.render(event.received_at_ms),
        "accepted",
        _steps(msgspec.json.decode(event.trace), None, ""),
        received=received,
        accepted=body,
        changes=changes(received, body) if received is not None else [],
        deliveries=delivery_trace.lines(
            jobs,
            [receipt for receipt in receipts if receipt.offset == event.place[0]],
            workspace,
            message_id=message_id,
            source=event.source,
            first=first,
            last=last,
        ),
        profile_id=event.profile_id,
    )


def _ended(place: Place, dropped: Dropped | None, letter: DeadLetter | None, received: Any) -> Journey:
    """Of an arrival that went no further; at least one of `dropped` and `letter` is there."""
    end = letter or dropped
    assert end is not None
    detail: dict[str, Any] = {"detail": end.detail} if end.detail else {}
    waits = None
    if letter:
        waits = _id(place)
    elif dropped and dropped.fate:
        is_decided = dropped.decided_at_ms > 0
        detail["dead_letter"] = dropped.fate if is_decided else "made room for newer ones"
        if is_decided:
            detail["at_ms"] = dropped.decided_at_ms
    trace = msgspec.json.decode(b"[%b]" % letter.trace) if letter else []
    steps = _steps(trace, Step(end.stage, end.reason, detail), end.stage)
    return Journey(
        _id(place),
        end.source,
        timestamps.render(end.received_at_ms),
        end.reason,
        steps,
        dead_letter=waits,
        received=received,
        why=why(end.stage, end.reason),
    )


def _steps(trace: Sequence[dict[str, Any]], last: Step | None, ended_in: str) -> list[Step]:
    """The lines of each stage in the order of the stages, up to the one that `last` is from."""
    from headwater.pipeline import STAGES  # a role that is never asked need not carry what the stages need

    steps: list[Step] = []
    known = last is None or any(stage.name == ended_in for stage in STAGES)
    for stage in STAGES if known else ():
        noted = [line for line in trace if line.get("stage") == stage.name]
        steps += [
            Step(stage.name, line["outcome"], {k: v for k, v in line.items() if k not in {"stage", "outcome"}})
            for line in noted
        ]
        if stage.name == ended_in:
            break
        if not noted:
            steps.append(Step(stage.name, stage.quiet, quiet=True))
    return steps if last is None else [*steps, last]


class _Sent:
    """The event as it came, if the collected log still has it."""

    def __init__(self, collected: Log, message_id: str) -> None:
        self._collected = collected
        self._message_id = message_id

    def __call__(self, place: Place) -> Any:
        offset, index = place
        if offset < self._collected.start():
            return None
        records = self._collected.read(offset, records_max=1, bytes_max=1)
        if not records or records[0].offset != offset:
            return None
        try:
            events, _ = dead_letters.opened(decode_collected(records[0].data))
            return readable(without_write_key(events[index])) if index >= 0 else None
        except Exception:  # what cannot be read is why it ended here: its dead letter has the bytes
            return None


def _id(place: Place) -> str:
    return f"{place[0]}.{place[1]}"


def explain(
    message_id: str,
    state_view: Callable[[], State] | None,
    outbound: Log,
    lake: Lake,
    *,
    collected: Log,
    jobs: Jobs,
    receipts: Receipts,
    workspace: Workspace,
) -> Explanation:
    """All of it, blocking. `state_view` None: no pipeline has run yet."""
    if state_view is None:
        traces = find_traces(message_id, None, outbound, lake)
    else:
        with closing(state_view()) as state:
            traces = find_traces(message_id, state, outbound, lake)
    found = search_lake(message_id, traces, lake)
    told = find_receipts(message_id, receipts)
    return assemble(message_id, traces, found, collected=collected, jobs=jobs, receipts=told, workspace=workspace)


@get("/events/{message_id:str}/trace", responses=NAMED_ERRORS)
async def trace_event(desk: Desk, message_id: Annotated[str, Parameter(max_length=1_000)]) -> Explanation:
    """What became of a message: every time it arrived, what each stage did, where it went."""
    workspace = (await desk.version()).workspace
    collected, outbound = desk.logs
    lake = desk.lake()
    traces = await desk.read_state(lambda state: find_traces(message_id, state, outbound, lake))
    # Not on the desk: a search of the whole lake must not keep everybody else waiting.
    found = await asyncio.to_thread(search_lake, message_id, traces, lake)
    told = await desk.ask_receipts(lambda receipts: find_receipts(message_id, receipts))
    return await desk.call(
        lambda: assemble(
            message_id, traces, found, collected=collected, jobs=desk.jobs, receipts=told, workspace=workspace
        )
    )


HANDLERS: Final = [trace_event]
