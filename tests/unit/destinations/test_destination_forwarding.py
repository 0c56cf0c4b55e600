"""Events that go on to another host, or once more into another source: what stays, and how requests are cut."""

import hashlib
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from talk import AT_S, converse, ok, outbound, settings_of

from headwater import limits
from headwater.destinations.kit.model import (
    Answer,
    Attempt,
    Call,
    Delivered,
    Failure,
    Item,
    Outcome,
    Rejected,
    Request,
    RetryLater,
)
from headwater.event import OutboundEvent

SETTINGS = {"url": "https://collect.example.com/", "write_key": "wk"}


def send(
    type_name: str, events: list[OutboundEvent], *answers: Answer
) -> tuple[list[Request], list[Outcome], list[list[dict[str, Any]]]]:
    """The requests, the outcomes, and the events in each request."""
    type_, settings = settings_of(type_name, SETTINGS)
    action = type_.action("send")
    assert action
    left = iter(answers)
    items = [Item(event, {}, event.message_id) for event in events]
    asked, outcomes = converse(action.perform(settings)(items, Attempt(AT_S)), lambda _: next(left, ok()))
    requests = [call for call in asked if isinstance(call, Request)]
    return requests, outcomes, [msgspec.json.decode(request.body)["batch"] for request in requests]


def sized(size_bytes: int, message_id: str = "m-1") -> OutboundEvent:
    """An event that is passed on as so many bytes."""
    empty = len(outbound(messageId=message_id, properties={"text": ""}).body)
    return outbound(messageId=message_id, properties={"text": "x" * (size_bytes - empty)})


def test_request_when_the_address_ends_with_a_slash_then_one_is_sent() -> None:
    (request,), _, _ = send("http-api", [outbound()])
    assert (request.method, request.url) == ("POST", "https://collect.example.com/v1/batch")


@given(st.lists(st.integers(200, limits.collection.EVENT_BYTES_MAX), min_size=1, max_size=60))
def test_requests_when_events_are_of_any_size_then_each_fits_and_none_is_lost_or_moved(sizes: list[int]) -> None:
    events = [sized(size, f"m-{number}") for number, size in enumerate(sizes)]
    requests, outcomes, sent = send("http-api", events)
    assert all(len(request.body) <= limits.collection.BATCH_BYTES_MAX for request in requests)
    assert [event["messageId"] for batch in sent for event in batch] == [event.message_id for event in events]
    assert outcomes == [Delivered("200")] * len(events)
    # No request could have carried the first event of the next one too.
    for request, following in zip(requests, sent[1:], strict=False):
        assert len(request.body) + len(msgspec.json.encode(following[0])) >= limits.collection.BATCH_BYTES_MAX


def test_outcomes_when_requests_end_differently_then_each_event_has_that_of_its_own() -> None:
    events = [sized(limits.collection.EVENT_BYTES_MAX, f"m-{number}") for number in range(20)]
    requests, outcomes, sent = send("http-api", events, ok(), Failure("ETIMEDOUT", "no answer"))
    assert len(requests) == 2
    first = len(sent[0])
    assert outcomes == [Delivered("200")] * first + [RetryLater("ETIMEDOUT", "no answer")] * (20 - first)


def test_event_when_it_is_too_large_then_it_alone_is_refused_and_nobody_is_asked_for_it() -> None:
    events = [
        sized(limits.collection.EVENT_BYTES_MAX + 1, "m-large"),
        sized(limits.collection.EVENT_BYTES_MAX, "m-fits"),
    ]
    _, (large, fits), sent = send("http-api", events)
    assert isinstance(large, Rejected)
    assert (large.reason, large.sent) == ("MESSAGE_REJECTED", False)
    assert large.message == "32,769 bytes; Segment's limit is 32,768"
    assert fits == Delivered("200")
    assert [[event["messageId"] for event in batch] for batch in sent] == [["m-fits"]]


def test_requests_when_all_events_are_too_large_then_none() -> None:
    requests, outcomes, _ = send("http-api", [sized(limits.collection.EVENT_BYTES_MAX + 1)])
    assert not requests
    assert isinstance(outcomes[0], Rejected)


# --- repeating --------------------------------------------------------------------------------------------


def test_repeat_when_tried_again_then_under_the_same_new_message_id() -> None:
    first, again = (send("repeater", [outbound(messageId="m-1")])[2][0][0] for _ in range(2))
    assert first == again
    assert first["messageId"] != "m-1"


def test_repeat_when_an_event_goes_round_then_each_source_gets_it_once() -> None:
    """From a to b to a …: the chain of an event that has been at b ends there."""
    target = hashlib.md5(b"wk", usedforsecurity=False).hexdigest()
    (repeated,) = send("repeater", [outbound(messageId="m-1")])[2][0]
    assert repeated["context"]["repeatChain"] == [target]
    requests, outcomes, _ = send("repeater", [outbound(**repeated)])
    assert not requests
    assert outcomes == [Delivered("ALREADY_REPEATED")]


@pytest.mark.parametrize("context", [None, [], "text", {"repeatChain": "text"}, {"repeatChain": {}}])
def test_repeat_when_the_context_is_not_what_it_should_be_then_the_chain_begins_anew(context: Any) -> None:
    (event,) = send("repeater", [outbound(context=context)])[2][0]
    assert len(event["context"]["repeatChain"]) == 1


# --- testing the connection -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (ok(), Delivered("200")),
        (ok({"message": "empty batch"}, 400), Delivered("400")),
        (ok({"message": "no such key"}, 401), Rejected("401", "no such key")),
        (Failure("ENOTFOUND", "no such host"), RetryLater("ENOTFOUND", "no such host")),
    ],
)
@pytest.mark.parametrize("name", ["http-api", "repeater"])
def test_connection_when_tested_then_with_no_event_and_read_so(
    name: str, answer: Answer, expected: Outcome
) -> None:
    type_, settings = settings_of(name, SETTINGS)
    assert type_.test

    def respond(call: Call) -> Answer:
        assert isinstance(call, Request)
        assert msgspec.json.decode(call.body) == {"batch": []}
        return answer

    assert converse(type_.test(settings, Attempt(AT_S)), respond)[1] == [expected]
