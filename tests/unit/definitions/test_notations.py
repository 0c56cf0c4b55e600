"""Both notations say everything, and what is printed is read back to the same."""

import json
from collections.abc import Callable
from typing import Any

import pytest
import strategies
import yaml
from hypothesis import given
from hypothesis import strategies as st

from headwater.config.export import as_yaml
from headwater.definitions import ast
from headwater.definitions.catalogue import catalogue
from headwater.definitions.problems import DefinitionError
from headwater.definitions.query import QueryError, parse_query, render_query
from headwater.definitions.tree import parse_aggregate, parse_condition
from headwater.definitions.tree_printer import as_keys, as_tree
from headwater.errors import InputError

KNOWN = strategies.Known(traits=("t1", "t2"), audiences=("a1",))
BOTH = ("users", "accounts")

any_definitions = strategies.definitions(known=KNOWN, collections=BOTH) | strategies.definitions(
    strategies.EXOTIC, KNOWN, collections=BOTH
)


def printed(definition: ast.Definition) -> dict[str, Any]:
    body = definition.body
    return as_keys(body) if isinstance(body, ast.Aggregate) else as_tree(body)


def read(data: Any, definition: ast.Definition) -> ast.Aggregate | ast.Condition:
    if definition.is_audience:
        return parse_condition(data, collection=definition.collection)
    return parse_aggregate(data)


@given(any_definitions)
def test_tree_when_printed_then_read_back_to_the_same(definition: ast.Definition) -> None:
    data = json.loads(json.dumps(printed(definition)))
    assert read(data, definition) == definition.body


@given(any_definitions)
def test_tree_when_read_from_what_was_printed_then_printed_the_same(definition: ast.Definition) -> None:
    again = read(printed(definition), definition)
    assert printed(ast.Definition("d", again, definition.collection)) == printed(definition)


@given(strategies.definitions(known=KNOWN, collections=BOTH))
def test_tree_when_printed_as_yaml_then_it_is_readable_for_any_reader(definition: ast.Definition) -> None:
    text = as_yaml(printed(definition))
    assert read(yaml.safe_load(text), definition) == definition.body


@given(
    strategies.catalogues(collections=BOTH, most=2)
    | strategies.catalogues(strategies.EXOTIC, collections=BOTH, most=2)
)
def test_query_when_printed_then_read_back_to_the_same_among_its_definitions(
    definitions: tuple[ast.Definition, ...],
) -> None:
    def again(definition: ast.Definition) -> ast.Definition:
        body = parse_query(render_query(definition.body), collection=definition.collection)
        return ast.Definition(definition.key, body, definition.collection, definition.version)

    assert catalogue([again(definition) for definition in definitions]) == (definitions, ())


@given(strategies.definitions(collections=BOTH))
def test_query_when_it_is_a_condition_then_a_tree_may_have_it(definition: ast.Definition) -> None:
    if definition.is_audience:
        data = {"not": render_query(definition.body)}
        assert parse_condition(data, collection=definition.collection) == ast.Not(definition.body)


# --- whatever is written ---------------------------------------------------------------------------------------


def refused(call: Callable[[], object]) -> InputError | None:
    """How, if at all."""
    try:
        call()
    except InputError as error:
        return error
    return None


PIECES = (
    "event|trait|(|)|.|,|'a'|count|where|property|within|5| days| AND |NOT | >= |=|all|ANY|parent:|'|\\|mode"
    "| as |string|fql|.5|-|sources(exclude: "
)
pieces = st.sampled_from(PIECES.split("|"))
texts = st.text(max_size=40) | st.lists(pieces, max_size=25).map("".join)


@given(texts, st.sampled_from(BOTH))
def test_query_when_it_is_any_text_then_read_or_refused_with_a_place(text: str, collection: str) -> None:
    error = refused(lambda: parse_query(text, collection=collection))
    if isinstance(error, QueryError):
        assert 0 <= error.offset <= len(text)
        assert error.pointed().startswith(f"line {error.line}, column {error.column}: ")


KEYS = """all any not event page identify trait op value where count within users sequence property parent
followed_by sum between computed audience kind path"""
keys = st.sampled_from(KEYS.split())
leaves = (
    st.none() | st.booleans() | st.integers() | st.sampled_from([">=", "exists", "7d", "x", "sum", ""]) | texts
)
trees = st.recursive(
    leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=4), max_leaves=20
)


@given(trees, st.sampled_from(BOTH))
def test_tree_when_it_is_any_data_then_read_or_refused_with_paths(data: Any, collection: str) -> None:
    error = refused(lambda: parse_condition(data, collection=collection))
    assert error is None or (isinstance(error, DefinitionError) and error.problems)
    if isinstance(data, dict):
        error = refused(lambda: parse_aggregate(data))
        assert error is None or (isinstance(error, DefinitionError) and error.problems)


@pytest.mark.parametrize("levels", [100, 5_000])
def test_notations_when_nested_without_end_then_refused(levels: int) -> None:
    data: Any = {"event": "X"}
    for _ in range(levels):
        data = {"not": data}
    with pytest.raises(DefinitionError, match="nested deeper than 24"):
        parse_condition(data)
    for opening in ("NOT ", "(", "all(", "event('X').where("):
        with pytest.raises(QueryError):
            parse_query(opening * levels)
