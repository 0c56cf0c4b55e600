"""The state in RocksDB: a column family per table, one write batch per commit.

The write-ahead log is not fsynced: a killed process loses nothing (the bytes are the kernel's), and after a power
cut RocksDB recovers an earlier commit whole. The collected log, which *is* fsynced, is then read again from there.
"""

import contextlib
import shutil
import struct
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from rocksdict import AccessType, Options, Rdict, WriteBatch

from headwater.errors import CorruptionError, HeadwaterError, OwnershipError, StorageError
from headwater.limits import MIB
from headwater.state.port import TABLES, Commit, Table

_META = "meta"
_POSITION = b"position"
_OUTBOX = b"outbox:"
_OFFSET = struct.Struct(">Q")


def _options() -> Options:
    options = Options(raw_mode=True)
    options.create_if_missing(True)
    options.create_missing_column_families(True)
    options.set_db_write_buffer_size(64 * MIB)  # all tables together, so that more tables cost no more memory
    options.set_max_total_wal_size(128 * MIB)
    options.set_keep_log_file_num(3)
    options.set_max_log_file_size(4 * MIB)
    options.set_stats_dump_period_sec(0)  # an idle system must stay idle
    options.set_stats_persist_period_sec(0)
    options.set_max_background_jobs(2)
    return options


class RocksState:
    def __init__(self, folder: Path, *, read_only: bool = False) -> None:
        """Open for writing (OwnershipError when another process has it), or a view beside the writer."""
        self._folder = folder
        self._scratch = tempfile.mkdtemp(prefix="headwater-view-") if read_only else None
        access = AccessType.secondary(self._scratch) if self._scratch else AccessType.read_write()
        if not read_only:
            folder.mkdir(parents=True, exist_ok=True)
        elif not (folder / "CURRENT").exists():
            raise StorageError(f"{folder}: no state yet; has the pipeline ever run?")
        families = {name: _options() for name in (_META, *TABLES)}
        with _translated(folder):
            self._db = Rdict(str(folder), options=_options(), column_families=families, access_type=access)
            if read_only:
                self._db.try_catch_up_with_primary()
            self._families = {name: self._db.get_column_family(name) for name in families}
            self._handles = {name: self._db.get_column_family_handle(name) for name in families}

    def get_many(self, table: Table, keys: Sequence[bytes]) -> list[bytes | None]:
        with _translated(self._folder):
            return cast(list[bytes | None], self._families[table].get(list(keys)))

    def scan(self, table: Table, prefix: bytes = b"", *, reverse: bool = False) -> Iterator[tuple[bytes, bytes]]:
        # Backwards begins after the last key with the prefix: no key of ours holds sixteen 0xff in a row.
        start = (prefix + b"\xff" * 16 if reverse else prefix) or None
        return self._rows(table, prefix, start, backwards=reverse)

    def _rows(
        self, table: Table, prefix: bytes, start: bytes | None, *, backwards: bool = False
    ) -> Iterator[tuple[bytes, bytes]]:
        rows: Iterator[tuple[Any, Any]] = self._families[table].items(backwards=backwards, from_key=start)
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
        for table, rows in commit.changes.items():
            handle = self._handles[table]
            for key, value in rows.items():
                if value is None:
                    batch.delete(key, handle)
                else:
                    batch.put(key, value, handle)
        meta = self._handles[_META]
        batch.put(_POSITION, _OFFSET.pack(commit.position), meta)
        if commit.sent >= 0:
            batch.delete_range(_OUTBOX, _OUTBOX + _OFFSET.pack(commit.sent + 1), meta)
        if commit.outbox is not None:
            batch.put(_OUTBOX + _OFFSET.pack(commit.position), commit.outbox, meta)
        with _translated(self._folder):
            self._db.write(batch)

    def close(self) -> None:
        self._families.clear()
        self._handles.clear()
        self._db.close()
        if self._scratch:
            shutil.rmtree(self._scratch, ignore_errors=True)


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
