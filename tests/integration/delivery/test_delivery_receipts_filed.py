"""Receipts on their way from an attempt over the store into files, while delivery goes on, and after a kill."""

import asyncio
import contextlib
import multiprocessing
import os
import signal
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from delivering import answer, delivery, endpoints, events, hook, ok
from headwater.delivery.jobs_sqlite import SqliteJobs
from headwater.delivery.receipt_keeper import ReceiptKeeper, Retention
from headwater.delivery.receipt_store import Waiting, Wanted
from headwater.delivery.receipt_store_sqlite import SqliteReceipts
from headwater.delivery.receipts import DELIVERED, FAILED, Receipt
from headwater.errors import StorageError
from headwater.lake.letters_parquet import ParquetLetters
from headwater.lake.receipts_parquet import ParquetReceipts

WAIT_S = 30.0


class Stores:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.jobs = SqliteJobs(folder / "delivery.db", lambda: ParquetLetters(folder / "lake"))
        self.receipts = self.another()

    def another(self) -> SqliteReceipts:
        return SqliteReceipts(self.folder / "delivery.db", lambda: ParquetReceipts(self.folder / "lake"))

    def files(self) -> list[Path]:
        return sorted((self.folder / "lake" / "receipts").glob("*.parquet"))

    def close(self) -> None:
        self.receipts.close()
        self.jobs.close()


@pytest.fixture
def stores(tmp_path: Path) -> Iterator[Stores]:
    with contextlib.closing(Stores(tmp_path)) as opened:
        yield opened


def receipt(message_id: str, *, at_ms: int | None = None, user_id: str = "ann") -> Receipt:
    when = time.time_ns() // 1_000_000 if at_ms is None else at_ms
    return Receipt(message_id, "crm", "web", "track", "A", "p", user_id, None, 1, DELIVERED, "", "", 1, 40, when)


async def until(seen: Callable[[], bool]) -> None:
    async with asyncio.timeout(WAIT_S):
        while not seen():  # noqa: ASYNC110 - another thread does it, and tells nobody
            await asyncio.sleep(0.01)


@contextlib.asynccontextmanager
async def keeping(
    stores: Stores, *, fold_s: float = 60.0, fold_receipts: int = 100_000, retention: Retention | None = None
) -> AsyncIterator[ReceiptKeeper]:
    mine = stores.another()
    keep = retention or Retention(3600.0, 1 << 40)
    keeper = ReceiptKeeper(mine, lambda: keep, fold_s=fold_s, fold_receipts=fold_receipts)
    task = asyncio.create_task(keeper.run())
    try:
        yield keeper
    finally:
        task.cancel()
        await asyncio.wait({task})
        keeper.close()
        mine.close()


async def test_keeper_when_there_are_enough_receipts_then_they_move_into_a_file_at_once(stores: Stores) -> None:
    async with keeping(stores, fold_receipts=10):
        stores.jobs.advance("crm", 1, receipts=[receipt(f"m{n}") for n in range(10)])
        await until(lambda: len(stores.files()) == 1)
        await until(lambda: stores.receipts.waiting() == Waiting(0, 0))
    assert len(stores.receipts.find(Wanted(), limit=99).receipts) == 10


async def test_keeper_when_a_receipt_has_waited_then_it_moves_though_it_is_alone(stores: Stores) -> None:
    async with keeping(stores, fold_s=0.2):
        stores.jobs.advance("crm", 1, receipts=[receipt("m1")])
        await until(lambda: stores.receipts.waiting() == Waiting(0, 0))
    assert [each.message_id for each in stores.receipts.find(Wanted(), limit=99).receipts] == ["m1"]


async def test_keeper_when_receipts_were_left_by_the_last_start_then_they_move_too(stores: Stores) -> None:
    stores.jobs.advance("crm", 1, receipts=[receipt("m1", at_ms=time.time_ns() // 1_000_000 - 61_000)])
    async with keeping(stores):
        await until(lambda: len(stores.files()) == 1)


async def test_keeper_when_receipts_are_old_then_their_files_go(stores: Stores) -> None:
    stores.jobs.advance("crm", 1, receipts=[receipt("old", at_ms=1)])
    stores.receipts.fold(receipts_max=1)
    async with keeping(stores, retention=Retention(60.0, 1 << 40)):
        await until(lambda: stores.files() == [])
    assert stores.receipts.find(Wanted(), limit=99).receipts == []


@pytest.mark.parametrize("refusal", [StorageError("no space left"), ArithmeticError("a mistake of ours")])
async def test_keeper_when_the_disk_refuses_then_it_tries_again_and_nothing_is_lost(
    *, stores: Stores, monkeypatch: pytest.MonkeyPatch, refusal: Exception
) -> None:
    refusals = iter([refusal, refusal])
    write = ParquetReceipts.write

    def refusing(self: ParquetReceipts, *arguments: object) -> int:
        for refused in refusals:
            raise refused
        return write(self, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(ParquetReceipts, "write", refusing)
    monkeypatch.setattr("headwater.delivery.receipt_keeper.RETRY_S", 0.02)
    async with keeping(stores, fold_receipts=1):
        stores.jobs.advance("crm", 1, receipts=[receipt("m1")])
        await until(lambda: len(stores.files()) == 1)
        await until(lambda: stores.receipts.waiting().receipts == 0)
    assert len(stores.receipts.find(Wanted(), limit=9).receipts) == 1


async def test_keeper_when_somebody_is_erased_meanwhile_then_no_receipt_slips_through(stores: Stores) -> None:
    async with keeping(stores, fold_receipts=1) as keeper:
        for n in range(30):
            stores.jobs.advance("crm", n, receipts=[receipt(f"m{n}"), receipt(f"g{n}", user_id="gone")])
            if n % 10 == 9:
                await keeper.erase(["gone"], before=1 << 60)
        assert await keeper.erase(["gone"], before=1 << 60) == 0
        left = [each.message_id for each in stores.receipts.find(Wanted(), limit=99).receipts]
        assert sorted(left) == sorted(f"m{n}" for n in range(30))


def _fold_until_killed(folder: Path) -> None:
    async def run() -> None:
        stores = Stores(folder)
        async with keeping(stores, fold_receipts=1):
            for n in range(1_000_000):
                stores.jobs.advance("crm", n + 1, receipts=[receipt(f"m{n}")])
                (folder / "noted").write_text(str(n))
                await asyncio.sleep(0)

    asyncio.run(run())


def test_keeper_when_it_is_killed_at_any_moment_then_each_receipt_is_there_once(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    for kill in range(1, 4):
        folder = tmp_path / str(kill)
        folder.mkdir()
        child = context.Process(target=_fold_until_killed, args=(folder,))
        child.start()
        try:
            deadline = time.monotonic() + WAIT_S
            while len(list(folder.glob("lake/receipts/*.parquet"))) < kill:
                assert time.monotonic() < deadline
                time.sleep(0.001)
        finally:
            assert child.pid
            os.kill(child.pid, signal.SIGKILL)
            child.join()
        with contextlib.closing(Stores(folder)) as stores:
            committed = stores.jobs.positions()["crm"]
            found: list[str] = []
            cursor = None
            while True:
                page = stores.receipts.find(Wanted(), limit=500, cursor=cursor)
                found += [each.message_id for each in page.receipts]
                cursor = page.cursor
                if cursor is None:
                    break
            assert sorted(found) == sorted(f"m{n}" for n in range(committed))


async def test_delivery_when_events_end_differently_then_each_has_its_receipt(tmp_path: Path) -> None:
    async with endpoints(ok, answer(404)) as (fine, gone), delivery(tmp_path) as system:
        system.apply(hook("fine", fine), hook("gone", gone))
        await system.start()
        system.append(events(3))
        await system.until(lambda: len(system.receipts.find(Wanted(), limit=99).receipts) == 6)
        for name, status in (("fine", DELIVERED), ("gone", FAILED)):
            page = system.receipts.find(Wanted(destination=name), limit=99)
            assert {each.status for each in page.receipts} == {status}
            whole = system.receipts.whole(page.receipts[0].id)
            assert whole
            assert whole.exchange
            assert whole.attempts == 1
        told = system.receipts.delivery("gone", from_ms=0, to_ms=1 << 50)
        assert [tuple(reason) for reason in told.reasons] == [(FAILED, "404", 3)]
