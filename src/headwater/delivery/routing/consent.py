"""Step 4: what a person has consented to, as the event says it (collection.md 1.15).

An event without `context.consent` is not about consent and passes. One with it goes only where *all* categories of
the destination are `true` in it; a category that it does not name is not consented to.
"""

from typing import Any, Final

import msgspec
from msgspec import UNSET, UnsetType

from headwater.delivery.routing.step import Step, Verdict
from headwater.destinations.kit.model import Filtered
from headwater.event import OutboundEvent

REASON: Final = "FILTERED_BY_END_USER_CONSENT"

_UNREADABLE: Final = Filtered(REASON, "what was consented to cannot be read, so nothing was")


class _Consent(msgspec.Struct, rename="camel", gc=False):
    category_preferences: dict[str, Any] | UnsetType = UNSET


class _Context(msgspec.Struct, gc=False):
    consent: _Consent | None = None


class _Said(msgspec.Struct, gc=False):
    context: _Context | None = None


_decode = msgspec.json.Decoder(_Said).decode


def step(categories: tuple[str, ...]) -> Step | None:
    """None: the destination belongs to no category, and consent says nothing about it."""
    if not categories:
        return None

    def run(event: OutboundEvent) -> Verdict:
        try:
            context = _decode(event.body).context
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return _UNREADABLE
        if context is None or context.consent is None:
            return event
        preferences = context.consent.category_preferences
        if preferences is UNSET:
            return event
        refused = [category for category in categories if preferences.get(category) is not True]
        return Filtered(REASON, f"no consent to {', '.join(refused)}") if refused else event

    return Step("consent", run)
