"""normalise: collected requests in, accepted events out, in the envelope everything downstream relies on.

The common case is one typed decode of the whole body by msgspec. A body that fails it is read event by event, and
an event that fails again is read member by member, which is slow and tells exactly what is wrong. The three ways
agree: whatever the fast ones accept, the slow one accepts with the same result (a property test says so).
"""

from collections.abc import Sequence
from hashlib import blake2b
from typing import Any, Final

import msgspec
from msgspec import UNSET, Raw, UnsetType

from headwater import limits, wire
from headwater.config.workspace import Source
from headwater.event import CALLS, CollectedRequest, Event, encode_collected
from headwater.flow import Arrival, Context, DeadLetter, Effects, FlowingEvent, Refusal, Stage
from headwater.processing import timestamps, validate

SPEC_VERSION: Final = 2
"""`version` of the Segment spec, written on events that do not bring one."""

_EMPTY: Final = Raw(b"{}")
_NULL: Final = Raw(b"null")


class _Batch(msgspec.Struct, rename="camel", gc=False):
    batch: list[Event]
    sent_at: Any = None
    context: Raw | UnsetType = UNSET
    integrations: Raw | UnsetType = UNSET


class _RawBatch(msgspec.Struct, rename="camel", gc=False):
    batch: list[Raw]
    sent_at: Any = None
    context: Raw | UnsetType = UNSET
    integrations: Raw | UnsetType = UNSET


class _Payload(msgspec.Struct, gc=False):
    """For a dead letter: the bytes of each event of a batch."""

    batch: list[Raw]


_decode_event = msgspec.json.Decoder(Event).decode
_decode_batch = msgspec.json.Decoder(_Batch).decode
_decode_raw_batch = msgspec.json.Decoder(_RawBatch).decode
_decode_payload = msgspec.json.Decoder(_Payload).decode
_members = msgspec.json.Decoder(dict[str, Raw]).decode
_encode = msgspec.json.Encoder().encode


def normalise(arrivals: Sequence[Arrival], context: Context, effects: Effects) -> list[FlowingEvent]:
    accepted: list[FlowingEvent] = []
    sources = {source.name: source for source in context.workspace.sources}
    for offset, request in arrivals:
        # A source may be gone since; what it sent was answered 200 and is kept.
        source = sources.get(request.source) or Source(name=request.source)
        _Request(offset, request, source, accepted, effects).run()
    return accepted


def _bury(arrival: Arrival, error: BaseException) -> DeadLetter:
    request = arrival.request
    return DeadLetter(
        arrival.offset,
        -1,
        "normalise",
        "poison",
        repr(error)[:500],
        request.source,
        request.call,
        request.received_at_ms,
        encode_collected(request),
    )


STAGE: Final = Stage("normalise", normalise, _bury)


class _Request:
    """One collected request on its way through the stage."""

    def __init__(
        self,
        offset: int,
        request: CollectedRequest,
        source: Source,
        accepted: list[FlowingEvent],
        effects: Effects,
    ) -> None:
        self.offset = offset
        self.request = request
        self.source = source
        self.accepted = accepted
        self.effects = effects
        self.project_id = source.id
        self.received_at = timestamps.render(request.received_at_ms)
        self.body = wire.repair_surrogates(_inflated(request))
        # Rules that look inside the context cost a decode: only for bodies that mention their keys at all.
        self.has_consent = b'"consent"' in self.body or b'"advertisingId"' in self.body
        self.fills_ip = source.type.is_client_side
        self.batch_sent_at: Any = None
        self.batch_context: Raw | UnsetType = UNSET
        self.batch_integrations: Raw | UnsetType = UNSET

    def run(self) -> None:
        if not self.source.enabled:
            self._refuse(-1, Refusal("source_disabled", "the source is disabled"))
            return
        if self.request.call != "batch":
            call = self.request.call
            self._read(0, self.body, call if call in CALLS else None)
            return
        try:
            batch: _Batch | _RawBatch = _decode_batch(self.body)
        except (msgspec.MsgspecError, RecursionError):
            batch = _decode_raw_batch(self.body)
        self.batch_sent_at = batch.sent_at
        self.batch_context = _worth_merging(batch.context)
        self.batch_integrations = _worth_merging(batch.integrations)
        if isinstance(batch, _Batch):
            for index, event in enumerate(batch.batch):
                self._accept(index, event, b"")
        else:
            for index, raw in enumerate(batch.batch):
                self._read(index, bytes(raw), None)

    def _read(self, index: int, raw: bytes, call: str | None) -> None:
        """One event from its bytes: strictly, else leniently. `call` is the path's, which wins."""
        extra = b""
        try:
            event = _decode_event(raw)
            event.type = call or event.type
        except (msgspec.MsgspecError, RecursionError):
            try:
                read = validate.lenient(raw, call)
            except (msgspec.MsgspecError, RecursionError) as error:
                self._refuse(index, Refusal("poison", f"not readable: {error}"[:500]), raw)
                return
            if isinstance(read, Refusal):
                self._refuse(index, read, raw)
                return
            event, extra = read
        self._accept(index, event, extra)

    def _accept(self, index: int, event: Event, extra: bytes) -> None:
        why = validate.refusal(event)
        if why is None and self.has_consent:
            why = validate.consent_refusal(event.context)
        if why is None and validate.too_many_properties(event):
            why = Refusal("properties_too_many", f"at most {limits.PROPERTIES_MAX} properties")
        if why:
            self._refuse(index, why)
            return
        self._complete(index, event)
        request = self.request
        received_ms = request.received_at_ms
        original_ms, original = _instant(event.timestamp or event.original_timestamp)
        sent_ms, sent = _instant(event.sent_at or self.batch_sent_at)
        timestamp_ms = timestamps.corrected(received_ms, sent_ms, original_ms)
        event.original_timestamp = original
        event.sent_at = sent
        event.received_at = self.received_at
        event.timestamp = timestamps.render(timestamp_ms)
        self.accepted.append(
            FlowingEvent(
                self.offset, index, self.source.name, received_ms, timestamp_ms, original_ms, sent_ms, event, extra
            )
        )

    def _complete(self, index: int, event: Event) -> None:
        """Everything the server adds, except the instants."""
        event.message_id = _message_id(event.message_id, self.source.name, self.offset, index)
        event.write_key = None
        event.project_id = self.project_id
        event.version = SPEC_VERSION if event.version is None else event.version
        event.channel = event.channel or ("client" if self.source.type.is_client_side else "server")
        event.context = _merged(event.context, self.batch_context)
        event.integrations = _merged(event.integrations, self.batch_integrations)
        if self.fills_ip or b'"direct"' in bytes(event.context):
            event.context = self._with_ip(event.context)
        for name in ("properties", "traits"):
            if getattr(event, name) == _NULL:
                setattr(event, name, UNSET)

    def _with_ip(self, context: Raw) -> Raw:
        """The caller's address where the spec wants it: client-side or `direct`, IPv4, nothing overwritten."""
        ip = self.request.ip
        content = bytes(context)
        if not ip or ":" in ip:
            return context
        if b'"ip"' in content or not self.fills_ip:
            members = _members(content)
            if "ip" in members or not (self.fills_ip or members.get("direct") == Raw(b"true")):
                return context
        member = b'"ip":' + _encode(ip)
        rest = content[1:].lstrip()
        return Raw(b"{" + member + (b"}" if rest == b"}" else b"," + rest))

    def _refuse(self, index: int, why: Refusal, raw: bytes | None = None) -> None:
        request = self.request
        if index < 0:
            payload = encode_collected(request)
            count = request.events
        else:
            payload = raw if raw is not None else self._payload(index)
            count = 1
        self.effects.counts[self.source.name, why.reason] += count
        self.effects.dead.append(
            DeadLetter(
                self.offset,
                index,
                "normalise",
                why.reason,
                why.detail,
                self.source.name,
                request.call,
                request.received_at_ms,
                payload,
            )
        )

    def _payload(self, index: int) -> bytes:
        if self.request.call != "batch":
            return self.body
        return bytes(_decode_payload(self.body).batch[index])


def _inflated(request: CollectedRequest) -> bytes:
    return wire.inflate(request.body, bytes_max=limits.BATCH_BYTES_MAX) if request.gzipped else request.body


def _message_id(given: str | None, source: str, offset: int, index: int) -> str:
    """The client's id. One that is missing or too long is replaced by a hash that a replay gives again."""
    if given and len(given) < limits.MESSAGE_ID_CHARS_MAX:
        return given
    identity = given or f"{source}/{offset}/{index}"
    return (
        "hw-"
        + blake2b(identity.encode("utf-8", "surrogatepass"), digest_size=16, person=b"hw-message").hexdigest()
    )


def _instant(given: Any) -> tuple[int | None, str | None]:
    """(Unix milliseconds, text for the envelope). Text that is no instant is kept, for the reader to see."""
    if isinstance(given, str):
        moment_ms = timestamps.parse(given)
        if moment_ms is None or not timestamps.MIN_MS <= moment_ms <= timestamps.MAX_MS:
            return None, given
        return moment_ms, timestamps.render(moment_ms)
    if isinstance(given, int | float) and not isinstance(given, bool):
        moment_ms = timestamps.from_number(given)
        return moment_ms, None if moment_ms is None else timestamps.render(moment_ms)
    return None, None


def _worth_merging(raw: Raw | UnsetType) -> Raw | UnsetType:
    return raw if raw is not UNSET and validate.is_object(raw) and memoryview(raw).nbytes > 2 else UNSET


def _merged(own: Raw | UnsetType, shared: Raw | UnsetType) -> Raw:
    """The event's object, with what only the batch's has. The event's own members win."""
    if own is UNSET or own == _NULL:
        return _EMPTY if shared is UNSET else shared
    if shared is UNSET:
        return own
    return Raw(_encode(_members(shared) | _members(own)))
