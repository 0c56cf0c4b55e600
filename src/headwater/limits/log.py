"""What the log keeps, and in which pieces."""

from typing import Final

from headwater.limits.collection import BATCH_BYTES_MAX
from headwater.units import GIB, MIB

FRAME_BYTES_MAX: Final = 8 * MIB
"""One group commit; a fsync amortised over 8 MiB costs nothing measurable, a larger blob only latency."""

SEGMENT_BYTES_MAX: Final = 256 * MIB
"""A segment is the unit of retention; small enough that trimming frees space soon."""

RETENTION_S: Final = 7 * 24 * 3600
"""Read records are kept this long for a look back; unread ones are kept until read."""

RETENTION_BYTES: Final = 8 * GIB
"""Per log, read records only."""

CORRUPTION_GAP: Final = 1 << 20
"""Offsets skipped when a segment's end cannot be read, so that no offset is ever given out twice."""

assert BATCH_BYTES_MAX <= FRAME_BYTES_MAX <= SEGMENT_BYTES_MAX
