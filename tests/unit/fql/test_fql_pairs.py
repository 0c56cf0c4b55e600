"""Every operator and function on every pair of kinds of values, and every short pattern on every short text: what
random search meets only sometimes.
"""

import itertools
import json
from typing import Any

import msgspec
import pytest
from fql_reference import NO_VALUE, answer, glob

from headwater import fql
from headwater.event import Event
from headwater.fql.functions import FUNCTIONS
from headwater.fql.glob import compile_glob

VALUES: list[Any] = [
    None,
    True,
    False,
    0,
    1,
    1.0,
    0.5,
    -1,
    2**63,
    "",
    "a",
    "ab",
    "1",
    "true",
    "a*",
    [],
    [1],
    ["a", None],
    {},
]
ABSENT = object()
LITERALS = [
    "null",
    "true",
    "false",
    "0",
    "1",
    "0.5",
    "-1",
    "9223372036854775808",
    '""',
    '"a"',
    '"1"',
    '"a*"',
    "[]",
    "[1, 'a']",
]
OPERATORS = ["=", "!=", ">", ">=", "<", "<=", "in"]


def agree(text: str, *, trigger: bool) -> None:
    """All ways to evaluate give the same for all values of the two members."""
    expression = fql.parse(text, trigger=trigger)
    asked = fql.Filter(text, trigger=trigger)
    for left, right in (
        itertools.product([*VALUES, ABSENT], repeat=2) if ".r" in text else ((v, 0) for v in VALUES)
    ):
        properties = {name: value for name, value in (("l", left), ("r", right)) if value is not ABSENT}
        body = json.dumps({"properties": properties}).encode()
        expected = answer(expression, body, trigger=trigger)
        event = msgspec.json.decode(body, type=Event)
        for ask, about in ((asked.matches, body), (asked.matches_event, event)):
            try:
                found: Any = ask(about)  # type: ignore[arg-type]
            except fql.FqlEvaluationError:
                found = NO_VALUE
            assert found is expected, (text, properties)


@pytest.mark.parametrize("trigger", [False, True])
@pytest.mark.parametrize("operator", OPERATORS)
def test_operator_when_between_any_two_values_then_the_reference_agrees(operator: str, trigger: bool) -> None:
    agree(f"properties.l {operator} properties.r", trigger=trigger)
    agree(f"!(properties.l {operator} properties.r)", trigger=trigger)
    for literal in LITERALS:
        agree(f"properties.l {operator} {literal}", trigger=trigger)
        agree(f"{literal} {operator} properties.l", trigger=trigger)
        for other in LITERALS:
            agree(f"{literal} {operator} {other}", trigger=trigger)


@pytest.mark.parametrize("trigger", [False, True])
@pytest.mark.parametrize("function", ["contains", "match"])
def test_function_of_two_when_given_any_two_values_then_the_reference_agrees(function: str, trigger: bool) -> None:
    for second in ("properties.r", *LITERALS):
        agree(f"{function}(properties.l, {second})", trigger=trigger)
        agree(f"!{function}(properties.l, {second})", trigger=trigger)
        agree(f"!({function}(properties.l, {second}) or false)", trigger=trigger)
        agree(f"!(!{function}(properties.l, {second}))", trigger=trigger)


@pytest.mark.parametrize("trigger", [False, True])
@pytest.mark.parametrize("function", sorted(FUNCTIONS.keys() - {"contains", "match"}))
def test_function_of_one_when_given_any_value_then_the_reference_agrees(function: str, trigger: bool) -> None:
    agree(f"{function}(properties.l)", trigger=trigger)
    agree(f"!{function}(properties.l)", trigger=trigger)
    agree(f"{function}(properties.l) = properties.r", trigger=trigger)


@pytest.mark.parametrize("trigger", [False, True])
@pytest.mark.parametrize("word", ["and", "or"])
def test_connective_when_between_any_two_values_then_the_reference_agrees(word: str, trigger: bool) -> None:
    agree(f"properties.l {word} properties.r", trigger=trigger)
    agree(f"!(properties.l {word} properties.r)", trigger=trigger)
    for literal in LITERALS:
        agree(f"properties.l {word} {literal}", trigger=trigger)
        agree(f"{literal} {word} properties.l", trigger=trigger)


def test_glob_when_pattern_and_text_are_short_then_a_regular_expression_agrees() -> None:
    texts = ["".join(text) for size in range(6) for text in itertools.product("ab", repeat=size)]
    for size in range(6):
        for pattern in map("".join, itertools.product("ab*?", repeat=size)):
            matches = compile_glob(pattern)
            for text in texts:
                assert matches(text) is glob(text, pattern), (pattern, text)
