"""The first sync: a destination that is connected to a definition that was there before is told everybody's value.

Members of a new definition are told as it is computed for them. A destination that comes later, or is enabled
again, would only hear of changes. So what is connected to what is kept in the state, and when the workspace has
more, the new connection waits among the fan-outs and goes through everybody, step by step.
"""

from collections.abc import Iterator
from functools import cached_property
from hashlib import blake2b
from typing import Final, NamedTuple

import msgspec

from headwater.aggregation import tables
from headwater.aggregation.changes import Change, Reason
from headwater.aggregation.sync.connections import tellings
from headwater.aggregation.sync.fan_out import FanOuts, WaitingEverybody
from headwater.config.definitions import AudienceDefinition, TraitDefinition
from headwater.config.workspace import Workspace
from headwater.flow import Context, Effects, Reader

EVERYBODY: Final = b"*" + bytes(tables.KEY_BYTES - 1)
"""Whose queue first syncs wait in: nobody's."""

_HASH_KEY: Final = b"connected"
_ROW_KEY: Final = b"connections"
"""Both in tables.SWEEPS, which has single rows. The hash says whether the other one has to be read."""


class Connected(msgspec.Struct, array_like=True, dict=True):
    """What there is to be told of, and who is told; in order."""

    definitions: list[tuple[str, str]] = []
    """Collection and key."""
    connections: list[tuple[str, str, str]] = []
    """Collection, key and destination; those that are enabled."""

    @cached_property
    def hash(self) -> bytes:
        return blake2b(tables.encode_row(self), digest_size=16).digest()


_decode: Final = msgspec.msgpack.Decoder(Connected).decode


def connected(workspace: Workspace) -> Connected:
    """`Context.built` keeps it."""
    definitions: tuple[TraitDefinition | AudienceDefinition, ...] = (*workspace.traits, *workspace.audiences)
    return Connected(
        sorted((each.collection.value, each.key) for each in definitions),
        sorted(
            (*at, told.destination.name) for at, telling in tellings(workspace).items() for told in telling.told
        ),
    )


def is_due(state: Reader, context: Context) -> bool:
    """Whether the workspace connects other destinations than the state knows of."""
    (row,) = state.get_many(tables.SWEEPS, [_HASH_KEY])
    now = context.built(connected)
    return bool(row or now.definitions) and row != now.hash


def begin(context: Context, effects: Effects, fan_outs: FanOuts) -> None:
    """Let new connections to definitions that were there before wait for their turn."""
    now = context.built(connected)
    known, row = effects.read(tables.SWEEPS, [_HASH_KEY, _ROW_KEY])
    if known == now.hash:
        return
    before = _decode(row) if row else Connected()
    definitions = set(before.definitions)
    for collection, key, destination in sorted(set(now.connections).difference(before.connections)):
        if (collection, key) in definitions:
            fan_outs.put(EVERYBODY, WaitingEverybody(collection, key, destination))
    rows = effects.change(tables.SWEEPS)
    rows[_HASH_KEY], rows[_ROW_KEY] = now.hash, tables.encode_row(now)


class Holder(NamedTuple):
    profile: bytes
    change: Change | None
    """As if the value were new; None: the profile has none."""


def holders(effects: Effects, waiting: WaitingEverybody, *, is_audience: bool) -> Iterator[Holder]:
    """Those behind `waiting.after` that may have a value, in order."""
    letter, key = tables.COLLECTIONS[waiting.collection], waiting.key
    if is_audience:
        prefix = tables.member_key(key, letter)
        start = tables.member_key(key, waiting.after) + b"\0" if waiting.after else prefix
        for member, row in effects.scan(tables.MEMBERS, prefix, start=start):
            profile = member[-tables.KEY_BYTES :]
            yield Holder(profile, _as_new(profile, key, True, tables.unpack_ms(row), is_audience=True))
        return
    start = waiting.after + b"\0" if waiting.after else letter
    for profile, row in effects.scan(tables.PROFILES, letter, start=start):
        computed = tables.decode_computed(tables.decode_profile(row).computed).values.get(key)
        if computed is None or computed.value is None:
            yield Holder(profile, None)
        else:
            change = _as_new(profile, key, computed.value, computed.changed_ms, is_audience=False)
            yield Holder(profile, change)


def _as_new(profile: bytes, key: str, value: object, at_ms: int, *, is_audience: bool) -> Change:
    return Change(
        profile=profile,
        key=key,
        is_audience=is_audience,
        value=value,
        previous=None,
        reason=Reason.BACKFILLED,
        at_ms=at_ms,
    )
