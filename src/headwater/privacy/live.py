"""Whose events a role must not pass on: in memory, and never older than the last ring of the bell."""

import structlog

from headwater.errors import HeadwaterError
from headwater.event import OutboundEvent, user_ids
from headwater.privacy.port import Regulations
from headwater.privacy.regulation import Barred

logger = structlog.get_logger()

REMEMBERED_MAX = 50_000
"""Users whose fingerprint is at hand, about 10 MB: hashing costs three times what a look-up does."""


class LiveBarred:
    """Changes only in `refresh()`, so whoever calls that decides when. Put `fileno()` into the event loop or a
    poll.

    As `flow.Suppressed` it answers for a user id. For one thread at a time.
    """

    def __init__(self, regulations: Regulations) -> None:
        self._regulations = regulations
        self._fingerprint = regulations.fingerprint
        self._bell = regulations.listen()  # before the first look, so that no change falls between
        self._fingerprints: dict[str, bytes] = {}
        try:
            self._take(regulations.barred())
        except BaseException:
            self._bell.close()
            raise

    @property
    def version(self) -> int:
        return self._barred.version

    def __len__(self) -> int:
        return len(self._barred.suppressed)

    def __contains__(self, user_id: object) -> bool:
        if not isinstance(user_id, str):
            return False
        return (self._fingerprints.get(user_id) or self._learn(user_id)) in self._suppressed

    def why_not(self, event: OutboundEvent) -> str:
        """`suppressed` or `deleted` when the event must go to nobody, else empty."""
        suppressed, erased = self._barred.suppressed, self._barred.erased
        if not (suppressed or erased):
            return ""
        for user_id in user_ids(event.user_id, event.body):
            fingerprint = self._fingerprints.get(user_id) or self._learn(user_id)
            if fingerprint in suppressed:
                return "suppressed"
            if event.offset < erased.get(fingerprint, 0):
                return "deleted"
        return ""

    def is_erased(self, event: OutboundEvent) -> bool:
        """Whether nothing may be stored about the event any more."""
        erased = self._barred.erased
        if not erased:
            return False
        for user_id in user_ids(event.user_id, event.body):
            fingerprint = self._fingerprints.get(user_id) or self._learn(user_id)
            if event.offset < erased.get(fingerprint, 0):
                return True
        return False

    def fileno(self) -> int:
        return self._bell.fileno()

    def wait(self, timeout_s: float | None = None) -> bool:
        return self._bell.wait(timeout_s)

    def refresh(self) -> bool:
        """True when other users are barred now. A store that cannot be read changes nothing: the role goes on with
        what it has, and the next ring is the next try.
        """
        self._bell.clear()
        try:
            if self._regulations.version() == self._barred.version:
                return False
            self._take(self._regulations.barred())
        except HeadwaterError as error:
            logger.warning("regulations not refreshed", reason=str(error))
            return False
        logger.info("regulations refreshed", suppressed=len(self))
        return True

    def _take(self, barred: Barred) -> None:
        self._barred = barred
        self._suppressed = barred.suppressed

    def _learn(self, user_id: str) -> bytes:
        if len(self._fingerprints) >= REMEMBERED_MAX:
            self._fingerprints.clear()
        found = self._fingerprints[user_id] = self._fingerprint(user_id)
        return found

    def close(self) -> None:
        self._bell.close()
