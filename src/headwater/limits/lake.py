"""The lake's files, and questions to them."""

from typing import Final

VISIBLE_S: Final = 5
"""Default age of the oldest event waiting for a Parquet file; leaves half of the promised 10 s for work."""

FILE_ROWS_MAX: Final = 100_000
"""Rows per freshly written file: bounds the writer's memory (about 100 MB of plain events)."""

COMPACT_FILES: Final = 8
"""So many neighbouring files of one size class are merged into one of the next."""

COMPACTED_ROWS_MAX: Final = 1_000_000
"""A file of this size is never merged again."""

SQL_ROWS_MAX: Final = 100_000
"""Rows of one answer of the private API's SQL; larger results belong in a file."""

assert FILE_ROWS_MAX < COMPACTED_ROWS_MAX
assert VISIBLE_S < 10
