"""Definitions together: what refers to what, and in which order."""

from collections.abc import Sequence
from typing import Any

import strategies
from hypothesis import given
from hypothesis import strategies as st

from headwater.definitions import ast
from headwater.definitions.catalogue import Catalogue, catalogue, references

COUNT = ast.Aggregate(ast.EventQuery(name="X"))


def definition(key: str, body: Any = COUNT, collection: Any = "users") -> ast.Definition:
    return ast.Definition(key, body, collection)


def trait(key: str, operator: ast.Operator = ">", *operands: Any) -> ast.TraitCondition:
    return ast.TraitCondition((key,), operator, operands or (1,))


def member(*keys: str) -> ast.Condition:
    return ast.All(tuple(ast.InAudience(key) for key in keys))


def bodies(found: Catalogue) -> dict[str, Any]:
    return {d.key: d.body for d in found.definitions}


def mistakes(*given_: ast.Definition) -> dict[str, str]:
    return {mistake.name[1]: mistake.message for mistake in catalogue(given_).mistakes}


def test_catalogue_when_a_trait_is_a_definition_then_it_is_that_one() -> None:
    found = catalogue(
        [
            definition(
                "a", ast.Not(ast.All((trait("orders"), trait("plan", "=", "pro"), trait("vip", "=", "true"))))
            ),
            definition("orders"),
            definition("vip", trait("score")),
        ]
    )
    assert bodies(found)["a"] == ast.Not(
        ast.All((ast.Computed("orders", ">", (1,)), trait("plan", "=", "pro"), ast.InAudience("vip")))
    )


def test_catalogue_when_an_audience_is_compared_then_only_with_true_and_false() -> None:
    cases = {
        ("=", True): ast.InAudience("vip"),
        ("=", "true"): ast.InAudience("vip"),
        ("!=", "false"): ast.InAudience("vip"),
        ("=", False): ast.Not(ast.InAudience("vip")),
        ("!=", True): ast.Not(ast.InAudience("vip")),
    }
    for (operator, operand), expected in cases.items():
        found = catalogue([definition("vip", trait("score")), definition("b", trait("vip", operator, operand))])  # type: ignore[arg-type]
        assert bodies(found)["b"] == expected
    for odd in (trait("vip", "=", 1), trait("vip", ">", 0), ast.TraitCondition(("vip",), "exists")):
        assert mistakes(definition("vip", trait("score")), definition("b", odd)) == {
            "b": "'vip' is an audience; it is only compared with true or false"
        }


def test_catalogue_when_a_trait_is_inside_users_then_it_is_one_of_users() -> None:
    account = definition("a", ast.All((trait("x"), ast.OfUsers("any", trait("x")))), "accounts")
    found = catalogue([account, definition("x")])
    assert bodies(found)["a"] == ast.All((trait("x"), ast.OfUsers("any", ast.Computed("x", ">", (1,)))))
    assert [d.key for d in found.definitions] == ["x", "a"]


def test_catalogue_when_what_is_referred_to_is_missing_or_of_the_other_kind_then_said() -> None:
    assert mistakes(
        definition("orders"),
        definition("big", trait("score")),
        definition("a", ast.Computed("order", ">", (1,))),
        definition("b", ast.InAudience("bigg")),
        definition("c", ast.InAudience("orders")),
        definition("d", ast.Computed("big", "=", (True,))),
    ) == {
        "a": "no computed trait 'order' of users; did you mean orders?",
        "b": "no audience 'bigg' of users; did you mean big?",
        "c": "'orders' is a computed trait; ask with `computed`",
        "d": "'big' is an audience; ask with `audience`",
    }


def test_catalogue_when_one_has_a_mistake_then_those_that_need_it_are_left_out_and_say_so() -> None:
    found = catalogue(
        [
            definition("a", member("b")),
            definition("b", trait("c", "=", True)),
            definition("c", member("nobody")),
            definition("d"),
            definition("e", ast.Computed("unread", ">", (1,))),
        ],
        left_out=[("users", "unread")],
    )
    assert [d.key for d in found.definitions] == ["d"]
    assert {mistake.name[1]: mistake.follows for mistake in found.mistakes} == {
        "a": True, "b": True, "c": False, "e": True,
    }  # fmt: skip


def test_catalogue_when_definitions_go_in_a_circle_then_it_is_named_in_full() -> None:
    of_b = ast.Compare(ast.Path(("properties", "p")), ">", (ast.TraitOf(("b",)),))
    circle = [
        definition("beside", trait("a", "=", 1)),
        definition("a", ast.Aggregate(ast.EventQuery(where=of_b))),
        definition("b", ast.Aggregate(ast.EventQuery(where=ast.Compare(ast.TraitOf(("c",)), "exists")))),
        definition("c", trait("a", ">", 3)),
    ]
    assert mistakes(*circle) == {
        **dict.fromkeys("abc", "it depends on itself: a → b → c → a"),
        "beside": "it refers to 'a', which has a mistake of its own",
    }
    assert mistakes(definition("s", member("s"))) == {"s": "it depends on itself: s → s"}


@given(strategies.catalogues(collections=("users", "accounts"), most=6), st.randoms())
def test_catalogue_when_given_in_any_order_then_each_comes_after_what_it_needs(
    definitions: Sequence[ast.Definition], random: Any
) -> None:
    shuffled = list(definitions)
    random.shuffle(shuffled)
    found = catalogue(shuffled)
    assert found.mistakes == ()
    assert sorted(found.definitions, key=lambda d: d.key) == sorted(definitions, key=lambda d: d.key)
    seen: set[tuple[str, str]] = set()
    names = {(d.collection, d.key) for d in definitions}
    for each in found.definitions:
        assert {name for name in references(each) if name in names} <= seen
        seen.add((each.collection, each.key))
    assert catalogue(found.definitions) == found
