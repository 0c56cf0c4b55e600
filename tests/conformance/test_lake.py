"""What every lake engine must do. A new engine is one more entry in ENGINES."""

import contextlib
import multiprocessing
import os
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import duckdb
import msgspec
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headwater import limits
from headwater.errors import InputError, StorageError
from headwater.event import OutboundEvent
from headwater.lake import files, parquet
from headwater.lake.parquet import ParquetLake
from headwater.lake.port import Lake
from headwater.lake.query import COLUMNS, ask, connect
from headwater.serve.lake.sql import Statement, query

Step = TypeVar("Step")

INSTANT_MS = 1_767_323_045_678
RUN = limits.lake.COMPACT_FILES


def parquet_lake(folder: Path) -> Lake:
    return ParquetLake(folder / "lake")


ENGINES: dict[str, Callable[[Path], Lake]] = {"parquet": parquet_lake}


@pytest.fixture(params=ENGINES)
def open_lake(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], Lake]:
    """Opens the same lake again on every call, as another process would."""
    return lambda: ENGINES[request.param](tmp_path)


def event(number: int = 0, **fields: Any) -> OutboundEvent:
    plain = OutboundEvent(
        offset=number,
        index=0,
        message_id=f"m{number}",
        type="track",
        event="Order Completed",
        name=None,
        user_id="u1",
        anonymous_id=None,
        group_id=None,
        profile_id=None,
        source="website",
        received_at_ms=INSTANT_MS,
        timestamp_ms=INSTANT_MS,
        original_timestamp_ms=None,
        sent_at_ms=None,
        body=b'{"messageId":"m%d"}' % number,
    )
    return msgspec.structs.replace(plain, **fields)


def fill(lake: Lake, files: int, *, rows: int = 1, start: int = 0) -> None:
    """Files of so many rows, one outbound record each."""
    for at in range(start, start + files):
        lake.write(at, at, [lake.pack([event(at * rows + n) for n in range(rows)])])


def rows_of(lake: Lake, sql: str) -> list[tuple[Any, ...]]:
    with connect(lake) as connection:
        return connection.execute(sql).fetchall()


def numbers(lake: Lake) -> list[int]:
    """Which events a reader finds, in order; one found twice is twice in it."""
    return sorted(int(found[1:]) for (found,) in rows_of(lake, "SELECT message_id FROM events"))


# --- files --------------------------------------------------------------------------------------------------


def test_lake_when_empty_then_at_position_zero_and_still_a_table(open_lake: Callable[[], Lake]) -> None:
    lake = open_lake()
    assert lake.position() == 0
    assert lake.files() == []
    assert lake.compact() == 0
    assert numbers(lake) == []
    described = rows_of(lake, "SELECT column_name, column_type FROM (DESCRIBE events)")
    assert [name for name, _ in described] == list(COLUMNS)


def test_write_when_done_then_position_moves_and_others_see_it(open_lake: Callable[[], Lake]) -> None:
    lake = open_lake()
    lake.write(0, 4, [lake.pack([event(n) for n in range(7)])])
    assert (lake.position(), open_lake().position()) == (5, 5)
    lake.write(5, 5, [lake.pack([event(7)])])
    assert open_lake().position() == 6
    assert numbers(open_lake()) == list(range(8))


def test_write_when_a_range_is_written_again_then_replaced(open_lake: Callable[[], Lake]) -> None:
    lake = open_lake()
    lake.write(0, 4, [lake.pack([event(n) for n in range(5)])])
    lake.write(0, 4, [lake.pack([event(n) for n in range(5)])])
    assert numbers(lake) == list(range(5))
    assert len(lake.files()) == 1


def test_write_when_there_are_no_events_then_position_moves_all_the_same(open_lake: Callable[[], Lake]) -> None:
    lake = open_lake()
    lake.write(0, 3, [lake.pack([])])
    assert lake.position() == 4
    assert numbers(lake) == []


def test_write_when_the_disk_refuses_then_storage_error_and_nothing_changes(
    open_lake: Callable[[], Lake], tmp_path: Path
) -> None:
    lake = open_lake()
    fill(lake, 1)
    folder = next((tmp_path / "lake").glob("*/*"))
    folder.rename(folder.with_name("away"))
    folder.touch()  # a file where a folder should be: no permissions of any user help
    with pytest.raises(StorageError):
        lake.write(0, 0, [lake.pack([event(0)])])
    folder.unlink()
    folder.with_name("away").rename(folder)
    assert numbers(lake) == [0]


@given(counts=st.lists(st.integers(0, 30), min_size=1, max_size=30), compact_after=st.integers(1, 9))
@settings(max_examples=settings.default.max_examples // 10)
def test_compact_when_traffic_is_of_any_shape_then_every_event_stays_exactly_once(
    tmp_path_factory: pytest.TempPathFactory, counts: list[int], compact_after: int
) -> None:
    for engine in ENGINES.values():
        lake = engine(tmp_path_factory.mktemp("lake"))
        written = 0
        for at, count in enumerate(counts):
            lake.write(at, at, [lake.pack([event(written + n) for n in range(count)])])
            written += count
            if at % compact_after == 0:
                while lake.compact():
                    pass
        while lake.compact():
            pass
        assert numbers(lake) == list(range(written))
        assert lake.position() == len(counts)
        assert len(lake.files()) < RUN or sum(counts) >= 1_000


def test_compact_when_enough_neighbours_wait_then_fewer_files_with_the_same_rows(
    open_lake: Callable[[], Lake],
) -> None:
    lake = open_lake()
    fill(lake, RUN - 1, rows=3)
    assert lake.compact() == 0
    fill(lake, 1, rows=3, start=RUN - 1)
    before = rows_of(lake, "SELECT * FROM events ORDER BY message_id")
    assert lake.compact() == RUN - 1
    assert len(lake.files()) == 1
    assert rows_of(open_lake(), "SELECT * FROM events ORDER BY message_id") == before
    assert lake.position() == RUN


def test_compact_when_a_query_has_just_listed_the_files_then_it_can_finish(open_lake: Callable[[], Lake]) -> None:
    lake = open_lake()
    fill(lake, RUN)
    with connect(lake) as reader:
        lake.compact()
        assert reader.execute("SELECT count(*) FROM events").fetchone() == (RUN,)


def test_compact_when_the_old_files_have_been_kept_long_enough_then_they_go(
    open_lake: Callable[[], Lake], tmp_path: Path
) -> None:
    lake = open_lake()
    fill(lake, RUN)
    lake.compact()
    stored = list(tmp_path.rglob("*.parquet"))
    assert len(stored) == RUN + 1
    long_ago = time.time() - parquet.REPLACED_KEPT_S - 1
    os.utime(lake.files()[0], (long_ago, long_ago))
    lake.compact()
    assert list(tmp_path.rglob("*.parquet")) == lake.files()
    assert numbers(lake) == list(range(RUN))


def test_read_when_compaction_died_before_it_removed_anything_then_no_event_twice(
    open_lake: Callable[[], Lake],
) -> None:
    # A crash between the merged file's rename and the removal of the others leaves exactly this.
    lake = open_lake()
    fill(lake, RUN)
    lake.write(0, RUN - 1, [lake.pack([event(n) for n in range(RUN)])])
    again = open_lake()
    assert numbers(again) == list(range(RUN))
    assert len(again.files()) == 1
    assert again.position() == RUN
    fill(again, 1, start=RUN)
    assert numbers(again) == list(range(RUN + 1))


def _die_while_writing(engine: str, folder: Path, first: int) -> None:
    lake = ENGINES[engine](folder)

    files._fsync = lambda _: os._exit(9)  # the file is written, and about to get its name
    lake.write(first, first, [lake.pack([event(first)])])


@pytest.mark.parametrize("name", ENGINES)
def test_write_when_the_process_is_killed_then_its_half_file_is_ignored_and_goes(
    name: str, tmp_path: Path
) -> None:
    lake = ENGINES[name](tmp_path)
    fill(lake, 2)
    context = multiprocessing.get_context("spawn")
    child = context.Process(target=_die_while_writing, args=(name, tmp_path, 2))
    child.start()
    child.join(60)
    assert child.exitcode == 9
    again = ENGINES[name](tmp_path)
    assert again.position() == 2
    assert numbers(again) == [0, 1]
    again.write(2, 5, [again.pack([event(n) for n in range(2, 6)])])
    again.compact()
    assert numbers(again) == list(range(6))
    stored = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert sorted(stored) == sorted(again.files()), "what a killed process left behind fills the disk"


# --- what queries see ---------------------------------------------------------------------------------------


def test_view_when_described_then_the_promised_columns_and_types(open_lake: Callable[[], Lake]) -> None:
    lake = open_lake()
    fill(lake, 1)
    described = rows_of(lake, "SELECT column_name, column_type FROM (DESCRIBE events)")
    types = {kind: kind for kind in COLUMNS.values()} | {"TIMESTAMPTZ": "TIMESTAMP WITH TIME ZONE"}
    assert described == [(name, types[kind]) for name, kind in COLUMNS.items()]


def test_view_when_an_event_is_read_back_then_every_column_says_what_was_written(
    open_lake: Callable[[], Lake],
) -> None:
    lake = open_lake()
    body = '{"properties":{"total":12.5,"name":"Käse 🧀","nul":"\\u0000"}}'
    written = event(
        7,
        name="Home",
        anonymous_id="a1",
        group_id="g1",
        profile_id="p1",
        original_timestamp_ms=-62_135_596_800_000,
        sent_at_ms=253_402_300_799_999,
        body=body.encode(),
    )
    lake.write(0, 0, [lake.pack([written])])
    [row] = rows_of(lake, "SELECT * REPLACE (year(original_timestamp) AS original_timestamp) FROM events")
    found = dict(zip(COLUMNS, row, strict=True))
    received = datetime.fromtimestamp(INSTANT_MS / 1000, UTC)
    assert found["received_at"] == found["timestamp"] == received
    assert found["original_timestamp"] == 1
    assert found["body"] == body
    assert [found[name] for name in ("message_id", "type", "event", "name")] == [
        "m7",
        "track",
        written.event,
        "Home",
    ]
    assert [found[name] for name in ("user_id", "anonymous_id", "group_id", "profile_id")] == [
        "u1",
        "a1",
        "g1",
        "p1",
    ]
    [parts] = rows_of(
        lake, "SELECT body->>'$.properties.name', CAST(body->'$.properties.total' AS DOUBLE) FROM events"
    )
    assert parts == ("Käse 🧀", 12.5)


texts = st.text(max_size=20)


@given(st.lists(st.tuples(texts, texts, st.none() | texts), min_size=1, max_size=10))
@settings(max_examples=settings.default.max_examples // 5)
def test_view_when_texts_are_anything_then_they_come_back(
    tmp_path_factory: pytest.TempPathFactory, found: list[tuple[str, str, str | None]]
) -> None:
    for engine in ENGINES.values():
        lake = engine(tmp_path_factory.mktemp("lake"))
        events = [event(n, message_id=a, user_id=b, event=c) for n, (a, b, c) in enumerate(found)]
        lake.write(0, 0, [lake.pack(events)])
        assert rows_of(lake, "SELECT message_id, user_id, event FROM events") == found


# --- what queries must not do -------------------------------------------------------------------------------


def forbidden(lake: Lake, secret: Path) -> Sequence[str]:
    """Statements that would read or write outside the view."""
    own = lake.files()[0] if lake.files() else secret
    folder = secret.parent
    return [
        f"SELECT * FROM read_text('{secret}')",
        f"SELECT * FROM read_csv('{secret}')",
        f"SELECT * FROM read_blob('{folder}/*')",
        f"SELECT * FROM '{secret}'",
        f"SELECT * FROM glob('{folder}/*')",
        f"SELECT * FROM read_parquet('{folder}/**/*.parquet')",
        f"CREATE TABLE stolen AS SELECT * FROM read_text('{secret}')",
        f"COPY (SELECT 1) TO '{folder}/written.csv'",
        f"COPY (SELECT 1) TO '{own}'",
        f"COPY (SELECT 1) TO '{own}' (FORMAT csv, USE_TMP_FILE false)",
        f"COPY (SELECT 1 AS x) TO '{own}' (FORMAT parquet, USE_TMP_FILE false)",
        f"EXPLAIN ANALYZE COPY (SELECT 1 AS x) TO '{own}' (FORMAT parquet, USE_TMP_FILE false)",
        f"PREPARE p AS COPY (SELECT 1 AS x) TO '{own}' (FORMAT parquet, USE_TMP_FILE false); EXECUTE p",
        f"SELECT 1; COPY (SELECT 1 AS x) TO '{own}' (FORMAT parquet, USE_TMP_FILE false)",
        f"ATTACH '{folder}/other.db'",
        f"ATTACH '{own}' AS own",
        f"EXPORT DATABASE '{folder}/export'",
        f"IMPORT DATABASE '{folder}'",
        "SET enable_external_access = true",
        f"SET allowed_paths = ['{secret}']",
        f"SET temp_directory = '{folder}'",
        "RESET enable_external_access",
        "INSTALL httpfs",
        f"LOAD '{secret}'",
        "SELECT * FROM 'http://127.0.0.1:1/x.csv'",
    ]


@pytest.mark.parametrize("filled", [False, True])
def test_sql_when_it_reaches_beyond_the_view_then_refused_and_nothing_is_written(
    open_lake: Callable[[], Lake], tmp_path: Path, *, filled: bool
) -> None:
    lake = open_lake()
    if filled:
        fill(lake, 2)
    secret = tmp_path / "admin-token"
    secret.write_text("secret")
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    for statement in forbidden(lake, secret):
        with contextlib.suppress(InputError):
            found = query(lake, Statement(statement))
            assert not any("secret" in str(row) for row in found.rows), statement
            pytest.fail(f"not refused: {statement}")
        after = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
        assert after == before, statement
    assert len(numbers(open_lake())) == 2 * filled


def test_sql_when_the_folder_has_a_quote_in_its_name_then_it_works(tmp_path: Path) -> None:
    for engine in ENGINES.values():
        lake = engine(tmp_path / "it's [here]")
        fill(lake, 2)
        assert numbers(lake) == [0, 1]


def test_file_when_read_by_others_then_plain_parquet_with_the_place_in_the_log(
    open_lake: Callable[[], Lake],
) -> None:
    lake = open_lake()
    lake.write(0, 0, [lake.pack([event(5, index=3)])])
    table = pq.read_table(lake.files()[0], partitioning=None)
    assert table.column("log_offset").to_pylist() == [5]
    assert table.column("log_index").to_pylist() == [3]
    assert duckdb.read_parquet(str(lake.files()[0])).fetchall()


def finished(steps: Iterator[Step]) -> Step:
    *_, last = steps
    return last


def of_user(number: int, user: str | None, previous: str | None = None, **more: Any) -> OutboundEvent:
    body = {"messageId": f"m{number}", "userId": user, **({"previousId": previous} if previous else {}), **more}
    return event(number, user_id=user, body=msgspec.json.encode(body))


USERS = st.sampled_from(["ann", "bob", "Ann", "ann2", None])


@given(
    files=st.lists(st.lists(st.tuples(USERS, USERS), max_size=6), min_size=1, max_size=12),
    compact=st.booleans(),
    before=st.integers(0, 60),
)
@settings(max_examples=settings.default.max_examples // 5, deadline=None)
def test_erase_when_events_are_anybodys_then_every_other_row_stays_as_it_was(
    tmp_path_factory: pytest.TempPathFactory,
    files: list[list[tuple[str | None, str | None]]],
    compact: bool,
    before: int,
) -> None:
    for engine in ENGINES.values():
        lake, number = engine(tmp_path_factory.mktemp("lake")), 0
        theirs = set()
        for at, named in enumerate(files):
            written = []
            for who in named:
                written.append(of_user(number, *who))
                if "ann" in who and number < before:
                    theirs.add(f"m{number}")
                number += 1
            lake.write(at, at, [lake.pack(written)])
        while compact and lake.compact():
            pass
        everything = rows_of(lake, "SELECT * FROM events ORDER BY log_offset")
        erased = finished(lake.erase(["ann"], before=before))
        assert erased.events == len(theirs)
        assert rows_of(lake, "SELECT * FROM events ORDER BY log_offset") == [
            row for row in everything if row[0] not in theirs
        ]
        assert lake.position() == len(files)
        assert finished(lake.search(["ann"], before=before)).events == 0
        assert finished(lake.erase(["ann"], before=before)).files == 0, "nothing to do the second time"


def test_erase_when_a_merge_has_left_the_old_files_then_they_go_at_once(
    open_lake: Callable[[], Lake], tmp_path: Path
) -> None:
    lake = open_lake()
    for at in range(RUN):
        lake.write(at, at, [lake.pack([of_user(2 * at, "ann-to-go"), of_user(2 * at + 1, "bob")])])
    lake.compact()
    assert len(list(tmp_path.rglob("*.parquet"))) == RUN + 1
    assert finished(lake.erase(["ann-to-go"], before=1_000)).events == RUN
    assert sorted(tmp_path.rglob("*.parquet")) == sorted(lake.files())
    assert len(lake.files()) == 1


def test_erase_when_it_is_left_in_the_middle_then_every_row_is_there_and_it_can_be_begun_again(
    open_lake: Callable[[], Lake], tmp_path: Path
) -> None:
    lake = open_lake()
    for at in range(4):
        lake.write(at, at, [lake.pack([of_user(2 * at, "ann"), of_user(2 * at + 1, "bob")])])
    everything = len(list(open_lake().erase(["ann"], before=0)))
    assert everything >= 4
    for steps in range(1, 40):
        work = lake.erase(["ann"], before=1_000)
        for _ in zip(range(steps), work, strict=False):
            pass
        work.close()  # type: ignore[attr-defined]
        assert [path for path in tmp_path.rglob("*") if path.suffix == ".writing"] == []
        assert rows_of(open_lake(), "SELECT count(*) FROM events WHERE user_id = 'bob'") == [(4,)]
    assert rows_of(open_lake(), "SELECT count(*) FROM events WHERE user_id = 'ann'") == [(0,)]


def test_erase_when_merged_afterwards_then_what_was_erased_does_not_come_back(
    open_lake: Callable[[], Lake],
) -> None:
    lake = open_lake()
    for at in range(RUN):
        lake.write(at, at, [lake.pack([of_user(2 * at, "ann"), of_user(2 * at + 1, "bob")])])
    finished(lake.erase(["ann"], before=1_000))
    assert lake.compact() == RUN - 1
    finished(lake.erase(["bob"], before=3))
    assert rows_of(open_lake(), "SELECT DISTINCT user_id FROM events") == [("bob",)]
    assert len(open_lake().files()) == 1


def test_search_when_others_mention_an_id_then_counted_apart(open_lake: Callable[[], Lake]) -> None:
    lake = open_lake()
    mentions = [
        {"traits": {"boss": "ann"}},
        {"traits": {"team": ["ann", "x"]}},
        {"properties": {"a": {"b": "ann"}}},
    ]
    harmless: list[dict[str, Any]] = [
        {"traits": {"ann": 1}},
        {"traits": {"boss": "anna"}},
        {"traits": {"x": "an"}},
    ]
    written = [of_user(n, "bob", **more) for n, more in enumerate([*mentions, *harmless])]
    lake.write(0, 0, [lake.pack([*written, of_user(50, "ann"), of_user(51, "bob", "ann")])])
    assert finished(lake.search(["ann"], before=1_000)) == (2, len(mentions))
    assert finished(lake.search([f"user {n}" for n in range(300)] + ["ann"], before=1_000)) == (2, len(mentions))


def test_ask_when_a_listed_file_is_rewritten_before_it_is_read_then_asked_again(
    open_lake: Callable[[], Lake],
) -> None:
    lake = open_lake()
    lake.write(0, 0, [lake.pack([of_user(0, "ann"), of_user(1, "bob")])])
    asked = []

    def count(connection: duckdb.DuckDBPyConnection) -> Any:
        asked.append(True)
        if len(asked) == 1:
            finished(lake.erase(["ann"], before=1_000))
        return connection.execute("SELECT count(*) FROM events").fetchone()

    assert ask(lake, count) == (1,)
    assert len(asked) == 2
    with pytest.raises(duckdb.Error):
        ask(lake, lambda connection: connection.execute("SELECT no_such_column FROM events"))


def test_events_when_read_back_then_they_are_what_was_written_in_order(open_lake: Callable[[], Lake]) -> None:
    lake = open_lake()
    odd = event(
        3, trace=b'{"stage":"dedupe"},{"stage":"plan"}', sent_at_ms=INSTANT_MS - 5, name="Home", profile_id="use_1"
    )
    written = [event(0), event(1, original_timestamp_ms=None), event(2), odd]
    for offset, one in enumerate(written):
        lake.write(offset, offset, [lake.pack([one])])
    assert [each for batch in open_lake().events() for each in batch] == written


def test_erase_when_places_are_given_then_those_events_go_as_well(open_lake: Callable[[], Lake]) -> None:
    lake = open_lake()
    lake.write(0, 0, [lake.pack([event(0), event(1, user_id=None), event(1, index=1, user_id=None), event(2)])])
    assert finished(lake.search(["nobody"], before=9, places=[(1, 1), (2, 0)])).events == 2
    assert finished(lake.erase(["nobody"], before=2, places=[(1, 1), (2, 0)])).events == 1
    left = [(each.offset, each.index) for batch in open_lake().events() for each in batch]
    assert left == [(0, 0), (1, 0), (2, 0)]
