"""When the next request to one destination may be made: its rate as the workspace or the type has it, and what its
own answers say about how much is left. Pure.

An attempt pays for one request when it is begun. If it needs five, the others are paid for afterwards, and the
average stays.
"""

from collections.abc import Mapping
from typing import Final

from headwater import limits
from headwater.destinations.kit.model import Response
from headwater.destinations.kit.outcome import retry_after_s

BURST_S: Final = 0.1
"""What may come at once after a pause: the requests of so long, one at least."""

REMAINING: Final = ("ratelimit-remaining", "x-ratelimit-remaining")
RESET: Final = ("ratelimit-reset", "x-ratelimit-reset")
"""The draft of the IETF before the ones in use everywhere."""

EPOCH_S: Final = 1_000_000_000
"""A reset above it is an instant, not a pause; above a thousand times it, one in milliseconds."""


class Pacer:
    def __init__(self, per_s: float | None) -> None:
        self._free_at_s = 0.0
        self._pause_until_s = 0.0
        self.configure(per_s)

    def configure(self, per_s: float | None) -> None:
        """None: as fast as it answers."""
        self._interval_s = 1 / per_s if per_s else 0.0
        self._burst_s = max(BURST_S, self._interval_s) - self._interval_s

    def next_at_s(self) -> float:
        """When the next may be made; if that is past, at once."""
        return max(self._free_at_s - self._burst_s, self._pause_until_s)

    def made(self, now_s: float, requests: int = 1) -> None:
        """So many requests; less than none: some that were paid for were not made."""
        if self._interval_s:
            self._free_at_s = max(self._free_at_s, now_s) + requests * self._interval_s

    def heard(self, response: Response, now_s: float) -> float | None:
        """What an answer says about the next; the pause in seconds, if there is to be one."""
        pause_s = quota_pause_s(response)
        if pause_s:
            self._pause_until_s = max(self._pause_until_s, now_s + pause_s)
        return pause_s

    def start_afresh(self) -> None:
        """Other settings: what was asked for is not asked of these."""
        self._pause_until_s = 0.0


def quota_pause_s(response: Response) -> float | None:
    """How long to ask for nothing: after a 429 as long as it says, and after the last of a quota until it is
    renewed; at most limits.delivery.RETRY_DELAY_S_MAX. None: go on.

    >>> quota_pause_s(Response(200, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "30"}, b"", 0.0))
    30.0
    >>> quota_pause_s(Response(429, {"Retry-After": "2"}, b"", 0.0))
    2.0
    >>> quota_pause_s(Response(200, {"x-ratelimit-remaining": "7", "x-ratelimit-reset": "30"}, b"", 0.0))
    """
    headers = response.headers
    if response.status != 429 and _number(headers, REMAINING) != 0:
        return None
    asked_s = retry_after_s(response) if response.status == 429 else None
    if asked_s is None and (reset := _number(headers, RESET)) is not None:
        if reset > EPOCH_S * 1000:
            reset /= 1000
        asked_s = reset - response.at_s if reset > EPOCH_S else reset
    return min(asked_s, limits.delivery.RETRY_DELAY_S_MAX) if asked_s and asked_s > 0 else None


def _number(headers: Mapping[str, str], names: tuple[str, ...]) -> float | None:
    for name in names:
        text = headers.get(name, "").partition(",")[0].partition(";")[0].strip()
        if text.isascii() and text.replace(".", "", 1).isdigit():
            return float(text[:20])
    return None
