"""JSON values as definitions take them."""

import sys
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from living import START_MS, Life, Sent

from headwater import limits
from headwater.aggregation.compute.values import UNIT, is_unchanged, number_of, same, storable, text_of, units_of
from headwater.definitions import ast

_numbers = st.floats(-1e15, 1e15, exclude_min=True, exclude_max=True) | st.integers(-(10**15) + 1, 10**15 - 1)


@given(_numbers | st.decimals(-(10**8), 10**8, places=3).map(float))
def test_units_when_a_number_is_rounded_then_halves_go_away_from_zero(number: float) -> None:
    assert units_of(number) == int((Decimal(repr(number)) * UNIT).to_integral_value(ROUND_HALF_UP))


@pytest.mark.parametrize(
    ("value", "units"),
    [
        (0.1, 100_000_000),
        (5, 5 * UNIT),
        (0.0000000005, 1),
        (-0.0000000005, -1),
        (0.0000000004, 0),
        (10**15, None),
        (-(10.0**15), None),
        (10**400, None),
        (True, None),
        ("5", None),
        (None, None),
        ([5], None),
    ],
)
def test_units_when_a_value_is_summed_then_only_numbers_of_a_reasonable_size_count(value: Any, units: int) -> None:
    assert units_of(value) == units


@given(st.lists(_numbers, min_size=1, max_size=30), st.randoms(use_true_random=False))
def test_sum_when_numbers_come_in_any_order_then_it_is_exactly_the_same(numbers: list[Any], chance: Any) -> None:
    definition = ast.Definition("t", ast.Aggregate(ast.EventQuery(), "sum", ("properties", "n")), version=1)
    sums = []
    for _ in range(2):
        life = Life([definition])
        for offset, number in enumerate(numbers):
            life.sent(Sent(payload={"n": number}), offset)
        sums.append(life.value("t"))
        chance.shuffle(numbers)
    assert sums[0] == sums[1] == number_of(sum(units_of(each) or 0 for each in numbers))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (5, "5"),
        (5.0, "5"),
        (-0.0, "0"),
        (5.5, "5.5"),
        (True, "true"),
        (False, "false"),
        ("x", "x"),
        (1e21, "1e+21"),
        (None, None),
        ([], None),
        ({}, None),
    ],
)
def test_text_when_a_value_is_a_scalar_then_it_is_its_shortest_form(value: Any, text: str | None) -> None:
    assert text_of(value) == text


@pytest.mark.parametrize(
    ("left", "right", "is_same"),
    [
        (1, 1.0, True),
        (1, True, False),
        (0, False, False),
        ("true", True, True),
        (False, "false", True),
        (True, "True", False),
        ("1", 1, False),
        (None, None, False),
        ([1], [1], False),
        ({}, {}, False),
        ("a", "A", False),
    ],
)
def test_same_when_values_are_compared_then_kinds_matter(left: Any, right: Any, is_same: bool) -> None:
    assert same(left, right) is is_same
    assert same(right, left) is is_same


def test_unchanged_when_values_of_a_definition_are_compared_then_lists_are_looked_into() -> None:
    assert is_unchanged([1, {"a": [2.0]}], [1.0, {"a": [2]}])
    assert not is_unchanged([1], [True])
    assert not is_unchanged("true", True)


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


@given(_json)
def test_storable_when_a_value_is_any_json_then_a_row_can_hold_it(value: Any) -> None:
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(storable(value))) == storable(value)


@pytest.mark.parametrize("reducer", ["first", "last", "min", "max"])
def test_aggregate_when_a_number_is_larger_than_rows_hold_then_it_is_kept_as_a_float(reducer: ast.Reducer) -> None:
    definition = ast.Definition("t", ast.Aggregate(ast.EventQuery(), reducer, ("properties", "n")), version=1)
    life = Life([definition])
    life.sent(Sent(payload={"n": 10**30}), 0)
    assert life.value("t") == 1e30
    assert storable(-(10**400)) == -sys.float_info.max


@pytest.mark.parametrize("window", [None, ast.Window(1000)])
def test_values_when_there_are_too_many_then_the_first_ones_count(window: ast.Window | None) -> None:
    definition = ast.Definition(
        "t", ast.Aggregate(ast.EventQuery(), "unique_count", ("properties", "n"), window), version=1
    )
    life = Life([definition])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(limits.compute, "COLLECTED_VALUES_MAX", 3)
        for offset in range(5):
            life.sent(Sent(START_MS, payload={"n": offset}), offset)
        assert life.value("t") == 3
        (counts,) = life.counts.values()
        assert msgspec.msgpack.decode(counts) == {"0": 1, "1": 1, "2": 1}
