"""SQL against the reference: whatever a definition and whatever the histories, DuckDB finds the same."""

import os
from collections.abc import Sequence
from typing import Any, get_args

import msgspec
import pytest
from histories import NOW_MS, nows, people, users
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from reference import Occurrence, Person
from strategies import DAY, HOUR, Vocabulary, aggregates, catalogues, compares, followed
from warehouse import Warehouse, assert_agreement

from headwater.definitions import ast

LONG = bool(os.environ.get("HEADWATER_TEST_LONG"))
PEOPLE = 8
"""So many histories are asked by one query, which costs more to plan than to run."""
EXAMPLES = max(settings.default.max_examples // 4, 250 if LONG else 1)
"""Of PEOPLE histories each: 200 in a normal run, 2,000 in a long one."""


def asked(body: ast.Aggregate | ast.Condition, key: str = "d0") -> ast.Definition:
    return ast.Definition(key=key, body=body)


searching = settings(
    settings.default,
    max_examples=EXAMPLES,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@searching
@given(catalogues(collections=["users", "users", "accounts"]), people(size=PEOPLE), nows)
def test_sql_when_any_definition_is_asked_about_any_histories_then_it_agrees_with_the_reference(
    warehouse: Warehouse, catalogue: tuple[ast.Definition, ...], persons: list[Person], now_ms: int
) -> None:
    warehouse.hold(persons)
    assert_agreement(warehouse, catalogue, persons, now_ms)


PLAIN = Vocabulary(
    events=st.just("Order"),
    paths=st.sampled_from([("properties", "total"), ("properties", "plan"), ("properties", "tags")]),
    durations=st.sampled_from([HOUR, 12 * HOUR, DAY, 3 * DAY]),
)
"""Of which most events have something, and times that are exactly as far apart."""


@st.composite
def reducing(draw: st.DrawFn, reducer: ast.Reducer) -> ast.Aggregate:
    where = draw(st.none() | st.none() | followed(PLAIN) | compares(PLAIN))
    found = draw(aggregates(PLAIN, reducers=[reducer]))
    return msgspec.structs.replace(found, events=ast.EventQuery(name="Order", where=where))


@searching
@given(
    st.tuples(*map(reducing, get_args(ast.Reducer))),
    st.lists(users(most=10), min_size=PEOPLE, max_size=PEOPLE),
    nows,
)
def test_sql_when_many_events_are_reduced_then_it_agrees_with_the_reference(
    warehouse: Warehouse, found: Sequence[ast.Aggregate], persons: list[Person], now_ms: int
) -> None:
    warehouse.hold(persons)
    assert_agreement(warehouse, [asked(body, f"d{at}") for at, body in enumerate(found)], persons, now_ms)


steps = st.lists(
    st.builds(ast.EventQuery, name=st.sampled_from(["Order", "Visit", "Refund", None])), min_size=2, max_size=4
)


@searching
@given(
    st.lists(
        st.builds(ast.Sequence, steps.map(tuple), st.none() | st.sampled_from([0, HOUR, 12 * HOUR, DAY, 3 * DAY])),
        min_size=3,
        max_size=3,
    ),
    st.lists(users(most=8), min_size=PEOPLE // 2, max_size=PEOPLE // 2),
)
def test_sql_when_events_follow_each_other_then_it_agrees_with_the_reference(
    warehouse: Warehouse, found: list[ast.Sequence], persons: list[Person]
) -> None:
    warehouse.hold(persons)
    assert_agreement(warehouse, [asked(body, f"d{at}") for at, body in enumerate(found)], persons, NOW_MS)


LEFTS: list[Any] = [
    *("basic", "5", "true", "false", "", "Größe", "a\nb"),
    *(0, 5, 5.0, 5.5, -1, 10**15, 1e20, 0.1, True, False, None),
    *([], ["b", 5, None, True], [["b"]], {}, {"b": 1}),
    *("2026-01-01", "2026-01-10T12:00:00Z", "2026-01-10T14:00:00.0009+02:00", "2026-01-10T12:00Z"),
    *("2026-01-10T12:00:00", "2026-02-30", "2023-02-29", "2024-02-29", "0000-01-01", "0001-01-01", "9999-12-31"),
    *("2026-01-10T24:00:00Z", "2026-01-10T12:00:60Z", "2026-01-10 12:00:00Z", "2026-01-10T12:00:00+0200"),
    *("1969-12-31T23:59:59.999Z", "2026-01-09T12:00:00.001Z", "2026-01-10T12:00:00.001Z", "2026-01-11"),
    "2026-01-10T12:00:00.123456789-00:30",
]
RIGHTS: dict[str, list[tuple[Any, ...]]] = {
    "exists": [()],
    "not_exists": [()],
    "before": [("2026-01-10T12:00:00Z",), ("1970-01-01",)],
    "after": [("2026-01-10T12:00:00Z",), ("1970-01-01",)],
    **{operator: [(DAY,), (1,)] for operator in ("within_last", "before_last", "within_next", "after_next")},
    **{operator: [(5,), (5.5,), (0,)] for operator in ("<", "<=", ">", ">=")},
    **{operator: [("b",), ("",), ("basic", "Gr")] for operator in ("starts_with", "ends_with")},
}
OTHERS: list[tuple[Any, ...]] = [("basic",), ("true",), (True,), (5,), ("5",), ("",), (5.5,), ("b", 5, False)]


@pytest.mark.parametrize("operator", get_args(ast.Operator))
def test_sql_when_any_value_is_compared_then_it_agrees_with_the_reference(
    warehouse: Warehouse, operator: ast.Operator
) -> None:
    """Every value that is a case of its own, with every kind of operand: constants, and what stands in events and
    traits.
    """
    persons = [Person([holding(left)]) for left in LEFTS] + [
        Person([holding(5, traits={"other": o})]) for o in LEFTS
    ]
    warehouse.hold(persons)
    operands = RIGHTS.get(operator, [each for each in OTHERS if len(each) == 1 or operator in ast.MANY_OPERANDS])
    if operator not in ast.NO_OPERAND:
        found: list[Any] = [ast.Path(("traits", "other")), ast.TraitOf(("other",)), ast.Path(("traits", "left"))]
        operands = operands + ([] if operator in ast.DURATION_OPERAND else [(each,) for each in found])
    for each in operands:
        compared = ast.Compare(ast.Path(("properties", "left")), operator, each)
        of_event = ast.EventCondition(ast.Aggregate(ast.EventQuery(call="identify", where=compared)), "=", (1,))
        assert_agreement(warehouse, [asked(of_event)], persons, NOW_MS)
        if not any(isinstance(operand, ast.Path) for operand in each):
            of_trait = ast.TraitCondition(("left",), operator, each)
            assert_agreement(warehouse, [asked(of_trait)], persons, NOW_MS)


def holding(left: Any, traits: dict[str, Any] | None = None) -> Occurrence:
    event = {"type": "identify", "traits": {"left": left, **(traits or {})}}
    return Occurrence(NOW_MS, 0, 0, "identify", None, "web", event)
