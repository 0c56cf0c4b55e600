"""What aggregation finds out about a profile that others may have to be told: computed changes, new external
ids.
"""

from enum import StrEnum
from typing import Any

import msgspec

from headwater.aggregation.tables import ExternalId


class Reason(StrEnum):
    """Why a change is a change (Segment's trigger reasons)."""

    VALUE_CHANGED = "value_changed"
    """An event, or time, has changed the value."""
    NEW_EXTERNAL_ID = "new_external_id"
    """The value is as it was; the profile is known by another id."""
    PROFILE_MERGED = "profile_merged"
    """Two profiles have become one, and this is what the value is now."""
    BACKFILLED = "backfilled"
    """The definition is new or edited, and this is what it comes to."""
    UNMERGED = "unmerged"
    """A merge was undone, and this is what the value is on this side."""


class Change(msgspec.Struct, gc=False):
    """A definition's value for one profile."""

    profile: bytes
    key: str
    """The definition's."""
    is_audience: bool
    value: Any
    """None: it has none any more."""
    previous: Any
    """None: it had none."""
    reason: Reason
    at_ms: int
    """The log's clock when it became so: of an expiry the very millisecond it was due."""
    offset: int = 0
    index: int = 0
    """The place of the record that brought it about."""
    message_id: str = ""
    """Of the event that brought it about; empty: time, or a person's decision, did."""
    new_ids: tuple[ExternalId, ...] = ()
    """Of NEW_EXTERNAL_ID: those the profile was not known by before."""
    before: tuple[Any, ...] = ()
    """Of PROFILE_MERGED: the values that the profiles had that became one, the surviving one first."""

    @property
    def is_of_event(self) -> bool:
        """Whether an event has brought it about; else time or a decision has, and its place is only that of the
        record that brought the clock so far, which depends on how the log was cut into batches.
        """
        return bool(self.message_id) or self.reason in _OF_EVENTS


_OF_EVENTS = frozenset({Reason.NEW_EXTERNAL_ID, Reason.PROFILE_MERGED})
