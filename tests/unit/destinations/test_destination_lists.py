"""Lists of vendors: found, made, missing, and what becomes of people when something goes wrong on the way."""

from collections.abc import Sequence
from typing import Any

import pytest
from talk import AT_S, converse, ok, perform, settings_of

from headwater.destinations.kit.deletion import Deletion
from headwater.destinations.kit.model import (
    Answer,
    Attempt,
    Delivered,
    Outcome,
    Rejected,
    Request,
    RetryLater,
)

SENDGRID = {"api_key": "SG.x"}
MEMBER = {"email": "ann@example.com", "audience": "vip"}


def spoken(
    name: str, action: str, settings: dict[str, Any], payloads: Sequence[dict[str, Any]], *answers: Answer
) -> tuple[list[str], list[Outcome]]:
    left = iter(answers)
    asked, outcomes = perform(name, action, settings, payloads, answer=lambda _: next(left, ok()))
    assert next(left, None) is None, "an answer that nobody asked for"
    return [f"{call.method} {call.url}" for call in asked if isinstance(call, Request)], outcomes


def test_sendgrid_when_somebody_else_makes_the_list_meanwhile_then_tried_again() -> None:
    taken = ok({"errors": [{"field": "name", "message": "name already in use"}]}, 400)
    _, outcomes = spoken("sendgrid", "add_to_list", SENDGRID, [MEMBER], ok({"result": []}), taken)
    assert outcomes == [RetryLater("RETRY", "name: name already in use")]


@pytest.mark.parametrize("action", ["add_to_list", "remove_from_list"])
def test_sendgrid_when_lists_cannot_be_read_then_for_everybody_what_the_answer_says(action: str) -> None:
    people = [MEMBER, MEMBER | {"email": "bob@example.com"}]
    _, outcomes = spoken("sendgrid", action, SENDGRID, people, ok(status=503))
    assert outcomes == [RetryLater("503", "Service Unavailable")] * 2
    _, outcomes = spoken("sendgrid", action, SENDGRID, people, ok({"errors": [{"message": "no"}]}, 403))
    assert outcomes == [Rejected("403", "no")] * 2


def test_sendgrid_when_a_contact_came_twice_and_is_at_fault_then_both_are_refused_and_no_other() -> None:
    payloads = [{"email": "a@x.example"}, {"email": "b@x.example"}, {"email": " B@x.example "}]
    refused = ok({"errors": [{"field": "contacts[1].email", "message": "odd"}]}, 400)
    _, outcomes = spoken("sendgrid", "upsert_contact", SENDGRID, payloads, refused, ok(status=202))
    why = Rejected("BAD_REQUEST", "contacts[1].email: odd")
    assert outcomes == [Delivered("202"), why, why]


def test_sendgrid_when_a_contact_came_twice_then_custom_fields_of_both_are_kept() -> None:
    payloads = [
        {"email": "a@x.example", "custom_fields": {"e1_T": "old", "e2_T": "kept"}},
        {"email": "a@x.example", "custom_fields": {"e1_T": "new"}},
    ]
    asked, _ = perform("sendgrid", "upsert_contact", SENDGRID, payloads)
    assert isinstance(asked[0], Request)
    assert asked[0].body == (
        b'{"contacts":[{"email":"a@x.example","custom_fields":{"e1_T":"new","e2_T":"kept"}}]}'
    )


def test_sendgrid_when_the_removal_itself_is_refused_then_that_counts() -> None:
    found = ok({"result": {"ann@example.com": {"contact": {"id": "c"}}}})
    settings = SENDGRID | {"lists": {"vip": "l"}}
    _, outcomes = spoken("sendgrid", "remove_from_list", settings, [MEMBER], found, ok(status=500))
    assert outcomes == [RetryLater("500", "Internal Server Error")]


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("facebook-conversions", {"pixel_id": "1", "access_token": "t", "ad_account_id": "5"}),
        (
            "google-ads",
            {
                "customer_id": "1234567890",
                "developer_token": "d",
                "client_id": "i",
                "client_secret": "s",
                "refresh_token": "r",
            },
        ),
    ],
)
def test_list_when_looking_for_it_fails_then_for_everybody_and_nobody_is_added(
    name: str, settings: dict[str, Any]
) -> None:
    people = [{**MEMBER, "member": True}] * 2
    asked, outcomes = spoken(name, "set_member", settings, people, ok(status=503))
    assert len(asked) == 1
    assert outcomes == [RetryLater("503", "Service Unavailable")] * 2


@pytest.mark.parametrize(
    ("answers", "expected", "count"),
    [
        ((ok({"users": []}),), Delivered("200"), 1),
        ((ok({"users": [{"id": 7}]}), ok(), ok()), Delivered("200"), 3),
        ((ok({"users": [{"id": 7}]}), ok(status=422)), Rejected("422", "Unprocessable Content"), 2),
        ((ok({"users": [{"id": 7}]}), ok(), ok(status=503)), RetryLater("503", "Service Unavailable"), 3),
        ((ok(status=429),), RetryLater("429", "Too Many Requests"), 1),
    ],
)
def test_zendesk_when_a_user_is_deleted_then_for_good_or_said_why_not(
    answers: tuple[Answer, ...], expected: Outcome, count: int
) -> None:
    type_, settings = settings_of("zendesk", {"subdomain": "acme", "api_token": "t"})
    assert type_.deletions
    left = iter(answers)
    asked, outcomes = converse(
        type_.deletions(settings)(Deletion("delete-1", "ann", "p", 0), Attempt(AT_S)), lambda _: next(left)
    )
    assert len(asked) == count
    assert len(outcomes) == 1
    assert (type(outcomes[0]), outcomes[0].reason) == (type(expected), expected.reason)
