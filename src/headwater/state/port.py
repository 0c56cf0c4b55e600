"""The state port: tables of bytes that change together with the input position that changed them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

Table = str

PROFILE_TABLES: Final = (
    "profiles",
    "profile_ids",
    "identities",
    "identity_log",
    "merged",
    "conflicts",
    "severed",
    "history",
    "collected_values",
    "links",
    "timers",
    "members",
    "audience_sizes",
    "synced",
    "fan_outs",
    "sweeps",
)
"""What is known of people and accounts; aggregation/tables.py says what is in them."""

TABLES: Final = ("dead_letters", "dead_letter_messages", "counters", "schema", *PROFILE_TABLES)
"""Every lasting table. An engine makes those that are missing when it opens."""

EXPIRING: Final = ("message_ids", "dropped", "violations", "violation_samples")
"""Tables whose rows go by themselves. An engine keeps their rows in generations: a row belongs to the one of its
commit's `at_ms`, and generations that have become too old vanish whole, which costs nothing however many rows
they hold.
"""

Changes = dict[Table, dict[bytes, bytes | None]]
"""Table → key → new value; None deletes."""


@dataclass(frozen=True, slots=True)
class Commit:
    """Everything one micro-batch changed. Applied whole or not at all."""

    position: int
    """The input is finished below this offset."""
    changes: Changes = field(default_factory=dict)
    outbox: bytes | None = None
    """What must reach the outbound log because of this batch; kept under `position` until `sent`."""
    sent: int = -1
    """Outbox entries up to this position have reached the outbound log and are dropped."""
    at_ms: int = 0
    """The instant of this batch, from the log (Unix milliseconds): decides the generation of expiring rows."""
    expire: Mapping[Table, int] = field(default_factory=dict)
    """Expiring table → generations that ended before this instant are dropped. Rows stay up to one generation
    (limits.processing.STATE_GENERATION_S) longer than asked: who needs it exact puts the time into the value.
    """


class State(Protocol):
    """Sync, one writing process. Survives kill -9 at the last commit; after a power cut it may be an earlier
    commit, never a mixture: the log is read again from that commit's position.
    """

    def get_many(self, table: Table, keys: Sequence[bytes]) -> list[bytes | None]:
        """Values in the order of the keys. A key that several generations hold has its newest value."""
        ...

    def scan(
        self, table: Table, prefix: bytes = b"", *, reverse: bool = False, start: bytes | None = None
    ) -> Iterator[tuple[bytes, bytes]]:
        """Rows whose key starts with `prefix`, in key order; from the key `start` on (it included)."""
        ...

    def position(self) -> int:
        """The input offset of the last commit; 0 at first."""
        ...

    def outbox(self) -> Mapping[int, bytes]:
        """Entries not yet sent, by position, in order."""
        ...

    def commit(self, commit: Commit) -> None: ...

    def refresh(self) -> bool:
        """A view: show what has been committed until now, and True; scans that are open stay as they began. False:
        it cannot follow (the writer has begun anew, or tables have come or gone); close it and open another one.
        The writer itself always is up to date.
        """
        ...

    def scrub(self) -> None:
        """What was deleted so far is in no file any more, nor are outbox entries that were sent. Durable, also
        through a power cut: no earlier state comes back. Iterators must be closed. Takes as long as rewriting the
        lasting tables; may be called in a thread of its own, beside commits.
        """
        ...

    def close(self) -> None: ...
