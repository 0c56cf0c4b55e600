"""SQL against the reference: whatever a definition and whatever the histories, DuckDB finds the same."""

import json
import os
from collections.abc import Iterator, Sequence
from typing import Any, get_args

import duckdb
import msgspec
import pyarrow as pa
import pytest
from histories import NOW_MS, nows, people, rows, users
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from reference import Occurrence, Person, evaluate
from strategies import DAY, HOUR, Vocabulary, aggregates, catalogues, compares, followed

from headwater.definitions import ast
from headwater.definitions.sql import compile_definition

LONG = bool(os.environ.get("HEADWATER_TEST_LONG"))
PEOPLE = 8
"""So many histories are asked by one query, which costs more to plan than to run."""
EXAMPLES = 500 if LONG else 50

TABLES = {
    "events": {
        "profile_id": pa.string(),
        "collection": pa.string(),
        "call": pa.string(),
        "name": pa.string(),
        "source": pa.string(),
        "at_ms": pa.int64(),
        "log_offset": pa.int64(),
        "log_index": pa.int32(),
        "body": pa.string(),
    },
    "traits": {"profile_id": pa.string(), "key": pa.string(), "value": pa.string()},
    "profiles": {"profile_id": pa.string(), "collection": pa.string()},
    "links": {"account_id": pa.string(), "user_id": pa.string()},
}


class Warehouse:
    """The four relations in DuckDB."""

    def __init__(self) -> None:
        self.connection = duckdb.connect(config={"threads": 1})
        kinds = {pa.string(): "VARCHAR", pa.int64(): "BIGINT", pa.int32(): "INTEGER"}
        for table, columns in TABLES.items():
            made = ", ".join(
                f"{name} {'JSON' if name in {'body', 'value'} else kinds[kind]}" for name, kind in columns.items()
            )
            self.connection.execute(f"CREATE TABLE {table} ({made})")

    def hold(self, persons: Sequence[Person]) -> None:
        for table, found in rows(persons).items():
            arrow = pa.Table.from_pylist(found, schema=pa.schema(list(TABLES[table].items())))
            self.connection.register("arriving", arrow)
            self.connection.execute(f"DELETE FROM {table}")
            self.connection.execute(f"INSERT INTO {table} SELECT * FROM arriving")
            self.connection.unregister("arriving")

    def ask(
        self, definition: ast.Definition, definitions: Sequence[ast.Definition], now_ms: int
    ) -> dict[str, Any]:
        sql = compile_definition(definition, definitions, dialect="duckdb", now_ms=now_ms)
        found = self.connection.execute(sql).fetchall()
        values = dict(found)
        assert len(values) == len(found), "one row for each profile"
        return values


@pytest.fixture(scope="module")
def warehouse() -> Iterator[Warehouse]:
    made = Warehouse()
    yield made
    made.connection.close()


def expected(
    definition: ast.Definition, definitions: Sequence[ast.Definition], persons: Sequence[Person], now_ms: int
) -> dict[str, Any]:
    """By profile; those without a value, or outside an audience, are left out, as SQL leaves them out."""
    everybody = [*persons, *(user for person in persons for user in person.users)]
    found = {
        f"p{at}": evaluate(definition, definitions, person, now_ms)
        for at, person in enumerate(everybody)
        if person.collection == definition.collection
    }
    return {profile: value for profile, value in found.items() if value is not None and value is not False}


def assert_agreement(
    warehouse: Warehouse,
    definitions: Sequence[ast.Definition],
    persons: Sequence[Person],
    now_ms: int,
    known: Sequence[ast.Definition] = (),
) -> None:
    """Of everybody in the warehouse. Decimals may end in another last bit: dialects divide in their own ways."""
    for definition in definitions:
        wanted = expected(definition, known or definitions, persons, now_ms)
        found = warehouse.ask(definition, known or definitions, now_ms)
        reducer = getattr(definition.body, "reducer", "")
        if reducer in {"first", "last"}:
            found = {profile: json.loads(value) for profile, value in found.items()}
        elif reducer in {"sum", "avg"}:
            found = {profile: pytest.approx(value, rel=1e-12) for profile, value in found.items()}
        assert wanted == found, definition


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
)
"""Of which most events have something."""
reducing = st.builds(
    lambda aggregate, where: msgspec.structs.replace(
        aggregate, events=ast.EventQuery(name="Order", where=where), frequency_min=min(aggregate.frequency_min, 2)
    ),
    aggregates(PLAIN),
    st.none() | st.none() | followed(PLAIN) | compares(PLAIN),
)


@searching
@given(
    st.lists(reducing, min_size=4, max_size=4), st.lists(users(most=10), min_size=PEOPLE, max_size=PEOPLE), nows
)
def test_sql_when_many_events_are_reduced_then_it_agrees_with_the_reference(
    warehouse: Warehouse, found: list[ast.Aggregate], persons: list[Person], now_ms: int
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
    st.lists(users(most=10), min_size=PEOPLE, max_size=PEOPLE),
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
