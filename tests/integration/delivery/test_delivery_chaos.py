"""Everything an endpoint can do to a delivery, by a seeded coin, and what must hold nevertheless:

*delivered ∪ dead = sent*: each event has arrived or is a dead letter with a reason, and its receipt says which.
*order*: the first attempts of a person are made in the order of the log; at a strict destination they arrive so.
*repeats*: nothing that was accepted is sent again.
"""

import contextlib
import random
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from faulty import FAULTS, KINDNESSES, FaultServer, events_in

from delivering import Delivery, delivery, event, events
from headwater.config.destinations import BatchBounds, DestinationMapping, DestinationRetry
from headwater.config.workspace import Destination
from headwater.delivery.transports import http_connection
from headwater.delivery.transports.http import HttpTransport
from headwater.destinations import webhook
from headwater.destinations.kit import tracking
from headwater.destinations.kit.model import Answer, Request
from headwater.event import OutboundEvent

QUICK = DestinationRetry(window_s=600, base_s=0.02, delay_max_s=0.1)
BATCHES = (DestinationMapping(name="All", action="send", trigger="type != null", batch=BatchBounds(items_max=7)),)


@pytest.fixture
def seed() -> int:
    chosen = random.randrange(1 << 32)
    print(f"seed {chosen}")  # noqa: T201 - shown when the test fails
    return chosen


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhook, "TIMEOUT_S", 0.15)
    monkeypatch.setattr(tracking, "TIMEOUT_S", 0.15)
    monkeypatch.setattr(http_connection, "BODY_READ_S_MAX", 0.05)
    monkeypatch.setattr("headwater.delivery.availability.PAUSE_S_MIN", 0.02)
    monkeypatch.setattr("headwater.delivery.availability.PAUSE_S_MAX", 0.1)


@pytest.fixture
def tried(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """Person and message id of each event of each attempt, as it was begun. Not every one reaches the server: some
    connections are gone by then.
    """
    begun: list[tuple[str, str]] = []
    send = HttpTransport.send

    async def noted(self: HttpTransport, request: Request) -> Answer:
        begun.extend(events_in(request.body))
        return await send(self, request)

    monkeypatch.setattr(HttpTransport, "send", noted)
    return begun


def single(name: str, server: FaultServer, **more: Any) -> Destination:
    return Destination(name=name, type="webhook", settings={"url": server.url}, retry=QUICK, **more)


def batched(name: str, server: FaultServer, **more: Any) -> Destination:
    settings = {"url": server.url, "write_key": "wk"}
    return Destination(name=name, type="http-api", settings=settings, retry=QUICK, mappings=BATCHES, **more)


def by_person(pairs: Sequence[tuple[str, str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for person, message_id in pairs:
        found[person].append(message_id)
    return found


def first_seen(pairs: Sequence[tuple[str, str]]) -> dict[str, list[str]]:
    return by_person(list(dict.fromkeys(pairs)))


def order_of(sent: Sequence[OutboundEvent], *, without: set[str] = frozenset()) -> dict[str, list[str]]:  # type: ignore[assignment]
    return by_person([(e.person, e.message_id) for e in sent if e.message_id not in without])


async def run(system: Delivery, destination: Destination, sent: list[OutboundEvent]) -> set[str]:
    """Until everything has ended; the message ids of the dead letters."""
    system.apply(destination)
    for at in range(0, len(sent), 40):
        system.append(sent[at : at + 40])
    await system.start()
    with contextlib.closing(sqlite3.connect(f"file:{system.jobs._path}?mode=ro", uri=True)) as books:

        def is_over() -> bool:
            positions = dict(books.execute("SELECT destination, next_offset FROM positions"))
            ((retries,),) = books.execute("SELECT count(*) FROM jobs")
            return positions.get(destination.name) == system.log.end() and not retries

        await system.until(is_over)
    return {letter.event.message_id for letter in system.jobs.dead_letters(destination.name, limit=10_000)}


@pytest.mark.parametrize("kind", [single, batched])
async def test_chaos_when_endpoints_do_everything_then_all_arrive_once_and_first_attempts_keep_the_order(
    tmp_path: Path, seed: int, tried: list[tuple[str, str]], kind: Any
) -> None:
    server = FaultServer(seed, share=0.2)
    async with server.up(), delivery(tmp_path) as system:
        sent = events(400, people=100)
        dead = await run(system, kind(f"chaos-{kind.__name__}", server), sent)
        assert dead == set()
        assert Counter(server.accepted) == Counter((e.person, e.message_id) for e in sent)
        assert first_seen(tried) == order_of(sent)
        if kind is single:
            assert server.met == FAULTS.keys() | KINDNESSES.keys(), "the coin fell on each of them"


@pytest.mark.parametrize("kind", [single, batched])
async def test_chaos_when_events_are_poison_then_only_they_die_with_the_reason(
    tmp_path: Path, seed: int, kind: Any
) -> None:
    server = FaultServer(seed, share=0.2, poison="mallory")
    async with server.up(), delivery(tmp_path) as system:
        sent = events(400, people=60)
        poison = [event(person="mallory") for _ in range(8)]
        places = random.Random(seed).sample(range(400), 8)
        for place, each in zip(sorted(places, reverse=True), poison, strict=True):
            sent.insert(place, each)
        dead = await run(system, kind(f"poisoned-{kind.__name__}", server), sent)
        assert dead == {each.message_id for each in poison}
        assert {letter.reason for letter in system.jobs.dead_letters(limit=100)} == {"BAD_REQUEST"}
        alive = [e for e in sent if e.person != "mallory"]
        assert Counter(server.accepted) == Counter((e.person, e.message_id) for e in alive)


@pytest.mark.parametrize("kind", [single, batched])
async def test_chaos_when_order_is_strict_then_events_of_a_person_arrive_in_the_order_of_the_log(
    tmp_path: Path, seed: int, kind: Any
) -> None:
    server = FaultServer(seed, share=0.2)
    async with server.up(), delivery(tmp_path) as system:
        sent = events(150, people=20)
        dead = await run(system, kind(f"strict-{kind.__name__}", server, strict_order=True), sent)
        assert dead == set()
        assert by_person(server.accepted) == order_of(sent)


async def test_chaos_when_order_is_strict_and_an_event_dies_then_its_person_goes_on_behind_it(
    tmp_path: Path, seed: int
) -> None:
    server = FaultServer(seed, share=0.2, poison="m-poison")
    async with server.up(), delivery(tmp_path) as system:
        sent = events(60, people=6)
        body = b'{"messageId":"m-poison","userId":"%b"}' % sent[12].person.encode()
        poison = event(person=sent[12].person, message_id="m-poison", body=body)
        sent.insert(12, poison)
        dead = await run(system, single("strict-poisoned", server, strict_order=True), sent)
        assert dead == {"m-poison"}
        assert by_person(server.accepted) == order_of(sent, without=dead)


async def test_chaos_when_the_window_ends_then_what_has_not_arrived_is_dead_and_nothing_is_lost(
    tmp_path: Path, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = FaultServer(seed, share=1.0)
    async with server.up(), delivery(tmp_path) as system:
        sent = events(120, people=30)
        short = DestinationRetry(window_s=1, base_s=0.02, delay_max_s=0.1)
        monkeypatch.setattr("headwater.delivery.availability.FAILURES_MAX", 10_000)
        dead = await run(
            system, Destination(name="short", type="webhook", settings={"url": server.url}, retry=short), sent
        )
        assert dead == {e.message_id for e in sent}
        assert server.accepted == []


async def test_chaos_when_delivery_starts_again_and_again_then_all_arrive_and_nothing_twice(
    tmp_path: Path, seed: int, tried: list[tuple[str, str]]
) -> None:
    """Stopped politely: a drain finishes what was begun, so that nothing is repeated."""
    server = FaultServer(seed, share=0.2)
    dice = random.Random(seed)
    async with server.up(), delivery(tmp_path) as system:
        sent = events(300, people=60)
        system.apply(single("restarted", server))
        for at in range(0, 300, 20):
            system.append(sent[at : at + 20])
        for _ in range(4):
            goal = len(server.accepted) + dice.randrange(20, 60)
            await system.start()
            await system.until(lambda: len(server.accepted) >= goal)  # noqa: B023 - read at once
            await system.stop()
        dead = await run(system, single("restarted", server), [])
        assert dead == set()
        assert Counter(server.accepted) == Counter((e.person, e.message_id) for e in sent)
        assert first_seen(tried) == order_of(sent)


async def test_alarm_when_a_server_accepts_and_then_says_nothing_then_the_books_show_repeats(
    tmp_path: Path, seed: int
) -> None:
    """The suite can fail: an endpoint that takes an event and does not say so gets it again."""
    server = FaultServer(seed, share=0.5, is_honest=False)
    async with server.up(), delivery(tmp_path) as system:
        sent = events(100, people=100)
        await run(system, single("dishonest", server), sent)
        assert Counter(server.accepted) != Counter((e.person, e.message_id) for e in sent)
        assert set(server.accepted) == {(e.person, e.message_id) for e in sent}
