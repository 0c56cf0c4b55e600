"""Failed attempts of an event, kept in the receipt of the next one: when, why, how long, and what was said.

They go where the exchange goes, in the same member of a receipt, so that a delivery that succeeds at once, as
nearly all do, neither pays for them nor carries a column of theirs:

    nothing before it   [{"request": …, "answer": …}]                as masking.Mask.exchange gives it
    failures before it  {"earlier": [Attempt, …], "exchange": [ … ]}

Pure.
"""

from collections.abc import Sequence
from typing import Final

import msgspec

from headwater import limits
from headwater.delivery.receipts import Receipt

NOTHING: Final = msgspec.Raw(b"[]")


class Attempt(msgspec.Struct, frozen=True):
    """One that failed."""

    number: int
    """Counted from 1 over the whole life of the event at this destination."""
    at_ms: int
    """When it had failed, Unix milliseconds, UTC."""
    reason: str
    message: str
    latency_ms: int
    exchange: msgspec.Raw = NOTHING
    """Empty if it was not kept."""


class Told(msgspec.Struct, frozen=True):
    """What is kept of all attempts of an event."""

    earlier: Sequence[Attempt] = ()
    """Those before the last one, oldest first; the oldest of many are not kept."""
    exchange: msgspec.Raw = NOTHING
    """Of the last one; empty if it was not kept."""


_decode: Final = msgspec.json.Decoder(Told).decode
_encode: Final = msgspec.json.Encoder().encode


def told(exchange: bytes | None) -> Told:
    """What the member `exchange` of a receipt says."""
    if not exchange:
        return Told()
    return _decode(exchange) if exchange.startswith(b"{") else Told(exchange=msgspec.Raw(exchange))


def continued(receipt: Receipt, before: Receipt) -> Receipt:
    """The receipt of an attempt, with the failed ones of `before`, the receipt that it replaces."""
    if not 0 < before.attempts < receipt.attempts:
        return receipt  # what waited for its turn was no attempt, and what is given up had none meanwhile
    known = told(before.exchange)
    last = Attempt(before.attempts, before.at_ms, before.reason, before.message, before.latency_ms, known.exchange)
    earlier = bounded([*known.earlier, last])
    return msgspec.structs.replace(receipt, exchange=_encode(Told(earlier, told(receipt.exchange).exchange)))


def bounded(attempts: Sequence[Attempt]) -> list[Attempt]:
    """The last ones; all that was said in the last of these, as far as it fits."""
    kept: list[Attempt] = []
    room_bytes = limits.receipts.EXCHANGE_BYTES_MAX
    for attempt in reversed(attempts[-limits.receipts.ATTEMPTS_MAX :]):
        room_bytes -= len(bytes(attempt.exchange))
        kept.append(attempt if room_bytes >= 0 else msgspec.structs.replace(attempt, exchange=NOTHING))
    return kept[::-1]
