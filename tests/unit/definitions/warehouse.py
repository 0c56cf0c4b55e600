"""The four relations that SQL asks, in DuckDB, and holding what it finds to the reference."""

import json
from collections.abc import Sequence
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from histories import rows
from reference import Person, evaluate

from headwater.definitions import ast
from headwater.definitions.sql import compile_definition

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
    nothing = False if definition.is_audience else None
    return {profile: value for profile, value in found.items() if value is not nothing}


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
        assert wanted == comparable(definition, found), definition


def comparable(definition: ast.Definition, found: dict[str, Any]) -> dict[str, Any]:
    """What SQL has found, to be compared with what Python has."""
    match getattr(definition.body, "reducer", ""):
        case "first" | "last":
            return {profile: json.loads(value) for profile, value in found.items()}
        case "sum" | "avg":
            return {profile: pytest.approx(value, rel=1e-12) for profile, value in found.items()}
    return found
