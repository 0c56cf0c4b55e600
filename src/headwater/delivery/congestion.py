"""How many requests to one destination are under way at once: as many as it stands.

Additive increase, multiplicative decrease, as TCP shares a line: each answer while all places are taken adds a
fraction, so that a round of answers adds one place; a sign of overload takes three tenths of the places, once for
all requests that were under way then. Pure.
"""

from collections.abc import Sequence
from typing import Final

from headwater import limits
from headwater.delivery.parcel import Result
from headwater.destinations.kit.model import RetryLater

OVERLOAD: Final = frozenset({"429", "503", "504", "ETIMEDOUT", "ECONNRESET", "ECONNREFUSED"})
"""Reasons that say "too much". A 500 does not: it is a mistake over there, whoever asks."""

DECREASE: Final = 0.7

PLACES_MAX: Final = 64
"""Unless the type or the workspace says otherwise. At 5 s an answer that is still 13 a second, and no server takes
so many connections from one client amiss."""


class Congestion:
    def __init__(self, places_max: int | None) -> None:
        """`places_max`: what the type or the workspace allows; None: delivery's own."""
        self.configure(places_max)
        self._places = float(min(limits.delivery.CONCURRENCY, self._places_max))
        self._cut_at_s = float("-inf")

    def configure(self, places_max: int | None) -> None:
        self._places_max = places_max or PLACES_MAX
        self._places = float(min(limits.delivery.CONCURRENCY, self._places_max))

    @property
    def places(self) -> int:
        return int(self._places)

    def settled(self, results: Sequence[Result], *, in_flight: int, started_s: float, now_s: float) -> None:
        """How an attempt ended, while so many were under way, this one among them."""
        reasons = {r.outcome.reason for r in results if isinstance(r.outcome, RetryLater)}
        if reasons & OVERLOAD:
            if started_s > self._cut_at_s:
                self._places = max(1.0, self._places * DECREASE)
                self._cut_at_s = now_s
        elif in_flight >= int(self._places):
            self._places = min(self._places + 1 / self._places, float(self._places_max))
