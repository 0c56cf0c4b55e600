"""A profile in a line: by what people know somebody, when they were last seen, and little more."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import msgspec

from headwater.aggregation import reading
from headwater.aggregation.reading import Found, Rows
from headwater.aggregation.tables import ExternalId, collection_of, segment_id
from headwater.config.identity import Identity
from headwater.processing.timestamps import render
from headwater.serve.profiles import Id

IDS_SHOWN: Final = 4
TRAITS_SHOWN: Final = 4
TEXT_CHARS_MAX: Final = 120
"""Of a name or a trait in a line; the profile's own page has it whole."""

_NAMES: Final = ("name", "fullName", "full_name", "displayName", "display_name")
_FIRST: Final = ("firstName", "first_name", "firstname")
_LAST: Final = ("lastName", "last_name", "lastname")
_ALSO: Final = ("username", "userName", "email", "phone", "company", "website")

KNOWN_BY: Final = (*_NAMES, *_FIRST, *_LAST, *_ALSO)
"""Traits that say who somebody is."""

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
        _telling(known),
        render(profile.created_ms),
        render(profile.updated_ms),
        profile.events,
        profile.merges,
    )


def by_priority(ids: Iterable[ExternalId], identity: Identity) -> list[ExternalId]:
    """As the workspace ranks their types; those that it does not name come last."""
    ranks = {rule.type: rank for rank, rule in enumerate(identity.rules())}
    return sorted(ids, key=lambda each: (ranks.get(each.type, len(ranks)), each))


def called(traits: Mapping[str, Any], ids: Sequence[ExternalId]) -> str:
    """What people would call somebody with these traits and ids, the best of them first.

    >>> called({"firstName": "Ann", "lastName": "Lee", "email": "ann@x.io"}, [])
    'Ann Lee'
    >>> called({"email": "ann@x.io"}, []), called({}, [ExternalId("user_id", "u1")]), called({}, [])
    ('ann@x.io', 'u1', '')
    """
    whole = _text(traits, _NAMES) or " ".join(filter(None, (_text(traits, _FIRST), _text(traits, _LAST))))
    name = whole or _text(traits, _ALSO) or (ids[0].value if ids else "")
    return _cut(name)


def _text(traits: Mapping[str, Any], keys: Iterable[str]) -> str:
    texts = (traits.get(key) for key in keys)
    return next((text.strip() for text in texts if isinstance(text, str) and text.strip()), "")


def _telling(traits: Mapping[str, Any]) -> dict[str, Any]:
    scalars = {key: value for key, value in traits.items() if isinstance(value, str | int | float) and value != ""}
    named = [key for key in _TELLING if key in scalars]
    others = sorted(key for key in scalars if key not in named and key not in KNOWN_BY)
    return {key: _shortened(scalars[key]) for key in [*named, *others][:TRAITS_SHOWN]}


def _shortened(value: Any) -> Any:
    return _cut(value) if isinstance(value, str) else value


def _cut(text: str) -> str:
    return text if len(text) <= TEXT_CHARS_MAX else text[: TEXT_CHARS_MAX - 1] + "…"
