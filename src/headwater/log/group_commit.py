"""Group commit for an event loop: what arrives while one fsync runs shares the next.

Requests hand over a record and await its future; a thread of its own appends one group at a time, so the
loop goes on reading while the disk works. The busier the edge, the larger the groups and the cheaper each record.
"""

import asyncio
import queue
import threading
import time
from collections import deque
from collections.abc import Callable

from headwater import limits
from headwater.errors import HeadwaterError, StorageError
from headwater.log.port import Log


class _Group:
    __slots__ = ("events", "records", "size_bytes", "waiters")

    def __init__(self) -> None:
        self.records: list[bytes] = []
        self.waiters: list[asyncio.Future[None]] = []
        self.events = 0
        self.size_bytes = 0


class GroupCommit:
    """The appending side of a log for one event loop. Nothing is bounded here but the group: whoever admits
    requests bounds how many wait.
    """

    def __init__(
        self,
        log: Log,
        *,
        group_bytes_max: int = limits.log.FRAME_BYTES_MAX,
        observe: Callable[[float, int, int], None] = lambda *_: None,
    ) -> None:
        """`observe` is told how long each commit took, how many records it had and how many events those hold."""
        self._log = log
        self._observe = observe
        self._group_bytes_max = group_bytes_max
        self._loop = asyncio.get_running_loop()
        self._gathering = _Group()
        self._full: deque[_Group] = deque()
        self._committing = False
        self._work: queue.SimpleQueue[_Group | None] = queue.SimpleQueue()
        self._idle = asyncio.Event()
        self._idle.set()
        self._thread = threading.Thread(target=self._commit_groups, name=f"commit-{log.name}", daemon=True)
        self._thread.start()

    def append(self, record: bytes, *, events: int = 1) -> asyncio.Future[None]:
        """Awaiting the result returns once the record is durable; StorageError when it is not."""
        group = self._gathering
        if group.records and group.size_bytes + len(record) > self._group_bytes_max:
            self._full.append(group)
            group = self._gathering = _Group()
        group.records.append(record)
        group.events += events
        group.size_bytes += len(record)
        # One each, not one for the group: a sender that hangs up cancels what it awaits, and only that.
        durable = self._loop.create_future()
        group.waiters.append(durable)
        if not self._committing:
            # After this turn of the loop, so that everything it reads from its sockets shares the group.
            self._committing = True
            self._idle.clear()
            self._loop.call_soon(self._next)
        return durable

    def _next(self) -> None:
        if self._full:
            self._work.put(self._full.popleft())
        elif self._gathering.records:
            self._work.put(self._gathering)
            self._gathering = _Group()
        else:
            self._committing = False
            self._idle.set()

    def _commit_groups(self) -> None:
        while (group := self._work.get()) is not None:
            failure: HeadwaterError | None = None
            started = time.perf_counter()
            try:
                self._log.append(group.records, events=group.events)
            except HeadwaterError as error:
                failure = error
            except Exception as error:  # whatever it was, the senders must hear that nothing is durable
                failure = StorageError(f"the log failed: {error!r}")
            self._observe(time.perf_counter() - started, len(group.records), group.events)
            self._loop.call_soon_threadsafe(self._committed, group, failure)

    def _committed(self, group: _Group, failure: HeadwaterError | None) -> None:
        self._next()  # first: the disk works while the requests of this group are answered
        for durable in group.waiters:
            if durable.done():
                continue  # hung up
            if failure:
                durable.set_exception(failure)
            else:
                durable.set_result(None)

    async def close(self) -> None:
        """Returns when everything handed over is durable or has failed."""
        await self._idle.wait()
        self._work.put(None)
        await asyncio.to_thread(self._thread.join)
