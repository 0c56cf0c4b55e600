"""FQL in a `where` becomes comparisons where these mean the same, and stays FQL where they do not."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reference import Occurrence, Person, evaluate

from headwater import fql
from headwater.definitions import ast
from headwater.definitions.fql_predicates import predicate_of

TOTAL = ast.Path(("properties", "total"))
PLAN = ast.Path(("properties", "plan"))
FIFTY = ast.Compare(TOTAL, ">", (50,))
PRO = ast.Compare(PLAN, "=", ("pro",))


@pytest.mark.parametrize(
    ("text", "predicate"),
    [
        ("properties.total > 50", FIFTY),
        ("properties.plan = 'pro'", PRO),
        ("properties.plan = null", ast.Compare(PLAN, "not_exists")),
        ("properties.plan != null", ast.Compare(PLAN, "exists")),
        ("properties.plan != 'pro'", ast.NotOf(PRO)),
        ("properties.plan in ['pro', 5]", ast.Compare(PLAN, "in", ("pro", 5))),
        ("properties.total > 50 and properties.plan = 'pro'", ast.AllOf((FIFTY, PRO))),
        ("properties.plan = 'pro' or properties.plan = null", ast.AnyOf((PRO, ast.Compare(PLAN, "not_exists")))),
        ("!(properties.plan = 'pro')", ast.NotOf(PRO)),
        ("contains(properties.plan, 'p') and properties.plan = 'pro'",
         ast.AllOf((ast.Fql('contains(properties.plan, "p")'), PRO))),
        # "No value" is like false only where everything has to be true.
        ("properties.total > 50 or properties.plan = 'pro'",
         ast.Fql('properties.total > 50 or properties.plan = "pro"')),
        ("!(properties.total > 50)", ast.Fql("!(properties.total > 50)")),
        # In FQL true and "true" differ, and so do texts that are compared.
        ("properties.done = true", ast.Fql("properties.done = true")),
        ("properties.done = 'true'", ast.Fql('properties.done = "true"')),
        ("properties.plan > 'a'", ast.Fql('properties.plan > "a"')),
        ("'pro' in properties.plan", ast.Fql('"pro" in properties.plan')),
        ("properties.plan in ['pro', null]", ast.Fql('properties.plan in ["pro", null]')),
    ],
)  # fmt: skip
def test_predicate_when_fql_says_it_then_a_comparison_only_if_it_means_the_same(
    text: str, predicate: ast.Predicate
) -> None:
    assert predicate_of(text, "track") == predicate


def test_predicate_when_an_identify_has_no_properties_then_fql_stays_fql() -> None:
    assert predicate_of("properties.plan = 'pro'", "identify") == ast.Fql('properties.plan = "pro"')
    assert predicate_of("traits.plan = 'pro'", "identify") == ast.Compare(
        ast.Path(("traits", "plan")), "=", ("pro",)
    )


_paths = st.sampled_from(["properties.a", "properties.b.c", "context.a", "event"])
_literals = st.sampled_from(["1", "1.5", "0", "-2", '"a"', '"true"', '""', "null", "true", "false"])
_lists = st.lists(_literals, max_size=3).map(lambda items: f"[{', '.join(items)}]")
_compared = st.one_of(
    st.builds("{} {} {}".format, _paths, st.sampled_from(["=", "!=", "<", "<=", ">", ">="]), _literals),
    st.builds("{} in {}".format, _paths, _lists),
    st.builds("contains({}, {})".format, _paths, _literals),
    st.builds("{} in {}".format, _literals, _paths),
)
_filters = st.recursive(
    _compared,
    lambda inner: st.one_of(
        st.builds("({} and {})".format, inner, inner),
        st.builds("({} or {})".format, inner, inner),
        st.builds("!({})".format, inner),
    ),
    max_leaves=6,
)
_values: st.SearchStrategy[Any] = st.sampled_from(
    [None, True, False, 0, 1, 1.0, 1.5, -2, "a", "true", "", [], ["a"], [1], {}, {"c": 1}, {"c": "a"}]
)
_events = st.builds(
    lambda properties, context: {"type": "track", "event": "a", "properties": properties, "context": context},
    st.dictionaries(st.sampled_from(["a", "b"]), _values) | _values,
    st.dictionaries(st.just("a"), _values),
)


@settings(max_examples=500)
@given(_filters, _events)
def test_predicate_when_asked_of_any_event_then_the_answer_is_that_of_fql(
    text: str, event: dict[str, Any]
) -> None:
    try:
        expected = fql.compile_filter(text).matches(json.dumps(event).encode())
    except fql.FqlEvaluationError:
        expected = False
    where = predicate_of(text, "track")
    condition = ast.EventCondition(ast.Aggregate(ast.EventQuery(where=where)), "=", (1,))
    person = Person([Occurrence(1, 0, 0, "track", "a", "web", event)])
    assert evaluate(ast.Definition("d", condition), {}, person, 2) is expected
