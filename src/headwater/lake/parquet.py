"""The lake in Parquet files in a local folder.

    <folder>/events/<spread>/<first>-<last>.parquet       outbound offsets, both included

`spread` is a hash of the first offset: object stores throttle by prefix, and the same names serve there. A file
appears by rename, complete and fsynced. A merged file covers the ranges of the files it came from; those go away
later, so that a query that has just listed them can finish, and until then every reader leaves out files that lie
inside another.

    <folder>/events/<spread>/<first>-<last>.r<n>.parquet  the same range without the events of erased users

Of several revisions of a range the highest counts. Here the others go at once: that is what they were made for.
"""

import time
from collections.abc import Collection, Iterator, Sequence
from contextlib import AbstractContextManager
from hashlib import blake2b
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute
import pyarrow.parquet as pq
import structlog

from headwater import limits
from headwater.event import OutboundEvent
from headwater.lake.erasing import Users, count, looked_at, remaining
from headwater.lake.files import DRAFT, new_file, translated
from headwater.lake.merging import mergeable
from headwater.lake.port import Erased, Found, Packed

logger = structlog.get_logger()

# Arrow's own allocator clears a huge page for every burst of small columns; the system's reuses what was freed.
pa.set_memory_pool(pa.system_memory_pool())

_INSTANT = pa.timestamp("ms", tz="UTC")

SCHEMA = pa.schema(
    [
        pa.field("message_id", pa.string(), nullable=False),
        pa.field("type", pa.string(), nullable=False),
        ("event", pa.string()),
        ("name", pa.string()),
        ("user_id", pa.string()),
        ("anonymous_id", pa.string()),
        ("group_id", pa.string()),
        ("profile_id", pa.string()),
        pa.field("source", pa.string(), nullable=False),
        pa.field("received_at", _INSTANT, nullable=False),
        pa.field("timestamp", _INSTANT, nullable=False),
        ("original_timestamp", _INSTANT),
        ("sent_at", _INSTANT),
        pa.field("body", pa.string(), nullable=False),
        pa.field("log_offset", pa.int64(), nullable=False),
        pa.field("log_index", pa.int32(), nullable=False),
        ("trace", pa.string()),
    ]
)
_NAMED = SCHEMA.names[:9]
"""Columns that are members of OutboundEvent, in its order: from `message_id` to `source`."""

_DICTIONARY = ["type", "event", "name", "source"]
"""Columns with few different values."""

_STATISTICS = ["message_id", "type", "event", "user_id", "source", "received_at", "timestamp", "log_offset"]
"""Columns that queries and replays select by; the least and greatest body would only cost time."""

ROW_GROUP_ROWS = 50_000
"""What a query reads, and a merge holds, at once: about 30 MB of plain events."""

READ_ROWS = 5_000
"""Read back at once: some 10 MB of objects."""

_SIZE_LIMITS = (1_000, 10_000, 100_000, limits.lake.COMPACTED_ROWS_MAX)

REPLACED_KEPT_S = 120.0
"""A merged file's predecessors stay this long for queries that are reading them."""


class LakeFile(NamedTuple):
    first: int
    last: int
    revision: int
    """Of this range: how often events were erased from it."""
    path: Path

    def covers(self, other: "LakeFile") -> bool:
        if (self.first, self.last) == (other.first, other.last):
            return self.revision > other.revision
        return self.first <= other.first and other.last <= self.last


class ParquetLake:
    def __init__(self, folder: Path) -> None:
        self._events = folder / "events"
        self._rows: dict[Path, int] = {}

    def position(self) -> int:
        return max((file.last + 1 for file in self._listed()), default=0)

    def pack(self, events: Sequence[OutboundEvent]) -> pa.RecordBatch:
        return pack(events)

    def write(self, first: int, last: int, events: Sequence[Packed]) -> None:
        with self._new_file(first, last) as draft, _writer(draft, "lz4") as writer:
            table = pa.Table.from_batches(events, schema=SCHEMA)
            writer.write_table(table, row_group_size=ROW_GROUP_ROWS)

    def files(self) -> list[Path]:
        return [file.path for file in _current(self._listed())]

    def events(self) -> Iterator[list[OutboundEvent]]:
        for file in _current(self._listed()):
            with translated(file.path), pq.ParquetFile(file.path) as opened:
                for batch in opened.iter_batches(batch_size=READ_ROWS):
                    yield unpack(batch)

    def compact(self) -> int:
        self._drop_covered(at_once=False)
        listed = _current(self._listed())
        rows = [self._row_count(file.path) for file in listed]
        chosen = mergeable(rows, size_limits=_SIZE_LIMITS, files=limits.lake.COMPACT_FILES)
        run = listed[chosen] if chosen else []
        if run:
            with self._new_file(run[0].first, run[-1].last) as draft:
                _merge([file.path for file in run], draft)
        return max(0, len(run) - 1)

    def erase(
        self, users: Collection[str], *, before: int, places: Collection[tuple[int, int]] = ()
    ) -> Iterator[Erased]:
        wanted, erased = Users(users, before=before, places=places), Erased()
        for file in _current(self._listed()):
            with translated(file.path):
                rows = 0
                for batch in looked_at(file.path):
                    rows += count(wanted.own(batch))
                    yield erased
                if rows:
                    with self._new_file(file.first, file.last, revision=file.revision + 1) as draft:
                        yield from _rewrite(file.path, draft, wanted, erased)
                    erased = Erased(erased.files + 1, erased.events + rows)
            # A crash may have left the old file beside the new one, a merge those that it came from.
            self._drop_covered(at_once=True)
            yield erased

    def search(
        self, users: Collection[str], *, before: int, places: Collection[tuple[int, int]] = ()
    ) -> Iterator[Found]:
        wanted, found = Users(users, before=before, places=places), Found()
        for file in self._listed():  # all of them: also what no query reads any more
            with translated(file.path):
                for batch in looked_at(file.path):
                    theirs = wanted.own(batch)
                    others = count(pa.compute.and_not(wanted.mentioned(batch), theirs))
                    found = Found(found.events + count(theirs), found.mentions + others)
                    yield found
        yield found

    def _row_count(self, path: Path) -> int:
        if path not in self._rows:
            with translated(path):
                self._rows[path] = pq.read_metadata(path).num_rows
        return self._rows[path]

    def _drop_covered(self, *, at_once: bool) -> None:
        """Files whose rows are all in another one, and drafts of a process that was killed."""
        listed = self._listed()
        current = set(_current(listed))
        with translated(self._events):
            for draft in self._events.glob(f"*/*{DRAFT}"):  # of a process that was killed: nobody writes now
                draft.unlink(missing_ok=True)
            for file in listed:
                if file not in current:
                    successor = next(c for c in current if c.covers(file))
                    if at_once or time.time() - successor.path.stat().st_mtime > REPLACED_KEPT_S:
                        file.path.unlink(missing_ok=True)
                        self._rows.pop(file.path, None)

    def _new_file(self, first: int, last: int, *, revision: int = 0) -> AbstractContextManager[Path]:
        spread = blake2b(b"%d" % first, digest_size=1).hexdigest()
        mark = f".r{revision}" if revision else ""
        return new_file(self._events / spread / f"{first:020d}-{last:020d}{mark}.parquet")

    def _listed(self) -> list[LakeFile]:
        found = []
        for path in self._events.glob("*/*.parquet"):
            span, _, mark = path.stem.partition(".r")
            first, _, last = span.partition("-")
            found.append(LakeFile(int(first), int(last), int(mark or 0), path))
        return sorted(found)


def _writer(path: Path, compression: str) -> pq.ParquetWriter:
    return pq.ParquetWriter(
        path, SCHEMA, compression=compression, use_dictionary=_DICTIONARY, write_statistics=_STATISTICS
    )


def _merge(paths: Sequence[Path], merged: Path) -> None:
    """One file with the rows of several, in order; no more than a row group of it is in memory."""
    waiting: list[pa.RecordBatch] = []
    with _writer(merged, "zstd") as writer:
        for path in paths:
            with pq.ParquetFile(path) as file:
                for batch in file.iter_batches(batch_size=ROW_GROUP_ROWS):
                    waiting.append(_in_todays_schema(batch))
                    if sum(map(len, waiting)) >= ROW_GROUP_ROWS:
                        writer.write_table(pa.Table.from_batches(waiting))
                        waiting = []
        if waiting:
            writer.write_table(pa.Table.from_batches(waiting))


def _rewrite(old: Path, new: Path, users: Users, progress: Erased) -> Iterator[Erased]:
    with _writer(new, "zstd") as writer:
        waiting: list[pa.RecordBatch] = []
        for batch in remaining(old, users):
            waiting.append(_in_todays_schema(batch))
            if sum(map(len, waiting)) >= ROW_GROUP_ROWS:
                writer.write_table(pa.Table.from_batches(waiting))
                waiting = []
            yield progress
        if waiting:
            writer.write_table(pa.Table.from_batches(waiting))


def _in_todays_schema(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Columns that the writer of this file did not know yet are null."""
    for field in SCHEMA:
        if field.name not in batch.schema.names:
            batch = batch.append_column(field, pa.nulls(len(batch), field.type))
    return batch.select(SCHEMA.names).cast(SCHEMA)


def _current(listed: Sequence[LakeFile]) -> list[LakeFile]:
    """The files that no other file covers, in offset order."""
    current: list[LakeFile] = []
    for file in sorted(listed, key=lambda f: (f.first, -f.last, -f.revision)):
        if not current or file.last > current[-1].last:
            current.append(file)
    return current


def pack(events: Sequence[OutboundEvent]) -> pa.RecordBatch:
    columns: list[Any] = [
        [e.message_id for e in events],
        [e.type for e in events],
        [e.event for e in events],
        [e.name for e in events],
        [e.user_id for e in events],
        [e.anonymous_id for e in events],
        [e.group_id for e in events],
        [e.profile_id for e in events],
        [e.source for e in events],
        [e.received_at_ms for e in events],
        [e.timestamp_ms for e in events],
        [e.original_timestamp_ms for e in events],
        [e.sent_at_ms for e in events],
        [e.body for e in events],
        [e.offset for e in events],
        [e.index for e in events],
        [b"[%b]" % e.trace if e.trace else None for e in events],
    ]
    return pa.record_batch(
        [pa.array(column, type=field.type) for column, field in zip(columns, SCHEMA, strict=True)], schema=SCHEMA
    )


def unpack(batch: pa.RecordBatch) -> list[OutboundEvent]:
    columns = {name: column.to_pylist() for name, column in zip(batch.schema.names, batch.columns, strict=True)}
    traces = columns.get("trace") or [None] * batch.num_rows  # files of the first version have none
    instants = (
        pa.compute.cast(batch.column(name), pa.int64()).to_pylist()
        for name in ("received_at", "timestamp", "original_timestamp", "sent_at")
    )
    rows = zip(
        columns["log_offset"],
        columns["log_index"],
        *(columns[name] for name in _NAMED),
        *instants,
        map(str.encode, columns["body"]),
        ((trace or "[]")[1:-1].encode() for trace in traces),
        strict=True,
    )
    return [OutboundEvent(*row) for row in rows]
