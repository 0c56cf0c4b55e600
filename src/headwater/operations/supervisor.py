"""Keeps the role processes running, and ends them in the order of an event's path.

Nothing polls: each child is awaited. A child finds out that the supervisor itself was killed because the pipe
whose writing end only the supervisor holds reaches its end (stopping.py).
"""

import asyncio
import os
import random
import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import structlog

from headwater import limits
from headwater.operations.backoff import failures_in_a_row, restart_delay_s
from headwater.operations.stopping import SIGNALS

LAST_WORD_S: Final = 1.0
"""What every role gets to stop in, even when those before it have used up limits.operations.DRAIN_S_MAX: it has
nothing left to drain then, and the whole stays under the 30 s after which supervisors of containers kill."""


@dataclass(frozen=True)
class Post:
    """A place that must always be filled by a running process."""

    name: str
    """As in the logs: the role, with a number when there are several."""
    arguments: Callable[[int], Sequence[str]]
    """The command line, given the file descriptor of the parent pipe."""


class Supervisor:
    """Runs until SIGTERM or SIGINT. `stages` are drained one after the other, the posts of one together."""

    def __init__(self, stages: Sequence[Sequence[Post]]) -> None:
        self._stages = [[_Keeper(post) for post in posts] for posts in stages]
        self._log = structlog.get_logger()

    async def run(self, *, ready: Callable[[], None] = lambda: None) -> int:
        """The exit code: 0 after a complete drain, else 128 + the second signal. `ready` is called once every
        post has been filled for the first time.
        """
        stop: asyncio.Queue[signal.Signals] = asyncio.Queue()
        for number in SIGNALS:
            asyncio.get_running_loop().add_signal_handler(number, stop.put_nowait, number)
        parent_fd, only_we_hold = os.pipe()
        try:
            for keeper in self._keepers():
                keeper.begin(parent_fd)
            ready()
            self._log.info("stopping", signal=(await stop.get()).name)
            return await self._drain_or_kill(stop)
        finally:
            os.close(parent_fd)
            os.close(only_we_hold)

    async def _drain_or_kill(self, stop: asyncio.Queue[signal.Signals]) -> int:
        drain = asyncio.create_task(self._drain())
        second = asyncio.create_task(stop.get())
        await asyncio.wait((drain, second), return_when=asyncio.FIRST_COMPLETED)
        if drain.done():
            second.cancel()
            await drain
            self._log.info("stopped")
            return 0
        drain.cancel()
        self._log.warning("killing every role", signal=second.result().name)
        await asyncio.gather(*(keeper.kill() for keeper in self._keepers()))
        return 128 + second.result()

    async def _drain(self) -> None:
        deadline = time.monotonic() + limits.operations.DRAIN_S_MAX
        for stage in self._stages:
            left_s = max(LAST_WORD_S, deadline - time.monotonic())
            await asyncio.gather(*(keeper.drain(left_s) for keeper in stage))

    def _keepers(self) -> list["_Keeper"]:
        return [keeper for stage in self._stages for keeper in stage]


class _Keeper:
    """Fills one post again and again."""

    def __init__(self, post: Post) -> None:
        self._post = post
        self._log = structlog.get_logger().bind(process=post.name)
        self._process: asyncio.subprocess.Process | None = None
        self._ending = asyncio.Event()

    def begin(self, parent_fd: int) -> None:
        self._task = asyncio.create_task(self._keep(parent_fd))

    async def drain(self, timeout_s: float) -> None:
        self._ending.set()
        self._signal(signal.SIGTERM)
        ended, _ = await asyncio.wait([self._task], timeout=timeout_s)
        if not ended:
            self._log.error("did not drain in time: killed", after_s=round(timeout_s, 1))
            await self.kill()

    async def kill(self) -> None:
        self._ending.set()
        self._signal(signal.SIGKILL)
        await asyncio.wait([self._task])

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None and self._process.returncode is None:
            self._process.send_signal(number)

    async def _keep(self, parent_fd: int) -> None:
        failures = 0
        while not self._ending.is_set():
            started = time.monotonic()
            self._process = await asyncio.create_subprocess_exec(
                *self._post.arguments(parent_fd),
                stdin=asyncio.subprocess.DEVNULL,
                pass_fds=[parent_fd],
                # A group of its own: Ctrl-C reaches the supervisor alone, which then drains in order.
                process_group=0,
            )
            if self._ending.is_set():  # told to stop while it was being started
                self._signal(signal.SIGTERM)
            code = await self._process.wait()
            if self._ending.is_set():
                return
            failures = failures_in_a_row(failures, time.monotonic() - started)
            delay_s = restart_delay_s(failures, random.random())  # noqa: S311 - jitter
            self._log.error(
                "ended by itself: will be started again",
                ended=describe_exit(code),
                failures_in_a_row=failures,
                after_s=round(delay_s, 2),
            )
            await _wait(self._ending, delay_s)


def describe_exit(code: int) -> str:
    """Why a process ended, for people.

    >>> describe_exit(-9), describe_exit(1)
    ('signal SIGKILL', 'exit code 1')
    """
    if code >= 0:
        return f"exit code {code}"
    try:
        return f"signal {signal.Signals(-code).name}"
    except ValueError:  # a real-time signal has no name
        return f"signal {-code}"


async def _wait(event: asyncio.Event, timeout_s: float) -> None:
    try:
        async with asyncio.timeout(timeout_s):
            await event.wait()
    except TimeoutError:
        pass
