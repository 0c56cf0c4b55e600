"""Events as one Parquet file in memory, for a store that is not ours."""

from collections.abc import Sequence
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq

from headwater.event import OutboundEvent
from headwater.lake.parquet import SCHEMA, pack

COLUMNS: Final = [name for name in SCHEMA.names if name not in {"log_offset", "log_index", "trace", "profile_id"}]
"""Of the lake's: all but where an event is in our own log, and what our own stages noted."""


def parquet(events: Sequence[OutboundEvent]) -> bytes:
    """The same bytes for the same events."""
    sink = pa.BufferOutputStream()
    pq.write_table(pa.Table.from_batches([pack(events)]).select(COLUMNS), sink, compression="zstd")
    return bytes(sink.getvalue())
