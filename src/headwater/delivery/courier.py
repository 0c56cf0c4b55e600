"""Delivery to one destination: it reads the outbound log at its own pace and harms nobody but itself.

    outbound log ──pull──▶ pack ──▶ queue ──▶ places ──▶ destination      first attempts
                                                │ failed
                                                ▼
                                              held ──commit──▶ jobs       position and failures in one transaction
                                                                 │ due
                                                                 └──▶     retries, a few at a time

*Order.* The queue lets one request of a person be under way, so first attempts keep the order of the log. Retries
do not, unless the destination is strict: then whatever comes of a person behind a failing event becomes a job at
once, and is freed when that one has ended (`chains`).
*Fair share.* Sources take turns within what is held. A source that floods the log beyond it delays what is behind,
at this destination only: one position cannot pass over some of a record's events and not lose them at a kill.
*Bounds.* `held` bounds what is read and not committed; `congestion` and `pacer` bound what is under way.
*Down.* After a run of failures only one probe at a time passes, a first attempt if there is one. What was read
waits in the queue, everything else in the log.
*Repeats.* A kill repeats what is held: up to held.EVENTS_MAX first attempts, in practice those of the last
COMMIT_S and of records with an event still under way. The next start counts what it may be sending again. A drain
finishes the records that were begun.
"""

import asyncio
import random
import time
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Final

from headwater.config.workspace import Destination
from headwater.delivery import metrics
from headwater.delivery.accounts import Accounts, Instant
from headwater.delivery.chains import Chains
from headwater.delivery.congestion import Congestion
from headwater.delivery.gate import Gate
from headwater.delivery.held import Held, HeldRecord
from headwater.delivery.ledger import Ledger
from headwater.delivery.outbox import Chunk, Outbox
from headwater.delivery.parcel import Parcel, Piece, Result
from headwater.delivery.queue import Bounds, Load, Queue
from headwater.delivery.receipts import Receipt
from headwater.delivery.retries import Retries
from headwater.delivery.retry import WAITS, RetryRules, fate, untried
from headwater.delivery.sender import Sender
from headwater.destinations.kit.model import RetryLater
from headwater.event import OutboundEvent

COMMIT_S: Final = 0.05
"""Positions are committed this long after something finished: twenty small transactions a second at most."""

DRAIN_LOOK_S: Final = 0.02
"""Between two looks whether a drain is over; it takes seconds at most."""

RESERVED_RECORDS: Final = 1_000
"""So many records are declared begun at once, in one small transaction: after a kill this tells what may have been
sent before from what was certainly not."""

PULLED_AT_ONCE: Final = 500
"""Events packed in one go, some milliseconds: others, too, have something to do while this one catches up."""


class Courier:
    def __init__(
        self,
        destination: Destination,
        sender: Sender | None,
        *,
        outbox: Outbox,
        ledger: Ledger,
        position: int,
        repeats_below: int,
        retries_pending: int,
        people: dict[str, int],
        committed: Callable[[int], None],
        is_erased: Callable[[OutboundEvent], bool],
    ) -> None:
        """`is_erased`: whether nothing may be stored about an event any more.

        `repeats_below`: what is read below this offset may have been sent before the last end of delivery.
        `sender` None: the settings cannot be used, everything waits for better ones. `people`: who has jobs, and
        how many. `committed` is told each new position.
        """
        self.destination = destination
        self._sender = sender
        self._outbox = outbox
        self._ledger = ledger
        self._next_offset = position
        self._repeats_below = repeats_below
        self._reserved = 0
        """Records below this offset may be begun."""
        self._committed = committed
        self._is_erased = is_erased
        self._loop = asyncio.get_running_loop()
        self._held = Held()
        self._queue = Queue(self._bounds, together=not (sender and sender.is_strict))
        self._unpacked: dict[Parcel, list[str]] = {}
        """What has to be packed once there are settings, and which mappings of it; none: all."""
        self._rules = _rules(destination)
        self._chains = Chains(people)
        self._congestion = Congestion(sender.places_max if sender else None)
        self._accounts = Accounts(destination.name)
        if sender:
            self._accounts.mask = sender.mask
        self._metrics = metrics.DestinationMetrics(destination.name)
        self._calm = asyncio.Event()
        """Set while none waits for its first attempt, once it is known that none does."""
        self._sending = 0
        self._begun_offset = -1
        self._group: asyncio.TaskGroup | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._gate = Gate(destination.name, opened=self._go_on)
        self._pull_wake = asyncio.Event()
        self._retries = Retries(
            destination.name,
            pending=retries_pending,
            gate=self._gate,
            congestion=self._congestion,
            chains=self._chains,
            accounts=self._accounts,
            ledger=ledger,
            sender=lambda: self._sender,
            rules=lambda: self._rules,
            calm=self._calm,
            eased=self._pull_wake.set,
            is_erased=is_erased,
        )
        self._commit_wake = asyncio.Event()
        self._commit_timer: asyncio.TimerHandle | None = None
        self._finish_by_s: float | None = None
        self._has_ended = False

    # --- from outside -------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Until `stop`, or until cancelled; either way what is finished is committed before this returns."""
        metrics.watch(
            self.destination.name,
            in_flight=lambda: self._sending + self._retries.in_flight,
            held_events=lambda: self._held.events,
            retries_pending=lambda: self._retries.pending,
            places=lambda: self._congestion.places,
            paused=lambda: self._gate.down or self._sender is None,
        )
        this = asyncio.current_task()
        # A task of its own, so that no cancellation falls between a commit and the note that it was made.
        commits = asyncio.create_task(self._commit_repeatedly())
        commits.add_done_callback(
            lambda done: this.cancel() if this and not done.cancelled() and done.exception() else None
        )
        try:
            async with asyncio.TaskGroup() as self._group:
                self._group.create_task(self._pull())
                self._group.create_task(self._retries.run())
        finally:
            self._has_ended = True
            self._commit_wake.set()
            self._gate.close()
            if self._timer:
                self._timer.cancel()
            metrics.unwatch(self.destination.name)
            await commits

    def configure(self, destination: Destination, sender: Sender | None) -> None:
        """New settings, from the next attempt on; a destination that was down gets a fresh chance."""
        self.destination, self._sender = destination, sender
        self._withdraw(self._queue.empty())
        if sender is not None:
            self._rules = _rules(destination)
            self._accounts.mask = sender.mask
            self._queue.together = not sender.is_strict
            self._congestion.configure(sender.places_max)
            unpacked, self._unpacked = self._unpacked, {}
            self._pack(sender, unpacked.items())
        self._retries.configured()
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
        # Everything up to the last record begun, not only the records begun: who skipped an event of an earlier
        # record and sent a later one would break a person's order at the next start.
        begun = [piece for piece in self._queue.empty() if self._is_begun(piece.parcel)]
        self._queue.hurry()
        for piece in begun:
            self._queue.add(piece, self._loop.time())
        self._retries.stop()
        self._go_on()

    @property
    def stopping(self) -> bool:
        return self._finish_by_s is not None

    # --- first attempts -----------------------------------------------------------------------------------

    async def _pull(self) -> None:
        while not self.stopping:
            self._pull_wake.clear()
            while self._may_pull() and (chunk := self._outbox.next(self._next_offset)):
                if chunk.offset >= self._reserved:
                    await self._reserve(chunk.offset + RESERVED_RECORDS)
                await self._take(chunk)
                await asyncio.sleep(0)
            self._ease()
            await self._pull_wake.wait()
        while self._must_finish:
            await asyncio.sleep(DRAIN_LOOK_S)
            self._start()

    @property
    def _must_finish(self) -> bool:
        """It ends, and something that was begun is left that may still be sent in time, if only at its pace."""
        finish_by_s, sender = self._finish_by_s or 0.0, self._sender
        if not self._queue.waiting or sender is None or self._gate.down or self._loop.time() >= finish_by_s:
            return False
        return sender.pacer.next_at_s() < finish_by_s

    def _may_pull(self) -> bool:
        if self.stopping or self._sender is None or not self._held.has_room or self._retries.full:
            return False
        # While nothing gets through, only what the next probe needs.
        return not self._queue.waiting or not self._gate.down

    async def _reserve(self, offset: int) -> None:
        self._reserved = offset
        await self._ledger.call(self._ledger.jobs.reserve, self.destination.name, offset)

    async def _take(self, chunk: Chunk) -> None:
        name, sources = self.destination.name, self.destination.sources
        events = [event for event in chunk.events if event.is_for(name, sources)]
        record = self._held.add(chunk.offset, events=len(events), size_bytes=chunk.size_bytes if events else 0)
        self._next_offset = chunk.offset + 1
        if chunk.offset < self._repeats_below:
            self._metrics.repeats.inc(len(events))
        if not events:
            self._plan_commit()
        for at in range(0, len(events), PULLED_AT_ONCE):
            if at:
                await asyncio.sleep(0)
            self._begin([Parcel(event, record) for event in events[at : at + PULLED_AT_ONCE]])
            self._go_on()

    def _begin(self, parcels: list[Parcel]) -> None:
        """Parcels of one record."""
        sender = self._sender
        if sender is None:
            self._unpacked.update((parcel, []) for parcel in parcels)
            return
        if self.stopping and not self._is_begun(parcels[0]):
            return  # the next start will read it again
        if sender.is_strict:
            behind = [parcel for parcel in parcels if self._chains.holds(parcel.event.person)]
            for parcel in behind:
                parcel.results.append(Result("", WAITS))
            self._settle(behind)
            parcels = [parcel for parcel in parcels if not parcel.results]
        self._pack(sender, ((parcel, ()) for parcel in parcels))

    def _pack(self, sender: Sender, parcels: Iterable[tuple[Parcel, Collection[str]]]) -> None:
        """With the mappings that each is packed for; none: all. What comes to nothing is settled."""
        now_s, add, settled = self._loop.time(), self._queue.add, []
        for parcel, only in parcels:
            for piece in sender.pack(parcel, only):
                add(piece, now_s)
            if not parcel.unfinished:
                settled.append(parcel)
        if self._queue.waiting:
            self._calm.clear()
        self._settle(settled)

    def _withdraw(self, pieces: list[Piece]) -> None:
        """They were made by settings that hold no more."""
        for piece in pieces:
            parcel = piece.parcel
            parcel.unfinished -= 1
            left = self._unpacked.setdefault(parcel, [])
            if parcel.started_s or parcel.results:
                left.append(piece.mapping)
        self._ease()

    def _is_begun(self, parcel: Parcel) -> bool:
        return parcel.record is not None and parcel.record.offset <= self._begun_offset

    def _bounds(self, piece: Piece) -> Bounds:
        assert self._sender is not None
        return self._sender.bounds(piece)

    def _go_on(self) -> None:
        """Something has changed: what may be sent now is sent."""
        self._start()
        self._pull_wake.set()
        self._retries.wake()

    def _start(self) -> None:
        while (group := self._group) and (load := self._next()):
            group.create_task(self._run(load))

    def _next(self) -> Load | None:
        """What may be sent now; it obliges."""
        sender, now_s = self._sender, self._loop.time()
        if sender is None or self._sending >= self._congestion.places:
            return None
        if self.stopping and (self._gate.down or now_s >= (self._finish_by_s or 0.0)):
            return None
        if (paced_s := sender.pacer.next_at_s()) > now_s:
            self._call_at(paced_s)
            return None
        if self._queue.waiting and not self._sending and not self._held.has_room:
            self._queue.press(now_s)
        if not self._queue.is_due(now_s):
            if due_s := self._queue.next_due_s():
                self._call_at(due_s)
            return None
        if not self._gate.may_send():
            return None
        load = self._queue.take(now_s)
        sender.pacer.made(now_s)
        self._ease()
        self._sending += 1
        return load

    def _ease(self) -> None:
        """Retries have their turn once no first attempt waits, and there is room for more of these."""
        if not self._queue.waiting and not self._calm.is_set():
            self._calm.set()
            self._pull_wake.set()  # there is room for what is behind

    def _call_at(self, at_s: float) -> None:
        if self._timer is None or self._timer.cancelled() or self._timer.when() > at_s:
            if self._timer:
                self._timer.cancel()
            self._timer = self._loop.call_at(at_s, self._timed)

    def _timed(self) -> None:
        self._timer = None
        self._start()

    async def _run(self, first: Load) -> None:
        """One after the other, as long as there is a place for this."""
        load: Load | None = first
        while load is not None:
            await self._send(load)
            load = self._next()
            self._start()

    async def _send(self, load: Load) -> None:
        """For which `_next` has taken a place."""
        sender, started_s = self._sender, self._loop.time()
        assert sender is not None
        for piece in load.pieces:
            parcel = piece.parcel
            parcel.started_s = parcel.started_s or started_s
            if parcel.record is not None and parcel.record.offset > self._begun_offset:
                self._begun_offset = parcel.record.offset
        try:
            results = await sender.attempt(load.pieces)
        finally:
            self._sending -= 1
        now_s = self._loop.time()
        self._metrics.attempted(results)
        self._congestion.settled(results, in_flight=self._sending + 1, started_s=started_s, now_s=now_s)
        self._gate.settled(results, started_s=started_s, first_attempt=True)
        ended = list(zip(load.pieces, results, strict=True))
        if sender.is_strict:
            ended += self._held_back(load, results)
        self._queue.finish(load, now_s)
        self._ease()
        settled = []
        for piece, result in ended:
            parcel = piece.parcel
            parcel.results.append(result)
            parcel.unfinished -= 1
            if not parcel.unfinished and parcel not in self._unpacked:
                settled.append(parcel)
        self._settle(settled)

    def _held_back(self, load: Load, results: Sequence[Result]) -> list[tuple[Piece, Result]]:
        """What waits of people whose event has just failed: it will wait as a job."""
        held_back = []
        for piece, result in zip(load.pieces, results, strict=True):
            if isinstance(result.outcome, RetryLater):
                person = piece.parcel.event.person
                held_back += [(p, Result(p.mapping, WAITS)) for p in self._queue.withdraw(load, person)]
        return held_back

    def _settle(self, parcels: Sequence[Parcel]) -> None:
        """All their pieces have a result."""
        roll = _roll()  # once: what went together and failed is tried again together
        now = Instant(time.time_ns() // 1_000_000, self._loop.time())
        for parcel in parcels:
            record = parcel.record
            assert record is not None
            if parcel.is_delivered:
                receipt = self._accounts.delivered(parcel, now)
            else:
                receipt = self._ended(parcel, record, now, roll)
            record.receipts.append((parcel.event, receipt))
            record.unfinished -= 1
        if self._held.any_finished:
            self._plan_commit()

    def _ended(self, parcel: Parcel, record: HeldRecord, now: Instant, roll: float) -> Receipt:
        """Not all of it was delivered."""
        known_as = untried(self.destination.name, parcel.event)
        ended = fate(known_as, parcel.results, now_ms=now.wall_ms, roll=roll, rules=self._rules)
        if ended.job is not None:
            record.retries.append(ended.job)
            if self._sender is not None and self._sender.is_strict:
                self._chains.add(parcel.event.person)
        if ended.dead is not None:
            record.dead.append(ended.dead)
        return self._accounts.ended(parcel, ended, now)

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
            last = self._has_ended
            await self._commit()
        if self._reserved:
            await self._reserve(self._begun_offset + 1)  # an orderly end: no more than this was begun

    async def _commit(self) -> None:
        self._accounts.flush()
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
            receipts=[receipt for event, receipt in finished.receipts if not self._is_erased(event)],
        )
        self._held.release(finished)
        self._committed(finished.offset)
        if retries:
            self._retries.added(len(retries))
        await self._retries.free(self._chains.committed(finished.retries, retries))
        if self._held.has_room:
            self._pull_wake.set()


def _roll() -> float:
    return random.random()  # noqa: S311 - spreads load, hides nothing


def _rules(destination: Destination) -> RetryRules:
    retry = destination.retry
    return RetryRules(retry.window_s, retry.base_s, retry.delay_max_s)
