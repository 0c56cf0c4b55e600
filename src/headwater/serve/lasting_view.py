"""The state as the pipeline last committed it, for everybody in `serve`: one view that stays open."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from headwater.errors import BusyError
from headwater.state.port import State

AGE_S_MAX: Final = 0.002
"""Readers that come within so much time share one look at what the pipeline has done since. A look costs 50 µs,
and as much again for every ten events or so."""

OPEN_TRIES: Final = 3
"""A view that cannot follow is opened anew; one that was opened just now and cannot follow either is rare."""


class LastingView:
    """Opens the view when it is first needed, and anew when it can no longer follow the pipeline: after a restart,
    when tables have come, when the state was replaced. May be used from several threads.
    """

    def __init__(self, open_view: Callable[[], State], *, clock: Callable[[], float] = time.monotonic) -> None:
        self._open_view = open_view
        self._clock = clock
        self._lock = threading.Lock()
        self._shown: _Shown | None = None
        self._refreshed_at = float("-inf")

    @contextmanager
    def reading(self) -> Iterator[State]:
        """The state, at most AGE_S_MAX old when the reading begins. Others may bring it up to date meanwhile; a
        scan shows the moment in which it began. AbsentError while no pipeline has ever run.
        """
        with self._lock:
            shown = self._current()
            shown.readers += 1
        try:
            yield shown.state
        finally:
            with self._lock:
                shown.readers -= 1
                shown.close_if_done()

    def _current(self) -> "_Shown":
        now = self._clock()
        if self._shown is not None and now - self._refreshed_at < AGE_S_MAX:
            return self._shown
        for _ in range(OPEN_TRIES):
            if self._shown is None:
                self._shown = _Shown(self._open_view())
            if self._shown.state.refresh():
                self._refreshed_at = now
                return self._shown
            self._retire()
        raise BusyError("the state is being replaced: try again in a moment")

    def _retire(self) -> None:
        """Whoever still reads the view may finish."""
        if self._shown is not None:
            self._shown.is_current = False
            self._shown.close_if_done()
            self._shown = None

    def close(self) -> None:
        with self._lock:
            self._retire()


class _Shown:
    __slots__ = ("is_current", "readers", "state")

    def __init__(self, state: State) -> None:
        self.state = state
        self.readers = 0
        self.is_current = True

    def close_if_done(self) -> None:
        if not self.is_current and not self.readers:
            self.state.close()
