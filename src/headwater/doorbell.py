"""How an idle process hears that there is work: a datagram on a Unix socket.

A bell is a socket file `<folder>/<topic>.<pid>.<n>`. Whoever changed something rings every bell of the topic
with one byte; the owner's file descriptor becomes readable. Nothing is carried but the fact: the listener looks
for itself, so a lost, doubled or spurious ring is harmless. A bell must be hung *before* its owner looks, else
a ring between the look and the wait is missed.
"""

import contextlib
import errno
import itertools
import os
import select
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

_serial = itertools.count()

SOCKET_PATH_BYTES_MAX = 100
"""The kernel takes 108 on Linux and 104 on macOS, the final NUL included."""


CLOCK_TICK_NS = 50_000_000
"""Longer than any kernel's tick (4 ms on Linux)."""


@contextlib.contextmanager
def socket_address(path: Path) -> Iterator[str]:
    """A name for `path` that fits into a socket address, however deep the data folder lies."""
    if len(os.fsencode(path)) <= SOCKET_PATH_BYTES_MAX:
        yield str(path)
        return
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)


class Bell(Protocol):
    """Something to wait on. Any engine that can offer a readable file descriptor can offer a bell."""

    def fileno(self) -> int: ...

    def clear(self) -> None:
        """Forget the rings so far. Clear first, then look: a ring in between stays audible."""

    def wait(self, timeout_s: float | None = None) -> bool:
        """Block until rung (True) or until the time is over (False)."""

    def close(self) -> None: ...


class SocketBell:
    def __init__(self, folder: Path, topic: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._path = folder / f"{topic}.{os.getpid()}.{next(_serial)}"
        self._path.unlink(missing_ok=True)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        with socket_address(self._path) as address:
            self._socket.bind(address)

    def fileno(self) -> int:
        return self._socket.fileno()

    def clear(self) -> None:
        try:
            while True:
                self._socket.recv(64)
        except BlockingIOError:
            pass

    def wait(self, timeout_s: float | None = None) -> bool:
        poll = select.poll()
        poll.register(self._socket, select.POLLIN)
        return bool(poll.poll(None if timeout_s is None else max(0, round(timeout_s * 1000))))

    def close(self) -> None:
        self._socket.close()
        self._path.unlink(missing_ok=True)


class Doorbell:
    """The ringing side of one topic. Cheap enough for every commit: a stat and one send per listener."""

    def __init__(self, folder: Path, topic: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.topic = topic
        self._folder = folder
        self._listed_ns = -1
        self._paths: list[Path] = []
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)

    def listen(self) -> SocketBell:
        return SocketBell(self._folder, self.topic)

    def ring(self) -> None:
        changed_ns = os.stat(self._folder).st_mtime_ns
        if changed_ns != self._listed_ns:
            self._paths = [p for p in self._folder.iterdir() if p.name.startswith(f"{self.topic}.")]
            # A file's time has the grain of a clock tick: a bell hung in the same tick would go unseen.
            settled = time.time_ns() - changed_ns > CLOCK_TICK_NS
            self._listed_ns = changed_ns if settled else -1
        for path in self._paths:
            try:
                with socket_address(path) as address:
                    self._socket.sendto(b"!", address)
            except OSError as error:
                if error.errno == errno.ECONNREFUSED:  # its owner was killed: nobody will ever listen there
                    path.unlink(missing_ok=True)
                elif error.errno not in {errno.EAGAIN, errno.ENOENT, errno.ENOBUFS}:
                    raise
                # EAGAIN: the listener has unheard rings already. ENOENT: it just left.

    def close(self) -> None:
        self._socket.close()
