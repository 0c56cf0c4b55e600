"""What every log engine must do. A new engine is one more entry in ENGINES."""

import contextlib
import multiprocessing
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from headwater.log.port import Log, Producer
from headwater.log.sqlite import SqliteLog
from headwater.units import MIB


def sqlite_log(folder: Path, **options: float) -> Log:
    return SqliteLog(folder / "log" / "things", bells=folder / "bells", **options)  # type: ignore[arg-type]


ENGINES: dict[str, Callable[..., Log]] = {"sqlite": sqlite_log}


@pytest.fixture(params=ENGINES)
def open_log(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[..., Log]]:
    """Opens the same log again on every call, as another process would."""
    with contextlib.ExitStack() as stack:

        def opened(**options: float) -> Log:
            log = ENGINES[request.param](tmp_path, **options)
            stack.callback(log.close)
            return log

        yield opened


def contents(log: Log, offset: int = 0, bytes_max: int = MIB) -> list[tuple[int, bytes]]:
    found: list[tuple[int, bytes]] = []
    while records := log.read(offset, bytes_max=bytes_max):
        found += records
        offset = records[-1].offset + 1
    return found


def test_append_when_empty_then_offsets_count_from_zero(open_log: Callable[..., Log]) -> None:
    log = open_log()
    assert (log.start(), log.end()) == (0, 0)
    assert log.append([b"a", b"b"]) == 0
    assert log.append([b"c"]) == 2
    assert contents(log) == [(0, b"a"), (1, b"b"), (2, b"c")]
    assert log.end() == 3


def test_read_when_offset_is_inside_a_group_then_starts_exactly_there(open_log: Callable[..., Log]) -> None:
    log = open_log()
    log.append([b"a", b"b", b"c"])
    assert contents(log, 1) == [(1, b"b"), (2, b"c")]
    assert log.read(3, bytes_max=MIB) == []


def test_read_when_bounded_then_at_least_one_and_no_more_than_fits(open_log: Callable[..., Log]) -> None:
    log = open_log()
    log.append([b"x" * 100, b"y" * 100, b"z" * 100])
    assert [r.offset for r in log.read(0, bytes_max=1)] == [0]
    assert [r.offset for r in log.read(0, bytes_max=200)] == [0, 1]
    assert [r.offset for r in log.read(0, records_max=2, bytes_max=MIB)] == [0, 1]


def test_append_when_another_instance_reads_then_it_sees_everything(open_log: Callable[..., Log]) -> None:
    writer, reader = open_log(), open_log()
    writer.append([b"a"])
    assert contents(reader) == [(0, b"a")]
    writer.append([b"b"])
    assert contents(reader, 1) == [(1, b"b")]


def test_append_when_segments_roll_then_offsets_go_on(open_log: Callable[..., Log]) -> None:
    log = open_log(segment_bytes_max=200)
    for n in range(20):
        assert log.append([b"%03d" % n + b"." * 60]) == n
    assert [offset for offset, _ in contents(open_log())] == list(range(20))


def test_append_when_two_instances_take_turns_over_rolling_segments_then_no_offset_is_given_twice(
    open_log: Callable[..., Log],
) -> None:
    one, two = open_log(segment_bytes_max=150), open_log(segment_bytes_max=150)
    given_out = [log.append([b"x" * 60]) for _ in range(12) for log in (one, two)]
    assert given_out == list(range(24))
    assert len(contents(open_log())) == 24


def test_append_when_producer_repeats_a_sequence_then_stored_once_even_across_segments(
    open_log: Callable[..., Log],
) -> None:
    log = open_log(segment_bytes_max=100)
    assert log.produced("pipeline") == -1
    assert log.append([b"a" * 90], producer=Producer("pipeline", 7)) == 0
    assert log.append([b"a" * 90], producer=Producer("pipeline", 7)) == -1
    assert log.append([b"b" * 90], producer=Producer("pipeline", 9)) == 1
    assert open_log().append([b"a" * 90], producer=Producer("pipeline", 8)) == -1
    assert log.append([b"other"], producer=Producer("another", 1)) == 2
    assert log.produced("pipeline") == 9


def test_lag_when_events_are_declared_then_counts_them_from_the_offset_on(
    open_log: Callable[..., Log],
) -> None:
    log = open_log(segment_bytes_max=100)
    assert log.lag(0) == (0, 0, 0.0)
    log.append([b"x" * 90], events=100)
    log.append([b"y" * 90], events=50)
    assert log.lag(0)[:2] == (2, 150)
    assert log.lag(1)[:2] == (1, 50)
    assert log.lag(2) == (0, 0, 0.0)


def test_trim_when_readers_have_not_finished_then_keeps_their_records(open_log: Callable[..., Log]) -> None:
    log = open_log(segment_bytes_max=100)
    for _ in range(6):
        log.append([b"x" * 90])
    assert log.trim(retention_s=0, retention_bytes=MIB) == 0, "nobody has read anything"
    log.report("fast", 6)
    log.report("slow", 3)
    assert log.trim(retention_s=0, retention_bytes=MIB) == 3
    assert log.start() == 3
    assert [offset for offset, _ in contents(log)] == [3, 4, 5]
    log.forget("slow")
    log.trim(retention_s=0, retention_bytes=MIB)
    assert log.start() == 5, "the open segment stays"
    assert log.append([b"next"]) == 6


def test_trim_when_young_and_small_then_keeps_everything(open_log: Callable[..., Log]) -> None:
    log = open_log(segment_bytes_max=100)
    for _ in range(3):
        log.append([b"x" * 90])
    log.report("reader", 3)
    assert log.trim(retention_s=60, retention_bytes=MIB) == 0


def test_trim_when_over_the_size_then_drops_the_oldest(open_log: Callable[..., Log]) -> None:
    log = open_log(segment_bytes_max=100)
    for _ in range(4):
        log.append([b"x" * 90])
    log.report("reader", 4)
    assert log.trim(retention_s=60, retention_bytes=1) == 3


def test_report_when_read_back_then_by_reader(open_log: Callable[..., Log]) -> None:
    log = open_log()
    log.report("pipeline", 12)
    log.report("pipeline", 13)
    log.report("deliver:crm", 2)
    assert open_log().readers() == {"pipeline": 13, "deliver:crm": 2}


def test_listen_when_something_is_appended_then_rings(open_log: Callable[..., Log]) -> None:
    writer, reader = open_log(), open_log()
    bell = reader.listen()
    try:
        assert not bell.wait(0)
        writer.append([b"a"])
        assert bell.wait(5)
        bell.clear()
        assert not bell.wait(0)
        writer.append([b"b"])
        assert bell.wait(5)
    finally:
        bell.close()


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    groups=st.lists(st.lists(st.binary(max_size=300), min_size=1, max_size=8), max_size=12),
    at=st.integers(0, 99),
)
def test_read_when_anything_was_appended_then_it_is_a_list(
    tmp_path_factory: pytest.TempPathFactory, groups: list[list[bytes]], at: int
) -> None:
    for engine in ENGINES.values():
        log = engine(tmp_path_factory.mktemp("log"), segment_bytes_max=500)
        try:
            model: list[bytes] = []
            for group in groups:
                assert log.append(group) == len(model)
                model += group
            assert contents(log, at, bytes_max=200) == list(enumerate(model))[at:]
        finally:
            log.close()


def _append_many(engine: str, folder: Path, writer: int, count: int) -> None:
    log = ENGINES[engine](folder, segment_bytes_max=4000)
    for n in range(count):
        log.append([b"%d:%d" % (writer, n)])
    log.close()


@pytest.mark.parametrize("engine", ENGINES)
def test_append_when_several_processes_do_then_each_keeps_its_order_and_nothing_is_lost(
    engine: str, tmp_path: Path
) -> None:
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=_append_many, args=(engine, tmp_path, w, 200)) for w in range(3)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
        assert process.exitcode == 0
    log = ENGINES[engine](tmp_path)
    try:
        found = contents(log)
    finally:
        log.close()
    assert [offset for offset, _ in found] == list(range(600))
    for writer in range(3):
        mine = [int(data.split(b":")[1]) for _, data in found if data.startswith(b"%d:" % writer)]
        assert mine == list(range(200))


def test_roll_when_readers_are_through_then_everything_so_far_can_be_dropped(
    open_log: Callable[..., Log], tmp_path: Path
) -> None:
    log, other = open_log(), open_log()
    log.append([b"ann-to-go"])
    other.append([b"ann-to-go as well"])
    log.roll()
    log.roll()
    assert log.start() == 0
    other.append([b"bob"])
    log.report("reader", 3)
    assert log.trim(retention_s=0, retention_bytes=MIB) >= 2
    assert log.start() >= 2
    assert b"ann-to-go" not in b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert other.append([b"carl"]) == 3


def test_roll_when_nothing_was_appended_then_no_segment_is_made(open_log: Callable[..., Log]) -> None:
    log = open_log()
    for _ in range(3):
        log.roll()
    assert (log.start(), log.end()) == (0, 0)


def test_trim_when_the_log_is_quiet_then_its_only_segment_is_closed_and_goes_in_time(
    open_log: Callable[..., Log],
) -> None:
    log = open_log()
    log.append([b"old"])
    log.report("reader", 1)
    assert log.trim(retention_s=60, retention_bytes=MIB) == 0
    assert log.start() == 0, "young: the segment is appended to for a seventh of the retention"
    log.trim(retention_s=0, retention_bytes=MIB)
    assert log.start() == 1
