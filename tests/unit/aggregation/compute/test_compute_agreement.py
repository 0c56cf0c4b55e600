"""Whatever happens in whatever order, what was computed live is what brute force says of all events at once."""

from dataclasses import replace
from random import Random
from typing import Any

import pytest
import strategies as definitions_of
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from lives import STEPS, arrivals, judged, lived, person
from living import HOUR, START_MS, Life, Sent

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


# --- few kinds of events that all count, close to each other -----------------------------------------------------

_TIGHT_MS = (0, 0, 1, HOUR - 1, HOUR, HOUR, 2 * HOUR, 3 * HOUR)
_TOTAL = ("properties", "total")
_WHERES = (
    None,
    None,
    ast.Compare(ast.Path(_TOTAL), ">", (1,)),
    ast.Compare(ast.Path(_TOTAL), "exists"),
    ast.Compare(ast.Path(_TOTAL), "=", (ast.TraitOf(("count",)),)),
    ast.Followed(ast.EventQuery(name="Visit"), 2 * HOUR, ">=", 1),
    ast.Followed(ast.EventQuery(name="Order"), HOUR, "<", 2),
    ast.Followed(
        ast.EventQuery(
            where=ast.AllOf(
                (
                    ast.Compare(ast.Path(_TOTAL), ">=", (ast.ParentPath(_TOTAL),)),
                    ast.Followed(ast.EventQuery(name="Order"), HOUR, ">=", 1),
                )
            )
        ),
        HOUR,
        "=",
        1,
    ),
)
_WINDOWS = (ast.Window(HOUR), ast.Window(3 * HOUR), ast.Window(3 * HOUR, HOUR), ast.Session(2 * HOUR), None)


class Dense:
    """A definition and a life for it, made of a seed: in lists as short as hypothesis likes them, little meets."""

    def __init__(self, seed: int) -> None:
        self.chance = Random(seed)
        counted = ast.Definition("count", ast.Aggregate(ast.EventQuery(name="Refund")), version=1)
        body = self.sequence() if self.chance.random() < 0.2 else self.aggregate()
        self.catalogue = (counted, ast.Definition("d", body, version=1))
        self.arrived = self.arrivals()
        self.waits = [self.chance.choice(_TIGHT_MS) for _ in range(6)]

    def query(self) -> ast.EventQuery:
        return ast.EventQuery(
            name=self.chance.choice(["Order", "Order", "Visit", None]), where=self.chance.choice(_WHERES)
        )

    def sequence(self) -> ast.Sequence:
        steps = tuple(self.query() for _ in range(self.chance.randint(2, 3)))
        return ast.Sequence(steps, self.chance.choice([None, 0, HOUR, 2 * HOUR]))

    def aggregate(self) -> ast.Aggregate:
        reducer = self.chance.choice(definitions_of.REDUCERS)
        types = {"most_frequent": ["", "number", "array"], "min": ["", "string"], "max": ["", "string"]}
        return ast.Aggregate(
            self.query(),
            reducer,
            () if reducer == "count" else _TOTAL,
            self.chance.choice(_WINDOWS),
            self.chance.choice(types.get(reducer, [""])),
            self.chance.randint(1, 2),
        )

    def arrivals(self) -> list[Sent]:
        clock_ms = START_MS
        is_orderly = self.chance.random() < 0.3
        totals = self.chance.choice(
            [(0, 1, 2, 3), (), (2, None, None, None), (1, "1", "b", True, 0.1, None, [1, "a"], 5)]
        )
        ordinal = 30
        found = []
        for _ in range(self.chance.randint(6, 24)):
            clock_ms += self.chance.choice(_TIGHT_MS)
            ordinal -= 1
            late_ms = 0 if is_orderly or self.chance.random() < 0.5 else self.chance.choice(_TIGHT_MS)
            late_ms *= self.chance.randint(1, 3)
            name = self.chance.choice(["Order", "Order", "Order", "Visit", "Refund"])
            total = self.chance.choice(totals) if totals else ordinal
            found.append(Sent(clock_ms - late_ms, name=name, payload={"total": total}, received_ms=clock_ms))
        return found


@pytest.mark.parametrize(("times_kept", "rows_looked"), [(16, 5_000), (2, 5_000), (1, 0), (3, 1)])
@settings(max_examples=2 * settings.default.max_examples)
@given(st.integers(0, 2**48))
def test_program_when_much_happens_in_a_short_time_then_it_agrees_with_brute_force_at_every_step(
    times_kept: int, rows_looked: int, seed: int
) -> None:
    dense = Dense(seed)
    arrived = dense.arrived
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(limits.compute, "WINDOW_TIMES_KEPT", times_kept)
        patch.setattr(limits.compute, "WINDOW_ROWS_LOOKED", rows_looked)
        life = Life(dense.catalogue)
        for offset, event in enumerate(arrived):
            life.sent(event, offset)
            assert life.values() == judged(dense.catalogue, person(arrived[: offset + 1]), life.clock_ms)
        for wait_ms in dense.waits:
            life.wait(life.clock_ms + wait_ms)
            assert life.values() == judged(dense.catalogue, person(arrived), life.clock_ms)
