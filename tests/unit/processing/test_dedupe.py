"""dedupe: the stage alone, against a set, and against crashes."""

import contextlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml
from arriving import RECEIVED_MS, context, request, track
from hypothesis import given, settings
from hypothesis import strategies as st

from headwater import limits
from headwater.config.workspace import Settings, Workspace
from headwater.event import CollectedRequest
from headwater.flow import DROPPED, Context, Dropped, Effects, Stage, dropped_prefix, run_stage
from headwater.flowing import Arrival, FlowingEvent
from headwater.processing import dedupe, normalise
from headwater.processing.replay import Replay
from headwater.state.port import Commit
from headwater.state.rocksdb import RocksState
from headwater.units import DAY_MS

FIXTURES = Path(__file__).parents[2] / "fixtures" / "stages" / "dedupe"
SCENARIOS = [scenario for file in sorted(FIXTURES.glob("*.yaml")) for scenario in yaml.safe_load(file.read_text())]


def flowing(requests: Sequence[CollectedRequest], first_offset: int = 0) -> list[FlowingEvent]:
    arrivals = [Arrival(first_offset + at, request) for at, request in enumerate(requests)]
    return run_stage(normalise.STAGE, arrivals, context(), Effects())


def of(
    message_id: str | None, *, day: float = 0, owned_id: str | None = None, source: str = "website"
) -> CollectedRequest:
    """`owned_id`: the event is replayed, and this is the id that it left in the table."""
    received_ms = RECEIVED_MS + round(day * DAY_MS)
    members = {} if message_id is None else {"messageId": message_id}
    event = {**track(), **members} if members else {k: v for k, v in track().items() if k != "messageId"}
    replay = "" if owned_id is None else json.dumps(msgspec.to_builtins(Replay(0, 0, "", "", 0, 0, 0, owned_id)))
    return request(event, call="track", received_at_ms=received_ms, replayed=replay, source=source)


class Platform:
    """The stage with a state of its own: batch after batch, each committed or lost."""

    def __init__(self, folder: Path, window_s: int = limits.processing.DEDUPE_WINDOW_S) -> None:
        self.folder = folder
        self.context = Context(Workspace(workspace="shop", settings=Settings(dedupe_window_s=window_s)))
        self.state = RocksState(folder)
        self.offset = 0

    def run(
        self, requests: Sequence[CollectedRequest], *, crash: bool = False, stage: Stage = dedupe.STAGE
    ) -> Effects:
        events = flowing(requests, self.offset)
        effects = Effects(self.state)
        self.passed = [event.event.message_id for event in run_stage(stage, events, self.context, effects)]
        if crash:
            self.state.close()
            self.state = RocksState(self.folder)
            return effects
        self.offset += len(requests)
        at_ms = max((one.received_at_ms for one in requests), default=0)
        window_ms = self.context.workspace.settings.dedupe_window_s * 1000
        self.state.commit(
            Commit(self.offset, effects.changes, at_ms=at_ms, expire={dedupe.TABLE: at_ms - window_ms})
        )
        return effects


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario["scenario"])
def test_dedupe_when_a_scenario_is_run_then_it_ends_as_described(scenario: dict[str, Any], tmp_path: Path) -> None:
    platform = Platform(tmp_path, scenario.get("window_s", limits.processing.DEDUPE_WINDOW_S))
    with contextlib.closing(platform.state):
        for batch in scenario["batches"]:
            effects = platform.run([of(**event) for event in batch["events"]])
            assert platform.passed == batch["passed"]
            duplicates = len(batch["events"]) - len(batch["passed"])
            counted = {outcome: count for (_, outcome), count in effects.counts.items()}
            assert counted == ({"duplicate": duplicates} if duplicates else {})
            assert len(effects.changes.get(DROPPED, {})) == duplicates


def test_dedupe_when_an_event_is_dropped_then_it_can_be_found_by_its_id(tmp_path: Path) -> None:
    platform = Platform(tmp_path)
    with contextlib.closing(platform.state):
        platform.run([of("m1"), of("m2")])
        platform.run([of("m1"), of("m1")])
        rows = [
            msgspec.msgpack.decode(row, type=Dropped)
            for _, row in platform.state.scan(DROPPED, dropped_prefix("m1"))
        ]
        assert [(row.stage, row.reason, row.offset) for row in rows] == [
            ("dedupe", "duplicate", 2),
            ("dedupe", "duplicate", 3),
        ]
        assert not list(platform.state.scan(DROPPED, dropped_prefix("m2")))


def test_dedupe_when_half_of_a_batch_is_run_again_then_it_sees_what_the_other_half_did(tmp_path: Path) -> None:
    """The runtime halves a batch with poison in it: the halves must not each find the same id new."""

    def run(events: Sequence[FlowingEvent], context: Context, effects: Effects) -> list[FlowingEvent]:
        if any(event.event.message_id == "poison" for event in events):
            raise ValueError
        return dedupe.dedupe(events, context, effects)

    platform = Platform(tmp_path)
    with contextlib.closing(platform.state):
        requests = [of("m1"), of("m2"), of("poison"), of("m1"), of("m2"), of("m3")]
        effects = platform.run(requests, stage=dedupe.STAGE._replace(run=run))
        assert platform.passed == ["m1", "m2", "m3"]
        assert effects.counts["website", "duplicate"] == 2
        assert [letter.reason for letter in effects.dead] == ["poison"]


ids = st.sampled_from([f"m{n}" for n in range(8)])
batches = st.lists(
    st.tuples(st.lists(ids, max_size=6), st.booleans(), st.integers(min_value=0, max_value=20)), max_size=8
)


@settings(max_examples=settings.default.max_examples // 4)
@given(batches)
def test_dedupe_when_batches_crash_at_random_then_it_agrees_with_a_set(
    tmp_path_factory: pytest.TempPathFactory, batches: list[tuple[list[str], bool, int]]
) -> None:
    platform = Platform(tmp_path_factory.mktemp("state"))
    seen: dict[str, int] = {}
    day = 0
    with contextlib.ExitStack() as stack:
        stack.callback(lambda: platform.state.close())  # noqa: PLW0108 - a crash opens another one
        for names, crash, days_later in batches:
            day += days_later
            expected, after = [], dict(seen)
            for name in names:
                if name not in after or (day - after[name]) * 24 * 3600 >= limits.processing.DEDUPE_WINDOW_S:
                    expected.append(name)
                    after[name] = day
            platform.run([of(name, day=day) for name in names], crash=crash)
            assert platform.passed == expected
            if not crash:
                seen = after
