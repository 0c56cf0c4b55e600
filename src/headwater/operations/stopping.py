"""How a role hears that it is to stop: SIGTERM and SIGINT, or the end of the supervisor that started it."""

import asyncio
import os
import select
import signal
import threading
from types import FrameType
from typing import Final

import structlog

from headwater import limits

SIGNALS: Final = (signal.SIGTERM, signal.SIGINT)


class StopBell:
    """A doorbell.Bell that stays rung: for a synchronous role that waits on file descriptors."""

    def __init__(self) -> None:
        self._hear, self._ring = os.pipe()
        os.set_blocking(self._ring, False)

    def ring(self) -> None:
        os.write(self._ring, b"!")

    def fileno(self) -> int:
        return self._hear

    def clear(self) -> None:
        """Nothing to forget: a process that is to stop does not go on."""

    def wait(self, timeout_s: float | None = None) -> bool:
        poll = select.poll()
        poll.register(self._hear, select.POLLIN)
        return bool(poll.poll(None if timeout_s is None else max(0, round(timeout_s * 1000))))

    def close(self) -> None:
        os.close(self._hear)
        os.close(self._ring)


def ring_on_signal(bell: StopBell) -> None:
    """From now on the first signal rings the bell; a second one kills the process."""

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        for number in SIGNALS:
            signal.signal(number, signal.SIG_DFL)
        bell.ring()

    for number in SIGNALS:
        signal.signal(number, on_signal)


def set_on_signal(stop: asyncio.Event) -> None:
    """The same for the running event loop."""
    loop = asyncio.get_running_loop()

    def on_signal() -> None:
        for number in SIGNALS:
            loop.remove_signal_handler(number)
            signal.signal(number, signal.SIG_DFL)
        stop.set()

    for number in SIGNALS:
        loop.add_signal_handler(number, on_signal)


def stop_with_parent(fd: int) -> None:
    """Send this process SIGTERM when the other end of the pipe `fd` closes, that is when the supervisor is gone,
    even by `kill -9`. What has not drained in limits.operations.DRAIN_S_MAX is cut off: the next supervisor
    waits for it.
    """

    def watch() -> None:
        os.read(fd, 1)  # nobody ever writes: this returns at the end of the file
        structlog.get_logger().warning("the supervisor is gone: stopping")
        os.kill(os.getpid(), signal.SIGTERM)
        threading.Event().wait(limits.operations.DRAIN_S_MAX)
        os._exit(1)

    threading.Thread(target=watch, name="parent-watch", daemon=True).start()
