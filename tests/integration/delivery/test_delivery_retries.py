"""Second attempts, the end of the window, what breaks inside, and doing nothing."""

import asyncio
import time
from pathlib import Path

import pytest
from aiohttp import web

from delivering import answer, delivery, endpoints, event, events, hook, metric, ok
from headwater.delivery import engine, retries
from headwater.delivery.jobs import DeadLetter, Job
from headwater.delivery.jobs_sqlite import SqliteJobs
from headwater.errors import CorruptionError
from headwater.event import OutboundEvent
from headwater.lake.letters_parquet import ParquetLetters


def job(destination: str, retried: OutboundEvent, *, age_s: float = 0.0, due_in_s: float = 0.0) -> Job:
    now_ms = time.time_ns() // 1_000_000
    due_at_ms = now_ms + round(due_in_s * 1000)
    return Job(destination, retried, 1, now_ms - round(age_s * 1000), due_at_ms, "503", "")


async def test_retry_when_the_window_is_over_then_one_last_attempt_and_a_dead_letter(tmp_path: Path) -> None:
    async with endpoints(answer(500)) as (endpoint,), delivery(tmp_path) as system:
        old = event()
        system.jobs.advance("expired", 0, retries=[job("expired", old, age_s=4 * 3600 + 1)])
        system.apply(hook("expired", endpoint))
        await system.start()
        await system.until(lambda: system.jobs.dead_letters() != [])
        (letter,) = system.jobs.dead_letters()
        assert (letter.event, letter.reason, letter.attempts) == (old, "500", 2)
        assert len(endpoint.received) == 1
        await system.until(lambda: metric("retries_pending", destination="expired") == 0)
        assert metric("events_total", destination="expired", result="dead") == 1


async def test_retry_when_first_attempts_wait_then_they_go_first(tmp_path: Path) -> None:
    async def slowly(request: web.BaseRequest) -> web.StreamResponse:
        await asyncio.sleep(0.002)
        return web.Response()

    async with endpoints(slowly) as (endpoint,), delivery(tmp_path) as system:
        retried, first = events(50), events(300)
        system.jobs.advance("polite", 0, retries=[job("polite", e) for e in retried])
        system.append(first)
        system.apply(hook("polite", endpoint))
        await system.start()
        await endpoint.until_accepted(retried + first)
        arrived = [r.message_id for r in endpoint.received]
        first_retry = min(arrived.index(e.message_id) for e in retried)
        assert first_retry >= 300 - 16, "only what was under way may be overtaken"
        assert len(arrived) == 350


async def test_retry_when_first_attempts_never_end_then_it_is_not_starved(tmp_path: Path) -> None:
    async def slowly(request: web.BaseRequest) -> web.StreamResponse:
        await asyncio.sleep(0.02)
        return web.Response()

    async with endpoints(slowly) as (endpoint,), delivery(tmp_path) as system:
        retried, first = [event()], events(2_500)
        system.jobs.advance("busy", 0, retries=[job("busy", e) for e in retried])
        for at in range(0, 2_500, 500):
            system.append(first[at : at + 500])
        system.apply(hook("busy", endpoint))
        await system.start()
        await endpoint.until_accepted(retried)
        assert len(endpoint.accepted) < 2_500


class Rotten(SqliteJobs):
    """Its first commit of progress finds a damaged page."""

    mended = False

    def advance(self, *arguments: object, **named: object) -> None:
        if not self.mended and arguments[1]:
            self.mended = True
            raise CorruptionError("page 7")
        super().advance(*arguments, **named)  # type: ignore[arg-type]


async def test_courier_when_it_breaks_then_it_comes_back_and_the_others_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "CRASH_PAUSE_S", 0.05)
    async with endpoints(ok) as (endpoint,), delivery(tmp_path) as system:
        system.apply(hook("broken", endpoint))
        jobs = Rotten(tmp_path / "delivery.db", lambda: ParquetLetters(tmp_path / "lake"))
        await system.start(jobs)
        sent = events(20)
        system.append(sent)
        await system.until(lambda: system.jobs.positions().get("broken") == system.log.end())
        assert jobs.mended
        assert {r.message_id for r in endpoint.received} == {e.message_id for e in sent}
        later = events(5)
        system.append(later)
        await endpoint.until_accepted(later)
        await system.stop()
        jobs.close()


async def test_run_when_cancelled_then_what_was_delivered_is_committed(tmp_path: Path) -> None:
    async with endpoints(ok) as (endpoint,), delivery(tmp_path) as system:
        system.apply(hook("cancelled", endpoint))
        await system.start()
        sent = events(20)
        system.append(sent)
        await endpoint.until_accepted(sent)
        await system.until(lambda: metric("in_flight", destination="cancelled") == 0)
        await system.cancel()
        assert system.jobs.positions() == {"cancelled": system.log.end()}


async def test_idle_when_only_a_distant_retry_waits_then_no_work_is_done(tmp_path: Path) -> None:
    async with endpoints(ok) as (endpoint,), delivery(tmp_path) as system:
        system.jobs.advance("idle", 0, retries=[job("idle", event(), due_in_s=3_600)])
        system.apply(*(hook(f"idle{n or ''}", endpoint) for n in range(20)))
        await system.start()
        sent = [event()]
        system.append(sent)
        await endpoint.until(lambda: len(endpoint.accepted) == 20)
        await asyncio.sleep(0.3)  # commits and the bells they ring
        used_s = time.process_time()
        await asyncio.sleep(1)
        assert time.process_time() - used_s < 0.02


async def test_revive_when_a_running_delivery_is_asked_to_try_letters_again_then_they_arrive_at_once(
    tmp_path: Path,
) -> None:
    """The asker is another process: it changes the store, and the bell says so."""
    async with endpoints(ok) as (endpoint,), delivery(tmp_path) as system:
        died = events(5)
        dead = [DeadLetter("mended", each, 9, 1, 2, "404", "") for each in died]
        system.jobs.advance("mended", 0, dead=dead)
        system.apply(hook("mended", endpoint))
        await system.start()
        asker = SqliteJobs(tmp_path / "delivery.db", lambda: ParquetLetters(tmp_path / "lake"))
        now_ms = time.time_ns() // 1_000_000
        assert asker.revive([letter.id for letter in asker.dead_letters()], at_ms=now_ms) == 5
        asker.close()
        await endpoint.until_accepted(died)
        await system.until(lambda: metric("retries_pending", destination="mended") == 0)
        assert system.jobs.standings() == {}


async def test_retry_when_the_clock_was_wrong_and_is_set_then_it_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    behaviours = iter([answer(503)])

    async def once(request: web.BaseRequest) -> web.StreamResponse:
        return await next(behaviours, ok)(request)

    now_ms, day_ms, asked = retries._now_ms, 86_400_000, asyncio.Event()

    def yesterday() -> int:
        asked.set()
        return now_ms() - day_ms

    monkeypatch.setattr(retries, "_now_ms", yesterday)
    monkeypatch.setattr(retries, "PAUSE_S_MAX", 0.05)
    async with endpoints(once) as (endpoint,), delivery(tmp_path) as system:
        system.apply(hook("clock", endpoint))
        await system.start()
        system.append([event()])
        await asked.wait()
        monkeypatch.setattr(retries, "_now_ms", now_ms)
        await endpoint.until(lambda: len(endpoint.accepted) == 1)
