"""Who is in an audience now, as the ids that events of the lake carry."""

from typing import Final

from headwater.aggregation import tables
from headwater.aggregation.reading import Rows
from headwater.errors import InputError

MEMBERS_MAX: Final = 2_000_000
"""Ids held in memory while a replay runs: some 250 MB. A larger audience is replayed in parts, by `where`."""


def members(state: Rows, audience: str) -> frozenset[str]:
    """Segment ids, with those of profiles that were merged into a member: events keep the id of their time."""
    found: set[str] = set()
    prefix = tables.member_key(audience, tables.COLLECTIONS["users"])
    page: list[bytes] = []
    for key, _ in state.scan(tables.MEMBERS, prefix):
        page.append(key[-tables.KEY_BYTES :])
        if len(page) == 1_000:
            found |= _ids(state, page)
            page = []
        if len(found) > MEMBERS_MAX:
            raise InputError("audience_too_large", f"more than {MEMBERS_MAX:,} members", field="audience")
    return frozenset(found | _ids(state, page))


def _ids(state: Rows, profiles: list[bytes]) -> set[str]:
    found = set(map(tables.segment_id, profiles))
    for row in state.get_many(tables.PROFILES, profiles):
        if row is not None:
            found |= set(map(tables.segment_id, tables.decode_profile(row).parts))
    return found
