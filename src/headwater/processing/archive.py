"""archive: the outbound stream into the lake.

Normally the pipeline hands over what it has just produced; after a restart the outbound log is read from where the
lake's files end. Either way the archive sees every outbound record once, in order: the names of the files are the
only memory of how far it came, so a crash between two files repeats work and never an event.

Messages that were made for destinations are not archived: they follow from what is; nor are events of the lake
that are sent again. So a record may add nothing to a file, though its offset is in the name of one.

Files are written and compacted in a thread of their own, one at a time, while the pipeline goes on.
"""

import contextlib
import threading
import time
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

import structlog

from headwater import limits
from headwater.errors import HeadwaterError
from headwater.event import OutboundEvent, decode_outbound
from headwater.lake.port import Lake, Packed
from headwater.log.port import Log
from headwater.processing import metrics

logger = structlog.get_logger()

READER = "archive"
RETRY_S = 2.0
"""Pause after the lake refused a file (a full disk, mostly)."""

PACK_ROWS = 500
"""Events are packed by so many: packing fewer costs more each, and loose ones take ten times the memory."""

WRITING_S = 0.05
"""How soon to look again whether a file is finished while events that are due wait for it."""


class Archive:
    def __init__(
        self,
        outbound: Log,
        lake: Lake,
        *,
        visible_s: Callable[[], float],
        rows_max: int = limits.lake.FILE_ROWS_MAX,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._outbound = outbound
        self._lake = lake
        self._visible_s = visible_s
        self._rows_max = rows_max
        self._clock = clock
        self.failure: HeadwaterError | None = None
        """Why the last file could not be written; None when it could."""
        self._next = lake.position()
        self._first = self._next
        self._loose: list[OutboundEvent] = []
        self._packed: list[Packed] = []
        self._rows = 0
        self._since = 0.0
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="archive")
        self._writing: Future[None] | None = None
        self._errands: Generator[object, None, None] | None = None
        self._stopping = threading.Event()

    @property
    def position(self) -> int:
        """The outbound offset it wants next."""
        return self._next

    def add(self, first: int, chunks: Sequence[Sequence[OutboundEvent]]) -> None:
        """Take the records `first`, `first + 1`, …; blocks while the lake is so far behind that a second full
        file waits.
        """
        if first != self._next:
            self.catch_up()
            return
        for chunk in chunks:
            self._take(self._next, chunk)

    def catch_up(self) -> None:
        """Take everything the outbound log has and the archive has not."""
        while records := self._outbound.read(self._next, bytes_max=limits.processing.MICRO_BATCH_BYTES_MAX):
            for record in records:
                self._take(record.offset, decode_outbound(record.data))

    def _take(self, offset: int, chunk: Sequence[OutboundEvent]) -> None:
        kept = [event for event in chunk if not (event.destinations or event.is_stored)]
        if not self._rows:
            self._since = self._clock()
        self._loose += kept
        self._rows += len(kept)
        self._next = offset + 1
        if not self._rows and not self._is_writing():
            self._outbound.report(READER, self._next)  # nothing of it will ever be in a file
        if len(self._loose) >= PACK_ROWS:
            self._pack()
        if self._rows >= self._rows_max:
            self.flush()

    def _pack(self) -> None:
        self._packed.append(self._lake.pack(self._loose))
        self._loose = []

    def due_in(self) -> float | None:
        """Seconds until it wants to be asked again: the oldest waiting event must be in a file then, or the file
        before may be finished. None: whenever there is something new.
        """
        is_writing = self._is_writing()
        if not self._rows:
            return RETRY_S if is_writing else None
        due_in = max(0.0, self._since + self._visible_s() - self._clock())
        return max(due_in, WRITING_S) if is_writing else due_in

    def flush_when_due(self) -> None:
        """Never blocks: while a file is being written, or the lake refuses it, what is due waits its turn."""
        due_in = self.due_in()
        if due_in is not None and due_in <= 0:
            self.flush()

    def _is_writing(self) -> bool:
        return self._writing is not None and not self._writing.done()

    def flush(self) -> None:
        """Begin a file with everything that waits; first waits for the file before it."""
        self.settle()
        if self._rows:
            self._pack()
            self._writing = self._writer.submit(self._write, self._first, self._next - 1, self._packed, self._rows)
            self._packed, self._rows, self._first = [], 0, self._next

    def run_errand(self, steps: Generator[object, None, None]) -> None:
        """Work on the lake's files in the writing thread, after what was flushed before this call: a step at a
        time, and what is to be written comes in between. Nothing is merged until it has ended. One at a time.
        """
        self._errands = steps
        self._writer.submit(self._step_errand)

    @property
    def on_errand(self) -> bool:
        return self._errands is not None

    def _step_errand(self) -> None:
        steps = self._errands
        if steps is None:
            return
        ended = True
        try:
            if not self._stopping.is_set():
                ended = next(steps, steps) is steps
        except Exception as error:
            logger.error("lake_errand_broke", error=repr(error))
        finally:
            if ended:
                self._errands = None
                steps.close()  # a half-written file goes
            else:
                # Behind whatever was submitted meanwhile; after shutdown nothing is taken any more.
                with contextlib.suppress(RuntimeError):
                    self._writer.submit(self._step_errand)

    def settle(self) -> None:
        """Wait until no file is being written."""
        if self._writing:
            self._writing.result()
            self._writing = None

    def _write(self, first: int, last: int, events: list[Packed], rows: int) -> None:
        while True:
            try:
                self._lake.write(first, last, events)
                self._outbound.report(READER, last + 1)
                self.failure = None
                break
            except HeadwaterError as error:
                self.failure = error
                logger.error("lake_write_failed", first=first, last=last, why=str(error), retry_s=RETRY_S)
                if self._stopping.wait(RETRY_S):
                    return  # the outbound log still has them: the next start writes this file
        metrics.lake_rows.inc(rows)
        if rows >= self._rows_max or self.on_errand:
            return  # a backlog: tidying up can wait until it is worked off
        try:
            while not self._stopping.is_set() and self._lake.compact():
                pass
        except HeadwaterError as error:
            logger.warning("lake_compaction_failed", why=str(error))

    def close(self) -> None:
        """Everything handed over is in a file, unless the disk refuses: then the next start writes it."""
        if self.failure:
            self._stopping.set()
        self.flush()
        self._stopping.set()
        self._writer.shutdown(wait=True)
