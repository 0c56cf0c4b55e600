"""The regulations port: what people asked for, whose events are barred, and the receipts of what was done.

*Which ids are kept.* A user is known here by a *fingerprint*: a keyed hash of the userId, whose key is a secret
of this installation. Whoever has only the store cannot go from a fingerprint to a person, nor try out names. The
plain id is kept beside it as long as something needs it: a deletion until every system but the logs has finished
(the logs go by age, not by person), a suppression that is nothing but one until it is lifted, so that it can be
listed. Then a finished deletion leaves no plain id anywhere, while its fingerprint still refuses the person's
events, holds back what may yet turn up from the logs, and answers "was this person deleted?" to whoever asks by
name.
"""

from collections.abc import Mapping, Sequence
from typing import Protocol

from headwater.doorbell import Bell
from headwater.privacy.regulation import Barred, Receipt, Regulation, RegulationType, Status, Subject, Suppression


class Regulations(Protocol):
    """Sync; any number of processes, any number of threads share one instance. Everything a verb that writes
    changed is durable when it returns, or nothing is.
    """

    def fingerprint(self, user_id: str) -> bytes: ...

    def request(
        self, type_: RegulationType, user_ids: Sequence[str], *, author: str, destinations: Mapping[str, bool]
    ) -> Regulation:
        """Store a request, with its suppressions in effect, and ring. `destinations`: which ones there are, and
        whether they can be asked to delete; only types that forward look at it.
        """
        ...

    def open(self) -> list[Regulation]:
        """Those that are not finished, oldest first."""
        ...

    def get(self, regulation: str) -> Regulation | None: ...

    def recent(self, *, limit: int, before: str | None = None) -> list[Regulation]:
        """Newest first; `before`: the last id of the page before."""
        ...

    def subjects(self, regulation: str) -> list[Subject]: ...

    def about(self, user_id: str) -> list[Regulation]:
        """Every regulation that names this user, newest first."""
        ...

    def begin(self, regulation: str, collected_before: int) -> int:
        """Fix what a deletion covers, once; the offset that counts from now on."""
        ...

    def report(
        self, regulation: str, system: str, status: Status, detail: str, counts: Mapping[str, int] | None = None
    ) -> bool:
        """Add a receipt and ring. False, and nothing is added, when the system's newest receipt says the same or
        is final. With the last receipt that needed them the plain ids of the regulation are forgotten.
        """
        ...

    def forwarded(self, regulation: str, destination: str) -> set[bytes]:
        """Whose deletion this destination has accepted already."""
        ...

    def note_forwarded(self, regulation: str, destination: str, fingerprint: bytes) -> None: ...

    def version(self) -> int:
        """`barred().version`, for the price of one row."""
        ...

    def barred(self) -> Barred: ...

    def suppressions(self, *, limit: int, after: int = 0, user_id: str | None = None) -> list[Suppression]:
        """In the order in which they began; `after`: the last number of the page before. With a user id only the
        one of this user, whether the id is kept or not, and those whose kept ids begin with it.
        """
        ...

    def audit(self, regulation: str | None = None, *, limit: int, before: int | None = None) -> list[Receipt]:
        """Newest first; `before`: the last number of the page before."""
        ...

    def scrub(self) -> bool:
        """Make sure that what was forgotten is not in any file any more. False: somebody is reading, try again."""
        ...

    def listen(self) -> Bell:
        """Rings after every change."""
        ...

    def close(self) -> None: ...
