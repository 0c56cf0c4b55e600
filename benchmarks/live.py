"""A running platform under load: everybody's events in single posts, and customers who are watched until the
Profile API shows what they have just done. One process sends and asks, so one clock tells both times.
"""

import asyncio
import contextlib
import random
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any, Final, TypeVar

import uvloop

from benchmarks import people
from benchmarks.client import Pool, profile_request
from benchmarks.measure import HEADWATER, descendants, free_port, process, wait_ready
from benchmarks.people import Customers

CONNECTIONS: Final = 32
VISIBLE_S_MAX: Final = 120
POLL_S: Final = 0.001
MEMBER_OF: Final = "gift_givers"

T = TypeVar("T")


class Running:
    """`headwater up`."""

    def __init__(self, data: Path, pid: int, collect_port: int, serve_port: int) -> None:
        self.data = data
        self.pid = pid
        self.collect_port = collect_port
        self.serve_port = serve_port

    @property
    def pipeline_pid(self) -> int:
        """Of the process of that role."""
        for pid in descendants(self.pid):
            words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
            if b"pipeline" in words:
                return pid
        raise RuntimeError("no pipeline is running")


@contextlib.contextmanager
def running(data: Path) -> Iterator[Running]:
    collect_port, serve_port = free_port(), free_port()
    ports = ["--collect-port", str(collect_port), "--serve-port", str(serve_port)]
    with process(HEADWATER, "up", "--data", str(data), *ports, log=data.parent / "up.log") as up:
        wait_ready(collect_port)
        wait_ready(serve_port)
        yield Running(data, up.pid, collect_port, serve_port)


def drive(work: Coroutine[Any, Any, T]) -> T:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(work)


class Traffic:
    """Posts, and looks at what comes of them."""

    def __init__(self, customers: Customers, collect: Pool, serve: Pool, *, seed: int) -> None:
        self._customers = customers
        self._collect = collect
        self._serve = serve
        self._strangers = list(range(customers.count))
        random.Random(seed).shuffle(self._strangers)

    @classmethod
    @contextlib.asynccontextmanager
    async def open(cls, platform: Running, customers: Customers, *, seed: int) -> AsyncIterator["Traffic"]:
        async with (
            Pool.open(platform.collect_port, CONNECTIONS) as collect,
            Pool.open(platform.serve_port, CONNECTIONS) as serve,
        ):
            yield cls(customers, collect, serve, seed=seed)

    async def steady(self, rate: float, until: Callable[[], bool]) -> None:
        """Everybody's events, evenly: none waits for the answer to another."""
        activity = self._customers.activity(1 << 40)
        await self._evenly(rate, until, lambda _: self._collect.post_event(next(activity)))

    async def watch_members(self, rate: float, until: Callable[[], bool]) -> list[float]:
        """From offering an event to seeing what it makes its customer a member of, ms, in the order of offering.
        None of these customers was a member before.
        """
        found: list[float] = []

        async def one(offered_s: float) -> None:
            customer = self._strangers.pop()
            await self._collect.post_event(self._customers.track(customer, people.GIFT))
            await self._until_seen(customer, MEMBER_OF, value=True)
            found.append((time.monotonic() - offered_s) * 1000)

        await self._evenly(rate, until, one)
        return found

    async def watch_traits(self, rate: float, until: Callable[[], bool]) -> list[float]:
        """From the 200 of an identify to seeing its trait, ms."""
        found: list[float] = []

        async def one(offered_s: float) -> None:
            customer = self._strangers.pop()
            await self._collect.post_event(self._customers.identify(customer, {"offered_s": offered_s}))
            answered_s = time.monotonic()
            await self._until_seen(customer, "offered_s", value=offered_s)
            found.append((time.monotonic() - answered_s) * 1000)

        await self._evenly(rate, until, one)
        return found

    async def post(self, event: dict[str, Any]) -> None:
        await self._collect.post_event(event)

    async def ask(self, who: int | str, resource: str) -> Any:
        """None: there is no such profile."""
        answer = await self._serve.ask(profile_request(who, resource))
        return answer.json if answer.status == 200 else None

    async def _until_seen(self, customer: int, trait: str, *, value: object) -> None:
        deadline = time.monotonic() + VISIBLE_S_MAX
        while True:
            answer = await self.ask(customer, f"traits?include={trait}")
            if answer is not None and answer["traits"].get(trait) == value:
                return
            if time.monotonic() > deadline:
                raise RuntimeError(f"what customer {customer} did is not to be seen after {VISIBLE_S_MAX} s")
            await asyncio.sleep(POLL_S)

    async def _evenly(
        self, rate: float, until: Callable[[], bool], one: Callable[[float], Coroutine[Any, Any, None]]
    ) -> None:
        """`one` at each of its instants, which it is told; returns when all of them have ended."""
        started = time.monotonic()
        n = 0
        async with asyncio.TaskGroup() as group:
            while not until():
                due_s = started + n / rate
                n += 1
                if (wait_s := due_s - time.monotonic()) > 0:
                    await asyncio.sleep(wait_s)
                group.create_task(one(due_s))


def after(seconds: float) -> Callable[[], bool]:
    """Whether so much time has passed since it was called."""
    deadline = time.monotonic() + seconds
    return lambda: time.monotonic() > deadline


def percentile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]
