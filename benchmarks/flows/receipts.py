"""Receipts of deliveries: what one costs in the transaction of its delivery and on its way into a file, and how
soon a question among millions is answered. On one core.
"""

import os
import random
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from benchmarks.measure import Figure, data_folder, median
from headwater import limits
from headwater.delivery.jobs_sqlite import SqliteJobs
from headwater.delivery.receipt_store import Wanted
from headwater.delivery.receipt_store_sqlite import SqliteReceipts
from headwater.delivery.receipts import DELIVERED, FAILED, FILTERED, Receipt
from headwater.lake.letters_parquet import ParquetLetters
from headwater.lake.receipts_parquet import ParquetReceipts

CORE = 0
COMMIT_RECEIPTS = 3_000
"""20 commits a second at 60,000 events/s."""
STORED = int(os.environ.get("HEADWATER_BENCH_RECEIPTS", "5000000"))
USERS = 1_000_000
DESTINATIONS = 20
ASKED = 9
BEGIN_MS = 1_790_000_000_000


def batches(rng: random.Random) -> Iterator[list[Receipt]]:
    """One in twenty is filtered, one in a thousand failed with its exchange."""
    exchange = b'[{"request":{"method":"POST","body":"' + b"x" * 900 + b'"},"answer":{"status":404}}]'
    number = 0
    while True:
        destination = f"destination-{rng.randrange(DESTINATIONS)}"
        batch = []
        for _ in range(COMMIT_RECEIPTS):
            number += 1
            user = rng.randrange(USERS)
            status, reason = DELIVERED, ""
            if number % 20 == 0:
                status, reason = FILTERED, "NO_MATCHING_MAPPING"
            if number % 1_000 == 0:
                status, reason = FAILED, "404"
            batch.append(
                Receipt(
                    f"ajs-next-{rng.getrandbits(128):032x}",
                    destination,
                    "website",
                    "track",
                    "Order Completed",
                    f"prf_{user:024d}",
                    f"user-{user}",
                    None,
                    number // 10,
                    status,
                    reason,
                    "",
                    1,
                    rng.randrange(5, 200),
                    BEGIN_MS + number // 60,
                    "Everything",
                    exchange if status == FAILED else None,
                )
            )
        yield batch


def one_core() -> list[Figure]:
    os.sched_setaffinity(0, {CORE})
    try:
        with data_folder() as folder:
            return _measured(folder)
    finally:
        os.sched_setaffinity(0, range(os.cpu_count() or 1))


def _measured(folder: Path) -> list[Figure]:
    path = folder / "delivery.db"
    with (
        closing(SqliteJobs(path, lambda: ParquetLetters(folder / "lake"))) as jobs,
        closing(SqliteReceipts(path, lambda: ParquetReceipts(folder / "lake"))) as receipts,
    ):
        noted_s = folded_s = 0.0
        count = 0
        last: list[Receipt] = []
        for batch in batches(random.Random(1)):
            started = time.thread_time()
            jobs.advance(batch[0].destination, count, receipts=batch)
            noted_s += time.thread_time() - started
            count += len(batch)
            last = batch
            if receipts.waiting().receipts >= limits.receipts.FOLD_RECEIPTS:
                started = time.process_time()
                receipts.fold(receipts_max=limits.receipts.FOLD_RECEIPTS)
                while receipts.tidy(now_ms=BEGIN_MS, kept_s=1e9, bytes_max=1 << 50):
                    pass
                folded_s += time.process_time() - started
            if count >= STORED:
                break
        disk_bytes = sum(file.stat().st_size for file in (folder / "lake").rglob("*.parquet"))
        filed = count - receipts.waiting().receipts
        questions = {
            "of a message": Wanted(message_id=last[7].message_id),
            "of a user": Wanted(user_id=last[7].user_id),
            "the newest failures of a destination": Wanted(destination=last[0].destination, status=FAILED),
            "the newest of all": Wanted(),
        }
        asked = {
            name: median([_ask_s(receipts, wanted) for _ in range(ASKED)]) for name, wanted in questions.items()
        }
    noted_us, folded_us = noted_s / count * 1e6, folded_s / filed * 1e6
    return [
        Figure("receipts", "in the transaction of the delivery, per receipt", noted_us, f"{noted_us:.1f} µs"),
        Figure(
            "receipts", "on the way into files, merges included, per receipt", folded_us, f"{folded_us:.1f} µs"
        ),
        Figure("receipts", "disk per receipt", disk_bytes / filed, f"{disk_bytes / filed:.0f} bytes"),
        *(
            Figure("receipts", f"{name}, among {count:,}", seconds, f"{seconds * 1000:.0f} ms")
            for name, seconds in asked.items()
        ),
    ]


def _ask_s(receipts: SqliteReceipts, wanted: Wanted) -> float:
    started = time.perf_counter()
    receipts.find(wanted, limit=50)
    return time.perf_counter() - started
