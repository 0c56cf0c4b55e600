"""A pipeline on real engines in a folder of the test, and what it has made of what was collected."""

import contextlib
import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from headwater.config.live import LiveWorkspace
from headwater.config.workspace import Settings, Source, Workspace
from headwater.event import CollectedRequest, OutboundEvent, decode_outbound, encode_collected
from headwater.flow import DeadLetter
from headwater.lake.query import connect
from headwater.log.port import Log
from headwater.operations.stopping import StopBell
from headwater.pipeline import Pipeline
from headwater.processing import dead_letters, totals
from headwater.profiles import Platform
from headwater.profiles.embedded import embedded
from headwater.telemetry import Health
from headwater.units import MIB

WAIT_S_MAX = 30


def workspace(*, enabled: bool = True, **settings: Any) -> Workspace:
    source = Source("website", write_key="wk_website", enabled=enabled)
    return Workspace("shop", settings=Settings(**{"lake_visible_s": 0.05} | settings), sources=(source,))


def request(number: int = 0, *, good: int = 2, bad: int = 1) -> bytes:
    """A record of the collected log: a batch whose good events are `<number>.0`, `<number>.1`, …"""
    events: list[dict[str, Any]] = [
        {"type": "track", "event": "A", "userId": f"u{n}", "messageId": f"{number}.{n}"} for n in range(good)
    ]
    events += [{"type": "track", "event": "A"}] * bad
    body = json.dumps({"batch": events}).encode()
    received_ms = 1_767_323_045_678 + number
    return encode_collected(
        CollectedRequest(received_ms, "website", "batch", "", "", False, body, good + bad, len(body))
    )


def collect(data: Path, *records: bytes) -> None:
    with contextlib.closing(embedded(data).collected()) as log:
        log.append(list(records))


class Found(NamedTuple):
    """Everything a folder holds after its pipeline has stopped."""

    outbound: list[str]
    """Message ids in log order, repeated ones repeated."""
    lake: list[str]
    """The same of the lake, sorted."""
    totals: dict[tuple[str, str], int]
    dead: list[DeadLetter]
    position: int


def outbound_events(log: Log, offset: int = 0) -> list[OutboundEvent]:
    found: list[OutboundEvent] = []
    while records := log.read(offset, bytes_max=MIB):
        found += [event for record in records for event in decode_outbound(record.data)]
        offset = records[-1].offset + 1
    return found


def find(data: Path) -> Found:
    platform = embedded(data)
    with contextlib.closing(platform.outbound()) as outbound, contextlib.closing(platform.state()) as state:
        with connect(platform.lake()) as connection:
            lake = [found for (found,) in connection.execute("SELECT message_id FROM events").fetchall()]
        return Found(
            [event.message_id for event in outbound_events(outbound)],
            sorted(lake),
            totals.read(state),
            list(dead_letters.recent(state)),
            state.position(),
        )


def assert_exactly_once(found: Found, requests: int, *, good: int = 2, bad: int = 1) -> None:
    ids = [f"{number}.{n}" for number in range(requests) for n in range(good)]
    assert found.outbound == ids, "the outbound log"
    assert found.lake == sorted(ids), "the lake"
    counts = Counter({("website", "accepted"): good * requests, ("website", "no_user_anon_id"): bad * requests})
    assert found.totals == +counts
    assert len(found.dead) == bad * requests
    assert found.position == requests


class Ports(NamedTuple):
    """What a pipeline is built from, so that a test can put something in between."""

    collected: Any
    outbound: Any
    state: Any
    lake: Any
    regulations: Any


@contextlib.contextmanager
def pipeline(
    data: Path, *, between: Callable[[Ports], Ports] = lambda ports: ports, **logs: Any
) -> Iterator[tuple[Pipeline, LiveWorkspace, Health]]:
    platform: Platform = embedded(data)
    with contextlib.ExitStack() as stack:

        def opened(thing: Any) -> Any:
            stack.callback(thing.close)
            return thing

        config = opened(platform.config())
        if config.current() is None:
            config.put(workspace(), author="test")
        live = opened(LiveWorkspace(config))
        ports = between(
            Ports(
                opened(platform.collected()),
                opened(platform.outbound()),
                opened(platform.state()),
                platform.lake(),
                opened(platform.regulations()),
            )
        )
        health = Health()
        yield Pipeline(**ports._asdict(), live=live, health=health), live, health


def drain(data: Path, **options: Any) -> None:
    """Start a pipeline that has been told to stop: it works off the log, finishes its files and returns."""
    stop = StopBell()
    stop.ring()
    with contextlib.closing(stop), pipeline(data, **options) as (started, _, _):
        started.run(stop)


class Running(NamedTuple):
    live: LiveWorkspace
    health: Health
    failures: list[BaseException]
    """What ended it."""


@contextlib.contextmanager
def running(data: Path, **options: Any) -> Iterator[Running]:
    """A pipeline in a thread; stopped, and its failure raised, when the block ends."""
    stop = StopBell()
    failures: list[BaseException] = []
    with contextlib.closing(stop), pipeline(data, **options) as (started, live, health):

        def work() -> None:
            try:
                started.run(stop)
            except BaseException as error:
                failures.append(error)

        thread = threading.Thread(target=work)
        thread.start()
        try:
            until(lambda: health.ready or bool(failures))
            yield Running(live, health, failures)
        finally:
            stop.ring()
            thread.join(WAIT_S_MAX)
    assert not thread.is_alive(), "it did not stop"
    if failures:
        raise failures[0]


def until(condition: Callable[[], bool]) -> None:
    """For what has no bell of its own."""
    deadline = time.monotonic() + WAIT_S_MAX
    while not condition():
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.002)


def put(data: Path, changed: Workspace) -> None:
    with contextlib.closing(embedded(data).config()) as config:
        config.put(changed, author="test")
