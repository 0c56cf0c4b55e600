"""The second and later attempts of one destination: jobs, when they are due, a few at a time, in no order."""

import asyncio
import contextlib
import random
import time
from collections.abc import Callable

from headwater import limits
from headwater.delivery.gate import Gate
from headwater.delivery.jobs import Job
from headwater.delivery.ledger import Ledger
from headwater.delivery.retry import failed_again
from headwater.delivery.sender import Sender
from headwater.destinations.kit.model import Delivered, Filtered, Outcome, RetryLater
from headwater.event import OutboundEvent

IN_FLIGHT_MAX = limits.DELIVERY_CONCURRENCY // 4
"""On top of the lanes: an event that failed once likely fails again and must not take a lane from others."""

YIELD_S_MAX = 1.0
"""A due retry lets waiting first attempts pass for so long, then takes its place: it must not starve."""

PENDING_MAX = 100_000
"""Jobs per destination; beyond it no first attempts are made until some are done, the log keeps the events."""


class Retries:
    def __init__(
        self,
        destination: str,
        *,
        pending: int,
        gate: Gate,
        ledger: Ledger,
        sender: Callable[[], Sender | None],
        calm: asyncio.Event,
        eased: Callable[[], None],
        is_erased: Callable[[OutboundEvent], bool],
    ) -> None:
        """`pending`: jobs in the store already. `calm` is set while no first attempt waits. `eased` is called
        when there is room for more jobs again.
        """
        self.pending = pending
        self._destination = destination
        self._gate = gate
        self._ledger = ledger
        self._sender = sender
        self._calm = calm
        self._eased = eased
        self._is_erased = is_erased
        self._loop = asyncio.get_running_loop()
        self._running: set[int] = set()
        self._wake = asyncio.Event()
        self._stopping = False

    @property
    def in_flight(self) -> int:
        return len(self._running)

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

    def wake(self) -> None:
        """The gate or the settings are not what they were."""
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
                    async with asyncio.timeout(pause_s):
                        await self._wake.wait()

    async def _start_due(self, group: asyncio.TaskGroup) -> float | None:
        """Seconds until the next one is due, None if only a wake-up can bring more work."""
        free = IN_FLIGHT_MAX - len(self._running)
        if not free or not self.pending:
            return None
        if not self._gate.down:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(YIELD_S_MAX):
                    await self._calm.wait()
        # Those under way are among the soonest and no more than IN_FLIGHT_MAX - free.
        jobs = await self._ledger.call(self._ledger.jobs.soonest, self._destination, IN_FLIGHT_MAX)
        now_ms = time.time_ns() // 1_000_000
        for job in [job for job in jobs if job.id not in self._running][:free]:
            if job.due_at_ms > now_ms:
                return (job.due_at_ms - now_ms) / 1000
            sender = self._sender()
            if self._stopping or sender is None or not self._gate.may_send():
                return None
            self._running.add(job.id)
            group.create_task(self._attempt(job, sender))
        return None

    async def _attempt(self, job: Job, sender: Sender) -> None:
        started_s = self._loop.time()
        try:
            outcome = await sender.attempt(job.event)
            self._gate.settled(job.event, outcome, started_s=started_s, first_attempt=False)
            await self._note(job, outcome)
        finally:
            self._running.discard(job.id)
            self._wake.set()

    async def _note(self, job: Job, outcome: Outcome | Filtered) -> None:
        jobs = self._ledger.jobs
        if isinstance(outcome, Delivered | Filtered) or self._is_erased(job.event):
            await self._ledger.call(jobs.settle, completed=[job.id])
        else:
            roll = random.random()  # noqa: S311 - spreads load, hides nothing
            fate = failed_again(job, outcome, now_ms=time.time_ns() // 1_000_000, roll=roll)
            if isinstance(fate, Job):
                await self._ledger.call(jobs.settle, rescheduled=[fate])
                return
            if isinstance(outcome, RetryLater):
                self._gate.died()
            await self._ledger.call(jobs.settle, completed=[job.id], dead=[fate])
        self.pending -= 1
        if not self.full:
            self._eased()
