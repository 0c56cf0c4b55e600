"""Group commit over a small real log, in memory, whose appends wait until the test lets them go."""

import asyncio
import inspect
import queue
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, cast

import pytest

from headwater.errors import StorageError
from headwater.log.group_commit import GroupCommit
from headwater.log.port import Log

S_MAX = 30


class HeldLog:
    """Appends block until `finish` says how they end."""

    name = "held"

    def __init__(self) -> None:
        self.groups: list[list[bytes]] = []
        self.events: list[int] = []
        self.started: queue.SimpleQueue[None] = queue.SimpleQueue()
        self._ends: queue.SimpleQueue[Exception | None] = queue.SimpleQueue()

    def append(self, records: Sequence[bytes], *, events: int, producer: None = None) -> int:
        self.started.put(None)
        end = self._ends.get(timeout=S_MAX)
        if end:
            raise end
        self.groups.append(list(records))
        self.events.append(events)
        return 0

    def finish(self, error: Exception | None = None, *, times: int = 1) -> None:
        for _ in range(times):
            self._ends.put(error)

    async def until_started(self) -> None:
        await asyncio.to_thread(self.started.get, timeout=S_MAX)


def commit_over(log: HeldLog, **options: Any) -> GroupCommit:
    return GroupCommit(cast(Log, log), **options)


def run(test: Callable[[], Awaitable[None]]) -> Callable[[], None]:
    """The test as a function that pytest can call."""

    def in_a_loop() -> None:
        asyncio.run(asyncio.wait_for(test(), S_MAX))  # type: ignore[arg-type]

    assert inspect.iscoroutinefunction(test)
    in_a_loop.__name__ = test.__name__
    return in_a_loop


@run
async def test_append_when_several_arrive_in_one_turn_then_they_share_a_commit() -> None:
    log = HeldLog()
    commit = commit_over(log)
    log.finish()
    await asyncio.gather(*(commit.append(b"%d" % n, events=10) for n in range(5)))
    assert log.groups == [[b"0", b"1", b"2", b"3", b"4"]]
    assert log.events == [50]
    await commit.close()


@run
async def test_append_when_a_commit_runs_then_what_arrives_shares_the_next_one() -> None:
    log = HeldLog()
    commit = commit_over(log)
    first = commit.append(b"a")
    await log.until_started()
    later = [commit.append(b"b"), commit.append(b"c")]
    assert not first.done()
    log.finish(times=2)
    await asyncio.gather(first, *later)
    assert log.groups == [[b"a"], [b"b", b"c"]]
    await commit.close()


@run
async def test_append_when_the_group_is_full_then_the_next_one_starts_and_order_is_kept() -> None:
    log = HeldLog()
    commit = commit_over(log, group_bytes_max=10)
    log.finish(times=10)
    await asyncio.gather(*(commit.append(b"%04d" % n) for n in range(7)), commit.append(b"x" * 100))
    assert all(len(b"".join(group)) <= 10 or len(group) == 1 for group in log.groups)
    assert [record for group in log.groups for record in group] == [*(b"%04d" % n for n in range(7)), b"x" * 100]
    await commit.close()


@pytest.mark.parametrize("error", [StorageError("disk full"), RuntimeError("a bug"), OSError(28, "no space")])
def test_append_when_a_commit_fails_then_everybody_of_that_group_hears_it_and_nobody_else(
    error: Exception,
) -> None:
    async def test() -> None:
        log = HeldLog()
        commit = commit_over(log)
        failing = [commit.append(b"a"), commit.append(b"b")]
        await log.until_started()
        fine = commit.append(b"c")
        log.finish(error)
        log.finish()
        for outcome in await asyncio.gather(*failing, return_exceptions=True):
            assert isinstance(outcome, StorageError)
        await fine
        assert log.groups == [[b"c"]]
        await commit.close()

    run(test)()


@run
async def test_append_when_a_waiter_hangs_up_then_the_others_still_hear_and_the_log_goes_on() -> None:
    log = HeldLog()
    commit = commit_over(log)

    async def send(record: bytes) -> None:
        await commit.append(record)

    leaving, staying = asyncio.create_task(send(b"a")), asyncio.create_task(send(b"b"))
    await log.until_started()
    leaving.cancel()
    await asyncio.sleep(0)
    log.finish()
    await staying
    with pytest.raises(asyncio.CancelledError):
        await leaving
    log.finish()
    await commit.append(b"c")
    assert log.groups == [[b"a", b"b"], [b"c"]]
    await commit.close()


@run
async def test_append_when_all_waiters_of_a_failing_group_hung_up_then_nothing_is_reported_twice() -> None:
    log = HeldLog()
    commit = commit_over(log)
    loop = asyncio.get_running_loop()
    complaints: list[Any] = []
    loop.set_exception_handler(lambda _, context: complaints.append(context))
    leaving = asyncio.ensure_future(commit.append(b"nobody waits for this"))
    await log.until_started()
    leaving.cancel()
    log.finish(StorageError("disk full"))
    await commit.close()
    assert not complaints


@run
async def test_close_when_commits_are_under_way_then_waits_for_all_of_them() -> None:
    log = HeldLog()
    commit = commit_over(log)
    first = commit.append(b"a")
    await log.until_started()
    second = commit.append(b"b")
    closing = asyncio.create_task(commit.close())
    await asyncio.sleep(0)
    assert not closing.done()
    log.finish(times=2)
    await closing
    assert first.done()
    assert second.done()
    assert log.groups == [[b"a"], [b"b"]]


@run
async def test_close_when_nothing_was_appended_then_returns() -> None:
    await commit_over(HeldLog()).close()


@run
async def test_observe_when_groups_are_committed_then_told_their_size() -> None:
    log = HeldLog()
    seen: list[int] = []
    commit = commit_over(log, observe=lambda seconds, records, events: seen.append(records))
    log.finish(times=2)
    await asyncio.gather(commit.append(b"a"), commit.append(b"b"))
    await commit.append(b"c")
    await commit.close()
    assert seen == [2, 1]
