"""Delivery: one courier per enabled destination instance, kept in step with the workspace."""

import asyncio
import contextlib
import time
from functools import partial

import structlog

from headwater import limits
from headwater.config.live import LiveWorkspace
from headwater.config.transformations import Transformation
from headwater.config.workspace import Destination, Workspace
from headwater.delivery.courier import Courier
from headwater.delivery.erasure import Erasure, ended
from headwater.delivery.jobs import Jobs
from headwater.delivery.ledger import Ledger
from headwater.delivery.outbox import Outbox
from headwater.delivery.receipt_keeper import ReceiptKeeper, Retention
from headwater.delivery.receipt_store import Receipts
from headwater.delivery.sender import Sender
from headwater.delivery.transports.carrier import Carrier
from headwater.doorbell import Bell
from headwater.errors import ConfigError, StorageError
from headwater.log.port import Log
from headwater.privacy.live import LiveBarred
from headwater.privacy.port import Regulations
from headwater.telemetry import Health
from headwater.transformations.rules import for_destination

logger = structlog.get_logger()

DRAIN_S = limits.operations.DRAIN_S_MAX - 4
"""After this what is still under way is cut off, and there is time left to commit."""

DRAIN_RECORDS_S = 5.0
"""So long a drain goes on with the records that were begun; longer only makes every restart slow."""

CRASH_PAUSE_S = 5.0
"""Before a courier that broke is started again from its last commit."""


def reader_name(destination: str) -> str:
    """Under which a destination reports to the outbound log."""
    return f"deliver:{destination}"


class Deliverer:
    """Where a destination begins. One that is new gets what is appended after the workspace that brought it, or
    after the start of delivery if it came in between; at the very first start, the log from its beginning. One
    that is disabled keeps its position and its retries; one that is removed is forgotten, and its retries
    become dead letters.
    """

    def __init__(
        self,
        outbound: Log,
        jobs: Jobs,
        receipts: Receipts,
        regulations: Regulations,
        live: LiveWorkspace,
        health: Health,
    ) -> None:
        self._regulations = regulations
        self._outbound = outbound
        self._jobs = jobs
        self._receipts = receipts
        self._live = live
        self._health = health
        self._couriers: dict[str, tuple[Courier, asyncio.Task[None]]] = {}
        self._known_end = 0
        """Where the log ended when its bell had last been heard."""
        self._new_begin_at: int | None = None
        """Where destinations begin that the next look at the workspace finds."""
        self._workspace_changed = asyncio.Event()
        self._jobs_changed = False
        self._draining = asyncio.Event()
        self._retiring: set[asyncio.Task[None]] = set()
        self._transformations: dict[str, tuple[Transformation, ...]] = {}
        """Each destination's own, as its sender knows them."""

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop` is set or this is cancelled; both drain, within `DRAIN_S`. Runs once."""
        loop = asyncio.get_running_loop()
        self._ledger = Ledger(self._jobs, self._health)
        self._outbox = Outbox(self._outbound)
        self._carrier = Carrier(allow_private=self._live.workspace.settings.allow_private_destinations)
        bell = self._outbound.listen()
        self._note_end()
        self._end_at_start = self._known_end
        loop.add_reader(bell.fileno(), self._outbound_rung, bell)
        loop.add_reader(self._live.fileno(), self._config_rung)
        self._barred = LiveBarred(self._regulations)
        keeper = ReceiptKeeper(self._receipts, self._receipt_retention)
        self._erasure = Erasure(
            self._regulations,
            self._ledger,
            keeper,
            workspace=lambda: self._live.workspace,
            sender=self._sender,
            erased=self._recount,
        )
        loop.add_reader(self._barred.fileno(), self._regulations_rung)
        erasing = loop.create_task(self._erasure.run())
        keeping = loop.create_task(keeper.run())
        jobs_bell = self._jobs.listen()
        loop.add_reader(jobs_bell.fileno(), self._jobs_rung, jobs_bell)
        stopped = loop.create_task(stop.wait())
        follow = loop.create_task(self._follow_workspace())
        try:
            await asyncio.wait({stopped, follow}, return_when=asyncio.FIRST_COMPLETED)
            if follow.done():
                follow.result()  # it ends only by breaking
        finally:
            for task in (stopped, follow):
                task.cancel()
            await asyncio.wait({stopped, follow})
            loop.remove_reader(bell.fileno())
            loop.remove_reader(self._live.fileno())
            loop.remove_reader(jobs_bell.fileno())
            await ended(erasing)
            await ended(keeping)
            keeper.close()
            loop.remove_reader(self._barred.fileno())
            jobs_bell.close()
            bell.close()
            await self._drain()
            self._barred.close()

    def _receipt_retention(self) -> Retention:
        settings = self._live.workspace.settings
        return Retention(settings.receipt_retention_s, settings.receipt_retention_bytes)

    def _outbound_rung(self, bell: Bell) -> None:
        bell.clear()
        self._outbox.rung()
        for courier, _ in self._couriers.values():
            courier.rung()
        # Only after this turn of the loop: if the workspace has changed as well, nobody can say here what came
        # first, and a new destination rather gets an event too many than one too few.
        asyncio.get_running_loop().call_soon(self._note_end)

    def _note_end(self) -> None:
        self._known_end = self._outbound.end()

    def _config_rung(self) -> None:
        if self._live.refresh():
            if self._new_begin_at is None:
                self._new_begin_at = self._known_end
            self._workspace_changed.set()

    def _jobs_rung(self, bell: Bell) -> None:
        """Somebody wants dead letters tried again."""
        bell.clear()
        self._recount()

    def _recount(self) -> None:
        self._jobs_changed = True
        self._workspace_changed.set()

    def _regulations_rung(self) -> None:
        self._barred.refresh()
        self._erasure.rung()

    # --- couriers and the workspace -----------------------------------------------------------------------

    async def _follow_workspace(self) -> None:
        if await self._ledger.call(self._jobs.first_start):
            self._new_begin_at = self._outbound.start()
        while True:
            self._workspace_changed.clear()
            await self._reconcile(self._live.workspace)
            self._health.clear("start")
            await self._workspace_changed.wait()

    async def _reconcile(self, workspace: Workspace) -> None:
        begin_at, self._new_begin_at = self._new_begin_at, None
        renewed = self._renew_carrier(allow_private=workspace.settings.allow_private_destinations)
        enabled = {d.name: d for d in workspace.destinations if d.enabled}
        before = self._transformations
        self._transformations = {name: for_destination(workspace, name) for name in enabled}
        for name, (courier, _) in self._couriers.items():
            if name not in enabled:
                courier.stop(finish_by_s=0)  # when it has ended, this is called again
            elif (
                renewed
                or courier.destination != enabled[name]
                or before.get(name, ()) != self._transformations[name]
            ):
                courier.configure(enabled[name], self._sender(enabled[name]))
        positions = await self._ledger.call(self._jobs.positions)
        reserved = await self._ledger.call(self._jobs.reserved)
        if self._live.version:  # nobody has removed anything from a workspace that was never applied
            for name in positions.keys() - {d.name for d in workspace.destinations} - self._couriers.keys():
                await self._forget(name)
        recount, self._jobs_changed = self._jobs_changed, False
        standings = await self._ledger.call(self._jobs.standings)
        if recount:
            for name, (courier, _) in self._couriers.items():
                courier.recounted(standings[name].retries if name in standings else 0)
        for name in enabled.keys() - self._couriers.keys():
            position = positions.get(name)
            if position is None:
                position = self._known_end if begin_at is None else begin_at
                await self._ledger.call(self._jobs.advance, name, position)
                self._report(name, position)
            retries = standings[name].retries if name in standings else 0
            sender = self._sender(enabled[name])
            people = await self._freed(name) if sender and sender.is_strict else {}
            repeats_below = min(reserved.get(name, 0), self._end_at_start)
            self._start(enabled[name], sender, position, repeats_below, retries, people)

    async def _freed(self, name: str) -> dict[str, int]:
        """Who has jobs at a destination that is strict about order; the first of each is due now, whatever the
        last run has left behind.
        """
        people = await self._ledger.call(self._jobs.people, name)
        freed = [(name, person) for person in people]
        await self._ledger.call(self._jobs.settle, freed=freed, at_ms=time.time_ns() // 1_000_000)
        return people

    def _start(
        self,
        destination: Destination,
        sender: Sender | None,
        position: int,
        repeats_below: int,
        retries_pending: int,
        people: dict[str, int],
    ) -> None:
        courier = Courier(
            destination,
            sender,
            people=people,
            outbox=self._outbox,
            ledger=self._ledger,
            position=position,
            repeats_below=repeats_below,
            retries_pending=retries_pending,
            committed=partial(self._report, destination.name),
            is_erased=self._barred.is_erased,
        )
        self._couriers[destination.name] = courier, asyncio.create_task(self._tend(courier))

    async def _tend(self, courier: Courier) -> None:
        """Run a courier to its end. One that breaks leaves the others alone and comes back after a pause."""
        name = courier.destination.name
        try:
            await courier.run()
        except Exception as error:
            logger.error("courier_broke", destination=name, error=repr(error))
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(CRASH_PAUSE_S):
                    await self._draining.wait()
        finally:
            del self._couriers[name]
            self._workspace_changed.set()

    async def _forget(self, name: str) -> None:
        await self._ledger.call(self._jobs.forget, name, at_ms=time.time_ns() // 1_000_000)
        self._outbound.forget(reader_name(name))
        logger.info("destination_forgotten", destination=name)

    def _report(self, name: str, offset: int) -> None:
        # Feeds lag figures and retention; the truth is in the jobs store, so a full disk may lose it.
        with contextlib.suppress(StorageError):
            self._outbound.report(reader_name(name), offset)

    def _sender(self, destination: Destination) -> Sender | None:
        try:
            rules = self._transformations.get(destination.name, ())
            return Sender(destination, self._carrier, rules, why_not=self._barred.why_not)
        except ConfigError as error:
            logger.error("destination_unusable", destination=destination.name, problems=error.lines())
            return None
        except Exception as error:  # a type, perhaps a plugin's, with a mistake: the other destinations go on
            logger.error("destination_unusable", destination=destination.name, error=type(error).__name__)
            return None

    # --- connections and the end --------------------------------------------------------------------------

    def _renew_carrier(self, *, allow_private: bool) -> bool:
        """A new carrier when another rule applies: pooled connections were let in by the old one."""
        if allow_private == self._carrier.allow_private:
            return False
        retiring = asyncio.create_task(_close_later(self._carrier))
        self._retiring.add(retiring)
        retiring.add_done_callback(self._retiring.discard)
        self._carrier = Carrier(allow_private=allow_private)
        return True

    async def _drain(self) -> None:
        self._draining.set()
        finish_by_s = asyncio.get_running_loop().time() + DRAIN_RECORDS_S
        tasks = set()
        for courier, task in self._couriers.values():
            courier.stop(finish_by_s=finish_by_s)
            tasks.add(task)
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=DRAIN_S)
            self._ledger.give_up()
            for task in late:
                task.cancel()
            await asyncio.wait(tasks)
        for retiring in list(self._retiring):
            retiring.cancel()
            await asyncio.wait({retiring})
        await self._carrier.close()
        self._ledger.close()


async def _close_later(carrier: Carrier) -> None:
    """Once no attempt can be under way on it any more."""
    try:
        await asyncio.sleep(limits.delivery.TIMEOUT_S)
    finally:
        await carrier.close()
