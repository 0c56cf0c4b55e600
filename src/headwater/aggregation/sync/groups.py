"""Id groups: destinations that are told the same about the same external ids share the messages.

What is *the same* is the call, the name of the event, the traits that are sent along and the set of ids, known by
its hash.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from hashlib import blake2b
from typing import Any, NamedTuple

import msgspec

from headwater import limits
from headwater.aggregation.changes import Change
from headwater.aggregation.sync.connections import Telling, Told
from headwater.aggregation.sync.messages import Group
from headwater.aggregation.tables import ExternalId
from headwater.config.definitions import Send

_encode = msgspec.json.Encoder().encode


class Selected(NamedTuple):
    """What has been decided for one destination."""

    told: Told
    ids: Sequence[ExternalId]


class Subject(NamedTuple):
    """Whom messages are about."""

    profile: bytes
    user_id: str = ""
    account: str = ""
    """Of a user who is told about because of an account: its group id."""


class _Shared(NamedTuple):
    """What destinations must have in common to share a message."""

    call: Send
    event: str
    traits: tuple[str, ...]
    ids: bytes


def grouped(
    change: Change,
    telling: Telling,
    space: str,
    subject: Subject,
    selected: Iterable[Selected],
    calls: Collection[Send],
    traits: Mapping[str, Any],
) -> list[tuple[Sequence[ExternalId], list[Group]]]:
    """The groups, those with the same ids together, in the order in which the destinations are connected. `calls`:
    which of those that destinations want are about this subject. `traits`: what is known of those that any of them
    wants sent along.
    """
    shared: dict[_Shared, list[str]] = {}
    ids_of: dict[bytes, Sequence[ExternalId]] = {}
    hashes: dict[int, bytes] = {}  # most destinations have chosen the very same list
    for (destination, connection, sends), ids in selected:
        if not ids:
            continue
        ids_hash = hashes.get(id(ids)) or hash_of(ids)
        hashes[id(ids)], ids_of[ids_hash] = ids_hash, ids
        for call in calls:
            if call in sends:
                event = _event_name(change, telling, connection.entered, connection.exited, connection.computed)
                key = _Shared(call, event if call is Send.TRACK else "", connection.traits, ids_hash)
                shared.setdefault(key, []).append(destination.name)
    personas = {
        "computation_class": "audience" if telling.is_audience else "trait",
        "computation_id": telling.computation_id,
        "computation_key": telling.key,
        "namespace": space,
        "space_id": space,
    }
    groups: dict[bytes, list[Group]] = {}
    for key, names in shared.items():
        group = Group(
            profile=subject.profile,
            call=key.call.value,
            event=key.event,
            facts=_sent_along(key.traits, traits) | _said(change, telling, key.call),
            personas=personas,
            destinations=tuple(names),
            offset=change.offset,
            index=change.index,
            at_ms=change.at_ms,
            user_id=subject.user_id,
            account=subject.account,
            is_of_event=change.is_of_event,
        )
        groups.setdefault(key.ids, []).append(group)
    return [(ids_of[ids_hash], of_ids) for ids_hash, of_ids in groups.items()]


def hash_of(ids: Iterable[ExternalId]) -> bytes:
    """The same for the same set of ids, in one order."""
    hashed = blake2b(digest_size=16)
    for type_, value in ids:
        encoded = value.encode()
        hashed.update(b"%b\0%d\0%b" % (type_.encode(), len(encoded), encoded))
    return hashed.digest()


def _sent_along(keys: Iterable[str], traits: Mapping[str, Any]) -> dict[str, Any]:
    """The first of these traits that fit; a trait may be as large as an event, and this is written for each id."""
    found = {}
    room_bytes = limits.sync.TRAITS_BYTES_MAX
    for key in keys:
        if key in traits:
            room_bytes -= len(_encode(traits[key]))
            if room_bytes < 0:
                break
            found[key] = traits[key]
    return found


def _event_name(change: Change, telling: Telling, entered: str, exited: str, computed: str) -> str:
    if telling.is_audience:
        return entered if change.value is True else exited
    return computed


def _said(change: Change, telling: Telling, call: Send) -> dict[str, Any]:
    value = change.value is True if telling.is_audience else change.value
    if call is not Send.TRACK:
        return {telling.key: value}
    return {"audience_key" if telling.is_audience else "trait_key": telling.key, telling.key: value}
