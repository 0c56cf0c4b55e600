"""What is asked about a profile: dates against the clock, other definitions, traits, users of an account."""

from typing import Any

import pytest
from living import DAY, HOUR, START_MS, Life, Sent

from headwater.aggregation import tables
from headwater.aggregation.changes import Reason
from headwater.aggregation.tables import Trait
from headwater.definitions import ast


def audience(body: ast.Condition, key: str = "d", **members: Any) -> ast.Definition:
    return ast.Definition(key, body, version=members.pop("version", 1), **members)


def trait(body: ast.Aggregate, key: str = "t", **members: Any) -> ast.Definition:
    return ast.Definition(key, body, version=members.pop("version", 1), **members)


def identified(at_ms: int = START_MS, **traits: Any) -> Sent:
    return Sent(at_ms, call="identify", name=None, payload=traits)


ORDERS = ast.Aggregate(ast.EventQuery(name="Order"))
HAS_ORDERED = ast.EventCondition(ORDERS, ">=", (1,))

# --- dates ----------------------------------------------------------------------------------------------------

DATES = [
    # operator, span, the date, when it changes: all after START
    ("within_last", 2 * DAY, "2025-12-31", [(True, 0), (False, DAY)]),
    ("within_last", 2 * DAY, "2026-01-02", [(True, DAY), (False, 3 * DAY)]),
    ("within_last", DAY, "2025-12-31", []),
    ("before_last", 2 * DAY, "2026-01-02T00:00:00.001Z", [(True, 3 * DAY + 1)]),
    ("before_last", DAY, "2025-12-31", [(True, 0)]),
    ("within_next", 2 * DAY, "2026-01-05", [(True, 2 * DAY), (False, 4 * DAY)]),
    ("within_next", 2 * DAY, "2026-01-01", []),
    ("within_next", 2 * DAY, "2026-01-01T03:00:00+02:00", [(True, 0), (False, HOUR)]),
    ("after_next", 2 * DAY, "2026-01-05", [(True, 0), (False, 2 * DAY)]),
    ("after_next", 2 * DAY, "2026-01-03", []),
    ("within_last", 2 * DAY, "soon", []),
    ("within_last", 2 * DAY, 1_767_225_600_000, []),
]


@pytest.mark.parametrize(("operator", "span_ms", "date", "turns"), DATES)
def test_condition_when_a_date_is_asked_against_the_clock_then_it_turns_by_itself(
    operator: ast.Operator, span_ms: int, date: Any, turns: list[tuple[bool, int]]
) -> None:
    of_trait = audience(ast.TraitCondition(("renews",), operator, (span_ms,)), "of_trait")
    last = ast.Aggregate(ast.EventQuery(call="identify"), "last", ("traits", "renews"))
    of_event = audience(ast.EventCondition(last, operator, (span_ms,)), "of_event")
    where = ast.Compare(ast.Path(("traits", "renews")), operator, (span_ms,))
    inside = ast.Aggregate(ast.EventQuery(call="identify", where=where))
    of_events = audience(ast.EventCondition(inside, ">=", (1,)), "of_events")
    life = Life([of_trait, of_event, of_events])
    life.sent(identified(renews=date), 0)
    life.wait(START_MS + 100 * DAY)
    for key in ("of_trait", "of_event", "of_events"):
        told = [(each.value, each.at_ms - START_MS) for each in life.changes if each.key == key]
        assert told == turns, key
    assert life.computed.due_ms is None


# --- definitions that refer to others -------------------------------------------------------------------------


def test_audience_when_it_is_false_then_nobody_is_told_unless_it_was_true() -> None:
    life = Life([audience(ast.Not(HAS_ORDERED)), audience(HAS_ORDERED, "buyers")])
    life.sent(identified(), 0)
    life.sent(Sent(), 1)
    life.sent(Sent(), 2)
    assert [each[:3] for each in life.told()] == [
        ("d", True, None),
        ("d", False, True),
        ("buyers", True, None),
    ]


def test_audience_when_the_first_event_already_speaks_against_it_then_nobody_is_told() -> None:
    life = Life([audience(ast.Not(HAS_ORDERED))])
    life.sent(Sent(), 0)
    life.sent(identified(), 1)
    assert life.told() == []


def test_definition_when_what_it_refers_to_changes_then_it_follows_in_the_same_breath() -> None:
    count = trait(ORDERS, "orders")
    many = audience(ast.Computed("orders", ">", (1,)), "many")
    not_many = audience(ast.All((ast.Not(ast.InAudience("many")), HAS_ORDERED)), "not_many")
    life = Life([count, many, not_many])
    life.sent(Sent(), 0)
    life.sent(Sent(), 1)
    assert [each[:3] for each in life.told()] == [
        ("orders", 1, None),
        ("not_many", True, None),
        ("orders", 2, 1),
        ("many", True, None),
        ("not_many", False, True),
    ]
    assert len(life.computed.aggregates) == 1  # the same aggregate has one state, whoever asks it


def test_events_when_they_are_compared_with_a_trait_then_its_change_counts_them_anew() -> None:
    above = ast.Compare(ast.Path(("properties", "price")), ">", (ast.TraitOf(("limit",)),))
    life = Life([trait(ast.Aggregate(ast.EventQuery(name="Order", where=above), window=ast.Window(DAY)))])
    for offset, price in enumerate([5, 10, 15]):
        life.sent(Sent(START_MS + offset, payload={"price": price}), offset)
    assert life.value("t") is None
    life.sent(identified(START_MS + 3, limit=7), 3)
    assert life.value("t") == 2
    life.sent(identified(START_MS + 4, limit=12), 4)
    assert life.value("t") == 1
    life.wait(START_MS + 2 + DAY)
    assert life.value("t") is None


def test_trait_when_it_is_taken_back_then_it_is_missing() -> None:
    life = Life([audience(ast.TraitCondition(("plan",), "exists"))])
    life.sent(identified(plan="pro"), 0)
    life.sent(identified(START_MS + 1, plan=None), 1)
    assert [each[:3] for each in life.told()] == [("d", True, None), ("d", False, True)]


def test_trait_when_it_is_the_same_value_in_another_form_then_nobody_is_told() -> None:
    last = ast.Aggregate(ast.EventQuery(name="Order"), "last", ("properties", "total"))
    life = Life([trait(last)])
    for offset, total in enumerate([5, 5.0, True, "true", [1, {"a": 2}], [1.0, {"a": 2.0}], [True, {"a": 2}]]):
        life.sent(Sent(START_MS + offset, payload={"total": total}), offset)
    assert [each.value for each in life.changes] == [5, True, "true", [1, {"a": 2}], [True, {"a": 2}]]


# --- accounts -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("quantifier", "linked", "met", "is_member"),
    [
        ("any", 0, 0, False),
        ("any", 2, 0, False),
        ("any", 2, 1, True),
        ("all", 0, 0, False),
        ("all", 2, 1, False),
        ("all", 2, 2, True),
        ("none", 0, 0, True),
        ("none", 2, 0, True),
        ("none", 2, 1, False),
    ],
)
def test_account_when_its_users_meet_a_condition_then_the_quantifier_decides(
    quantifier: Any, linked: int, met: int, is_member: bool
) -> None:
    asked = audience(ast.OfUsers(quantifier, HAS_ORDERED), collection="accounts")
    life = Life([asked], "accounts")
    (key,) = life.program.hidden_keys
    life.sent(Sent(call="group", name=None), 0)
    life.changes += life.program.users_changed(life, {key: (linked, met)}, life.clock_ms)
    assert life.value("d") is is_member
    assert life.program.user_counts(life, key) == (linked, met)
    life.program.users_changed(life, {key: (-linked, -met)}, life.clock_ms)
    assert life.value("d") is (quantifier == "none")
    assert life.program.user_counts(life, key) == (0, 0)


def test_user_when_accounts_ask_about_it_then_it_knows_the_answer_and_nobody_is_told() -> None:
    asked = audience(ast.OfUsers("any", HAS_ORDERED), collection="accounts")
    life = Life([asked])
    (key,) = life.program.hidden_keys
    life.sent(Sent(), 0)
    assert life.computed.values[key].value is True
    assert life.told() == []
    assert life.program.audiences == {"users": frozenset(), "accounts": frozenset({"d"})}


# --- what becomes of definitions ------------------------------------------------------------------------------


def test_refresh_when_a_definition_is_new_then_it_is_told_as_a_backfill() -> None:
    life = Life([trait(ORDERS, "orders")])
    for offset in range(3):
        life.sent(Sent(START_MS + offset), offset)
    life.changes.clear()
    life.defined([trait(ORDERS, "orders"), audience(HAS_ORDERED, version=2)])
    assert [(each.key, each.value, each.reason) for each in life.changes] == [("d", True, Reason.BACKFILLED)]
    life.sent(Sent(START_MS + 9), 9)
    assert life.value("orders") == 4


def test_refresh_when_a_definition_is_gone_then_nothing_of_it_is_left_and_nobody_is_told() -> None:
    tags = ast.Aggregate(ast.EventQuery(name="Order"), "unique_list", ("properties", "tag"))
    life = Life([trait(tags), audience(HAS_ORDERED)])
    life.sent(Sent(payload={"tag": "a"}), 0)
    life.changes.clear()
    life.defined([])
    assert (life.told(), life.computed.values, life.computed.aggregates, life.counts) == ([], {}, {}, {})


def test_refresh_when_something_was_due_before_then_that_happens_first_and_at_its_time() -> None:
    recent = audience(ast.EventCondition(ast.Aggregate(ORDERS.events, window=ast.Window(DAY)), ">=", (1,)))
    life = Life([recent])
    life.sent(Sent(), 0)
    life.clock_ms = START_MS + 3 * DAY
    life.changes.clear()
    life.defined([recent, trait(ORDERS, version=2)])
    assert [(each.key, each.value, each.reason, each.at_ms) for each in life.changes] == [
        ("d", False, Reason.VALUE_CHANGED, START_MS + DAY),
        ("t", 1, Reason.BACKFILLED, START_MS + 3 * DAY),
    ]


def test_refresh_when_many_definitions_are_new_then_the_history_is_read_once() -> None:
    life = Life([], version=0)
    for offset in range(50):
        life.sent(Sent(START_MS + offset, payload={"total": offset}), offset)
    life.scanned = 0
    reducers: tuple[ast.Reducer, ...] = ("sum", "avg", "min", "max", "first", "last", "unique_count")
    life.defined([trait(ast.Aggregate(ORDERS.events, each, ("properties", "total")), each) for each in reducers])
    assert life.scanned == 50
    assert life.value("sum") == sum(range(50))


def test_absorb_when_traits_change_the_meaning_of_events_then_these_are_counted_anew() -> None:
    above = ast.Compare(ast.Path(("properties", "price")), ">", (ast.TraitOf(("limit",)),))
    counted = trait(ast.Aggregate(ast.EventQuery(name="Order", where=above)))
    one, other = Life([counted]), Life([counted])
    one.sent(Sent(payload={"price": 10}), 0)
    other.sent(identified(limit=5), 1)
    entries = list(other.entries(0, 1 << 62, None))
    one.rows += other.rows
    one.traits = {"limit": Trait(5, START_MS, 1, 0, "web")}
    (change,) = one.program.absorb(one, [other.computed], entries, one.clock_ms)
    assert (change.key, change.value, change.before) == ("t", 1, (None, None))


def test_absorb_when_nothing_changes_then_it_is_told_all_the_same_with_what_both_were() -> None:
    life, other = Life([audience(HAS_ORDERED)]), Life([audience(HAS_ORDERED)])
    life.sent(Sent(), 0)
    other.sent(identified(), 1)
    entries = list(other.entries(0, 1 << 62, None))
    life.rows += other.rows
    (change,) = life.program.absorb(life, [other.computed], entries, life.clock_ms)
    assert (change.value, change.previous, change.before) == (True, True, (True, None))
    assert change.reason is Reason.PROFILE_MERGED


def test_program_when_an_event_concerns_no_definition_then_nothing_is_kept_of_it() -> None:
    life = Life([audience(HAS_ORDERED)])
    life.sent(Sent(name="Visit"), 0)
    assert life.computed == tables.Computed(version=1, at_ms=START_MS)


def test_refresh_when_a_trait_becomes_a_definition_then_what_asks_for_it_is_counted_anew() -> None:
    above = ast.Compare(ast.Path(("properties", "price")), ">", (ast.TraitOf(("limit",)),))
    counted = trait(ast.Aggregate(ast.EventQuery(name="Order", where=above)))
    life = Life([counted])
    life.sent(identified(limit=5), 0)
    life.sent(Sent(START_MS + 1, payload={"price": 10}), 1)
    assert life.value("t") == 1
    smallest = ast.Aggregate(ast.EventQuery(name="Refund"), "min", ("properties", "price"))
    life.defined([trait(smallest, "limit", version=2), counted])
    assert life.values() == {}
    life.sent(Sent(START_MS + 2, name="Refund", payload={"price": 8}), 2)
    assert life.values() == {"limit": 8, "t": 1}
