"""The webhook's requests, byte for byte, and what it refuses to be configured with."""

import base64
import hashlib
import hmac
import uuid
from typing import Any

import msgspec
import pytest
from talk import AT_S, converse, ok, perform, settings_of

from headwater.destinations import registry, webhook
from headwater.destinations.kit.deletion import Deletion, message_id
from headwater.destinations.kit.model import Attempt, Delivered, Request
from headwater.errors import Problem
from headwater.event import OutboundEvent

BODY = '{"type":"track","messageId":"m1","event":"Grüße","properties":{"total": 9.5}}'.encode()


def event(body: bytes = BODY) -> OutboundEvent:
    ids = ("ann", None, None, None)
    return OutboundEvent(0, 0, "m1", "track", "Grüße", None, *ids, "web", 1_000, 1_000, None, None, body)


def requests(**settings: Any) -> list[Request]:
    asked, _ = perform("webhook", "send", settings, [{}], event=event())
    return [call for call in asked if isinstance(call, Request)]


def test_request_when_only_a_url_is_set_then_exactly_the_documented_one() -> None:
    assert requests(url="https://example.com/hook?a=b") == [
        Request(
            method="POST",
            url="https://example.com/hook?a=b",
            headers={
                "User-Agent": "Segment.io/1.0",
                "Content-Type": "application/json",
                "Accept": "*/*",
                "Cache-Control": "no-cache",
                "Connection": "Keep-Alive",
            },
            body=BODY,
            timeout_s=5.0,
        )
    ]


def test_request_when_an_api_key_is_set_then_basic_with_a_colon_at_the_end() -> None:
    (request,) = requests(url="https://example.com", api_key="k3y")
    assert request.headers["Authorization"] == "Basic azN5Og=="
    assert base64.b64decode("azN5Og==") == b"k3y:"


def test_request_when_extra_settings_are_set_then_base64_of_their_json() -> None:
    (request,) = requests(url="https://example.com", settings={"region": "eu"})
    assert base64.b64decode(request.headers["X-Segment-Settings"]) == b'{"region":"eu"}'


def test_request_when_a_secret_is_set_then_the_signature_is_that_of_the_sent_bytes() -> None:
    (request,) = requests(url="https://example.com", shared_secret="s3cret")
    expected = hmac.new(b"s3cret", request.body, hashlib.sha1).hexdigest()
    assert request.headers["X-Signature"] == expected
    assert request.body == BODY


def test_signature_when_computed_by_openssl_then_the_same() -> None:
    # printf %s '{"type":"track"}' | openssl dgst -sha1 -hmac secret
    settings = {"url": "https://example.com", "shared_secret": "secret"}
    ((request,), _) = perform("webhook", "send", settings, [{}], event=event(b'{"type":"track"}'))
    assert isinstance(request, Request)
    assert request.headers["X-Signature"] == "2e88aac68ea7b39da724171f506ddb544ec37f6a"


def test_request_when_headers_are_set_then_they_are_added_and_may_replace_standard_ones() -> None:
    custom = {"user-agent": "mine/1", "X-Team": "growth", "Authorization": "Bearer t"}
    (request,) = requests(url="https://example.com", headers=custom)
    assert request.headers["User-Agent"] == "mine/1"
    assert request.headers["X-Team"] == "growth"
    assert request.headers["Authorization"] == "Bearer t"
    assert len({name.lower() for name in request.headers}) == len(request.headers)


def test_request_when_several_urls_and_a_method_are_set_then_one_each() -> None:
    urls = [f"https://example.com/{n}" for n in range(5)]
    made = requests(urls=urls, method="PUT")
    assert [r.url for r in made] == urls
    assert {r.method for r in made} == {"PUT"}


def test_settings_when_printed_then_no_secret_shows() -> None:
    settings = webhook.WebhookSettings(url="https://example.com/?key=k3y", shared_secret="s3cret")
    assert "k3y" not in repr(settings)
    assert "s3cret" not in f"{settings}"


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, Problem("one of `url` and `urls` is needed, and not both", "url")),
        (
            {"url": "https://a.b", "urls": ["https://c.d"]},
            Problem("one of `url` and `urls` is needed, and not both", "url"),
        ),
        ({"urls": ["https://a.b"] * 6}, Problem("at most 5 addresses", "urls")),
        ({"url": "ftp://a.b/"}, Problem("expected https://host/path (or http://)", "url")),
        ({"url": "example.com/hook"}, Problem("expected https://host/path (or http://)", "url")),
        ({"url": "https://"}, Problem("expected https://host/path (or http://)", "url")),
        ({"url": "https://a.b:99999/"}, Problem("is not an address", "url")),
        ({"url": "https://[::1/"}, Problem("is not an address", "url")),
        ({"url": "https://a.b/ c"}, Problem("expected at most 2048 printable characters, no spaces", "url")),
        (
            {"url": "https://a.b/" + "c" * 2_048},
            Problem("expected at most 2048 printable characters, no spaces", "url"),
        ),
        (
            {"urls": ["https://a.b", "https://u:p@a.b/"]},
            Problem("credentials do not belong into an address; use `api_key` or `headers`", "urls[1]"),
        ),
        (
            {"url": "https://a.b", "headers": {"Host": "x"}},
            Problem("this header is set by Headwater", "headers.Host"),
        ),
        (
            {"url": "https://a.b", "headers": {"X-A": "1\r\nX-B: 2"}},
            Problem("not a valid HTTP header", "headers.X-A"),
        ),
        ({"url": "https://a.b", "headers": {"X A": "1"}}, Problem("not a valid HTTP header", "headers.X A")),
        (
            {"url": "https://a.b", "headers": {"X-A": "1", "x-a": "2"}},
            Problem("given twice; header names compare without case", "headers.x-a"),
        ),
        (
            {"url": "https://a.b", "headers": {"X-A": "1" * 4_096}},
            Problem("at most 4096 bytes together", "headers"),
        ),
        (
            {"url": "https://a.b", "api_key": "k", "headers": {"authorization": "x"}},
            Problem("`api_key` sets this header already", "headers.authorization"),
        ),
        (
            {"url": "https://a.b", "settings": {"a": "b" * 4_096}},
            Problem("at most 4096 bytes as JSON", "settings"),
        ),
        (
            {"url": "https://a.b", "shared_secret": "s "},
            Problem("has white space at an end, which is rarely meant", "shared_secret"),
        ),
        (
            {"url": "https://a.b", "sharedsecret": "s"},
            Problem("unknown key; did you mean shared_secret?", "sharedsecret"),
        ),
        ({"url": 5}, Problem("expected `str`, got `int`", "url")),
        ({"url": "https://a.b", "headers": {"X-A": 1}}, Problem("expected `str`, got `int`", "headers[...]")),
        ({"url": "https://a.b", "method": "GET"}, Problem("invalid enum value 'GET'", "method")),
    ],
)
def test_validate_when_a_setting_is_wrong_then_said_where_and_what(
    settings: dict[str, Any], expected: Problem
) -> None:
    assert registry.validate_settings("webhook", settings) == [expected]


def test_validate_when_the_type_is_unknown_then_the_nearest_is_named() -> None:
    assert registry.validate_settings("webhok", {}) == [
        Problem("no destination type 'webhok'; did you mean webhook?", "")
    ]
    assert registry.get("webhok") is None


def test_known_types_when_listed_then_each_can_be_got() -> None:
    assert "webhook" in registry.known_types()
    for name in registry.known_types():
        type_ = registry.get(name)
        assert type_
        assert type_.name == name


def test_deletion_when_asked_for_then_exactly_the_documented_message_signed_to_every_address() -> None:
    settings = {"urls": ["https://a.example", "https://b.example"], "shared_secret": "s3cret", "api_key": "k"}
    type_, parsed = settings_of("webhook", settings)
    assert type_.deletions
    assert registry.can_delete("webhook")
    id_ = message_id("reg_1", "crm", b"fingerprint")
    asked = type_.deletions(parsed)(Deletion(id_, "zoë", "p1", 1_700_000_000_000), Attempt(AT_S))
    (first, second), outcomes = converse(asked, lambda _: ok())
    assert outcomes == [Delivered("200")]
    assert isinstance(first, Request)
    assert isinstance(second, Request)
    at = "2023-11-14T22:13:20.000Z"
    assert msgspec.json.decode(first.body) == {
        "type": "delete",
        "channel": "server",
        "messageId": id_,
        "projectId": "p1",
        "userId": "zoë",
        "context": [],
        "integrations": [],
        **dict.fromkeys(["receivedAt", "sentAt", "originalTimestamp", "timestamp"], at),
    }
    assert first.headers["X-Signature"] == hmac.new(b"s3cret", first.body, hashlib.sha1).hexdigest()
    assert (first.body, first.headers) == (second.body, second.headers)
    assert [first.url, second.url] == settings["urls"]


def test_deletion_when_asked_for_again_then_the_same_message_id_and_another_for_anything_else() -> None:
    same = message_id("reg_1", "crm", b"ann")
    assert same == message_id("reg_1", "crm", b"ann")
    assert uuid.UUID(same.removeprefix("delete-")).version == 4
    others = {
        message_id("reg_2", "crm", b"ann"),
        message_id("reg_1", "crm2", b"ann"),
        message_id("reg_1", "crm", b"b"),
    }
    assert len({same, *others}) == 4
