"""Which requests are taken: a pure decision over bytes, made before anything is stored.

Just enough is parsed to authenticate, bound and refuse (spec 1.2 to 1.4). What an event says is normalise's
business: invalid events are answered 200 and discarded there, with a reason.
"""

from typing import Any, Final, NamedTuple

import msgspec
from msgspec import UNSET, Raw, UnsetType

from headwater import limits, wire
from headwater.errors import InputError

TOO_MANY_EVENTS: Final = "too_many_events"
EMPTY_BATCH: Final = "empty_batch"


class Admitted(NamedTuple):
    """A body within every limit. `events` is 0 when there is nothing to store: `rejected` says why."""

    write_key: str
    """From the body; empty when it has none."""
    events: int
    inflated_bytes: int
    rejected: str = ""


class _Single(msgspec.Struct, rename="camel", gc=False):
    write_key: Raw | UnsetType = UNSET


class _UsualSingle(msgspec.Struct, rename="camel", gc=False):
    write_key: str = ""


class _Batch(msgspec.Struct, rename="camel", gc=False):
    batch: list[Raw]
    write_key: Raw | UnsetType = UNSET


class _Shapeless(msgspec.Struct, rename="camel", gc=False):
    """A batch request whose `batch` is no list."""

    write_key: Raw | UnsetType = UNSET


_usual_single = msgspec.json.Decoder(_UsualSingle).decode
_single = msgspec.json.Decoder(_Single).decode
_batch = msgspec.json.Decoder(_Batch).decode
_shapeless = msgspec.json.Decoder(_Shapeless).decode
_string = msgspec.json.Decoder(str).decode
_QUOTE: Final = ord('"')


def admit(body: bytes, *, is_batch: bool, gzipped: bool) -> Admitted:
    """InputError `too_large` or `bad_request` for what must be answered 400."""
    if not is_batch and not gzipped and len(body) <= limits.collection.EVENT_BYTES_MAX and body.isascii():
        try:
            return Admitted(_usual_single(body).write_key, 1, len(body))
        except (msgspec.MsgspecError, RecursionError):
            pass  # there is something to say about it: see below
    bytes_max = limits.collection.BATCH_BYTES_MAX if is_batch else limits.collection.EVENT_BYTES_MAX
    if gzipped:
        body = wire.inflate(body, bytes_max=bytes_max)
    if len(body) > bytes_max:
        what = "a batch" if is_batch else "an event"
        raise InputError("too_large", f"{what} may have {bytes_max:,} bytes; this body has {len(body):,}")
    if not body.isascii():
        try:
            body.decode()
        except UnicodeDecodeError as error:
            raise InputError(
                "bad_request", f"the body is not UTF-8: {error.reason} at byte {error.start}"
            ) from None
    return _admit_batch(body) if is_batch else _admit_single(body)


def _admit_single(body: bytes) -> Admitted:
    head = _decoded(_single, body)
    return Admitted(_text(head.write_key), 1, len(body))


def _admit_batch(body: bytes) -> Admitted:
    try:
        head = _decoded(_batch, body)
    except msgspec.ValidationError:
        write_key = _text(_decoded(_shapeless, body).write_key)
        return Admitted(write_key, 0, len(body), EMPTY_BATCH)
    events: list[Raw] = head.batch
    write_key = _text(head.write_key) or (_key_of_first(events) if events else "")
    if not events:
        return Admitted(write_key, 0, len(body), EMPTY_BATCH)
    if len(events) > limits.collection.BATCH_EVENTS_MAX:
        return Admitted(write_key, 0, len(body), TOO_MANY_EVENTS)
    if len(body) > limits.collection.EVENT_BYTES_MAX:
        _bound_each(events)
    return Admitted(write_key, len(events), len(body))


def _bound_each(events: list[Raw]) -> None:
    sizes_bytes = [len(bytes(event)) for event in events]
    if max(sizes_bytes) > limits.collection.EVENT_BYTES_MAX:
        index, size_bytes = next(
            (index, size) for index, size in enumerate(sizes_bytes) if size > limits.collection.EVENT_BYTES_MAX
        )
        raise InputError(
            "too_large",
            f"an event may have {limits.collection.EVENT_BYTES_MAX:,} bytes; batch[{index}] has {size_bytes:,}",
            field=f"batch[{index}]",
        )


def _key_of_first(events: list[Raw]) -> str:
    """Some senders put the key into each event only."""
    try:
        return _text(_single(events[0]).write_key)
    except msgspec.MsgspecError:
        return ""


def _decoded(decode: Any, body: bytes) -> Any:
    """The head of a body, or InputError. ValidationError passes when the body is an object of another shape."""
    try:
        try:
            return decode(body)
        except msgspec.ValidationError:
            raise
        except msgspec.DecodeError:
            # Half an emoji is the one thing that JavaScript writes and strict readers refuse.
            return decode(wire.repair_surrogates(body))
    except msgspec.ValidationError:
        if body.lstrip()[:1] != b"{":
            raise InputError("bad_request", "the body must be a JSON object") from None
        raise
    except msgspec.DecodeError as error:
        raise InputError("bad_request", f"the body is not valid JSON: {error}") from None
    except RecursionError:
        raise InputError("bad_request", "the body is nested too deeply") from None


def _text(raw: Raw | UnsetType) -> str:
    """A member's text; empty for everything else. Only text is decoded: 1e999 is JSON that no decoder takes."""
    return _string(raw) if raw is not UNSET and memoryview(raw)[0] == _QUOTE else ""
