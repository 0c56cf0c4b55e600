"""Python's cycle collector, told how a busy role makes garbage."""

import gc
from typing import Final

THRESHOLDS: Final = (50_000, 20, 20)
"""Python's own 700 has it look through every waiting request, or every event of a batch, many times a second."""


def settle() -> None:
    """Call once a role has started: what is there now stays; later garbage is freed by counting, and what few
    cycles there are can wait for 50,000 more objects.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)
