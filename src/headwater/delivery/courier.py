"""Delivery to one destination: it reads the outbound log at its own pace and harms nobody but itself.

    outbound log ──pull──▶ lanes ──▶ endpoint            first attempts; a lane's events one after the other
                             │ failed
                             ▼
                           held ──commit──▶ jobs          position and failures in one transaction
                                              │ due
                                              └──▶ endpoint   retries, a few at a time, in no order

*Order.* A person's events share a lane, so their first attempts keep the order of the log. Retries do not.
*Bounds.* `held` bounds what is read and not committed; each lane has one request under way.
*Down.* After a run of failures only one probe at a time passes, a first attempt if there is one. What was read
waits in the lanes, everything else in the log.
*Repeats.* A kill repeats what is held: up to held.EVENTS_MAX first attempts, in practice those of the last
COMMIT_S and of records with an event still under way. A drain finishes the records that were begun.
"""

import asyncio
import random
import time
from collections import deque
from collections.abc import Callable

from headwater import limits
from headwater.config.workspace import Destination
from headwater.delivery import metrics
from headwater.delivery.gate import Gate
from headwater.delivery.held import Held, HeldRecord
from headwater.delivery.jobs import Job
from headwater.delivery.ledger import Ledger
from headwater.delivery.outbox import Chunk, Outbox
from headwater.delivery.retries import Retries
from headwater.delivery.retry import first_failure
from headwater.delivery.sender import Sender
from headwater.destinations.kit.model import Delivered, Filtered, Outcome
from headwater.event import OutboundEvent

COMMIT_S = 0.05
"""Positions are committed this long after something finished: twenty small transactions a second at most."""


class Lane:
    __slots__ = ("queue", "wake")

    def __init__(self) -> None:
        self.queue: deque[tuple[HeldRecord, OutboundEvent]] = deque()
        self.wake = asyncio.Event()


class Courier:
    def __init__(
        self,
        destination: Destination,
        sender: Sender | None,
        *,
        outbox: Outbox,
        ledger: Ledger,
        position: int,
        retries_pending: int,
        committed: Callable[[int], None],
        is_erased: Callable[[OutboundEvent], bool],
    ) -> None:
        """`is_erased`: whether nothing may be stored about an event any more.

        `sender` None: the settings cannot be used, everything waits for better ones. `committed` is told
        each new position.
        """
        self.destination = destination
        self._sender = sender
        self._outbox = outbox
        self._ledger = ledger
        self._next_offset = position
        self._committed = committed
        self._is_erased = is_erased
        self._loop = asyncio.get_running_loop()
        self._held = Held()
        self._lanes = [Lane() for _ in range(limits.DELIVERY_CONCURRENCY)]
        self._waiting = 0
        """Events in lanes, not begun."""
        self._calm = asyncio.Event()
        """Set while none waits."""
        self._calm.set()
        self._sending = 0
        self._begun_offset = -1
        self._gate = Gate(destination.name, opened=self._wake_all)
        self._pull_wake = asyncio.Event()
        self._retries = Retries(
            destination.name,
            pending=retries_pending,
            gate=self._gate,
            ledger=ledger,
            sender=lambda: self._sender,
            calm=self._calm,
            eased=self._pull_wake.set,
            is_erased=is_erased,
        )
        self._commit_wake = asyncio.Event()
        self._commit_timer: asyncio.TimerHandle | None = None
        self._finish_by_s: float | None = None
        self._lanes_ended = False

    # --- from outside -------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Until `stop`, or until cancelled; either way what is finished is committed before this returns."""
        metrics.watch(
            self.destination.name,
            in_flight=lambda: self._sending + self._retries.in_flight,
            held_events=lambda: self._held.events,
            retries_pending=lambda: self._retries.pending,
            paused=lambda: self._gate.down or self._sender is None,
        )
        this = asyncio.current_task()
        # A task of its own, so that no cancellation falls between a commit and the note that it was made.
        commits = asyncio.create_task(self._commit_repeatedly())
        commits.add_done_callback(
            lambda done: this.cancel() if this and not done.cancelled() and done.exception() else None
        )
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._pull())
                group.create_task(self._retries.run())
                for lane in self._lanes:
                    group.create_task(self._work(lane))
        finally:
            self._lanes_ended = True
            self._commit_wake.set()
            self._gate.close()
            metrics.unwatch(self.destination.name)
            await commits

    def configure(self, destination: Destination, sender: Sender | None) -> None:
        """New settings, from the next attempt on; a destination that was down gets a fresh chance."""
        self.destination, self._sender = destination, sender
        self._gate.start_afresh()

    def recounted(self, retries_pending: int) -> None:
        """So many jobs are in the store: another process has added some."""
        self._retries.recounted(retries_pending)

    def rung(self) -> None:
        """There may be more in the outbound log."""
        self._pull_wake.set()

    def stop(self, *, finish_by_s: float) -> None:
        """Finish what is under way, and until `finish_by_s` (loop time) the other events of records that were
        begun, so that the next start repeats nothing. May be called twice.
        """
        self._finish_by_s = finish_by_s
        self._retries.stop()
        self._wake_all()

    @property
    def stopping(self) -> bool:
        return self._finish_by_s is not None

    # --- first attempts -----------------------------------------------------------------------------------

    async def _pull(self) -> None:
        while not self.stopping:
            self._pull_wake.clear()
            while self._may_pull() and (chunk := self._outbox.next(self._next_offset)):
                self._take(chunk)
                await asyncio.sleep(0)  # others, too, have something to do while this one catches up
            await self._pull_wake.wait()

    def _may_pull(self) -> bool:
        if self.stopping or not self._held.has_room or self._retries.full:
            return False
        # While nothing gets through, only what the next probe needs.
        return not self._waiting or not (self._gate.down or self._sender is None)

    def _take(self, chunk: Chunk) -> None:
        name, sources = self.destination.name, self.destination.sources
        events = [event for event in chunk.events if event.is_for(name, sources)]
        record = self._held.add(chunk.offset, events=len(events), size_bytes=chunk.size_bytes if events else 0)
        self._next_offset = chunk.offset + 1
        if not events:
            self._plan_commit()
            return
        for event in events:
            lane = self._lanes[hash(event.person) % len(self._lanes)]
            lane.queue.append((record, event))
            lane.wake.set()
        self._waiting += len(events)
        self._calm.clear()

    async def _work(self, lane: Lane) -> None:
        while sender := await self._turn(lane):
            record, event = lane.queue.popleft()
            self._begun_offset = max(self._begun_offset, record.offset)
            self._waiting -= 1
            if not self._waiting:
                self._calm.set()
                self._pull_wake.set()
            started_s = self._loop.time()
            self._sending += 1
            try:
                outcome = await sender.attempt(event)
            finally:
                self._sending -= 1
            self._gate.settled(event, outcome, started_s=started_s, first_attempt=True)
            self._settle(record, event, outcome)

    async def _turn(self, lane: Lane) -> Sender | None:
        """Wait until this lane's next event may be sent; None when the lane is to end."""
        while True:
            if self.stopping and not self._must_finish(lane):
                return None
            if lane.queue and self._sender and self._gate.may_send():
                return self._sender
            lane.wake.clear()
            await lane.wake.wait()

    def _must_finish(self, lane: Lane) -> bool:
        # Everything up to the last record begun, not only the records begun: a lane that skipped an event of
        # an earlier record and sent a later one would break a person's order at the next start.
        return (
            bool(lane.queue)
            and lane.queue[0][0].offset <= self._begun_offset
            and not self._gate.down
            and self._loop.time() < (self._finish_by_s or 0.0)
        )

    def _settle(self, record: HeldRecord, event: OutboundEvent, outcome: Outcome | Filtered) -> None:
        if not isinstance(outcome, Delivered | Filtered):
            roll = random.random()  # noqa: S311 - spreads load, hides nothing
            now_ms = time.time_ns() // 1_000_000
            fate = first_failure(self.destination.name, event, outcome, now_ms=now_ms, roll=roll)
            if isinstance(fate, Job):
                record.retries.append(fate)
            else:
                record.dead.append(fate)
        record.unfinished -= 1
        if not record.unfinished and self._held.any_finished:
            self._plan_commit()

    def _wake_all(self) -> None:
        for lane in self._lanes:
            lane.wake.set()
        self._pull_wake.set()
        self._retries.wake()

    # --- commits ------------------------------------------------------------------------------------------

    def _plan_commit(self) -> None:
        if self._commit_timer is None:
            self._commit_timer = self._loop.call_later(COMMIT_S, self._commit_wake.set)

    async def _commit_repeatedly(self) -> None:
        last = False
        while not last:
            await self._commit_wake.wait()
            self._commit_wake.clear()
            if self._commit_timer:
                self._commit_timer.cancel()
                self._commit_timer = None
            last = self._lanes_ended
            await self._commit()

    async def _commit(self) -> None:
        finished = self._held.finished()
        if finished is None:
            return
        # Asked now and not when they failed: a deletion of rows that begins later comes after this call.
        retries = [job for job in finished.retries if not self._is_erased(job.event)]
        await self._ledger.call(
            self._ledger.jobs.advance,
            self.destination.name,
            finished.offset,
            retries=retries,
            dead=[letter for letter in finished.dead if not self._is_erased(letter.event)],
        )
        self._held.release(finished)
        self._committed(finished.offset)
        if retries:
            self._retries.added(len(retries))
        if self._held.has_room:
            self._pull_wake.set()
