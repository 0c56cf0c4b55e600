"""Batches, several mappings, quotas and pace through the real engine."""

import asyncio
import itertools
from collections import Counter
from pathlib import Path
from typing import Any

import msgspec
from aiohttp import web

from delivering import answer, delivery, endpoints, event, events, hook, metric, ok
from headwater.config.destinations import BatchBounds, DestinationMapping, DestinationPace
from headwater.config.workspace import Destination


def forwarding(name: str, url: str, *, mappings: tuple[DestinationMapping, ...] = (), **more: Any) -> Destination:
    settings = {"url": url.removesuffix("/hook"), "write_key": "wk"}
    return Destination(name=name, type="http-api", settings=settings, mappings=mappings, **more)


def mapping(name: str, trigger: str = "type != null", **bounds: Any) -> DestinationMapping:
    return DestinationMapping(name=name, action="send", trigger=trigger, batch=BatchBounds(**bounds))


class Batches:
    """An endpoint's behaviour that notes the message ids of each batch."""

    def __init__(self, refused: tuple[str, ...] = (), status: int = 400) -> None:
        self.got: list[list[str]] = []
        self.accepted: list[str] = []
        self.refused = set(refused)
        self.status = status

    async def __call__(self, request: web.BaseRequest) -> web.StreamResponse:
        ids = [e["messageId"] for e in msgspec.json.decode(await request.read())["batch"]]
        self.got.append(ids)
        if self.refused & set(ids):
            return web.Response(status=self.status)
        self.accepted += ids
        return web.Response()


async def serving(batches: Batches) -> tuple[web.ServerRunner, str]:
    runner = web.ServerRunner(web.Server(batches, access_log=None), shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    return runner, f"http://127.0.0.1:{runner.addresses[0][1]}"


async def test_batch_when_many_events_wait_then_they_go_together_within_the_bounds(tmp_path: Path) -> None:
    batches = Batches()
    runner, url = await serving(batches)
    async with delivery(tmp_path) as system:
        system.apply(forwarding("together", url, mappings=(mapping("All", items_max=10),)))
        sent = events(200, people=200)
        system.append(sent)
        await system.start()
        await system.until(lambda: len(batches.accepted) == 200)
        assert max(map(len, batches.got)) == 10
        assert len(batches.got) < 40, "mostly full"
        assert Counter(batches.accepted) == Counter(e.message_id for e in sent)
        await system.until(lambda: metric("request_items_count", destination="together") == len(batches.got))
    await runner.cleanup()


async def test_batch_when_an_event_may_wait_for_company_then_it_does_and_not_longer(tmp_path: Path) -> None:
    batches = Batches()
    runner, url = await serving(batches)
    async with delivery(tmp_path) as system:
        system.apply(forwarding("patient-batch", url, mappings=(mapping("All", items_max=10, wait_s=0.3),)))
        await system.start()
        sent = events(4, people=4)
        for each in sent:
            system.append([each])
            await asyncio.sleep(0.02)
        await system.until(lambda: len(batches.accepted) == 4)
        assert len(batches.got) == 1
    await runner.cleanup()


async def test_batch_when_delivery_stops_then_what_waits_for_company_goes_at_once(tmp_path: Path) -> None:
    batches = Batches()
    runner, url = await serving(batches)
    async with delivery(tmp_path) as system:
        system.apply(forwarding("stopped-batch", url, mappings=(mapping("All", items_max=10, wait_s=30),)))
        await system.start()
        sent = [event(), event(person="bob")]
        system.append(sent)
        await system.until(lambda: metric("held_events", destination="stopped-batch") == 2)
        await system.stop()
        assert batches.accepted in ([], [e.message_id for e in sent])
        if not batches.accepted:  # not begun: the log still has it
            assert system.jobs.positions()["stopped-batch"] < system.log.end()
    await runner.cleanup()


async def test_batch_when_one_item_is_refused_then_it_alone_dies_and_the_retry_window_is_not_touched(
    tmp_path: Path,
) -> None:
    sent = events(64, people=64)
    batches = Batches(refused=(sent[17].message_id, sent[40].message_id))
    runner, url = await serving(batches)
    async with delivery(tmp_path) as system:
        system.apply(forwarding("bisected", url, mappings=(mapping("All", items_max=32),)))
        system.append(sent)
        await system.start()
        await system.until(lambda: len(batches.accepted) == 62)
        await system.until(lambda: system.jobs.positions()["bisected"] == system.log.end())
        assert {letter.event.message_id for letter in system.jobs.dead_letters()} == batches.refused
        assert len(batches.got) <= 2 + 2 * 2 * 5, "two halves for each halving"
        assert metric("bisected_batches_total", destination="bisected") >= 10
    await runner.cleanup()


async def test_batch_when_it_fails_for_now_then_it_is_tried_again_together(tmp_path: Path) -> None:
    sent = events(30, people=30)
    batches = Batches(refused=tuple(e.message_id for e in sent), status=500)
    runner, url = await serving(batches)
    async with delivery(tmp_path) as system:
        system.apply(forwarding("again", url, mappings=(mapping("All", items_max=30),)))
        system.append(sent)
        await system.start()
        await system.until(lambda: metric("retries_pending", destination="again") == 30)
        batches.refused = set()
        await system.until(lambda: len(batches.accepted) == 30)
        assert sum(len(ids) > 1 for ids in batches.got) >= 2, "first attempts and retries, both in batches"
        await system.until(lambda: metric("retries_pending", destination="again") == 0)
    await runner.cleanup()


async def test_mappings_when_one_of_several_fails_then_only_that_one_is_tried_again(tmp_path: Path) -> None:
    shaky = answer(503, headers={"Retry-After": "1"})
    async with endpoints(ok) as (endpoint,), delivery(tmp_path) as system:
        behaved: list[str] = []

        async def by_turns(request: web.BaseRequest) -> web.StreamResponse:
            behaved.append("")
            return await (shaky(request) if len(behaved) == 2 else ok(request))

        endpoint.behaviour = by_turns
        two = tuple(DestinationMapping(name=n, action="send", trigger="type != null") for n in ("One", "Two"))
        system.apply(hook("two-ways", endpoint, mappings=two))
        await system.start()
        sent = [event()]
        system.append(sent)
        await endpoint.until(lambda: len(endpoint.accepted) == 2)
        assert len(endpoint.received) == 3, "once for One, twice for Two"
        await system.until(lambda: metric("events_total", destination="two-ways", result="delivered") == 1)


async def test_quota_when_an_answer_says_that_it_is_used_up_then_nothing_is_asked_until_it_is_renewed(
    tmp_path: Path,
) -> None:
    last = answer(200, headers={"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1"})
    async with endpoints(last) as (endpoint,), delivery(tmp_path) as system:
        system.apply(hook("quota", endpoint, pace=DestinationPace(concurrency=1)))
        await system.start()
        system.append(events(2))
        await endpoint.until(lambda: len(endpoint.accepted) == 1)
        began_s = asyncio.get_running_loop().time()
        await endpoint.until(lambda: len(endpoint.accepted) == 2)
        assert asyncio.get_running_loop().time() - began_s > 0.9
        assert metric("asked_pauses_total", destination="quota") >= 1


async def test_pace_when_a_destination_has_one_then_no_faster(tmp_path: Path) -> None:
    async with endpoints(ok) as (endpoint,), delivery(tmp_path) as system:
        system.apply(hook("slowly", endpoint, pace=DestinationPace(per_s=50)))
        await system.start()
        began_s = asyncio.get_running_loop().time()
        sent = events(40)
        system.append(sent)
        await endpoint.until_accepted(sent)
        assert asyncio.get_running_loop().time() - began_s > (40 - 6) / 50


async def test_drain_when_a_destination_has_a_pace_then_what_was_begun_is_finished_at_it(tmp_path: Path) -> None:
    async with endpoints(ok) as (endpoint,), delivery(tmp_path) as system:
        system.apply(hook("paced-drain", endpoint, pace=DestinationPace(per_s=20)))
        await system.start()
        sent = events(20)
        system.append(sent)
        await endpoint.until(lambda: len(endpoint.accepted) >= 3)
        await system.stop()
        assert len(endpoint.accepted) == 20
        assert system.jobs.positions()["paced-drain"] == system.log.end()


async def test_reload_when_mappings_change_while_events_wait_then_the_new_ones_hold(tmp_path: Path) -> None:
    batches = Batches()
    runner, url = await serving(batches)
    async with delivery(tmp_path) as system:
        waits = (mapping("All", items_max=1_000, wait_s=60),)
        system.apply(forwarding("changing", url, mappings=waits))
        await system.start()
        system.append(events(5, people=5))
        await system.until(lambda: metric("held_events", destination="changing") == 5)
        some = (mapping("Some", trigger='userId = "person 3"'),)
        system.apply(forwarding("changing", url, mappings=some))
        await system.until(lambda: system.jobs.positions()["changing"] == system.log.end())
        assert len(batches.accepted) == 1
        assert metric("events_total", destination="changing", result="filtered") == 4
    await runner.cleanup()


async def test_reload_when_one_mapping_of_a_retry_is_under_way_then_the_other_is_not_forgotten(
    tmp_path: Path,
) -> None:
    asked, answered = asyncio.Event(), asyncio.Event()
    seen = itertools.count(1)

    async def by_turns(request: web.BaseRequest) -> web.StreamResponse:
        number = next(seen)
        if number == 3:
            asked.set()
            await answered.wait()
        return await (answer(503)(request) if number <= 2 else ok(request))

    two = tuple(DestinationMapping(name=n, action="send", trigger="type != null") for n in ("One", "Two"))
    async with endpoints(by_turns, ok) as (endpoint, other), delivery(tmp_path) as system:
        # One request at a time: the second mapping waits behind the first one.
        system.apply(hook("half-tried", endpoint, mappings=two, pace=DestinationPace(concurrency=1)))
        await system.start()
        system.append([event()])
        await asked.wait()
        paced = hook("half-tried", endpoint, mappings=two, pace=DestinationPace(concurrency=2))
        system.apply(paced, hook("half-witness", other))
        await system.until(lambda: "half-witness" in system.jobs.positions())
        answered.set()
        await endpoint.until(lambda: len(endpoint.accepted) == 2)
        await system.until(lambda: metric("retries_pending", destination="half-tried") == 0)
        assert system.jobs.standings() == {}


async def test_reload_when_settings_break_while_one_mapping_is_under_way_then_the_other_waits_for_better_ones(
    tmp_path: Path,
) -> None:
    asked, answered = asyncio.Event(), asyncio.Event()

    async def slowly(request: web.BaseRequest) -> web.StreamResponse:
        asked.set()
        await answered.wait()
        return await ok(request)

    two = tuple(DestinationMapping(name=n, action="send", trigger="type != null") for n in ("One", "Two"))
    async with endpoints(slowly) as (endpoint,), delivery(tmp_path) as system:
        good = hook("half-sent", endpoint, mappings=two)
        system.apply(good)
        await system.start()
        sent = [event(person="ann"), event(person="bob")]
        system.append(sent)
        await endpoint.until(lambda: len(endpoint.received) == 2)
        system.apply(Destination(name="half-sent", type="webhook", settings={"holograms": True}))
        await system.until(lambda: metric("paused", destination="half-sent") == 1)
        answered.set()
        await system.until(lambda: metric("in_flight", destination="half-sent") == 0)
        assert system.jobs.positions()["half-sent"] < system.log.end(), "each has a mapping left"
        system.apply(good)
        await endpoint.until(lambda: len(endpoint.accepted) == 4)
        await system.until(lambda: system.jobs.positions()["half-sent"] == system.log.end())
        assert metric("events_total", destination="half-sent", result="delivered") == 2
