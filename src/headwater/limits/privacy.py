"""Requests to delete or suppress people."""

from typing import Final

from headwater.limits.collection import EVENT_BYTES_MAX

REGULATION_SUBJECTS_MAX: Final = 5_000
"""Users in one request, as Segment has it. Finding them costs one pass over the data however many there are."""

REGULATION_SUBJECT_CHARS_MAX: Final = EVENT_BYTES_MAX
"""A userId that was ever accepted is no longer; a shorter bound would leave somebody who cannot be deleted."""

REGULATION_IMPACT_USERS: Final = 500
"""Users of a privacy request whose profiles are looked up before it is made; some 50 ms."""

REGULATION_PEOPLE_SHOWN: Final = 10
"""Of them, in the dialog that asks whether it is meant."""

ERASE_ROWS: Final = 2_000
"""Rows of working data looked at between two micro-batches, or two other calls of the delivery store: a few
milliseconds of waiting for everybody else."""
