"""Rules of external ids: what holds when little is said, and patterns that no value makes slow."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater import limits
from headwater.config.identity import DEFAULT_TYPES, SUGGESTED_BLOCK, ExternalIdRule, Identity, Period
from headwater.config.patterns import PatternError, found_in


def test_rules_when_nothing_is_said_then_those_of_segment() -> None:
    rules = Identity().rules()
    assert [rule.type for rule in rules] == list(DEFAULT_TYPES)
    assert list(DEFAULT_TYPES[2:]) == sorted(DEFAULT_TYPES[2:])
    assert {rule.type: rule.limit for rule in rules if rule.limit != 5} == {"user_id": 1}
    assert {rule.period for rule in rules} == {Period.EVER}
    assert all({"-1", "null", "anonymous", ""} <= set(rule.block) for rule in rules)


def test_rules_when_types_are_listed_then_these_come_first_and_keep_what_they_say() -> None:
    phone = ExternalIdRule(type="phone", limit=3, keys=("phone",), block=("0",))
    user_id = ExternalIdRule(type="user_id", block_regex=())
    rules = Identity(external_ids=(phone, user_id)).rules()
    assert rules[0] == phone
    assert (rules[1].type, rules[1].limit, rules[1].block, rules[1].block_regex) == (
        "user_id",
        1,
        SUGGESTED_BLOCK,
        (),
    )
    assert [rule.type for rule in rules[2:]] == [type_ for type_ in DEFAULT_TYPES if type_ != "user_id"]


def test_rule_when_only_an_event_has_named_the_type_then_the_default() -> None:
    rule = Identity().rule("loyalty_card")
    assert (rule.type, rule.limit, rule.block) == ("loyalty_card", 5, SUGGESTED_BLOCK)


@pytest.mark.parametrize(
    ("value", "blocked"),
    [("", True), ("0", True), ("0000-000", True), ("---", True), ("00a", False), ("10", False), ("0\n", False)],
)
def test_suggested_pattern_when_a_value_is_zeros_and_dashes_then_blocked(value: str, blocked: bool) -> None:
    assert found_in(Identity().rule("user_id").block_regex)(value) is blocked


@given(st.text(max_size=20))
def test_found_in_when_there_are_no_patterns_then_nothing_is_found(text: str) -> None:
    assert not found_in([])(text)


@given(
    st.lists(st.sampled_from(["a", "^b", "c$", "[0-9]{3}", "x.y", "^$"]), min_size=1),
    st.text("abcxy01", max_size=6),
)
def test_found_in_when_asked_then_as_any_of_the_patterns_alone(patterns: list[str], text: str) -> None:
    assert found_in(patterns)(text) == any(re.search(pattern, text) is not None for pattern in patterns)


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ("(", "no regular expression"),
        ("a(?=b)", "look-around and back-references are not supported"),
        (r"(a)\1", "look-around and back-references are not supported"),
        (r"\w{1000000}", "too large"),
        ("a" * (limits.identity.BLOCK_PATTERN_CHARS_MAX + 1), "at most 512 characters"),
    ],
)
def test_found_in_when_it_is_no_pattern_then_refused(pattern: str, message: str) -> None:
    with pytest.raises(PatternError, match=message):
        found_in(["fine", pattern])


def test_found_in_when_a_pattern_would_backtrack_then_it_is_as_fast_as_any() -> None:
    # In Python's own engine this would outlast the universe: a test that ends has shown it.
    assert not found_in([r"^(a+)+$"])("a" * 500 + "b")
