"""The second and later attempts at one destination: jobs, when they are due, a few requests at a time, in no
order.

    jobs ──due──▶ packed as an event is ──▶ loads of one group ──▶ destination ──▶ one transaction for a load

Why a few: what failed once is ten times likelier to fail again, and must not take the place of what was not tried.
"""

import asyncio
import contextlib
import random
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from headwater.delivery.accounts import Accounts, Instant
from headwater.delivery.chains import Chains
from headwater.delivery.congestion import Congestion
from headwater.delivery.gate import Gate
from headwater.delivery.jobs import DeadLetter, Job
from headwater.delivery.ledger import Ledger
from headwater.delivery.metrics import DestinationMetrics
from headwater.delivery.parcel import Group, Parcel, Piece, Result
from headwater.delivery.receipts import Receipt
from headwater.delivery.retry import RetryRules, fate
from headwater.delivery.sender import Sender
from headwater.destinations.kit.model import RetryLater
from headwater.event import OutboundEvent

SHARE: Final = 4
"""One place for retries beside so many for first attempts."""

YIELD_S_MAX: Final = 1.0
"""A due retry lets waiting first attempts pass for so long, then takes its place: it must not starve."""

PENDING_MAX: Final = 100_000
"""Jobs per destination; beyond it no first attempts are made until some are done, the log keeps the events."""

PAUSE_S_MAX: Final = 60.0
"""Until the clock is asked again when something is due: it may be set meanwhile, and it goes on while a machine
sleeps and the loop's own does not.
"""

LOOKED_AT: Final = 500
"""Jobs in memory at once; some batches of them."""

OVERTAKEN: Final = RetryLater("RETRY", "new settings came before the turn of this mapping")
"""Of a mapping that was not tried in an attempt of which others were: it is packed again for the next."""


class Retries:
    def __init__(
        self,
        destination: str,
        *,
        pending: int,
        gate: Gate,
        congestion: Congestion,
        chains: Chains,
        accounts: Accounts,
        ledger: Ledger,
        sender: Callable[[], Sender | None],
        rules: Callable[[], RetryRules],
        calm: asyncio.Event,
        eased: Callable[[], None],
        is_erased: Callable[[OutboundEvent], bool],
    ) -> None:
        """`pending`: jobs in the store already. `calm` is set while no first attempt waits. `eased` is called
        when there is room for more jobs again.
        """
        self.pending = pending
        self.in_flight = 0
        """Requests."""
        self._destination = destination
        self._gate = gate
        self._congestion = congestion
        self._chains = chains
        self._accounts = accounts
        self._metrics = DestinationMetrics(destination)
        self._ledger = ledger
        self._sender = sender
        self._rules = rules
        self._calm = calm
        self._eased = eased
        self._is_erased = is_erased
        self._loop = asyncio.get_running_loop()
        self._taken: set[int] = set()
        """Jobs that are in a load, or under way."""
        self._loads: deque[list[Piece]] = deque()
        self._overtaken: list[Parcel] = []
        """Of which nothing is under way any more, and which nobody has settled."""
        self._wake = asyncio.Event()
        self._stopping = False

    # --- from outside -------------------------------------------------------------------------------------

    @property
    def full(self) -> bool:
        return self.pending >= PENDING_MAX

    def added(self, jobs: int) -> None:
        """So many more were committed to the store."""
        self.pending += jobs
        self._wake.set()

    def recounted(self, pending: int) -> None:
        """So many are in the store: another process has added some."""
        self.pending = pending
        self._wake.set()

    async def free(self, people: Sequence[str]) -> None:
        """Their next job is due at once."""
        if people:
            freed = [(self._destination, person) for person in people]
            await self._ledger.call(self._ledger.jobs.settle, freed=freed, at_ms=_now_ms())
            self._wake.set()

    def configured(self) -> None:
        """The settings are new: what is not under way is packed again."""
        for load in self._loads:
            for piece in load:
                parcel = piece.parcel
                parcel.unfinished -= 1
                if parcel.started_s:
                    parcel.results.append(Result(piece.mapping, OVERTAKEN))
                    if not parcel.unfinished:
                        self._overtaken.append(parcel)
                elif parcel.job is not None:
                    self._taken.discard(parcel.job.id)
        self._loads.clear()
        self._wake.set()

    def wake(self) -> None:
        """The gate or the pace is not what it was."""
        self._wake.set()

    def stop(self) -> None:
        """Finish what is under way. May be called twice."""
        self._stopping = True
        self._wake.set()

    async def run(self) -> None:
        async with asyncio.TaskGroup() as group:
            while not self._stopping:
                self._wake.clear()
                pause_s = await self._start_due(group)
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(None if pause_s is None else min(pause_s, PAUSE_S_MAX)):
                        await self._wake.wait()

    # --- attempts -----------------------------------------------------------------------------------------

    async def _start_due(self, group: asyncio.TaskGroup) -> float | None:
        """Seconds until the next one is due, None if only a wake-up can bring more work."""
        pause_s = None
        if self._overtaken:
            overtaken, self._overtaken = self._overtaken, []
            await self._settle(overtaken)
        if self.pending and self._has_place:
            if not self._gate.down:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(YIELD_S_MAX):
                        await self._calm.wait()
            if not self._loads:
                pause_s = await self._look()
        while self._loads and self._has_place:
            sender, now_s = self._sender(), self._loop.time()
            if self._stopping or sender is None:
                return None
            if (paced_s := sender.pacer.next_at_s()) > now_s:
                return paced_s - now_s
            if not self._gate.may_send():
                return None
            self.in_flight += 1
            sender.pacer.made(now_s)
            group.create_task(self._attempt(self._loads.popleft(), sender))
        return pause_s

    @property
    def _has_place(self) -> bool:
        return self.in_flight < max(1, self._congestion.places // SHARE)

    async def _look(self) -> float | None:
        """Pack what is due; seconds until something is, if nothing is yet."""
        # Those under way are among the soonest.
        limit = LOOKED_AT + len(self._taken)
        jobs = await self._ledger.call(self._ledger.jobs.soonest, self._destination, limit)
        sender = self._sender()  # only now: there may be new settings meanwhile
        if sender is None or self._stopping:
            return None
        now_ms = _now_ms()
        waiting = [job for job in jobs if job.id not in self._taken][:LOOKED_AT]
        due = [job for job in waiting if job.due_at_ms <= now_ms]
        if not due:
            return (waiting[0].due_at_ms - now_ms) / 1000 if waiting else None
        groups: dict[Group, list[Piece]] = {}
        nothing_to_send = []
        for job in due:
            parcel = Parcel(job.event, job=job)
            self._taken.add(job.id)
            for piece in sender.pack(parcel, job.mappings):
                groups.setdefault(piece.group, []).append(piece)
            if not parcel.unfinished:
                nothing_to_send.append(parcel)
        for pieces in groups.values():
            self._loads.extend(_loads(pieces, sender))
        if nothing_to_send:
            await self._settle(nothing_to_send)
        return None

    async def _attempt(self, load: list[Piece], sender: Sender) -> None:
        started_s = self._loop.time()
        for piece in load:
            piece.parcel.started_s = piece.parcel.started_s or started_s
        number = 1 + max(piece.parcel.job.attempts for piece in load if piece.parcel.job)
        try:
            results = await sender.attempt(load, number)
        finally:
            self.in_flight -= 1
        self._metrics.attempted(results)
        self._gate.settled(results, started_s=started_s, first_attempt=False)
        ended = []
        for piece, result in zip(load, results, strict=True):
            parcel = piece.parcel
            parcel.results.append(result)
            parcel.unfinished -= 1
            if not parcel.unfinished:
                ended.append(parcel)
        try:
            await self._settle(ended)
        finally:
            self._wake.set()

    async def _settle(self, parcels: Sequence[Parcel]) -> None:
        completed: list[int] = []
        rescheduled: list[Job] = []
        dead: list[DeadLetter] = []
        receipts: list[Receipt] = []
        gone: list[str] = []
        # Once: what went together and failed is tried again together.
        now, roll = Instant(_now_ms(), self._loop.time()), random.random()  # noqa: S311 - spreads load, hides nothing
        for parcel in parcels:
            job = parcel.job
            assert job is not None
            is_erased = self._is_erased(job.event)
            ended = fate(job, parcel.results, now_ms=now.wall_ms, roll=roll, rules=self._rules())
            receipt = self._accounts.ended(parcel, ended, now)
            if not is_erased:
                receipts.append(receipt)
            if ended.job is not None and not is_erased:
                rescheduled.append(ended.job)
            else:
                completed.append(job.id)
                gone.append(job.event.person)
            if ended.dead is not None and not is_erased:
                dead.append(ended.dead)
        self._accounts.flush()
        freed = [(self._destination, person) for person in self._chains.ended(gone)]
        try:
            await self._ledger.call(
                self._ledger.jobs.settle,
                completed=completed,
                rescheduled=rescheduled,
                dead=dead,
                freed=freed,
                at_ms=_now_ms(),
                receipts=receipts,
            )
        finally:
            self._taken -= {parcel.job.id for parcel in parcels if parcel.job}
        self.pending -= len(completed)
        if not self.full:
            self._eased()


def _loads(pieces: Sequence[Piece], sender: Sender) -> Iterator[list[Piece]]:
    """Requests of one group, each as full as it may be."""
    items_max, bytes_max, *_ = sender.bounds(pieces[0])
    load: list[Piece] = []
    size_bytes = 0
    for piece in pieces:
        if load and (len(load) == items_max or size_bytes + piece.size_bytes > bytes_max):
            yield load
            load, size_bytes = [], 0
        load.append(piece)
        size_bytes += piece.size_bytes
    yield load


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
