"""Events per source and outcome: in all, and by the hour."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from headwater import limits
from headwater.processing.totals import HourCount, Totals, read, read_hours
from headwater.state.port import Commit
from headwater.state.rocksdb import RocksState
from headwater.units import HOUR_MS

NOON_MS = 490_000 * HOUR_MS


@pytest.fixture
def state(tmp_path: Path) -> Iterator[RocksState]:
    with contextlib.closing(RocksState(tmp_path / "state")) as opened:
        yield opened


def count(state: RocksState, totals: Totals, at_ms: int, **outcomes: int) -> None:
    counts = {("web", outcome): events for outcome, events in outcomes.items()}
    state.commit(Commit(1, totals.changes(counts, at_ms=at_ms)))
    totals.counted(counts)


def test_totals_when_counted_in_several_batches_then_hours_add_up(state: RocksState) -> None:
    totals = Totals(state)
    count(state, totals, NOON_MS, accepted=2, duplicate=1)
    count(state, totals, NOON_MS + HOUR_MS - 1, accepted=3)
    count(state, totals, NOON_MS + HOUR_MS, accepted=4)
    assert read(state) == {("web", "accepted"): 9, ("web", "duplicate"): 1}
    assert read_hours(state, from_ms=0) == [
        HourCount(NOON_MS, "web", "accepted", 5),
        HourCount(NOON_MS, "web", "duplicate", 1),
        HourCount(NOON_MS + HOUR_MS, "web", "accepted", 4),
    ]
    assert read_hours(state, from_ms=NOON_MS + HOUR_MS + 5) == [HourCount(NOON_MS + HOUR_MS, "web", "accepted", 4)]


def test_totals_when_begun_anew_then_they_go_on(state: RocksState) -> None:
    count(state, Totals(state), NOON_MS, accepted=2)
    count(state, Totals(state), NOON_MS, accepted=2)
    assert read(state) == {("web", "accepted"): 4}
    assert [each.events for each in read_hours(state, from_ms=0)] == [4]


def test_totals_when_hours_are_too_old_then_they_go(state: RocksState) -> None:
    totals = Totals(state)
    count(state, totals, NOON_MS, accepted=2)
    count(state, totals, NOON_MS + HOUR_MS, accepted=2)
    count(state, totals, NOON_MS + (limits.processing.EVENT_HOURS_KEPT + 1) * HOUR_MS, accepted=1)
    assert [each.hour_ms for each in read_hours(state, from_ms=0)] == [
        NOON_MS + HOUR_MS,
        NOON_MS + (limits.processing.EVENT_HOURS_KEPT + 1) * HOUR_MS,
    ]


def test_totals_when_nobody_knows_when_then_they_belong_to_no_hour(state: RocksState) -> None:
    count(state, Totals(state), 0, accepted=2)
    assert read(state) == {("web", "accepted"): 2}
    assert read_hours(state, from_ms=0) == []
