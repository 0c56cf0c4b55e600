"""Whatever happens in whatever order, what was computed live is what brute force says of all events at once."""

from dataclasses import replace
from typing import Any

import pytest
import strategies as definitions_of
from hypothesis import assume, given
from hypothesis import strategies as st
from lives import STEPS, arrivals, judged, lived, orders, person
from living import HOUR, Life, Sent

from headwater import limits
from headwater.definitions import ast

Catalogue = tuple[ast.Definition, ...]

# --- everything that can be defined -----------------------------------------------------------------------------


@given(definitions_of.catalogues(), arrivals(), st.lists(STEPS, max_size=4))
def test_program_when_events_arrive_then_it_agrees_with_brute_force_at_every_step(
    catalogue: Catalogue, arrived: list[Sent], waits: list[int]
) -> None:
    life = Life(catalogue)
    for offset, event in enumerate(arrived):
        life.sent(event, offset)
        assert life.values() == judged(catalogue, person(arrived[: offset + 1]), life.clock_ms)
    for wait_ms in waits if arrived else ():
        life.wait(life.clock_ms + wait_ms)
        assert life.values() == judged(catalogue, person(arrived), life.clock_ms)


@given(definitions_of.catalogues(), arrivals(), st.randoms(use_true_random=False))
def test_program_when_the_same_events_arrive_in_another_order_then_they_come_to_the_same(
    catalogue: Catalogue, arrived: list[Sent], chance: Any
) -> None:
    assume(arrived)
    end_ms = max(each.arrives_ms for each in arrived)
    shuffled = list(enumerate(arrived))
    chance.shuffle(shuffled)
    other = Life(catalogue)
    for offset, event in shuffled:
        other.sent(replace(event, received_ms=end_ms), offset)
    life = lived(catalogue, arrived)
    assert other.values() == life.values()


@given(definitions_of.catalogues(), arrivals(), st.lists(STEPS, min_size=1, max_size=8))
def test_program_when_the_clock_jumps_then_the_same_happens_as_in_many_steps(
    catalogue: Catalogue, arrived: list[Sent], waits: list[int]
) -> None:
    assume(arrived)
    jumping, walking = lived(catalogue, arrived), lived(catalogue, arrived)
    end_ms = walking.clock_ms + sum(waits)
    for wait_ms in waits:
        walking.wait(walking.clock_ms + wait_ms)
    jumping.wait(end_ms)
    assert jumping.told() == walking.told()
    assert jumping.values() == walking.values()


@given(definitions_of.catalogues(), arrivals(most=6), st.lists(STEPS, min_size=1, max_size=4))
def test_program_when_nothing_is_due_then_nothing_has_changed(
    catalogue: Catalogue, arrived: list[Sent], waits: list[int]
) -> None:
    """Until it is due a profile is not looked at, so what it was has to be true."""
    assume(arrived)
    life = lived(catalogue, arrived)
    who, now_ms = person(arrived), life.clock_ms
    for wait_ms in waits:
        now_ms += wait_ms
        if life.computed.due_ms is not None and life.computed.due_ms <= now_ms:
            assert judged(catalogue, who, life.computed.due_ms - 1) == life.values()
            break
        assert judged(catalogue, who, now_ms) == life.values()


@given(definitions_of.catalogues(), definitions_of.catalogues(), arrivals(), st.integers(0, 10), STEPS)
def test_program_when_the_definitions_change_then_the_new_ones_are_computed_from_the_history(
    before: Catalogue, after: Catalogue, arrived: list[Sent], split: int, wait_ms: int
) -> None:
    assume(arrived)
    life = Life(before)
    for offset, event in enumerate(arrived[:split]):
        life.sent(event, offset)
    kept = [each for each in before if each in after]
    edited = tuple(each if each in kept else replace_version(each, 2) for each in after)
    life.defined(edited)
    for offset, event in enumerate(arrived[split:], len(arrived[:split])):
        life.sent(event, offset)
    life.wait(life.clock_ms + wait_ms)
    assert life.values() == judged(edited, person(arrived), life.clock_ms)
    assert life.computed.version == life.program.version


def replace_version(definition: ast.Definition, version: int) -> ast.Definition:
    return ast.Definition(definition.key, definition.body, definition.collection, version)


@given(definitions_of.catalogues(), arrivals(), arrivals(), STEPS)
def test_program_when_profiles_merge_then_they_come_to_what_one_would_have(
    catalogue: Catalogue, one: list[Sent], other: list[Sent], wait_ms: int
) -> None:
    assume(one and other)
    lives = [Life(catalogue), Life(catalogue)]
    everything = sorted(
        [(each.arrives_ms, 0, each) for each in one] + [(e.arrives_ms, 1, e) for e in other], key=lambda x: x[:2]
    )
    for offset, (_, side, event) in enumerate(everything):
        lives[side].sent(event, offset)
    now_ms = max(life.clock_ms for life in lives)
    for life in lives:
        life.wait(now_ms)
    merged = merge(*lives)
    arrived = [event for _, _, event in everything]
    assert merged.values() == judged(catalogue, person(arrived), now_ms)
    anew = Life(catalogue)
    for offset, event in enumerate(arrived):
        anew.keep(event, offset)
    anew.clock_ms = now_ms
    anew.rebuilt()
    assert anew.values() == merged.values()
    merged.wait(now_ms + wait_ms)
    assert merged.values() == judged(catalogue, person(arrived), now_ms + wait_ms)


def merge(life: Life, other: Life) -> Life:
    """The other's events come to the life, as when the pipeline merges profiles."""
    entries = list(other.entries(0, 1 << 62, None))
    life.rows = sorted([*life.rows, *other.rows])
    for key, trait in other.traits.items():
        known = life.traits.get(key)
        if known is None or (known.at_ms, known.offset) < (trait.at_ms, trait.offset):
            life.traits[key] = trait
    before = [dict(each.values()) for each in (life, other)]
    changes = life.program.absorb(life, [other.computed], entries, life.clock_ms)
    told = {each.key: each for each in changes}
    assert told.keys() == before[0].keys() | before[1].keys() | life.values().keys()
    for key, change in told.items():
        assert [value or None for value in change.before] == [each.get(key) or None for each in before]
    life.packed()
    return life


# --- few kinds of events that all count, and little that is kept of them -----------------------------------------

_TIGHT_STEPS = st.sampled_from([0, 0, 1, HOUR, 2 * HOUR, 3 * HOUR, 3 * HOUR + 1])
_NUMBERS = st.integers(0, 3) | st.sampled_from([None, "1", 0.1, [1, "a"], True])
_where = st.sampled_from(
    [
        None,
        ast.Compare(ast.Path(("properties", "total")), ">", (1,)),
        ast.Compare(ast.Path(("properties", "total")), "exists"),
        ast.Compare(ast.Path(("properties", "total")), "=", (ast.TraitOf(("count",)),)),
    ]
)
_queries = st.builds(ast.EventQuery, name=st.sampled_from(["Order", "Order", "Visit", None]), where=_where)
_windows = st.sampled_from(
    [
        ast.Window(HOUR),
        ast.Window(3 * HOUR),
        ast.Window(6 * HOUR),
        ast.Window(3 * HOUR, HOUR),
        ast.Window(6 * HOUR, 3 * HOUR),
        ast.Session(2 * HOUR),
        None,
    ]
)


@st.composite
def aggregates(draw: st.DrawFn, windows: st.SearchStrategy[Any] = _windows) -> ast.Aggregate:
    reducer = draw(st.sampled_from(definitions_of.REDUCERS))
    types = {"most_frequent": ["", "number", "array"], "min": ["", "string"], "max": ["", "string"]}
    return ast.Aggregate(
        draw(_queries),
        reducer,
        () if reducer == "count" else ("properties", "total"),
        draw(windows),
        draw(st.sampled_from(types.get(reducer, [""]))),
        draw(st.integers(1, 2)),
    )


@st.composite
def sequences(draw: st.DrawFn) -> ast.Sequence:
    steps = draw(st.lists(_queries, min_size=2, max_size=3))
    return ast.Sequence(tuple(steps), draw(st.sampled_from([None, 0, HOUR, 2 * HOUR, 3 * HOUR])))


@st.composite
def dense_catalogues(draw: st.DrawFn) -> Catalogue:
    bodies = draw(st.lists(aggregates() | aggregates() | sequences(), min_size=1, max_size=4))
    counted = ast.Definition("count", ast.Aggregate(ast.EventQuery(name="Refund")), version=1)
    return (counted, *(ast.Definition(f"d{at}", body, version=1) for at, body in enumerate(bodies)))


@pytest.mark.parametrize(("times_kept", "rows_looked"), [(16, 5_000), (2, 5_000), (1, 0), (3, 1)])
@given(dense_catalogues(), arrivals(orders(_NUMBERS), _TIGHT_STEPS, most=24), st.lists(_TIGHT_STEPS, max_size=5))
def test_program_when_much_happens_in_a_short_time_then_it_agrees_with_brute_force_at_every_step(
    times_kept: int, rows_looked: int, catalogue: Catalogue, arrived: list[Sent], waits: list[int]
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(limits, "WINDOW_TIMES_KEPT", times_kept)
        patch.setattr(limits, "WINDOW_ROWS_LOOKED", rows_looked)
        life = Life(catalogue)
        for offset, event in enumerate(arrived):
            life.sent(event, offset)
            assert life.values() == judged(catalogue, person(arrived[: offset + 1]), life.clock_ms)
        for wait_ms in waits if arrived else ():
            life.wait(life.clock_ms + wait_ms)
            assert life.values() == judged(catalogue, person(arrived), life.clock_ms)
