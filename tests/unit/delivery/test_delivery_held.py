"""The window over the log: what may be committed when."""

import random

from headwater.delivery import held
from headwater.delivery.held import Held
from headwater.delivery.jobs import Job
from headwater.event import OutboundEvent

EVENT = OutboundEvent(0, 0, "m1", "track", None, None, "ann", None, None, None, "web", 0, 0, None, None, b"{}")


def job(reason: str) -> Job:
    return Job("crm", EVENT, 1, 0, 0, reason)


def test_finished_when_nothing_is_held_then_none() -> None:
    window = Held()
    assert window.finished() is None
    assert not window.any_finished


def test_finished_when_a_later_record_is_done_first_then_waits_for_the_earlier() -> None:
    window = Held()
    first, second = window.add(7, events=1, size_bytes=10), window.add(8, events=1, size_bytes=10)
    second.retries.append(job("second"))
    second.unfinished = 0
    assert window.finished() is None
    first.retries.append(job("first"))
    first.unfinished = 0
    finished = window.finished()
    assert finished
    assert (finished.offset, finished.records) == (9, 2)
    assert [j.reason for j in finished.retries] == ["first", "second"]


def test_finished_when_records_hold_nothing_for_this_destination_then_they_pass() -> None:
    window = Held()
    window.add(3, events=0, size_bytes=0)
    window.add(9, events=0, size_bytes=0)  # offsets may have gaps
    finished = window.finished()
    assert finished
    assert finished.offset == 10


def test_release_when_more_finished_meanwhile_then_only_what_was_committed_goes() -> None:
    window = Held()
    first, second = window.add(0, events=2, size_bytes=10), window.add(1, events=3, size_bytes=20)
    first.unfinished = 0
    committed = window.finished()
    assert committed
    second.unfinished = 0
    window.release(committed)
    assert (window.events, window.size_bytes) == (3, 20)
    rest = window.finished()
    assert rest
    assert rest.offset == 2


def test_room_when_events_or_bytes_reach_the_bound_then_none_until_released() -> None:
    for events, size_bytes in ((held.EVENTS_MAX, 0), (1, held.BYTES_MAX)):
        window = Held()
        record = window.add(0, events=events, size_bytes=size_bytes)
        assert (window.has_room, window.events) == (False, events)
        record.unfinished = 0
        finished = window.finished()
        assert finished
        window.release(finished)
        assert (window.has_room, window.events, window.size_bytes) == (True, 0, 0)


def test_window_when_events_finish_in_any_order_then_every_failure_is_committed_once_and_in_its_record() -> None:
    seed = random.randrange(1 << 32)
    print(f"seed {seed}")  # noqa: T201 - shown when the test fails
    dice = random.Random(seed)
    window, committed, position = Held(), list[str](), 0
    records = [window.add(offset, events=dice.randint(0, 4), size_bytes=1) for offset in range(200)]
    attempts = [record for record in records for _ in range(record.events)]
    dice.shuffle(attempts)
    for record in attempts:
        record.retries.append(job(str(record.offset)))
        record.unfinished -= 1
        if dice.random() < 0.3 and (finished := window.finished()):
            assert all(r.unfinished == 0 for r in records[: finished.offset])
            committed += [j.reason for j in finished.retries]
            window.release(finished)
            position = finished.offset
    if finished := window.finished():
        committed += [j.reason for j in finished.retries]
        position = finished.offset
    assert position == 200
    assert sorted(committed) == sorted(str(record.offset) for record in attempts)
