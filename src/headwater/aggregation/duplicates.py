"""Likely duplicates: pairs of profiles of users that may be one person, with the reasons.

Two kinds of signs. A rule has kept an external id from tying them together (CONFLICTS); or both have a value that
names a person (likeness). The second are found in two passes over all profiles: the first one only notes, in two
sets of bits, which values occur more than once; the second keeps who has those. So memory is bounded however many
profiles there are, and the same state gives the same answer.

Pairs that somebody has put apart are left out, and ids in quarantine, which say nothing about anybody.
"""

from collections.abc import Iterator, Sequence
from hashlib import blake2b
from itertools import combinations
from math import prod
from typing import Any, Final, NamedTuple

from headwater import limits
from headwater.aggregation import reading, tables
from headwater.aggregation.likeness import EMAIL, NAME_BIRTHDAY, PHONE, Shared, signs, weight
from headwater.aggregation.reading import Rows
from headwater.aggregation.tables import ExternalId, ProfileId

REFUSED: Final = "refused"
"""The sign that an external id was refused."""

SIGNS: Final = (EMAIL, PHONE, NAME_BIRTHDAY, REFUSED)
"""What is looked at, when nobody says."""

_REFUSED_WEIGHT: Final = 0.8
"""Of an id that was refused at one profile only; at more of them, less."""

_USERS: Final = tables.COLLECTIONS["users"]

_Pair = tuple[bytes, bytes]
"""In order."""


class Likely(NamedTuple):
    one: bytes
    other: bytes
    score: float
    """0 to 1. Signs are weighed together as if they knew nothing of each other."""
    reasons: list[str]


class Duplicates(NamedTuple):
    pairs: list[Likely]
    """The likeliest first."""
    is_complete: bool
    """False: there were more shared values, or more pairs, than are held at once; some may be missing."""


def find(state: Rows, by: Sequence[str] = SIGNS, *, limit: int) -> Duplicates:
    """The likeliest pairs. `by`: of SIGNS, or keys of traits that were sent."""
    weighed = _Weighed()
    if REFUSED in by:
        for pair, external_id, strength in _refused(state):
            words = ":".join(external_id)
            weighed.add(pair, strength, f"{words} belongs to one of them and came with the other, against a rule")
    shared = [sign for sign in by if sign != REFUSED]
    if shared:
        _weigh_shared(state, shared, weighed)
    apart = _put_apart(state)
    found = []
    for pair in weighed.likeliest():
        ids = [_ids(state, profile) for profile in pair]
        is_there = None not in state.get_many(tables.PROFILES, pair)
        if is_there and not any(apart.get(each, set()) & ids[1] for each in ids[0]):
            found.append(Likely(*pair, weighed.score(pair), weighed.reasons(pair)))
            if len(found) == limit:
                break
    return Duplicates(found, weighed.is_complete)


class _Weighed:
    """Pairs with their signs."""

    def __init__(self) -> None:
        self._signs: dict[_Pair, list[tuple[float, str]]] = {}
        self.is_complete = True

    def add(self, pair: _Pair, strength: float, words: str) -> None:
        signs_of_it = self._signs.get(pair)
        if signs_of_it is None:
            if len(self._signs) >= limits.identity.DUPLICATE_PAIRS_MAX:
                self.is_complete = False
                return
            signs_of_it = self._signs[pair] = []
        signs_of_it.append((strength, words))

    def score(self, pair: _Pair) -> float:
        return round(1 - prod(1 - strength for strength, _ in self._signs[pair]), 4)

    def reasons(self, pair: _Pair) -> list[str]:
        """The strongest first."""
        return [words for _, words in sorted(self._signs[pair], key=lambda sign: (-sign[0], sign[1]))]

    def likeliest(self) -> list[_Pair]:
        return sorted(self._signs, key=lambda pair: (-self.score(pair), pair))


# --- ids that were refused --------------------------------------------------------------------------------------


def _refused(state: Rows) -> Iterator[tuple[_Pair, ExternalId, float]]:
    for key, row in state.scan(tables.CONFLICTS, _USERS):
        conflict = tables.decode_conflict(row)
        (owner,) = state.get_many(tables.IDENTITIES, [key])  # both tables have the same key
        if owner is None or conflict.quarantined_ms:
            continue
        others = {reading.surviving(state, each) for each in conflict.refused_at} - {owner}
        for other in sorted(others):
            external_id = ExternalId(conflict.type, conflict.value)
            yield _pair(owner, other), external_id, _REFUSED_WEIGHT / len(others)


def _pair(one: bytes, other: bytes) -> _Pair:
    return (one, other) if one < other else (other, one)


# --- values that several have -----------------------------------------------------------------------------------


def _weigh_shared(state: Rows, by: Sequence[str], weighed: _Weighed) -> None:
    for value, group in _groups(state, by, weighed).items():
        if 2 <= len(group) <= limits.identity.DUPLICATE_GROUP_MAX:
            strength = weight(value.sign) / (len(group) - 1)
            for pair in combinations(group, 2):  # in the order of their keys, as profiles are read
                weighed.add(pair, strength, f"both have the same {value.sign}: {value.form}")


def _groups(state: Rows, by: Sequence[str], weighed: _Weighed) -> dict[Shared, list[bytes]]:
    """Who has each value that may have more than one owner; of each, one more than are looked at, at most."""
    repeated = _Repeated()
    for _, values in _everybody(state, by):
        for value in values:
            repeated.add(_number_of(value))
    groups: dict[Shared, list[bytes]] = {}
    for profile, values in _everybody(state, by):
        for value in sorted(each for each in values if _number_of(each) in repeated):
            if value not in groups and len(groups) >= limits.identity.DUPLICATE_VALUES_MAX:
                weighed.is_complete = False
                continue
            group = groups.setdefault(value, [])
            if len(group) <= limits.identity.DUPLICATE_GROUP_MAX:
                group.append(profile)
    return groups


def _everybody(state: Rows, by: Sequence[str]) -> Iterator[tuple[bytes, set[Shared]]]:
    """Every profile of a user, in order, with what it can be told by. Both tables are in the order of profiles."""
    ids = _Grouped(state)
    for profile, row in state.scan(tables.PROFILES, _USERS):
        traits = tables.decode_traits(tables.decode_profile(row).traits)
        sent: dict[str, Any] = {key: trait.value for key, trait in traits.items()}
        yield profile, signs(sent, ids.of(profile), by)


class _Grouped:
    """External ids, profile by profile."""

    def __init__(self, state: Rows) -> None:
        self._rows = state.scan(tables.PROFILE_IDS, _USERS)
        self._next = next(self._rows, None)

    def of(self, profile: bytes) -> list[ExternalId]:
        """Of this profile; those of smaller keys are passed over."""
        found = []
        while self._next is not None and self._next[0][: tables.KEY_BYTES] <= profile:
            key, row = self._next
            if key.startswith(profile):
                known: ProfileId = tables.decode_profile_id(row)
                found.append(known.external_id)
            self._next = next(self._rows, None)
        return found


class _Repeated:
    """Numbers that were added more than once; and a few that were not."""

    def __init__(self) -> None:
        self._once = bytearray(limits.identity.DUPLICATE_BITS // 8)
        self._again = bytearray(limits.identity.DUPLICATE_BITS // 8)

    def add(self, number: int) -> None:
        byte, bit = self._place(number)
        (self._again if self._once[byte] & bit else self._once)[byte] |= bit

    def __contains__(self, number: int) -> bool:
        byte, bit = self._place(number)
        return bool(self._again[byte] & bit)

    @staticmethod
    def _place(number: int) -> tuple[int, int]:
        at = number % limits.identity.DUPLICATE_BITS
        return at >> 3, 1 << (at & 7)


def _number_of(value: Shared) -> int:
    return int.from_bytes(blake2b(f"{value.sign}\0{value.form}".encode(), digest_size=8).digest(), "big")


# --- what was put apart -----------------------------------------------------------------------------------------


def _put_apart(state: Rows) -> dict[ExternalId, set[ExternalId]]:
    """Both orders of each pair are there."""
    apart: dict[ExternalId, set[ExternalId]] = {}
    for _, row in state.scan(tables.SEVERED):
        pair = tables.decode_severed(row)
        apart.setdefault(pair.one, set()).add(pair.other)
    return apart


def _ids(state: Rows, profile: bytes) -> set[ExternalId]:
    return {each for each, _ in reading.external_ids(state, profile)}
