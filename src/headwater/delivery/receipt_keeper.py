"""Who moves receipts into files while delivery goes on: in a thread of its own, when there are enough of them or
the oldest has waited long enough. While somebody's receipts are erased, nothing is moved.
"""

import asyncio
import contextlib
import time
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from typing import Final, NamedTuple, TypeVar

import structlog

from headwater import limits
from headwater.delivery import metrics
from headwater.delivery.receipt_store import Receipts
from headwater.errors import HeadwaterError

logger = structlog.get_logger()

RETRY_S: Final = 5.0
"""Pause after a disk refused; meanwhile receipts stay where they are durable already."""

TIDY_S: Final = 3600.0
"""Files are looked at so often at least, as they grow old without anything happening."""

T = TypeVar("T")


class Retention(NamedTuple):
    kept_s: float
    bytes_max: int


class ReceiptKeeper:
    def __init__(
        self,
        receipts: Receipts,
        retention: Callable[[], Retention],
        *,
        fold_s: float = limits.receipts.FOLD_S,
        fold_receipts: int = limits.receipts.FOLD_RECEIPTS,
    ) -> None:
        self._receipts = receipts
        self._retention = retention
        self._fold_s = fold_s
        self._fold_receipts = fold_receipts
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="receipts")
        self._wake = asyncio.Event()
        self._files = asyncio.Lock()

    async def run(self) -> None:
        """Until cancelled. A disk that refuses is asked again; delivery does not wait for it."""
        bell = self._receipts.listen()
        loop = asyncio.get_running_loop()

        def rung() -> None:
            bell.clear()
            self._wake.set()

        loop.add_reader(bell.fileno(), rung)
        try:
            await self._repeat()
        finally:
            loop.remove_reader(bell.fileno())
            bell.close()

    async def erase(self, users: Collection[str], *, before: int) -> int:
        """How many receipts of these users' events, and words about them, are gone. Runs beside `run`."""
        removed = 0
        async with self._files:
            steps = self._receipts.erase(users, before=before)
            while (count := await self._call(lambda: next(steps, None))) is not None:
                removed += count
        return removed

    def close(self) -> None:
        """After `run` has ended; what is under way is finished."""
        self._thread.shutdown()

    async def _repeat(self) -> None:
        tidied_s = -TIDY_S
        while True:
            self._wake.clear()
            try:
                async with self._files:
                    folded, pause_s = await self._call(self._fold_due)
                    if folded or time.monotonic() - tidied_s >= TIDY_S:
                        while await self._call(self._tidy):
                            pass
                        tidied_s = time.monotonic()
            except Exception as error:  # ours too: an end of this is seen by nobody, and by the drain as its own
                why = str(error) if isinstance(error, HeadwaterError) else repr(type(error))
                logger.warning("receipts_not_filed", why=why, retry_s=RETRY_S)
                await asyncio.sleep(RETRY_S)
                continue
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(pause_s):
                    await self._wake.wait()

    def _fold_due(self) -> tuple[int, float]:
        """(how many were moved, how long until there is more to do if nobody rings)"""
        waiting = self._receipts.waiting()
        metrics.RECEIPTS_WAITING.set(waiting.receipts)
        due_s = waiting.oldest_ms / 1000 + self._fold_s - time.time()
        if waiting.receipts < self._fold_receipts and (not waiting.receipts or due_s > 0):
            return 0, due_s if waiting.receipts else TIDY_S
        return self._receipts.fold(receipts_max=self._fold_receipts), 0.0

    def _tidy(self) -> bool:
        kept_s, bytes_max = self._retention()
        return self._receipts.tidy(now_ms=time.time_ns() // 1_000_000, kept_s=kept_s, bytes_max=bytes_max)

    async def _call(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)
