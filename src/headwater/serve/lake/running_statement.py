"""A statement that runs in a thread, and how others end it."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

AGAIN_S: Final = 0.05
"""An interrupt that comes before the statement has begun is lost, so it is repeated until the statement ends."""


class RunningStatement:
    """May be stopped from any thread, also before it begins."""

    def __init__(self) -> None:
        self.is_stopped = False
        self._awake = threading.Event()

    def stop(self) -> None:
        self.is_stopped = True
        self._awake.set()

    @contextmanager
    def watch(self, interrupt: Callable[[], None], timeout_s: float | None) -> Iterator[None]:
        """`interrupt` is called when it is stopped or the time is over, until the block ends."""
        ended = threading.Event()

        def wait() -> None:
            self._awake.wait(timeout_s)
            while not ended.wait(AGAIN_S):
                interrupt()

        thread = threading.Thread(target=wait, name="statement watch", daemon=True)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            self._awake.set()
            thread.join()
            if not self.is_stopped:
                self._awake.clear()
