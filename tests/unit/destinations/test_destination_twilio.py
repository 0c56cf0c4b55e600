"""Text messages are sent once, also when an answer was lost."""

import email.utils
from urllib.parse import parse_qs

import pytest
from talk import AT_S, converse, ok, outbound, settings_of

from headwater.destinations.kit.model import Answer, Attempt, Call, Delivered, Item, Outcome, Request

SETTINGS = {"account_sid": "AC" + "0" * 32, "auth_token": "t0ken", "sender": "+14155550100"}
RECEIVED_AT_S = AT_S
PAYLOAD = {"to": "+14155552671", "body": "Hello"}


def text(at_s: float, body: str = "Hello", status: str = "delivered") -> dict[str, str]:
    """A message as Twilio lists it."""
    return {"body": body, "status": status, "date_created": email.utils.formatdate(at_s)}


def send(number: int, *before: dict[str, str], **settings: object) -> tuple[list[Request], list[Outcome]]:
    """An attempt, when these messages have been sent to the number before."""
    type_, parsed = settings_of("twilio", SETTINGS | settings)
    action = type_.action("send_sms")
    assert action

    def respond(call: Call) -> Answer:
        assert isinstance(call, Request)
        return ok({"messages": list(before)}) if call.method == "GET" else ok({"sid": "SM1"}, 201)

    items = [Item(outbound(), PAYLOAD, "m-1")]
    asked, outcomes = converse(action.perform(parsed)(items, Attempt(AT_S + 60, number)), respond)
    return [call for call in asked if isinstance(call, Request)], outcomes


def test_attempt_when_it_is_the_first_then_the_message_is_sent_and_nothing_asked() -> None:
    (request,), outcomes = send(1, text(RECEIVED_AT_S + 1))
    assert request.method == "POST"
    assert parse_qs(request.body.decode()) == {
        "To": ["+14155552671"],
        "From": ["+14155550100"],
        "Body": ["Hello"],
    }
    assert outcomes == [Delivered("201")]


@pytest.mark.parametrize("after_s", [0.0, 1.0, 59.0])
def test_attempt_when_the_message_was_sent_by_an_earlier_one_then_not_again(after_s: float) -> None:
    (request,), outcomes = send(2, text(RECEIVED_AT_S - 500, "Other"), text(RECEIVED_AT_S + after_s))
    assert request.method == "GET"
    assert "To=%2B14155552671" in request.url
    assert outcomes == [Delivered("ALREADY_SENT")]


@pytest.mark.parametrize(
    "before",
    [
        text(RECEIVED_AT_S - 5),
        text(RECEIVED_AT_S + 1, "Other"),
        text(RECEIVED_AT_S + 1, status="failed"),
        {"body": "Hello", "status": "sent"},
    ],
    ids=["before the event", "another text", "failed", "no date"],
)
def test_attempt_when_what_was_sent_is_something_else_then_the_message_is_sent(before: dict[str, str]) -> None:
    requests, outcomes = send(2, before)
    assert [request.method for request in requests] == ["GET", "POST"]
    assert outcomes == [Delivered("201")]


def test_attempt_when_repeats_are_not_to_be_checked_then_the_message_is_sent() -> None:
    (request,), _ = send(2, text(RECEIVED_AT_S + 1), check_repeats=False)
    assert request.method == "POST"
