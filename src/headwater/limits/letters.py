"""Dead letters: how many are kept, and what one call does with them."""

from typing import Final

from headwater.limits.collection import BATCH_BYTES_MAX
from headwater.units import GIB, MIB

KEPT_MAX: Final = 100_000
"""Kept dead letters, of the stages and of delivery. Beyond it the oldest of the stages go and are counted; those
of delivery move into files of the lake."""

BYTES_MAX: Final = 4 * GIB
"""All of them together. A whole request may be 500 KB: 100,000 of those would fill a disk."""

FILE_LETTERS_MAX: Final = 5_000
FILE_BYTES_MAX: Final = 32 * MIB
"""Moved into one file, while nothing else is written to the store: some tenths of a second."""

DECIDED_MAX: Final = 1_000
"""Replayed or discarded by one call; whoever means more goes on with its cursor."""

OBSTACLES_MAX: Final = 20
"""Told when a dead letter is tried out. A batch of 2,500 bad events mostly has one mistake 2,500 times."""

LOOKED_BYTES: Final = 128 * MIB
"""Looked through by one call: about all of 100,000 ordinary letters, and a second at most of unusual ones."""

TALLIED: Final = 20_000
"""Of the newest dead letters counted by reason for the overview: some 50 ms."""

assert FILE_LETTERS_MAX < KEPT_MAX
assert BATCH_BYTES_MAX < FILE_BYTES_MAX < BYTES_MAX
