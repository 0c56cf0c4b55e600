"""The external ids of a profile, and choices among them."""

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from headwater.aggregation import tables
from headwater.aggregation.tables import ExternalId
from headwater.config.definitions import IdChoice
from headwater.config.identity import DEFAULT_TYPES
from headwater.flow import Effects

Place = tuple[int, int]
"""Offset and index in the collected log."""

_DEFAULT: Final = frozenset(DEFAULT_TYPES)


class KnownId(NamedTuple):
    """An external id, and since when the profile is known by it."""

    id: ExternalId
    since: tuple[int, int, int, str]
    """Time of receipt, place in the log and, since one event may bring several, the value."""

    @property
    def place(self) -> Place:
        return self.since[1:3]


def known_ids(effects: Effects, profile: bytes) -> list[KnownId]:
    """In order of type and value."""
    found = []
    for _, row in effects.scan(tables.PROFILE_IDS, profile):
        known = tables.decode_profile_id(row)
        found.append(KnownId(known.external_id, (known.created_ms, known.offset, known.index, known.value)))
    return sorted(found, key=lambda known: known.id)


def chosen(ids: Iterable[KnownId], choices: Mapping[str, IdChoice]) -> list[ExternalId]:
    """Those that a connection asks for, in the order given; without choices all of the default types."""
    if not choices:
        return [known.id for known in ids if known.id.type in _DEFAULT]
    wanted = [known for known in ids if known.id.type in choices]
    ends: dict[str, KnownId] = {}
    for known in wanted:
        other = ends.get(known.id.type)
        if other is None or (known.since < other.since) == (choices[known.id.type] is IdChoice.FIRST_ADDED):
            ends[known.id.type] = known
    return [known.id for known in wanted if choices[known.id.type] is IdChoice.ALL or ends[known.id.type] is known]


def latest(ids: Iterable[KnownId], type_: str) -> list[ExternalId]:
    """The one of this type that was added last; none when there is none."""
    of_type = [known for known in ids if known.id.type == type_]
    return [max(of_type, key=lambda known: known.since).id] if of_type else []
