"""Delivery end to end: an outbound log, real endpoints, the number and order of what arrives."""

import asyncio
import random
from collections import Counter, defaultdict
from pathlib import Path

import msgspec
from aiohttp import web
from prometheus_client import REGISTRY

from delivering import answer, delivery, endpoints, event, events, hang, hook, metric, ok
from headwater.config.destinations import DestinationPace
from headwater.delivery.jobs_sqlite import SqliteJobs
from headwater.errors import StorageError
from headwater.event import OutboundEvent
from headwater.lake.letters_parquet import ParquetLetters


def by_person(pairs: list[tuple[str, str]]) -> dict[str, list[str]]:
    found = defaultdict(list)
    for person, message_id in pairs:
        found[person].append(message_id)
    return found


def order_sent(sent: list[OutboundEvent]) -> dict[str, list[str]]:
    return by_person([(e.person, e.message_id) for e in sent])


async def test_delivery_when_answers_take_random_times_then_each_person_keeps_the_order(tmp_path: Path) -> None:
    seed = random.randrange(1 << 32)
    print(f"seed {seed}")  # noqa: T201 - shown when the test fails
    dice = random.Random(seed)
    most_at_once = at_once = 0

    async def dawdle(request: web.BaseRequest) -> web.StreamResponse:
        nonlocal most_at_once, at_once
        at_once += 1
        most_at_once = max(most_at_once, at_once)
        await asyncio.sleep(dice.random() * 0.01)
        at_once -= 1
        return web.Response()

    async with endpoints(dawdle) as (endpoint,), delivery(tmp_path) as system:
        system.apply(hook("order", endpoint, pace=DestinationPace(concurrency=16)))
        sent = events(600, people=40)
        for at in range(0, 600, 50):
            system.append(sent[at : at + 50])
        await system.start()
        await endpoint.until_accepted(sent)
        assert by_person([(r.person, r.message_id) for r in endpoint.received]) == order_sent(sent)
        assert 8 < most_at_once <= 16, "many people at once, and no more than it may be"


async def test_delivery_when_destinations_name_sources_then_each_gets_its_own(tmp_path: Path) -> None:
    async with endpoints(ok, ok) as (one, both), delivery(tmp_path) as system:
        system.apply(hook("one", one, sources=("backend",)), hook("both", both))
        await system.start()
        sent = [event(source=("website", "backend")[number % 2]) for number in range(20)]
        system.append(sent)
        await both.until_accepted(sent)
        await one.until_accepted(sent[1::2])
        assert [r.message_id for r in one.received] == [e.message_id for e in sent[1::2]]


async def test_delivery_when_an_event_names_its_destinations_then_they_get_it_whatever_their_sources(
    tmp_path: Path,
) -> None:
    async with endpoints(ok, ok) as (one, other), delivery(tmp_path) as system:
        system.apply(hook("named", one, sources=("backend",)), hook("unnamed", other))
        await system.start()
        named = event(source="profiles", destinations=("named",))
        nobodys = event(destinations=())
        last = [event(source="backend"), event(source="website")]
        system.append([named, nobodys, *last])
        await one.until_accepted([named, last[0]])
        await other.until_accepted(last)
        await system.until(
            lambda: system.jobs.positions() == dict.fromkeys(("named", "unnamed"), system.log.end())
        )
        assert Counter(one.accepted) == Counter([named.message_id, last[0].message_id])
        assert Counter(other.accepted) == Counter(each.message_id for each in last)


async def test_delivery_when_everything_arrived_then_position_and_lag_say_so_and_no_row_is_left(
    tmp_path: Path,
) -> None:
    async with endpoints(ok) as (endpoint,), delivery(tmp_path) as system:
        system.apply(hook("tidy", endpoint))
        await system.start()
        sent = events(30)
        for each in sent:
            system.append([each])
        await endpoint.until_accepted(sent)
        await system.until(lambda: system.jobs.positions() == {"tidy": system.log.end()})
        await system.until(lambda: system.log.readers() == {"deliver:tidy": system.log.end()})
        assert system.jobs.standings() == {}
        assert metric("events_total", destination="tidy", result="delivered") == 30
        assert metric("attempts_total", destination="tidy", outcome="delivered") == 30
        assert metric("latency_seconds_count", destination="tidy") == 30


async def test_delivery_when_one_endpoint_never_answers_then_the_others_do_not_wait(tmp_path: Path) -> None:
    async with endpoints(hang, ok) as (dead, alive), delivery(tmp_path) as system:
        system.apply(hook("dead", dead), hook("alive", alive))
        await system.start()
        sent = events(500, people=500)  # enough for every place
        system.append(sent)
        await alive.until_accepted(sent)
        # A request in each place by now, and the first timeout is seconds away.
        await dead.until(lambda: len(dead.received) == 16)
        assert metric("in_flight", destination="dead") == 16
        assert metric("attempts_total", destination="dead", outcome="retry_later") == 0


async def test_delivery_when_an_endpoint_is_gone_for_a_while_then_all_arrives_and_the_others_go_on(
    tmp_path: Path,
) -> None:
    async with endpoints(ok, ok) as (shaky, steady), delivery(tmp_path) as system:
        system.apply(hook("shaky", shaky), hook("steady", steady))
        await system.start()
        before = events(50)
        system.append(before)
        await shaky.until_accepted(before)
        await shaky.down()
        during = events(3_000, people=300)
        for at in range(0, 3_000, 100):
            system.append(during[at : at + 100])
        await steady.until_accepted(during)
        await system.until(lambda: metric("paused", destination="shaky") == 1)
        late = events(3_000)
        for at in range(0, 3_000, 100):
            system.append(late[at : at + 100])
        await steady.until_accepted(late)
        assert metric("held_events", destination="shaky") < 3_000, "the log keeps the rest"
        await shaky.up()
        await shaky.until_accepted(during + late)
        await system.until(lambda: system.jobs.standings() == {})
        assert metric("paused", destination="shaky") == 0
        assert len(steady.received) == 6_050, "one destination's outage repeats nothing elsewhere"
        assert metric("events_total", destination="shaky", result="retrying") < 100, "no row per event"


async def test_delivery_when_an_endpoint_recovers_then_first_attempts_go_on_in_order(tmp_path: Path) -> None:
    async with endpoints(answer(503)) as (endpoint,), delivery(tmp_path) as system:
        system.apply(hook("recovering", endpoint))
        sent = events(1_000, people=50)
        system.append(sent)
        await system.start()
        await system.until(lambda: metric("paused", destination="recovering") == 1)
        tried_while_down = len(endpoint.received)
        endpoint.behaviour = ok
        await endpoint.until_accepted(sent)
        first_sights = dict.fromkeys((r.person, r.message_id) for r in endpoint.received)
        assert by_person(list(first_sights)) == order_sent(sent)
        assert 10 <= tried_while_down <= 10 + 16
        assert len(endpoint.accepted) == 1_000, "each accepted once"


async def test_delivery_when_one_event_fails_for_ever_then_only_it_suffers(tmp_path: Path) -> None:
    poison = event(person="bob")

    async def choke(request: web.BaseRequest) -> web.StreamResponse:
        body = msgspec.json.decode(await request.read())
        return web.Response(status=500 if body["messageId"] == poison.message_id else 200)

    async with endpoints(choke) as (endpoint,), delivery(tmp_path) as system:
        system.apply(hook("choking", endpoint))
        await system.start()
        sent = events(50)
        system.append([*sent[:25], poison, *sent[25:]])
        await endpoint.until_accepted(sent)
        tries = Counter(r.message_id for r in endpoint.received)
        await endpoint.until(lambda: sum(r.message_id == poison.message_id for r in endpoint.received) >= 3)
        assert all(tries[e.message_id] == 1 for e in sent)
        (job,) = system.jobs.soonest("choking", 10)
        assert (job.event, job.reason) == (poison, "500")
        assert job.attempts >= 2
        assert metric("paused", destination="choking") == 0


async def test_delivery_when_the_endpoint_refuses_for_good_then_dead_letter_with_its_words(
    tmp_path: Path,
) -> None:
    refusing = answer(400, text='{"message":"no such field: total"}', content_type="application/json")
    async with endpoints(refusing) as (endpoint,), delivery(tmp_path) as system:
        system.apply(hook("refusing", endpoint))
        await system.start()
        sent = [event(person="ann")]
        system.append(sent)
        await system.until(lambda: system.jobs.dead_letters() != [])
        (letter,) = system.jobs.dead_letters()
        assert letter.event == sent[0]
        assert (letter.reason, letter.message) == ("BAD_REQUEST", "no such field: total")
        assert len(endpoint.received) == 1
        assert metric("events_total", destination="refusing", result="rejected") == 1


async def test_delivery_when_429_asks_for_time_then_it_is_given(tmp_path: Path) -> None:
    async with endpoints(answer(429, headers={"Retry-After": "2"})) as (endpoint,), delivery(tmp_path) as system:
        system.apply(hook("throttling", endpoint))
        await system.start()
        system.append([event()])
        await system.until(lambda: system.jobs.standings() != {})
        (job,) = system.jobs.soonest("throttling", 1)
        assert job.reason == "429"
        assert job.due_at_ms - job.first_failed_at_ms == 2_000, "backoff alone would be a second at most"
        endpoint.behaviour = ok
        started_s = asyncio.get_running_loop().time()
        await endpoint.until(lambda: bool(endpoint.accepted))
        assert asyncio.get_running_loop().time() - started_s > 1.5


async def test_delivery_when_any_of_several_urls_accepts_then_delivered(tmp_path: Path) -> None:
    async with endpoints(answer(500), ok) as (broken, working), delivery(tmp_path) as system:
        system.apply(hook("several", broken, working))
        await system.start()
        sent = events(5)
        system.append(sent)
        await working.until_accepted(sent)
        await system.until(lambda: system.jobs.positions()["several"] == system.log.end())
        assert len(broken.received) == 5
        assert system.jobs.standings() == {}


async def test_delivery_when_a_record_cannot_be_decoded_then_the_next_ones_are_delivered(tmp_path: Path) -> None:
    async with endpoints(ok) as (endpoint,), delivery(tmp_path) as system:
        system.apply(hook("past-damage", endpoint))
        before = REGISTRY.get_sample_value("headwater_delivery_unreadable_records_total") or 0
        system.log.append([b"not what was written", b""])
        sent = events(3)
        system.append(sent)
        await system.start()
        await endpoint.until_accepted(sent)
        assert REGISTRY.get_sample_value("headwater_delivery_unreadable_records_total") == before + 2


class FullDisk(SqliteJobs):
    """Refuses to store progress until there is room."""

    room = False

    def advance(self, *arguments: object, **named: object) -> None:
        if not self.room:
            refused = StorageError("disk full")
            refused.retry_after_s = 0.01
            raise refused
        super().advance(*arguments, **named)  # type: ignore[arg-type]


async def test_delivery_when_the_disk_is_full_then_it_says_so_and_loses_nothing(tmp_path: Path) -> None:
    async with endpoints(answer(400)) as (endpoint,), delivery(tmp_path) as system:
        system.apply(hook("patient", endpoint))
        system.jobs.advance("patient", 0)
        jobs = FullDisk(tmp_path / "delivery.db", lambda: ParquetLetters(tmp_path / "lake"))
        await system.start(jobs)
        sent = events(20)
        system.append(sent)
        await system.until(lambda: not system.health.ready)
        assert "disk full" in system.health.reasons[0]
        assert system.jobs.positions() == {"patient": 0}
        jobs.room = True
        await system.until(lambda: system.health.ready)
        await system.until(lambda: len(system.jobs.dead_letters()) == 20)
        await system.stop()
        jobs.close()
        assert len(system.jobs.dead_letters()) == 20, "a repeated commit stores each failure once"
