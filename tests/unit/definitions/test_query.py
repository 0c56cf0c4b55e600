"""Segment's query language: what Segment shows, and what is said about mistakes."""

import pytest

from headwater.definitions import ast
from headwater.definitions.query import QueryError, parse_query, render_query

DAY = 86_400_000


def read(text: str, collection: str = "users") -> ast.Aggregate | ast.Condition:
    return parse_query(text, collection=collection)


def track(name: str, **fields: object) -> ast.EventQuery:
    return ast.EventQuery(name=name, **fields)  # type: ignore[arg-type]


def at_least(aggregate: ast.Aggregate, count: int = 1) -> ast.EventCondition:
    return ast.EventCondition(aggregate, ">=", (count,))


def prop(*segments: str) -> ast.Path:
    return ast.Path(("properties", *segments))


PRICE = prop("price")
SHOES = "Shoes Bought"
BOUGHT = at_least(ast.Aggregate(track(SHOES)))
RETURNED = """event('Shoes Bought').where(
property('price') >= trait('avg_spend')
AND
event('Shoes Returned').within(parent: 5 days).count() >= 1
).within(30 days).count() >= 1"""
MY_BRAND = """event('Shoes Bought').where(
property('price') > 100 AND property('brand') = 'My Brand' ).min(property('spend'))"""
NOT_ORDERED = """event('Product Added')
.where(NOT event('Order Completed').within(parent: 30 days).count() = 1).between(14 days, 30 days).count() >= 1"""
RICH = ast.TraitCondition(("total_spend",), ">", (200,))


@pytest.mark.parametrize(
    ("text", "body"),
    [
        (
            "event('Shoes Bought').where( property('price') >= 100 ).within(7 days).count() >= 1",
            at_least(
                ast.Aggregate(track(SHOES, where=ast.Compare(PRICE, ">=", (100,))), window=ast.Window(7 * DAY))
            ),
        ),
        (
            RETURNED,
            at_least(
                ast.Aggregate(
                    track(
                        SHOES,
                        where=ast.AllOf(
                            (
                                ast.Compare(PRICE, ">=", (ast.TraitOf(("avg_spend",)),)),
                                ast.Followed(track("Shoes Returned"), 5 * DAY, ">=", 1),
                            )
                        ),
                    ),
                    window=ast.Window(30 * DAY),
                )
            ),
        ),
        (
            "NOT ( event('Shoes Bought').count() >= 1 AND trait('total_spend') > 200 )",
            ast.Not(ast.All((BOUGHT, RICH))),
        ),
        (
            "event('Shoes Bought').within(30 days).avg(property('spend'))",
            ast.Aggregate(track(SHOES), "avg", ("properties", "spend"), ast.Window(30 * DAY)),
        ),
        (
            MY_BRAND,
            ast.Aggregate(
                track(
                    SHOES,
                    where=ast.AllOf(
                        (ast.Compare(PRICE, ">", (100,)), ast.Compare(prop("brand"), "=", ("My Brand",)))
                    ),
                ),
                "min",
                ("properties", "spend"),
            ),
        ),
        (
            "event('Shoes Bought').within(30 days).mode(property('spend') as number, 3)",
            ast.Aggregate(
                track(SHOES), "most_frequent", ("properties", "spend"), ast.Window(30 * DAY), "number", 3
            ),
        ),
        (
            "event('Shoes Bought').expires_after(1 hour).unique(property('brand')).count()",
            ast.Aggregate(track(SHOES), "unique_count", ("properties", "brand"), ast.Session(3_600_000)),
        ),
        (
            NOT_ORDERED,
            at_least(
                ast.Aggregate(
                    track(
                        "Product Added",
                        where=ast.NotOf(ast.Followed(track("Order Completed"), 30 * DAY, "=", 1)),
                    ),
                    window=ast.Window(30 * DAY, 14 * DAY),
                )
            ),
        ),
        (
            "trait('a') = 'true' OR trait('b') <= .20 AND trait('c').absent()",
            ast.Any_(
                (
                    ast.TraitCondition(("a",), "=", ("true",)),
                    ast.All(
                        (
                            ast.TraitCondition(("b",), "<=", (0.2,)),
                            ast.TraitCondition(("c",), "not_exists"),
                        )
                    ),
                )
            ),
        ),
        (
            "event('Page Viewed').where(property('page_name') = 'Docs').count() >= 1",
            at_least(
                ast.Aggregate(
                    ast.EventQuery("page", where=ast.Compare(ast.Path(("name",)), "=", ("Docs",)))
                )
            ),
        ),
        (
            "event('Page Viewed').where(context('timestamp').before_date('2023-08-25')).count() = 0",
            ast.EventCondition(
                ast.Aggregate(
                    ast.EventQuery(
                        "page",
                        where=ast.Compare(ast.Path(("timestamp",)), "before", ("2023-08-25",)),
                    )
                ),
                "=",
                (0,),
            ),
        ),
        (
            "event('A').sources(exclude: 'x', 'y').where(context('page.url').contains('a', 'b')).count() > 0",
            ast.EventCondition(
                ast.Aggregate(
                    track(
                        "A",
                        where=ast.Compare(ast.Path(("context", "page", "url")), "contains", ("a", "b")),
                        without_sources=("x", "y"),
                    )
                ),
                ">",
                (0,),
            ),
        ),
        (r"trait('a\\.b.c').exists()", ast.TraitCondition(("a.b", "c"), "exists")),
        (r"trait('a\.b').exists()", ast.TraitCondition(("a.b",), "exists")),
        ('trait("it\'s") != "x"', ast.TraitCondition(("it's",), "!=", ("x",))),
        ("trait('a') = literal(5)", ast.TraitCondition(("a",), "=", (5,))),
        ("trait('a') == true", ast.TraitCondition(("a",), "=", (True,))),
        ("trait('born').before_last(6570 days)", ast.TraitCondition(("born",), "before_last", (6570 * DAY,))),
        ("all()", ast.All(())),
    ],
)  # fmt: skip
def test_query_when_read_then_it_is_this(text: str, body: ast.Aggregate | ast.Condition) -> None:
    assert read(text) == body
    assert read(render_query(body)) == body


@pytest.mark.parametrize(
    ("text", "body"),
    [
        ("ALL ( event('Shoes Bought').count() >= 1 AND trait('total_spend') > 200 )",
         ast.OfUsers("all", ast.All((BOUGHT, RICH)))),
        ("ALL NOT event('Shoes Bought').count() >= 1", ast.OfUsers("all", ast.Not(BOUGHT))),
        ("ANY event('Shoes Bought').count() >= 1", ast.OfUsers("any", BOUGHT)),
        ("NONE trait('total_spend') > 200 AND trait('total_spend') > 200",
         ast.All((ast.OfUsers("none", RICH), RICH))),
    ],
)  # fmt: skip
def test_query_when_it_is_about_accounts_then_their_users_can_be_asked(text: str, body: ast.Condition) -> None:
    assert read(text, "accounts") == body
    with pytest.raises(QueryError, match="this is not about accounts"):
        read(text)


@pytest.mark.parametrize(
    ("method", "symbol"),
    [
        ("equals(5)", "= 5"),
        ("equals(5)", "== 5"),
        ("differs(5)", "!= 5"),
        ("greater_than(5)", "> 5"),
        ("at_least(5)", ">= 5"),
        ("less_than(5)", "< 5"),
        ("at_most(5)", "<= 5"),
    ],
)
def test_query_when_a_comparison_has_two_spellings_then_both_are_the_same(method: str, symbol: str) -> None:
    assert read(f"trait('a').{method}") == read(f"trait('a') {symbol}")
    assert read(f"event('A').count().{method}") == read(f"event('A').count(){symbol}")


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ("", (1, 1), "the query is empty"),
        ("event('X').cnt() >= 1", (1, 12), "no filter or reducer `cnt`; did you mean count?"),
        ("event('X').count() >=", (1, 22), "expected a value, found the end"),
        ("event('X')", (1, 11), "expected what to make of these events, found the end; count them"),
        ("event('X') >= 1", (1, 12), "found `>=`; count them, as in `.count() >= 1`"),
        ("trait('x') ~ 'y'", (1, 12), "`~` means nothing here"),
        ("trait('x') <> 'y'", (1, 12), "`<>` means nothing here; use `!=`"),
        ("trait('x", (1, 7), "this string is never closed"),
        ("trait(x) = 1", (1, 7), "expected the key of a trait in quotes, found `x`; put it in quotes: 'x'"),
        ("trait('x') = y", (1, 14), "expected a value, found `y`; text stands in quotes: 'y'"),
        ("trait('x') = null", (1, 14), "nothing is compared with null; ask `.absent()`"),
        ("trait('x') contains('y')", (1, 12), "`contains` stands behind a dot"),
        ("trait('x').count() > 1", (1, 12), "no comparison `count`; that is for events, and this is one value"),
        ("trait('x') > '5'", (1, 12), "`>` compares numbers, not '5'"),
        ("trait('x') >\n'2026-01-01'", (1, 12), "dates are compared with `before` and `after`"),
        ("trait('x').before_date('2026-01-01T10:00')", (1, 12), "`before` needs an instant with a time zone"),
        ("trait('x').within_last(0 days)", (1, 12), "nothing is `within_last` no time at all"),
        ("trait('x') = 99999999999999999999", (1, 14), "a number this large is not kept exactly"),
        ("trait('a.$.b').exists()", (1, 7), "a path cannot go through a list"),
        ("trait('a..b').exists()", (1, 7), "is no path"),
        ("trait('x') = 1 and\ntrait('y') = 2", (1, 16), "found `and`; write AND"),
        ("trait('x') = 1\ntrait('y') = 2", (2, 1), "join two conditions with AND or OR"),
        ("not trait('x') = 1", (1, 1), "write NOT"),
        ("property('x') = 1", (1, 1), r"property belongs inside `where(…)`"),
        ("entity('x').count() > 1", (1, 1), "entities are rows of a linked warehouse"),
        ("evnt('x').count() > 1", (1, 1), "did you mean event?"),
        ("event('X').where(proprty('y') = 1).count() > 0", (1, 18), "did you mean property?"),
        ("event('X').where(event('Y').count() > 0).count() > 0", (1, 18), "say how soon: .within(parent: 5 days)"),
        ("event('X').where(ANY trait('y') = 1).count() > 0", (1, 18), "not about one event"),
        ("event('X').where(fql('a =')).count() > 0", (1, 22), "not FQL: "),
        ("event('X').where(property(parent: 'y') = 1).count() > 0", (1, 18), "has a parent, the event that it"),
        ("event('X').within(parent: 5 days).count() > 0", (1, 12), "has a parent, the event that it follows"),
        ("event('X').within(0 days).count() > 0", (1, 12), "a window of 0 holds no event"),
        ("event('X').within(11 years).count() > 0", (1, 22), "no unit 'years'"),
        ("event('X').within(4000 days).count() > 0", (1, 12), "at most 3,660 days"),
        ("event('X').within(1.5 days).count() > 0", (1, 19), "a whole number"),
        ("event('X').between(9 days, 7 days).count() > 0", (1, 12), "the second, which must be longer ago"),
        ("event('X').within(7 days).within(8 days).count() > 0", (1, 27), "one window at a time"),
        ("event('X').expires_after(1 hour).count() > 0", (1, 1), "sessions are for computed traits"),
        ("event('X').sum(property('y') as string) > 0", (1, 12), "sum has no type to choose"),
        ("event('X').sum('y') > 0", (1, 16), "write property('y')"),
        ("event('X').sum(property('y')) = 'a'", (1, 31), "sum is a number; it cannot be 'a'"),
        ("event('X').unique(property('y')) = 'a'", (1, 34), "unique_list is a list"),
        ("identify('X').count() > 0", (1, 10), "identify calls have no name"),
        ("sequence(event('X'))", (1, 1), "a sequence has 2 to 10 steps"),
        ("sequence(event('X').within(1 day), event('Y'))", (1, 10), "a step has no window"),
        ("trait('x') = 1)", (1, 15), "expected AND, OR or the end, found `)`"),
        ("(trait('x') = 1", (1, 16), "expected `)`, found the end"),
        (" OR ".join(["trait('x') = 1"] * 51), (1, 901), "more than 50 expressions"),
        ("NOT " * 25 + "trait('x') = 1", (1, 97), "nested deeper than 24 levels"),
        ("x" * 40_000, (1, 1), "a query may have 32,768 characters"),
    ],
)  # fmt: skip
def test_query_when_it_is_wrong_then_the_place_and_what_to_do_are_said(
    text: str, place: tuple[int, int], message: str
) -> None:
    with pytest.raises(QueryError) as caught:
        read(text)
    assert (caught.value.line, caught.value.column) == place
    assert message in str(caught.value)
    assert caught.value.code == "invalid_query"
