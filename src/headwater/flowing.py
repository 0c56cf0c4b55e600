"""What travels through the stages: requests that arrive, and the events that flow on from them."""

from typing import Any, Final, NamedTuple

import msgspec
from msgspec import UNSET, Raw, UnsetType

from headwater import limits
from headwater.event import CollectedRequest, Event

_decode_object = msgspec.json.Decoder(dict[str, Any] | None).decode
_decode_json = msgspec.json.Decoder().decode
_decode_event = msgspec.json.Decoder(Event).decode
_decode_members = msgspec.json.Decoder(dict[str, Raw]).decode
_KNOWN: Final = frozenset(field.encode_name for field in msgspec.structs.fields(Event))
_encode_json = msgspec.json.Encoder().encode

_WITH_TRAITS: Final = frozenset({"identify", "group"})

GENERATED: Final = 1 << 16
"""An event that a stage made itself has its origin's offset, and its index plus a multiple of this: no batch is so
large, so no event that was sent has the same place.
"""


class Arrival(NamedTuple):
    """A collected request with its offset in the collected log."""

    offset: int
    request: CollectedRequest


class FlowingEvent(msgspec.Struct, gc=False):
    """An accepted event between the stages. Instants are Unix milliseconds."""

    offset: int
    index: int
    source: str
    received_at_ms: int
    timestamp_ms: int
    original_timestamp_ms: int | None
    sent_at_ms: int | None
    event: Event
    extra: bytes = b""
    """Top-level members the envelope does not know, as JSON members (`"a":1,"b":2`); kept, never interpreted."""
    trace: bytes = b""
    """What stages noted about it, as JSON objects joined by commas; see `note`."""
    owned_id: str = ""
    """Of a replayed event: the messageId that it left behind in dedupe's table when it got that far before."""
    decoded: dict[str, Any] | None = None
    """`payload()`, once somebody has asked for it."""
    body: bytes = b""
    """The whole event as compact JSON, once a stage after which nothing changes any more has encoded it."""
    profile_id: str | None = None
    """The profile that it belongs to, as text."""
    first_place: tuple[int, int] | None = None
    """Where it first arrived, if it comes from the lake and is only sent again (processing/again.py)."""
    resolution: Any = None
    """Which profiles this event made, tied together or belongs to: aggregation/resolution.py."""

    @property
    def has_traits(self) -> bool:
        """Whether its facts are in `traits`, as those of identify and group are, or in `properties`."""
        return self.event.type in _WITH_TRAITS

    @property
    def raw_payload(self) -> Raw | UnsetType:
        """The event's properties, or traits for identify and group, as JSON."""
        event = self.event
        return event.traits if event.type in _WITH_TRAITS else event.properties

    def payload(self) -> dict[str, Any]:
        """The event's properties, or traits for identify and group, decoded once for all stages. Whoever changes
        it says so with `rewrite`. msgspec.MsgspecError or RecursionError when it holds what Python has no value
        for (1e999, a thousand brackets).
        """
        payload = self.decoded
        if payload is None:
            event = self.event  # `raw_payload`, without a call: this is done for every event
            raw = event.traits if event.type in _WITH_TRAITS else event.properties
            payload = self.decoded = {} if raw is UNSET else _decode_object(raw) or {}
        return payload

    def rewrite(self) -> None:
        """The payload was changed in place: the envelope follows."""
        raw = Raw(_encode_json(self.decoded))
        if self.has_traits:
            self.event.traits = raw
        else:
            self.event.properties = raw

    def note(self, stage: str, outcome: str, **detail: Any) -> None:
        """Add the stage's line to the event's trace: what `headwater explain` shows. A stage that did nothing
        worth telling adds none; its `quiet` says what that means.
        """
        self.add_line(trace_line(stage, outcome, **detail))

    def add_line(self, line: bytes) -> None:
        """The same with a line that was made before, by `trace_line`. For one that is too long, a line says so:
        none at all would mean that the stage did nothing.
        """
        if len(self.trace) + len(line) >= limits.processing.TRACE_BYTES_MAX:
            line = _shortened(line)
            if len(self.trace) >= 2 * limits.processing.TRACE_BYTES_MAX:
                return
        self.trace = self.trace + b"," + line if self.trace else line


def trace_line(stage: str, outcome: str, **detail: Any) -> bytes:
    """A JSON object. Stages that note the same for many events make the line once and add it themselves."""
    return _encode_json({"stage": stage, "outcome": outcome, **detail})


def _shortened(line: bytes) -> bytes:
    said = _decode_json(line)
    named = {name: said[name] for name in ("transformation", "version", "plan", "rule") if name in said}
    return trace_line(said["stage"], said["outcome"], **named, left_out=f"{len(line):,} bytes: too long to keep")


def encode_event(event: Event, extra: bytes = b"") -> bytes:
    """The whole event as compact JSON."""
    body = _encode_json(event)
    return body[:-1] + b"," + extra + b"}" if extra else body


def decode_event(body: bytes) -> tuple[Event, bytes]:
    """The envelope of a whole event, and the members that it does not know, as FlowingEvent has them."""
    try:
        return _decode_event(body), b""
    except msgspec.ValidationError:
        members = _decode_members(body)
        known = {key: value for key, value in members.items() if key in _KNOWN}
        rest = {key: value for key, value in members.items() if key not in _KNOWN}
        return _decode_event(_encode_json(known)), _encode_json(rest)[1:-1]
