"""Receipts of deliveries in Parquet files in a local folder.

    <folder>/receipts/<first>-<last>.parquet
    <folder>/receipts/<first>-<last>.r<n>.parquet     without the receipts of erased users

Time is told by the file: they come one after the other. Within one, rows are sorted by destination and status, so
that the least and greatest of a row group tell whether it matters; messages, users and profiles, which occur
everywhere, have Bloom filters.
"""

from collections.abc import Collection, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from headwater.errors import StorageError
from headwater.lake.files import new_file, translated
from headwater.lake.receipts import Batch, ErasedFile, ReceiptFile, Row, Selection, mentions

if TYPE_CHECKING:
    import duckdb

SCHEMA: Final = pa.schema(
    [
        ("message_id", pa.string()),
        ("destination", pa.string()),
        ("source", pa.string()),
        ("event_type", pa.string()),
        ("event_name", pa.string()),
        ("profile_id", pa.string()),
        ("user_id", pa.string()),
        ("anonymous_id", pa.string()),
        ("offset", pa.int64()),
        ("status", pa.string()),
        ("reason", pa.string()),
        ("message", pa.string()),
        ("attempts", pa.int64()),
        ("latency_ms", pa.int64()),
        ("at_ms", pa.int64()),
        ("mapping", pa.string()),
        ("exchange", pa.binary()),
    ]
)

ROW_GROUP_ROWS: Final = 10_000

_DICTIONARY: Final = [
    *("destination", "source", "event_type", "event_name", "status", "reason", "message", "mapping"),
]
_SORTED: Final = ["destination", "status", "at_ms"]
_STATISTICS: Final = [*_SORTED, "reason", "offset"]
_BLOOM: Final = {
    name: {"ndv": ROW_GROUP_ROWS, "fpp": 0.05} for name in ("message_id", "profile_id", "user_id", "anonymous_id")
}

_MEMORY: Final = "512MB"
"""DuckDB's, for one question."""

_NEWEST: Final = "ORDER BY at_ms DESC, message_id DESC, destination DESC"


class ParquetReceipts:
    def __init__(self, folder: Path) -> None:
        self._folder = folder / "receipts"

    def write(self, file: ReceiptFile, batches: Sequence[Batch]) -> int:
        return self._write(file, pa.Table.from_batches(map(_packed, batches), schema=SCHEMA))

    def merge(self, files: Sequence[ReceiptFile], into: ReceiptFile) -> int:
        with translated(self._folder):
            return self._write(into, pa.concat_tables(pq.read_table(self._path(file)) for file in files))

    def erase(self, file: ReceiptFile, users: Collection[str], *, before: int) -> ErasedFile | None:
        with translated(self._path(file)):
            table = pq.read_table(self._path(file))
        named = pc.is_in(table["user_id"], value_set=pa.array(sorted(users), type=pa.string()))
        theirs = pc.and_(named, pc.less(table["offset"], before))
        removed = _count(theirs)
        table = table.filter(pc.invert(theirs))
        for column, empty in (("message", ""), ("exchange", None)):
            mentioned = _mentioned(table[column], mentions(users))
            removed += _count(mentioned)
            emptied = pc.if_else(mentioned, pa.scalar(empty, table[column].type), table[column])
            table = table.set_column(SCHEMA.get_field_index(column), SCHEMA.field(column), emptied)
        if not removed:
            return None
        size_bytes = self._write(file._replace(revision=file.revision + 1), table)
        return ErasedFile(len(table), removed, size_bytes)

    def find(self, files: Sequence[ReceiptFile], wanted: Selection, *, limit: int) -> list[Row]:
        columns = f"{_columns(SCHEMA.names[:-1])}, if(exchange IS NULL, NULL, ''::BLOB)"
        return self._ask(files, wanted, columns, f"{_NEWEST} LIMIT {limit:d}")

    def whole(self, files: Sequence[ReceiptFile], wanted: Selection) -> list[Row]:
        return self._ask(files, wanted, _columns(SCHEMA.names), f"{_NEWEST} LIMIT 1")

    def keep_only(self, files: Collection[ReceiptFile]) -> None:
        names = {self._path(file).name for file in files}
        with translated(self._folder):
            for path in self._folder.glob("*"):
                if path.name not in names:
                    path.unlink(missing_ok=True)

    def _ask(self, files: Sequence[ReceiptFile], wanted: Selection, columns: str, order: str) -> list[Row]:
        if not files:
            return []
        where = ["at_ms BETWEEN ? AND ?"]
        values: list[Any] = [[str(self._path(file)) for file in files], wanted.from_ms, wanted.to_ms]
        for name, value in wanted.equal.items():
            where.append(f'"{SCHEMA.field(name).name}" = ?')
            values.append(value)
        if wanted.before:
            where.append("(at_ms, message_id, destination) < (?, ?, ?)")
            values += wanted.before
        query = f"SELECT {columns} FROM read_parquet(?) WHERE {' AND '.join(where)} {order}"  # noqa: S608 - ours
        import duckdb

        try:
            return self._duck.execute(query, values).fetchall()
        except duckdb.IOException as error:
            raise StorageError(f"{self._folder}: {error}") from error

    @cached_property
    def _duck(self) -> "duckdb.DuckDBPyConnection":
        """Kept: to open one takes longer than most answers. Who only writes files does without."""
        import duckdb

        return duckdb.connect(config={"memory_limit": _MEMORY, "enable_external_file_cache": False})

    def _path(self, file: ReceiptFile) -> Path:
        mark = f".r{file.revision}" if file.revision else ""
        return self._folder / f"{file.first:020d}-{file.last:020d}{mark}.parquet"

    def _write(self, file: ReceiptFile, table: Any) -> int:
        path = self._path(file)
        with new_file(path) as draft:
            pq.write_table(
                table.sort_by([(name, "ascending") for name in _SORTED]),
                draft,
                compression="zstd",
                row_group_size=ROW_GROUP_ROWS,
                use_dictionary=_DICTIONARY,
                write_statistics=_STATISTICS,
                bloom_filter_options=_BLOOM,
            )
        return path.stat().st_size


def _packed(batch: Batch) -> Any:
    return pa.record_batch(
        [
            pa.array(column, type=field.type)
            if len(column) == batch.rows
            else pa.repeat(pa.scalar(column[0], type=field.type), batch.rows)
            for column, field in zip(batch.columns, SCHEMA, strict=True)
        ],
        schema=SCHEMA,
    )


def _columns(names: Sequence[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


def _mentioned(column: Any, patterns: Sequence[str]) -> Any:
    found = pa.array([False] * len(column))
    for pattern in patterns:
        found = pc.or_(found, pc.fill_null(pc.match_substring_regex(column, pattern), fill_value=False))
    return found


def _count(mask: Any) -> int:
    return pc.sum(mask).as_py() or 0
