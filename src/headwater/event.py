"""The event in its three shapes: as collected, as it flows through the stages, and as it leaves."""

from collections.abc import Container, Sequence
from datetime import UTC, datetime
from typing import Any

import lz4.block
import msgspec
from msgspec import UNSET, Raw, UnsetType

CALLS = ("identify", "track", "page", "screen", "group", "alias")
"""The six calls of the Segment spec."""


class CollectedRequest(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One request as received: the record of the `collected` log (msgpack array, fields in this order)."""

    received_at_ms: int
    """Unix milliseconds, UTC; every event of the request shares it."""
    source: str
    """The source's name at the time."""
    call: str
    """What the path said: one of CALLS for a single event, "batch" for a batch. "discard" is no call of anybody's,
    but what a person has decided about dead letters (processing/recall.py)."""
    ip: str
    user_agent: str
    gzipped: bool
    """Whether `body` is still gzip-compressed."""
    body: bytes
    """JSON as sent: one event, or a batch object. Valid and within the limits: collection checked."""
    events: int = 1
    inflated_bytes: int = 0
    replayed: str = ""
    """Set when this request did not come from outside: JSON that says what put it here (processing/recall.py).
    Collection never sets it, whatever a sender writes."""


class Event(msgspec.Struct, rename="camel", omit_defaults=True, forbid_unknown_fields=True, gc=False):
    """The Segment envelope. Objects stay raw JSON until somebody asks for a path inside them.

    Field order is the order in the lake's `body` and in what destinations receive.
    """

    type: str | None = None
    message_id: str | None = None
    anonymous_id: str | None = None
    user_id: str | None = None
    previous_id: str | None = None
    group_id: str | None = None
    event: str | None = None
    name: str | None = None
    category: str | None = None
    properties: Raw | UnsetType = UNSET
    traits: Raw | UnsetType = UNSET
    context: Raw | UnsetType = UNSET
    integrations: Raw | UnsetType = UNSET
    timestamp: str | None = None
    original_timestamp: str | None = None
    sent_at: str | None = None
    received_at: str | None = None
    channel: str | None = None
    version: Any = None
    project_id: str | None = None
    write_key: str | None = None
    """Only on the way in; never stored or forwarded."""
    metadata: Raw | UnsetType = msgspec.field(default=UNSET, name="_metadata")


class OutboundEvent(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """An accepted event, ready for the lake and for destinations. A record of the `outbound` log is an
    LZ4-compressed msgpack list of these, in log order. Instants are Unix milliseconds, UTC.
    """

    offset: int
    """Where it came from: the offset in the `collected` log ..."""
    index: int
    """... and its place in that request's batch."""
    message_id: str
    type: str
    event: str | None
    name: str | None
    user_id: str | None
    anonymous_id: str | None
    group_id: str | None
    profile_id: str | None
    """None until identity resolution gives one."""
    source: str
    received_at_ms: int
    timestamp_ms: int
    original_timestamp_ms: int | None
    sent_at_ms: int | None
    body: bytes
    """The whole event as compact JSON, exactly what a destination that wants everything is sent."""
    trace: bytes = b""
    """What the stages noted about it: JSON objects joined by commas."""
    destinations: tuple[str, ...] | None = None
    """Names of the only destinations that it is for, whatever their sources: it was made for them, of what other
    events have brought, and is not archived. Empty: it is for nobody, and is. None: it is for those that take
    events of its source."""

    is_stored: bool = False
    """It comes from the lake and is sent once more: it is not archived again."""

    def is_for(self, destination: str, sources: Container[str] | None) -> bool:
        """Whether it is for the destination of this name that takes events of these sources (None: of all)."""
        if self.destinations is None:
            return sources is None or self.source in sources
        return destination in self.destinations

    @property
    def person(self) -> str:
        """Who it is about: events with the same value keep their order."""
        return self.profile_id or self.user_id or self.anonymous_id or self.message_id


def instant(at_ms: int) -> str:
    """ISO 8601 with milliseconds, UTC, as events carry it.

    >>> instant(1_700_000_000_000)
    '2023-11-14T22:13:20.000Z'
    """
    return datetime.fromtimestamp(at_ms / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class _Users(msgspec.Struct, rename="camel", gc=False):
    user_id: Any = None
    previous_id: Any = None


_decode_users = msgspec.json.Decoder(_Users).decode


def user_ids(user_id: str | None, body: bytes) -> tuple[str, ...]:
    """Whose event this is, as suppression and deletion see it: its userId, and its previousId. `body` is the whole
    event as JSON; it is only decoded when it may have a previousId.
    """
    if b'"previousId"' not in body:
        return (user_id,) if user_id else ()
    return sent_user_ids(body)


def sent_user_ids(event: bytes) -> tuple[str, ...]:
    """The same of an event as it was sent, which may be anything: msgspec.MsgspecError or RecursionError when it
    is no JSON object.
    """
    users = _decode_users(event)
    named = (users.user_id, users.previous_id)
    return tuple(str(name) for name in named if isinstance(name, str | int) and name)


_encode_outbound = msgspec.msgpack.Encoder().encode
_decode_outbound = msgspec.msgpack.Decoder(list[OutboundEvent]).decode


def encode_outbound(events: Sequence[OutboundEvent]) -> bytes:
    """A record of the outbound log. Compressed, because it is written twice and read at least twice: LZ4 costs
    less than the bytes it saves.
    """
    return lz4.block.compress(_encode_outbound(events))  # type: ignore[no-any-return]


def decode_outbound(record: bytes) -> list[OutboundEvent]:
    return _decode_outbound(lz4.block.decompress(record))


encode_collected = msgspec.msgpack.Encoder().encode
decode_collected = msgspec.msgpack.Decoder(CollectedRequest).decode
