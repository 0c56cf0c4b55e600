"""Profiles as they are stored, read and nothing else: for the Profile API, the private API and the command line.

Everything here is as current as the state it reads: windows expire when their timers are due, and the pipeline
writes what they come to, so nothing has to be computed for an answer.
"""

import heapq
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from operator import itemgetter
from typing import Any, Final, NamedTuple, Protocol, TypeVar

import msgspec

from headwater import limits
from headwater.aggregation import tables
from headwater.aggregation.compute.layout import USERS_PREFIX
from headwater.aggregation.tables import (
    ComputedValue,
    Decision,
    ExternalId,
    HistoryPlace,
    HistoryRow,
    Link,
    Profile,
    ProfileId,
    Trait,
)
from headwater.state.port import Table

Line = TypeVar("Line")


class Rows(Protocol):
    """The part of the state port that is needed here."""

    def get_many(self, table: Table, keys: Sequence[bytes]) -> list[bytes | None]: ...

    def scan(
        self, table: Table, prefix: bytes = b"", *, reverse: bool = False, start: bytes | None = None
    ) -> Iterator[tuple[bytes, bytes]]: ...


class Found(NamedTuple):
    key: bytes
    profile: Profile


class StoredEvent(NamedTuple):
    place: HistoryPlace
    row: HistoryRow


class Decided(NamedTuple):
    """A row of the identity log."""

    place: tuple[int, int, int]
    """Offset and index of the event in the collected log, and the number among the decisions that it led to."""
    profile: bytes
    """In whose log it is."""
    decision: Decision


class _Values(msgspec.Struct, array_like=True):
    """tables.Computed without the state of aggregates, which may be large and is nobody else's business."""

    version: int = 0
    at_ms: int = 0
    due_ms: int | None = None
    values: dict[str, ComputedValue] = {}


_decode_values: Final = msgspec.msgpack.Decoder(_Values).decode


# --- finding ----------------------------------------------------------------------------------------------------


def find(state: Rows, collection: str, who: ExternalId | str) -> Found | None:
    """Whose external id it is; of a segment id its profile, or the one that this has become part of."""
    if isinstance(who, str):
        key = tables.key_of_segment_id(who)
        if key is None or tables.collection_of(key) != collection:
            return None
        return _at(state, key) or _at(state, surviving(state, key))
    (owner,) = state.get_many(tables.IDENTITIES, [tables.identity_key(collection, who)])
    if owner is None:
        return None
    # Rows are read one after the other, and a merge may come in between.
    return _at(state, owner) or _at(state, surviving(state, owner))


def surviving(state: Rows, key: bytes) -> bytes:
    """The profile that this one has become part of; itself, unless it was merged away."""
    for _ in range(limits.identity.MERGED_FOLLOWED_MAX):
        (into,) = state.get_many(tables.MERGED, [key])
        if into is None:
            break
        key = into
    return key


def _at(state: Rows, key: bytes) -> Found | None:
    (row,) = state.get_many(tables.PROFILES, [key])
    return Found(key, tables.decode_profile(row)) if row is not None else None


# --- what is known ----------------------------------------------------------------------------------------------


def traits(profile: Profile) -> dict[str, Trait | ComputedValue]:
    """By key, in no order: those that were sent, and over them those that are computed. A value of None is none.
    An audience that the profile has left is False; one that it was never in has no entry.
    """
    sent: dict[str, Trait | ComputedValue] = {**tables.decode_traits(profile.traits)}
    computed = _decode_values(profile.computed).values
    return sent | {
        key: each for key, each in computed.items() if each.value is not None and not key.startswith(USERS_PREFIX)
    }


def sent(profile: Profile) -> dict[str, Any]:
    """Traits as they were sent, by key, in no order."""
    known = tables.decode_traits(profile.traits)
    return {key: each.value for key, each in known.items() if each.value is not None}


def external_ids(
    state: Rows, key: bytes, *, after: ExternalId | None = None
) -> Iterator[tuple[ExternalId, ProfileId]]:
    """By type, then value; from the one after `after` on. A profile has some thousand at most."""
    rows = (tables.decode_profile_id(row) for _, row in state.scan(tables.PROFILE_IDS, key))
    known = sorted(((each.external_id, each) for each in rows), key=itemgetter(0))
    return ((external_id, each) for external_id, each in known if after is None or external_id > after)


def links(state: Rows, key: bytes, *, after: bytes | None = None) -> Iterator[tuple[bytes, Link]]:
    """The accounts of a user, or the users of an account, by key; from the one after `after` on."""
    start = key + after + b"\0" if after else None
    for link_key, row in state.scan(tables.LINKS, key, start=start):
        yield link_key[tables.KEY_BYTES :], tables.decode_link(row)


# --- history ----------------------------------------------------------------------------------------------------


def events(
    state: Rows,
    found: Found,
    *,
    start_ms: int = 0,
    end_ms: int | None = None,
    newest_first: bool = True,
    after: HistoryPlace | None = None,
) -> Iterator[StoredEvent]:
    """The events with start_ms <= effective time < end_ms, by effective time and place; from the one after `after`
    on. Those of profiles that were merged lie under keys of their own and are merged in here.
    """
    parts = [found.key, *found.profile.parts]
    if newest_first:
        begin = after or (None if end_ms is None else HistoryPlace(end_ms, 0, 0))
        runs = [_backwards(state, part, begin, start_ms) for part in parts]
    else:
        runs = [_forwards(state, part, after or HistoryPlace(start_ms, 0, 0), end_ms) for part in parts]
    rows = heapq.merge(*runs, key=_place_in_key, reverse=newest_first) if len(runs) > 1 else runs[0]
    for key, row in rows:
        place = tables.history_place(key)
        if place != after:
            yield StoredEvent(place, tables.read_history_row(row))


def lines_of(
    rows: Iterator[StoredEvent], line: Callable[[StoredEvent], Line | None], *, limit: int
) -> tuple[list[Line], HistoryPlace | None]:
    """One page: what `line` makes of events, `limit` at most, and the place after which the next one begins; None:
    this was the last. It may be short, even empty, and still not the last: not more than
    limits.unify.PROFILE_EVENTS_LOOKED events are looked at for one.
    """
    lines: list[Line] = []
    last = None
    for stored in islice(rows, limits.unify.PROFILE_EVENTS_LOOKED):
        if len(lines) == limit:
            return lines, last
        last = stored.place
        made = line(stored)
        if made is not None:
            lines.append(made)
    return lines, None if next(rows, None) is None else last


def _place_in_key(row: tuple[bytes, bytes]) -> bytes:
    return row[0][tables.KEY_BYTES :]


def _backwards(
    state: Rows, part: bytes, begin: HistoryPlace | None, start_ms: int
) -> Iterator[tuple[bytes, bytes]]:
    start = None if begin is None else tables.history_key(part, *begin)
    stop = tables.history_key(part, start_ms, 0, 0)
    for key, row in state.scan(tables.HISTORY, part, reverse=True, start=start):
        if key < stop:
            return
        if key != start:  # whether it is the end or what was shown last, it does not belong to it
            yield key, row


def _forwards(state: Rows, part: bytes, begin: HistoryPlace, end_ms: int | None) -> Iterator[tuple[bytes, bytes]]:
    stop = None if end_ms is None else tables.history_key(part, end_ms, 0, 0)
    for key, row in state.scan(tables.HISTORY, part, start=tables.history_key(part, *begin)):
        if stop is not None and key >= stop:
            return
        yield key, row


# --- why --------------------------------------------------------------------------------------------------------


def decisions(state: Rows, key: bytes) -> list[Decided]:
    """What was decided about the ids of a profile and of those that have become part of it, in the order of the
    log; limits.unify.DECISIONS_SHOWN_MAX at most, its own before those of the others.
    """
    found: list[Decided] = []
    seen = {key}
    waiting = [key]
    while waiting and len(found) < limits.unify.DECISIONS_SHOWN_MAX:
        profile = waiting.pop()
        for log_key, row in state.scan(tables.IDENTITY_LOG, profile):
            decision = tables.decode_decision(row)
            found.append(Decided((*tables.place_of_decision(log_key), log_key[-1]), profile, decision))
            if len(found) >= limits.unify.DECISIONS_SHOWN_MAX:
                break
            other = decision.other
            # What an unmerge has put apart is another profile's story again.
            if decision.kind == "merged" and other not in seen and surviving(state, other) == key:
                seen.add(other)
                waiting.append(other)
    return sorted(found)
