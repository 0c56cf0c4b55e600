"""Receipts where they are written, in the store of jobs, and where they go from there, in files of the lake.

    commit ──▶ receipt_blobs ──fold──▶ file ──merge──▶ larger file ──▶ gone, by age or by bytes

A file counts from the transaction on that names it and takes away what it was made from. A kill before leaves a
file that nobody names, which goes; so a receipt is in one place at every moment, and a reader, who looks at blobs
and names in one transaction too, sees it once. A file may go while it is being read: then the question is asked
again.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any, Final, NamedTuple
from urllib.parse import unquote

import msgspec

from headwater import limits
from headwater.delivery import receipt_counts_sqlite
from headwater.delivery.receipt_erasure_sqlite import Theirs, erase_blobs, erase_retrying
from headwater.delivery.receipt_store import Delivery, Page, Waiting, Wanted
from headwater.delivery.receipts import (
    RETRYING,
    Receipt,
    decode,
    decode_batch,
    may_hold,
)
from headwater.delivery.receipts_sqlite import BELL
from headwater.doorbell import Bell, Doorbell
from headwater.errors import InputError, StorageError
from headwater.lake.merging import mergeable
from headwater.lake.receipts import Batch, ReceiptArea, ReceiptFile, Selection
from headwater.sqlite import open_database, snapshot, transaction, translated
from headwater.units import HOUR_MS, MINUTE_MS

SIZE_LIMITS: Final = (1_000, 10_000, 50_000, limits.receipts.FILE_ROWS_MAX)

RARE: Final = frozenset({"message_id", "profile_id", "user_id", "anonymous_id"})
"""What has many values, each with few receipts."""

FILES_AT_FIRST: Final = 4
"""Looked into for a page; four times as many each time it is not full yet."""

TRIM_MS: Final = HOUR_MS
"""Counts of minutes that are too old go so often."""

FILES: Final = "SELECT first, last, revision, receipts, from_ms, to_ms, bytes FROM receipt_files ORDER BY first"
NAME_FILE: Final = "INSERT OR REPLACE INTO receipt_files VALUES (?, ?, ?, ?, ?, ?, ?)"


class _File(NamedTuple):
    file: ReceiptFile
    receipts: int
    from_ms: int
    to_ms: int
    size_bytes: int


class _Snapshot(NamedTuple):
    """What there was in one moment."""

    retrying: list[bytes]
    """Blobs of one receipt each, in no order."""
    blobs: list[tuple[int, bytes]]
    """With the instant of the newest receipt; newest first."""
    files: list[_File]


class SqliteReceipts:
    def __init__(self, path: Path, open_area: Callable[[], ReceiptArea]) -> None:
        """`path` of a store of jobs that has been opened before. `open_area` is called when a file is needed: a
        role that never asks for one does not pay for what reads it.
        """
        self._path = path
        self._open_area = open_area
        self._bell = Doorbell(path.parent / "bells", BELL)
        # Durable: a file may go once the transaction that does not name it any more can not be undone.
        self._db = open_database(path)
        self._db.execute("PRAGMA secure_delete = ON")
        self._is_swept = False
        """Whether what a killed process has left is gone: it was about to fold what is folded first now."""
        self._trimmed_ms = 0

    # --- questions ----------------------------------------------------------------------------------------

    def find(self, wanted: Wanted, *, limit: int, cursor: str | None = None) -> Page:
        before = None
        if cursor is not None:
            at = _place(cursor)
            if at is None:
                raise InputError("invalid_cursor", f"no cursor of receipts: {cursor!r}", field="cursor")
            before = at[0], at[2], at[1]
            wanted = msgspec.structs.replace(wanted, to_ms=min(wanted.to_ms, at[0]))
        selection = Selection(wanted.equal(), wanted.from_ms, wanted.to_ms, before)
        while True:
            snapshot = self._snapshot(wanted)
            try:
                found = self._newest(snapshot, selection, limit + 1)
            except StorageError:
                if self._files() == snapshot.files:
                    raise
                continue
            more = len(found) > limit
            return Page(found[:limit], found[limit - 1].id if more else None)

    def whole(self, receipt_id: str) -> Receipt | None:
        place = _place(receipt_id)
        if place is None:
            return None
        at_ms, destination, message_id = place
        wanted = Wanted(message_id=message_id, destination=destination, from_ms=at_ms, to_ms=at_ms)
        selection = Selection(wanted.equal(), at_ms, at_ms)
        while True:
            snapshot = self._snapshot(wanted)
            for blob in (*snapshot.retrying, *(blob for _, blob in snapshot.blobs)):
                for receipt in _matching(blob, selection):
                    return receipt
            if not snapshot.files:
                return None
            try:
                rows = self._area.whole([each.file for each in snapshot.files], selection)
            except StorageError:
                if self._files() == snapshot.files:
                    raise
                continue
            return Receipt(*rows[0]) if rows else None

    def delivery(self, destination: str, *, from_ms: int, to_ms: int, step_minutes: int = 1) -> Delivery:
        with self._reading():
            return receipt_counts_sqlite.delivery(
                self._db, destination, from_ms=from_ms, to_ms=to_ms, step_minutes=step_minutes
            )

    def _snapshot(self, wanted: Wanted) -> _Snapshot:
        within = wanted.from_ms, wanted.to_ms
        with self._reading():
            files = [each for each in self._files() if each.from_ms <= within[1] and each.to_ms >= within[0]]
            blobs = self._rows(
                "SELECT to_ms, blob FROM receipt_blobs WHERE to_ms >= ? AND from_ms <= ? ORDER BY to_ms DESC",
                within,
            )
            retrying = []
            if wanted.status in {None, RETRYING}:
                retrying = (
                    self._rows("SELECT blob FROM retrying")
                    if wanted.message_id is None
                    else self._rows("SELECT blob FROM retrying WHERE message_id = ?", (wanted.message_id,))
                )
        return _Snapshot([blob for (blob,) in retrying], blobs, files)

    def _newest(self, snapshot: _Snapshot, wanted: Selection, limit: int) -> list[Receipt]:
        """What is older than a full page is not looked at."""
        found = _first([each for blob in snapshot.retrying for each in _matching(blob, wanted)], limit)
        for to_ms, blob in snapshot.blobs:
            if len(found) == limit and found[-1].at_ms > to_ms:
                break
            if new := _matching(blob, wanted):
                found = _first([*found, *new], limit)
        found = [msgspec.structs.replace(each, exchange=b"") if each.exchange else each for each in found]
        files = sorted(snapshot.files, key=lambda each: each.to_ms, reverse=True)
        # Of somebody rare most files have nothing, and tell it at once.
        at_once = len(files) if RARE & wanted.equal.keys() else FILES_AT_FIRST
        while files and not (len(found) == limit and found[-1].at_ms > files[0].to_ms):
            now, files = files[:at_once], files[at_once:]
            at_once *= 4
            rows = self._area.find([each.file for each in now], wanted, limit=limit)
            found = _first([*found, *(Receipt(*row) for row in rows)], limit)
        return found

    # --- files --------------------------------------------------------------------------------------------

    def waiting(self) -> Waiting:
        ((count, oldest_ms),) = self._rows("SELECT sum(receipts), min(from_ms) FROM receipt_blobs")
        return Waiting(count or 0, oldest_ms or 0)

    def fold(self, *, receipts_max: int) -> int:
        batches: list[Batch] = []
        count, first, last, from_ms, to_ms = 0, 0, 0, 0, 0
        while count < receipts_max:
            rows = self._rows(
                "SELECT id, receipts, from_ms, to_ms, blob FROM receipt_blobs WHERE id > ? ORDER BY id LIMIT 1",
                (last,),
            )
            if not rows:
                break
            last, receipts, blob_from_ms, blob_to_ms, blob = rows[0]
            first = first or last
            from_ms = min(from_ms, blob_from_ms) if batches else blob_from_ms
            to_ms = max(to_ms, blob_to_ms)
            count += receipts
            batches.append(decode_batch(blob))
        if not batches:
            return 0
        file = ReceiptFile(first, last)
        size_bytes = self._area.write(file, batches)
        with self._writing():
            self._db.execute(NAME_FILE, (*file, count, from_ms, to_ms, size_bytes))
            self._db.execute("DELETE FROM receipt_blobs WHERE id BETWEEN ? AND ?", (first, last))
        if not self._is_swept:
            self._area.keep_only([each.file for each in self._files()])
            self._is_swept = True
        return count

    def tidy(self, *, now_ms: int, kept_s: float, bytes_max: int) -> bool:
        files = self._files()
        kept = _kept(files, oldest_ms=now_ms - int(kept_s * 1000), bytes_max=bytes_max)
        if len(kept) < len(files):
            self._forget(set(files) - set(kept))
        if now_ms - self._trimmed_ms > TRIM_MS:
            minute = (now_ms - limits.receipts.MINUTES_KEPT_S * 1000) // MINUTE_MS
            with self._writing():
                self._db.execute("DELETE FROM delivery_minutes WHERE minute < ?", (minute,))
                self._db.execute("DELETE FROM delivery_latencies WHERE minute < ?", (minute,))
            self._trimmed_ms = now_ms
        chosen = mergeable(
            [each.receipts for each in kept], size_limits=SIZE_LIMITS, files=limits.lake.COMPACT_FILES
        )
        run = kept[chosen] if chosen else []
        if not run or sum(each.size_bytes for each in run) > limits.receipts.FILE_BYTES_MAX:
            return False
        into = ReceiptFile(run[0].file.first, run[-1].file.last)
        size_bytes = self._area.merge([each.file for each in run], into)
        count = sum(each.receipts for each in run)
        span = min(each.from_ms for each in run), max(each.to_ms for each in run)
        self._forget(run, instead=_File(into, count, *span, size_bytes))
        return True

    def erase(self, users: Collection[str], *, before: int) -> Iterator[int]:
        their = Theirs(users, before)
        last = 0
        while True:
            with self._writing():
                removed, at = erase_blobs(self._db, their, last)
            yield removed
            if at == last:
                break
            last = at
        with self._writing():
            removed = erase_retrying(self._db, their)
        yield removed
        for each in self._files():
            erased = self._area.erase(each.file, users, before=before)
            if erased:
                revised = each.file._replace(revision=each.file.revision + 1)
                instead = each._replace(file=revised, receipts=erased.rows, size_bytes=erased.size_bytes)
                self._forget([each], instead=instead)
            yield erased.removed if erased else 0
        self._area.keep_only([each.file for each in self._files()])

    def listen(self) -> Bell:
        return self._bell.listen()

    def close(self) -> None:
        self._bell.close()
        self._db.close()

    # --- inside -------------------------------------------------------------------------------------------

    @cached_property
    def _area(self) -> ReceiptArea:
        return self._open_area()

    def _files(self) -> list[_File]:
        return [_File(ReceiptFile(*row[:3]), *row[3:]) for row in self._rows(FILES)]

    def _forget(self, files: Collection[_File], *, instead: _File | None = None) -> None:
        with self._writing():
            self._db.executemany(
                "DELETE FROM receipt_files WHERE first = ?", [(each.file.first,) for each in files]
            )
            if instead:
                self._db.execute(NAME_FILE, (*instead.file, *instead[1:]))
        self._area.keep_only([each.file for each in self._files()])

    def _rows(self, query: str, parameters: tuple[Any, ...] = ()) -> list[Any]:
        with translated(self._path):
            return self._db.execute(query, parameters).fetchall()

    @contextmanager
    def _writing(self) -> Iterator[None]:
        with translated(self._path), transaction(self._db):
            yield

    @contextmanager
    def _reading(self) -> Iterator[None]:
        """Everything as it is in one moment."""
        with translated(self._path), snapshot(self._db):
            yield


def _matching(blob: bytes, wanted: Selection) -> list[Receipt]:
    """Those in a blob that are wanted. Most blobs hold none of somebody rare, and are not decoded."""
    if not may_hold(blob, wanted.equal.values()):
        return []
    equal = wanted.equal.items()
    return [
        receipt
        for receipt in decode(blob)
        if wanted.from_ms <= receipt.at_ms <= wanted.to_ms
        and all(getattr(receipt, name) == value for name, value in equal)
        and (wanted.before is None or _order(receipt) < wanted.before)
    ]


def _first(receipts: list[Receipt], limit: int) -> list[Receipt]:
    """The newest, in order."""
    return sorted(receipts, key=_order, reverse=True)[:limit]


def _order(receipt: Receipt) -> tuple[int, str, str]:
    return receipt.at_ms, receipt.message_id, receipt.destination


def _place(receipt_id: str) -> tuple[int, str, str] | None:
    """The other way round of Receipt.id; None: it is none."""
    at_ms, _, rest = receipt_id.partition(".")
    destination, _, message_id = rest.partition(".")
    if not (at_ms.isascii() and at_ms.isdigit() and len(at_ms) < 19 and destination and message_id):
        return None
    return int(at_ms), destination, unquote(message_id)


def _kept(files: Sequence[_File], *, oldest_ms: int, bytes_max: int) -> list[_File]:
    """The newest that fit, in order."""
    room_bytes = bytes_max - sum(each.size_bytes for each in files)
    kept = []
    for each in files:
        if each.to_ms < oldest_ms or room_bytes < 0:
            room_bytes += each.size_bytes
        else:
            kept.append(each)
    return kept
