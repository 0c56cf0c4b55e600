"""Rebuild: delete everything that is known of people, derive it from the lake, and get the same bytes."""

import contextlib
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from flowing import collect, drain, find
from peopled import DAY, batch, collect_all, drain_singly, log, order, tables_of, told, workspace

from headwater.aggregation import tables
from headwater.profiles.embedded import embedded
from headwater.rebuild import Progress, rebuild

NOT_REBUILT = {tables.SYNCED, tables.FAN_OUTS}
"""What destinations were told is a fact of its own: a rebuild leaves it alone, and cannot bring it back."""


def rebuild_in(data: Path) -> Progress:
    platform = embedded(data)
    with contextlib.closing(platform.state()) as state, contextlib.closing(platform.outbound()) as outbound:
        (*_, last) = rebuild(state, platform.lake(), outbound, workspace(), 1)
    return last


def nothing(_: Path) -> None:
    pass


def without_state(data: Path) -> None:
    shutil.rmtree(data / "state")


def without_lake(data: Path) -> None:
    shutil.rmtree(data / "lake")


def without_both(data: Path) -> None:
    without_state(data)
    without_lake(data)


@pytest.mark.parametrize("lose", [nothing, without_state, without_lake, without_both])
def test_rebuild_when_anything_was_lost_then_profiles_are_the_same_to_the_byte(
    lose: Callable[[Path], None], tmp_path: Path
) -> None:
    collect_all(tmp_path)
    drain_singly(tmp_path)
    before = tables_of(tmp_path)
    found = find(tmp_path)
    assert all(
        before[name] for name in (tables.PROFILES, tables.MERGED, tables.SEVERED, tables.LINKS, tables.SYNCED)
    )
    lose(tmp_path)
    done = rebuild_in(tmp_path)
    after = tables_of(tmp_path)
    if lose in {without_state, without_both}:
        assert after.pop(tables.SYNCED) == {}
        before = {name: rows for name, rows in before.items() if name != tables.SYNCED}
    assert after == before
    assert (done.events, done.profiles, done.broken) == (len(found.lake), len(before[tables.PROFILES]), 0)
    assert find(tmp_path).position == found.position


def test_rebuild_when_the_pipeline_goes_on_then_it_does_as_if_nothing_had_happened(tmp_path: Path) -> None:
    rebuilt, untouched = tmp_path / "rebuilt", tmp_path / "untouched"
    for data in (rebuilt, untouched):
        collect_all(data)
        drain(data)
    sent = told(rebuilt)
    rebuild_in(rebuilt)
    for data in (rebuilt, untouched):
        again = batch(22 * DAY, order("o5", 1, anonymousId="a2"), order("o6", 23, userId="ann"))
        collect(data, again, *log()[-1:])
        drain(data)
    assert tables_of(rebuilt) == tables_of(untouched)
    assert [event.message_id for event in told(rebuilt)] == [event.message_id for event in told(untouched)]
    assert len(told(rebuilt)) > len(sent), "and tells what is new"
    assert "o5" in find(rebuilt).outbound
    assert find(rebuilt).outbound == find(untouched).outbound, "o5 was there before: dedupe remembers"
