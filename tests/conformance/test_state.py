"""What every state engine must do. A new engine is one more entry in ENGINES."""

import contextlib
import multiprocessing
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headwater import limits
from headwater.errors import AbsentError, OwnershipError, StorageError
from headwater.state.port import Changes, Commit, State
from headwater.state.rocksdb import RocksState

LETTERS, COUNTERS = "dead_letters", "counters"


def rocksdb(folder: Path, *, read_only: bool = False) -> State:
    return RocksState(folder / "state", read_only=read_only)


ENGINES: dict[str, Callable[..., State]] = {"rocksdb": rocksdb}


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> Callable[..., State]:
    return ENGINES[request.param]


@pytest.fixture
def state(engine: Callable[..., State], tmp_path: Path) -> Iterator[State]:
    opened = engine(tmp_path)
    yield opened
    opened.close()


def commit(
    position: int = 1, *, rows: dict[bytes, bytes | None] | None = None, table: str = COUNTERS, **fields: object
) -> Commit:
    changes: Changes = {table: rows} if rows else {}
    return Commit(**{"position": position, "changes": changes, **fields})  # type: ignore[arg-type]


def test_state_when_new_then_empty_at_position_zero(state: State) -> None:
    assert state.position() == 0
    assert dict(state.outbox()) == {}
    assert list(state.scan(COUNTERS)) == []
    assert state.get_many(COUNTERS, [b"a", b"b"]) == [None, None]


def test_commit_when_done_then_everything_of_it_is_there_also_after_reopening(
    engine: Callable[..., State], tmp_path: Path
) -> None:
    with contextlib.closing(engine(tmp_path)) as state:
        state.commit(Commit(7, {COUNTERS: {b"a": b"1"}, LETTERS: {b"a": b"2"}}, outbox=b"out"))
    with contextlib.closing(engine(tmp_path)) as state:
        assert state.position() == 7
        assert state.get_many(COUNTERS, [b"a"]) == [b"1"]
        assert state.get_many(LETTERS, [b"a"]) == [b"2"]
        assert dict(state.outbox()) == {7: b"out"}


def test_get_many_when_some_are_missing_then_in_the_order_of_the_keys(state: State) -> None:
    state.commit(commit(rows={b"a": b"1", b"c": b"3", b"empty": b""}))
    assert state.get_many(COUNTERS, [b"c", b"b", b"a", b"c", b"empty"]) == [b"3", None, b"1", b"3", b""]
    assert state.get_many(COUNTERS, []) == []


def test_commit_when_a_value_is_none_then_the_row_is_gone(state: State) -> None:
    state.commit(commit(1, rows={b"a": b"1", b"b": b"2"}))
    state.commit(commit(2, rows={b"a": None, b"never there": None}))
    assert dict(state.scan(COUNTERS)) == {b"b": b"2"}


def test_scan_when_given_a_prefix_then_its_rows_in_key_order_either_way(state: State) -> None:
    keys = [b"a", b"ab", b"ab\x00", b"abc", b"ab\xff\xff", b"b"]
    state.commit(commit(rows={key: key for key in reversed(keys)}))
    assert [key for key, _ in state.scan(COUNTERS)] == keys
    assert [key for key, _ in state.scan(COUNTERS, reverse=True)] == keys[::-1]
    inside = [b"ab", b"ab\x00", b"abc", b"ab\xff\xff"]
    assert [key for key, _ in state.scan(COUNTERS, b"ab")] == inside
    assert [key for key, _ in state.scan(COUNTERS, b"ab", reverse=True)] == inside[::-1]
    assert list(state.scan(COUNTERS, b"x")) == []
    assert list(state.scan(LETTERS)) == []
    for at, key in enumerate(keys):
        assert [found for found, _ in state.scan(COUNTERS, start=key)] == keys[at:]
        assert [found for found, _ in state.scan(COUNTERS, reverse=True, start=key)] == keys[at::-1]


def test_scan_when_rows_change_meanwhile_then_it_shows_one_moment(state: State) -> None:
    state.commit(commit(1, rows={b"%03d" % n: b"old" for n in range(100)}))
    scan = state.scan(COUNTERS)
    seen = [next(scan)]
    state.commit(commit(2, rows={b"%03d" % n: None for n in range(100)}))
    seen += scan
    assert [value for _, value in seen] == [b"old"] * 100


def test_outbox_when_entries_wait_then_in_order_until_they_are_sent(state: State) -> None:
    for position in (5, 300, 70_000):
        state.commit(commit(position, outbox=b"%d" % position))
    assert list(state.outbox().items()) == [(5, b"5"), (300, b"300"), (70_000, b"70000")]
    state.commit(commit(70_001, sent=300))
    assert dict(state.outbox()) == {70_000: b"70000"}
    state.commit(commit(70_002, outbox=b"next", sent=70_000))
    assert dict(state.outbox()) == {70_002: b"next"}
    state.commit(commit(70_003, sent=70_000))
    assert dict(state.outbox()) == {70_002: b"next"}, "nothing was known to be sent since"


def test_open_when_another_has_it_then_ownership_error(engine: Callable[..., State], tmp_path: Path) -> None:
    with contextlib.closing(engine(tmp_path)), pytest.raises(OwnershipError):
        engine(tmp_path)
    with contextlib.closing(engine(tmp_path)) as again:
        assert again.position() == 0


def test_view_when_opened_beside_a_writer_then_sees_what_is_committed(
    engine: Callable[..., State], state: State, tmp_path: Path
) -> None:
    state.commit(commit(3, rows={b"a": b"1"}))
    with contextlib.closing(engine(tmp_path, read_only=True)) as view:
        assert view.position() == 3
        assert view.get_many(COUNTERS, [b"a"]) == [b"1"]
    state.commit(commit(4, rows={b"a": b"2"}))
    with contextlib.closing(engine(tmp_path, read_only=True)) as view:
        assert list(view.scan(COUNTERS)) == [(b"a", b"2")]


def test_view_when_there_is_no_state_yet_then_storage_error_and_nothing_is_made(
    engine: Callable[..., State], tmp_path: Path
) -> None:
    with pytest.raises(StorageError):
        engine(tmp_path, read_only=True)
    assert list(tmp_path.iterdir()) == []


def test_view_when_it_stays_open_then_each_refresh_shows_what_was_committed(
    engine: Callable[..., State], state: State, tmp_path: Path
) -> None:
    state.commit(commit(1, rows={b"a": b"1", b"b": b"1"}))
    with contextlib.closing(engine(tmp_path, read_only=True)) as view:
        for number in range(2, 50):
            scan = view.scan(COUNTERS)
            first = next(scan)
            state.commit(commit(number, rows={b"a": b"%d" % number, b"b": b"%d" % number}))
            assert view.get_many(COUNTERS, [b"a"]) == [b"%d" % (number - 1)], "nothing changes by itself"
            assert view.refresh()
            assert view.get_many(COUNTERS, [b"a"]) == [b"%d" % number]
            assert view.position() == number
            assert [first, *scan] == [(b"a", b"%d" % (number - 1)), (b"b", b"%d" % (number - 1))], "as it began"
    assert state.refresh(), "a writer is up to date"


def refreshed(view: State, engine: Callable[..., State], folder: Path) -> State:
    """The view, or the one that must be opened in its place."""
    if view.refresh():
        return view
    view.close()
    return engine(folder, read_only=True)


def test_view_when_what_it_shows_was_rewritten_meanwhile_then_it_never_shows_what_is_gone(
    engine: Callable[..., State], state: State, tmp_path: Path
) -> None:
    state.commit(commit(1, rows={b"%d" % number: b"1" for number in range(100)}))
    view = engine(tmp_path, read_only=True)
    state.scrub()
    state.commit(commit(2, rows={b"%d" % number: None for number in range(98)} | {b"98": b"2"}))
    state.scrub()
    view = refreshed(view, engine, tmp_path)
    assert list(view.scan(COUNTERS)) == [(b"98", b"2"), (b"99", b"1")]
    view.close()


writes = st.dictionaries(st.sampled_from([b"a", b"b", b"c"]), st.none() | st.binary(max_size=3), min_size=1)
steps = st.lists(
    st.tuples(st.sampled_from([LETTERS, COUNTERS]), writes) | st.sampled_from(["scrub", "refresh"]), max_size=25
)


@settings(max_examples=settings.default.max_examples // 2)
@given(steps)
def test_view_when_the_writer_writes_and_rewrites_in_any_order_then_a_refresh_shows_the_same(
    tmp_path_factory: pytest.TempPathFactory, steps: list[str | tuple[str, dict[bytes, bytes | None]]]
) -> None:
    for engine in ENGINES.values():
        folder = tmp_path_factory.mktemp("view")
        with contextlib.closing(engine(folder)) as state:
            view = engine(folder, read_only=True)
            for position, step in enumerate([*steps, "refresh"]):
                if step == "scrub":
                    state.scrub()
                elif step == "refresh":
                    view = refreshed(view, engine, folder)
                    for table in (LETTERS, COUNTERS):
                        assert list(view.scan(table)) == list(state.scan(table))
                else:
                    state.commit(commit(position, rows=step[1], table=step[0]))  # type: ignore[arg-type]
            view.close()


def test_view_when_the_writer_opens_again_then_another_view_is_needed(
    engine: Callable[..., State], tmp_path: Path
) -> None:
    with contextlib.closing(engine(tmp_path)) as state:
        state.commit(commit(1, rows={b"a": b"1"}))
    with contextlib.closing(engine(tmp_path, read_only=True)) as view:
        assert view.refresh()
        with contextlib.closing(engine(tmp_path)) as state:
            state.commit(commit(2, rows={b"a": b"2"}))
            assert not view.refresh()
            assert view.get_many(COUNTERS, [b"a"]) == [b"1"], "what it has shown, it shows"
            with contextlib.closing(engine(tmp_path, read_only=True)) as another:
                assert another.refresh()
                assert another.get_many(COUNTERS, [b"a"]) == [b"2"]


def test_view_when_the_state_is_another_one_then_another_view_is_needed(
    engine: Callable[..., State], tmp_path: Path
) -> None:
    with contextlib.closing(engine(tmp_path)) as state:
        state.commit(commit(1, rows={b"a": b"1"}))
    with contextlib.closing(engine(tmp_path, read_only=True)) as view:
        shutil.rmtree(tmp_path / "state")
        assert not view.refresh()
        with pytest.raises(AbsentError):
            engine(tmp_path, read_only=True)
        with contextlib.closing(engine(tmp_path)):
            assert not view.refresh()


IDS = "message_ids"
GENERATION_MS = limits.processing.STATE_GENERATION_S * 1000


def commit_ids(state: State, rows: dict[bytes, bytes | None], generation: int, **fields: object) -> None:
    changes: Changes = {IDS: rows}
    state.commit(Commit(1, changes, at_ms=generation * GENERATION_MS, **fields))  # type: ignore[arg-type]


def test_expiring_when_rows_are_of_several_generations_then_the_newest_value_counts(state: State) -> None:
    commit_ids(state, {b"a": b"old", b"b": b"old"}, 100)
    commit_ids(state, {b"b": b"new", b"c": b"new"}, 101)
    assert state.get_many(IDS, [b"c", b"missing", b"b", b"a", b"b"]) == [b"new", None, b"new", b"old", b"new"]
    assert list(state.scan(IDS)) == [(b"a", b"old"), (b"b", b"new"), (b"c", b"new")]
    assert list(state.scan(IDS, reverse=True)) == [(b"c", b"new"), (b"b", b"new"), (b"a", b"old")]
    assert list(state.scan(IDS, b"b")) == [(b"b", b"new")]


def test_expiring_when_rows_arrive_late_then_their_own_generation_takes_them(state: State) -> None:
    commit_ids(state, {b"a": b"new"}, 101)
    commit_ids(state, {b"a": b"late", b"b": b"late"}, 100)
    assert state.get_many(IDS, [b"a", b"b"]) == [b"new", b"late"]


def test_expiring_when_a_generation_is_too_old_then_it_is_gone_and_the_others_stay(
    engine: Callable[..., State], tmp_path: Path
) -> None:
    with contextlib.closing(engine(tmp_path)) as state:
        commit_ids(state, {b"a": b"1"}, 100)
        commit_ids(state, {b"b": b"2"}, 101)
        commit_ids(state, {b"c": b"3"}, 102, expire={IDS: 101 * GENERATION_MS - 1})
        assert state.get_many(IDS, [b"a", b"b", b"c"]) == [b"1", b"2", b"3"], "it had not ended yet"
        commit_ids(state, {}, 102, expire={IDS: 101 * GENERATION_MS})
        assert state.get_many(IDS, [b"a", b"b", b"c"]) == [None, b"2", b"3"]
    with contextlib.closing(engine(tmp_path)) as state:
        assert list(state.scan(IDS)) == [(b"b", b"2"), (b"c", b"3")]
        commit_ids(state, {b"a": b"again"}, 100)
        assert state.get_many(IDS, [b"a"]) == [b"again"]


def test_expiring_when_a_value_is_none_then_the_row_is_gone_from_every_generation(state: State) -> None:
    commit_ids(state, {b"a": b"1", b"b": b"1"}, 100)
    commit_ids(state, {b"a": b"2"}, 101)
    commit_ids(state, {b"a": None}, 102)
    assert list(state.scan(IDS)) == [(b"b", b"1")]


def test_expiring_when_seen_through_a_view_then_all_generations_are_there(
    engine: Callable[..., State], state: State, tmp_path: Path
) -> None:
    commit_ids(state, {b"a": b"1"}, 100)
    commit_ids(state, {b"b": b""}, 101)
    with contextlib.closing(engine(tmp_path, read_only=True)) as view:
        assert view.get_many(IDS, [b"a", b"b", b"c"]) == [b"1", b"", None]


def test_view_when_a_generation_comes_or_goes_then_another_view_is_needed(
    engine: Callable[..., State], state: State, tmp_path: Path
) -> None:
    def seen() -> list[tuple[bytes, bytes]]:
        with contextlib.closing(engine(tmp_path, read_only=True)) as view:
            assert view.refresh()
            return list(view.scan(IDS))

    commit_ids(state, {b"a": b"1"}, 100)
    with contextlib.closing(engine(tmp_path, read_only=True)) as view:
        commit_ids(state, {b"b": b"2"}, 100)
        assert view.refresh()
        commit_ids(state, {b"c": b"3"}, 101)
        assert not view.refresh()
        assert seen() == [(b"a", b"1"), (b"b", b"2"), (b"c", b"3")]
    with contextlib.closing(engine(tmp_path, read_only=True)) as view:
        commit_ids(state, {b"d": b"4"}, 102, expire={IDS: 101 * GENERATION_MS})
        assert not view.refresh()
        assert seen() == [(b"c", b"3"), (b"d", b"4")]


keys = st.binary(min_size=1, max_size=4)
rows = st.dictionaries(keys, st.none() | st.binary(max_size=8), max_size=6)


@settings(max_examples=settings.default.max_examples // 5)
@given(st.lists(st.dictionaries(st.sampled_from([LETTERS, COUNTERS]), rows), max_size=6))
def test_commit_when_repeated_in_any_way_then_it_is_a_dictionary_per_table(
    tmp_path_factory: pytest.TempPathFactory, batches: list[Changes]
) -> None:
    for engine in ENGINES.values():
        model: dict[str, dict[bytes, bytes]] = {LETTERS: {}, COUNTERS: {}}
        with contextlib.closing(engine(tmp_path_factory.mktemp("state"))) as state:
            for position, changes in enumerate(batches):
                state.commit(Commit(position, changes))
                for table, changed in changes.items():
                    for key, value in changed.items():
                        if value is None:
                            model[table].pop(key, None)
                        else:
                            model[table][key] = value
            for table, expected in model.items():
                assert list(state.scan(table)) == sorted(expected.items())
                assert list(state.scan(table, reverse=True)) == sorted(expected.items(), reverse=True)


def _commit_and_die(engine: str, folder: Path, count: int) -> None:
    state = ENGINES[engine](folder)
    for n in range(1, count + 1):
        state.commit(Commit(n, {COUNTERS: {b"n": b"%d" % n}, LETTERS: {b"%04d" % n: b""}}, outbox=b"%d" % n))
    os._exit(9)  # as kill -9 does: nothing is closed


@pytest.mark.parametrize("name", ENGINES)
def test_commit_when_the_process_is_killed_then_the_last_one_is_there_whole(name: str, tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    child = context.Process(target=_commit_and_die, args=(name, tmp_path, 50))
    child.start()
    child.join(60)
    assert child.exitcode == 9
    with contextlib.closing(ENGINES[name](tmp_path)) as state:
        assert state.position() == 50
        assert state.get_many(COUNTERS, [b"n"]) == [b"50"]
        assert len(list(state.scan(LETTERS))) == 50
        assert list(state.outbox()) == list(range(1, 51))


def test_scrub_when_rows_and_outbox_entries_were_dropped_then_no_byte_of_them_stays(
    engine: Callable[..., State], tmp_path: Path
) -> None:
    with contextlib.closing(engine(tmp_path)) as state:
        for number in range(50):
            rows: dict[bytes, bytes | None] = {b"%d" % number: b"ann-to-go" * 20, b"kept %d" % number: b"bob" * 20}
            state.commit(Commit(number, {LETTERS: rows, "dropped": rows}, outbox=b"ann-to-go" * 9, at_ms=1))
        gone: dict[bytes, bytes | None] = {b"%d" % number: None for number in range(50)}
        state.commit(Commit(50, {LETTERS: gone, "dropped": gone}, sent=50))
        state.scrub()
        content = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
        assert b"ann-to-go" not in content
        assert len(list(state.scan(LETTERS))) == len(list(state.scan("dropped"))) == 50
        assert state.position() == 50
