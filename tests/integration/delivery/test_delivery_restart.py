"""What an end, polite or not, does to what was under way."""

import asyncio
import signal
import sys
from collections import Counter
from pathlib import Path

from aiohttp import web

from delivering import Received, answer, delivery, endpoints, event, events, hang, hook, metric, ok
from headwater.delivery import held


async def slowly(request: web.BaseRequest) -> web.StreamResponse:
    await asyncio.sleep(0.005)
    return web.Response()


async def test_drain_when_in_the_middle_of_records_then_nothing_is_repeated_or_missed(tmp_path: Path) -> None:
    async with endpoints(slowly) as (endpoint,), delivery(tmp_path) as system:
        system.apply(hook("draining", endpoint))
        await system.start()
        sent = events(2_000, people=40)
        for at in range(0, 2_000, 50):
            system.append(sent[at : at + 50])
        await endpoint.until(lambda: len(endpoint.received) > 200)
        await system.stop()
        before = len(endpoint.received)
        assert before < 2_000, "a drain does not wait for the whole log"
        assert len(endpoint.accepted) == before, "nothing under way was cut off"
        await system.start()
        await endpoint.until_accepted(sent)
        assert set(Counter(r.message_id for r in endpoint.received).values()) == {1}
        assert metric("possible_repeats_total", destination="draining") == 0


async def test_drain_when_an_endpoint_hangs_then_it_ends_after_its_timeout_and_keeps_the_event(
    tmp_path: Path,
) -> None:
    async with endpoints(hang) as (endpoint,), delivery(tmp_path) as system:
        system.apply(hook("hanging", endpoint))
        await system.start()
        sent = [event()]
        system.append(sent)
        await endpoint.until(lambda: len(endpoint.received) == 1)
        await system.stop()
        (job,) = system.jobs.soonest("hanging", 10)
        assert (job.event, job.reason, job.attempts) == (sent[0], "ETIMEDOUT", 1)
        endpoint.behaviour = ok
        await system.start()
        await endpoint.until_accepted(sent)
        await system.until(lambda: system.jobs.standings() == {})


async def test_drain_when_down_then_it_ends_at_once_and_the_log_keeps_what_waited(tmp_path: Path) -> None:
    async with endpoints(answer(503, headers={"Retry-After": "300"})) as (endpoint,), delivery(tmp_path) as system:
        system.apply(hook("resumed", endpoint))
        await system.start()
        sent = events(300, people=100)
        for each in sent:
            system.append([each])
        await endpoint.until(lambda: len(endpoint.received) >= 10)
        await system.stop()
        assert system.jobs.positions()["resumed"] < system.log.end()
        tried = {r.message_id for r in endpoint.received}
        retrying = {job.event.message_id for job in system.jobs.soonest("resumed", 1_000)}
        assert 10 <= len(tried) <= 26
        assert retrying <= tried
        endpoint.behaviour = ok
        await system.start()
        await endpoint.until_accepted([e for e in sent if e.message_id not in retrying])


def repeats_since(received: list[Received], place: int) -> int:
    """How many of those that came after this place had come before it."""
    before = {each.message_id for each in received[:place]}
    return sum(each.message_id in before for each in received[place:])


async def test_kill_when_in_the_middle_then_nothing_is_lost_and_repeats_are_bounded(tmp_path: Path) -> None:
    async with endpoints(slowly) as (endpoint,), delivery(tmp_path) as system:
        system.apply(hook("killed", endpoint))
        sent = events(3_000, people=60)
        for at in range(0, 3_000, 20):
            system.append(sent[at : at + 20])
        for kill_at in (300, 1_000, 1_700):
            child = await asyncio.create_subprocess_exec(
                sys.executable, str(Path(__file__).with_name("killed_child.py")), str(tmp_path)
            )
            await endpoint.until(lambda at=kill_at: len(endpoint.received) >= at)  # type: ignore[misc]
            child.send_signal(signal.SIGKILL)
            await child.wait()
        position = system.jobs.positions()["killed"]
        assert 0 < position < system.log.end(), "killed in the middle, after commits"
        before_last = len(endpoint.received)
        await system.start()
        await endpoint.until_accepted(sent)
        await system.until(lambda: system.jobs.positions()["killed"] == system.log.end())
        repeats = sum(Counter(r.message_id for r in endpoint.received).values()) - 3_000
        # Per kill: what was finished in the last COMMIT_S (16 lanes, 5 ms each: 160) and the records begun.
        assert repeats <= 3 * (16 * 10 * 2 + 20 * 16)
        assert repeats < held.EVENTS_MAX
        # Counted by each start for itself, and here is the last one's: no less than what it repeated.
        last = repeats_since(endpoint.received, before_last)
        assert last <= metric("possible_repeats_total", destination="killed") <= held.EVENTS_MAX
