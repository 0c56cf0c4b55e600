"""Whether a destination is worth sending to. Time is a parameter, so this is a table one can test:

    state     attempt may start           failure                              any other answer
    up        always                      the n-th in a row: down              up, count starts anew
    down      one at a time, as a probe,  of the probe: the pause doubles;     up
              once the pause is over      of an older attempt: nothing

While a destination is down its events stay where they are safe, in the outbound log: an outage of hours costs
one probe a minute and not a row per event.
"""

import random
from collections.abc import Callable

from headwater import limits

FAILURES_MAX = 10
"""Failed first attempts in a row, with nothing answered in between, that take a destination down. An endpoint
that drops a tenth of its requests at random meets ten in a row once in ten billion."""

PAUSE_S_MIN = 1.0
PAUSE_S_MAX = 60.0
"""The longest pause between probes: what a destination that comes back may have to wait."""


class Availability:
    def __init__(self, *, roll: Callable[[], float] = random.random) -> None:
        self.down = False
        self.probe_at_s = 0.0
        """While down: when the next probe may start."""
        self._roll = roll
        self._failures = 0
        self._pause_s = PAUSE_S_MIN
        self._down_at_s = 0.0
        self._probing = False

    def may_send(self, now_s: float) -> bool:
        """True also takes the probe, if down: the caller has to send and to say how it went."""
        if not self.down:
            return True
        if self._probing or now_s < self.probe_at_s:
            return False
        self._probing = True
        return True

    def answered(self) -> None:
        """The destination is there, whatever it said; or its settings are new: it gets a fresh start."""
        self.down = self._probing = False
        self._failures = 0
        self._pause_s = PAUSE_S_MIN

    def not_made(self, *, started_s: float) -> None:
        """An attempt that was let in at `started_s` turned out to have nothing to send: it says nothing."""
        if started_s >= self._down_at_s:
            self._probing = False

    def failed(
        self, now_s: float, *, started_s: float, retry_after_s: float | None = None, first_attempt: bool = True
    ) -> None:
        """An attempt begun at `started_s` had no answer, or a plea to come back later.

        Repeats of an event that failed before count for nothing while up: one event that an endpoint chokes
        on must not take the destination away from the others.
        """
        if self.down:
            if started_s >= self._down_at_s:  # only probes begin while down
                self._probing = False
                self._pause_s = min(2 * self._pause_s, PAUSE_S_MAX)
                self._plan_probe(now_s, retry_after_s)
            return
        self._failures += first_attempt
        if self._failures >= FAILURES_MAX:
            self.down = True
            self._down_at_s = now_s
            self._plan_probe(now_s, retry_after_s)

    def _plan_probe(self, now_s: float, retry_after_s: float | None) -> None:
        # Half of the pause is random: many destinations on one dead host must not probe in step.
        pause_s = self._pause_s * (0.5 + self._roll() / 2)
        asked_s = min(retry_after_s or 0.0, limits.delivery.RETRY_DELAY_S_MAX)
        self.probe_at_s = now_s + max(pause_s, asked_s)
