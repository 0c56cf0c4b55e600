"""One view for everybody in `serve`: how old it may be, and what becomes of it."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from headwater.errors import AbsentError, BusyError
from headwater.serve.lasting_view import AGE_S_MAX, LastingView
from headwater.state.port import Commit, State
from headwater.state.rocksdb import RocksState


class Pipeline:
    """What writes the state that is looked at."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.state = RocksState(folder)
        self.opened = 0

    def commit(self, value: bytes) -> None:
        self.state.commit(Commit(1, {"counters": {b"a": value}}))

    def view(self) -> State:
        self.opened += 1
        return RocksState(self.folder, read_only=True)

    def restart(self) -> None:
        self.state.close()
        self.state = RocksState(self.folder)


def value_in(view: LastingView) -> bytes | None:
    with view.reading() as state:
        return state.get_many("counters", [b"a"])[0]


@pytest.fixture
def pipeline(tmp_path: Path) -> Iterator[Pipeline]:
    made = Pipeline(tmp_path / "state")
    yield made
    made.state.close()


def test_reading_when_it_is_soon_after_another_then_the_same_is_shown(pipeline: Pipeline) -> None:
    now = [0.0]
    view = LastingView(pipeline.view, clock=lambda: now[0])
    pipeline.commit(b"1")
    assert value_in(view) == b"1"
    pipeline.commit(b"2")
    now[0] = AGE_S_MAX * 0.9
    assert value_in(view) == b"1"
    now[0] = AGE_S_MAX
    assert value_in(view) == b"2"
    assert pipeline.opened == 1
    view.close()


def test_reading_when_the_pipeline_has_restarted_then_another_view_is_opened_and_the_readers_of_the_old_one_finish(
    pipeline: Pipeline,
) -> None:
    view = LastingView(pipeline.view, clock=iter(range(100)).__next__)
    pipeline.commit(b"1")
    with view.reading() as before:
        pipeline.restart()
        pipeline.commit(b"2")
        assert value_in(view) == b"2"
        assert before.get_many("counters", [b"a"]) == [b"1"]
    assert pipeline.opened == 2
    assert value_in(view) == b"2"
    assert pipeline.opened == 2
    view.close()


def test_reading_when_there_is_no_state_then_absent_until_there_is(tmp_path: Path) -> None:
    view = LastingView(lambda: RocksState(tmp_path / "state", read_only=True))
    for _ in range(2):
        with pytest.raises(AbsentError), view.reading():
            pass
    RocksState(tmp_path / "state").close()
    assert value_in(view) is None
    view.close()


def test_reading_when_no_view_can_follow_then_busy_and_none_stays_open(pipeline: Pipeline) -> None:
    closed: list[str] = []

    class Lost(RocksState):
        def refresh(self) -> bool:
            return False

        def close(self) -> None:
            closed.append("closed")
            super().close()

    view = LastingView(lambda: Lost(pipeline.folder, read_only=True))
    with pytest.raises(BusyError), view.reading():
        pass
    assert closed == ["closed"] * 3


def test_reading_when_many_threads_read_while_the_pipeline_writes_and_restarts_then_none_sees_it_go_back(
    pipeline: Pipeline,
) -> None:
    view = LastingView(pipeline.view)
    pipeline.commit(b"%06d" % 0)
    problems: list[object] = []
    done = threading.Event()

    def read() -> None:
        last = b""
        while not done.is_set():
            with view.reading() as state:
                value = state.get_many("counters", [b"a"])[0]
                rows = list(state.scan("counters"))
            if value is None or value < last or len(rows) != 1:
                problems.append((last, value, rows))
            last = value or last

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    for number in range(1, 301):
        pipeline.commit(b"%06d" % number)
        if number % 100 == 0:
            pipeline.restart()
    done.set()
    for reader in readers:
        reader.join()
    assert problems == []
    view.close()
