"""Who is in an audience, page by page; and how many audiences share."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from heapq import merge
from itertools import groupby, islice
from operator import itemgetter
from typing import Any, Final, NamedTuple

import msgspec

from headwater import limits
from headwater.aggregation import reading, tables
from headwater.aggregation.reading import Rows
from headwater.aggregation.tables import ExternalId
from headwater.config.identity import Identity
from headwater.errors import InputError
from headwater.processing.timestamps import render
from headwater.serve.unify.profile_names import by_priority, called

_PROFILE: Final = itemgetter(0)


class MemberId(msgspec.Struct, frozen=True):
    type: str
    value: str
    since: str
    """When the event was received that brought it."""


class Member(msgspec.Struct, frozen=True, omit_defaults=True):
    segment_id: str
    entered_at: str
    """By the clock of the log: the time of the event that made it a member, or when a window let it in."""
    external_ids: list[MemberId]
    """By type, then value; at most 100."""
    traits: dict[str, Any]
    """Those that were asked for and that it has."""
    name: str = ""
    """As people would call it. In files, and when nothing is known, it is left out."""


class Members(NamedTuple):
    members: list[Member]
    next: str | None
    """Where to go on; None: these were the last."""


def members(
    state: Rows,
    audience: str,
    collection: str,
    *,
    limit: int,
    cursor: str | None = None,
    traits: Collection[str] = (),
    named_by: Identity | None = None,
) -> Members:
    """In the order of their keys, which says nothing about them; from the one after the cursor on. Each is there
    once, however many pages it takes; who enters or leaves meanwhile may or may not be. `named_by`: they have
    names, by these priorities of their ids.
    """
    start = None if cursor is None else tables.member_key(audience, _key(cursor)) + b"\0"
    rows = list(islice(_rows(state, audience, collection, start), limit + 1))
    shown = rows[:limit]
    profiles = state.get_many(tables.PROFILES, [profile for profile, _ in shown])
    found = [
        _member(state, profile, tables.unpack_ms(entered), row, traits, named_by)
        for (profile, entered), row in zip(shown, profiles, strict=True)
        if row is not None  # it was merged away between the two looks
    ]
    return Members(found, tables.segment_id(shown[-1][0]) if len(rows) > limit else None)


def regions(
    state: Rows, audiences: Sequence[str], collection: str, *, start: bytes = b"", rows_max: int
) -> tuple[Counter[int], bytes | None]:
    """How many profiles are in exactly which of these audiences: bit 0 of a key says that they are in the first.
    Of those from the profile `start` on, and where to go on after `rows_max` of them; None: these were all.
    """
    counts: Counter[int] = Counter()
    tagged = merge(*(_tagged(state, each, collection, start, 1 << at) for at, each in enumerate(audiences)))
    for seen, (profile, found) in enumerate(groupby(tagged, key=_PROFILE)):
        if seen == rows_max:
            return counts, profile
        counts[sum(which for _, which in found)] += 1
    return counts, None


def trait_keys(text: str | None) -> tuple[str, ...]:
    """Of a query parameter with commas."""
    keys = tuple(dict.fromkeys(filter(None, (text or "").split(","))))
    if len(keys) > limits.compute.EXPORT_TRAITS_MAX:
        raise InputError("invalid_request", f"at most {limits.compute.EXPORT_TRAITS_MAX} traits", field="traits")
    return keys


def _tagged(state: Rows, audience: str, collection: str, start: bytes, which: int) -> Iterator[tuple[bytes, int]]:
    begin = tables.member_key(audience, start) if start else None
    for profile, _ in _rows(state, audience, collection, begin):
        yield profile, which


def _rows(state: Rows, audience: str, collection: str, start: bytes | None) -> Iterator[tuple[bytes, bytes]]:
    """Profile and row of each member. An audience of users and one of accounts may have the same key."""
    prefix = tables.member_key(audience, tables.COLLECTIONS[collection])
    for key, row in state.scan(tables.MEMBERS, prefix, start=start):
        yield key[-tables.KEY_BYTES :], row


def _key(cursor: str) -> bytes:
    key = tables.key_of_segment_id(cursor)
    if key is None:
        raise InputError("invalid_cursor", "not a cursor of this list", field="cursor")
    return key


def _member(
    state: Rows,
    profile: bytes,
    entered_ms: int,
    row: bytes,
    traits: Collection[str],
    named_by: Identity | None,
) -> Member:
    ids = list(islice(reading.external_ids(state, profile), limits.compute.MEMBER_IDS_SHOWN_MAX))
    return Member(
        tables.segment_id(profile),
        render(entered_ms),
        [MemberId(*each, render(known.created_ms)) for each, known in ids],
        _chosen(row, traits) if traits else {},
        _name(row, (each for each, _ in ids), named_by) if named_by else "",
    )


def _name(row: bytes, ids: Iterable[ExternalId], identity: Identity) -> str:
    return called(reading.sent(tables.decode_profile(row)), by_priority(ids, identity))


def _chosen(row: bytes, traits: Collection[str]) -> dict[str, Any]:
    known = reading.traits(tables.decode_profile(row))
    return {key: known[key].value for key in traits if key in known and known[key].value is not None}


def newest(ids: Sequence[MemberId], type_: str) -> str | None:
    """The value of this type that was added last."""
    found = [(each.since, each.value) for each in ids if each.type == type_]
    return max(found)[1] if found else None
