"""FQL in SQL: what it does not refuse to say means the same as in FQL, also where FQL finds no value."""

import json
from typing import Any

import fql_strategies
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from reference import Occurrence, Person
from warehouse import Warehouse, assert_agreement

from headwater.definitions import ast
from headwater.definitions.sql import NotInSqlError, compile_definition
from headwater.fql import FqlError, parse, render

NOW_MS = 1_767_225_600_000
EXACT = 2**53
"""SQL compares numbers as doubles, which hold whole numbers until here."""


def matching(filter_: str) -> ast.Definition:
    query = ast.EventQuery(call="track", where=ast.Fql(filter_))
    return ast.Definition("d", ast.Aggregate(query))


def sent(event: dict[str, Any]) -> Person:
    return Person([Occurrence(NOW_MS, 0, 0, "track", None, "web", event)])


def inexact(value: Any) -> bool:
    """Whether there is a number in it that doubles do not hold, or text that changes case in ways of its own."""
    match value:
        case dict():
            return any(inexact(name) or inexact(item) for name, item in value.items())
        case list() | tuple():
            return any(map(inexact, value))
        case str():
            return not value.isascii()
        case int() | float():
            return abs(value) > EXACT
    return False


@settings(settings.default, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])
@given(
    fql_strategies.conditions(fql_strategies.likely_paths),
    st.lists(fql_strategies.events, min_size=1, max_size=6),
)
def test_sql_when_any_filter_is_asked_about_any_events_then_it_agrees_with_fql(
    warehouse: Warehouse, expression: Any, events: list[dict[str, Any]]
) -> None:
    try:
        filter_ = render(expression)
        parse(filter_)
    except (FqlError, ValueError):
        assume(False)
    definition = matching(filter_)
    try:
        compile_definition(definition, (), dialect="duckdb", now_ms=NOW_MS)
    except NotInSqlError:
        assume(False)
    assume(not inexact(json.loads(json.dumps(events))) and filter_.isascii())
    persons = [sent(event) for event in events]
    warehouse.hold(persons)
    assert_agreement(warehouse, [definition], persons, NOW_MS)


TESTS = [
    "properties.a",
    "!properties.a",
    "properties.a = null",
    "properties.a != null",
    "properties.a = true",
    "properties.a != 1",
    'properties.a = "b"',
    "properties.a > 0",
    'properties.a <= "b"',
    "properties.a > properties.b",
    'properties.a in ["b", 1, null, true]',
    '"b" in properties.a',
    "null in properties.a",
    "1 in properties.b",
    'contains(properties.a, "b")',
    "contains(properties.a, properties.b)",
    'match(properties.a, "b*")',
    'match(properties.a, "?[a-c\\\\]]")',
    "length(properties.a) = 1",
    "length(properties.a) > length(properties.b)",
    'lowercase(properties.a) = "b"',
    "uppercase(properties.a) = null",
    'snakecase(properties.a) = "b_c"',
    'typeof(properties.a) = "list"',
    "typeof(properties.a) = typeof(properties.b)",
    'typeof(lowercase(properties.a)) = "null"',
    "true",
    "null",
]
JOINED = [
    "{0} and {1}",
    "{0} or {1}",
    "!({0} and {1})",
    "!({0} or {1})",
    "({0} or {1}) and {0}",
    "!(!({0}) or ({1} and {0}))",
]
VALUES: list[Any] = ["b", "B c", "", 0, 1, 1.5, True, False, None, [], ["b", 1, None], {}, {"b": 1}, "\nc"]
EVENTS = [{"properties": {"a": one, "b": other}} for one in VALUES for other in ("b", 1, [1], None)] + [
    {"properties": {}},
    {"properties": []},
    {},
]


@pytest.mark.parametrize("test", TESTS)
def test_sql_when_a_filter_is_asked_about_every_type_then_it_agrees_with_fql(
    warehouse: Warehouse, test: str
) -> None:
    persons = [sent(event) for event in EVENTS]
    warehouse.hold(persons)
    assert_agreement(warehouse, [matching(test)], persons, NOW_MS)


@pytest.mark.parametrize("joined", JOINED)
@pytest.mark.parametrize("one", ["properties.a", "properties.a > 0", "!properties.b"])
@pytest.mark.parametrize("other", ["properties.b = 1", 'contains(properties.a, "b")', "true"])
def test_sql_when_a_part_has_no_value_then_it_stops_where_fql_stops(
    warehouse: Warehouse, joined: str, one: str, other: str
) -> None:
    persons = [sent(event) for event in EVENTS]
    warehouse.hold(persons)
    assert_agreement(warehouse, [matching(joined.format(one, other))], persons, NOW_MS)
