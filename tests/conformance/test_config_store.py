"""What every config store must do. A new engine is one more entry in ENGINES."""

import multiprocessing
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta
from multiprocessing.synchronize import Event
from pathlib import Path

import pytest

from headwater.config.port import ConfigStore, Version, VersionLine
from headwater.config.sqlite import SqliteConfigStore
from headwater.config.workspace import Destination, Settings, Source, Workspace
from headwater.errors import BusyError

SIGNAL_S_MAX = 20


def sqlite_store(folder: Path) -> ConfigStore:
    return SqliteConfigStore(folder / "data" / "config.db", bells=folder / "data" / "bells")


ENGINES: dict[str, Callable[[Path], ConfigStore]] = {"sqlite": sqlite_store}


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def open_store(engine: str, tmp_path: Path) -> Iterator[Callable[[], ConfigStore]]:
    """Opens the same store again on every call, as another process would."""
    with ExitStack() as stack:
        yield lambda: stack.enter_context(closing(ENGINES[engine](tmp_path)))


def line(version: Version) -> VersionLine:
    return VersionLine(*version[:4])


def versions_of(store: ConfigStore, limit: int = 50) -> list[Version]:
    """Newest first, whole."""
    return [version for line in store.history(limit=limit) if (version := store.get(line.number))]


def workspace(name: str = "shop", **fields: object) -> Workspace:
    return Workspace(workspace=name, **fields)  # type: ignore[arg-type]


def test_current_when_nothing_was_put_then_none(open_store: Callable[[], ConfigStore]) -> None:
    store = open_store()
    assert store.current() is None
    assert store.history() == []


def test_put_when_first_then_everyone_reads_it_whole(open_store: Callable[[], ConfigStore]) -> None:
    full = workspace(
        settings=Settings(lake_visible_s=2.5),
        sources=(Source(name="website", write_key="wk_website", rate_limit=10.0),),
        destinations=(Destination(name="crm", type="webhook", settings={"url": "é", "n": [1, 1.5, None, {}]}),),
    )
    began = datetime.now(UTC) - timedelta(milliseconds=1)  # instants are kept in milliseconds
    version = open_store().put(full, author="ann", note="first")
    assert (version.number, version.author, version.note, version.workspace) == (1, "ann", "first", full)
    assert began <= version.at <= datetime.now(UTC)
    other = open_store()
    assert other.current() == version
    assert other.history() == [line(version)]
    assert other.get(1) == version
    assert other.get(2) is None


def test_put_when_repeated_then_numbers_count_and_history_is_newest_first(
    open_store: Callable[[], ConfigStore],
) -> None:
    store = open_store()
    versions = [store.put(workspace(f"w{n}"), author="ann", note=str(n)) for n in range(5)]
    assert [v.number for v in versions] == [1, 2, 3, 4, 5]
    assert store.current() == versions[-1]
    assert versions_of(store) == versions[::-1]
    assert store.history(limit=2) == [line(version) for version in versions[:2:-1]]
    assert [each.number for each in store.history(limit=2, before=4)] == [3, 2]
    assert store.history(before=1) == []


def test_put_when_it_is_current_already_then_nothing_is_stored(open_store: Callable[[], ConfigStore]) -> None:
    store = open_store()
    first = store.put(workspace(), author="ann")
    with closing(store.listen()) as bell:
        assert store.put(workspace(settings=Settings(lake_visible_s=5)), author="bob", note="again") == first
        assert not bell.wait(0)
    assert versions_of(store) == [first]


def test_put_when_only_a_type_changes_then_it_is_another_version(open_store: Callable[[], ConfigStore]) -> None:
    store = open_store()
    for value in (1, True, 1.0):
        store.put(
            workspace(destinations=(Destination(name="d", type="log", settings={"x": value}),)), author="ann"
        )
    assert [repr(v.workspace.destinations[0].settings["x"]) for v in versions_of(store)] == ["1.0", "True", "1"]


def test_put_when_an_older_workspace_returns_then_it_is_a_new_version(
    open_store: Callable[[], ConfigStore],
) -> None:
    store = open_store()
    for name in ("a", "b", "a"):
        store.put(workspace(name), author="ann")
    assert [v.workspace.workspace for v in versions_of(store)] == ["a", "b", "a"]


def test_put_when_expected_is_not_current_then_busy_and_nothing_changes(
    open_store: Callable[[], ConfigStore],
) -> None:
    mine, theirs = open_store(), open_store()
    assert mine.put(workspace("a"), author="ann", expected=0).number == 1
    assert theirs.put(workspace("b"), author="bob", expected=1).number == 2
    with closing(mine.listen()) as bell:
        for stale in (0, 1, 3):
            with pytest.raises(BusyError, match="version 2"):
                mine.put(workspace("c"), author="ann", expected=stale)
        assert not bell.wait(0)
    assert [v.author for v in mine.history()] == ["bob", "ann"]


def test_listen_when_another_instance_puts_then_the_bell_rings_once_per_look(
    open_store: Callable[[], ConfigStore],
) -> None:
    reader, writer = open_store(), open_store()
    with closing(reader.listen()) as bell:
        writer.put(workspace("a"), author="ann")
        assert bell.wait(SIGNAL_S_MAX)
        bell.clear()
        assert not bell.wait(0)
        writer.put(workspace("b"), author="ann")
        assert bell.wait(SIGNAL_S_MAX)


def test_put_when_the_bell_is_heard_then_the_version_is_readable(open_store: Callable[[], ConfigStore]) -> None:
    reader, writer = open_store(), open_store()
    with closing(reader.listen()) as bell, ThreadPoolExecutor() as threads:
        for n in range(1, 20):
            put = threads.submit(writer.put, workspace(f"w{n}"), author="ann")
            assert bell.wait(SIGNAL_S_MAX)
            bell.clear()
            current = reader.current()
            assert current is not None
            assert current.number == n
            put.result()


def test_put_when_threads_share_an_instance_then_no_version_is_lost(open_store: Callable[[], ConfigStore]) -> None:
    store = open_store()
    together = threading.Barrier(4)

    def put(thread: int) -> list[int]:
        together.wait(SIGNAL_S_MAX)
        return [store.put(workspace(f"w{thread}.{n}"), author=str(thread)).number for n in range(10)]

    with ThreadPoolExecutor(4) as threads:
        numbers = [number for part in threads.map(put, range(4)) for number in part]
    assert sorted(numbers) == list(range(1, 41))
    assert len({v.workspace.workspace for v in versions_of(store)}) == 40


def _put_in_a_process(engine: str, folder: Path, author: str, start: Event, count: int) -> None:
    start.wait(SIGNAL_S_MAX)
    with closing(ENGINES[engine](folder)) as store:
        for n in range(count):
            store.put(workspace(f"{author}{n}"), author=author)


def test_put_when_processes_open_and_write_at_once_then_no_version_is_lost(
    engine: str, tmp_path: Path, open_store: Callable[[], ConfigStore]
) -> None:
    context = multiprocessing.get_context("spawn")
    start, authors, count = context.Event(), ["a", "b", "c"], 20
    processes = [
        context.Process(target=_put_in_a_process, args=(engine, tmp_path, author, start, count))
        for author in authors
    ]
    for process in processes:
        process.start()
    start.set()  # nobody has made the store yet: they make it together
    for process in processes:
        process.join(SIGNAL_S_MAX * 2)
    assert [process.exitcode for process in processes] == [0, 0, 0]
    history = versions_of(open_store(), limit=100)
    assert [v.number for v in history] == list(range(len(authors) * count, 0, -1))
    for author in authors:
        mine = [v.workspace.workspace for v in reversed(history) if v.author == author]
        assert mine == [f"{author}{n}" for n in range(count)]
