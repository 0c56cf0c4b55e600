"""Tracking plans: which events may be sent, how they look, and what becomes of those that differ (spec 3)."""

from enum import StrEnum
from hashlib import blake2b
from typing import Annotated, Any

import msgspec

from headwater.config.section import Section


class RuleType(StrEnum):
    TRACK = "track"
    IDENTIFY = "identify"
    GROUP = "group"
    PAGE = "page"
    SCREEN = "screen"
    COMMON = "common"
    """Holds for the whole of every event, whatever its call."""


class OnViolation(StrEnum):
    """What a broken COMMON rule does."""

    ALLOW = "allow"
    BLOCK = "block"
    OMIT = "omit"
    """Leave out the properties or traits that break it."""


class Rule(Section, frozen=True):
    type: RuleType
    event: str = ""
    """The name of a track event, of a page or screen; empty for the other calls, or for every page."""
    version: Annotated[int, msgspec.Meta(ge=0)] = 1
    """Picked by `context.protocols.event_version`; the oldest when that is missing."""
    description: str = ""
    labels: dict[str, str] = {}
    schema: dict[str, Any] = {}
    """JSON Schema, draft-07, of an envelope with `context`, `traits` and `properties`; of the whole event for a
    COMMON rule.
    """


class TraitControls(Section, frozen=True):
    """For identify and group calls, which are never blocked by anything but a COMMON rule."""

    allow_unplanned_traits: bool | None = None
    allow_traits_on_violations: bool | None = None
    common_event_on_violations: OnViolation | None = None


class Controls(Section, frozen=True):
    """The matrix of spec 3.4. None: as the plan says when it is a source's, everything allowed when a plan's."""

    allow_unplanned_events: bool | None = None
    allow_unplanned_event_properties: bool | None = None
    allow_event_on_violations: bool | None = None
    allow_properties_on_violations: bool | None = None
    common_event_on_violations: OnViolation | None = None
    identify: TraitControls = TraitControls()
    group: TraitControls = TraitControls()
    forwarding_violations_to: str | None = None
    """A source that receives a `Violation Generated` event for every violation."""
    forwarding_blocked_events_to: str | None = None
    """A source that receives blocked events, past its own controls."""


class TrackingPlan(Section, frozen=True):
    name: str
    description: str = ""
    rules: tuple[Rule, ...] = ()
    controls: Controls = Controls()
    unify_names: bool = False
    """Whether `sign_up` and `signup` become the planned `Sign Up`; otherwise such variants are only reported."""
    aliases: dict[str, str] = {}
    """Further names of planned events: name as sent → planned name."""
    version: int = 0
    """The workspace version that brought the plan as it is; filled in when it is applied."""

    @property
    def id(self) -> str:
        """`trackingPlanID` on the wire: stable for a name."""
        return "rs_" + blake2b(self.name.encode(), digest_size=12, person=b"hw-plan").hexdigest()


class SourceSchema(Section, frozen=True):
    """Switches of a source that need no plan (spec 3.5)."""

    block_events: tuple[str, ...] = ()
    """Track events, by name."""
    block_pages: bool = False
    block_screens: bool = False
    block_identify_traits: tuple[str, ...] = ()
    """Traits that are taken out of identify calls."""
    block_group_traits: tuple[str, ...] = ()
    integrations_off: dict[str, tuple[str, ...]] = {}
    """Track event → destinations that do not get it."""
