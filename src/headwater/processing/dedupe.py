"""dedupe: each message once. What makes two events the same is their messageId, whatever their source (spec 1.6).

The state table `message_ids` holds a row for every accepted event: the hash of its id, and when it was received.
It is written in the same commit as everything else the batch did, so a crash neither forgets an id nor takes an
event for its own duplicate. A row that has outlived the window no longer counts, whether or not it is still there.
"""

import struct
from collections.abc import Sequence
from hashlib import blake2b
from typing import Final

from headwater.flow import Context, Effects, Stage, bury_event
from headwater.flowing import FlowingEvent

TABLE: Final = "message_ids"

_SECONDS = struct.Struct(">I")

KEY_BYTES: Final = 16
"""Of a cryptographic hash: among 100 million ids the odds of one false duplicate are 1 in 10^22."""


def dedupe(events: Sequence[FlowingEvent], context: Context, effects: Effects) -> list[FlowingEvent]:
    window_s = context.workspace.settings.dedupe_window_s
    if not window_s:
        return list(events)
    keys = [row_key(flowing.event.message_id or "") for flowing in events]
    new: dict[bytes, bytes | None] = {}
    first: list[FlowingEvent] = []
    received_ms, now_s, now = -1, 0, b""
    for flowing, key, stored in zip(events, keys, effects.read(TABLE, keys), strict=True):
        if flowing.first_place is not None:  # it comes from the lake: its id was noted when it was new
            first.append(flowing)
            continue
        if flowing.received_at_ms != received_ms:  # the same for all events of a request
            received_ms = flowing.received_at_ms
            now_s = received_ms // 1000
            now = _SECONDS.pack(now_s)
        before = new.get(key, stored)
        if before is not None and now_s - _SECONDS.unpack(before)[0] < window_s and not _is_its_own(flowing):
            effects.drop(flowing, "dedupe", "duplicate")
        else:
            new[key] = now
            first.append(flowing)
    effects.changes.setdefault(TABLE, {}).update(new)
    return first


def row_key(message_id: str) -> bytes:
    """Of its row in TABLE."""
    return blake2b(message_id.encode(), digest_size=KEY_BYTES).digest()


def seen_row(received_ms: int) -> bytes:
    """The row of an event that was received at this instant."""
    return _SECONDS.pack(received_ms // 1000)


def first_seen_s(row: bytes) -> int:
    """When the event of this row was received, Unix seconds."""
    return int(_SECONDS.unpack(row)[0])


def _is_its_own(flowing: FlowingEvent) -> bool:
    """Whether what was found is the trace of this very event: it was set aside by a stage after this one, and is
    replayed. A replay whose messageId was edited is compared like any other.
    """
    return bool(flowing.owned_id) and flowing.owned_id == flowing.event.message_id


STAGE: Final = Stage("dedupe", dedupe, bury_event("dedupe"), quiet="the first of its messageId")
