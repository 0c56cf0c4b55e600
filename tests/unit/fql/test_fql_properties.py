"""For random expressions and events: printing and parsing undo each other, and all ways to evaluate agree."""

import contextlib
from typing import Any

import msgspec
import pytest
from fql_reference import NO_VALUE, NoValueError, answer, value
from fql_strategies import encode, events, expressions, filter_paths, names, trigger_paths, values
from hypothesis import given
from hypothesis import strategies as st

from headwater import fql
from headwater.event import Event
from headwater.fql.ast import Expression
from headwater.fql.interpret import body_reader

FILTERS = expressions(filter_paths)
TRIGGERS = expressions(trigger_paths)
ENVELOPE = {field.encode_name for field in msgspec.structs.fields(Event)}


def envelope(event: dict[str, Any]) -> tuple[Event, bytes]:
    """As the pipeline has it: the envelope, and beside it the members that it does not know."""
    known = {name: member for name, member in event.items() if name in ENVELOPE}
    unknown = {name: member for name, member in event.items() if name not in ENVELOPE}
    return msgspec.json.decode(encode(known), type=Event), encode(unknown)[1:-1]


def ask(question: Any, *about: Any) -> Any:
    try:
        return question(*about)
    except fql.FqlEvaluationError:
        return NO_VALUE


@given(FILTERS)
def test_render_when_parsed_again_then_the_same_tree(expression: Expression) -> None:
    text = fql.render(expression)
    assert fql.parse(text) == expression
    assert fql.render(fql.parse(text)) == text


@given(TRIGGERS)
def test_render_when_it_is_a_trigger_then_the_same_tree(expression: Expression) -> None:
    assert fql.parse(fql.render(expression), trigger=True) == expression


@given(FILTERS, events)
def test_filter_when_asked_in_any_way_then_the_reference_agrees(expression: Expression, event: Any) -> None:
    body = encode(event)
    asked = fql.Filter(fql.render(expression))
    expected = answer(expression, body, trigger=False)
    assert ask(asked.matches, body) is expected
    assert ask(asked.matches_event, *envelope(event)) is expected


@given(TRIGGERS, events)
def test_trigger_when_asked_in_any_way_then_the_reference_agrees(expression: Expression, event: Any) -> None:
    body = encode(event)
    asked = fql.Filter(fql.render(expression), trigger=True)
    expected = answer(expression, body, trigger=True)
    assert ask(asked.matches, body) is expected
    assert ask(asked.matches_event, *envelope(event)) is expected


@given(FILTERS, st.dictionaries(names | st.sampled_from(["type", "event", "properties", "context"]), values))
def test_filter_when_the_event_is_any_object_then_the_reference_agrees(expression: Expression, event: Any) -> None:
    body = encode(event)
    assert ask(fql.Filter(fql.render(expression)).matches, body) is answer(expression, body, trigger=False)


@given(FILTERS, events)
def test_value_when_computed_in_any_way_then_the_reference_agrees(expression: Expression, event: Any) -> None:
    expected: Any = NO_VALUE
    with contextlib.suppress(NoValueError):
        expected = value(expression, event, trigger=False)
    computed = fql.Value(fql.render(expression))
    for found in (ask(computed.of, encode(event)), ask(computed.of_event, *envelope(event))):
        assert (found is NO_VALUE) == (expected is NO_VALUE)
        # repr, because 1 == True.
        assert found is NO_VALUE or repr(found) == repr(expected)


@given(FILTERS, events, st.sampled_from(["Order Completed", "a", "other"]))
def test_required_event_when_the_event_is_another_then_false(
    expression: Expression, event: Any, name: str
) -> None:
    restricted = fql.Filter(f'event = "Order Completed" and ({fql.render(expression)})')
    assert restricted.required_event == "Order Completed"
    if name != "Order Completed":
        assert restricted.matches(encode(event | {"event": name})) is False


@given(FILTERS, events, events)
def test_paths_when_two_events_agree_on_them_then_the_same_answer(
    expression: Expression, one: Any, two: Any
) -> None:
    asked = fql.Filter(fql.render(expression))
    first, second = (evaluate_all(asked, event) for event in (one, two))
    if repr(first) == repr(second):
        assert ask(asked.matches, encode(one)) is ask(asked.matches, encode(two))


def evaluate_all(asked: fql.Filter, event: Any) -> list[Any]:
    read = body_reader(encode(event))
    return [read(path) for path in asked.paths]


@given(
    st.text(alphabet=st.characters(codec="utf-8"), max_size=60)
    | st.text(alphabet="abtyp.\\ ()[],=!<>'\"0123+-\n\t#&|and or in null true", max_size=60)
)
@pytest.mark.parametrize("trigger", [False, True])
def test_parse_when_given_any_text_then_a_tree_or_an_error(trigger: bool, text: str) -> None:
    tree = None
    try:
        tree = fql.parse(text, trigger=trigger)
    except fql.FqlError as found:
        error = found
    if tree is None:
        assert 0 <= error.offset <= len(text)
        assert len(error.pointed().splitlines()) >= 3
    else:
        assert fql.parse(fql.render(tree), trigger=trigger) == tree


@given(FILTERS, st.binary(max_size=60) | values.map(encode))
def test_filter_when_the_body_is_anything_then_an_answer_or_an_evaluation_error(
    expression: Expression, body: bytes
) -> None:
    assert ask(fql.Filter(fql.render(expression)).matches, body) in (True, False, NO_VALUE)


def test_envelope_when_a_member_is_unknown_then_it_travels_beside() -> None:
    event, extra = envelope({"event": "a", "Größe": 3})
    asked = fql.compile_filter(r"Gr\ö\ße = 3")
    assert asked.matches_event(event, extra)
    assert not asked.matches_event(event)
