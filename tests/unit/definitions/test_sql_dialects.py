"""The five dialects: what is written for each is kept in files, reads back, and has nothing of a definition in it
but literals.
"""

import os
from pathlib import Path
from typing import Any

import pytest
import sqlglot
import yaml
from hypothesis import given, settings
from sqlglot import exp
from strategies import EXOTIC, catalogues

from headwater.definitions import ast
from headwater.definitions.query import parse_query
from headwater.definitions.sql import DIALECTS, NotInSqlError, compile_definition

FIXTURES = Path(__file__).parents[2] / "fixtures" / "sql"
NOW_MS = 1_767_225_600_000
WRITE = bool(os.environ.get("HEADWATER_WRITE_FIXTURES"))


def read() -> tuple[ast.Definition, ...]:
    found = []
    for item in yaml.safe_load((FIXTURES / "definitions.yaml").read_text()):
        collection = item.get("collection", "users")
        body = parse_query(item["query"], collection=collection)
        found.append(ast.Definition(item["key"], body, collection, version=1))
    return tuple(found)


DEFINITIONS = read()
BY_KEY = {definition.key: definition for definition in DEFINITIONS}


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("key", BY_KEY)
def test_compile_when_a_definition_is_kept_then_its_sql_is_what_it_was(key: str, dialect: str) -> None:
    file = FIXTURES / dialect / f"{key}.sql"
    sql = compile_definition(BY_KEY[key], DEFINITIONS, dialect=dialect, now_ms=NOW_MS) + "\n"
    if WRITE:
        file.parent.mkdir(exist_ok=True)
        file.write_text(sql)
    assert sql == file.read_text()


def test_fixtures_when_a_definition_is_gone_then_its_sql_is_too() -> None:
    kept = {(file.parent.name, file.stem) for file in FIXTURES.glob("*/*.sql")}
    assert kept == {(dialect, key) for dialect in DIALECTS for key in BY_KEY}


@pytest.mark.parametrize("dialect", DIALECTS)
@settings(max_examples=max(settings.default.max_examples // 10, 1))
@given(catalogues(EXOTIC, most=2, collections=["users", "accounts"]))
def test_compile_when_names_and_values_are_hard_to_write_then_they_are_read_back_as_literals(
    dialect: str, catalogue: tuple[ast.Definition, ...]
) -> None:
    *_, definition = catalogue
    sql = compile_definition(definition, catalogue, dialect=dialect, now_ms=NOW_MS)
    assert sql == compile_definition(definition, catalogue, dialect=dialect, now_ms=NOW_MS)
    (statement,) = sqlglot.parse(sql, read=dialect)
    assert isinstance(statement, exp.Select)
    assert statement.named_selects == ["profile_id", "value"]
    given_ = {"events", "traits", "profiles", "links"}
    made = {cte.alias for cte in statement.find_all(exp.CTE)}
    tables = {table.name for table in statement.find_all(exp.Table) if table.name}
    assert tables <= given_ | made
    assert not made & given_


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize(
    "hard", ["it's", 'a "b"', "a\\b", "\\", "\n", "'; DROP TABLE events; --", "größe", "$.a", "%"]
)
def test_compile_when_an_event_has_a_hard_name_then_exactly_that_text_is_asked_for(
    dialect: str, hard: str
) -> None:
    definition = ast.Definition("d", ast.Aggregate(ast.EventQuery(name=hard)))
    (statement,) = sqlglot.parse(compile_definition(definition, (), dialect=dialect, now_ms=0), read=dialect)
    assert statement is not None
    texts = [literal.this for literal in statement.find_all(exp.Literal) if literal.is_string]
    assert texts.count(hard) == 1


def circle() -> tuple[ast.Definition, ...]:
    return (
        ast.Definition("a", ast.InAudience("b")),
        ast.Definition("b", ast.All((ast.InAudience("c"),))),
        ast.Definition("c", ast.TraitCondition(("x",), "=", (ast.TraitOf(("a",)),))),
    )


def test_compile_when_definitions_go_in_a_circle_then_it_is_named() -> None:
    definitions = circle()
    with pytest.raises(NotInSqlError, match="a → b → c → a"):
        compile_definition(definitions[0], definitions, dialect="duckdb", now_ms=0)


@pytest.mark.parametrize(
    ("filter_", "part"),
    [
        ("titlecase(properties.plan) = 'A'", "titlecase"),
        ("number(properties.plan) > 1", "number"),
        ("properties.a = properties.b", "properties.a = properties.b"),
        ("match(event, properties.pattern)", "match"),
    ],
)
def test_compile_when_fql_has_no_sql_then_it_says_which_part(filter_: str, part: str) -> None:
    query: Any = ast.EventQuery(where=ast.Fql(filter_))
    with pytest.raises(NotInSqlError) as raised:
        compile_definition(ast.Definition("d", ast.Aggregate(query)), (), dialect="duckdb", now_ms=0)
    assert part in raised.value.part
