"""Members of an audience as a file: CSV, Parquet or one JSON object a line. A writer takes them in parts and gives
the bytes that are ready, so that an audience of any size is never in memory whole.
"""

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, Protocol

import msgspec

from headwater import limits
from headwater.config.workspace import Workspace
from headwater.definitions import ast
from headwater.serve.compute.members import Member, newest

IDS: Final = {"users": ("user_id", "email", "anonymous_id"), "accounts": ("group_id",)}
"""Types of external ids that are columns of their own; all of them are in the column `external_ids`."""

FORMULA: Final = re.compile(r"\s*[=+\-@\t\r\n＝＋－＠]")
_PLAIN_NUMBER: Final = re.compile(r"[+-][0-9][0-9 .]*\Z")

_encode: Final = msgspec.json.Encoder().encode


class Format(StrEnum):
    CSV = "csv"
    PARQUET = "parquet"
    NDJSON = "ndjson"

    @property
    def media_type(self) -> str:
        return _MEDIA_TYPES[self]


_MEDIA_TYPES: Final = {
    Format.CSV: "text/csv; charset=utf-8",
    Format.PARQUET: "application/vnd.apache.parquet",
    Format.NDJSON: "application/x-ndjson",
}


class Kind(StrEnum):
    """What the values of a trait's column are."""

    NUMBER = "number"
    WHOLE_NUMBER = "whole_number"
    TRUTH = "truth"
    ANY = "any"
    """Text as it is, everything else as JSON."""


class Column(msgspec.Struct, frozen=True):
    key: str
    """Of the trait."""
    name: str
    kind: Kind


class Writer(Protocol):
    def write(self, members: Sequence[Member]) -> bytes: ...
    def end(self) -> bytes: ...


def columns(workspace: Workspace, collection: str, traits: Iterable[str]) -> list[Column]:
    """Of these traits. One that has the name of another column is called `trait_…`."""
    bodies = {each.key: each.body for each in workspace.definitions if each.collection == collection}
    taken = {"segment_id", "entered_at", "external_ids", *IDS[collection]}
    return [Column(key, f"trait_{key}" if key in taken else key, _kind(bodies.get(key))) for key in traits]


def _kind(body: ast.Aggregate | ast.Condition | None) -> Kind:
    if body is None:
        return Kind.ANY
    if not isinstance(body, ast.Aggregate):
        return Kind.TRUTH
    if body.reducer in {"count", "unique_count"}:
        return Kind.WHOLE_NUMBER
    return Kind.NUMBER if body.reducer in {"sum", "avg"} else Kind.ANY


def writer(form: Format, collection: str, traits: Sequence[Column]) -> Writer:
    match form:
        case Format.CSV:
            return _Csv(IDS[collection], traits)
        case Format.PARQUET:
            return _Parquet(IDS[collection], traits)
        case Format.NDJSON:
            return _Lines()


class _Lines:
    def write(self, members: Sequence[Member]) -> bytes:
        return b"".join(_encode(member) + b"\n" for member in members)

    def end(self) -> bytes:
        return b""


class _Csv:
    def __init__(self, ids: Sequence[str], traits: Sequence[Column]) -> None:
        self._ids = ids
        self._traits = traits
        self._text = io.StringIO()
        self._writer = csv.writer(self._text, lineterminator="\n")
        names = [unformula(each.name) for each in traits]
        self._writer.writerow(["segment_id", "entered_at", *ids, *names, "external_ids"])

    def write(self, members: Sequence[Member]) -> bytes:
        self._writer.writerows(map(self._row, members))
        return self._taken()

    def end(self) -> bytes:
        return self._taken()

    def _taken(self) -> bytes:
        text = self._text.getvalue()
        self._text.seek(0)
        self._text.truncate()
        return text.encode()

    def _row(self, member: Member) -> list[str]:
        ids = [newest(member.external_ids, type_) or "" for type_ in self._ids]
        values = [_csv_value(member.traits.get(column.key)) for column in self._traits]
        listed = _encode([{"type": each.type, "value": each.value} for each in member.external_ids]).decode()
        return [member.segment_id, member.entered_at, *map(unformula, ids), *values, listed]


def unformula(text: str) -> str:
    """Text that no spreadsheet takes for a formula: whoever sends events chooses it. A number with a sign, such as
    a phone number, is none.

    >>> unformula("=1+1"), unformula("+49 171 555"), unformula("-cmd|' /C calc'!A0"), unformula("Ann")
    ("'=1+1", '+49 171 555', "'-cmd|' /C calc'!A0", 'Ann')
    """
    return f"'{text}" if FORMULA.match(text) and not _PLAIN_NUMBER.match(text) else text


def _csv_value(value: Any) -> str:
    if value is None:
        return ""
    return unformula(value) if isinstance(value, str) else _encode(value).decode()


class _Parquet:
    def __init__(self, ids: Sequence[str], traits: Sequence[Column]) -> None:
        import pyarrow as pa
        from pyarrow import parquet

        types = {Kind.NUMBER: pa.float64(), Kind.WHOLE_NUMBER: pa.int64(), Kind.TRUTH: pa.bool_()}
        an_id = pa.struct([(name, pa.string()) for name in ("type", "value", "since")])
        self._schema = pa.schema(
            [
                ("segment_id", pa.string()),
                ("entered_at", pa.timestamp("ms", tz="UTC")),
                *((type_, pa.string()) for type_ in ids),
                *((each.name, types.get(each.kind, pa.string())) for each in traits),
                ("external_ids", pa.list_(an_id)),
            ]
        )
        self._ids = ids
        self._traits = traits
        self._rows: list[Mapping[str, Any]] = []
        self._sink = _Sink()
        self._pa = pa
        self._writer = parquet.ParquetWriter(self._sink, self._schema, compression="zstd")

    def write(self, members: Sequence[Member]) -> bytes:
        self._rows += map(self._row, members)
        if len(self._rows) >= limits.compute.EXPORT_GROUP_MEMBERS:
            self._write_group()
        return self._sink.taken()

    def end(self) -> bytes:
        if self._rows:
            self._write_group()
        self._writer.close()
        return self._sink.taken()

    def _write_group(self) -> None:
        self._writer.write_table(self._pa.Table.from_pylist(self._rows, schema=self._schema))
        self._rows = []

    def _row(self, member: Member) -> dict[str, Any]:
        return {
            "segment_id": member.segment_id,
            "entered_at": datetime.fromisoformat(member.entered_at),
            **{type_: newest(member.external_ids, type_) for type_ in self._ids},
            **{each.name: _parquet_value(member.traits.get(each.key), each.kind) for each in self._traits},
            "external_ids": [msgspec.structs.asdict(each) for each in member.external_ids],
        }


def _parquet_value(value: Any, kind: Kind) -> Any:
    """None for one that the column has no place for: its definition has become another one a moment ago."""
    if value is None:
        return None
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    match kind:
        case Kind.NUMBER:
            return float(value) if is_number else None
        case Kind.WHOLE_NUMBER:
            return value if is_number and isinstance(value, int) else None
        case Kind.TRUTH:
            return value if isinstance(value, bool) else None
        case Kind.ANY:
            return value if isinstance(value, str) else _encode(value).decode()


class _Sink(io.RawIOBase):
    """Where Parquet is written to, and taken from in between."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._count = 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._buffer += data
        size = len(memoryview(data).cast("B"))
        self._count += size
        return size

    def tell(self) -> int:
        return self._count

    def taken(self) -> bytes:
        data = bytes(self._buffer)
        self._buffer.clear()
        return data
