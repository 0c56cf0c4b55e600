"""What the handlers of the private API work with."""

import asyncio
import contextvars
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import TypeVar

from headwater.config.port import ConfigStore, Version
from headwater.delivery.jobs import Jobs
from headwater.delivery.receipt_store import Receipts
from headwater.errors import AbsentError, HeadwaterError
from headwater.lake.port import Lake
from headwater.log.port import Log
from headwater.privacy.port import Regulations
from headwater.replay.port import Replays
from headwater.serve.brief import BriefAnswers
from headwater.serve.entry.hashing import Hashing
from headwater.serve.entry.made_versions import WatchedConfig
from headwater.serve.health.fleet import AskFleet
from headwater.serve.health.samples import Movement
from headwater.serve.lasting_view import LastingView
from headwater.serve.letters.dead_letter_office import Office
from headwater.serve.observe.live.tail import Tail
from headwater.serve.observe.observed import Observation, Observed
from headwater.state.port import State
from headwater.team.port import Team
from headwater.telemetry import Health

Result = TypeVar("Result")


class Desk:
    """The ports of one installation, opened when `serve` starts.

    Ports are synchronous and belong to one thread at a time, so everything goes through one worker thread,
    questions about receipts through another, and those about the team, which every request begins with, through a
    third: the event loop never waits for a disk, and no two handlers share a connection. Only the view of the
    state may be read from any thread; the Profile API does so.
    """

    def __init__(
        self,
        *,
        config: Callable[[], ConfigStore],
        collected: Callable[[], Log],
        outbound: Callable[[], Log],
        state_view: Callable[[], State],
        lake: Callable[[], Lake],
        jobs: Callable[[], Jobs],
        receipts: Callable[[], Receipts],
        regulations: Callable[[], Regulations],
        replays: Callable[[], Replays],
        team: Callable[[], Team],
        ask_fleet: AskFleet,
        health: Health,
        data: Path,
        token_path: Path,
    ) -> None:
        self.view = LastingView(state_view)
        self.live = Tail(collected, outbound, self.view)
        self.answers = BriefAnswers()
        self.movement = Movement()
        self.open_collected, self.open_outbound = collected, outbound
        """Handles of one's own, to be closed: for long reading in a thread of one's own."""
        self.open_view = state_view
        """A view of one's own, to be closed: it stays as it was when it was opened."""
        self.lake = lake
        self.ask_fleet = ask_fleet
        self.health = health
        self.data = data
        self.token_path = token_path
        self.config: ConfigStore = WatchedConfig(config())
        self.logs = (collected(), outbound())
        self.jobs = jobs()
        self._receipts = receipts()
        self.regulations = regulations()
        self.replays = replays()
        self.team = team()
        self.hashing = Hashing()
        self.office = Office(state_view, self.logs[0], self.jobs)
        self._observation = Observation()
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="desk")
        self._receipts_thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="receipts")
        self._team_thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="team")

    async def call(self, work: Callable[[], Result]) -> Result:
        """The result of blocking work, done in turn in the worker thread."""
        context = contextvars.copy_context()
        return await asyncio.get_running_loop().run_in_executor(self._thread, context.run, work)

    async def ask_receipts(self, question: Callable[[Receipts], Result]) -> Result:
        """Its answer. In a thread of their own: one question may look through millions."""
        return await asyncio.get_running_loop().run_in_executor(self._receipts_thread, question, self._receipts)

    async def ask_team(self, question: Callable[[Team], Result]) -> Result:
        """Its answer, which takes some microseconds, and a millisecond if it is to be remembered."""
        return await asyncio.get_running_loop().run_in_executor(self._team_thread, question, self.team)

    async def read_state(self, read: Callable[[State], Result]) -> Result:
        """The result of reading the state as the pipeline last committed it. Meanwhile it may go on; each scan
        shows the moment in which it began.
        """

        def look() -> Result:
            with self.view.reading() as state:
                return read(state)

        return await self.call(look)

    async def look(self, read: Callable[[State | None], Result]) -> Result:
        """The same; of None when no pipeline has run yet."""
        try:
            return await self.read_state(read)
        except AbsentError:
            return read(None)

    async def observed(self) -> Observed:
        """What all sources have sent, as of some seconds ago."""
        return await self.look(self._observation.look)

    async def version(self) -> Version:
        current = await self.call(self.config.current)
        if current is None:
            raise HeadwaterError("there is no workspace yet")
        return current

    def close(self) -> None:
        self.live.close()
        for thread in (self._thread, self._receipts_thread, self._team_thread):
            thread.shutdown(wait=True, cancel_futures=True)
        self.hashing.close()
        self.view.close()
        with closing(self.config):
            self._receipts.close()
            self.jobs.close()
            self.regulations.close()
            self.replays.close()
            self.team.close()
            for log in self.logs:
                log.close()
