"""Python's cycle collector and the C library's allocator, told how a busy role makes garbage."""

import contextlib
import ctypes
import gc
from typing import Final

from headwater.units import MIB

THRESHOLDS: Final = (50_000, 20, 20)
"""Python's own 700 has it look through every waiting request, or every event of a batch, many times a second."""

BATCHES: Final = 500_000
"""For a role whose batches are some 100,000 objects, all freed by counting: the collector looked through each
batch several times for nothing, a tenth of the time of aggregation."""

KEPT_BYTES: Final = 128 * MIB
"""Freed memory that stays with the process: about what a full micro-batch and a lake file take."""

MAPPED_BYTES_MIN: Final = 32 * MIB
"""Larger blocks go back to the kernel at once all the same; the most that glibc takes."""

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3  # of glibc's mallopt


def settle(objects: int = THRESHOLDS[0]) -> None:
    """Call once a role has started: what is there now stays; later garbage is freed by counting, and what few
    cycles there are can wait for so many more objects.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(objects, *THRESHOLDS[1:])


def keep_freed_memory() -> None:
    """For a role that needs the same memory again for every batch: handing it back to the kernel, which clears
    every page before it gives it out again, took 3 % of the pipeline's time. Does nothing without glibc.
    """
    with contextlib.suppress(OSError, AttributeError):
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(_TRIM_THRESHOLD, KEPT_BYTES)
        mallopt(_MMAP_THRESHOLD, MAPPED_BYTES_MIN)


def give_back_freed_memory() -> None:
    """Hand the kernel all free memory, also from between what is in use. What RocksDB keeps for long and what a
    batch needs for a moment lie side by side, so at the end of the heap there is mostly something in use, and the
    heap only grows: to 1.1 GB, of which two thirds were free, while a definition was backfilled; 0.5 GB with this
    every ten seconds. Takes 3 to 30 ms. Does nothing without glibc.
    """
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
