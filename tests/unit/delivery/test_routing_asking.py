"""The cheap way to ask an event gives the answer of its body."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from routing_events import event

from headwater import fql
from headwater.delivery.routing.asking import asked

CONDITIONS = [
    'type = "track"',
    'event = "A"',
    'type = "track" and event = "A" and properties.n > 1',
    'type = "page" or name = "A"',
    "userId = null",
    'userId = "u" and context.x = 1',
    'event != "A"',
    '!(event = "A")',
    'event = "A" or properties.n = 1',
    'contains(name, "A") and type = "page"',
    "properties.n = 1",
]
texts = st.none() | st.sampled_from(["A", "B", "u"])
events = st.builds(
    lambda type_, **said: event(type=type_, **said),
    type_=st.sampled_from(["track", "page", "identify"]),
    event=texts,
    name=texts,
    userId=texts,
    properties=st.fixed_dictionaries({"n": st.integers(0, 2)}),
    context=st.fixed_dictionaries({"x": st.integers(0, 1)}),
)


@pytest.mark.parametrize("trigger", [False, True])
@pytest.mark.parametrize("text", CONDITIONS)
@given(one=events)
def test_asked_when_an_event_is_asked_cheaply_then_the_answer_is_that_of_its_body(
    text: str, trigger: bool, one: Any
) -> None:
    condition = fql.compile_filter(text, trigger=trigger)
    assert asked(condition)(one) == condition.matches(one.body)
