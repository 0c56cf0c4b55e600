"""What a replay reads of the lake is what a simple loop over all events would choose, in order, once."""

from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb
import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headwater.event import OutboundEvent
from headwater.lake.parquet import ParquetLake
from headwater.replay import selection
from headwater.replay.marking import through_pipeline, to_destination
from headwater.replay.port import Asked, Bounds, Replay
from headwater.replay.selection import Rows

PER_RECORD = 7
SOURCES = st.sampled_from(["web", "app"])
NAMES = st.sampled_from(["Order", "View"])


def event(
    place: int, *, source: str = "web", name: str = "Order", at_ms: int = 1_000, **more: Any
) -> OutboundEvent:
    body = {
        "type": "track",
        "messageId": f"m{place}",
        "event": name,
        "properties": {"total": place},
        "context": {"consent": {"categoryPreferences": {"ads": False}}, "ip": "192.0.2.1"},
        "integrations": {"crm": False},
        "custom": [1, 2.50],
    } | more
    return OutboundEvent(
        place // PER_RECORD, place % PER_RECORD, f"m{place}", "track", name, None, "ann", None, None, "use_1",
        source, at_ms, at_ms, None, None, msgspec.json.encode(body), b'{"stage":"govern","outcome":"fine"}',
    )  # fmt: skip


def lake_of(folder: Path, events: list[OutboundEvent], files: int) -> ParquetLake:
    lake = ParquetLake(folder)
    size = max(1, -(-len(events) // files))
    for n, at in enumerate(range(0, len(events), size)):
        lake.write(n, n, [lake.pack(events[at : at + size])])
    return lake


def read_all(lake: ParquetLake, asked: Asked, fixed: Bounds, rows_max: int) -> list[OutboundEvent]:
    found: list[OutboundEvent] = []
    with closing(Rows(lake, asked, fixed)) as rows:
        cursor, is_end = "", False
        while not is_end:
            page = rows.page(cursor, rows_max)
            assert len(page.events) <= rows_max
            assert page.cursor != cursor, "it would never end"
            found, cursor, is_end = found + page.events, page.cursor, page.is_end
    return found


@settings(max_examples=25)
@given(
    chosen=st.lists(st.tuples(SOURCES, NAMES, st.integers(0, 5)), max_size=60),
    gaps=st.lists(st.integers(1, 4_000), max_size=60),
    sources=st.sets(SOURCES),
    names=st.sets(NAMES),
    since=st.none() | st.integers(0, 5),
    until=st.none() | st.integers(0, 5),
    rows_max=st.integers(1, 9),
    files=st.integers(1, 4),
)
def test_rows_when_read_in_pages_then_they_are_what_a_loop_would_choose(
    tmp_path_factory: pytest.TempPathFactory,
    chosen: list[tuple[str, str, int]],
    gaps: list[int],
    sources: set[str],
    names: set[str],
    since: int | None,
    until: int | None,
    rows_max: int,
    files: int,
) -> None:
    places = [sum(gaps[:n]) if n < len(gaps) else sum(gaps) + n for n in range(len(chosen))]
    events = [
        event(place, source=source, name=name, at_ms=1_000 * at)
        for place, (source, name, at) in zip(places, chosen, strict=True)
    ]
    lake = lake_of(tmp_path_factory.mktemp("lake"), events, files)
    asked = Asked(sources=tuple(sources), events=tuple(names))
    since_ms, until_ms = (None if at is None else 1_000 * at for at in (since, until))
    fixed = selection.bounds(lake, asked, since_ms=since_ms, until_ms=until_ms)
    expected = [
        each
        for each in events
        if (not sources or each.source in sources)
        and (not names or each.event in names)
        and (since_ms is None or each.received_at_ms >= since_ms)
        and (until_ms is None or each.received_at_ms < until_ms)
    ]
    assert read_all(lake, asked, fixed, rows_max) == expected
    assert fixed.rows == len(expected)


def test_rows_when_files_are_merged_meanwhile_then_nothing_is_read_twice_or_left_out(tmp_path: Path) -> None:
    events = [event(place) for place in range(200)]
    lake = lake_of(tmp_path, events, 40)
    fixed = selection.bounds(lake, Asked(), since_ms=None, until_ms=None)
    found: list[OutboundEvent] = []
    with closing(Rows(lake, Asked(), fixed)) as rows:
        cursor, is_end = "", False
        while not is_end:
            page = rows.page(cursor, 30)
            found, cursor, is_end = found + page.events, page.cursor, page.is_end
            lake.compact()
            lake._drop_covered(at_once=True)
    assert found == events


def test_rows_when_more_is_accepted_after_the_replay_was_asked_for_then_it_is_not_drawn_in(tmp_path: Path) -> None:
    lake = lake_of(tmp_path, [event(place) for place in range(20)], 2)
    fixed = selection.bounds(lake, Asked(), since_ms=None, until_ms=None)
    lake.write(9, 9, [lake.pack([event(place) for place in range(21, 60)])])
    assert len(read_all(lake, Asked(), fixed, 7)) == 20


def test_rows_when_the_lake_is_empty_then_there_are_none(tmp_path: Path) -> None:
    lake = ParquetLake(tmp_path)
    fixed = selection.bounds(lake, Asked(), since_ms=None, until_ms=None)
    assert read_all(lake, Asked(), fixed, 7) == []


def test_mark_when_it_goes_to_one_destination_then_only_integrations_and_the_mark_differ() -> None:
    replay = Replay("rp_1", Asked(to="crm"), Bounds(None, None, 1, 1), 1_700_000_000_000, "ann")
    before = event(3)
    after = to_destination(before, replay)
    was, is_ = msgspec.json.decode(before.body), msgspec.json.decode(after.body)
    assert is_["integrations"] == {"All": False, "crm": True}
    assert is_["context"] == was["context"] | {"replay": {"id": "rp_1", "at": "2023-11-14T22:13:20.000Z"}}
    assert {k: v for k, v in is_.items() if k not in {"integrations", "context"}} == {
        k: v for k, v in was.items() if k not in {"integrations", "context"}
    }
    assert b'"custom":[1,2.5]' in after.body
    assert after.destinations == ("crm",)
    assert (after.offset, after.index, after.message_id) == (before.offset, before.index, before.message_id)
    assert b'"outcome":"fine"},{"stage":"replay","outcome":"sent again","id":"rp_1"' in after.trace


@pytest.mark.parametrize("context", [None, [], "x"])
def test_mark_when_the_context_is_no_object_then_there_is_one(context: Any) -> None:
    replay = Replay("rp_1", Asked(to="crm"), Bounds(None, None, 1, 1), 0, "ann")
    body = msgspec.json.decode(to_destination(event(3, context=context), replay).body)
    assert body["context"] == {"replay": {"id": "rp_1", "at": "1970-01-01T00:00:00.000Z"}}


def test_mark_when_it_goes_through_the_pipeline_then_integrations_stay() -> None:
    replay = Replay("rp_1", Asked(), Bounds(None, None, 1, 1), 5, "ann")
    request = through_pipeline(event(3), replay)
    body = msgspec.json.decode(request.body)
    assert body["integrations"] == {"crm": False}
    assert body["context"]["replay"]["id"] == "rp_1"
    assert request.replayed.startswith('{"kind":"again"')


def test_rows_when_a_file_is_damaged_then_that_is_said_and_not_tried_for_ever(tmp_path: Path) -> None:
    lake = lake_of(tmp_path, [event(place) for place in range(20)], files=2)
    asked = Asked()
    fixed = selection.bounds(lake, asked, since_ms=None, until_ms=None)
    lake.files()[0].write_bytes(b"no parquet at all")
    with closing(Rows(lake, asked, fixed)) as rows, pytest.raises(duckdb.Error):
        rows.page("")
