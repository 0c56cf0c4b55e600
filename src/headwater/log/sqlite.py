"""The log in a folder of SQLite segments.

    <folder>/00000000000000000000.db     segments, named by the offset they start at
    <folder>/00000000000000250000.db     the last one is open, the others are sealed
    <folder>/lock                        held (flock) by whoever appends, so appenders queue in the kernel; mapped
                                         by everybody, it says how many segments were started and which offset
                                         comes next (twice, the second time inverted: a torn page is noticed)
    <folder>/readers/<name>              how far each reader has come, in decimal

There is no manifest: the folder is the manifest. SQLite gives durability and recovers a torn tail; what it does
not notice the frame's checksum does (rotten bytes inside a page) or the next offset in `lock` (a tail that is
gone because the -wal file rotted). None of them stops the log: the unreadable stretch is reported and skipped, and
a segment that cannot be appended to any more is left as it is and continued in a new one, beyond every offset that
may have been given out.
"""

import bisect
import contextlib
import fcntl
import itertools
import mmap
import os
import sqlite3
import struct
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import structlog

from headwater import limits
from headwater.doorbell import Bell, Doorbell
from headwater.log.port import Lag, Producer, Record
from headwater.log.segment import OFFSET_MAX, SUFFIX, Frame, Segment, Tail, create_segment
from headwater.sqlite import is_damage, translated

logger = structlog.get_logger()

_NEXT = struct.Struct("<QQ")

ROLLS_PER_RETENTION = 7
"""A segment is appended to no longer than this part of the retention: with seven days, a day. So records go at the
latest after eight sevenths of it."""


class SqliteLog:
    def __init__(
        self,
        folder: Path,
        *,
        bells: Path,
        segment_bytes_max: int = limits.log.SEGMENT_BYTES_MAX,
    ) -> None:
        self.name = folder.name
        self.damaged_records = 0
        self._folder = folder
        self._segment_bytes_max = segment_bytes_max
        self._bell = Doorbell(bells, f"log-{folder.name}")
        self._readers = folder / "readers"
        self._open: dict[int, Segment] = {}
        self._active: Segment | None = None
        self._rest: list[Record] = []
        """What the last read had no room for of the frame it was in: the next one need not unpack it again."""
        self._seen_generation = b""
        with translated(folder):
            self._readers.mkdir(parents=True, exist_ok=True)
            self._lock = os.open(folder / "lock", os.O_CREAT | os.O_RDWR, 0o600)
            self._allocate_shared()
            self._shared = mmap.mmap(self._lock, mmap.PAGESIZE)
            self._generation = memoryview(self._shared)[:8]
            self._read_to = max(self.readers().values(), default=0)

    def _allocate_shared(self) -> None:
        """Bytes, not a hole: to write into a mapped hole of a full disk is SIGBUS, not an error."""
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        try:
            missing = mmap.PAGESIZE - os.fstat(self._lock).st_size
            if missing > 0:
                os.pwrite(self._lock, bytes(missing), mmap.PAGESIZE - missing)
                os.fsync(self._lock)  # only now would some file systems say that they are full
        finally:
            fcntl.flock(self._lock, fcntl.LOCK_UN)

    # --- appending ----------------------------------------------------------------------------------------

    def append(
        self, records: Sequence[bytes], *, events: int | None = None, producer: Producer | None = None
    ) -> int:
        count = len(records) if events is None else events
        with translated(self._folder):
            fcntl.flock(self._lock, fcntl.LOCK_EX)
            try:
                first = self._append(records, count, producer)
            finally:
                fcntl.flock(self._lock, fcntl.LOCK_UN)
        if first >= 0:
            self._bell.ring()
        return first

    def _append(self, records: Sequence[bytes], events: int, producer: Producer | None) -> int:
        while True:
            segment = self._appended_to()
            try:
                first = segment.append(records, events=events, floor=self._floor(), producer=producer)
            except sqlite3.Error as error:
                self._forget_segment(segment.first_offset)  # a failed write may leave the connection unusable
                if not is_damage(error):
                    raise
                self._create_beyond(segment.first_offset, str(error))
                continue
            if first is None:
                self._forget_segment(segment.first_offset)
                self._continue(segment.path)
                continue
            if first >= 0:
                self._note_next(first + len(records))
            if first >= 0 and segment.bytes_appended >= self._segment_bytes_max:
                segment.seal()
                self._forget_segment(segment.first_offset)
            return first

    def _appended_to(self) -> Segment:
        """The last segment, without a look at the folder while no process has added one."""
        generation = bytes(self._generation)
        if self._active is None or generation != self._seen_generation:
            self._active = self._last()
            self._seen_generation = bytes(self._generation)
        return self._active

    def _last(self) -> Segment:
        firsts = self._segment_offsets()
        if not firsts:
            return self._create(self._floor(), events_before=0, producers={})
        try:
            segment = self._segment(firsts[-1])
            self._report_lost_tail(segment)
        except sqlite3.Error as error:
            if not is_damage(error):
                raise
            self._forget_segment(firsts[-1])
            return self._create_beyond(firsts[-1], f"cannot be opened: {error}")
        return segment

    def _report_lost_tail(self, segment: Segment) -> None:
        end, following = segment.tail().end, self._noted_next()
        if end < following:
            self.damaged_records += following - end
            logger.error(
                "log_tail_lost",
                log=self.name,
                first_lost=end,
                records_lost=following - end,
                continues_at=following,
            )

    def _continue(self, sealed: Path) -> None:
        """Start the segment after a sealed one, unless another process did."""
        predecessor = Segment(sealed)
        try:
            tail = predecessor.tail()
            first = max(tail.end, self._floor())
            if self._segment_offsets()[-1] == predecessor.first_offset:
                self._create(first, events_before=tail.events, producers=predecessor.producers())
        finally:
            predecessor.close()

    def _create(self, first: int, *, events_before: int, producers: dict[str, int]) -> Segment:
        create_segment(self._path(first), events_before=events_before, producers=producers)
        segment = Segment(self._path(first))
        folder = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(folder)  # the name must survive a power cut as surely as the rows
        finally:
            os.close(folder)
        self._open[first] = segment
        self._generation[:] = struct.pack("<Q", struct.unpack("<Q", self._generation)[0] + 1)
        return segment

    def _floor(self) -> int:
        """Where the next record may go at the earliest: a damaged segment may end below what was given out."""
        return max(self._noted_next(), self._read_to)

    def _noted_next(self) -> int:
        following, inverted = _NEXT.unpack_from(self._shared, 8)
        return int(following) if following ^ inverted == (1 << 64) - 1 and following < OFFSET_MAX else 0

    def _note_next(self, offset: int) -> None:
        _NEXT.pack_into(self._shared, 8, offset, offset ^ (1 << 64) - 1)

    def _create_beyond(self, damaged: int, why: str) -> Segment:
        """A new segment, safely after everything the damaged one may have given out."""
        readable, producers, events = damaged, {}, 0
        with contextlib.suppress(sqlite3.Error):
            segment = Segment(self._path(damaged))
            try:
                with contextlib.suppress(sqlite3.Error):
                    producers = segment.producers()
                for first, records in segment.frames(damaged, damaged=lambda *_: None):
                    readable = first + len(records)
                events = segment.tail().events
            finally:
                segment.close()
        first = max(readable, self._floor(), *self.readers().values(), 0) + limits.log.CORRUPTION_GAP
        logger.error("log_segment_abandoned", file=str(self._path(damaged)), why=why, continues_at=first)
        return self._create(first, events_before=events, producers=producers)

    def produced(self, producer: str) -> int:
        with translated(self._folder):
            firsts = self._segment_offsets()
            try:
                return self._segment(firsts[-1]).produced(producer) if firsts else -1
            except sqlite3.Error as error:
                if not is_damage(error):
                    raise
                return -1

    # --- reading ------------------------------------------------------------------------------------------

    def read(self, offset: int, *, records_max: int = 10_000, bytes_max: int) -> list[Record]:
        records: list[Record] = []
        room_bytes = bytes_max
        rest, self._rest = self._rest, []
        if rest and rest[0].offset != offset:
            rest = []
        beyond = rest[-1].offset + 1 if rest else offset
        with translated(self._folder):
            for frame in itertools.chain((rest,), self._frames(beyond)):
                for at, record in enumerate(frame):
                    if records and (len(record.data) > room_bytes or len(records) >= records_max):
                        self._rest = frame[at:]
                        return records
                    records.append(record)
                    room_bytes -= len(record.data)
        return records

    def _frames(self, offset: int) -> Iterator[list[Record]]:
        """The records from `offset` on, frame by frame."""
        firsts = self._segment_offsets()
        for first in firsts[max(0, bisect.bisect_right(firsts, offset) - 1) :]:
            try:
                segment = self._segment(first)
            except FileNotFoundError:
                continue  # trimmed since the folder was listed
            except sqlite3.Error as error:
                if not is_damage(error):
                    raise
                logger.error("log_segment_unreadable", file=str(self._path(first)), why=str(error))
                continue
            for start, datas in segment.frames(offset, damaged=self._note_damaged):
                # From `offset` on only: pages that point to the wrong place may bring a frame twice.
                records = [Record(at, data) for at, data in enumerate(datas, start) if at >= offset]
                if records:
                    offset = records[-1].offset + 1
                    yield records
            if first != firsts[-1]:
                self._forget_segment(first)  # read to its end: its connection is not needed any more

    def _note_damaged(self, frame: Frame, why: str) -> None:
        records = frame.records if isinstance(frame.records, int) else 0
        self.damaged_records += max(0, min(records, limits.log.CORRUPTION_GAP))
        logger.error("log_frame_damaged", log=self.name, why=why, records_lost=records)

    def start(self) -> int:
        firsts = self._segment_offsets()
        return firsts[0] if firsts else self._floor()

    def end(self) -> int:
        with translated(self._folder):
            firsts = self._segment_offsets()
            tail = self._tail(firsts[-1]) if firsts else None
            return max(self._floor(), tail.end if tail else 0)

    def lag(self, offset: int) -> Lag:
        end = self.end()
        if offset >= end:
            return Lag(0, 0, 0.0)
        with translated(self._folder):
            firsts = self._segment_offsets()
            tail = self._tail(firsts[-1]) if firsts else None
            holder = firsts[max(0, bisect.bisect_right(firsts, offset) - 1)] if firsts else 0
            try:
                standing = self._segment(holder).standing_at(max(offset, holder)) if tail else None
            except sqlite3.Error as error:
                if not is_damage(error):
                    raise
                standing = None
        if standing is None or tail is None:
            return Lag(end - offset, end - offset, 0.0)
        events_before, at_ms = standing
        return Lag(end - offset, tail.events - events_before, max(0.0, time.time() - at_ms / 1000))

    def _tail(self, first: int) -> Tail | None:
        """None where damage hides it: only who appends mends that."""
        try:
            return self._segment(first).tail()
        except sqlite3.Error as error:
            if not is_damage(error):
                raise
            return None

    def listen(self) -> Bell:
        return self._bell.listen()

    # --- readers and retention ----------------------------------------------------------------------------

    def report(self, reader: str, offset: int) -> None:
        # Fixed width, written in place: whoever reads the file sees the old offset or the new, never half.
        with translated(self._readers / reader):
            file = os.open(self._readers / reader, os.O_CREAT | os.O_WRONLY, 0o600)
            try:
                os.pwrite(file, b"%020d\n" % offset, 0)
            finally:
                os.close(file)

    def forget(self, reader: str) -> None:
        (self._readers / reader).unlink(missing_ok=True)

    def readers(self) -> dict[str, int]:
        offsets = {}
        for path in self._readers.iterdir():
            text = path.read_bytes().strip()
            offsets[path.name] = int(text) if text.isdigit() else 0  # just created, or the power went
        return offsets

    def roll(self) -> None:
        with translated(self._folder):
            self._locked_roll(older_than_s=0.0)

    def _locked_roll(self, *, older_than_s: float) -> None:
        """Seal the last segment if its first record is older than this, and begin the next one."""
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        try:
            segment = self._appended_to()
            first_at_ms = segment.first_at_ms()
            if first_at_ms is None or time.time() - first_at_ms / 1000 < older_than_s:
                return
            segment.seal()
            self._forget_segment(segment.first_offset)
            self._continue(segment.path)
        except sqlite3.Error as error:
            if not is_damage(error):
                raise
            logger.error("log_segment_not_rolled", log=self.name, why=str(error))
        finally:
            fcntl.flock(self._lock, fcntl.LOCK_UN)

    def trim(self, *, retention_s: float, retention_bytes: int) -> int:
        finished = min(self.readers().values(), default=0)
        kept_bytes = sum(p.stat().st_size for p in self._folder.glob(f"*{SUFFIX}"))
        dropped = 0
        firsts = self._segment_offsets()
        if firsts:
            with translated(self._folder):
                self._locked_roll(older_than_s=retention_s / ROLLS_PER_RETENTION)
            firsts = self._segment_offsets()
        for first, following in itertools.pairwise(firsts):
            if following > finished:
                break
            path = self._path(first)
            with translated(path):
                aged = time.time() - self._last_written_s(first) > retention_s
                if not aged and kept_bytes <= retention_bytes:
                    break
                self._forget_segment(first)
                kept_bytes -= path.stat().st_size
                for suffix in ("", "-wal", "-shm"):
                    Path(f"{path}{suffix}").unlink(missing_ok=True)
            dropped += following - first
            logger.info("log_trimmed", log=self.name, below_offset=following)
        return dropped

    def _last_written_s(self, first: int) -> float:
        try:
            return self._segment(first).last_at_ms() / 1000
        except sqlite3.Error as error:
            if not is_damage(error):
                raise
            return self._path(first).stat().st_mtime

    # --- segments -----------------------------------------------------------------------------------------

    def _path(self, first: int) -> Path:
        return self._folder / f"{first:020d}{SUFFIX}"

    def _segment_offsets(self) -> list[int]:
        return sorted(int(name[:20]) for name in os.listdir(self._folder) if name.endswith(SUFFIX))

    def _segment(self, first: int) -> Segment:
        if first not in self._open:
            self._open[first] = Segment(self._path(first))
        return self._open[first]

    def _forget_segment(self, first: int) -> None:
        segment = self._open.pop(first, None)
        if segment:
            segment.close()
            if segment is self._active:
                self._active = None

    def close(self) -> None:
        for first in list(self._open):
            self._forget_segment(first)
        self._bell.close()
        self._generation.release()
        self._shared.close()
        os.close(self._lock)
