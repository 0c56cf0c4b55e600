"""The receipts port: what was delivered, what was not and why, by whatever one may ask."""

from collections.abc import Collection, Iterator
from typing import NamedTuple, Protocol

import msgspec

from headwater.delivery.receipts import Receipt
from headwater.doorbell import Bell

FOREVER_MS = 1 << 62


class Wanted(msgspec.Struct, frozen=True):
    """Which receipts; what is left out does not matter."""

    message_id: str | None = None
    profile_id: str | None = None
    user_id: str | None = None
    anonymous_id: str | None = None
    destination: str | None = None
    source: str | None = None
    event_name: str | None = None
    status: str | None = None
    reason: str | None = None
    from_ms: int = 0
    """Settled at this instant or later ..."""
    to_ms: int = FOREVER_MS
    """... and no later than this."""

    def equal(self) -> dict[str, str]:
        """The fields of a receipt that must have a certain value."""
        given = msgspec.structs.asdict(self)
        return {name: given[name] for name in self.__struct_fields__[:-2] if given[name] is not None}


class Page(NamedTuple):
    receipts: list[Receipt]
    """Newest first. Instead of an exchange there is an empty one, where there is one."""
    cursor: str | None
    """Where to go on; None: these were the last."""


class Minute(NamedTuple):
    """What happened at one destination in a minute, or in a step of several."""

    at_ms: int
    """When it began."""
    delivered: int
    failed: int
    filtered: int
    retrying: int
    """Attempts that failed and are repeated."""
    pending: int
    """Events that failed first in this minute and are still being tried."""
    p50_ms: int
    """Half of the attempts took at most so long; 0: there was none."""
    p95_ms: int


class Reason(NamedTuple):
    status: str
    reason: str
    times: int


class Delivery(NamedTuple):
    """One destination over a piece of time."""

    minutes: list[Minute]
    """Those in which something happened, in order; of `step_minutes` each."""
    reasons: list[Reason]
    """Most frequent first."""
    p50_ms: int
    p95_ms: int


class Waiting(NamedTuple):
    """Receipts that are in no file yet."""

    receipts: int
    oldest_ms: int


class Receipts(Protocol):
    """Sync, called from one thread at a time per instance. Any number of processes may read; one folds, tidies and
    erases. Receipts come into it by the verbs of Jobs, in the transactions they are about.
    """

    def find(self, wanted: Wanted, *, limit: int, cursor: str | None = None) -> Page:
        """InputError for a cursor that is none."""
        ...

    def whole(self, receipt_id: str) -> Receipt | None:
        """With its exchange; None: there is none of this id (any more)."""
        ...

    def delivery(self, destination: str, *, from_ms: int, to_ms: int, step_minutes: int = 1) -> Delivery:
        """Steps begin at multiples of their length since 1970."""
        ...

    def waiting(self) -> Waiting: ...

    def fold(self, *, receipts_max: int) -> int:
        """Move the oldest receipts that are in no file into one: about so many, how many it was. A kill leaves
        them where they were.
        """
        ...

    def tidy(self, *, now_ms: int, kept_s: float, bytes_max: int) -> bool:
        """A step of looking after the files: merge small ones, let old ones go, and the oldest beyond so many
        bytes. Whether there is more to do.
        """
        ...

    def erase(self, users: Collection[str], *, before: int) -> Iterator[int]:
        """Remove the receipts of these users' events below this offset of the collected log, and whatever others'
        receipts say of them. Yields how many were removed, a step at a time.
        """
        ...

    def listen(self) -> Bell:
        """A bell that rings soon after receipts have come in."""
        ...

    def close(self) -> None: ...
