"""What every store of replays must do. A new engine is one more entry in ENGINES."""

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from headwater.replay.port import Asked, Bounds, Progress, Replay, Replays, State
from headwater.replay.sqlite import SqliteReplays

OPEN = frozenset({State.RUNNING, State.PAUSED})


def sqlite_store(folder: Path) -> Replays:
    return SqliteReplays(folder / "replays.db", bells=folder / "bells")


ENGINES: dict[str, Callable[[Path], Replays]] = {"sqlite": sqlite_store}


@pytest.fixture(params=ENGINES)
def open_store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[], Replays]]:
    """Opens the same store again on every call, as another process would."""
    (tmp_path / "bells").mkdir()
    with ExitStack() as stack:
        yield lambda: stack.enter_context(closing(ENGINES[request.param](tmp_path)))


def replay(id_: str, **more: object) -> Replay:
    asked = Asked(to="crm", sources=("web",), where="a = 1", per_s=2.5)
    return Replay(id_, asked, Bounds(1, None, 7, 5), 1_000, "ann", **more)  # type: ignore[arg-type]


def test_add_when_another_process_looks_then_it_finds_it_whole(open_store: Callable[[], Replays]) -> None:
    given = replay("rp_1", progress=Progress("3.1", 4, 2, 2), why="because")
    open_store().add(given)
    other = open_store()
    assert other.get("rp_1") == given
    assert other.get("rp_2") is None
    assert other.running() == [given]


def test_newest_when_there_are_several_then_pages_go_back_in_time(open_store: Callable[[], Replays]) -> None:
    store = open_store()
    for n in range(5):
        store.add(replay(f"rp_{n}"))
    assert [each.id for each in store.newest(limit=2)] == ["rp_4", "rp_3"]
    assert [each.id for each in store.newest(limit=9, before="rp_3")] == ["rp_2", "rp_1", "rp_0"]
    assert [each.id for each in store.running()] == ["rp_0", "rp_1", "rp_2", "rp_3", "rp_4"]


@pytest.mark.parametrize("over", [State.DONE, State.CANCELLED, State.FAILED])
def test_move_when_it_is_over_then_nothing_moves_it(open_store: Callable[[], Replays], over: State) -> None:
    store = open_store()
    store.add(replay("rp_1"))
    ended = store.move("rp_1", over, when=OPEN, why="so")
    assert ended is not None
    assert (ended.state, ended.why, ended.ended_ms > 0) == (over, "so", True)
    assert store.move("rp_1", State.RUNNING, when=OPEN) == ended
    assert store.running() == []
    assert store.move("rp_2", State.RUNNING, when=OPEN) is None


def test_step_when_it_ends_then_its_progress_counts_and_when_it_is_dropped_it_does_not(
    open_store: Callable[[], Replays],
) -> None:
    store = open_store()
    store.add(replay("rp_1"))
    first = store.begin("rp_1", "outbound", Progress("1.0", 1, 1, 0))
    (begun,) = open_store().begun()
    assert begun == (first, "rp_1", "outbound", Progress("1.0", 1, 1, 0))
    assert store.get("rp_1").progress == Progress()  # type: ignore[union-attr]
    store.end(first)
    assert store.begun() == []
    assert store.get("rp_1").progress.cursor == "1.0"  # type: ignore[union-attr]
    second = store.begin("rp_1", "outbound", Progress("2.0", 2, 2, 0))
    store.drop(second)
    assert store.get("rp_1").progress.cursor == "1.0"  # type: ignore[union-attr]
    assert first < second < store.begin("rp_1", "outbound", Progress()), "a number is never given out twice"
    store.end(first)  # twice is once
    assert store.get("rp_1").progress.cursor == "1.0"  # type: ignore[union-attr]


def test_step_when_a_log_has_seen_later_ones_then_its_number_is_above_them(
    open_store: Callable[[], Replays],
) -> None:
    store = open_store()
    store.add(replay("rp_1"))
    assert store.begin("rp_1", "outbound", Progress(), above=700) == 701
    assert store.begin("rp_1", "outbound", Progress(), above=3) == 702
    assert store.begin("rp_1", "outbound", Progress()) == 703


def test_bell_when_a_replay_is_added_or_moved_then_it_rings(open_store: Callable[[], Replays]) -> None:
    with closing(open_store().listen()) as bell:
        other = open_store()
        for act in (
            lambda: other.add(replay("rp_1")),
            lambda: other.move("rp_1", State.PAUSED, when=OPEN),
        ):
            threading.Thread(target=act).start()
            assert bell.wait(10)
            bell.clear()
