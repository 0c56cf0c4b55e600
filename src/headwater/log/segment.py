"""One segment of the log: a SQLite file that holds a run of frames, a frame being one group commit.

A frame's blob is `u32 length` × records, then the records' bytes; its CRC-32 covers its offset, its number of
records and the blob. The row id is the offset of the frame's first record, so a frame is found from any offset
inside it by one index step. A segment that will not grow any more ends in a seal: a frame without records at the
offset where the next segment starts.

SQLite checks the structure of its pages but not what stands in them, so nothing read here is believed before it is
checked: a number that rotted must not move a reader past the end of the log.
"""

import contextlib
import os
import sqlite3
import struct
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import structlog
from isal import isal_zlib

from headwater.errors import CorruptionError
from headwater.sqlite import connect, is_damage, transaction

logger = structlog.get_logger()

SUFFIX = ".db"

_SCHEMA = """
CREATE TABLE IF NOT EXISTS frames (
  first_offset  INTEGER PRIMARY KEY,
  records       INTEGER NOT NULL,   -- 0: the seal
  events_before INTEGER NOT NULL,   -- declared events in the whole log before this frame
  events        INTEGER NOT NULL,
  at_ms         INTEGER NOT NULL,   -- when it was appended, Unix milliseconds
  crc           INTEGER NOT NULL,
  data          BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS producers (
  name TEXT PRIMARY KEY, sequence INTEGER NOT NULL, crc INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS origin (events_before INTEGER NOT NULL);
"""
_LAST = "SELECT first_offset, records, events_before + events FROM frames ORDER BY first_offset DESC LIMIT 1"
_INSERT = "INSERT INTO frames VALUES (?, ?, ?, ?, ?, ?, ?)"
_APPEND = """
INSERT INTO frames
SELECT ?1, ?2, last.events_before + last.events, ?3, ?4, ?5, ?6
FROM (SELECT * FROM frames ORDER BY first_offset DESC LIMIT 1) AS last
WHERE last.records > 0 AND last.first_offset + last.records <= ?1
"""
_FROM = """
SELECT first_offset, records, crc, data FROM frames
WHERE first_offset >= coalesce((SELECT max(first_offset) FROM frames WHERE first_offset <= ?), 0)
ORDER BY first_offset
"""
_BACKWARDS = (
    "SELECT first_offset, records, crc, data FROM frames WHERE first_offset > ? ORDER BY first_offset DESC"
)
_AT = """
SELECT events_before, at_ms, first_offset, records FROM frames WHERE first_offset <= ? AND records > 0
ORDER BY first_offset DESC LIMIT 1
"""
_PRODUCED = """
INSERT INTO producers VALUES (?, ?, ?)
ON CONFLICT (name) DO UPDATE SET sequence = excluded.sequence, crc = excluded.crc
"""

_HEAD = struct.Struct("<QQ")
OFFSET_MAX = 1 << 62
"""Far beyond what any machine can append; a larger number was not written by us."""


class Tail(NamedTuple):
    """Where a segment stands: the next offset, the events of the log so far, whether it is sealed."""

    end: int
    events: int
    sealed: bool


class Frame(NamedTuple):
    """A row as it was read: any field may be anything."""

    first_offset: Any
    records: Any
    crc: Any
    data: Any

    def unpack(self) -> list[bytes]:
        """The records, none for the seal. CorruptionError when this is not what was written."""
        try:
            if _checksum(self.first_offset, self.records, self.data) != self.crc:
                raise CorruptionError(f"frame at offset {self.first_offset}: checksum does not match")
        except (TypeError, struct.error):
            raise CorruptionError(f"frame at offset {self.first_offset}: not a frame") from None
        lengths = struct.unpack_from(f"<{self.records}I", self.data)
        records, at = [], 4 * self.records
        for length in lengths:
            records.append(self.data[at : at + length])
            at += length
        return records


def _checksum(first: int, records: int, data: bytes) -> int:
    return isal_zlib.crc32(data, isal_zlib.crc32(_HEAD.pack(first, records)))


def _producer_row(name: str, sequence: int) -> tuple[str, int, int]:
    return name, sequence, isal_zlib.crc32(f"{name} {sequence}".encode())


def create_segment(path: Path, *, events_before: int, producers: dict[str, int]) -> None:
    """A new, empty segment with what it inherits from its predecessor. Nobody ever sees it half made."""
    draft = path.with_suffix(f".{os.getpid()}")
    draft.unlink(missing_ok=True)
    os.close(os.open(draft, os.O_CREAT | os.O_RDWR, 0o600))
    db = sqlite3.connect(draft, isolation_level=None)
    try:
        # 16 KiB pages: a frame of a few requests is one page, a large one a short overflow chain.
        db.execute("PRAGMA page_size = 8192")
        with transaction(db):
            for statement in _SCHEMA.split(";\n"):
                db.execute(statement)
            db.execute("INSERT INTO origin VALUES (?)", (events_before,))
            db.executemany(_PRODUCED, [_producer_row(*produced) for produced in producers.items()])
    finally:
        db.close()
    # A link, not a rename: if another process was faster, its segment may hold frames already.
    with contextlib.suppress(FileExistsError):
        path.hardlink_to(draft)
    draft.unlink()


class Segment:
    def __init__(self, path: Path) -> None:
        """Open an existing segment; FileNotFoundError when it was trimmed away, sqlite3.Error with `is_damage`
        when it is none any more, here or in any other method.
        """
        self.path = path
        self.first_offset = int(path.stem)
        path.stat()
        self.bytes_appended = path.stat().st_size
        """Its size when it was opened and what this instance has added since."""
        try:
            self._db = connect(path)
        except UnicodeDecodeError:  # SQLite quotes a rotten schema in its message
            raise sqlite3.DatabaseError("the schema is not what was written") from None
        # Checkpoints move the WAL into the file; one per 16 MiB keeps them rare and the WAL short.
        self._db.execute("PRAGMA wal_autocheckpoint = 2048")

    def tail(self) -> Tail:
        row = self._db.execute(_LAST).fetchone()
        if row is None:
            row = self._db.execute("SELECT ?, 1, events_before FROM origin", (self.first_offset - 1,)).fetchone()
        first, records, events = row or (None, None, None)
        if not (isinstance(first, int) and isinstance(records, int) and isinstance(events, int)):
            raise sqlite3.DatabaseError("the last row is not a frame")
        if not (records >= 0 and self.first_offset <= first + records < OFFSET_MAX):
            raise sqlite3.DatabaseError("the last frame has an impossible offset")
        return Tail(first + records, events, records == 0)

    def append(
        self, records: Sequence[bytes], *, events: int, floor: int, producer: tuple[str, int] | None
    ) -> int | None:
        """Append one frame and fsync it; its first offset, -1 if the producer's sequence is stored already,
        None if the segment is sealed. The first offset is at least `floor`.
        """
        data = struct.pack(f"<{len(records)}I", *map(len, records)) + b"".join(records)
        if producer is None:
            # One statement is one transaction, and one release of the interpreter's lock: a busy event loop in the
            # same process would make every further release a wait for its next idle moment.
            crc = _checksum(floor, len(records), data)
            row = (floor, len(records), events, time.time_ns() // 1_000_000, crc, data)
            if self._db.execute(_APPEND, row).rowcount == 1:
                self.bytes_appended += len(data)
                return floor
        return self._append_in_steps(data, len(records), events, floor, producer)

    def _append_in_steps(
        self, data: bytes, records: int, events: int, floor: int, producer: tuple[str, int] | None
    ) -> int | None:
        """The same for an empty or sealed segment, for one that ends beyond `floor`, or with a producer."""
        with transaction(self._db):
            end, events_before, sealed = self.tail()
            if sealed:
                return None
            if producer:
                if self.produced(producer[0]) >= producer[1]:
                    return -1
                self._db.execute(_PRODUCED, _producer_row(*producer))
            first = max(end, floor)
            self._insert(first, records, events_before, events, data)
        self.bytes_appended += len(data)
        return first

    def seal(self) -> Tail:
        """No more frames here; the tail the next segment continues from."""
        with transaction(self._db):
            tail = self.tail()
            if not tail.sealed:
                self._insert(tail.end, 0, tail.events, 0, b"")
        self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return tail

    def _insert(self, first: int, records: int, events_before: int, events: int, data: bytes) -> None:
        crc = _checksum(first, records, data)
        self._db.execute(_INSERT, (first, records, events_before, events, time.time_ns() // 1_000_000, crc, data))

    def produced(self, producer: str) -> int:
        row = self._db.execute("SELECT * FROM producers WHERE name = ?", (producer,)).fetchone()
        if row and row != _producer_row(*row[:2]):
            raise sqlite3.DatabaseError("a producer's sequence is not what was written")
        return int(row[1]) if row else -1

    def producers(self) -> dict[str, int]:
        """Those that can be read."""
        rows = self._db.execute("SELECT * FROM producers").fetchall()
        return {
            name: sequence
            for name, sequence, crc in rows
            if (name, sequence, crc) == _producer_row(name, sequence)
        }

    def frames(self, offset: int, *, damaged: Callable[[Frame, str], None]) -> Iterator[tuple[int, list[bytes]]]:
        """(first offset, records) of every frame from `offset` on, the first may begin below it; in order.

        Where pages are damaged, what can be read before and after them is returned, and the hole logged; a
        frame whose content is damaged is left out, and `damaged` is told why.
        """
        expected = offset
        try:
            for row in self._db.execute(_FROM, (offset,)):
                frame = Frame(*row)
                if records := _undamaged(frame, damaged):
                    yield frame.first_offset, records
                    expected = frame.first_offset + len(records)
        except sqlite3.DatabaseError as error:
            if not is_damage(error):
                raise
            beyond = self._readable_backwards(expected - 1)
            upto = beyond[0].first_offset if beyond else None
            logger.error("log_segment_damaged", file=str(self.path), from_offset=expected, readable_from=upto)
            for frame in beyond:
                if records := _undamaged(frame, damaged):
                    yield frame.first_offset, records

    def _readable_backwards(self, after: int) -> list[Frame]:
        found: list[Frame] = []
        try:
            found.extend(Frame(*row) for row in self._db.execute(_BACKWARDS, (after,)))
        except sqlite3.DatabaseError:
            logger.debug("log_segment_damage_reached", file=str(self.path))
        return found[::-1]

    def standing_at(self, offset: int) -> tuple[int, int] | None:
        """Events of the log before `offset` (to a frame's grain) and the append time (ms) of what lies there."""
        row = self._db.execute(_AT, (offset,)).fetchone()
        if row is None:
            return None
        if not all(isinstance(value, int) for value in row):
            raise sqlite3.DatabaseError("the row is not a frame")
        events_before, at_ms, first, records = row
        if offset >= first + records:
            return None
        return events_before, at_ms

    def first_at_ms(self) -> int | None:
        """When its first frame was appended; None while it is empty or when it is sealed already."""
        first = self._db.execute("SELECT at_ms, records FROM frames ORDER BY first_offset LIMIT 1").fetchone()
        if first is None or first[1] == 0 or self.tail().sealed:
            return None
        if not isinstance(first[0], int):
            raise sqlite3.DatabaseError("the first row is not a frame")
        return first[0]

    def last_at_ms(self) -> int:
        row = self._db.execute("SELECT at_ms FROM frames ORDER BY first_offset DESC LIMIT 1").fetchone()
        if row and not isinstance(row[0], int):
            raise sqlite3.DatabaseError("the last row is not a frame")
        return int(row[0]) if row else 0

    def close(self) -> None:
        self._db.close()


def _undamaged(frame: Frame, damaged: Callable[[Frame, str], None]) -> list[bytes]:
    try:
        return frame.unpack()
    except CorruptionError as error:
        damaged(frame, str(error))
        return []
