"""What kind of change a change is."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from planning import change

from headwater.aggregation.changes import Change, Reason
from headwater.aggregation.sync.facts import kind_of
from headwater.aggregation.sync.paths import Facts, Kind, Sides, decide


@pytest.mark.parametrize(
    ("value", "previous", "is_audience", "kind"),
    [
        (True, None, True, Kind.ENTERED),
        (True, False, True, Kind.ENTERED),
        (False, True, True, Kind.EXITED),
        (None, True, True, Kind.EXITED),
        (True, True, True, Kind.SAME),
        (False, None, True, Kind.ABSENT),
        (0, None, False, Kind.VALUE_SET),
        (False, None, False, Kind.VALUE_SET),
        (1, True, False, Kind.VALUE_SET),
        (["a"], ["a", "b"], False, Kind.VALUE_SET),
        (None, False, False, Kind.VALUE_REMOVED),
        (2, 2.0, False, Kind.SAME),
        (None, None, False, Kind.ABSENT),
    ],
)
def test_kind_when_the_value_is_and_was_then_is(value: Any, previous: Any, is_audience: bool, kind: Kind) -> None:
    made = change(value=value, previous=previous)
    assert kind_of(made, is_audience=is_audience)[0] is kind


def test_kind_when_a_merge_does_not_say_what_was_before_then_the_survivor_decides() -> None:
    made = change(reason=Reason.PROFILE_MERGED, previous=True, before=())
    assert kind_of(made, is_audience=True) == (Kind.SAME, Sides.ALL)


def test_kind_when_a_merge_has_values_before_then_previous_does_not_matter() -> None:
    made = change(reason=Reason.PROFILE_MERGED, previous=True, before=(False, True, False))
    assert kind_of(made, is_audience=True) == (Kind.ENTERED, Sides.SOME)


values = st.one_of(st.none(), st.booleans(), st.integers(0, 2), st.lists(st.sampled_from("ab"), max_size=2))
merges = st.builds(
    change,
    value=values,
    previous=values,
    reason=st.just(Reason.PROFILE_MERGED),
    before=st.lists(values, max_size=3).map(tuple),
)


@given(merges, st.booleans(), st.booleans())
def test_kind_when_it_is_of_any_merge_then_it_never_contradicts_the_sides(
    made: Change, is_audience: bool, dedupes: bool
) -> None:
    kind, sides = kind_of(made, is_audience=is_audience)
    facts = Facts(made.reason, kind, dedupes, matches=True, sent=False, sides=sides)
    assert not decide(facts).name.startswith("impossible")
