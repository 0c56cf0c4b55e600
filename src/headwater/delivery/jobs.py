"""The delivery jobs port: how far each destination has come, what failed, what died.

A success leaves no row. Position and failures change in one transaction, so that there is no state of the disk
in which an event was passed and is nowhere.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

import msgspec

from headwater.delivery.receipts import Receipt
from headwater.doorbell import Bell
from headwater.event import OutboundEvent


class Job(msgspec.Struct, frozen=True):
    """One event that has to be sent to one destination again. Instants are Unix milliseconds, UTC."""

    destination: str
    event: OutboundEvent
    attempts: int
    """Made so far. None, if it waits behind an earlier event of its person (`strict_order`)."""
    first_failed_at_ms: int
    due_at_ms: int
    """Not before this."""
    reason: str
    """Of the last failure, a code of spec 2.5."""
    message: str = ""
    id: int = 0
    """Given by the store; 0 before."""
    mappings: tuple[str, ...] = ()
    """Names of those that have not delivered it yet; empty: all that it matches."""


class DeadLetter(msgspec.Struct, frozen=True):
    """One event that will not be sent to one destination any more, unless somebody asks for it."""

    destination: str
    event: OutboundEvent
    attempts: int
    first_failed_at_ms: int
    died_at_ms: int
    reason: str
    message: str = ""
    id: int = 0
    """Given by the store, in the order of dying; 0 before."""
    mappings: tuple[str, ...] = ()
    """Names of those that have not delivered it; empty: none has."""


class Standing(NamedTuple):
    """What one destination has in the store."""

    retries: int
    dead_letters: int


class LetterGroup(NamedTuple):
    """Dead letters of one destination that died for the same reason."""

    destination: str
    reason: str
    """Empty: the oldest, which have moved into files; there they are counted by destination only."""
    letters: int
    first_died_at_ms: int
    """0: not known."""
    last_died_at_ms: int


class ErasedRows(NamedTuple):
    """What an erasure has removed, and where it goes on."""

    retries: int = 0
    dead_letters: int = 0
    last: tuple[int, int] = (0, 0)
    """The last job and the last dead letter looked at."""
    is_end: bool = False


class ErasedFile(NamedTuple):
    """What an erasure has removed from a file of dead letters, and where it goes on."""

    removed: int = 0
    last: int = 0
    """The last letter looked at."""
    is_end: bool = False
    """There was no file any more."""


class Jobs(Protocol):
    """Sync, called from one thread at a time per instance; any number of processes may open the store.

    Survives kill -9 at the last call that returned. After a power cut it may be an earlier call, never a
    mixture: what follows from that is sent again. Errors: StorageError when the disk refuses (nothing of that
    call was stored).
    """

    def first_start(self) -> bool:
        """True once in the life of the store, for the first who asks."""
        ...

    def positions(self) -> dict[str, int]:
        """By destination: everything in the outbound log below is delivered, a job, or dead."""
        ...

    def advance(
        self,
        destination: str,
        offset: int,
        *,
        retries: Sequence[Job] = (),
        dead: Sequence[DeadLetter] = (),
        receipts: Sequence[Receipt] = (),
    ) -> None:
        """Everything below `offset` is finished, these are those that failed, and these the receipts of all: all
        stored, or nothing.
        """
        ...

    def reserve(self, destination: str, offset: int) -> None:
        """Records below `offset` may be begun from now on, or may have been when delivery ended: what is sent of
        them by the next start may be a repeat.
        """
        ...

    def reserved(self) -> dict[str, int]:
        """By destination, what was reserved last."""
        ...

    def soonest(self, destination: str, limit: int) -> list[Job]:
        """The jobs due first, whether they are due yet or not; oldest first among equals."""
        ...

    def settle(
        self,
        *,
        completed: Sequence[int] = (),
        rescheduled: Sequence[Job] = (),
        dead: Sequence[DeadLetter] = (),
        freed: Sequence[tuple[str, str]] = (),
        at_ms: int = 0,
        receipts: Sequence[Receipt] = (),
    ) -> None:
        """What attempts of jobs have come to, all of it or nothing: these jobs are gone, these have new due times,
        attempts, reasons and mappings, these letters are new. Then for each `freed` destination and person the
        oldest job left is due at `at_ms`. A receipt replaces one with which its event was `retrying` at that
        destination. Safe to repeat, but for letters and receipts. Beyond
        limits.letters.KEPT_MAX the oldest letters move into files, where all verbs find them as before.
        """
        ...

    def people(self, destination: str) -> dict[str, int]:
        """How many jobs there are of each person that has any."""
        ...

    def dead_letters(
        self, destination: str | None = None, *, limit: int = 100, before_id: int | None = None
    ) -> list[DeadLetter]:
        """Newest first; `before_id` continues after the last one of a page."""
        ...

    def letters(self, ids: Sequence[int]) -> list[DeadLetter]:
        """Those that are there, in no order."""
        ...

    def letter_groups(self) -> list[LetterGroup]:
        """How many letters there are, by destination and reason; in no order."""
        ...

    def of_message(self, message_id: str) -> tuple[list[Job], list[DeadLetter]]:
        """What has failed of one message, over all destinations."""
        ...

    def revive(self, ids: Sequence[int], *, at_ms: int) -> int:
        """These letters become jobs that are due at once, with a new window to try in; how many did. One that has
        gone, or whose destination nobody delivers to any more, stays what it is. Rings the bell.
        """
        ...

    def discard(self, ids: Sequence[int]) -> int:
        """These letters are gone; how many were there."""
        ...

    def listen(self) -> Bell:
        """A bell that rings when another process has changed the jobs of a destination."""
        ...

    def standings(self) -> dict[str, Standing]:
        """By destination, those that have anything."""
        ...

    def forget(self, destination: str, *, at_ms: int) -> None:
        """The destination was removed: no position any more, its jobs become dead letters."""
        ...

    def erase(
        self, is_theirs: Callable[[OutboundEvent], bool], *, after: tuple[int, int] = (0, 0), rows_max: int
    ) -> ErasedRows:
        """Look at up to so many rows of each kind, and remove those whose event is theirs."""
        ...

    def erase_filed(self, is_theirs: Callable[[OutboundEvent], bool], *, after: int = 0) -> ErasedFile:
        """The same for letters beyond the bound, a file at a time; after `erase` has come to its end."""
        ...

    def scrub(self) -> bool:
        """What was removed so far, for whatever reason, is in no file any more. False: somebody is reading, try
        again.
        """
        ...

    def close(self) -> None: ...
