"""Which dead letters somebody wants."""

import msgspec

from headwater import limits
from headwater.delivery.jobs import DeadLetter as Undelivered
from headwater.serve.instants import instant_ms
from headwater.serve.letters.letter import DELIVERY, Letter, about, sent


class Filter(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which letters; what is left out does not matter."""

    stage: str | None = None
    reason: str | None = None
    source: str | None = None
    destination: str | None = None
    message_id: str | None = None
    event: str | None = None
    """Name of a track event, of a page or a screen; not of what came as a whole request."""
    since: str | None = None
    """Received since then: `1h`, `24h`, `7d`, or an ISO 8601 instant."""
    until: str | None = None
    """Received before that, written the same way."""
    text: str | None = None
    """Somewhere in what was sent, or in the detail; upper and lower case are the same."""


class Matches:
    """Whether a letter is wanted."""

    def __init__(self, wanted: Filter, now_ms: int) -> None:
        self._wanted = wanted
        self._since_ms = instant_ms(wanted.since, now_ms, field="since") if wanted.since else None
        self._until_ms = instant_ms(wanted.until, now_ms, field="until") if wanted.until else None
        self._text = wanted.text.lower() if wanted.text else None

    def __call__(self, letter: Letter) -> bool:
        wanted = self._wanted
        if isinstance(letter, Undelivered):
            stage, source, received_ms = DELIVERY, letter.event.source, letter.event.received_at_ms
            detail = letter.message
        else:
            stage, source, received_ms, detail = letter.stage, letter.source, letter.received_at_ms, letter.detail
        return (
            wanted.stage in {None, stage}
            and wanted.reason in {None, letter.reason}
            and wanted.source in {None, source}
            and (wanted.event is None or wanted.event == about(letter).called)
            and (self._since_ms is None or received_ms >= self._since_ms)
            and (self._until_ms is None or received_ms < self._until_ms)
            and (self._text is None or self._text in detail.lower() or self._text in _lower(sent(letter)))
        )


def _lower(text: bytes) -> str:
    return text.decode(errors="replace").lower()


def bytes_to_look_at(letter: Letter, *, is_opened: bool) -> int:
    """A whole request may be gzip: what a kilobyte of that inflates to is only known, and paid for, afterwards."""
    if isinstance(letter, Undelivered):
        return len(letter.event.body)
    if is_opened and letter.index < 0:
        return limits.collection.BATCH_BYTES_MAX
    return len(letter.payload) + len(letter.shared)
