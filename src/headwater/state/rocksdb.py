"""The state in RocksDB: a column family per table, one write batch per commit.

The write-ahead log is not fsynced: a killed process loses nothing (the bytes are the kernel's), and after a power
cut RocksDB recovers an earlier commit whole. The collected log, which *is* fsynced, is then read again from there.

An expiring table is one column family per generation, `<table>@<number>`. Dropping one frees its files at once,
where deleting rows, or a TTL in compaction, would rewrite gigabytes to get rid of them.
"""

import contextlib
import heapq
import shutil
import struct
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from operator import itemgetter
from pathlib import Path
from typing import Any, cast

from rocksdict import (
    AccessType,
    BlockBasedOptions,
    Cache,
    DataBlockIndexType,
    DBCompressionType,
    Options,
    Rdict,
    WriteBatch,
)

from headwater import limits
from headwater.errors import AbsentError, CorruptionError, HeadwaterError, OwnershipError, StorageError
from headwater.state.port import EXPIRING, TABLES, Commit, Table
from headwater.state.trail import Trail
from headwater.units import KIB, MIB

_META = "meta"
_POSITION = b"position"
_OUTBOX = b"outbox:"
_OFFSET = struct.Struct(">Q")
_REWRITTEN = frozenset({"dropped", "violation_samples"})
"""Expiring tables from which single rows are deleted for a person's sake. The largest hold nothing but hashes."""
_GENERATION_MS = limits.processing.STATE_GENERATION_S * 1000
_LOOKED_UP = frozenset(
    {"profiles", "profile_ids", "identities", "merged", "conflicts", "links", "collected_values", "synced"}
)
"""Lasting tables that are asked for single keys, many of which are not there."""
_SCANNED = frozenset({"history"})
"""Lasting tables that are read in stretches, and hold whole events."""
_CACHE_BYTES = 192 * MIB
"""Blocks of lasting tables kept in memory, per process: those of the profiles that are active."""
_OPEN_TRIES = 5
"""A view that opens while the writer replaces files may have to begin again; five times in a row is bad luck."""


def table_options() -> Options:
    options = Options(raw_mode=True)
    options.create_if_missing(True)
    options.create_missing_column_families(True)
    options.set_db_write_buffer_size(64 * MIB)  # all tables together, so that more tables cost no more memory
    # All tables are flushed at once: a view has to open anew after a flush, and then it has little log to read.
    options.set_atomic_flush(True)
    options.set_max_total_wal_size(128 * MIB)
    options.set_keep_log_file_num(3)
    options.set_max_log_file_size(4 * MIB)
    options.set_stats_dump_period_sec(0)  # an idle system must stay idle
    options.set_stats_persist_period_sec(0)
    options.set_max_background_jobs(2)
    # Sixteen threads open the files of each table, by default; a view would start them each time it catches up,
    # all for no file at all: 13 ms instead of 0.05 ms.
    options.set_max_file_opening_threads(1)
    return options


def options_of(table: Table, cache: Cache) -> Options:
    """For a lasting table. All of them share one cache of blocks: by default each would have 32 MiB of its own."""
    options = table_options()
    blocks = BlockBasedOptions()
    blocks.set_block_cache(cache)
    blocks.set_format_version(5)
    if table in _LOOKED_UP:
        # A block is unpacked for a single row of it, again and again: an eighth of the time of aggregation.
        options.set_compression_type(DBCompressionType.none())
        blocks.set_bloom_filter(10, block_based=False)
        blocks.set_data_block_index_type(DataBlockIndexType.binary_and_hash())
    elif table in _SCANNED:
        blocks.set_block_size(32 * KIB)
        options.set_compression_type(DBCompressionType.lz4())
        options.set_bottommost_compression_type(DBCompressionType.zstd())  # events of a person are much alike
    options.set_block_based_table_factory(blocks)
    return options


def generation_options() -> Options:
    """For keys that are hashes and are mostly not there: a bloom filter answers without touching a block."""
    options = table_options()
    blocks = BlockBasedOptions()
    blocks.set_bloom_filter(10, block_based=False)
    blocks.set_block_size(16 * KIB)
    blocks.set_format_version(5)
    options.set_block_based_table_factory(blocks)
    options.set_compression_type(DBCompressionType.zstd())  # what is not random in a row is its padding: 30 → 20 B
    options.set_write_buffer_size(16 * MIB)  # an index that fits the cache is twice as fast to insert into
    options.set_memtable_whole_key_filtering(True)
    options.set_memtable_prefix_bloom_ratio(0.05)
    return options


class RocksState:
    def __init__(self, folder: Path, *, read_only: bool = False) -> None:
        """Open for writing (OwnershipError when another process has it), or a view beside the writer."""
        self._folder = folder
        self._scratch: str | None = None
        if not read_only:
            folder.mkdir(parents=True, exist_ok=True)
        elif not (folder / "CURRENT").exists():
            raise AbsentError(f"{folder}: no state yet; has the pipeline ever run?")
        else:
            self._scratch = tempfile.mkdtemp(prefix="headwater-view-")
        try:
            self._open()
        except BaseException:
            self._drop_scratch()
            raise
        for _ in range(_OPEN_TRIES):
            if self.refresh():
                break
            self._db.close()
            self._open()

    def _open(self) -> None:
        folder, read_only = self._folder, self._scratch is not None
        access = AccessType.secondary(self._scratch) if self._scratch else AccessType.read_write()
        with _translated(folder):
            self._trail = Trail(folder) if read_only else None
            self._is_new = True
            existing = _existing(folder)
            generations = [name for name in existing if "@" in name]
            # A view makes nothing: tables that the state of an older version does not have are empty in it.
            cache = Cache(_CACHE_BYTES)
            wanted = [name for name in (_META, *TABLES) if name in existing or not read_only]
            families = {name: options_of(name, cache) for name in wanted}
            families |= {name: generation_options() for name in generations}
            self._db = Rdict(str(folder), options=table_options(), column_families=families, access_type=access)
            self._families = {name: self._db.get_column_family(name) for name in families}
            self._handles = {name: self._db.get_column_family_handle(name) for name in families}
        self._generations: dict[Table, list[int]] = {
            table: sorted((_number(name) for name in generations if _table(name) == table), reverse=True)
            for table in EXPIRING
        }
        """Newest first."""
        self._unsent = set() if read_only else set(self.outbox())
        """Positions of what is in the outbox."""

    def refresh(self) -> bool:
        trail = self._trail
        if trail is None:
            return True
        with _translated(self._folder):
            look = trail.look()
            if look == trail.last and not self._is_new:
                return True
            new, old = look.manifest, trail.last.manifest
            if new.writer != old.writer or (new.size_bytes != old.size_bytes and self._tables_differ()):
                return False
            try:
                self._db.try_catch_up_with_primary()
            except Exception:  # a file went before it was read; what is wrong with the disk, opening tells
                return False
        self._is_new = False
        return trail.is_whole(look)

    def _tables_differ(self) -> bool:
        return set(self._families) != {name for name in _existing(self._folder) if _is_ours(name)}

    def get_many(self, table: Table, keys: Sequence[bytes]) -> list[bytes | None]:
        with _translated(self._folder):
            if table in TABLES:
                return self._found(table, list(keys)) if table in self._families else [None] * len(keys)
            return self._get_newest(table, keys)

    def _found(self, family: str, keys: list[bytes]) -> list[bytes | None]:
        return cast(list[bytes | None], self._families[family].get(cast(Any, keys)))

    def _get_newest(self, table: Table, keys: Sequence[bytes]) -> list[bytes | None]:
        found: list[bytes | None] = [None] * len(keys)
        missing: Sequence[int] = range(len(keys))
        wanted = list(keys)
        for generation in self._generations[table]:
            if not wanted:
                break
            values = self._found(_family(table, generation), wanted)
            if values.count(None) == len(values):
                continue
            left = []
            for at, value in zip(missing, values, strict=True):
                if value is None:
                    left.append(at)
                else:
                    found[at] = value
            missing, wanted = left, [keys[at] for at in left]
        return found

    def scan(
        self, table: Table, prefix: bytes = b"", *, reverse: bool = False, start: bytes | None = None
    ) -> Iterator[tuple[bytes, bytes]]:
        # Backwards begins after the last key with the prefix: no key of ours holds sixteen 0xff in a row.
        start = start or (prefix + b"\xff" * 16 if reverse else prefix) or None
        if table in TABLES:
            has_rows = table in self._families
            return self._rows(table, prefix, start, backwards=reverse) if has_rows else iter(())
        families = [_family(table, generation) for generation in self._generations[table]]
        rows = [self._rows(family, prefix, start, backwards=reverse) for family in families]
        return _first_of_each_key(heapq.merge(*rows, key=itemgetter(0), reverse=reverse))

    def _rows(
        self, family: str, prefix: bytes, start: bytes | None, *, backwards: bool = False
    ) -> Iterator[tuple[bytes, bytes]]:
        rows: Iterator[tuple[Any, Any]] = self._families[family].items(backwards=backwards, from_key=start)
        for key, value in rows:
            if not key.startswith(prefix):
                return
            yield key, value

    def position(self) -> int:
        with _translated(self._folder):
            value = self._families[_META].get(_POSITION)
        return int(_OFFSET.unpack(value)[0]) if value else 0

    def outbox(self) -> Mapping[int, bytes]:
        return {
            int(_OFFSET.unpack(key[len(_OUTBOX) :])[0]): value
            for key, value in self._rows(_META, _OUTBOX, _OUTBOX)
        }

    def commit(self, commit: Commit) -> None:
        batch = WriteBatch(raw_mode=True)
        with _translated(self._folder):
            for table, rows in commit.changes.items():
                self._change(batch, table, rows, commit.at_ms)
            meta = self._handles[_META]
            batch.put(_POSITION, _OFFSET.pack(commit.position), meta)
            # One by one: ranges that are deleted from the same key on, again and again, cost a flush the square of
            # their number, and a commit that waits for it many seconds.
            sent = [position for position in self._unsent if position <= commit.sent]
            for position in sent:
                batch.delete(_OUTBOX + _OFFSET.pack(position), meta)
            if commit.outbox is not None:
                batch.put(_OUTBOX + _OFFSET.pack(commit.position), commit.outbox, meta)
            self._db.write(batch)
            self._unsent.difference_update(sent)
            if commit.outbox is not None:
                self._unsent.add(commit.position)
            for table, before_ms in commit.expire.items():
                self._drop_generations(table, before_ms)

    def _change(self, batch: WriteBatch, table: Table, rows: Mapping[bytes, bytes | None], at_ms: int) -> None:
        is_expiring = table not in TABLES
        writes = any(value is not None for value in rows.values())  # deletions alone need no new generation
        handle = self._handles[self._generation_of(table, at_ms) if is_expiring else table] if writes else None
        families = [_family(table, number) for number in self._generations[table]] if is_expiring else [table]
        put = batch.put
        for key, value in sorted(rows.items()):  # neighbours are inserted faster one after the other
            if value is not None:
                put(key, value, handle)
            else:
                for family in families:
                    batch.delete(key, self._handles[family])

    def scrub(self) -> None:
        with _translated(self._folder):
            families = list(self._families.items())  # a commit may add one meanwhile
            for _, family in families:
                family.flush(wait=True)  # every family, or the write-ahead log stays for one that was not
            for name, family in families:
                if name == _META or name in TABLES or _table(name) in _REWRITTEN:
                    family.compact_range(None, None)

    def _generation_of(self, table: Table, at_ms: int) -> str:
        """The column family for rows of this instant; made when it is the first of its generation."""
        number = at_ms // _GENERATION_MS
        family = _family(table, number)
        if family not in self._families:
            self._families[family] = self._db.create_column_family(family, generation_options())
            self._handles[family] = self._db.get_column_family_handle(family)
            self._generations[table] = sorted([*self._generations[table], number], reverse=True)
        return family

    def _drop_generations(self, table: Table, before_ms: int) -> None:
        for number in list(self._generations[table]):
            if (number + 1) * _GENERATION_MS <= before_ms:
                family = _family(table, number)
                self._generations[table].remove(number)
                del self._families[family], self._handles[family]
                self._db.drop_column_family(family)

    def close(self) -> None:
        self._families.clear()
        self._handles.clear()
        self._db.close()
        self._drop_scratch()

    def _drop_scratch(self) -> None:
        if self._scratch:
            shutil.rmtree(self._scratch, ignore_errors=True)


def _family(table: Table, generation: int) -> str:
    return f"{table}@{generation}"


def _existing(folder: Path) -> list[str]:
    """The column families that a state has, without opening it."""
    return Rdict.list_cf(str(folder), table_options()) if (folder / "CURRENT").exists() else []


def _is_ours(family: str) -> bool:
    return family == _META or family in TABLES or "@" in family


def _table(family: str) -> Table:
    return family.partition("@")[0]


def _number(family: str) -> int:
    return int(family.partition("@")[2])


def _first_of_each_key(rows: Iterable[tuple[bytes, bytes]]) -> Iterator[tuple[bytes, bytes]]:
    last = None
    for key, value in rows:
        if key != last:
            yield key, value
        last = key


@contextlib.contextmanager
def _translated(folder: Path) -> Iterator[None]:
    """Rocksdict raises bare exceptions; the text is RocksDB's status, whose first word is its kind."""
    try:
        yield
    except HeadwaterError:
        raise
    except Exception as error:
        text = str(error)
        if "lock" in text.lower():
            raise OwnershipError(f"{folder}: another process has the state open") from error
        if text.startswith("Corruption"):
            raise CorruptionError(f"{folder}: {text}") from error
        raise StorageError(f"{folder}: {text}") from error
