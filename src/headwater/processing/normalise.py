"""normalise: collected requests in, accepted events out, in the envelope everything downstream relies on.

The common case is one typed decode of the whole body by msgspec. A body that fails it is read event by event, and
an event that fails again is read member by member, which is slow and tells exactly what is wrong. The three ways
agree: whatever the fast ones accept, the slow one accepts with the same result (a property test says so).
"""

from collections.abc import Iterable, Sequence
from hashlib import blake2b
from typing import Any, Final

import msgspec
from msgspec import UNSET, Raw, UnsetType

from headwater import limits, wire
from headwater.config.workspace import Source
from headwater.event import CollectedRequest, Event, encode_collected
from headwater.flow import Context, DeadLetter, Effects, Refusal, Stage, bury_request
from headwater.flowing import Arrival, FlowingEvent
from headwater.processing import timestamps, validate
from headwater.processing.again import Again
from headwater.processing.replay import Replay

SPEC_VERSION: Final = 2
"""`version` of the Segment spec, written on events that do not bring one."""

_TRUE: Final = Raw(b"true")
_EMPTY: Final = Raw(b"{}")


class _Batch(msgspec.Struct, rename="camel", gc=False):
    batch: list[Event]
    sent_at: Raw | UnsetType = UNSET
    context: Raw | UnsetType = UNSET
    integrations: Raw | UnsetType = UNSET


class _RawBatch(msgspec.Struct, rename="camel", gc=False):
    batch: list[Raw]
    sent_at: Raw | UnsetType = UNSET
    context: Raw | UnsetType = UNSET
    integrations: Raw | UnsetType = UNSET


class _Facts(msgspec.Struct, gc=False):
    """The members of a context that this stage decides by."""

    consent: Raw | UnsetType = UNSET
    device: Raw | UnsetType = UNSET
    direct: Raw | UnsetType = UNSET
    ip: Raw | UnsetType = UNSET


class _Payload(msgspec.Struct, gc=False):
    """For a dead letter: the bytes of each event of a batch."""

    batch: list[Raw]


_decode_event = msgspec.json.Decoder(Event).decode
_decode_batch = msgspec.json.Decoder(_Batch).decode
_decode_raw_batch = msgspec.json.Decoder(_RawBatch).decode
_decode_facts = msgspec.json.Decoder(_Facts).decode
_decode_payload = msgspec.json.Decoder(_Payload).decode
_members = msgspec.json.Decoder(dict[str, Raw]).decode
_encode = msgspec.json.Encoder().encode


def normalise(arrivals: Sequence[Arrival], context: Context, effects: Effects) -> list[FlowingEvent]:
    accepted: list[FlowingEvent] = []
    sources = {source.name: source for source in context.workspace.sources}
    for offset, request in arrivals:
        if again := Again.of(request):
            accepted.append(again.flowing(offset, request))
            continue
        # A source may be gone since; what it sent was answered 200 and is kept.
        source = sources.get(request.source) or Source(name=request.source)
        before = len(accepted)
        replay = Replay.of(request)
        _Request(offset, request, source, accepted, effects, replay).run()
        if replay:
            for flowing in accepted[before:]:
                replay.mark(flowing)
    return accepted


STAGE: Final = Stage("normalise", normalise, bury_request("normalise"), quiet="accepted as sent")


class _Request:
    """One collected request on its way through the stage: what its events share is worked out once."""

    def __init__(
        self,
        offset: int,
        request: CollectedRequest,
        source: Source,
        accepted: list[FlowingEvent],
        effects: Effects,
        replay: Replay | None,
    ) -> None:
        self.offset = offset
        self.replay = replay
        self.request = request
        self.source = source
        self.accepted = accepted
        self.effects = effects
        self.body = wire.repair_surrogates(inflated(request))
        self.project_id = source.id
        self.received_ms = request.received_at_ms
        self.received_at = timestamps.render(request.received_at_ms)
        self.is_client_side = source.type.is_client_side
        self.channel = "client" if self.is_client_side else "server"
        is_ipv4 = request.ip and ":" not in request.ip
        self.ip_member = b'"ip":' + _encode(request.ip) if is_ipv4 else b""
        self.sent: tuple[int | None, str | None] = (None, None)
        self.context: Raw | UnsetType = UNSET
        self.integrations: Raw | UnsetType = UNSET
        self.payloads: list[Raw] | None = None

    def run(self) -> None:
        if not self.source.enabled:
            self._refuse(-1, Refusal("source_disabled", "the source is disabled"))
            return
        if self.request.call != "batch":
            self._read([self.body], self.request.call)
            return
        try:
            batch: _Batch | _RawBatch = _decode_batch(self.body)
        except (msgspec.MsgspecError, RecursionError):
            batch = _decode_raw_batch(self.body)
        self.sent = _instant(_plain(batch.sent_at))
        self.context = worth_merging(batch.context)
        self.integrations = worth_merging(batch.integrations)
        shared_bytes = sum(map(_size_bytes, (self.context, self.integrations, batch.sent_at)))
        if shared_bytes * len(batch.batch) > limits.processing.BATCH_SHARED_BYTES_MAX:
            what = f"{shared_bytes:,} bytes of context, integrations and sentAt"
            why = f"{what} for each of {len(batch.batch):,} events"
            self._refuse(-1, Refusal("batch_context_too_large", why))
            return
        if isinstance(batch, _Batch):
            self._accept(enumerate(batch.batch), {})
        else:
            self._read([bytes(raw) for raw in batch.batch], None)

    def _read(self, raws: Sequence[bytes], call: str | None) -> None:
        """Events from their own bytes: strictly, else leniently. `call` is the path's, which wins."""
        events: list[tuple[int, Event]] = []
        extras: dict[int, bytes] = {}
        for index, raw in enumerate(raws):
            try:
                event = _decode_event(raw)
                event.type = call or event.type
            except (msgspec.MsgspecError, RecursionError):
                try:
                    read = validate.lenient(raw, call)
                except (msgspec.MsgspecError, RecursionError) as error:
                    read = _unreadable(error)
                if isinstance(read, Refusal):
                    self._refuse(index, read, raw)
                    continue
                event, extras[index] = read
            events.append((index, event))
        self._accept(events, extras)

    def _accept(self, events: Iterable[tuple[int, Event]], extras: dict[int, bytes]) -> None:
        """Complete what is valid. This loop is where the pipeline spends its time: names that do not change are
        local, and what neighbours have in common (the whole context, mostly) is worked out for the first only.
        """
        offset, source, received_ms, received_at = (
            self.offset,
            self.source.name,
            self.received_ms,
            self.received_at,
        )
        project_id, channel, shared_integrations = self.project_id, self.channel, self.integrations
        batch_sent_ms, batch_sent = self.sent
        given_context: Raw | UnsetType | None = None
        context, context_refusal = _EMPTY, None
        for index, event in events:
            why = validate.refusal(event)
            if why is None:
                if event.context != given_context:
                    given_context = event.context
                    context, context_refusal = self._complete_context(event)
                event.context = context
                why = context_refusal
            if why:
                self._refuse(index, why)
                continue
            message_id = event.message_id
            if not message_id or len(message_id) >= limits.processing.MESSAGE_ID_CHARS_MAX:
                place = self.replay.first_place(index) if self.replay else (offset, index)
                event.message_id = identity(message_id, source, *place)
            if event.version is None:
                event.version = SPEC_VERSION
            if not event.channel:
                event.channel = channel
            event.write_key = None
            event.project_id = project_id
            if event.integrations is UNSET or shared_integrations is not UNSET:
                event.integrations = _merged(event.integrations, shared_integrations)
            if event.sent_at is None:
                sent_ms, event.sent_at = batch_sent_ms, batch_sent
            else:
                sent_ms, event.sent_at = _instant(event.sent_at)
            text = event.timestamp or event.original_timestamp
            original_ms, event.original_timestamp = (text and timestamps.read(text)) or (None, text)
            timestamp_ms = timestamps.corrected(received_ms, sent_ms, original_ms)
            event.timestamp = timestamps.render(timestamp_ms)
            event.received_at = received_at
            extra = extras.get(index, b"") if extras else b""
            self.accepted.append(
                FlowingEvent(offset, index, source, received_ms, timestamp_ms, original_ms, sent_ms, event, extra)
            )

    def _complete_context(self, event: Event) -> tuple[Raw, Refusal | None]:
        """The batch's context merged in, and the caller's address where the spec wants it: client-side sources or
        `direct`, IPv4, nothing overwritten. With the reason why the event is refused, if its consent is malformed.
        """
        if why := validate.context_refusal(event):
            return _EMPTY, why
        context = _merged(event.context, self.context)
        facts = _decode_facts(context)
        if facts.consent is not UNSET or facts.device is not UNSET:
            try:
                why = validate.consent_refusal(context)
            except (msgspec.MsgspecError, RecursionError) as error:  # 1e999: valid JSON, but no number of ours
                why = _unreadable(error)
        if facts.ip is UNSET and self.ip_member and (self.is_client_side or facts.direct == _TRUE):
            rest = bytes(context)[1:].lstrip()
            context = Raw(b"{" + self.ip_member + (b"}" if rest == b"}" else b"," + rest))
        return context, why

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
                count,
            )
        )

    def _payload(self, index: int) -> bytes:
        if self.request.call != "batch":
            return self.body
        if self.payloads is None:  # once for all bad events of the batch
            self.payloads = _decode_payload(self.body).batch
        return bytes(self.payloads[index])


def inflated(request: CollectedRequest) -> bytes:
    return (
        wire.inflate(request.body, bytes_max=limits.collection.BATCH_BYTES_MAX)
        if request.gzipped
        else request.body
    )


def identity(given: Any, source: str, offset: int, index: int) -> str:
    """The messageId of an event that arrived here first. In place of one that is missing or too long it is a hash,
    which a retry or a replay gives again.
    """
    if isinstance(given, int | float) and not isinstance(given, bool):
        given = str(given)
    name = given if isinstance(given, str) else ""
    if name and len(name) < limits.processing.MESSAGE_ID_CHARS_MAX:
        return name
    name = name or f"{source}/{offset}/{index}"
    return "hw-" + blake2b(name.encode(), digest_size=16, person=b"hw-message").hexdigest()


def _instant(given: Any) -> tuple[int | None, str | None]:
    """(Unix milliseconds, text for the envelope). Text that is no instant is kept, for the reader to see."""
    if isinstance(given, str):
        return timestamps.read(given) or (None, given)
    if isinstance(given, int | float) and not isinstance(given, bool):
        moment_ms = timestamps.from_number(given)
        return moment_ms, None if moment_ms is None else timestamps.render(moment_ms)
    return None, None


def _plain(raw: Raw | UnsetType) -> Any:
    """The value of a raw member; None when it is absent or no reader can make sense of it (1e999)."""
    try:
        return None if raw is UNSET else msgspec.json.decode(raw)
    except (msgspec.MsgspecError, RecursionError):
        return None


def _unreadable(error: Exception) -> Refusal:
    return Refusal("poison", f"not readable: {error}"[:500])


def _size_bytes(raw: Raw | UnsetType) -> int:
    return 0 if raw is UNSET else memoryview(raw).nbytes


def worth_merging(raw: Raw | UnsetType) -> Raw | UnsetType:
    """What a batch shares with its events, if they take anything from it: an object that is not empty."""
    return raw if raw is not UNSET and validate.is_object(raw) and _size_bytes(raw) > 2 else UNSET


def _merged(own: Raw | UnsetType, shared: Raw | UnsetType) -> Raw:
    """The event's object, with what only the batch's has. The event's own members win."""
    if own is UNSET:
        return _EMPTY if shared is UNSET else shared
    if shared is UNSET:
        return own
    return Raw(_encode(_members(shared) | _members(own)))
