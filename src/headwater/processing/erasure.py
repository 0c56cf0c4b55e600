"""erasure: what the pipeline does about regulations. It owns state, lake and logs, so it erases them, a little
between one micro-batch and the next, and reports what it did. All of it can be begun again; after a crash it is.

    begin     fix the offset of the collected log below which events are to go; begin a new segment in the log
    reach     wait until everything below it is processed, so that nothing of it can still arrive
    lake      in the archive's thread: files are rewritten one by one; then look again
    state     rows are rewritten, in slices; then the store gets rid of the old bytes; then look again
    logs      wait until retention has dropped every segment that is older than the request
"""

import math
import time
from collections.abc import Callable, Collection, Generator, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Final

import structlog

from headwater import limits
from headwater.errors import HeadwaterError
from headwater.lake.port import Erased, Found, Lake
from headwater.log.port import Log
from headwater.privacy.port import Regulations
from headwater.privacy.regulation import LAKE, LOGS, PROCESSING, STATE, Regulation, Status
from headwater.processing import metrics
from headwater.processing.archive import Archive
from headwater.processing.personal import RULES, Users, merged
from headwater.state.port import Changes, State
from headwater.units import MIB

logger = structlog.get_logger()

RETRY_S: Final = 5.0
"""Pause after a disk has refused, and between two looks at a log whose retention has passed and which somebody
has not read yet."""

LOOK_S_MAX: Final = 3600.0
"""The retention may be set anew while a request waits for it: the receipt then says so within the hour."""

ERRAND_S: Final = 0.5
"""How often to see whether the archive has finished, while it erases."""

SLICE_BYTES: Final = 4 * MIB

SCRUB_S: Final = 0.02
"""The same for the state, which gets rid of old bytes in a thread."""

Steps = Generator[float, None, None]
"""Each tells after how many seconds the next is worth while."""


class Erasure:
    def __init__(
        self,
        regulations: Regulations,
        *,
        logs: Sequence[Log],
        state: State,
        lake: Lake,
        archive: Archive,
        commit: Callable[[Changes], None],
        trim: Callable[[], None],
        retention_s: Callable[[], float],
        forget: Callable[[Sequence[str], int], Iterable[Changes]],
        is_left: Callable[[Sequence[str], int], bool],
        places: Callable[[Sequence[str], int], Collection[tuple[int, int]]],
    ) -> None:
        """`logs`: collected and outbound. `commit` changes the state, `trim` drops what retention lets go.
        `forget` gives what takes these users' profiles out of the state, step by step; `is_left` whether one is
        there; `places` where in the collected log their events are, with or without their name.
        """
        self._regulations = regulations
        self._logs = logs
        self._state = state
        self._lake = lake
        self._archive = archive
        self._commit = commit
        self._trim = trim
        self._retention_s = retention_s
        self._forget = forget
        self._is_left = is_left
        self._places = places
        self._open: list[Regulation] = []
        self._steps: Steps | None = None
        self._pause_s = 0.0
        """Until the next of them; asking sooner does no harm."""
        self._helper = ThreadPoolExecutor(1, thread_name_prefix="erasure")
        self._look_at_s = 0.0
        self._on_errand = False

    def look(self) -> None:
        """The bell has rung, or a pause is over: what is there to do?"""
        self._look_at_s = math.inf
        regulations = self._regulations.open()
        metrics.regulations_open.set(len(regulations))
        self._open = [r for r in regulations if r.waits_for(PROCESSING) or r.type.deletes]

    def due_in(self) -> float | None:
        """Seconds until `step` has something to do; None: when the bell rings."""
        if self._steps is not None:
            return self._pause_s
        if self._on_errand:
            return ERRAND_S
        pause_s = self._look_at_s - time.monotonic()
        return None if math.isinf(pause_s) else max(0.0, pause_s)

    def step(self, position: int, *, settled: bool) -> None:
        """A few milliseconds of work, mostly. `position`: everything below is processed; `settled`: and has been
        handed to the archive. A disk that refuses is asked again later.
        """
        try:
            errand_ended = self._on_errand and not self._archive.on_errand
            if errand_ended or time.monotonic() >= self._look_at_s:
                self._on_errand = False
                self.look()
            if self._open or self._steps:
                self._work(position, settled=settled)
        except HeadwaterError as error:
            self._steps = None
            logger.error("erasure_waits", why=str(error), retry_s=RETRY_S)
            self._look_again_in(RETRY_S)
        except Exception as error:  # a mistake of ours here must not stop the events
            self._steps = None
            logger.error("erasure_broke", error=repr(error), retry_s=RETRY_S)
            self._look_again_in(RETRY_S)

    def close(self) -> None:
        """Before the state is closed: waits for what uses it."""
        self._helper.shutdown(wait=True)

    def _work(self, position: int, *, settled: bool) -> None:
        if self._steps is not None:
            pause_s = next(self._steps, None)
            if pause_s is None:
                self._steps = None
                self.look()
            else:
                self._pause_s = pause_s
            return
        for regulation in self._open:
            before = self._covered(regulation)
            if before is None or position < before or not settled:
                continue  # the next micro-batches bring it nearer
            if regulation.waits_for(LAKE):
                # First, while the state still knows which events without a user id are theirs.
                if not self._on_errand:
                    self._on_errand = True
                    places = self._places(self._users(regulation), before)
                    self._archive.flush()
                    self._archive.run_errand(self._erase_lake(regulation, before, places))
            elif regulation.waits_for(STATE):
                self._steps = self._erase_state(regulation, before)
                return
            if regulation.waits_for(LOGS):
                self._watch_logs(regulation, before)
        self._open = [r for r in self._open if r.type.deletes and position < (r.collected_before or position + 1)]

    def _report(self, regulation: Regulation, system: str, status: Status, detail: str, **counts: int) -> None:
        if self._regulations.report(regulation.id, system, status, detail, counts):
            logger.info("regulation", id=regulation.id, system=system, status=status.value, **counts)

    # --- suppression, and what a deletion covers ----------------------------------------------------------

    def _covered(self, regulation: Regulation) -> int | None:
        """The offset below which events go; None: nothing is to go."""
        if regulation.waits_for(PROCESSING):
            self._take_over(regulation)
        if not regulation.type.deletes:
            return None
        before = regulation.collected_before
        return self._begin(regulation) if before is None else before

    def _take_over(self, regulation: Regulation) -> None:
        word = "refuses" if regulation.type.suppresses else "takes"
        detail = f"the pipeline {word} new events of these users"
        self._report(regulation, PROCESSING, Status.VERIFIED, detail, users=regulation.subjects)

    def _begin(self, regulation: Regulation) -> int:
        collected, _ = self._logs
        before = self._regulations.begin(regulation.id, collected.end())
        collected.roll()
        return before

    def _users(self, regulation: Regulation) -> list[str]:
        return [s.user_id for s in self._regulations.subjects(regulation.id) if s.user_id is not None]

    # --- the state ----------------------------------------------------------------------------------------

    def _erase_state(self, regulation: Regulation, before: int) -> Steps:
        users = Users(self._users(regulation), before=before)
        self._report(regulation, STATE, Status.RUNNING, "rows of working data are being looked through")
        removed = 0
        ids = self._users(regulation)
        for changes in self._forget(ids, before):
            self._commit(changes)
            yield 0.0
        for table in RULES:
            for rows in self._slices(table):
                outcomes = [o for key, value in rows if (o := RULES[table](key, value, users))]
                if outcomes:
                    self._commit(merged(o.changes for o in outcomes))
                    removed += sum(o.events for o in outcomes)
                yield 0.0
        self._commit({})  # entries of the outbox that were sent go with the next commit
        scrubbing = self._helper.submit(self._state.scrub)
        while not scrubbing.done():
            yield SCRUB_S
        scrubbing.result()
        detail = (
            "events were removed from dead letters, samples and other working data, and their bytes overwritten"
        )
        self._report(regulation, STATE, Status.DONE, detail, events=removed)
        left = int(self._is_left(ids, before))
        for table in RULES:
            for rows in self._slices(table):
                left += sum(RULES[table](key, value, users) is not None for key, value in rows)
                yield 0.0
        if left:  # something came in between: once more from the beginning
            return
        detail = "looked through again: nothing of these users is left in the working data"
        self._report(regulation, STATE, Status.VERIFIED, detail, events_removed=removed, events_left=left)

    def _slices(self, table: str) -> Generator[list[tuple[bytes, bytes]], None, None]:
        """The rows of a table, in bounded pieces; each piece is read anew, so rows may change in between."""
        start: bytes | None = None
        while True:
            rows: list[tuple[bytes, bytes]] = []
            size_bytes = 0
            for key, value in self._state.scan(table, start=start):
                rows.append((key, value))
                size_bytes += len(value)
                if len(rows) >= limits.privacy.ERASE_ROWS or size_bytes >= SLICE_BYTES:
                    break
            if not rows:
                return
            yield rows
            start = rows[-1][0] + b"\0"

    # --- the lake (in the archive's thread) ---------------------------------------------------------------

    def _erase_lake(self, regulation: Regulation, before: int, places: Collection[tuple[int, int]]) -> Steps:
        try:
            users = self._users(regulation)
            self._report(regulation, LAKE, Status.RUNNING, "stored events are being looked through")
            erased = Erased()
            for progress in self._lake.erase(users, before=before, places=places):
                erased = progress
                yield 0.0
            detail = "stored events were removed: files that held any were written anew, the old ones are gone"
            self._report(
                regulation, LAKE, Status.DONE, detail, files_rewritten=erased.files, events_removed=erased.events
            )
            found = Found()
            for seen in self._lake.search(users, before=before, places=places):
                found = seen
                yield 0.0
            if found.events:
                return
            detail = "looked through again: no stored event of these users is left"
            if found.mentions:
                detail += f"; {found.mentions:,} events of others mention one of the ids and were kept"
            counts = {"events_removed": erased.events, "events_left": 0, "mentions_by_others": found.mentions}
            self._report(regulation, LAKE, Status.VERIFIED, detail, **counts)
        except HeadwaterError as error:
            logger.error("erasure_waits", why=str(error), retry_s=ERRAND_S)

    # --- the logs -----------------------------------------------------------------------------------------

    def _watch_logs(self, regulation: Regulation, before: int) -> None:
        collected, outbound = self._logs
        receipt = next(r for r in regulation.receipts if r.system == LOGS)
        counts = dict(receipt.counts)
        if receipt.status is Status.REQUESTED:
            counts = {
                "outbound_before": outbound.end(),
                "closed_at_ms": time.time_ns() // 1_000_000,
            }
            outbound.roll()
        self._trim()
        if collected.start() >= before and outbound.start() >= counts["outbound_before"]:
            if self._regulations.scrub():
                detail = "every part of the logs that is older than the request is gone"
                self._report(regulation, LOGS, Status.VERIFIED, detail, **counts)
                return
            self._look_again_in(RETRY_S)
            return
        gone_s = counts["closed_at_ms"] / 1000 + self._retention_s()
        counts["gone_by_ms"] = round(gone_s * 1000)
        if time.time() < gone_s:
            until = datetime.fromtimestamp(gone_s, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
            detail = (
                f"the last part of the logs that is older than the request is dropped at {until} at the latest"
            )
            self._report(regulation, LOGS, Status.RUNNING, detail, **counts)
            self._look_again_in(min(gone_s - time.time(), LOOK_S_MAX))
            return
        detail = "retention has passed; waiting for "
        bounds = zip(self._logs, (before, counts["outbound_before"]), strict=True)
        waiting = [name for log, bound in bounds for name, at in log.readers().items() if at < bound]
        detail += ", ".join(sorted(waiting)) + " to read on" if waiting else "the next look"
        self._report(regulation, LOGS, Status.RUNNING, detail, **counts)
        self._look_again_in(RETRY_S)

    def _look_again_in(self, pause_s: float) -> None:
        self._look_at_s = min(self._look_at_s, time.monotonic() + max(pause_s, 0.0) + 0.01)
