"""What the forms of ids and names promise, for any input."""

import re
import uuid

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from talk import perform

from headwater.destinations.customerio import ulid
from headwater.destinations.google_analytics_4.forms import event_name, parameter
from headwater.destinations.kit import people
from headwater.destinations.kit.instants import unix_ms
from headwater.destinations.kit.model import Request
from headwater.destinations.kit.names import as_uuid, snake

GOOGLE_NAME = re.compile(r"[^\W\d_]\w{0,39}")


@given(st.text(max_size=80))
def test_event_name_when_any_text_then_one_that_google_takes(text: str) -> None:
    for name in (event_name(text), parameter(text)):
        assert GOOGLE_NAME.fullmatch(name)
        assert not name.startswith(("ga_", "google_", "gtag_", "firebase_"))


@given(st.text(max_size=80))
def test_snake_when_done_twice_then_the_same(text: str) -> None:
    assert snake(snake(text)) == snake(text)


@given(st.integers(0, 2**48 - 1), st.text(max_size=40))
def test_ulid_when_any_message_then_a_valid_one_that_holds_the_time(at_ms: int, message_id: str) -> None:
    made = ulid(at_ms, message_id)
    assert re.fullmatch(r"[0-7][0-9A-HJKMNP-TV-Z]{25}", made)
    assert made == ulid(at_ms, message_id)
    assert int.from_bytes(_crockford(made)) >> 80 == at_ms


def _crockford(text: str) -> bytes:
    number = 0
    for char in text:
        number = number * 32 + "0123456789ABCDEFGHJKMNPQRSTVWXYZ".index(char)
    return number.to_bytes(16)


@given(st.text(max_size=40), st.text(max_size=5))
def test_uuid_when_any_message_then_valid_and_the_same_again(message_id: str, part: str) -> None:
    assert str(uuid.UUID(as_uuid(message_id, part))) == as_uuid(message_id, part)


@given(st.text(max_size=40))
def test_people_when_normalised_twice_then_the_same(text: str) -> None:
    assert people.email(people.email(text)) == people.email(text)
    assert people.phone(people.phone(text)) == people.phone(text)
    assert people.name(people.name(text)) == people.name(text)
    assert people.email_hash(people.email_hash(text)) == people.email_hash(text)


@given(st.one_of(st.text(max_size=40), st.integers(), st.floats(), st.none(), st.booleans()))
def test_instant_when_anything_then_a_number_or_nothing(value: object) -> None:
    assert unix_ms(value) is None or isinstance(unix_ms(value), int)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=150),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@settings(max_examples=40)
@given(
    st.dictionaries(st.text(max_size=60), JSON, max_size=40),
    st.dictionaries(st.text(max_size=60), JSON, max_size=40),
)
def test_google_when_any_properties_then_within_its_limits(
    params: dict[str, object], user_properties: dict[str, object]
) -> None:
    payload = {"event": "Article Read", "client_id": "a-1", "params": params, "user_properties": user_properties}
    stream = {"api_secret": "s", "measurement_id": "G-ABC123XYZ9"}
    ((request,), _) = perform("google-analytics-4", "send_event", stream, [payload])
    assert isinstance(request, Request)
    body = msgspec.json.decode(request.body)
    (event,) = body["events"]
    assert len(event.get("params", {})) <= 25
    for name, value in event.get("params", {}).items():
        assert GOOGLE_NAME.fullmatch(name)
        assert isinstance(value, str | int | float)
        assert not isinstance(value, str) or len(value) <= 100
    assert len(body.get("user_properties", {})) <= 25
    for name, member in body.get("user_properties", {}).items():
        assert len(name) <= 24
        assert not isinstance(member["value"], str) or len(member["value"]) <= 36


@pytest.mark.parametrize("name", ["amplitude", "braze", "customerio", "intercom", "iterable", "mixpanel"])
def test_batch_when_the_answer_is_no_json_then_it_is_an_ordinary_failure(name: str) -> None:
    from test_vendor_settings import RIGHT

    from headwater.destinations.kit.model import Rejected, Response, RetryLater

    payload = {"event": "Article Read", "user_id": "ann", "email": "ann@example.com"}
    for status, kind in ((502, RetryLater), (418, Rejected)):
        answer = Response(status, {"Content-Type": "text/html"}, b"<html>\xff", 0.0)
        _, (outcome,) = perform(name, "track_event", RIGHT[name], [payload], answer=lambda _, a=answer: a)
        assert isinstance(outcome, kind)
