"""A profile in a line: by what people know somebody, when they were last seen, and little more."""

from collections.abc import Container, Mapping
from typing import Any, Final

import msgspec

from headwater.aggregation import reading
from headwater.aggregation.reading import Found, Rows
from headwater.aggregation.tables import collection_of, segment_id
from headwater.config.identity import Identity
from headwater.processing.timestamps import render
from headwater.serve.unify.profile_names import KNOWN_BY, by_priority, called, cut
from headwater.serve.unify.profiles import Id

IDS_SHOWN: Final = 4
TRAITS_SHOWN: Final = 4
_TELLING: Final = ("email", "phone", "company", "title", "plan", "city", "country", "industry")
"""Traits that are shown before others."""


class ProfileSummary(msgspec.Struct, frozen=True):
    segment_id: str
    collection: str
    name: str
    """As people would call it: a name, an address, or else the best external id. Empty: nothing is known."""
    external_ids: list[Id]
    """The best 4, by the priority of their types."""
    external_ids_count: int
    traits: dict[str, Any]
    """At most 4 that were sent and say the most; long texts are cut."""
    first_seen: str
    last_seen: str
    """When its last event was received."""
    events_count: int
    merges: int


def summarise(state: Rows, found: Found, identity: Identity) -> ProfileSummary:
    profile = found.profile
    ids = by_priority([each for each, _ in reading.external_ids(state, found.key)], identity)
    known = reading.sent(profile)
    return ProfileSummary(
        segment_id(found.key),
        collection_of(found.key),
        called(known, ids),
        [Id(*each) for each in ids[:IDS_SHOWN]],
        len(ids),
        _telling(known, {each.value for each in ids[:IDS_SHOWN]}),
        render(profile.created_ms),
        render(profile.updated_ms),
        profile.events,
        profile.merges,
    )


def _telling(traits: Mapping[str, Any], said: Container[str]) -> dict[str, Any]:
    """`said`: values that the ids say already."""
    scalars = {
        key: value
        for key, value in traits.items()
        if isinstance(value, str | int | float) and value != "" and value not in said
    }
    named = [key for key in _TELLING if key in scalars]
    others = sorted(key for key in scalars if key not in named and key not in KNOWN_BY)
    return {key: _shortened(scalars[key]) for key in [*named, *others][:TRAITS_SHOWN]}


def _shortened(value: Any) -> Any:
    return cut(value) if isinstance(value, str) else value
