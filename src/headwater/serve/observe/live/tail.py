"""The end of both logs, read once for everybody who watches: a thread that is there while somebody is."""

import contextlib
import select
import socket
import threading
from collections.abc import Callable
from contextlib import closing
from typing import Final

import structlog

from headwater import limits
from headwater.errors import BusyError, HeadwaterError
from headwater.log.port import Log
from headwater.serve.lasting_view import LastingView
from headwater.serve.observe.live.reading import LogPlace, Reading
from headwater.serve.observe.live.watcher import Wanted, Watcher

logger = structlog.get_logger()

STEP_S: Final = 0.05
"""Between two steps: what arrives meanwhile is one step's work, and a busy log wakes this process twenty times a
second instead of thousands."""


class Tail:
    """Called from the event loop; the logs are opened by its thread, for itself."""

    def __init__(self, collected: Callable[[], Log], outbound: Callable[[], Log], view: LastingView) -> None:
        self._open_logs = collected, outbound
        self._view = view
        self._lock = threading.Lock()
        self._watchers: dict[Watcher, bool] = {}
        """With whether it has been shown what it has missed."""
        self._thread: threading.Thread | None = None
        self._closed = False
        self._wake, self._woken = socket.socketpair()
        self._wake.setblocking(False)
        self._woken.setblocking(False)

    def watch(self, wanted: Wanted, wake: Callable[[], None], since: LogPlace | None = None) -> Watcher:
        """A watcher that is filled until it leaves. BusyError when there are too many, or none any more."""
        with self._lock:
            if self._closed:
                raise BusyError("the platform is stopping")
            self._drop_gone()
            if len(self._watchers) >= limits.observe.LIVE_WATCHERS_MAX:
                raise BusyError(
                    f"{limits.observe.LIVE_WATCHERS_MAX} streams of live events are open, which is the most"
                )
            watcher = Watcher(wanted, wake, since)
            self._watchers[watcher] = False
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="live", daemon=True)
                self._thread.start()
        self._ring()
        return watcher

    def leave(self, watcher: Watcher) -> None:
        with self._lock:
            self._watchers.pop(watcher, None)
        self._ring()

    def close(self) -> None:
        """Everybody's watching is over. Waits for the thread, not for them."""
        with self._lock:
            self._closed = True
            thread = self._thread
        self._ring()
        if thread is not None:
            thread.join()
        self._wake.close()
        self._woken.close()

    @property
    def is_running(self) -> bool:
        return self._thread is not None

    def _ring(self) -> None:
        with contextlib.suppress(BlockingIOError, OSError):  # it has been rung already, or nobody listens any more
            self._wake.send(b"!")

    def _run(self) -> None:
        try:
            with closing(self._open_logs[0]()) as collected, closing(self._open_logs[1]()) as outbound:
                self._follow(collected, outbound)
        except HeadwaterError as error:
            logger.error("live_events_ended", why=str(error))
            self._end("the log cannot be read")
        except Exception:
            logger.exception("live_events_broke")
            self._end("an error of ours: the log of `serve` has the details")

    def _end(self, why: str) -> None:
        with self._lock:
            self._close_all(why)

    def _close_all(self, why: str) -> None:
        for watcher in self._watchers:
            watcher.close(why)
        self._watchers.clear()
        self._thread = None

    def _drop_gone(self) -> None:
        for watcher in [watcher for watcher in self._watchers if watcher.is_gone]:
            del self._watchers[watcher]
            watcher.close("slow")

    def _follow(self, collected: Log, outbound: Log) -> None:
        """Until nobody watches any more."""
        with closing(collected.listen()) as arrived, closing(outbound.listen()) as accepted:
            bells = arrived, accepted
            poll, pause = select.poll(), select.poll()
            pause.register(self._woken, select.POLLIN)
            for fd in (self._woken.fileno(), *(bell.fileno() for bell in bells)):
                poll.register(fd, select.POLLIN)
            reading = Reading(collected, outbound, self._view)
            while new := self._present():
                for bell in bells:
                    bell.clear()
                step = reading.step(events_max=limits.observe.LIVE_EVENTS_LOOKED)
                for watcher, is_shown in new.items():
                    if not is_shown and watcher.since is not None:
                        missed = Reading(collected, outbound, self._view, watcher.since)
                        since = missed.step(events_max=limits.observe.LIVE_MISSED_LOOKED)
                        watcher.offer(since.events, reading.place, not_looked=since.not_looked)
                    else:
                        watcher.offer(step.events, reading.place, not_looked=step.not_looked)
                pause.poll(STEP_S * 1000)
                due_in_s = reading.due_in_s()
                poll.poll(None if due_in_s is None else due_in_s * 1000)
                self._heard()

    def _present(self) -> dict[Watcher, bool]:
        """Who watches, and has watched before. Nobody: the thread is to end, and another one may begin."""
        with self._lock:
            self._drop_gone()
            if self._closed or not self._watchers:
                self._close_all("stopping")
                return {}
            present = dict(self._watchers)
            for watcher in present:
                self._watchers[watcher] = True
            return present

    def _heard(self) -> None:
        with contextlib.suppress(BlockingIOError):
            self._woken.recv(4_096)
