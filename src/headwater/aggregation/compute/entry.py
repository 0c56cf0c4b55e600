"""One event as definitions see it, whether it has just arrived or is read out of the history."""

from functools import lru_cache
from typing import Any, Final

import msgspec
from msgspec import UNSET, Raw, UnsetType

from headwater.aggregation.tables import HistoryPlace, kind_of, read_history_row
from headwater.event import Event
from headwater.flowing import FlowingEvent
from headwater.fql.errors import FqlEvaluationError
from headwater.fql.filters import Filter

_WITH_TRAITS: Final = frozenset({"identify", "group"})
_FIELDS: Final = {field.encode_name: field.name for field in msgspec.structs.fields(Event)}
_kind_of = lru_cache(maxsize=4096)(kind_of)


class _Head(msgspec.Struct, rename="camel", gc=False):
    """What nearly every question about an event of the history needs."""

    type: str = ""
    message_id: str = ""
    event: str | None = None
    name: str | None = None
    properties: Raw | UnsetType = UNSET
    traits: Raw | UnsetType = UNSET


_decode_head = msgspec.json.Decoder(_Head).decode
_decode_object = msgspec.json.Decoder(dict[str, Any] | None).decode
_decode_members = msgspec.json.Decoder(dict[str, Raw]).decode
_decode = msgspec.json.Decoder().decode
_UNREADABLE: Final = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
"""What JSON may hold and Python has no value for: 1e999, a thousand brackets. There is nothing at such a path."""


class Entry:
    __slots__ = (
        "_body",
        "_event",
        "_extra",
        "_members",
        "_payload",
        "at_ms",
        "call",
        "index",
        "kind",
        "message_id",
        "name",
        "offset",
        "payload",
        "source",
    )

    def __init__(
        self, place: tuple[int, int, int], call: str, name: str | None, source: str, message_id: str, kind: int
    ) -> None:
        self.at_ms, self.offset, self.index = place
        """Effective time, then the place in the log: together the order of events."""
        self.call = call
        self.name = name
        """Of a track event, a page or a screen; of other calls None."""
        self.source = source
        self.message_id = message_id
        self.kind = kind
        """tables.kind_of(call, name)"""
        self.payload: dict[str, Any] | None = None
        """Properties, or traits of identify and group, once `read_payload` has decoded them."""
        self._payload: Raw | UnsetType = UNSET
        self._event: Event | None = None
        self._extra = b""
        self._body = b""
        self._members: dict[str, Any] = {}

    @classmethod
    def of_flowing(cls, flowing: FlowingEvent, at_ms: int) -> "Entry":
        event = flowing.event
        call = event.type or ""
        name = event.event if call == "track" else event.name if call in {"page", "screen"} else None
        place = (at_ms, flowing.offset, flowing.index)
        entry = cls(place, call, name, flowing.source, event.message_id or "", _kind_of(call, name))
        entry.payload = flowing.decoded
        entry._payload = flowing.raw_payload
        entry._event = event
        entry._extra = flowing.extra
        return entry

    @classmethod
    def of_row(cls, place: HistoryPlace, row: bytes) -> "Entry":
        """Of a row of the table `history`."""
        kind, _, source, body = read_history_row(row)
        head = _decode_head(body)
        call = head.type
        name = head.event if call == "track" else head.name if call in {"page", "screen"} else None
        entry = cls(place, call, name, source, head.message_id, kind)
        entry._payload = head.traits if call in _WITH_TRAITS else head.properties
        entry._body = body
        return entry

    @property
    def place(self) -> tuple[int, int, int]:
        return self.at_ms, self.offset, self.index

    def read_payload(self) -> dict[str, Any]:
        """`payload`, which is read without a call where it is there already."""
        payload = self.payload
        if payload is None:
            raw = self._payload
            try:
                payload = {} if raw is UNSET else _decode_object(raw) or {}
            except _UNREADABLE:
                payload = {}
            self.payload = payload
        return payload

    def value(self, segments: tuple[str, ...]) -> Any:
        """The value at a path from the event's top level; None when there is none."""
        first = segments[0]
        if first == "properties" or (first == "traits" and self.call in _WITH_TRAITS):
            value: Any = self.payload
            if value is None:
                value = self.read_payload()
        elif first in self._members:
            value = self._members[first]
        else:
            value = self._members[first] = self._member(first)
        for name in segments[1:]:
            if value.__class__ is not dict:
                return None
            value = value.get(name)
        return value

    def _member(self, name: str) -> Any:
        try:
            if self._event is None:
                raw: Any = _decode_members(self._body).get(name)
            elif name in _FIELDS:
                raw = getattr(self._event, _FIELDS[name])
            else:
                raw = _decode_members(b"{%b}" % self._extra).get(name) if self._extra else None
            return _decode(raw) if isinstance(raw, Raw) else None if raw is UNSET else raw
        except _UNREADABLE:
            return None

    def passes(self, fql: Filter) -> bool:
        """Whether the filter lets it through; what it has no value for, it does not."""
        try:
            return fql.matches(self._body) if self._event is None else fql.matches_event(self._event, self._extra)
        except FqlEvaluationError:
            return False
