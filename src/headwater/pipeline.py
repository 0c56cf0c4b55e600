"""The pipeline: every stage between the collected log and the outbound log, in order, in one tuple.

One micro-batch is one commit. The order in which things become durable is this, and a crash after any step is
repaired by running on from it:

    1. read a batch from the collected log, at the position that the state holds
    2. run the stages: pure functions, nothing is durable yet; then what is due at the clock of the log
    3. commit to the state: changes, dead letters, the outbox, the new position, all or nothing
    4. append the outbox to the outbound log, fsynced; the log refuses what it already has (Producer)
    5. hand the same events to the archive; a lake file appears whole, named by outbound offsets
    6. with the next commit, drop the outbox entry
"""

import select
import time
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any, Final, NamedTuple

import msgspec
import structlog

from headwater import garbage, limits
from headwater.aggregation import decisions, forget, plan, resolve, update
from headwater.aggregation import metrics as aggregation_metrics
from headwater.aggregation.clockwork import Clockwork
from headwater.config.live import LiveWorkspace
from headwater.doorbell import Bell
from headwater.errors import StorageError
from headwater.event import CollectedRequest, decode_collected, encode_collected
from headwater.flow import DROPPED, Context, DeadLetter, Effects, Stage, run_stage
from headwater.flowing import Arrival
from headwater.lake.port import Lake
from headwater.log.port import Log, Record
from headwater.privacy.live import LiveBarred
from headwater.privacy.port import Regulations
from headwater.processing import (
    dead_letters,
    dedupe,
    discover,
    govern,
    metrics,
    normalise,
    recall,
    suppress,
    transform,
    violations,
)
from headwater.processing.again import Again
from headwater.processing.archive import Archive
from headwater.processing.erasure import Erasure
from headwater.processing.outbox import Entry, Outbox
from headwater.processing.replay import decided_at_ms
from headwater.processing.schema import Sizes
from headwater.processing.totals import Totals
from headwater.state.port import Changes, Commit, State
from headwater.telemetry import Health, Meter
from headwater.transformations import metrics as transformation_metrics

logger = structlog.get_logger()

STAGES: Final[tuple[Stage, ...]] = (
    recall.STAGE,
    normalise.STAGE,
    dedupe.STAGE,
    suppress.STAGE,
    discover.STAGE,
    govern.STAGE,
    transform.STAGE,
    resolve.STAGE,
    update.STAGE,
    plan.STAGE,
)

AFTER_DEDUPE: Final = frozenset(stage.name for stage in STAGES[STAGES.index(dedupe.STAGE) + 1 :])
"""The stages that see an event once dedupe has noted its id."""

READER: Final = "pipeline"
"""Its name as a reader of the collected log."""

RETRY_S: Final = 0.5
FAILURES_MAX: Final = 20
"""So many refusals of the disk in a row and the process starts anew: RocksDB needs to be opened again."""

WAIT_S_MAX: Final = 86_400.0
"""The longest sleep: `poll` takes no more than 24 days, and a window may close in ten years."""

REPORT_S: Final = 1.0
TRIM_S: Final = 60.0
GIVE_BACK_S: Final = 10.0


class _Batch(NamedTuple):
    """What is processed and committed at once."""

    arrivals: list[Arrival]
    unreadable: list[DeadLetter]
    start: int
    end: int

    @property
    def at_ms(self) -> int:
        """When its newest request was received, or replayed."""
        return max((decided_at_ms(arrival.request) for arrival in self.arrivals), default=0)


class Pipeline:
    def __init__(
        self,
        *,
        collected: Log,
        outbound: Log,
        state: State,
        lake: Lake,
        regulations: Regulations,
        live: LiveWorkspace,
        health: Health,
    ) -> None:
        self._collected = collected
        self._outbound = outbound
        self._state = state
        self._live = live
        self._health = health
        self._outbox = Outbox(state, outbound)
        self._unsent: Entry | None = None
        self._resumed_from = self._outbox.sent
        self._archive = Archive(outbound, lake, visible_s=lambda: live.workspace.settings.lake_visible_s)
        self._archive.catch_up()
        self._shelf = dead_letters.Shelf(state)
        self._totals = Totals(state)
        self._schema_sizes = Sizes(state)
        self._meter = Meter()
        self._barred = LiveBarred(regulations)
        self._context = Context(live.workspace, live.version, self._barred)
        self._position = state.position()
        self._clockwork = Clockwork(state, metrics.spent)
        self._ticked = -1
        """The offset of the newest tick."""
        self._reported_at = self._trimmed_at = self._gave_back_at = 0.0
        self._reported = -1
        metrics.dead_letters.set_function(lambda: self._shelf.count)
        metrics.rate.set_function(self._meter.per_second)
        for log in (collected, outbound):
            metrics.damaged_records.labels(log.name).set_function(partial(getattr, log, "damaged_records"))
        self._exported = (metrics.EventTotals(self._totals), metrics.SchemaSizes(self._schema_sizes))
        self._erasure = Erasure(
            regulations,
            logs=(collected, outbound),
            state=state,
            lake=lake,
            archive=self._archive,
            commit=self._commit_erasure,
            trim=self._trim,
            retention_s=lambda: live.workspace.settings.log_retention_s,
            forget=lambda users, before: forget.forget(users, before, self._context, state),
            is_left=lambda users, before: forget.is_left(users, before, state),
            places=lambda users, before: forget.places(users, before, state),
        )

    def run(self, stop: Bell) -> None:
        """Process until the stop bell rings, then finish what is in the log and return."""
        arrived = self._collected.listen()
        poll = select.poll()
        for bell in (stop, arrived, self._live, self._barred):
            poll.register(bell.fileno(), select.POLLIN)
        garbage.settle(garbage.BATCHES)
        garbage.keep_freed_memory()
        self._health.clear("start")
        logger.info("pipeline_started", position=self._position, archived_to=self._archive.position)
        try:
            while not stop.wait(0):
                arrived.clear()
                if self._live.wait(0):
                    self._live.refresh()
                    self._context = Context(self._live.workspace, self._live.version, self._barred)
                if self._barred.wait(0):
                    self._barred.refresh()
                    self._erasure.look()
                worked = self._step_or_wait(stop)
                self._erasure.step(self._position, settled=self._unsent is None)
                timer_s = None if worked else self._clockwork.due_in_s(time.time_ns() // 1_000_000)
                is_waiting = timer_s == 0 or self._clockwork.has_work(self._context)
                if is_waiting and self._ticked < self._position:
                    self._tick()
                elif not worked:
                    dues = [self._archive.due_in(), self._erasure.due_in(), timer_s]
                    waits = [min(due, WAIT_S_MAX) for due in dues if due is not None]
                    poll.poll(min(waits) * 1000 + 1 if waits else None)
            deadline = time.monotonic() + limits.operations.DRAIN_S_MAX / 2
            while self._step_or_wait(stop) and time.monotonic() < deadline:
                pass
        finally:
            arrived.close()
            self._archive.close()
            self._report()
            for exported in self._exported:
                exported.close()
            self._erasure.close()
            self._barred.close()
            logger.info("pipeline_stopped", position=self._position, archived_to=self._archive.position)

    def _tick(self) -> None:
        """Say in the log how late it is: what follows from that is then a function of the log."""
        record = encode_collected(decisions.as_tick(time.time_ns() // 1_000_000))
        try:
            self._ticked = self._collected.append([record], events=0)
        except StorageError as error:
            logger.warning("no_tick", why=str(error))

    def _step_or_wait(self, stop: Bell) -> bool:
        """One step; while the disk refuses, the same step again and again. False: there was nothing to do."""
        for _ in range(FAILURES_MAX):
            try:
                worked = self._step()
            except StorageError as error:
                self._health.obstacle("disk", str(error))
                logger.error("pipeline_waits_for_the_disk", why=str(error), retry_s=RETRY_S)
                if stop.wait(RETRY_S):
                    return False
            else:
                self._health.clear("disk")
                return worked
        raise StorageError("the disk keeps refusing; starting anew")

    def _step(self) -> bool:
        if self._unsent:
            self._send(self._unsent)
        with metrics.spent("read"):
            records = self._collected.read(self._position, bytes_max=limits.processing.MICRO_BATCH_BYTES_MAX)
            batches = list(_batches(records))
        for batch in batches:
            self._process(batch)
        self._archive.flush_when_due()
        if self._archive.failure:
            self._health.obstacle("lake", str(self._archive.failure))
        else:
            self._health.clear("lake")
        now = time.monotonic()
        # The last position before a rest is always reported, or the lag of an idle system would seem to grow.
        if now - self._reported_at > REPORT_S or (not records and self._reported != self._position):
            self._reported_at = now
            self._archive.catch_up()  # replays append to the outbound log, too
            self._report()
        return bool(records)

    def _process(self, batch: _Batch) -> None:
        effects = Effects(self._state, dead=batch.unreadable)
        effects.counts.update((letter.source, letter.reason) for letter in batch.unreadable)
        items: Sequence[Any] = [arrival for arrival in batch.arrivals if not decisions.is_one(arrival.request)]
        for stage in STAGES:
            if stage is plan.STAGE:
                end = batch.end - 1
                items = [*items, *self._clockwork.changes(batch.arrivals, self._context, effects, offset=end)]
            metrics.stage_events.labels(stage.name).inc(len(items))
            with metrics.spent(stage.name):
                items = run_stage(stage, items, self._context, effects)
        items = [*items, *self._clockwork.messages(batch.arrivals, self._context, effects)]
        if batch.start < self._resumed_from:
            # After a power cut the state may be older than the outbound log: these events it already has. What
            # was made for destinations may belong to an older change; who gets it twice knows it by its id.
            # The offset of what is sent again is that of its first time.
            items = [
                event
                for event in items
                if event.offset >= self._resumed_from or event.destinations or event.is_stored
            ]
        with metrics.spent("commit"):
            entry = Entry(batch.end, items)
            # What is refused on its second way is in the lake, and needs no other place.
            again = {arrival.offset for arrival in batch.arrivals if Again.of(arrival.request)}
            dead = [
                letter
                for letter in effects.dead
                if letter.offset not in again and (letter.events or self._is_told(letter))
            ]
            letters = dead_letters.completed(dead, batch.arrivals, after_dedupe=AFTER_DEDUPE)
            self._commit(entry, effects, letters, at_ms=batch.at_ms)
        self._send(entry)
        self._meter.add(len(items))
        metrics.batches.inc()
        metrics.batch_events.observe(len(items))

    def _is_told(self, letter: DeadLetter) -> bool:
        """No event is lost, but what one profile comes to could not be computed: there is nothing to replay."""
        logger.error("computation_broke", stage=letter.stage, why=letter.detail)
        aggregation_metrics.computations_broken.labels(letter.stage).inc()
        return False

    def _commit(self, entry: Entry, effects: Effects, letters: list[DeadLetter], *, at_ms: int) -> None:
        dead_letters.add(letters, effects)
        dropped = self._shelf.make_room(effects.changes)
        for table, rows in self._totals.changes(effects.counts, at_ms=at_ms).items():
            effects.changes.setdefault(table, {}).update(rows)
        window_s = self._context.workspace.settings.dedupe_window_s
        kept_s_of_tables = {dedupe.TABLE: window_s, DROPPED: limits.processing.DROPPED_KEPT_S, **violations.KEPT_S}
        # A collector whose clock has run ahead must not make everybody's memory look old.
        now_ms = min(at_ms, time.time_ns() // 1_000_000)
        self._state.commit(
            Commit(
                entry.position,
                effects.changes,
                entry.encoded(),
                self._outbox.sent,
                at_ms=at_ms,
                expire={table: now_ms - kept_s * 1000 for table, kept_s in kept_s_of_tables.items()},
            )
        )
        self._position = entry.position
        self._clockwork.committed()
        self._totals.counted(effects.counts)
        self._schema_sizes.committed(effects.changes)
        metrics.count_violations(effects.violations)
        aggregation_metrics.count_sync(effects.sync)
        aggregation_metrics.count_identity(effects.identity)
        transformation_metrics.count(effects.transformed)
        self._shelf.shelved()
        metrics.dead_letters_dropped.inc(dropped)

    def _send(self, entry: Entry) -> None:
        self._unsent = entry
        with metrics.spent("send"):
            first = self._outbox.send(entry)
        self._unsent = None
        if first >= 0:
            with metrics.spent("archive"):
                self._archive.add(first, entry.chunks)

    def _report(self) -> None:
        self._collected.report(READER, self._position)
        self._reported = self._position
        now = time.monotonic()
        if now - self._trimmed_at > TRIM_S:
            self._trimmed_at = now
            self._trim()
        if now - self._gave_back_at > GIVE_BACK_S:
            self._gave_back_at = now
            garbage.give_back_freed_memory()

    def _trim(self) -> None:
        settings = self._live.workspace.settings
        for log in (self._collected, self._outbound):
            log.trim(retention_s=settings.log_retention_s, retention_bytes=settings.log_retention_bytes)

    def _commit_erasure(self, changes: Changes) -> None:
        dropped = self._shelf.make_room(changes)
        self._state.commit(Commit(self._position, changes, sent=self._outbox.sent))
        self._shelf.shelved()
        metrics.dead_letters_dropped.inc(dropped)


def _batches(records: Sequence[Record]) -> Iterator[_Batch]:
    """The records, decoded, in runs that inflate to a bounded size."""
    arrivals: list[Arrival] = []
    unreadable: list[DeadLetter] = []
    start = records[0].offset if records else 0
    room_bytes = limits.processing.MICRO_BATCH_INFLATED_BYTES_MAX
    for offset, data in records:
        try:
            request: CollectedRequest = decode_collected(data)
        except msgspec.MsgspecError as error:
            unreadable.append(DeadLetter(offset, -1, "collected", "poison", str(error), "", "", 0, data))
            continue
        # A replay finds its letter in what was committed before it.
        begins_replay = request.replayed and arrivals and not arrivals[-1].request.replayed
        # What was decided about identities holds from its place in the log on, not before.
        is_decided = arrivals and (decisions.stands_alone(request) or decisions.stands_alone(arrivals[-1].request))
        if begins_replay or is_decided or (arrivals and request.inflated_bytes > room_bytes):
            yield _Batch(arrivals, unreadable, start, offset)
            arrivals, unreadable, start = [], [], offset
            room_bytes = limits.processing.MICRO_BATCH_INFLATED_BYTES_MAX
        arrivals.append(Arrival(offset, request))
        room_bytes -= request.inflated_bytes
    if records:
        yield _Batch(arrivals, unreadable, start, records[-1].offset + 1)
