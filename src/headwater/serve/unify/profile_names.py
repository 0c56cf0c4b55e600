"""What people would call somebody, of all that is known of them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from headwater.aggregation.tables import ExternalId
from headwater.config.identity import Identity

TEXT_CHARS_MAX: Final = 120
"""Of a name or a trait in a line; the profile's own page has it whole."""

_NAMES: Final = ("name", "fullName", "full_name", "displayName", "display_name")
_FIRST: Final = ("firstName", "first_name", "firstname")
_LAST: Final = ("lastName", "last_name", "lastname")
_ALSO: Final = ("username", "userName", "email", "phone", "company", "website")

KNOWN_BY: Final = (*_NAMES, *_FIRST, *_LAST, *_ALSO)
"""Traits that say who somebody is."""


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
    return cut(name)


def _text(traits: Mapping[str, Any], keys: Iterable[str]) -> str:
    texts = (traits.get(key) for key in keys)
    return next((text.strip() for text in texts if isinstance(text, str) and text.strip()), "")


def cut(text: str) -> str:
    return text if len(text) <= TEXT_CHARS_MAX else text[: TEXT_CHARS_MAX - 1] + "…"
