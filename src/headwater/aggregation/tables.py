"""What the state holds about profiles: tables, keys and rows. The pipeline writes them, `serve` reads them in a
view.

A profile's key is 16 bytes: its collection (`u` or `a`) and 15 bytes of a hash of the event that made it. As text
it is the segment id, `use_…` or `acc_…`. Keys of rows that belong to a profile begin with it, so a prefix gives
all of them.
"""

import struct
from hashlib import blake2b
from typing import Any, Final, NamedTuple

import msgspec
from msgspec import Raw

from headwater.state.port import PROFILE_TABLES

PROFILES: Final = "profiles"
"""profile → Profile"""
PROFILE_IDS: Final = "profile_ids"
"""profile, hash of type and value → ProfileId: what a profile is known by"""
IDENTITIES: Final = "identities"
"""collection, hash of type and value → profile: who an external id belongs to"""
IDENTITY_LOG: Final = "identity_log"
"""profile, offset, index, n → Decision; only ever added to"""
MERGED: Final = "merged"
"""profile that was merged away → the profile that it went into (which may itself be gone since: follow it);
`n`, profile → how many went into it"""
HISTORY: Final = "history"
"""part, effective ms, offset, index → an event (see `history_row`); a part is the profile that it came in under"""
COLLECTED_VALUES: Final = "collected_values"
"""profile, aggregate → the counted values of an aggregate that grows (unique_list, most_frequent), when many"""
LINKS: Final = "links"
"""profile, profile → Link: user to account and account to user"""
TIMERS: Final = "timers"
"""due ms, profile → empty: when something about a profile changes by itself. Never too late; may be too early"""
MEMBERS: Final = "members"
"""audience, 0, profile → ms of the log clock when it entered"""
AUDIENCE_SIZES: Final = "audience_sizes"
"""audience, 0, hour → AudienceHour; hour FFFFFFFF → the size now"""
SYNCED: Final = "synced"
"""profile, definition, 0, destination → what was sent there once (only for destinations that dedupe)"""
FAN_OUTS: Final = "fan_outs"
"""profile, … → messages that wait for later commits, when there are too many for one: sync/fan_out.py"""
SWEEPS: Final = "sweeps"
"""Single rows: `clock` → the log's clock in ms, `sweep` → Sweep, `count`, collection → number of profiles;
`shadow`, `connected` and `connections`: what aggregation/sync keeps about itself"""
CONFLICTS: Final = "conflicts"
"""collection, hash of type and value → Conflict: an external id that could not be promoted, and whether it is
quarantined"""
SEVERED: Final = "severed"
"""hash of an id, hash of the other → SeveredPair: what an unmerge has put apart; there are both orders"""

ALL: Final = PROFILE_TABLES

COLLECTIONS: Final = {"users": b"u", "accounts": b"a"}
_PREFIXES: Final = {b"u": "use_", b"a": "acc_"}
_U64: Final = struct.Struct(">Q")
_PLACE: Final = struct.Struct(">QI")
_HISTORY: Final = struct.Struct(">QQI")
_KIND: Final = struct.Struct(">IQ")
_HOUR: Final = struct.Struct(">QQQ")

KEY_BYTES: Final = 16

_EMPTY_MAP: Final = Raw(b"\x80")
_EMPTY_ARRAY: Final = Raw(b"\x90")


# --- ids --------------------------------------------------------------------------------------------------------


class ExternalId(NamedTuple):
    type: str
    value: str


def profile_key(collection: str, message_id: str, offset: int, index: int) -> bytes:
    """The key of the profile that this event makes."""
    name = b"%b\0%d\0%d" % (message_id.encode(), offset, index)
    return COLLECTIONS[collection] + blake2b(name, digest_size=KEY_BYTES - 1, person=b"hw-profile").digest()


def segment_id(key: bytes) -> str:
    """A profile's key as people and APIs see it."""
    return _PREFIXES[key[:1]] + key[1:].hex()


def key_of_segment_id(text: str) -> bytes | None:
    """The opposite; None: it is none."""
    for letter, prefix in _PREFIXES.items():
        if text.startswith(prefix) and len(text) == len(prefix) + 2 * (KEY_BYTES - 1):
            try:
                return letter + bytes.fromhex(text[len(prefix) :])
            except ValueError:
                return None
    return None


def collection_of(key: bytes) -> str:
    return "users" if key[:1] == b"u" else "accounts"


def identity_key(collection: str, external_id: ExternalId) -> bytes:
    return COLLECTIONS[collection] + _hash_of(external_id)


def merges_key(profile: bytes) -> bytes:
    """In MERGED: of the number of profiles that went into this one."""
    return b"n" + profile


def profile_id_key(profile: bytes, external_id: ExternalId) -> bytes:
    return profile + _hash_of(external_id)


def _hash_of(external_id: ExternalId) -> bytes:
    """What names somebody stands in no key: an engine keeps keys in places that no deletion reaches."""
    return blake2b(f"{external_id[0]}\0{external_id[1]}".encode(), digest_size=16).digest()


# --- rows --------------------------------------------------------------------------------------------------------


class Trait(msgspec.Struct, array_like=True, gc=False):
    """The newest value by effective time, then by place in the log."""

    value: Any
    at_ms: int
    """Effective time of the event it came with."""
    offset: int
    index: int
    source: str


class ComputedValue(msgspec.Struct, array_like=True, gc=False):
    """What a definition came to."""

    value: Any
    changed_ms: int
    """The log's clock when it became so."""


class Computed(msgspec.Struct, array_like=True):
    """Everything computed about a profile: what aggregation/compute reads and writes."""

    version: int = 0
    """Of the definitions that all of it was computed with."""
    at_ms: int = 0
    """The log's clock that windows are true for: everything that was due until then has happened."""
    due_ms: int | None = None
    """When the next thing changes by itself; None: never."""
    values: dict[str, ComputedValue] = {}
    """By definition key. A definition without a value has no entry; an audience the profile is not in, neither,
    unless it was in it once: then it is False."""
    aggregates: dict[str, Any] = {}
    """By aggregate id: its state, as plain msgpack."""


class Profile(msgspec.Struct, array_like=True):
    """The row of a profile. What can grow lives under keys of its own; the bounds of what is here are in
    limits.
    """

    created_ms: int
    """Time of receipt of the first event; of merged profiles the earliest."""
    first_message_id: str
    first_source: str
    updated_ms: int
    last_message_id: str
    last_source: str
    events: int = 0
    """In its history."""
    merges: int = 0
    ids: int = 0
    """External ids."""
    parts: list[bytes] = []
    """Profiles merged into this one whose history is kept under their own key; its own is not listed."""
    traits_overflow: int = 0
    """Traits that were not kept, because there were enough."""
    traits: Raw = _EMPTY_MAP
    """dict[str, Trait] in msgpack; decoded only when somebody asks."""
    computed: Raw = _EMPTY_ARRAY
    """Computed in msgpack."""
    counts: Raw = _EMPTY_MAP
    """dict[str, dict[str, int] | None] in msgpack: the counted values of aggregates that grow, by aggregate, while
    there are few; None: there are many, they have a row of their own in COLLECTED_VALUES."""


class ProfileId(msgspec.Struct, array_like=True, gc=False):
    """Since when, and by which event, a profile is known by an external id."""

    created_ms: int
    """Time of receipt."""
    source: str
    message_id: str
    offset: int
    index: int
    type: str
    value: str

    @property
    def external_id(self) -> ExternalId:
        return ExternalId(self.type, self.value)


class Link(msgspec.Struct, array_like=True, gc=False):
    created_ms: int
    source: str
    message_id: str
    counted: dict[str, bool] = {}
    """Of an account's row: condition of its users → what this user has contributed to the account's counters."""


class Decision(msgspec.Struct, array_like=True, omit_defaults=True):
    """A row of the identity log: what was decided about a profile's ids, because of which event, by which rule."""

    kind: str
    """created, attached, merged, merged_into, demoted, quarantined, unmerged."""
    at_ms: int
    """Time of receipt of the event."""
    message_id: str
    source: str
    ids: list[ExternalId] = []
    """The external ids that this is about."""
    other: bytes = b""
    """The other profile: of `merged` the one that went away, of `merged_into` the one that stays, of `demoted` the
    one that had the ids, or that the event went to without them."""
    other_ids: list[ExternalId] = []
    """Of `merged`: the ids by which the other profile was found; `ids` are those of everybody else."""
    rule: str = ""
    """In words: which limit, which pattern, which priority."""


class Conflict(msgspec.Struct, array_like=True):
    """What is known of an external id that could not be promoted."""

    type: str
    value: str
    refused_at: list[bytes] = []
    """Profiles that it was refused at, the first few."""
    quarantined_ms: int = 0
    """Time of receipt of the event that was one too many; 0: it is not quarantined."""
    reason: str = ""


class SeveredPair(msgspec.Struct, array_like=True):
    one: ExternalId
    other: ExternalId
    at_ms: int
    """When somebody decided so."""


class Sweep(msgspec.Struct, array_like=True):
    """How far everybody has been brought up to date with new definitions."""

    definitions: bytes = b""
    """Hash of the keys and versions that this sweep is about."""
    version: int = 0
    """The newest of their versions."""
    cursor: bytes = b""
    """Profiles up to this key are done."""
    done: int = 0
    total: int = 0
    """Profiles there were when it began."""
    started_ms: int = 0
    finished_ms: int = 0
    """0: it is under way. Both by the log's clock."""
    swept: int = 0
    """Definitions up to this version were computed for everybody before it began."""


encode_row = msgspec.msgpack.Encoder().encode
decode_profile = msgspec.msgpack.Decoder(Profile).decode
decode_traits = msgspec.msgpack.Decoder(dict[str, Trait]).decode
decode_computed = msgspec.msgpack.Decoder(Computed).decode
decode_profile_id = msgspec.msgpack.Decoder(ProfileId).decode
decode_link = msgspec.msgpack.Decoder(Link).decode
decode_conflict = msgspec.msgpack.Decoder(Conflict).decode
decode_severed = msgspec.msgpack.Decoder(SeveredPair).decode
decode_sweep = msgspec.msgpack.Decoder(Sweep).decode
decode_decision = msgspec.msgpack.Decoder(Decision).decode


_encode_sorted = msgspec.msgpack.Encoder(order="deterministic").encode


def encode_json(value: Any) -> bytes:
    """A row that holds values somebody has sent. Equal values give equal bytes, in whatever order they came. JSON
    knows larger integers than msgpack: those become floats.
    """
    try:
        return _encode_sorted(value)
    except OverflowError:
        return _encode_sorted(_narrowed(msgspec.to_builtins(value)))


def _narrowed(value: Any) -> Any:
    if isinstance(value, int) and not -(1 << 63) <= value < 1 << 64:
        return float(value)
    if isinstance(value, dict):
        return {key: _narrowed(item) for key, item in value.items()}
    return [_narrowed(item) for item in value] if isinstance(value, list) else value


def decision_key(profile: bytes, offset: int, index: int, n: int) -> bytes:
    return profile + _PLACE.pack(offset, index) + bytes((n,))


def place_of_decision(key: bytes) -> tuple[int, int]:
    offset, index = _PLACE.unpack_from(key, KEY_BYTES)
    return offset, index


# --- history --------------------------------------------------------------------------------------------------


def kind_of(call: str, name: str | None) -> int:
    """A number for a call and an event name, by which a scan skips what it is not after. Two kinds may share
    one.
    """
    return int.from_bytes(blake2b(f"{call}\0{name or ''}".encode(), digest_size=4).digest(), "big")


def history_key(part: bytes, at_ms: int, offset: int, index: int) -> bytes:
    return part + _HISTORY.pack(max(at_ms, 0), offset, index)


class HistoryPlace(NamedTuple):
    at_ms: int
    """Effective time: the earlier of timestamp and receipt."""
    offset: int
    event_index: int
    """In its request."""


def history_place(key: bytes) -> HistoryPlace:
    return HistoryPlace(*_HISTORY.unpack_from(key, KEY_BYTES))


class HistoryRow(NamedTuple):
    kind: int
    received_ms: int
    source: str
    body: bytes
    """The whole event as compact JSON, as it is in the lake."""


def history_row(kind: int, received_ms: int, source: str, body: bytes) -> bytes:
    """4 bytes kind, 8 bytes time of receipt, the source's name, a zero byte, the event."""
    return _KIND.pack(kind, received_ms) + source.encode() + b"\0" + body


def read_history_row(row: bytes) -> HistoryRow:
    kind, received_ms = _KIND.unpack_from(row)
    end = row.index(b"\0", _KIND.size)
    return HistoryRow(kind, received_ms, row[_KIND.size : end].decode(), row[end + 1 :])


# --- timers, members, sizes -------------------------------------------------------------------------------------


def timer_key(due_ms: int, profile: bytes) -> bytes:
    return _U64.pack(max(due_ms, 0)) + profile


def timer_of(key: bytes) -> tuple[int, bytes]:
    return int(_U64.unpack_from(key)[0]), key[_U64.size :]


def member_key(audience: str, profile: bytes) -> bytes:
    return audience.encode() + b"\0" + profile


_NOW: Final = 0xFFFFFFFF


def size_key(audience: str, hour: int = _NOW) -> bytes:
    """Of the size at the end of an hour since 1970; without one, of the size now."""
    return audience.encode() + b"\0" + hour.to_bytes(4, "big")


class AudienceHour(NamedTuple):
    size: int
    """At its end."""
    entered: int | None
    """How often somebody became a member in it; None: an older version has not counted it."""
    left: int | None
    """How often a member ceased to be one; of two members that became one person, one has left."""


def hour_row(size: int, entered: int, left: int) -> bytes:
    return _HOUR.pack(size, entered, left)


def read_hour(row: bytes | None) -> AudienceHour:
    """None: nothing has happened in it."""
    if row is None:
        return AudienceHour(0, 0, 0)
    return AudienceHour(*_HOUR.unpack(row)) if len(row) == _HOUR.size else AudienceHour(unpack_ms(row), None, None)


def pack_ms(at_ms: int) -> bytes:
    return _U64.pack(at_ms)


def unpack_ms(row: bytes) -> int:
    return int(_U64.unpack(row)[0])
