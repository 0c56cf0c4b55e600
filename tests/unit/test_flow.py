"""The runtime of a stage: poison is found and buried, everything else goes on as if it had not been there."""

import math
from collections.abc import Sequence
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater import limits
from headwater.config.workspace import Workspace
from headwater.errors import BusyError, StorageError
from headwater.event import Event
from headwater.flow import Context, DeadLetter, Effects, Stage, run_stage
from headwater.flowing import FlowingEvent

CONTEXT = Context(Workspace(workspace="shop"))


class Counting:
    """A stage that doubles numbers, and cannot bear some of them."""

    def __init__(self, poison: set[int] = frozenset(), *, raising: type[BaseException] = ValueError) -> None:  # type: ignore[assignment]
        self.runs = 0
        self.items_seen = 0
        self._poison = poison
        self._raising = raising

    def run(self, items: Sequence[int], context: Context, effects: Effects) -> list[int]:
        self.runs += 1
        self.items_seen += len(items)
        passed = []
        for item in items:
            effects.counts["website", "seen"] += 1
            effects.changes.setdefault("counters", {})[b"%d" % item] = b"x"
            if item in self._poison:
                raise self._raising(f"cannot bear {item}")
            passed.append(2 * item)
        return passed

    def stage(self, *, events: int = 1) -> Stage:
        def bury(item: Any, error: BaseException) -> DeadLetter:
            return DeadLetter(item, 0, "count", "poison", str(error), "website", "track", 0, b"", events)

        return Stage("count", self.run, bury)


@given(count=st.integers(0, 200), data=st.data())
def test_run_stage_when_some_items_are_poison_then_exactly_those_are_buried_and_order_is_kept(
    count: int, data: st.DataObject
) -> None:
    poison = data.draw(st.sets(st.integers(0, max(0, count - 1)), max_size=5)) if count else set()
    counting, effects = Counting(poison), Effects()
    passed = run_stage(counting.stage(), range(count), CONTEXT, effects)
    healthy = [item for item in range(count) if item not in poison]
    assert passed == [2 * item for item in healthy]
    assert [letter.offset for letter in effects.dead] == sorted(poison)
    assert effects.counts["website", "seen"] == len(healthy), "the tries that failed left traces"
    assert effects.counts["website", "poison"] == len(poison)
    assert set(effects.changes.get("counters", {})) == {b"%d" % item for item in healthy}
    # Each poison costs one path from the whole batch down to itself, two runs per level.
    assert counting.runs <= 1 + 2 * len(poison) * max(1, math.ceil(math.log2(max(count, 2))))


def test_run_stage_when_all_is_well_then_it_runs_once() -> None:
    counting = Counting()
    assert run_stage(counting.stage(), range(1000), CONTEXT, Effects()) == list(range(0, 2000, 2))
    assert (counting.runs, counting.items_seen) == (1, 1000)


def test_run_stage_when_poison_held_many_events_then_all_are_counted() -> None:
    effects = Effects()
    run_stage(Counting({1}).stage(events=40), range(3), CONTEXT, effects)
    assert effects.counts["website", "poison"] == 40


def test_run_stage_when_effects_were_noted_before_then_they_stay() -> None:
    effects = Effects()
    effects.counts["app", "accepted"] = 5
    effects.changes["counters"] = {b"old": b"1"}
    run_stage(Counting({1}).stage(), range(3), CONTEXT, effects)
    assert effects.counts["app", "accepted"] == 5
    assert set(effects.changes["counters"]) == {b"old", b"0", b"2"}


@pytest.mark.parametrize("error", [BusyError, StorageError])
@pytest.mark.parametrize("count", [1, 8])
def test_run_stage_when_the_machinery_fails_then_nobody_is_blamed(error: type[BusyError], count: int) -> None:
    effects = Effects()
    with pytest.raises(error):
        run_stage(Counting({0}, raising=error).stage(), range(count), CONTEXT, effects)
    assert effects == Effects()


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit])
def test_run_stage_when_the_process_is_told_to_end_then_it_ends(error: type[BaseException]) -> None:
    with pytest.raises(error):
        run_stage(Counting({0}, raising=error).stage(), range(2), CONTEXT, Effects())


def test_note_when_a_line_is_too_long_then_a_short_one_says_what_the_stage_did() -> None:
    flowing = FlowingEvent(0, 0, "website", 0, 0, None, None, Event())
    flowing.note("govern", "omitted", plan="p", omitted=["n" * limits.processing.TRACE_BYTES_MAX])
    flowing.note(
        "transform", "changed", transformation="t", version=2, dropped=["n" * limits.processing.TRACE_BYTES_MAX]
    )
    noted = msgspec.json.decode(b"[" + flowing.trace + b"]")
    assert [(line["stage"], line["outcome"]) for line in noted] == [
        ("govern", "omitted"),
        ("transform", "changed"),
    ]
    assert (noted[0]["plan"], noted[1]["transformation"], noted[1]["version"]) == ("p", "t", 2)
    assert all("too long" in line["left_out"] for line in noted)


def test_note_when_there_is_no_end_of_lines_then_the_trace_stays_bounded() -> None:
    flowing = FlowingEvent(0, 0, "website", 0, 0, None, None, Event())
    for _ in range(1_000):
        flowing.note("transform", "changed", dropped=["n" * 200])
    assert len(flowing.trace) < 3 * limits.processing.TRACE_BYTES_MAX
