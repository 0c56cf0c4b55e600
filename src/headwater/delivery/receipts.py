"""The receipt: what became of one event at one destination.

    delivered   the destination has taken it
    filtered    it was not to go there; nothing was sent
    retrying    the last attempt failed, and there will be another: replaced by what comes of that
    failed      given up; the event is a dead letter

Receipts change hands a batch at a time and are encoded so (`encode`, `decode`): at tens of thousands a second a
call or a row for each would cost more than the delivery.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import repeat
from typing import Any, Final
from urllib.parse import quote

import lz4.block
import msgspec

from headwater import limits
from headwater.lake.receipts import Batch
from headwater.units import HOUR_MS

DELIVERED: Final = "delivered"
FILTERED: Final = "filtered"
RETRYING: Final = "retrying"
FAILED: Final = "failed"

STATUSES: Final = (DELIVERED, FILTERED, RETRYING, FAILED)


class Receipt(msgspec.Struct, frozen=True, array_like=True, gc=False):
    message_id: str
    destination: str
    source: str
    event_type: str
    event_name: str | None
    profile_id: str | None
    user_id: str | None
    anonymous_id: str | None
    offset: int
    """The event's in the `collected` log: what a deletion asked for later does not cover."""
    status: str
    """One of STATUSES."""
    reason: str
    """A code of spec 2.5 or one of ours (docs/reference/delivery-reasons.md); empty when delivered."""
    message: str
    """The same for people; empty when there is nothing to add."""
    attempts: int
    """Made so far, this one included. 0: nothing was sent."""
    latency_ms: int
    """Of the last attempt, from its first byte to the end of the answer. 0: nothing was sent."""
    at_ms: int
    """When it was settled, Unix milliseconds, UTC."""
    mapping: str = ""
    """Its name; names joined by ", " if it is about several. Empty: no mapping came to be used."""
    exchange: bytes | None = None
    """Request and answer as masking.Mask.exchange gives them, only what Samples asked for; with them the failed
    attempts before this one, if there were any, as attempts.told reads them.
    """

    @property
    def id(self) -> str:
        """By which it is found again: says when and where, so that few files are looked into. Safe in an address,
        whatever a sender has made of its message id.
        """
        return f"{self.at_ms}.{self.destination}.{quote(self.message_id, safe='')}"

    def ended(self, status: str, reason: str, at_ms: int) -> "Receipt":
        """What it becomes without another attempt."""
        return msgspec.structs.replace(self, status=status, reason=reason, at_ms=at_ms)


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Batch).decode


def encode(receipts: Sequence[Receipt]) -> bytes:
    """One blob: a Batch as LZ4-compressed msgpack. By column, because who files it wants columns."""
    columns = zip(*map(msgspec.structs.astuple, receipts), strict=True)
    folded = [column[:1] if _is_same(column) else column for column in columns]
    return lz4.block.compress(_encode(Batch(len(receipts), folded)))  # type: ignore[no-any-return]


def _is_same(column: tuple[Any, ...]) -> bool:
    return column[0] == column[-1] and column.count(column[0]) == len(
        column
    )  # most that is not is told by its ends


def decode(blob: bytes) -> list[Receipt]:
    rows, columns = decode_batch(blob)
    whole = (column if len(column) == rows else repeat(column[0], rows) for column in columns)
    return [Receipt(*row) for row in zip(*whole, strict=True)]


def decode_batch(blob: bytes) -> Batch:
    """The same for who only passes them on: no objects are made."""
    return _decode(lz4.block.decompress(blob))


def may_hold(blob: bytes, values: Iterable[str]) -> bool:
    """Whether some receipt in it could have all these values. Costs a tenth of decoding it."""
    plain = lz4.block.decompress(blob)
    return all(value.encode("utf-8", "surrogatepass") in plain for value in values)


class Samples:
    """Which receipts get their exchange: of each destination and reason so many in an hour, the first ones. A
    failure wants to be looked into, a success only to be seen; and an outage must not fill the disk with the same
    answer. Pure: time is a parameter.
    """

    def __init__(
        self,
        *,
        failures: int = limits.receipts.EXCHANGES_PER_HOUR_FAILED,
        successes: int = limits.receipts.EXCHANGES_PER_HOUR_DELIVERED,
    ) -> None:
        self._failures = failures
        self._successes = successes
        self._hour = 0
        self._kept: Counter[tuple[str, bool, str]] = Counter()

    def wants(self, destination: str, status: str, reason: str, at_ms: int) -> bool:
        """Whether this one is to be kept; it is counted as if it were."""
        hour = at_ms // HOUR_MS
        if hour != self._hour:
            self._hour = hour
            self._kept.clear()
        is_success = status == DELIVERED
        what = destination, is_success, reason
        if self._kept[what] >= (self._successes if is_success else self._failures):
            return False
        self._kept[what] += 1
        return True
