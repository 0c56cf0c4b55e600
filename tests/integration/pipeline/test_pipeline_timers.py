"""What is due happens when it is due, with nothing arriving: by ticks that the pipeline puts into its own log."""

import contextlib
import json
import time
from pathlib import Path

import msgspec
import pytest
from flowing import collect, drain, put, running, until

from headwater.aggregation import tables
from headwater.config.loader import complete, load
from headwater.config.workspace import Workspace
from headwater.destinations import registry
from headwater.event import CollectedRequest, decode_collected, encode_collected
from headwater.lake.query import connect
from headwater.processing import archive
from headwater.profiles.embedded import embedded
from headwater.units import DAY_MS


def workspace(within: str) -> Workspace:
    text = f"""
workspace: shop
settings: {{lake_visible_s: 0.05}}
sources: [{{name: website, write_key: wk_website}}]
audiences: [{{key: buyers, where: {{event: Order, within: {within}}}}}]
"""
    return complete(load(text, registry), None, 1)


def order(user: str) -> bytes:
    """Received now."""
    body = json.dumps({"type": "track", "event": "Order", "userId": user, "messageId": user}).encode()
    return encode_collected(CollectedRequest(_now_ms(), "website", "track", "", "", False, body, 1, len(body)))


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


def sizes(data: Path) -> list[int]:
    """Of the audience, now: nothing while nobody was ever in it."""
    with contextlib.closing(embedded(data).state_view()) as view:
        (row,) = view.get_many(tables.AUDIENCE_SIZES, [tables.size_key("buyers")])
    return [] if row is None else [tables.unpack_ms(row)]


def in_lake(data: Path) -> int:
    """How many events are: once all of them are, the pipeline has nothing to do but wait for its timer."""
    with connect(embedded(data).lake()) as connection:
        ((count,),) = connection.execute("SELECT count(*) FROM events").fetchall()
    return int(count)


def calls(data: Path) -> list[str]:
    with contextlib.closing(embedded(data).collected()) as log:
        return [decode_collected(record.data).call for record in log.read(0, bytes_max=1 << 20)]


def test_timer_when_it_is_due_in_years_then_the_pipeline_sleeps_and_wakes_as_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "RETRY_S", 0.001)  # it has soon nothing to wait for but the timer
    put(tmp_path, workspace("3660d"))
    with running(tmp_path) as system:
        for number in range(1, 6):
            collect(tmp_path, order(f"u{number}"))
            until(lambda wanted=number: bool(system.failures) or in_lake(tmp_path) == wanted)
    assert sizes(tmp_path) == [5]


def test_timer_when_it_is_due_then_the_window_closes_with_nothing_arriving(tmp_path: Path) -> None:
    put(tmp_path, workspace("1s"))
    with running(tmp_path):
        collect(tmp_path, order("u1"))
        until(lambda: sizes(tmp_path) == [1])
        until(lambda: sizes(tmp_path) == [0])
    assert set(calls(tmp_path)) == {"track", "tick"}
    with contextlib.closing(embedded(tmp_path).state()) as state:
        assert list(state.scan(tables.TIMERS)) == []
        ((key, row),) = state.scan(tables.PROFILES)
        ((_, event),) = state.scan(tables.HISTORY, key)
    left_ms = tables.decode_computed(tables.decode_profile(row).computed).values["buyers"].changed_ms
    assert left_ms == tables.read_history_row(event).received_ms + 1_000, "in the very millisecond"


def test_timer_when_it_became_due_while_nobody_was_there_then_it_fires_at_the_start(tmp_path: Path) -> None:
    put(tmp_path, workspace("1d"))
    day_ago = msgspec.structs.replace(decode_collected(order("u1")), received_at_ms=_now_ms() - DAY_MS - 1)
    collect(tmp_path, encode_collected(day_ago))
    drain(tmp_path)
    assert sizes(tmp_path) == [1], "by the clock of the log it is not due"
    with running(tmp_path):
        until(lambda: sizes(tmp_path) == [0])
