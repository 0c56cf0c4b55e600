"""Steps of a replay, into a real log."""

from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import msgspec
import pytest

from headwater.config.workspace import Workspace
from headwater.event import OutboundEvent
from headwater.lake.parquet import ParquetLake
from headwater.log.sqlite import SqliteLog
from headwater.replay import selection
from headwater.replay.port import Asked, Progress, Replay
from headwater.replay.selection import Rows
from headwater.replay.sqlite import SqliteReplays
from headwater.serve.deliver.replay_runs import OfLake, ToDestination


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as opened:
        yield opened


def event(place: int) -> OutboundEvent:
    body = msgspec.json.encode({"type": "track", "messageId": f"m{place}", "event": "Order"})
    members: list[Any] = [place, 0, f"m{place}", "track", "Order", None, "ann", None, None, None, "web", 1, 1]
    return OutboundEvent(*members, None, None, body)  # type: ignore[call-arg]


def test_replay_when_its_database_was_made_anew_then_the_log_still_takes_its_steps(
    tmp_path: Path, stack: ExitStack
) -> None:
    lake = ParquetLake(tmp_path / "lake")
    lake.write(0, 0, [lake.pack([event(place) for place in range(3)])])
    log = stack.enter_context(closing(SqliteLog(tmp_path / "log", bells=tmp_path / "bells")))
    asked = Asked(to="crm", per_s=5.0)
    bounds = selection.bounds(lake, asked, since_ms=None, until_ms=None)
    replay = Replay("rp_1", asked, bounds, 1, "ann")
    for run_number in (1, 2):
        store = SqliteReplays(tmp_path / f"replays-{run_number}.db", bells=tmp_path / "bells")
        stack.enter_context(closing(store))
        store.add(replay)
        way = ToDestination(replay, log, lambda: Workspace(workspace="shop"))
        run = OfLake(replay, store, Rows(lake, asked, bounds), lambda _: True, way)
        done = Progress()
        while not run.is_over:
            run.step(done)
            done = store.get("rp_1").progress  # type: ignore[union-attr]
        run.close()
        assert done.sent == 3
        assert log.end() == 3 * run_number, "a step has one event"
