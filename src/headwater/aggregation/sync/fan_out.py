"""Fan-outs: messages that are too many for one commit. They wait in the state and go on in later commits.

What waits is a queue for each profile, so that what is told about a person keeps its order: while something waits,
everything else about the profile waits behind it. Groups wait with their external ids, as they were planned; the
users of an account wait as the change that they are to be told about, and are looked up when it is their turn.
First syncs have a queue of their own.

    profile, 0, number          a Waiting; numbers grow
    profile, 1, number, page    the external ids of groups, FAN_OUT_PAGE_IDS in a page
"""

import struct
from collections.abc import Sequence
from typing import Final

import msgspec

from headwater import limits
from headwater.aggregation import tables
from headwater.aggregation.changes import Change
from headwater.aggregation.sync.messages import Group
from headwater.aggregation.tables import ExternalId
from headwater.flow import Effects

_HEAD: Final = b"\0"
_PAGE: Final = b"\1"
_NUMBER: Final = struct.Struct(">Q")
_PAGE_OF: Final = struct.Struct(">QI")
_BEHIND: Final = b"\xff"
"""Sorts behind all rows of a profile."""


class WaitingGroups(msgspec.Struct, array_like=True, tag="groups"):
    """Groups with the same external ids, one after the other."""

    groups: list[Group]
    count: int
    """Of the ids."""
    done: int
    """Messages that have been sent."""

    @property
    def group(self) -> Group:
        """The one that goes on."""
        return self.groups[self.done // self.count]

    @property
    def is_finished(self) -> bool:
        return self.done >= self.count * len(self.groups)


class WaitingUsers(msgspec.Struct, array_like=True, tag="users"):
    """The users of an account who are to be told about the account's change."""

    change: Change
    destination: str = ""
    """The only one that is told; empty: all are."""
    after: bytes = b""
    """Users up to this key are done."""


class WaitingEverybody(msgspec.Struct, array_like=True, tag="everybody"):
    """All who have a value, of whom a destination is to be told that was connected later: `first_sync`."""

    collection: str
    key: str
    destination: str
    after: bytes = b""
    """Profiles up to this key are done."""


Waiting = WaitingGroups | WaitingUsers | WaitingEverybody

_decode: Final = msgspec.msgpack.Decoder(Waiting).decode
_decode_ids: Final = msgspec.msgpack.Decoder(list[ExternalId]).decode


class FanOuts:
    """The queues, as one batch sees and changes them."""

    def __init__(self, effects: Effects) -> None:
        self._effects = effects
        self._are_any = next(effects.scan(tables.FAN_OUTS), None) is not None
        self._newest: dict[bytes, int] = {}
        """Profile → the number of the last that waits; -1: nothing does."""

    @property
    def are_any(self) -> bool:
        """Whether anything waits for anybody; False saves asking."""
        return self._are_any

    def is_waiting(self, profile: bytes) -> bool:
        return self._are_any and self._last(profile) >= 0

    def put(self, profile: bytes, waiting: Waiting, ids: Sequence[ExternalId] = ()) -> None:
        """At the end of the profile's queue."""
        number = self._last(profile) + 1
        self._newest[profile] = number
        self._are_any = True
        rows = self._effects.change(tables.FAN_OUTS)
        rows[profile + _HEAD + _NUMBER.pack(number)] = tables.encode_row(waiting)
        for page, at in enumerate(range(0, len(ids), limits.sync.FAN_OUT_PAGE_IDS)):
            key = profile + _PAGE + _PAGE_OF.pack(number, page)
            rows[key] = tables.encode_row(ids[at : at + limits.sync.FAN_OUT_PAGE_IDS])

    def first(self, profile: bytes) -> tuple[int, Waiting] | None:
        """What goes on next, and its number; None: nothing waits."""
        for key, row in self._effects.scan(tables.FAN_OUTS, profile + _HEAD):
            return _NUMBER.unpack_from(key, tables.KEY_BYTES + 1)[0], _decode(row)
        return None

    def page(self, profile: bytes, number: int, waiting: WaitingGroups) -> list[ExternalId]:
        """The external ids that come next, to the end of their page."""
        page, skipped = divmod(waiting.done % waiting.count, limits.sync.FAN_OUT_PAGE_IDS)
        (row,) = self._effects.read(tables.FAN_OUTS, [profile + _PAGE + _PAGE_OF.pack(number, page)])
        return _decode_ids(row)[skipped:] if row else []

    def advance(self, profile: bytes, number: int, waiting: Waiting) -> None:
        self._effects.change(tables.FAN_OUTS)[profile + _HEAD + _NUMBER.pack(number)] = tables.encode_row(waiting)

    def finish(self, profile: bytes, number: int) -> None:
        rows = self._effects.change(tables.FAN_OUTS)
        pages = profile + _PAGE + _NUMBER.pack(number)
        for key in [key for key, _ in self._effects.scan(tables.FAN_OUTS, pages)]:
            rows[key] = None
        rows[profile + _HEAD + _NUMBER.pack(number)] = None
        self._newest.pop(profile, None)

    def next_profile(self, after: bytes) -> bytes | None:
        """The one behind `after` for whom something waits, or else the first; None: nobody does."""
        found = self._first_from(after + _BEHIND) if after else None
        return self._first_from(b"") if found is None else found

    def _first_from(self, start: bytes) -> bytes | None:
        for key, _ in self._effects.scan(tables.FAN_OUTS, start=start):
            return key[: tables.KEY_BYTES]
        return None

    def _last(self, profile: bytes) -> int:
        if profile not in self._newest:
            keys = (
                [key for key, _ in self._effects.scan(tables.FAN_OUTS, profile + _HEAD)] if self._are_any else []
            )
            self._newest[profile] = _NUMBER.unpack_from(keys[-1], tables.KEY_BYTES + 1)[0] if keys else -1
        return self._newest[profile]
