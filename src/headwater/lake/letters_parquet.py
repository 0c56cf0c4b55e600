"""Dead letters of delivery in Parquet files in a local folder: the columns of the lake's events and some more.

<folder>/dead-letters/<first>-<last>.parquet        by the ids of the letters
<folder>/dead-letters/<first>-<last>.r<n>.parquet   the same without those of erased users
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from headwater.event import OutboundEvent
from headwater.lake import parquet
from headwater.lake.files import new_file, translated
from headwater.lake.letters import FiledLetter, LetterFile

_OWN: Final = pa.schema(
    [
        pa.field("letter_id", pa.int64(), nullable=False),
        pa.field("destination", pa.string(), nullable=False),
        pa.field("attempts", pa.int64(), nullable=False),
        pa.field("first_failed_at_ms", pa.int64(), nullable=False),
        pa.field("died_at_ms", pa.int64(), nullable=False),
        pa.field("reason", pa.string(), nullable=False),
        pa.field("detail", pa.string(), nullable=False),
        ("mappings", pa.list_(pa.string())),
        ("made_for", pa.list_(pa.string())),  # OutboundEvent.destinations
    ]
)
SCHEMA: Final = pa.schema([*_OWN, *parquet.SCHEMA])

ROW_GROUP_ROWS: Final = 500
"""Read for a page of a list."""


class ParquetLetters:
    def __init__(self, folder: Path) -> None:
        self._folder = folder / "dead-letters"

    def write(self, file: LetterFile, letters: Sequence[FiledLetter]) -> None:
        with new_file(self._path(file)) as draft:
            pq.write_table(
                pa.Table.from_batches([_packed(letters)]),
                draft,
                compression="zstd",
                row_group_size=ROW_GROUP_ROWS,
                write_statistics=["letter_id"],
            )

    def newest(
        self, file: LetterFile, *, before_id: int | None, wanted: Callable[[int, str], bool], limit: int
    ) -> list[FiledLetter]:
        found: list[FiledLetter] = []
        with translated(self._path(file)), pq.ParquetFile(self._path(file)) as opened:
            for group in reversed(range(opened.num_row_groups)):
                if len(found) >= limit or (before_id is not None and _least_id(opened, group) >= before_id):
                    continue
                found += [
                    letter
                    for letter in reversed(_unpacked(opened.read_row_group(group)))
                    if (before_id is None or letter.id < before_id) and wanted(letter.id, letter.destination)
                ]
        return found[:limit]

    def among(self, file: LetterFile, ids: Collection[int]) -> list[FiledLetter]:
        return self._where(file, "letter_id", pa.array(sorted(ids), type=pa.int64()))

    def of_message(self, file: LetterFile, message_id: str) -> list[FiledLetter]:
        return self._where(file, "message_id", pa.array([message_id]))

    def without(self, file: LetterFile, is_gone: Callable[[FiledLetter], bool]) -> list[FiledLetter]:
        path = self._path(file)
        with translated(path), pq.ParquetFile(path) as opened:
            letters = [letter for batch in opened.iter_batches(ROW_GROUP_ROWS) for letter in _unpacked(batch)]
        gone = [letter for letter in letters if is_gone(letter)]
        if gone:
            removed = {letter.id for letter in gone}
            rest = [letter for letter in letters if letter.id not in removed]
            self.write(file._replace(revision=file.revision + 1), rest)
        return gone

    def keep_only(self, files: Collection[LetterFile]) -> None:
        names = {self._path(file).name for file in files}
        with translated(self._folder):
            for path in self._folder.glob("*"):
                if path.name not in names:
                    path.unlink(missing_ok=True)

    def _where(self, file: LetterFile, column: str, values: Any) -> list[FiledLetter]:
        """Only the row groups that have one of the values are read whole."""
        return [
            letter
            for table in self._matching(file, column, values)
            for letter in _unpacked(table.filter(pc.is_in(table[column], value_set=values)))
        ]

    def _matching(self, file: LetterFile, column: str, values: Any) -> Iterator[Any]:
        with translated(self._path(file)), pq.ParquetFile(self._path(file)) as opened:
            for group in range(opened.num_row_groups):
                looked_at = opened.read_row_group(group, columns=[column])
                if pc.any(pc.is_in(looked_at[column], value_set=values)).as_py():
                    yield opened.read_row_group(group)

    def _path(self, file: LetterFile) -> Path:
        mark = f".r{file.revision}" if file.revision else ""
        return self._folder / f"{file.first:020d}-{file.last:020d}{mark}.parquet"


def _least_id(opened: Any, group: int) -> int:
    least: int = opened.metadata.row_group(group).column(0).statistics.min
    return least


def _packed(letters: Sequence[FiledLetter]) -> Any:
    own: list[Any] = [
        [letter.id for letter in letters],
        [letter.destination for letter in letters],
        [letter.attempts for letter in letters],
        [letter.first_failed_at_ms for letter in letters],
        [letter.died_at_ms for letter in letters],
        [letter.reason for letter in letters],
        [letter.message for letter in letters],
        [letter.mappings for letter in letters],
        [letter.event.destinations for letter in letters],
    ]
    columns = [pa.array(column, type=field.type) for column, field in zip(own, _OWN, strict=True)]
    return pa.record_batch([*columns, *parquet.pack([letter.event for letter in letters])], schema=SCHEMA)


def _unpacked(table: Any) -> list[FiledLetter]:
    events = parquet.unpack(table)
    return [
        FiledLetter(
            id=row["letter_id"],
            destination=row["destination"],
            event=_made_for(event, row["made_for"]),
            attempts=row["attempts"],
            first_failed_at_ms=row["first_failed_at_ms"],
            died_at_ms=row["died_at_ms"],
            reason=row["reason"],
            message=row["detail"],
            mappings=tuple(row["mappings"]),
        )
        for event, row in zip(events, table.select(_OWN.names).to_pylist(), strict=True)
    ]


def _made_for(event: OutboundEvent, names: list[str] | None) -> OutboundEvent:
    return event if names is None else msgspec.structs.replace(event, destinations=tuple(names))
