"""What a source does with events that break its plan: its own controls over the plan's over "allow everything"."""

from typing import NamedTuple, TypeVar

import msgspec

from headwater.config.tracking_plans import Controls, OnViolation, TraitControls

C = TypeVar("C", Controls, TraitControls)


class CallControls(NamedTuple):
    """For one kind of call."""

    blocks_unplanned: bool = False
    omits_unplanned: bool = False
    blocks_violations: bool = False
    omits_violations: bool = False
    common: OnViolation = OnViolation.ALLOW


def combined(own: C | None, base: C) -> C:
    """`base`, with what `own` says."""
    if own is None:
        return base
    said = {}
    for name in own.__struct_fields__:
        mine, theirs = getattr(own, name), getattr(base, name)
        if isinstance(mine, TraitControls):
            said[name] = combined(mine, theirs)
        elif mine is not None:
            said[name] = mine
    return msgspec.structs.replace(base, **said)


def by_call(controls: Controls) -> dict[str, CallControls]:
    """Pages and screens are held to what holds for tracks. An alias has no payload that could be planned."""
    events = CallControls(
        controls.allow_unplanned_events is False,
        controls.allow_unplanned_event_properties is False,
        controls.allow_event_on_violations is False,
        controls.allow_properties_on_violations is False,
        controls.common_event_on_violations or OnViolation.ALLOW,
    )
    found = dict.fromkeys(("track", "page", "screen"), events)
    found["alias"] = CallControls(common=events.common)
    for call, traits in (("identify", controls.identify), ("group", controls.group)):
        found[call] = CallControls(
            omits_unplanned=traits.allow_unplanned_traits is False,
            omits_violations=traits.allow_traits_on_violations is False,
            common=traits.common_event_on_violations or OnViolation.ALLOW,
        )
    return found
