"""What resolve has found out about an event: whose it is, and what became of profiles because of it."""

import msgspec

from headwater.aggregation.tables import ExternalId


class Resolution(msgspec.Struct, gc=False):
    """In one collection."""

    profile: bytes
    """The profile that the event belongs to."""
    created: bool = False
    """The event made it."""
    merged: tuple[bytes, ...] = ()
    """Profiles that the event has merged into it, in this order."""
    new_ids: tuple[ExternalId, ...] = ()
    """External ids that the profile was not known by before; those of merged profiles are not among them."""


class Resolutions(msgspec.Struct, gc=False):
    """Of one event. None: it names nobody of that collection."""

    user: Resolution | None
    account: Resolution | None
