"""What people ask for about a person's data, and what has become of it, in the words of spec 4.16.

    requested ──▶ running ──▶ done ──▶ verified        for each system that holds or receives data
                     └──────────────▶ failed           with the reason

Only the systems that a regulation concerns have receipts. The receipts are an append-only audit; the newest one
of a system says where it stands, and all of them together give the overall status.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, Final

import msgspec

from headwater import limits
from headwater.errors import InputError


class RegulationType(StrEnum):
    SUPPRESS_ONLY = "SUPPRESS_ONLY"
    UNSUPPRESS = "UNSUPPRESS"
    DELETE_INTERNAL = "DELETE_INTERNAL"
    SUPPRESS_WITH_DELETE_INTERNAL = "SUPPRESS_WITH_DELETE_INTERNAL"
    DELETE_ONLY = "DELETE_ONLY"
    SUPPRESS_WITH_DELETE = "SUPPRESS_WITH_DELETE"

    @property
    def suppresses(self) -> bool:
        return self.name.startswith("SUPPRESS")

    @property
    def deletes(self) -> bool:
        return "DELETE" in self.name

    @property
    def forwards(self) -> bool:
        """Whether destinations are asked to delete, too."""
        return self in {RegulationType.DELETE_ONLY, RegulationType.SUPPRESS_WITH_DELETE}


USER_ID: Final = "USER_ID"
"""The only kind of subject: a userId, exactly as events carry it."""


class Status(StrEnum):
    REQUESTED = "requested"
    RUNNING = "running"
    DONE = "done"
    VERIFIED = "verified"
    FAILED = "failed"
    NOT_SUPPORTED = "not_supported"

    @property
    def is_final(self) -> bool:
        return self in {Status.VERIFIED, Status.FAILED, Status.NOT_SUPPORTED}


class Overall(StrEnum):
    INITIALIZED = "INITIALIZED"
    RUNNING = "RUNNING"
    PARTIAL_SUCCESS = "PARTIAL_SUCCESS"
    FAILED = "FAILED"
    FINISHED = "FINISHED"


PROCESSING: Final = "processing"
"""The pipeline refuses (again takes) the person's events."""
SENDING: Final = "sending"
"""Delivery holds back (again sends) the person's events."""
STATE: Final = "state"
LAKE: Final = "lake"
DELIVERY: Final = "delivery"
LOGS: Final = "logs"
DESTINATION: Final = "destination:"
"""Followed by the destination's name."""


class Receipt(msgspec.Struct, frozen=True):
    """One line of the audit."""

    number: int
    """Grows by one per line, over all requests."""
    at_ms: int
    """Unix milliseconds, UTC."""
    regulation: str
    system: str
    status: Status
    detail: str
    """One sentence for people. Never names a user."""
    counts: dict[str, int] = {}


class Regulation(msgspec.Struct, frozen=True):
    """A request and where it stands."""

    id: str
    type: RegulationType
    subjects: int
    """How many users it is about."""
    created_at_ms: int
    author: str
    collected_before: int | None
    """A deletion removes events below this offset of the collected log; None: no pipeline has seen it yet."""
    receipts: tuple[Receipt, ...]
    """The newest one of each system, in the order in which they began."""

    @property
    def overall(self) -> Overall:
        return overall(self.receipts)

    @property
    def finished_at_ms(self) -> int | None:
        is_over = all(receipt.status.is_final for receipt in self.receipts)
        return max(receipt.at_ms for receipt in self.receipts) if is_over else None

    def status(self, system: str) -> Status | None:
        return next((r.status for r in self.receipts if r.system == system), None)

    def waits_for(self, system: str) -> bool:
        status = self.status(system)
        return status is not None and not status.is_final


class Subject(msgspec.Struct, frozen=True):
    fingerprint: bytes
    user_id: str | None
    """None: it was forgotten, because nothing needs it any more."""


class Suppression(msgspec.Struct, frozen=True):
    number: int
    fingerprint: bytes
    user_id: str | None
    """None: the person was deleted as well, and only the fingerprint is kept."""
    since_ms: int


class Barred(msgspec.Struct, frozen=True):
    """Whose events must not go on."""

    version: int
    """Changes whenever the rest does."""
    suppressed: frozenset[bytes] = frozenset()
    """Fingerprints."""
    erased: Mapping[bytes, int] = {}
    """Fingerprint → events below this offset of the collected log are deleted, wherever they still turn up."""


def systems(type_: RegulationType, destinations: Mapping[str, bool]) -> list[tuple[str, Status, str]]:
    """(system, first status, sentence) of every system that a new request concerns. `destinations`: whether each
    destination can be asked to delete.
    """
    found = []
    if not type_.deletes or type_.suppresses:
        word = "be refused" if type_.suppresses else "be taken again"
        found.append((PROCESSING, Status.REQUESTED, f"new events of these users are to {word}"))
        word = "be sent to no destination" if type_.suppresses else "be sent again"
        found.append((SENDING, Status.REQUESTED, f"events of these users are to {word}"))
    if type_.deletes:
        found += [
            (STATE, Status.REQUESTED, "dead letters, samples and other working data are to be removed"),
            (LAKE, Status.REQUESTED, "stored events are to be removed"),
            (DELIVERY, Status.REQUESTED, "events waiting to be sent or set aside are to be removed"),
            (LOGS, Status.REQUESTED, "the logs are to be dropped when their retention has passed"),
        ]
    if type_.forwards:
        for name, can_delete in destinations.items():
            if can_delete:
                line = Status.REQUESTED, "the destination is to be asked to delete"
            else:
                line = Status.NOT_SUPPORTED, "destinations of this type cannot be asked to delete: do it there"
            found.append((DESTINATION + name, *line))
    return found


def overall(receipts: Sequence[Receipt]) -> Overall:
    """As Segment sums it up: a destination that fails or cannot delete makes the whole FAILED, even when
    everything in here is gone.
    """
    states = {receipt.status for receipt in receipts}
    if states <= {Status.REQUESTED, Status.NOT_SUPPORTED} and Status.REQUESTED in states:
        return Overall.INITIALIZED
    if not all(status.is_final for status in states):
        return Overall.RUNNING
    bad = [r for r in receipts if r.status is not Status.VERIFIED]
    if not bad:
        return Overall.FINISHED
    if any(r.system.startswith(DESTINATION) for r in bad) or len(bad) == len(receipts):
        return Overall.FAILED
    return Overall.PARTIAL_SUCCESS


def checked(type_: str, subject_type: str, user_ids: Any) -> tuple[RegulationType, list[str]]:
    """What was asked for, each id once. InputError, which never repeats an id, when it cannot be done."""
    if type_ not in set(RegulationType):
        known = f"expected one of {', '.join(RegulationType)}"
        raise InputError("invalid_regulation", known, field="regulationType")
    if subject_type != USER_ID:
        raise InputError("invalid_regulation", "only USER_ID is supported", field="subjectType")
    field = "subjectIds"
    if not user_ids:
        raise InputError("invalid_regulation", "at least one id is needed", field=field)
    if len(user_ids) > limits.privacy.REGULATION_SUBJECTS_MAX:
        most = f"at most {limits.privacy.REGULATION_SUBJECTS_MAX:,} ids in one call, these are {len(user_ids):,}"
        raise InputError("invalid_regulation", most, field=field)
    for at, user_id in enumerate(user_ids):
        if not user_id or len(user_id) > limits.privacy.REGULATION_SUBJECT_CHARS_MAX:
            raise InputError(
                "invalid_regulation",
                f"an id has 1 to {limits.privacy.REGULATION_SUBJECT_CHARS_MAX:,} characters",
                field=f"{field}[{at}]",
            )
    return RegulationType(type_), list(dict.fromkeys(user_ids))
