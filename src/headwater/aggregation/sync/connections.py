"""Who wants to hear of a definition, and how much of what is new is used."""

from collections.abc import Collection
from hashlib import blake2b
from typing import Final, NamedTuple

from headwater.config.definitions import AudienceDefinition, Connection, Send, TraitDefinition
from headwater.config.workspace import Destination, Workspace

DEDUPE_SYNC: Final = "dedupe_sync"
SHADOW_SYNC: Final = "shadow_sync"

ON_BY_DEFAULT: Final = frozenset({DEDUPE_SYNC})
_SHARES: Final = 1 << 32


class Told(NamedTuple):
    """One destination of a definition."""

    destination: Destination
    connection: Connection
    calls: frozenset[Send]

    @property
    def dedupes_on(self) -> str:
        """The type of external id by which the destination takes each person once; empty: it takes every call."""
        return self.destination.dedupes_on or ""


class Telling(NamedTuple):
    """A definition that somebody wants to hear of."""

    key: str
    is_audience: bool
    computation_id: str
    """As destinations know it."""
    told: tuple[Told, ...]

    def to(self, destination: str) -> "Telling | None":
        """The same for one destination only; None: it is not told."""
        told = tuple(each for each in self.told if each.destination.name == destination)
        return self._replace(told=told) if told else None

    def is_told_with(self, calls: Collection[Send]) -> bool:
        """Whether any destination is told with one of these."""
        return any(not each.calls.isdisjoint(calls) for each in self.told)


Tellings = dict[tuple[str, str], Telling]
"""Collection and key → the definition; only those that are connected to a destination that is enabled."""


def tellings(workspace: Workspace) -> Tellings:
    """`Context.built` keeps it."""
    found: Tellings = {}
    definitions: tuple[TraitDefinition | AudienceDefinition, ...] = (*workspace.traits, *workspace.audiences)
    for definition in definitions:
        is_audience = isinstance(definition, AudienceDefinition)
        told = []
        for connection in definition.destinations:
            destination = workspace.destination(connection.name)
            if destination is not None and destination.enabled:
                calls = connection.calls(definition.collection, is_audience=is_audience)
                told.append(Told(destination, connection, frozenset(calls)))
        if told:
            id_ = computation_id(workspace.workspace, definition.key, is_audience=is_audience)
            at = definition.collection.value, definition.key
            found[at] = Telling(definition.key, is_audience, id_, tuple(told))
    return found


def computation_id(workspace: str, key: str, *, is_audience: bool) -> str:
    """Stable for a workspace and a key."""
    return ("aud_" if is_audience else "tra_") + _hash(f"{workspace}\0{key}")


def space_id(workspace: str) -> str:
    return "spa_" + _hash(workspace)


def _hash(name: str) -> str:
    return blake2b(name.encode(), digest_size=9, person=b"hw-computation").hexdigest()


def is_on(workspace: Workspace, flag_name: str, profile: bytes) -> bool:
    """Whether a flag is on for this profile: always the same for the same percentage, and never turned off by a
    higher one.
    """
    percentage = percentage_on(workspace, flag_name)
    if percentage in (0, 100):
        return percentage == 100
    share = int.from_bytes(blake2b(profile, digest_size=4, key=flag_name.encode()).digest(), "big")
    return share * 100 < percentage * _SHARES


def percentage_on(workspace: Workspace, flag_name: str) -> float:
    """Of the profiles, those for which a flag is on in this workspace."""
    flag = workspace.flag(flag_name)
    if flag is None:
        return 100.0 if flag_name in ON_BY_DEFAULT else 0.0
    if not flag.enabled or (flag.tiers and workspace.tier not in flag.tiers):
        return 0.0
    return flag.percentage
