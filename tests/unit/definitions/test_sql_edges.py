"""Where things end: windows, sessions, funnels and sequences, at their very millisecond."""

from typing import Any

import pytest
from reference import Occurrence, Person
from strategies import DAY, HOUR
from warehouse import Warehouse, assert_agreement

from headwater.definitions import ast

NOW_MS = 1_768_046_400_000

ORDER = ast.EventQuery(name="Order")
VISIT = ast.EventQuery(name="Visit")
REFUND = ast.EventQuery(name="Refund")


def history(*events: tuple[str, int], index: int = 0, **properties: Any) -> Person:
    """Of (name, age in ms); events of one age follow each other in the order in which they stand."""
    return Person(
        [
            Occurrence(
                NOW_MS - age_ms, at // 2, at % 2, "track", name, "web", {"event": name, "properties": properties}
            )
            for at, (name, age_ms) in enumerate(events)
        ]
    )


def followed(within_ms: int, operator: ast.Operator = ">=", count: int = 1) -> ast.EventCondition:
    query = ast.EventQuery(name="Order", where=ast.Followed(VISIT, within_ms, operator, count))
    return ast.EventCondition(ast.Aggregate(query), ">=", (1,))


AT_THE_EDGE: list[tuple[str, ast.Aggregate | ast.Condition, Person, Any]] = [
    ("as old as the window", ast.Aggregate(ORDER, window=ast.Window(DAY)), history(("Order", DAY)), None),
    ("almost as old", ast.Aggregate(ORDER, window=ast.Window(DAY)), history(("Order", DAY - 1)), 1),
    ("old enough", ast.Aggregate(ORDER, window=ast.Window(DAY, HOUR)), history(("Order", HOUR)), 1),
    ("not yet old enough", ast.Aggregate(ORDER, window=ast.Window(DAY, HOUR)), history(("Order", HOUR - 1)), None),
    ("a session that is over", ast.Aggregate(ORDER, window=ast.Session(HOUR)), history(("Order", HOUR)), None),
    ("one that is not", ast.Aggregate(ORDER, window=ast.Session(HOUR)), history(("Order", HOUR - 1)), 1),
    (
        "a gap that ends a session",
        ast.Aggregate(ORDER, window=ast.Session(HOUR)),
        history(("Order", 3 * HOUR), ("Order", 2 * HOUR), ("Order", HOUR), ("Order", 0), ("Order", 0)),
        2,
    ),
    (
        "one that does not",
        ast.Aggregate(ORDER, window=ast.Session(HOUR)),
        history(("Order", 3 * HOUR), ("Order", HOUR - 1), ("Order", 1), ("Order", 0)),
        3,
    ),
    ("followed at the last millisecond", followed(HOUR), history(("Order", HOUR), ("Visit", 0)), True),
    ("followed too late", followed(HOUR), history(("Order", HOUR + 1), ("Visit", 0)), False),
    ("followed at once", followed(0), history(("Order", 0), ("Visit", 0)), True),
    (
        "followed at once, in another request",
        followed(0),
        history(("Refund", 0), ("Order", 0), ("Visit", 0)),
        True,
    ),
    ("before it, at once", followed(0), history(("Visit", 0), ("Order", 0)), False),
    ("followed by too many", followed(HOUR, "=", 1), history(("Order", 2), ("Visit", 1), ("Visit", 0)), False),
    ("followed by none", followed(HOUR, "=", 0), history(("Visit", 1), ("Order", 0)), True),
    ("a sequence in time", ast.Sequence((ORDER, VISIT), HOUR), history(("Order", HOUR), ("Visit", 0)), True),
    ("a slow one", ast.Sequence((ORDER, VISIT), HOUR), history(("Order", HOUR + 1), ("Visit", 0)), False),
    (
        "a slow one before one in time",
        ast.Sequence((ORDER, VISIT, REFUND), HOUR),
        history(("Order", 3 * HOUR), ("Visit", 2 * HOUR), ("Order", HOUR), ("Visit", 1), ("Refund", 0)),
        True,
    ),
    ("one event for two steps", ast.Sequence((ORDER, ORDER)), history(("Order", 0)), False),
    ("two at once for two steps", ast.Sequence((ORDER, ORDER), 0), history(("Order", 0), ("Order", 0)), True),
    (
        "items that occur twice in one list",
        ast.Aggregate(ORDER, "most_frequent", ("properties", "tags"), as_type="array", frequency_min=3),
        history(("Order", 1), ("Order", 0), tags=["a", "b", "b"]),
        "b",
    ),
    (
        "numbers as texts",
        ast.Aggregate(ORDER, "unique_list", ("properties", "tags")),
        history(
            ("Order", 0), tags=[5, 5.0, 5.5, -0.0, 1e-9, 0.0001, 1e20, 1e21, 10**18, 2**63, True, "5", None, [6]]
        ),
        sorted(
            [
                "5",
                "5.5",
                "0",
                "1e-09",
                "0.0001",
                "100000000000000000000",
                "1e+21",
                "9223372036854775808",
                "true",
                str(10**18),
            ]
        ),
    ),
    (
        "a tie of values",
        ast.Aggregate(ORDER, "most_frequent", ("properties", "tags"), as_type="array", frequency_min=2),
        history(("Order", 1), ("Order", 0), tags=["b", "a"]),
        "a",
    ),
]


@pytest.mark.parametrize(
    ("body", "person", "value"), [each[1:] for each in AT_THE_EDGE], ids=[e[0] for e in AT_THE_EDGE]
)
def test_sql_when_something_is_just_at_the_edge_then_it_falls_on_the_right_side(
    warehouse: Warehouse, body: ast.Aggregate | ast.Condition, person: Person, value: Any
) -> None:
    definition = ast.Definition("d", body)
    warehouse.hold([person])
    assert warehouse.ask(definition, (), NOW_MS).get("p0", False if definition.is_audience else None) == value
    assert_agreement(warehouse, [definition], [person], NOW_MS)


@pytest.mark.parametrize(
    ("quantifier", "met", "unmet", "is_member"),
    [
        ("any", 0, 0, False),
        ("any", 0, 2, False),
        ("any", 1, 2, True),
        ("all", 0, 0, False),
        ("all", 2, 0, True),
        ("all", 2, 1, False),
        ("none", 0, 0, True),
        ("none", 0, 2, True),
        ("none", 1, 2, False),
    ],
)
def test_sql_when_an_account_has_such_users_then_it_is_a_member_or_not(
    warehouse: Warehouse, quantifier: Any, met: int, unmet: int, is_member: bool
) -> None:
    ordered = ast.EventCondition(ast.Aggregate(ORDER), ">=", (1,))
    definition = ast.Definition("d", ast.OfUsers(quantifier, ordered), "accounts")
    users = [history(("Order", 0)) for _ in range(met)] + [history(("Visit", 0)) for _ in range(unmet)]
    account = Person([], "accounts", users)
    warehouse.hold([account])
    assert (warehouse.ask(definition, (), NOW_MS) == {"p0": True}) is is_member
    assert_agreement(warehouse, [definition], [account], NOW_MS)


def test_sql_when_definitions_build_on_each_other_then_the_last_one_sees_what_they_come_to(
    warehouse: Warehouse,
) -> None:
    catalogue = [
        ast.Definition("spent", ast.Aggregate(ORDER, "sum", ("properties", "total"))),
        ast.Definition("rich", ast.Computed("spent", ">", (10,))),
        ast.Definition("visits", ast.Aggregate(VISIT)),
        ast.Definition("good", ast.All((ast.InAudience("rich"), ast.Not(ast.Computed("visits", "exists"))))),
        ast.Definition("odd", ast.TraitCondition(("wants",), "=", (ast.TraitOf(("rich",)),))),
        ast.Definition("lost", ast.Any_((ast.InAudience("gone"), ast.Computed("gone", "exists")))),
    ]
    persons = [
        history(("Order", 1), ("Order", 0), total=6),
        history(("Order", 0), total=6),
        history(("Order", 1), ("Order", 1), ("Visit", 0), total=6),
        Person([], given_traits={"wants": "true"}),
        Person([], given_traits={"wants": False}),
    ]
    warehouse.hold(persons)
    assert warehouse.ask(catalogue[3], catalogue, NOW_MS) == {"p0": True}
    assert_agreement(warehouse, catalogue, persons, NOW_MS)
