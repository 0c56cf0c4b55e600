"""What was computed live, event by event and from one due time to the next, is what SQL finds in the history."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lives import STEPS, arrivals, lived, person
from living import Life, Sent
from strategies import catalogues
from test_sql_properties import EXAMPLES
from warehouse import Warehouse, comparable

from headwater.definitions import ast

PEOPLE = 8
"""Histories in each example: with EXAMPLES of them 200 in a normal run."""


@settings(settings.default, max_examples=EXAMPLES, suppress_health_check=[HealthCheck.too_slow])
@given(catalogues(), st.lists(arrivals(), min_size=PEOPLE, max_size=PEOPLE), STEPS)
def test_program_when_people_have_lived_then_sql_finds_what_it_has_computed(
    warehouse: Warehouse, catalogue: tuple[ast.Definition, ...], arrived: list[list[Sent]], wait_ms: int
) -> None:
    lives = [lived(catalogue, each) for each in arrived]
    assert_agreement(warehouse, catalogue, lives, arrived, wait_ms)


@settings(settings.default, max_examples=EXAMPLES, suppress_health_check=[HealthCheck.too_slow])
@given(catalogues(), st.lists(st.tuples(arrivals(most=6), arrivals(most=6)), min_size=2, max_size=2), STEPS)
def test_program_when_profiles_have_merged_then_sql_finds_what_it_has_computed(
    warehouse: Warehouse,
    catalogue: tuple[ast.Definition, ...],
    pairs: list[tuple[list[Sent], list[Sent]]],
    wait_ms: int,
) -> None:
    lives, arrived = [], []
    for pair in pairs:
        both = sorted([*pair[0], *pair[1]], key=lambda each: each.arrives_ms)
        lives.append(merged(catalogue, both, {id(each) for each in pair[1]}))
        arrived.append(both)
    assert_agreement(warehouse, catalogue, lives, arrived, wait_ms)


def merged(catalogue: tuple[ast.Definition, ...], arrived: list[Sent], of_other: set[int]) -> Life:
    """Two profiles that live side by side and then become one, the one that was there first."""
    life, other = Life(catalogue), Life(catalogue)
    for offset, event in enumerate(arrived):
        (other if id(event) in of_other else life).sent(event, offset)
    now_ms = max(life.clock_ms, other.clock_ms)
    for each in (life, other):
        each.wait(now_ms)
    entries = list(other.entries(0, 1 << 62, None))
    life.rows = sorted([*life.rows, *other.rows])
    for key, trait in other.traits.items():
        known = life.traits.get(key)
        if known is None or (known.at_ms, known.offset, known.index) < (trait.at_ms, trait.offset, trait.index):
            life.traits[key] = trait
    life.program.absorb(life, [other.computed], entries, now_ms)
    life.packed()
    return life


def assert_agreement(
    warehouse: Warehouse,
    catalogue: tuple[ast.Definition, ...],
    lives: list[Life],
    arrived: list[list[Sent]],
    wait_ms: int,
) -> None:
    now_ms = max(life.clock_ms for life in lives) + wait_ms
    for life in lives:
        life.wait(now_ms)
    warehouse.hold([person(each) for each in arrived])
    # Somebody of whom nothing was ever heard is no profile yet.
    known = {f"p{at}": life.values() for at, life in enumerate(lives) if arrived[at]}
    for definition in catalogue:
        wanted = {profile: values[definition.key] for profile, values in known.items() if definition.key in values}
        found = {
            profile: value
            for profile, value in warehouse.ask(definition, catalogue, now_ms).items()
            if profile in known
        }
        assert wanted == comparable(definition, found), definition
