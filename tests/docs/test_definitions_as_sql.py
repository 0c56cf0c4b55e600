"""docs/guides/definitions-as-sql.md: the SQL that it shows is the SQL there is, and no dialect is left out."""

import re
from pathlib import Path

from headwater.definitions import ast
from headwater.definitions.query import parse_query
from headwater.definitions.sql import DIALECTS, compile_definition

FILE = Path(__file__).parents[2] / "docs" / "guides" / "definitions-as-sql.md"
PAGE = FILE.read_text()
NOW_MS = 1_767_225_600_000


def shown(language: str) -> str:
    (block,) = re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    return block.strip()


def test_guide_when_it_shows_sql_then_that_is_what_the_query_compiles_to() -> None:
    definition = ast.Definition("d", parse_query(shown("query")))
    assert shown("sql") == compile_definition(definition, (), dialect="duckdb", now_ms=NOW_MS)


def test_guide_when_dialects_are_added_then_it_names_them() -> None:
    assert [dialect for dialect in DIALECTS if dialect not in PAGE.lower()] == []
