"""Which rows of a Parquet file belong to a user, and the file without them: a part of a row group at a time."""

import re
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any, Final

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from headwater.event import user_ids

STEP_ROWS: Final = 10_000
"""Looked at in one step: some hundredths of a second, and at most 320 MB of the largest events."""

_NAMES: Final = 100
"""Ids looked for in one pass over a body; RE2 turns more into a machine that does not fit its memory."""

_LOOKED_AT: Final = ["user_id", "body", "log_offset", "log_index"]

_INDEX_BITS: Final = 24
"""Of a place as one number; a request has fewer events, those that stages have made included."""


class Users:
    """The users looked for, as Arrow wants them."""

    def __init__(self, ids: Collection[str], *, before: int, places: Collection[tuple[int, int]] = ()) -> None:
        """`places` (offset and index in the collected log): what is theirs without naming them."""
        self._ids = frozenset(ids)
        numbers = sorted((offset << _INDEX_BITS) + index for offset, index in places)
        self._places = pa.array(numbers, type=pa.int64())
        self._array = pa.array(sorted(self._ids), type=pa.string())
        self._before = before
        # A value, not a key: no colon follows.
        quoted = [re.escape(msgspec.json.encode(user_id).decode()) for user_id in sorted(self._ids)]
        self._patterns = [
            rf"(?:{'|'.join(quoted[at : at + _NAMES])})\s*[,\]}}]" for at in range(0, len(quoted), _NAMES)
        ]

    def own(self, batch: Any) -> Any:
        """A mask of the rows that are theirs."""
        owned = pc.is_in(batch["user_id"], value_set=self._array)
        if len(self._places):
            high = pc.shift_left(batch["log_offset"], pa.scalar(_INDEX_BITS, pa.int64()))
            number = pc.add(high, pc.cast(batch["log_index"], pa.int64()))
            owned = pc.or_(owned, pc.is_in(number, value_set=self._places))
        # previousId has no column: few events have one, so they are looked at one by one.
        linked = pc.indices_nonzero(pc.match_substring(batch["body"], '"previousId"')).to_pylist()
        if linked:
            also = [at for at in linked if self._names(batch["body"][at].as_py())]
            owned = pc.or_(owned, pc.is_in(pa.array(range(len(batch))), value_set=pa.array(also, type=pa.int64())))
        return pc.and_(owned, pc.less(batch["log_offset"], self._before))

    def _names(self, body: str) -> bool:
        return not self._ids.isdisjoint(user_ids(None, body.encode()))

    def mentioned(self, batch: Any) -> Any:
        """A mask of the rows that have one of the ids as a JSON string, written the usual way."""
        found = pc.match_substring_regex(batch["body"], self._patterns[0])
        for pattern in self._patterns[1:]:
            found = pc.or_(found, pc.match_substring_regex(batch["body"], pattern))
        return found


def looked_at(path: Path) -> Iterator[Any]:
    """The columns that `Users` needs, step by step."""
    with pq.ParquetFile(path) as file:
        yield from file.iter_batches(batch_size=STEP_ROWS, columns=_LOOKED_AT)


def remaining(path: Path, users: Users) -> Iterator[Any]:
    """The rows that are not theirs, step by step, all columns."""
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(batch_size=STEP_ROWS):
            yield batch.filter(pc.invert(users.own(batch)))


def count(mask: Any) -> int:
    return pc.sum(mask).as_py() or 0
