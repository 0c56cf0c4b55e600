"""The pipeline at work: live settings, disks that refuse, poison, retention, and a clean end."""

import contextlib
import os
import threading
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import pytest
from flowing import (
    Ports,
    assert_exactly_once,
    collect,
    drain,
    find,
    outbound_events,
    put,
    request,
    running,
    until,
    workspace,
)
from prometheus_client import REGISTRY

from headwater import pipeline as pipeline_module
from headwater.errors import StorageError
from headwater.event import decode_collected, encode_collected
from headwater.flow import Context, DeadLetter, Effects, Stage
from headwater.flowing import FlowingEvent
from headwater.lake.query import connect
from headwater.log.sqlite import SqliteLog
from headwater.processing import archive, dead_letters, normalise
from headwater.profiles.embedded import embedded


def outbound_ids(data: Path) -> list[str]:
    with contextlib.closing(embedded(data).outbound()) as log:
        return [event.message_id for event in outbound_events(log)]


def wait_for_outbound(data: Path, count: int) -> None:
    """Returns when the outbound log has so many events; woken by its bell."""
    with (
        contextlib.closing(embedded(data).outbound()) as log,
        contextlib.closing(log.listen()) as bell,
    ):
        while len(outbound_events(log)) < count:
            assert bell.wait(30), "nothing came"
            bell.clear()


def processed(data: Path) -> int:
    """Up to which offset the pipeline reports to have come; it does so whenever it comes to rest."""
    with contextlib.closing(embedded(data).collected()) as log:
        return log.readers().get("pipeline", 0)


def in_lake(data: Path) -> int:
    with connect(embedded(data).lake()) as connection:
        row = connection.execute("SELECT count(*) FROM events").fetchone()
    assert row
    return int(row[0])


# --- events, as they come -----------------------------------------------------------------------------------


def test_pipeline_when_idle_then_the_next_request_wakes_it(tmp_path: Path) -> None:
    with running(tmp_path):
        for number in range(3):
            collect(tmp_path, request(number))
            wait_for_outbound(tmp_path, 2 * (number + 1))
    assert_exactly_once(find(tmp_path), 3)


def test_pipeline_when_told_to_stop_then_finishes_what_was_collected_and_its_files(tmp_path: Path) -> None:
    put(tmp_path, workspace(lake_visible_s=3600))
    collect(tmp_path, *map(request, range(50)))
    drain(tmp_path)
    assert_exactly_once(find(tmp_path), 50)


def test_lake_when_events_wait_then_they_are_visible_in_time_without_new_ones(tmp_path: Path) -> None:
    put(tmp_path, workspace(lake_visible_s=0.2))
    with running(tmp_path):
        collect(tmp_path, request())
        wait_for_outbound(tmp_path, 2)
        until(lambda: in_lake(tmp_path) == 2)


def test_lake_when_nothing_is_due_then_no_file_yet(tmp_path: Path) -> None:
    put(tmp_path, workspace(lake_visible_s=3600))
    with running(tmp_path):
        collect(tmp_path, request())
        wait_for_outbound(tmp_path, 2)
        assert in_lake(tmp_path) == 0
    assert in_lake(tmp_path) == 2


def test_workspace_when_a_source_is_disabled_and_enabled_then_the_next_events_follow(tmp_path: Path) -> None:
    with running(tmp_path) as system:
        collect(tmp_path, request(0))
        wait_for_outbound(tmp_path, 2)
        put(tmp_path, workspace(enabled=False))
        until(lambda: system.live.version == 2)
        collect(tmp_path, request(1))
        until(lambda: processed(tmp_path) == 2)
        put(tmp_path, workspace())
        until(lambda: system.live.version == 3)
        collect(tmp_path, request(2))
        wait_for_outbound(tmp_path, 4)
    found = find(tmp_path)
    assert found.outbound == ["0.0", "0.1", "2.0", "2.1"]
    assert found.totals["website", "source_disabled"] == 3


def test_workspace_when_a_source_is_disabled_then_its_requests_wait_whole_among_the_dead_letters(
    tmp_path: Path,
) -> None:
    put(tmp_path, workspace(enabled=False))
    collect(tmp_path, request(0), request(1))
    drain(tmp_path)
    found = find(tmp_path)
    assert found.totals == {("website", "source_disabled"): 6}
    assert [(letter.offset, letter.index) for letter in found.dead] == [(1, -1), (0, -1)]
    assert [decode_collected(letter.payload) for letter in found.dead] == [
        decode_collected(request(1)),
        decode_collected(request(0)),
    ]
    assert found.outbound == found.lake == []


# --- what is broken -----------------------------------------------------------------------------------------


def test_record_when_it_is_no_request_then_buried_and_counted_and_the_others_go_on(tmp_path: Path) -> None:
    collect(tmp_path, request(0), b"\xc1 no msgpack", request(1), b"")
    drain(tmp_path)
    found = find(tmp_path)
    assert found.outbound == ["0.0", "0.1", "1.0", "1.1"]
    assert found.position == 4
    assert found.totals["", "poison"] == 2
    broken = [letter for letter in found.dead if letter.stage == "collected"]
    assert [(letter.offset, letter.index, letter.payload) for letter in broken] == [
        (3, -1, b""),
        (1, -1, b"\xc1 no msgpack"),
    ]


def test_stage_when_one_event_is_poison_then_only_that_one_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def picky(items: Sequence[FlowingEvent], context: Context, effects: Effects) -> list[FlowingEvent]:
        for flowing in items:
            effects.counts[flowing.source, "looked at"] += 1
            if flowing.event.message_id == "3.1":
                raise ZeroDivisionError
        return list(items)

    def bury(flowing: FlowingEvent, error: BaseException) -> DeadLetter:
        return DeadLetter(
            flowing.offset, flowing.index, "picky", "poison", repr(error), flowing.source, "event", 0, b"{}"
        )

    at = pipeline_module.STAGES.index(normalise.STAGE) + 1
    stages = (*pipeline_module.STAGES[:at], Stage("picky", picky, bury), *pipeline_module.STAGES[at:])
    monkeypatch.setattr(pipeline_module, "STAGES", stages)
    collect(tmp_path, *(request(number, bad=0) for number in range(6)))
    drain(tmp_path)
    found = find(tmp_path)
    assert found.outbound == [f"{number}.{n}" for number in range(6) for n in range(2) if (number, n) != (3, 1)]
    assert found.lake == found.outbound
    assert found.totals == {
        ("website", "accepted"): 11,
        ("website", "looked at"): 11,
        ("website", "poison"): 1,
    }
    [letter] = found.dead
    assert (letter.stage, letter.offset, letter.index) == ("picky", 3, 1)


def test_dead_letters_when_there_are_too_many_then_the_oldest_go_and_are_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dead_letters, "Shelf", partial(dead_letters.Shelf, letters_max=4))
    dropped = REGISTRY.get_sample_value("headwater_dead_letters_dropped_total") or 0.0
    for number in range(3):
        collect(tmp_path, request(number, bad=3))
        drain(tmp_path)
    found = find(tmp_path)
    assert [(letter.offset, letter.index) for letter in found.dead] == [(2, 4), (2, 3), (2, 2), (1, 4)]
    assert found.totals["website", "no_user_anon_id"] == 9, "the totals forget nothing"
    assert REGISTRY.get_sample_value("headwater_dead_letters_dropped_total") == dropped + 5


class Refusing:
    """A port whose verb fails a few times, before or after it has done its work."""

    def __init__(self, port: Any, verb: str, *, times: int, after: bool = False) -> None:
        self._port = port
        self._verb = verb
        self._after = after
        self.times_left = times

    def __getattr__(self, name: str) -> Any:
        call = getattr(self._port, name)
        if name != self._verb or self.times_left <= 0:
            return call

        def refused(*arguments: Any, **named: Any) -> Any:
            self.times_left -= 1
            if self._after:
                call(*arguments, **named)
            raise StorageError("no space left")

        return refused


@pytest.mark.parametrize(
    ("port", "verb", "after"),
    [
        ("collected", "read", False),
        ("state", "commit", False),
        ("outbound", "append", False),
        ("outbound", "append", True),  # durable, and yet it seemed to fail
    ],
)
def test_disk_when_it_refuses_for_a_while_then_the_pipeline_goes_on_where_it_was(
    port: str, verb: str, *, after: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipeline_module, "RETRY_S", 0.001)
    refusing: list[Refusing] = []

    def between(ports: Ports) -> Ports:
        refusing.append(Refusing(getattr(ports, port), verb, times=3, after=after))
        return ports._replace(**{port: refusing[0]})

    collect(tmp_path, *map(request, range(3)))
    with running(tmp_path, between=between):
        wait_for_outbound(tmp_path, 6)
        collect(tmp_path, request(3))
        wait_for_outbound(tmp_path, 8)
        assert refusing[0].times_left == 0
    assert_exactly_once(find(tmp_path), 4)


def test_disk_when_it_keeps_refusing_then_not_ready_with_the_reason_and_at_last_it_gives_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipeline_module, "RETRY_S", 0.001)
    collect(tmp_path, request())

    def between(ports: Ports) -> Ports:
        return ports._replace(state=Refusing(ports.state, "commit", times=1_000))

    def run_until_it_ends() -> None:
        with running(tmp_path, between=between) as system:
            until(lambda: bool(system.failures))
            assert system.health.reasons == ["no space left"]

    with pytest.raises(StorageError, match="keeps refusing"):
        run_until_it_ends()
    drain(tmp_path)
    assert_exactly_once(find(tmp_path), 1)


def test_lake_when_it_refuses_then_events_still_leave_and_it_catches_up_once_it_can(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "RETRY_S", 0.02)
    blocked = tmp_path / "lake" / "events"
    blocked.parent.mkdir()
    blocked.touch()  # a file where a folder should be
    with running(tmp_path) as system:
        for number in range(3):  # the second and third file wait for the first, the pipeline does not
            collect(tmp_path, request(number))
            wait_for_outbound(tmp_path, 2 * (number + 1))
            until(lambda: any(str(blocked) in reason for reason in system.health.reasons))
        blocked.unlink()
        until(lambda: system.health.ready)
        until(lambda: in_lake(tmp_path) == 6)
    assert_exactly_once(find(tmp_path), 3)


def test_lake_when_it_refuses_to_the_end_then_the_pipeline_stops_and_the_next_one_writes_the_file(
    tmp_path: Path,
) -> None:
    blocked = tmp_path / "lake" / "events"
    blocked.parent.mkdir()
    blocked.touch()
    with running(tmp_path) as system:
        collect(tmp_path, request())
        wait_for_outbound(tmp_path, 2)
        until(lambda: any(str(blocked) in reason for reason in system.health.reasons))
    blocked.unlink()
    drain(tmp_path)
    assert_exactly_once(find(tmp_path), 1)


# --- retention ----------------------------------------------------------------------------------------------


def test_logs_when_everybody_has_read_them_then_trimmed_by_the_workspaces_retention(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        SqliteLog.__init__, "__kwdefaults__", SqliteLog.__init__.__kwdefaults__ | {"segment_bytes_max": 1}
    )
    put(tmp_path, workspace(log_retention_s=0))
    for number in range(3):
        collect(tmp_path, request(number))
    with contextlib.closing(embedded(tmp_path).outbound()) as outbound:
        outbound.report("a slow destination", 0)
    drain(tmp_path)
    drain(tmp_path)
    with contextlib.closing(embedded(tmp_path).collected()) as collected:
        assert collected.start() > 0
        assert collected.readers()["pipeline"] == collected.end() == 3
    assert len(outbound_ids(tmp_path)) == 6, "a destination has not read them yet"
    assert_exactly_once(find(tmp_path), 3)


def test_logs_when_retention_is_long_then_kept(tmp_path: Path) -> None:
    collect(tmp_path, request())
    drain(tmp_path)
    with contextlib.closing(embedded(tmp_path).collected()) as collected:
        assert collected.start() == 0


def test_pipeline_when_it_has_stopped_then_no_thread_and_no_descriptor_is_left(tmp_path: Path) -> None:
    drain(tmp_path)
    descriptors, threads = os.listdir("/proc/self/fd"), threading.active_count()
    for number in range(3):
        collect(tmp_path, request(number))
        drain(tmp_path)
    assert threading.active_count() <= threads
    assert len(os.listdir("/proc/self/fd")) <= len(descriptors)


def test_pipeline_when_a_collectors_clock_runs_ahead_then_no_message_id_is_forgotten(tmp_path: Path) -> None:
    now_ms = time.time_ns() // 1_000_000

    def received(number: int, at_ms: int) -> bytes:
        sent = decode_collected(request(number, bad=0))
        return encode_collected(msgspec.structs.replace(sent, received_at_ms=at_ms))

    for record in (received(0, now_ms), received(1, now_ms + 10**12), received(0, now_ms)):
        collect(tmp_path, record)
        drain(tmp_path)
    found = find(tmp_path)
    assert found.outbound == ["0.0", "0.1", "1.0", "1.1"]
    assert found.totals["website", "duplicate"] == 2
