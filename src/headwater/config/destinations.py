"""What a destination is sent, and how: filters, mappings, consent, pace and retries (spec 2.1, 2.6, 2.8)."""

from enum import StrEnum
from typing import Annotated, Any, Final, NamedTuple

import msgspec

from headwater import limits
from headwater.config.section import Section

ALL: Final = "all"
"""The `if` of a filter that is about every event."""

Positive = Annotated[float, msgspec.Meta(gt=0)]
Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
Count = Annotated[int, msgspec.Meta(ge=1)]
Fields = dict[str, tuple[str, ...]]
"""Path of an object, or of a list of objects, as in `context.traits` → names in it; `""`: the top of the event."""


class FilterVerb(StrEnum):
    DROP = "drop"
    """What matches is not sent."""
    ONLY = "only"
    """What does not match is not sent."""
    SAMPLE = "sample"
    """Of what matches, a share is sent."""
    DROP_PROPERTIES = "drop_properties"
    ALLOW_PROPERTIES = "allow_properties"


class FilterType(StrEnum):
    """The same as Segment's Public API writes it; `only` is a DROP there, with the opposite condition."""

    DROP = "DROP"
    SAMPLE = "SAMPLE"
    DROP_PROPERTIES = "DROP_PROPERTIES"
    ALLOW_PROPERTIES = "ALLOW_PROPERTIES"

    @property
    def verb(self) -> FilterVerb:
        return FilterVerb(self.value.lower())


class FilterAction(Section, frozen=True):
    type: FilterType
    percent: Share | None = None
    path: str = ""
    fields: Fields = {}


class FilterStep(NamedTuple):
    """One thing that a filter does, in whichever form it was written."""

    verb: FilterVerb
    percent: float | None
    path: str
    fields: Fields


class DestinationFilter(Section, frozen=True):
    """Written with one `action`, or with `actions` as the Public API has them."""

    if_: str = msgspec.field(name="if")
    """FQL, or `all`."""
    title: str = ""
    description: str = ""
    enabled: bool = True
    action: FilterVerb | None = None
    percent: Share | None = None
    """Of a sample: the share that is sent, 0 to 1."""
    path: str = ""
    """Of a sample: events with the same value here share their fate. Empty: each event has its own."""
    fields: Fields = {}
    """Of `drop_properties` and `allow_properties`."""
    actions: tuple[FilterAction, ...] = ()

    @property
    def steps(self) -> tuple[FilterStep, ...]:
        if self.action is not None:
            return (FilterStep(self.action, self.percent, self.path, self.fields),)
        return tuple(FilterStep(a.type.verb, a.percent, a.path, a.fields) for a in self.actions)


class BatchBounds(Section, frozen=True):
    """Within what the action itself allows. None: as the action says."""

    items_max: Count | None = None
    bytes_max: Count | None = None
    wait_s: Annotated[float, msgspec.Meta(ge=0, le=limits.delivery.BATCH_WAIT_S_MAX)] | None = None


class DestinationMapping(Section, frozen=True):
    name: str
    action: str
    """Of the destination's type."""
    trigger: str
    """FQL as triggers have it: which events the action is done with."""
    mapping: dict[str, Any] = {}
    """Field of the action → raw JSON or a directive; the fields that are not named keep their defaults."""
    enabled: bool = True
    batch: BatchBounds = BatchBounds()


class DestinationPace(Section, frozen=True):
    """None: as the type says."""

    per_s: Positive | None = None
    """Requests per second."""
    concurrency: Annotated[int, msgspec.Meta(ge=1, le=limits.delivery.CONCURRENCY_MAX)] | None = None
    """Requests under way at once."""


class DestinationRetry(Section, frozen=True):
    window_s: Annotated[int, msgspec.Meta(ge=0, le=limits.delivery.RETRY_WINDOW_S_MAX)] = (
        limits.delivery.RETRY_WINDOW_S
    )
    """After the first failure; 0: nothing is tried again."""
    base_s: Positive = limits.delivery.RETRY_BASE_S
    """The longest pause after the first failure; it doubles with each one that follows ..."""
    delay_max_s: Positive = limits.delivery.RETRY_DELAY_S_MAX
    """... up to this."""
