"""Tracking plans: which events may be sent, what they look like, and what happens to those that differ (spec 3)."""

from enum import StrEnum
from typing import Any

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
    version: int = 1
    """Picked by `context.protocols.event_version`; the oldest when that is missing."""
    description: str = ""
    labels: dict[str, str] = {}
    schema: dict[str, Any] = {}
    """JSON Schema, draft-07, of an envelope with `context`, `traits` and `properties`; of the whole event for a
    COMMON rule.
    """


class TraitControls(Section, frozen=True):
    """For identify and group calls, which are never blocked by anything but a COMMON rule."""

    allow_unplanned_traits: bool = True
    allow_traits_on_violations: bool = True
    common_event_on_violations: OnViolation = OnViolation.ALLOW


class Controls(Section, frozen=True):
    """The matrix of spec 3.4. Everything is allowed unless it is said otherwise."""

    allow_unplanned_events: bool = True
    allow_unplanned_event_properties: bool = True
    allow_event_on_violations: bool = True
    allow_properties_on_violations: bool = True
    common_event_on_violations: OnViolation = OnViolation.ALLOW
    identify: TraitControls = TraitControls()
    group: TraitControls = TraitControls()
    forwarding_violations_to: str = ""
    """A source that receives a `Violation Generated` event for every violation."""
    forwarding_blocked_events_to: str = ""
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
