"""The tree of the workspace file: what it means, and that every mistake is named with its path."""

from typing import Any

import pytest

from headwater.definitions import ast
from headwater.definitions.problems import DefinitionError
from headwater.definitions.tree import parse_aggregate, parse_condition

DAY = 86_400_000
ONCE = ast.EventCondition(ast.Aggregate(ast.EventQuery(name="X")), ">=", (1,))


@pytest.mark.parametrize(
    ("data", "condition"),
    [
        ({"event": "X"}, ONCE),
        ({"event": "X", "where": None, "within": None}, ONCE),
        ("event('X').count() >= 1", ONCE),
        ({"any": ["event('X').count() >= 1", {"not": {"event": "X"}}]}, ast.Any_((ONCE, ast.Not(ONCE)))),
        (
            {"event": "Page Viewed", "count": {"op": "=", "value": 0}},
            ast.EventCondition(ast.Aggregate(ast.EventQuery("page")), "=", (0,)),
        ),
        (
            {"page": "Home", "between": ["7d", "10d"], "last": {"property": "page_name", "op": "exists"}},
            ast.EventCondition(
                ast.Aggregate(ast.EventQuery("page", "Home"), "last", ("name",), ast.Window(10 * DAY, 7 * DAY)),
                "exists",
            ),
        ),
        (
            {"event": "X", "where": {"property": "p", "op": ">=", "trait": "t"}},
            ast.EventCondition(
                ast.Aggregate(
                    ast.EventQuery(
                        name="X",
                        where=ast.Compare(ast.Path(("properties", "p")), ">=", (ast.TraitOf(("t",)),)),
                    )
                ),
                ">=",
                (1,),
            ),
        ),
        ({"trait": "plan", "value": "pro"}, ast.TraitCondition(("plan",), "=", ("pro",))),
        ({"trait": "plan", "op": "in", "value": "pro"}, ast.TraitCondition(("plan",), "in", ("pro",))),
        ({"trait": "t", "op": "before_last", "value": "0d"}, ast.TraitCondition(("t",), "before_last", (0,))),
        ({"all": []}, ast.All(())),
    ],
)
def test_condition_when_read_then_it_is_this(data: Any, condition: ast.Condition) -> None:
    assert parse_condition(data) == condition


def test_condition_when_about_accounts_then_users_can_be_asked_once() -> None:
    data = {"users": {"none": {"event": "X"}}}
    assert parse_condition(data, collection="accounts") == ast.OfUsers("none", ONCE)
    assert mistakes({"users": {"any": data}}, "accounts") == [
        "users.any.users: only accounts have users; say `collection: accounts`, or leave `users` out"
    ]


def mistakes(data: Any, collection: str = "users") -> list[str]:
    with pytest.raises(DefinitionError) as caught:
        parse_condition(data, collection=collection)
    return str(caught.value).splitlines()


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (None, "expected a condition: a mapping, or text in the query language"),
        ({}, "expected a condition; this mapping is empty"),
        ({"evnt": "X"}, "expected a condition; did you mean event?"),
        ({"event": "X", "trait": "y"},
         "one condition at a time: event and trait are several; join them with all or any"),
        ({"all": {"event": "X"}}, "all: expected a list of conditions"),
        ({"not": {"event": "X"}, "within": "1d"}, "within: unknown key; known are: not"),
        ({"event": ""}, "event: expected a name, or true for any"),
        ({"event": False}, "event: expected a name, or true for any"),
        ({"identify": "X"}, "identify: identify calls have no name; expected true"),
        ({"event": "X", "wihtin": "1d"}, "wihtin: unknown key; did you mean within?"),
        ({"event": "X", "within": 7}, "within: expected a duration, as in 30d or 12h"),
        ({"event": "X", "within": "7 parsecs"}, "within: no unit 'parsecs'; known are: d, day, days, h, "),
        ({"event": "X", "within": "0d"},
         "within: a window of 0 holds no event; leave it out for events of all times"),
        ({"event": "X", "within": "11000d"},
         "within: a window has at most 3,660 days (ten years); leave it out for events of all times"),
        ({"event": "X", "within": "1d", "between": ["1d", "2d"]},
         "between: one window at a time; `within` is the other"),
        ({"event": "X", "between": ["2d"]},
         "between: expected two durations, as in [7d, 10d]: events between 7 and 10 days ago"),
        ({"event": "X", "between": ["2d", "1d"]},
         "between: the first is when the window ends, the second, which must be longer ago, when it begins"),
        ({"event": "X", "session": "1h"}, "session: sessions are for computed traits; refer to one"),
        ({"event": "X", "without_sources": "web"}, "without_sources: expected a list of names of sources"),
        ({"event": "X", "count": 3}, 'count: expected a comparison, as in {op: ">=", value: 3}'),
        ({"event": "X", "count": {"op": ">"}}, "count: `>` needs a value to compare with"),
        ({"event": "X", "count": {"op": "=>", "value": 1}},
         "count.op: no operator '=>'; did you mean >=?"),
        ({"event": "X", "count": {"op": "contains", "value": "x"}},
         "count: count is a number; it can be compared with =, !=, <, <=, >, >=, in, not_in"),
        ({"event": "X", "count": {"value": 1}, "sum": {"property": "p", "value": 1}},
         "one value at a time: count and sum are several; join two conditions with all"),
        ({"event": "X", "sum": {"op": ">", "value": 1}},
         "sum: sum needs exactly one of property and path: what is looked at"),
        ({"event": "X", "first": {"property": "p", "as_type": "number", "value": 1}},
         "first.as_type: first has no type to choose; only min, max, most_frequent have"),
        ({"event": "X", "sum": {"property": "p", "value": True}}, "sum: sum is a number; it cannot be true"),
        ({"trait": "a..b", "op": "exists"},
         "trait: 'a..b' is no path; expected names with dots between them, none of them empty"),
        ({"trait": "t", "op": "exists", "value": 1}, "`exists` is asked without a value"),
        ({"trait": "t"}, "`=` needs a value to compare with"),
        ({"trait": "t", "value": [1, 2]}, "`=` compares with one value"),
        ({"trait": "t", "op": "in", "value": []}, "`in` needs a value to compare with"),
        ({"trait": "t", "value": {"property": "p"}},
         "value: expected a value, or a trait to compare with, as in {trait: average_spend}"),
        ({"trait": "t", "op": "<", "value": "5"}, "`<` compares numbers, not '5'"),
        ({"trait": "t", "op": "starts_with", "value": 5}, "`starts_with` is about text, not 5"),
        ({"trait": "t", "op": "within_last", "value": 5}, "value: expected a duration, as in 30d or 12h"),
        ({"trait": "t", "op": "within_last", "value": "80000d"}, "at most 73,200 days (200 years)"),
        ({"audience": 5}, "audience: expected text"),
        ({"sequence": [{"event": "X"}]}, "sequence: expected a list of 2 to 10 events"),
        ({"sequence": [{"event": "X"}] * 11}, "sequence: expected a list of 2 to 10 events"),
        ({"sequence": [{"event": "X"}, {"event": "Y", "within": "1d"}]}, "sequence[1].within: unknown key; "),
        ({"users": {"any": {"event": "X"}}},
         "users: only accounts have users; say `collection: accounts`, or leave `users` out"),
        ({"event": "X", "where": "a ="}, "where: not FQL: line 1, column 4: "),
        ({"event": "X", "where": 5}, "where: expected FQL, or a mapping that compares something"),
        ({"event": "X", "where": {"any": [{"propety": "p"}]}},
         "where.any[0]: expected a condition; did you mean property?"),
        ({"event": "X", "where": {"property": "p", "path": "q"}},
         "where: property is compared with one thing; path are several, or need `value`"),
        ({"event": "X", "where": {"property": "p", "parent": "q"}},
         "where.parent: only events of `followed_by` have a parent, the event that they follow"),
        ({"event": "X", "where": {"followed_by": {"event": "Y"}}},
         "where.followed_by.within: expected a duration, as in 30d or 12h"),
        ({"event": "X", "where": {"followed_by": {
            "event": "Y", "within": "1d", "count": {"op": "in", "value": 1}}}},
         "where.followed_by.count: a count is compared with =, !=, <, <=, >, >="),
        ({"event": "X", "where": {"followed_by": {
            "event": "Y", "within": "1d", "where": {"followed_by": {"event": "Z", "within": "1d"}}}}},
         "where.followed_by.where.followed_by: one step after another is a `sequence`; a funnel has one step"),
        ("event('X').count()", "this computes a value; compare it with something, as in `.count() >= 1`"),
        ("event('X').count() >", "not the query language: line 1, column 21: expected a value, found the end"),
        ({"any": [{"trait": "t", "op": "exists"}] * 500},
         "more than 500 conditions and what they compare; make several of it"),
    ],
)  # fmt: skip
def test_condition_when_it_is_wrong_then_the_mistake_is_named_with_its_path(data: Any, message: str) -> None:
    (said,) = mistakes(data)
    assert said.startswith(message)


def test_condition_when_there_are_many_mistakes_then_all_are_named() -> None:
    data = {"all": [{"evnt": "X"}, {"event": "X", "within": "0d", "where": "("}, {"not": {"trait": "a."}}]}
    assert [line.partition(": ")[0] for line in mistakes(data)] == [
        "all[0]",
        "all[1].where",
        "all[1].within",
        "all[2].not.trait",
        "all[2].not",
    ]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"event": "X"}, "say what is computed: either `kind`, or `query`"),
        ({"kind": "summ", "event": "X"}, "kind: no kind 'summ'; did you mean sum?"),
        ({"kind": "event_count"},
         "expected exactly one of event, page, screen, identify, group, alias; there is none"),
        ({"kind": "event_count", "event": "X", "page": "Y"},
         "expected exactly one of event, page, screen, identify, group, alias; event and page are several"),
        ({"kind": "event_count", "event": "X", "property": "p"},
         "property: events are counted as they are; leave it out, or use unique_count"),
        ({"kind": "sum", "event": "X", "property": "p", "frequency_min": 2},
         "frequency_min: only most_frequent has one"),
        ({"kind": "most_frequent", "event": "X", "property": "p", "frequency_min": 0},
         "frequency_min: expected a whole number, 1 or more"),
        ({"kind": "sum", "event": "X", "property": "p", "within": "1d", "session": "1h"},
         "session: a session is a window of its own; leave out the other one"),
    ],
)  # fmt: skip
def test_aggregate_when_it_is_wrong_then_the_mistake_is_named_with_its_path(data: Any, message: str) -> None:
    with pytest.raises(DefinitionError) as caught:
        parse_aggregate(data)
    assert str(caught.value) == message


def test_aggregate_when_keys_are_about_something_else_then_passed_over() -> None:
    data = {"key": "k", "name": "K", "kind": "sum", "event": "X", "path": "context.score", "session": "30m"}
    assert parse_aggregate(data) == ast.Aggregate(
        ast.EventQuery(name="X"), "sum", ("context", "score"), ast.Session(30 * 60_000)
    )
