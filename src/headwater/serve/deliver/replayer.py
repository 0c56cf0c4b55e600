"""Carries out replays, in a thread of `serve`: a step of each in turn, as fast as they may."""

import contextlib
import os
import select
import threading
import time
from collections.abc import Callable, Iterator
from typing import Final, Protocol

import structlog

from headwater.aggregation.decisions import as_tick
from headwater.config.workspace import Workspace
from headwater.delivery.jobs import Jobs
from headwater.errors import BusyError, HeadwaterError, StorageError
from headwater.event import OutboundEvent, encode_collected
from headwater.lake.port import Lake
from headwater.log.port import Log
from headwater.privacy.live import LiveBarred
from headwater.privacy.port import Regulations
from headwater.replay import selection
from headwater.replay.members import members
from headwater.replay.port import Replay, Replays, State
from headwater.serve.deliver.replay_runs import PRODUCER, OfLake, OfLetters, Run, ThroughPipeline, ToDestination
from headwater.serve.letters.dead_letter_office import Office
from headwater.serve.letters.letter_selection import Letters
from headwater.state.port import State as ProfileState

logger = structlog.get_logger()

WAIT_S: Final = 0.25
"""Until one that waits for its destination looks again."""

RETRY_S: Final = 1.0
"""After a disk that refused, a database that was locked, an error of ours."""

IF_RUNNING: Final = frozenset({State.RUNNING})


class Ports(Protocol):
    """What a worker opens for itself: it works beside the desk."""

    @property
    def replays(self) -> Callable[[], Replays]: ...
    @property
    def outbound(self) -> Callable[[], Log]: ...
    @property
    def collected(self) -> Callable[[], Log]: ...
    @property
    def jobs(self) -> Callable[[], Jobs]: ...
    @property
    def regulations(self) -> Callable[[], Regulations]: ...
    @property
    def lake(self) -> Callable[[], Lake]: ...
    @property
    def state_view(self) -> Callable[[], ProfileState]: ...


@contextlib.contextmanager
def replaying(ports: Ports, workspace: Callable[[], Workspace]) -> Iterator[None]:
    """Replays go on as long as the block runs; a step that was begun is finished."""
    heard, told = os.pipe()
    thread = threading.Thread(target=Replayer(ports, workspace).work, args=(heard,), name="replays", daemon=True)
    thread.start()
    try:
        yield
    finally:
        os.write(told, b"x")
        thread.join()
        os.close(told)
        os.close(heard)


class Replayer:
    def __init__(self, ports: Ports, workspace: Callable[[], Workspace]) -> None:
        self._ports = ports
        self._workspace = workspace
        self._runs: dict[str, Run] = {}

    def work(self, stop: int) -> None:
        """Until there is something to read from `stop`."""
        poll = select.poll()
        poll.register(stop, select.POLLIN)
        while True:
            try:
                self._follow(stop)
            except Exception as error:
                logger.error("replays_broke", error=repr(error))
            else:
                return
            if poll.poll(RETRY_S * 1000):
                return

    def _follow(self, stop: int) -> None:
        with contextlib.ExitStack() as stack:
            self._replays = stack.enter_context(contextlib.closing(self._ports.replays()))
            self._outbound = stack.enter_context(contextlib.closing(self._ports.outbound()))
            self._collected = stack.enter_context(contextlib.closing(self._ports.collected()))
            jobs = stack.enter_context(contextlib.closing(self._ports.jobs()))
            regulations = stack.enter_context(contextlib.closing(self._ports.regulations()))
            self._barred = stack.enter_context(contextlib.closing(LiveBarred(regulations)))
            self._office = Office(self._ports.state_view, self._collected, jobs)
            bell = stack.enter_context(contextlib.closing(self._replays.listen()))
            stack.callback(self._close_runs)
            poll = select.poll()
            for fd in (stop, bell.fileno(), self._barred.fileno()):
                poll.register(fd, select.POLLIN)
            self._recover()
            wait_s: float | None = 0.0
            while stop not in dict(poll.poll(None if wait_s is None else wait_s * 1000)):
                bell.clear()
                if self._barred.wait(0):
                    self._barred.refresh()
                wait_s = self._step_all()

    def _recover(self) -> None:
        """Steps of which a crash has left open whether they were done."""
        for step in self._replays.begun():
            log = {"outbound": self._outbound, "collected": self._collected}.get(step.log)
            # What needs no log may be done twice: it finds nothing left to do.
            if log is not None and log.produced(PRODUCER) >= step.number:
                self._replays.end(step.number)
            else:
                self._replays.drop(step.number)

    def _step_all(self) -> float | None:
        """A step of each that may; when to go on, seconds from now. None: when somebody rings."""
        running = self._replays.running()
        for id_ in self._runs.keys() - {replay.id for replay in running}:
            self._runs.pop(id_).close()
        waits = []
        for replay in running:
            run = self._runs.get(replay.id)
            if run is not None and run.due_at_s > time.monotonic():
                waits.append(run.due_at_s - time.monotonic())
                continue
            waits.append(self._step(replay, run))
        return min(waits, default=None)

    def _step(self, replay: Replay, run: "Run | None") -> float:
        try:
            if run is None:
                run = self._runs[replay.id] = self._begin(replay)
            if run.waits():
                run.due_at_s = time.monotonic() + WAIT_S
                return WAIT_S
            sent = run.step(replay.progress)
        except BusyError as error:
            logger.warning("replay_waits", id=replay.id, why=str(error))
            self._recover()
            return RETRY_S
        except HeadwaterError as error:
            self._end(replay, State.FAILED, str(error))
            return 0.0
        except Exception as error:  # of one replay: the others go on
            logger.error("replay_broke", id=replay.id, error=repr(error))
            self._end(
                replay, State.FAILED, f"an error of ours ({type(error).__name__}): the log of `serve` has it"
            )
            return 0.0
        if run.is_over:
            self._end(replay, State.DONE, "")
        pause_s = sent / replay.asked.per_s
        run.due_at_s = time.monotonic() + pause_s
        return pause_s

    def _begin(self, replay: Replay) -> "Run":
        if replay.asked.origin == "dead_letters":
            return OfLetters(replay, self._replays, Letters(self._office, replay.asked, replay.bounds))
        chosen = None
        if replay.asked.audience:
            with contextlib.closing(self._ports.state_view()) as state:
                chosen = members(state, replay.asked.audience)
        rows = selection.Rows(self._ports.lake(), replay.asked, replay.bounds)
        wanted = selection.wanted(replay.asked, chosen)
        way = (
            ToDestination(replay, self._outbound, self._workspace)
            if replay.asked.to
            else ThroughPipeline(replay, self._collected)
        )

        def is_to_go(event: OutboundEvent) -> bool:
            return wanted(event) and not self._barred.why_not(event)

        return OfLake(replay, self._replays, rows, is_to_go, way)

    def _end(self, replay: Replay, state: State, why: str) -> None:
        self._replays.move(replay.id, state, when=IF_RUNNING, why=why)
        run = self._runs.pop(replay.id, None)
        if run is not None:
            run.close()
        # The pipeline keeps account of what the lake has of the outbound log, and sleeps when nothing arrives.
        with contextlib.suppress(StorageError):
            self._collected.append([encode_collected(as_tick(time.time_ns() // 1_000_000))], events=0)
        logger.info("replay_ended", id=replay.id, state=state, why=why)

    def _close_runs(self) -> None:
        for run in self._runs.values():
            run.close()
        self._runs.clear()
