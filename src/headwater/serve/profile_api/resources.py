"""What each resource answers about a profile: pure functions of the state."""

from collections.abc import Callable, Iterable
from itertools import islice
from typing import Any, Final
from urllib.parse import quote

from headwater import limits
from headwater.aggregation import reading
from headwater.aggregation.reading import Found, Rows
from headwater.aggregation.tables import ComputedValue, ExternalId, ProfileId, Trait, collection_of, segment_id
from headwater.processing.timestamps import render
from headwater.serve.profile_api import cursor, events
from headwater.serve.profile_api.request import Query
from headwater.serve.profile_api.space import AUDIENCE, COMPUTED_TRAIT, Space

Answer = dict[str, Any]

_KEY: Final = cursor.decoder(str)
_EXTERNAL_ID: Final = cursor.decoder(tuple[str, str])
_PROFILE: Final = cursor.decoder(bytes)


def traits(state: Rows, found: Found, space: Space, query: Query) -> Answer:
    """By key."""
    del state
    limit, is_verbose = query.limit(), query.flag("verbose")
    include = query.names("include")
    wanted = query.one_of("class", (AUDIENCE, COMPUTED_TRAIT))
    after = cursor.read("traits", query.next, _KEY) or ""
    collection = collection_of(found.key)
    known = reading.traits(found.profile)
    keys: Iterable[str] = known.keys() & include if include else known
    if wanted is not None:
        keys = (key for key in keys if space.class_of(collection, key) == wanted)
    there = sorted([key for key in keys if key > after and known[key].value is not None])
    page = there[:limit]
    shown = {key: _verbose(known[key], space) if is_verbose else known[key].value for key in page}
    more = cursor.write("traits", page[-1]) if len(there) > limit else ""
    return {"traits": shown, "cursor": _cursor(found, space, "traits", limit, more)}


def _verbose(trait: Trait | ComputedValue, space: Space) -> Answer:
    """What is computed comes from no source."""
    if isinstance(trait, Trait):
        source, at_ms = space.source_id(trait.source), trait.at_ms
    else:
        source, at_ms = "", trait.changed_ms
    return {"value": trait.value, "source_id": source, "updated_at": render(at_ms)}


def external_ids(state: Rows, found: Found, space: Space, query: Query) -> Answer:
    limit, include = query.limit(), query.names("include")
    query.flag("verbose")  # everything is shown either way, as in Segment's own answers
    after = cursor.read("external_ids", query.next, _EXTERNAL_ID)
    rows = reading.external_ids(state, found.key, after=ExternalId(*after) if after else None)
    page = list(islice((row for row in rows if not include or row[0].type in include), limit + 1))
    more = cursor.write("external_ids", page[limit - 1][0]) if len(page) > limit else ""
    collection = collection_of(found.key)
    data = [
        _external_id(each, row, collection, space) | {"first_message_id": row.message_id}
        for each, row in page[:limit]
    ]
    return {"data": data, "cursor": _cursor(found, space, "external_ids", limit, more)}


def shown_events(state: Rows, found: Found, space: Space, query: Query) -> Answer:
    data, more = events.page(state, found, space, query)
    return {"data": data, "cursor": _cursor(found, space, "events", query.limit(), more)}


def metadata(state: Rows, found: Found, space: Space, query: Query) -> Answer:
    """With `verbose` also what Segment does not tell: what the profile is made of."""
    del state
    profile = found.profile
    answer: Answer = {
        "created_at": render(profile.created_ms),
        "updated_at": render(profile.updated_ms),
        "expires_at": None,
        "first_message_id": profile.first_message_id,
        "first_source_id": space.source_id(profile.first_source),
        "last_message_id": profile.last_message_id,
        "last_source_id": space.source_id(profile.last_source),
    }
    if query.flag("verbose"):
        answer |= {
            "segment_id": segment_id(found.key),
            "events": profile.events,
            "external_ids": profile.ids,
            "merges": profile.merges,
            "traits_not_kept": profile.traits_overflow,
        }
    return {"metadata": answer}


def links(state: Rows, found: Found, space: Space, query: Query) -> Answer:
    """The accounts of a user, or the users of an account, each with its external ids."""
    limit = query.limit()
    after = cursor.read("links", query.next, _PROFILE)
    page = list(islice(reading.links(state, found.key, after=after), limit + 1))
    data = []
    for other, _ in page[:limit]:
        collection = collection_of(other)
        ids = islice(reading.external_ids(state, other), limits.unify.PROFILE_API_LINKED_IDS_MAX)
        shown = [_external_id(each, row, collection, space) for each, row in ids]
        data.append({"to_collection": collection, "external_ids": shown})
    more = cursor.write("links", page[limit - 1][0]) if len(page) > limit else ""
    return {"data": data, "cursor": _cursor(found, space, "links", limit, more)}


def _external_id(external_id: ExternalId, row: ProfileId, collection: str, space: Space) -> Answer:
    return {
        "source_id": space.source_id(row.source),
        "collection": collection,
        "id": external_id.value,
        "type": external_id.type,
        "created_at": render(row.created_ms),
        "encoding": "none",
    }


def _cursor(found: Found, space: Space, resource: str, limit: int, more: str) -> Answer:
    collection = collection_of(found.key)
    path = f"/v1/spaces/{quote(space.name, safe='')}/collections/{collection}/profiles/{segment_id(found.key)}"
    return {"url": f"{path}/{resource}", "has_more": bool(more), "next": more, "limit": limit}


RESOURCES: Final[dict[str, Callable[[Rows, Found, Space, Query], Answer]]] = {
    "traits": traits,
    "external_ids": external_ids,
    "events": shown_events,
    "metadata": metadata,
    "links": links,
}
