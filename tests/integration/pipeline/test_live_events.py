"""Events as they arrive and what becomes of them, beside a pipeline that works."""

import contextlib
import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flowing import collect, drain, running, until, workspace

from headwater import limits
from headwater.config.tracking_plans import Controls, Rule, RuleType, TrackingPlan
from headwater.event import CollectedRequest, encode_collected
from headwater.profiles.embedded import embedded
from headwater.serve.lasting_view import LastingView
from headwater.serve.observe.live.event import LiveEvent
from headwater.serve.observe.live.reading import LogPlace, Reading
from headwater.serve.observe.live.tail import Tail
from headwater.serve.observe.live.unsettled import WAITED_S
from headwater.serve.observe.live.watcher import Wanted, Watcher


def sent(*events: Any, **given: Any) -> bytes:
    body = json.dumps({"batch": list(events), "writeKey": "wk_website"}).encode()
    usual = CollectedRequest(1_767_323_045_678, "website", "batch", "", "", False, body, len(events), len(body))
    return encode_collected(usual if not given else CollectedRequest(**(_fields(usual) | given)))


def _fields(request: CollectedRequest) -> dict[str, Any]:
    return {name: getattr(request, name) for name in request.__struct_fields__}


def track(number: int, **given: Any) -> dict[str, Any]:
    return {"type": "track", "event": "A", "userId": "u1", "messageId": f"m{number}"} | given


@contextlib.contextmanager
def reading(data: Path, at: LogPlace | None = None, **given: Any) -> Iterator[Reading]:
    platform = embedded(data)
    view = LastingView(platform.state_view)
    with (
        contextlib.closing(view),
        contextlib.closing(platform.collected()) as collected,
        contextlib.closing(platform.outbound()) as outbound,
    ):
        yield Reading(collected, outbound, view, at, **given)


def read(reading: Reading, wanted: int) -> list[LiveEvent]:
    """So many events, whenever they come."""
    found: list[LiveEvent] = []

    def is_enough() -> bool:
        found.extend(reading.step(events_max=1_000).events)
        return len(found) >= wanted

    until(is_enough)
    return found


def outcomes(events: list[LiveEvent]) -> dict[str, str]:
    return {each.place: each.outcome for each in events}


def test_live_when_events_end_in_every_way_then_each_is_told_with_its_end(tmp_path: Path) -> None:
    with reading(tmp_path) as live, running(tmp_path):
        collect(tmp_path, sent(track(1), track(1), {"type": "track", "event": "A"}, 7), sent(track(2)))
        told = read(live, 5)
    assert outcomes(told) == {
        "0.0": "accepted",
        "0.1": "duplicate",
        "0.2": "no_user_anon_id",
        "0.3": "event_not_object",
        "1.0": "accepted",
    }
    by_place = {each.place: each for each in told}
    assert by_place["0.0"].profile_id
    assert by_place["0.2"].dead_letter == "0.2"
    assert by_place["0.2"].stage == "normalise"
    assert by_place["0.1"].dead_letter is None


def test_live_when_a_request_is_refused_whole_then_each_of_its_events_is_told(tmp_path: Path) -> None:
    with contextlib.closing(embedded(tmp_path).config()) as config:
        config.put(workspace(enabled=False), author="test")
    with reading(tmp_path) as live, running(tmp_path):
        collect(tmp_path, sent(track(1), track(2)))
        told = read(live, 2)
    assert outcomes(told) == {"0.0": "source_disabled", "0.1": "source_disabled"}
    assert {each.dead_letter for each in told} == {"0.-1"}


def test_live_when_a_plan_blocks_then_the_reason_is_told(tmp_path: Path) -> None:
    strict = Controls(allow_unplanned_events=False)
    plan = TrackingPlan("shop", rules=(Rule(RuleType.TRACK, "B"),), controls=strict)
    shop = workspace()
    source = type(shop.sources[0])("website", write_key="wk_website", tracking_plan="shop")
    with contextlib.closing(embedded(tmp_path).config()) as config:
        config.put(
            type(shop)("shop", settings=shop.settings, sources=(source,), tracking_plans=(plan,)), author="t"
        )
    with reading(tmp_path) as live, running(tmp_path):
        collect(tmp_path, sent(track(1)))
        (told,) = read(live, 1)
    assert (told.outcome, told.stage) == ("unplanned", "govern")
    assert "'A'" in told.detail


def test_live_when_no_pipeline_works_then_events_wait_and_are_told_again_when_one_does(tmp_path: Path) -> None:
    clock = time.monotonic
    ahead = [0.0]
    with reading(tmp_path, clock=lambda: clock() + ahead[0]) as live:
        collect(tmp_path, sent(track(1)))
        assert live.step(events_max=10).events == []
        assert live.due_in_s() is not None
        ahead[0] = WAITED_S
        (waiting,) = live.step(events_max=10).events
        assert (waiting.place, waiting.outcome) == ("0.0", "waiting")
        assert live.step(events_max=10).events == [], "once is enough"
        drain(tmp_path)
        (accepted,) = read(live, 1)
        assert (accepted.place, accepted.outcome) == ("0.0", "accepted")
        assert live.due_in_s() is None, "nothing is left to look for"


def test_live_when_events_are_told_then_their_write_key_is_not(tmp_path: Path) -> None:
    event = {"type": "track", "event": "A", "writeKey": "wk_website"}
    with reading(tmp_path) as live, running(tmp_path):
        collect(tmp_path, sent(event))
        (told,) = read(live, 1)
    assert b"wk_website" not in bytes(told.body)


def test_live_when_a_body_has_line_breaks_then_it_is_told_without(tmp_path: Path) -> None:
    body = b'{\n "type": "track",\r\n "event": "A"}'
    with reading(tmp_path) as live, running(tmp_path):
        collect(tmp_path, sent({}, call="track", body=body, events=1))
        (told,) = read(live, 1)
    assert bytes(told.body) == b'{"type":"track","event":"A"}'


def test_live_when_more_comes_than_is_looked_at_then_the_rest_is_counted_and_jumped_over(tmp_path: Path) -> None:
    with reading(tmp_path) as live:
        for first in range(0, 2_000, 500):
            collect(tmp_path, sent(*(track(n) for n in range(first, first + 500))))
        drain(tmp_path)
        collect(tmp_path, *(sent(track(n)) for n in range(2_000, 2_010)))
        drain(tmp_path)
        step = live.step(events_max=500)
        assert len(step.events) == 500
        assert 1_510 <= step.not_looked <= 2_010, "a log counts by frames"
        assert live.step(events_max=500).events == []


def test_live_when_a_watcher_comes_back_then_it_is_shown_what_it_has_missed(tmp_path: Path) -> None:
    with running(tmp_path):
        with reading(tmp_path) as live:
            collect(tmp_path, sent(track(1)))
            read(live, 1)
            place = live.place
        collect(tmp_path, sent(track(2), track(2)))
        with reading(tmp_path, LogPlace.read(str(place))) as live:
            assert outcomes(read(live, 2)) == {"1.0": "accepted", "1.1": "duplicate"}


class Watching:
    """A watcher that is filled by a tail, and what it was told."""

    def __init__(self, tail: Tail, wanted: Wanted, since: LogPlace | None = None) -> None:
        self._woken = threading.Event()
        self.watcher: Watcher = tail.watch(wanted, self._woken.set, since)
        self.told: list[LiveEvent] = []
        self.closed_for = ""
        # "From now on" is when the tail has seen this watcher: what is sent before that may be missed.
        until(lambda: tail._watchers.get(self.watcher, True))

    def wait_for(self, count: int) -> list[LiveEvent]:
        while len(self.told) < count and not self.closed_for:
            assert self._woken.wait(30), "it was never woken"
            self._woken.clear()
            taken = self.watcher.take()
            self.told += taken.events
            self.closed_for = taken.closed_for
        return self.told


@pytest.fixture
def tail(tmp_path: Path) -> Iterator[Tail]:
    platform = embedded(tmp_path)
    view = LastingView(platform.state_view)
    with contextlib.closing(view), contextlib.closing(Tail(platform.collected, platform.outbound, view)) as opened:
        yield opened


def test_tail_when_several_watch_then_each_gets_what_it_asked_for(tmp_path: Path, tail: Tail) -> None:
    with running(tmp_path):
        everything, duplicates = Watching(tail, Wanted()), Watching(tail, Wanted(outcome="dropped"))
        collect(tmp_path, sent(track(1), track(1)))
        assert len(everything.wait_for(2)) == 2
        assert [each.outcome for each in duplicates.wait_for(1)] == ["duplicate"]


def test_tail_when_nobody_watches_any_more_then_no_bell_hangs(tmp_path: Path, tail: Tail) -> None:
    def bells() -> list[Path]:
        return list((tmp_path / "bells").glob("log-*"))

    assert not tail.is_running
    watching = Watching(tail, Wanted())
    until(lambda: len(bells()) == 2)
    tail.leave(watching.watcher)
    until(lambda: not bells())
    until(lambda: not tail.is_running)
    again = Watching(tail, Wanted())
    until(lambda: len(bells()) == 2)
    tail.leave(again.watcher)


def test_tail_when_it_is_closed_then_everybody_hears_it(tmp_path: Path, tail: Tail) -> None:
    watching = Watching(tail, Wanted())
    tail.close()
    watching.wait_for(1)
    assert watching.closed_for == "stopping"
    assert not tail.is_running


def test_tail_when_somebody_comes_back_then_what_was_missed_comes_first(tmp_path: Path, tail: Tail) -> None:
    with running(tmp_path):
        first = Watching(tail, Wanted())
        collect(tmp_path, sent(track(1)))
        first.wait_for(1)
        place = first.watcher.take().place
        tail.leave(first.watcher)
        collect(tmp_path, sent(track(2)))
        second = Watching(tail, Wanted(), place)
        assert [each.message_id for each in second.wait_for(1)] == ["m2"]


def test_unsettled_when_requests_are_many_bytes_then_the_oldest_are_forgotten(tmp_path: Path) -> None:
    big = {"properties": {"text": "x" * 30_000}}
    count = limits.observe.LIVE_UNSETTLED_BYTES_MAX // 30_000 + 50
    with reading(tmp_path) as live:
        collect(tmp_path, *(sent(track(n, **big)) for n in range(count)))
        for _ in range(10):
            live.step(events_max=10)
        assert live.place.collected >= 50
