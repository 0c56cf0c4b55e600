"""How many requests to one destination are under way at once: as many as it stands.

Additive increase, multiplicative decrease, as TCP shares a line: each answer while all places are taken adds a
fraction, so that a round of answers adds one place; a sign of overload takes three tenths of the places, once for
all requests that were under way then. Pure.
"""

from typing import Final

from headwater import limits
from headwater.destinations.kit.model import RetryLater

OVERLOAD: Final = frozenset({"429", "503", "504", "ETIMEDOUT", "ECONNRESET", "ECONNREFUSED"})
"""Reasons that say "too much". A 500 does not: it is a mistake over there, whoever asks."""

DECREASE: Final = 0.7


class Congestion:
    def __init__(self, places_max: int | None) -> None:
        """`places_max`: what the type or the workspace allows; None: delivery's own."""
        self.configure(places_max)
        self._places = float(min(limits.DELIVERY_CONCURRENCY, self._places_max))
        self._cut_at_s = float("-inf")

    def configure(self, places_max: int | None) -> None:
        self._places_max = places_max or limits.DELIVERY_CONCURRENCY_MAX
        self._places = float(min(limits.DELIVERY_CONCURRENCY, self._places_max))

    @property
    def places(self) -> int:
        return int(self._places)

    def answered(self, in_flight: int) -> None:
        """While so many were under way, this one among them."""
        if in_flight >= int(self._places):
            self._places = min(self._places + 1 / self._places, float(self._places_max))

    def failed(self, why: RetryLater, *, started_s: float, now_s: float) -> None:
        if why.reason in OVERLOAD and started_s > self._cut_at_s:
            self._places = max(1.0, self._places * DECREASE)
            self._cut_at_s = now_s
