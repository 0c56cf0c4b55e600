"""The webhooks of Segment's kinds: exact requests, signatures, deletion, and whether somebody is there."""

import base64
import hashlib
import hmac
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from talk import AT_S, converse, ok, outbound, perform, settings_of

from headwater.destinations import registry
from headwater.destinations.kit.deletion import Deletion
from headwater.destinations.kit.model import (
    Answer,
    Attempt,
    Call,
    Delivered,
    Failure,
    Outcome,
    Rejected,
    Request,
    Response,
    RetryLater,
)

PARTNER = {"url": "https://partner.example.com/segment", "api_key": "k3y", "settings": {"region": "eu"}}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


def test_partner_when_an_event_is_sent_then_exactly_the_request_partners_are_told_of() -> None:
    event = outbound(type="track", userId="zoë")
    (request,), outcomes = perform("partner-webhook", "send", PARTNER, [{}], event=event)
    assert request == Request(
        "POST",
        "https://partner.example.com/segment",
        {
            "User-Agent": "Segment.io/1.0",
            "Content-Type": "application/json",
            "Accept": "*/*",
            "Cache-Control": "no-cache",
            "Connection": "Keep-Alive",
            "Authorization": "Basic " + base64.b64encode(b"k3y:").decode(),
            "X-Segment-Settings": base64.b64encode(b'{"region":"eu"}').decode(),
        },
        event.body,
        5.0,
    )
    assert outcomes == [Delivered("200")]


def test_partner_when_a_user_is_deleted_then_the_documented_message_with_the_same_headers() -> None:
    type_, settings = settings_of("partner-webhook", PARTNER)
    assert type_.deletions
    asked = type_.deletions(settings)(Deletion("delete-1", "zoë", "p1", 1_700_000_000_000), Attempt(AT_S))
    (request,), outcomes = converse(asked, lambda _: ok(status=202))
    assert outcomes == [Delivered("202")]
    assert isinstance(request, Request)
    message = msgspec.json.decode(request.body)
    assert (message["type"], message["userId"]) == ("delete", "zoë")
    assert (message["context"], message["integrations"]) == ([], [])
    assert request.headers["Authorization"] == "Basic azN5Og=="


# --- actions ----------------------------------------------------------------------------------------------


@given(st.lists(st.dictionaries(st.text(), JSON, max_size=4), min_size=1, max_size=5))
def test_signature_when_events_are_batched_then_that_of_the_first_as_it_stands_in_the_body(
    data: list[dict[str, Any]],
) -> None:
    settings = {"url": "https://a.example", "shared_secret": "s3cret", "batch_size": 10}
    (request,), _ = perform("actions-webhook", "send", settings, [{"data": each} for each in data])
    assert isinstance(request, Request)
    assert msgspec.json.decode(request.body) == data
    first = msgspec.json.encode(data[0])
    assert request.body.startswith(b"[" + first)
    assert request.headers["X-Signature"] == hmac.new(b"s3cret", first, hashlib.sha1).hexdigest()


def test_body_when_batches_are_off_then_the_data_and_else_a_list_even_of_one() -> None:
    for batch_size, expected in ((0, b'{"a":1}'), (1, b'{"a":1}'), (2, b'[{"a":1}]')):
        settings = {"url": "https://a.example", "batch_size": batch_size}
        (request,), _ = perform("actions-webhook", "send", settings, [{"data": {"a": 1}}])
        assert isinstance(request, Request)
        assert request.body == expected


def test_batch_when_keys_are_chosen_then_events_with_equal_ones_go_together() -> None:
    a, b = {"url": "https://a", "headers": {"X": "1"}}, {"url": "https://a", "headers": {"X": "2"}}
    for keys, together in ((["url", "method", "headers"], False), (["url"], True)):
        type_, settings = settings_of(
            "actions-webhook", {"url": "https://a.example", "batch_size": 2, "batch_keys": keys}
        )
        action = type_.action("send")
        assert action
        assert callable(action.batch)
        batch = action.batch(settings)
        assert batch
        assert (batch.key(a) == batch.key(b)) is together


def test_address_when_the_mapping_brings_one_that_is_none_then_nobody_is_asked_and_it_is_not_repeated() -> None:
    payload = {"data": {}, "url": "ftp://user:s3cret@a.example"}
    asked, (outcome,) = perform("actions-webhook", "send", {"url": "https://a.example"}, [payload])
    assert not asked
    assert isinstance(outcome, Rejected)
    assert "s3cret" not in outcome.message


# --- whether somebody is there ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (ok(), Delivered("200")),
        (ok(status=405), Delivered("405")),
        (ok(status=400), Delivered("400")),
        (ok(status=429), Delivered("429")),
        (ok(status=401), Rejected("401", "Unauthorized")),
        (ok(status=404), Rejected("404", "Not Found")),
        (ok(status=503), RetryLater("503", "Service Unavailable")),
        (Failure("PRIVATE_ADDRESS", "inside", True), Rejected("PRIVATE_ADDRESS", "inside")),
    ],
)
@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("webhook", {"url": "https://a.example"}),
        ("actions-webhook", {"url": "https://a.example"}),
        ("partner-webhook", PARTNER),
    ],
)
def test_connection_when_tested_then_without_an_event_and_read_so(
    name: str, settings: dict[str, Any], answer: Answer, expected: Outcome
) -> None:
    type_, parsed = settings_of(name, settings)
    assert type_.test

    def respond(call: Call) -> Answer:
        assert isinstance(call, Request)
        assert (call.method, call.body) == ("HEAD", b"")
        return answer

    assert converse(type_.test(parsed, Attempt(AT_S)), respond)[1] == [expected]


def test_connection_when_one_of_several_addresses_is_not_there_then_that_is_said() -> None:
    type_, parsed = settings_of("webhook", {"urls": ["https://a.example", "https://b.example"]})
    assert type_.test
    gone = Response(410, {}, b"", AT_S)
    answers = {"https://a.example": ok(), "https://b.example": gone}
    _, outcomes = converse(type_.test(parsed, Attempt(AT_S)), lambda call: answers[call.url])  # type: ignore[union-attr]
    assert outcomes == [Rejected("410", "Gone")]


# --- settings ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["partner-webhook", "http-api", "repeater"])
@pytest.mark.parametrize(
    ("url", "is_right"),
    [
        ("https://a.example/x", True),
        ("http://127.0.0.1:8080", True),
        ("http://localhost:8080", True),
        ("http://10.1.2.3", True),
        ("http://[::1]:8080", True),
        ("http://a.example", False),
        ("http://8.8.8.8", False),
        ("ftp://a.example", False),
        ("https://user:pass@a.example", False),
        ("", False),
    ],
)
def test_settings_when_events_would_travel_unencrypted_then_refused_but_for_addresses_inside(
    name: str, url: str, is_right: bool
) -> None:
    key = {"api_key": "k"} if name == "partner-webhook" else {"write_key": "k"}
    assert (registry.validate_settings(name, {"url": url, **key}) == []) is is_right
