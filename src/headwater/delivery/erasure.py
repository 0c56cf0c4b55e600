"""erasure: what delivery does about regulations. Whom it must not send about it asks at every attempt; here it
erases what it has stored about a person, and asks destinations to delete.

    delivery       rows of the person leave the store, in slices; the store gets rid of the bytes; then a pass over
                   all rows must find none. What is under way is let go when it ends: it is never written again
    destinations   then each is asked, one message for each user, with retries; what was accepted is remembered, so
                   that a restart asks for the rest only
"""

import asyncio
import contextlib
import random
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final, TypeVar

import structlog

from headwater import limits
from headwater.config.workspace import Destination, Workspace
from headwater.delivery.jobs import ErasedRows
from headwater.delivery.ledger import Ledger
from headwater.delivery.receipt_keeper import ReceiptKeeper
from headwater.delivery.retry import next_attempt_ms
from headwater.delivery.sender import Sender
from headwater.destinations.kit.deletion import Deletion, message_id
from headwater.destinations.kit.model import Delivered, Outcome, Rejected, RetryLater
from headwater.errors import BusyError
from headwater.event import OutboundEvent, user_ids
from headwater.privacy.port import Regulations
from headwater.privacy.regulation import DELIVERY, DESTINATION, SENDING, Regulation, Status, Subject

logger = structlog.get_logger()

RETRY_S: Final = 1.0

AT_ONCE: Final = 4
"""Deletions under way to one destination: nobody waits for them."""

T = TypeVar("T")


class Erasure:
    def __init__(
        self,
        regulations: Regulations,
        ledger: Ledger,
        keeper: ReceiptKeeper,
        *,
        workspace: Callable[[], Workspace],
        sender: Callable[[Destination], Sender | None],
        erased: Callable[[], None],
    ) -> None:
        """`erased` is called when rows have left the store."""
        self._regulations = regulations
        self._ledger = ledger
        self._keeper = keeper
        self._workspace = workspace
        self._sender = sender
        self._erased = erased
        self._wake = asyncio.Event()
        self._forwarding: dict[tuple[str, str], asyncio.Task[None]] = {}

    def rung(self) -> None:
        """There may be new regulations, and whoever is barred is held back from now on."""
        self._wake.set()

    async def run(self) -> None:
        """Until cancelled."""
        try:
            while True:
                self._wake.clear()
                try:
                    for regulation in await self._call(self._regulations.open):
                        await self._serve(regulation)
                except Exception as error:  # this must not take delivery along; the next try may do better
                    logger.error("erasure_waits", error=repr(type(error)), retry_s=RETRY_S)
                    await asyncio.sleep(RETRY_S)
                    continue
                await self._wake.wait()
        finally:
            for task in self._forwarding.values():
                task.cancel()

    async def _serve(self, regulation: Regulation) -> None:
        if regulation.waits_for(SENDING):
            word = "holds back" if regulation.type.suppresses else "sends"
            detail = f"delivery {word} events of these users"
            await self._report(regulation, SENDING, Status.VERIFIED, detail, users=regulation.subjects)
        if regulation.collected_before is None:
            return
        if regulation.waits_for(DELIVERY):
            await self._erase(regulation, regulation.collected_before)
        for receipt in regulation.receipts:
            at = (regulation.id, receipt.system)
            is_asked = receipt.system.startswith(DESTINATION) and not receipt.status.is_final
            if is_asked and at not in self._forwarding:
                task = asyncio.create_task(self._forward(regulation, receipt.system.removeprefix(DESTINATION)))
                self._forwarding[at] = task
                task.add_done_callback(partial(self._forwarded, at))

    async def _call(self, verb: Callable[..., T], /, *arguments: Any) -> T:
        """A verb of the regulations store; a disk that refuses is asked again."""
        while True:
            try:
                return await asyncio.to_thread(verb, *arguments)
            except BusyError as error:
                logger.warning("regulations_store_refuses", why=str(error))
                await asyncio.sleep(error.retry_after_s)

    async def _report(
        self, regulation: Regulation, system: str, status: Status, detail: str, **counts: int
    ) -> None:
        if await self._call(self._regulations.report, regulation.id, system, status, detail, counts):
            logger.info("regulation", id=regulation.id, system=system, status=status.value, **counts)

    # --- the store ----------------------------------------------------------------------------------------

    async def _erase(self, regulation: Regulation, before: int) -> None:
        subjects = await self._call(self._regulations.subjects, regulation.id)
        users = frozenset(subject.user_id for subject in subjects if subject.user_id)

        def is_theirs(event: OutboundEvent) -> bool:
            return event.offset < before and not users.isdisjoint(user_ids(event.user_id, event.body))

        await self._report(regulation, DELIVERY, Status.RUNNING, "what waits to be sent is being looked through")
        total, receipts = ErasedRows(), 0
        while True:
            once = await self._erase_once(is_theirs)
            receipts_once = await self._keeper.erase(users, before=before)
            await self._ledger.call(self._scrub)
            total = ErasedRows(total.retries + once.retries, total.dead_letters + once.dead_letters)
            receipts += receipts_once
            counts = {
                "retries_removed": total.retries,
                "dead_letters_removed": total.dead_letters,
                "receipts_removed": receipts,
            }
            if not (once.retries or once.dead_letters or receipts_once):
                break
            self._erased()
            detail = "retries, dead letters and receipts were removed, and their bytes overwritten"
            await self._report(regulation, DELIVERY, Status.DONE, detail, **counts)
        detail = "looked through again: nothing of these users waits to be sent, is set aside or has a receipt"
        await self._report(regulation, DELIVERY, Status.VERIFIED, detail, **counts, rows_left=0)

    def _scrub(self) -> None:
        if not self._ledger.jobs.scrub():
            raise BusyError("somebody reads the store of delivery")  # the ledger asks again

    async def _erase_once(self, is_theirs: Callable[[OutboundEvent], bool]) -> ErasedRows:
        found = ErasedRows()
        while True:
            part = await self._ledger.call(
                self._ledger.jobs.erase, is_theirs, after=found.last, rows_max=limits.privacy.ERASE_ROWS
            )
            found = ErasedRows(
                found.retries + part.retries, found.dead_letters + part.dead_letters, part.last, part.is_end
            )
            if part.is_end:
                break
        # What moves into a file meanwhile was looked at as a row, or is in a file by now.
        filed, last = 0, 0
        while not (file := await self._ledger.call(self._ledger.jobs.erase_filed, is_theirs, after=last)).is_end:
            filed, last = filed + file.removed, file.last
        return found._replace(dead_letters=found.dead_letters + filed)

    # --- destinations -------------------------------------------------------------------------------------

    def _forwarded(self, at: tuple[str, str], task: asyncio.Task[None]) -> None:
        self._forwarding.pop(at, None)
        if not task.cancelled() and (error := task.exception()):
            logger.error("deletion_not_forwarded", error=repr(type(error)))
            asyncio.get_running_loop().call_later(RETRY_S, self._wake.set)

    async def _forward(self, regulation: Regulation, name: str) -> None:
        """Ask until each user's deletion is accepted or refused, or the retry window is over."""
        system = DESTINATION + name
        receipt = next(r for r in regulation.receipts if r.system == system)
        began_ms = receipt.counts.get("began_at_ms", time.time_ns() // 1_000_000)
        detail = "the destination is being asked to delete"
        await self._report(regulation, system, Status.RUNNING, detail, began_at_ms=began_ms)
        subjects = await self._call(self._regulations.subjects, regulation.id)
        accepted = await self._call(self._regulations.forwarded, regulation.id, name)
        waiting = [s for s in subjects if s.fingerprint not in accepted]
        refused: list[str] = []
        attempts = 0
        while waiting:
            outcomes = await self._ask(regulation, name, waiting)
            refused += [o.reason for o in outcomes if isinstance(o, Rejected)]
            waiting = [s for s, o in zip(waiting, outcomes, strict=True) if isinstance(o, RetryLater)]
            if not waiting:
                break
            attempts += 1
            asked_s = max((o.retry_after_s or 0.0 for o in outcomes if isinstance(o, RetryLater)), default=0.0)
            due_ms = next_attempt_ms(
                now_ms=time.time_ns() // 1_000_000,
                first_failed_at_ms=began_ms,
                attempts=attempts,
                roll=random.random(),  # noqa: S311 - spreads load, hides nothing
                retry_after_s=asked_s,
            )
            if due_ms is None:
                refused += [o.reason for o in outcomes if isinstance(o, RetryLater)]
                break
            await asyncio.sleep(max(0.0, due_ms / 1000 - time.time()))
        counts = {"accepted": regulation.subjects - len(refused), "refused": len(refused)}
        if refused:
            why = ", ".join(sorted(set(refused)))
            detail = f"the destination did not accept every deletion ({why}): ask again, or do it there"
            await self._report(regulation, system, Status.FAILED, detail, **counts)
            return
        detail = "the destination has accepted every deletion"
        await self._report(regulation, system, Status.DONE, detail, **counts)
        detail = "the destination has answered that it accepts; what it does then is not to be seen from here"
        await self._report(regulation, system, Status.VERIFIED, detail, **counts)

    async def _ask(self, regulation: Regulation, name: str, subjects: Sequence[Subject]) -> list[Outcome]:
        workspace = self._workspace()
        destination = workspace.destination(name)
        if destination is None:
            return [Rejected("DESTINATION_REMOVED", sent=False)] * len(subjects)
        sender = self._sender(destination) if destination.enabled else None
        if sender is None:
            return [RetryLater("INVALID_SETTINGS")] * len(subjects)
        connected = destination.sources
        own = workspace.sources if connected is None else [workspace.source(name) for name in connected]
        project_id = next((source.id for source in own if source), "")
        turn = asyncio.Semaphore(AT_ONCE)

        async def ask(subject: Subject) -> Outcome:
            id_ = message_id(regulation.id, name, subject.fingerprint)
            deletion = Deletion(id_, subject.user_id or "", project_id, regulation.created_at_ms)
            async with turn:
                outcome = await sender.delete(deletion)
            if isinstance(outcome, Delivered):
                await self._call(self._regulations.note_forwarded, regulation.id, name, subject.fingerprint)
            return outcome

        return list(await asyncio.gather(*map(ask, subjects)))


async def ended(task: asyncio.Task[None]) -> None:
    """Cancel and wait."""
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
