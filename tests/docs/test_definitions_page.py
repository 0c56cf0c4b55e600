"""docs/reference/definitions.md: a tree and the query behind it are the same, and the tables are complete."""

import re
from pathlib import Path

import pytest
import yaml

from headwater import limits
from headwater.definitions import rules
from headwater.definitions.calls import CALLS
from headwater.definitions.query import parse_query
from headwater.definitions.query.words import COMPARATORS, FILTERS, QUANTIFIERS, REDUCERS, SCALARS
from headwater.definitions.tree import parse_aggregate, parse_condition

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "definitions.md").read_text()
PAIRS = re.findall(
    r"^```(accounts )?yaml\n(.*?)^```\n\n```(?:accounts )?query\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL
)


def test_page_when_it_shows_a_tree_then_a_query_is_behind_it() -> None:
    assert len(PAIRS) == len(re.findall(r"^```", PAGE, re.MULTILINE)) / 4 == 9


@pytest.mark.parametrize(("accounts", "tree", "query"), PAIRS)
def test_page_when_it_shows_both_notations_then_they_are_the_same(accounts: str, tree: str, query: str) -> None:
    collection = "accounts" if accounts else "users"
    data = yaml.safe_load(tree)
    read = parse_aggregate(data) if "kind" in data else parse_condition(data, collection=collection)
    assert read == parse_query(query, collection=collection)


def test_page_when_the_languages_have_a_word_then_it_is_there() -> None:
    functions = {*COMPARATORS, *CALLS, *FILTERS, *REDUCERS, *SCALARS, "trait", "sequence", "fql"}
    assert {word for word in functions if f"{word}(" not in PAGE} == set()
    assert {word for word in QUANTIFIERS if f"`{word} …`" not in PAGE} == set()
    operators = {operator for operator in rules.OPERATORS if f"op: {operator}`" not in PAGE}
    assert {operator for operator in operators if f'op: "{operator}"`' not in PAGE} == set()
    assert {reducer for reducer in rules.REDUCERS if f"`{reducer}" not in PAGE} == set()


def test_page_when_it_names_bounds_then_they_are_these() -> None:
    assert f"at most {limits.definitions.WINDOW_MS_MAX // 86_400_000:,} days" in PAGE
    primaries, operands = limits.definitions.QUERY_PRIMARIES_MAX, limits.definitions.OPERANDS_MAX
    assert f"at most {primaries} comparisons, a comparison at most {operands:,}" in PAGE
    assert f"at\nmost {limits.definitions.DEPTH_MAX} levels" in PAGE
    assert f"has at most {limits.definitions.NODES_MAX} of them" in PAGE
    assert limits.definitions.SEQUENCE_STEPS_MAX == 10
