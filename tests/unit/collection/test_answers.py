"""What senders hear. SDKs stumble over every missing member, so each answer is checked as they read it."""

import json

import pytest

from headwater.collection import answers
from headwater.collection.answers import Answer


def header(answer: Answer, name: str) -> str | None:
    found = [value for key, value in answer.headers if key == name]
    assert len(found) <= 1 or name == "vary", f"{name} twice"
    return ", ".join(found) if found else None


ERRORS = [
    answers.refusal(400, "bad_request", 'not "JSON"'),
    answers.refusal(400, "too_large", "too large", field="batch[3]"),
    answers.later(429, "rate_limited", "slow down", retry_after_s=0.2),
    answers.later(503, "unavailable", "later", retry_after_s=30),
]


@pytest.mark.parametrize("answer", ERRORS)
def test_refusal_when_read_by_any_sdk_then_has_what_it_looks_for(answer: Answer) -> None:
    body = json.loads(answer.body)
    assert body["success"] is False
    assert body["code"]
    assert body["message"] == body["error"]
    assert header(answer, "content-type") == "application/json"
    assert header(answer, "cache-control") == "no-store"
    assert header(answer, "access-control-allow-origin") == "*"
    assert "Retry-After" in (header(answer, "access-control-expose-headers") or "")


def test_refusal_when_a_place_is_known_then_named() -> None:
    assert json.loads(ERRORS[1].body)["field"] == "batch[3]"
    assert "field" not in json.loads(ERRORS[0].body)


def test_ok_when_read_then_what_segment_says() -> None:
    assert answers.OK.status == 200
    assert json.loads(answers.OK.body) == {"success": True}


@pytest.mark.parametrize(("retry_after_s", "seconds"), [(0.001, "1"), (1, "1"), (1.2, "2"), (59.0, "59")])
def test_later_when_fractions_remain_then_whole_seconds_rounded_up_in_both_headers(
    retry_after_s: float, seconds: str
) -> None:
    answer = answers.later(429, "rate_limited", "", retry_after_s=retry_after_s)
    assert header(answer, "retry-after") == header(answer, "x-ratelimit-reset") == seconds


def test_later_when_made_twice_then_headers_do_not_pile_up() -> None:
    for _ in range(2):
        answer = answers.later(429, "rate_limited", "", retry_after_s=1)
        assert header(answer, "retry-after") == "1"
    assert header(answers.refusal(400, "bad_request", ""), "retry-after") is None


# --- browsers -----------------------------------------------------------------------------------------------


def test_preflight_when_headers_are_asked_for_then_all_of_them_are_allowed() -> None:
    answer = answers.preflight("authorization,content-type,x-mine")
    assert answer.status == 204
    assert answer.body == b""
    assert header(answer, "access-control-allow-headers") == "authorization,content-type,x-mine"
    assert header(answer, "access-control-allow-origin") == "*"
    assert "POST" in (header(answer, "access-control-allow-methods") or "")
    assert int(header(answer, "access-control-max-age") or 0) > 0


def test_preflight_when_none_are_named_then_those_of_the_browser_sdk() -> None:
    allowed = header(answers.preflight(None), "access-control-allow-headers") or ""
    assert {"authorization", "content-type", "x-retry-count"} <= set(allowed.lower().split(", "))


@pytest.mark.parametrize("answer", [answers.OK, *ERRORS, answers.preflight(None), answers.image(b"GIF")])
def test_for_origin_when_credentials_may_be_sent_then_the_origin_is_named_once(answer: Answer) -> None:
    before = list(answer.headers)
    found = answers.for_origin(answer, "https://shop.example")
    assert header(found, "access-control-allow-origin") == "https://shop.example"
    assert header(found, "access-control-allow-credentials") == "true"
    assert "Origin" in (header(found, "vary") or "")
    assert (found.status, found.body) == (answer.status, answer.body)
    assert answer.headers == before, "the constant answers are shared"


# --- assets -------------------------------------------------------------------------------------------------


def asset(given_etag: str | None = None, *, age_s: int = answers.SETTINGS_AGE_S) -> Answer:
    return answers.asset(b"code", '"abc"', "text/javascript", age_s=age_s, given_etag=given_etag)


@pytest.mark.parametrize("given_etag", ['"abc"', 'W/"abc"', '"x", "abc"', '"x",W/"abc"', "*"])
def test_asset_when_the_caller_has_it_then_304_without_a_body(given_etag: str) -> None:
    answer = asset(given_etag)
    assert (answer.status, answer.body) == (304, b"")
    assert header(answer, "etag") == '"abc"'
    assert header(answer, "cache-control")


@pytest.mark.parametrize("given_etag", [None, "", '"abcd"', "abc", 'W/"x"'])
def test_asset_when_the_caller_has_another_or_none_then_200(given_etag: str | None) -> None:
    answer = asset(given_etag)
    assert (answer.status, answer.body) == (200, b"code")
    assert header(answer, "access-control-allow-origin") == "*"
    assert header(answer, "content-type") == "text/javascript"


def test_asset_when_its_name_holds_its_hash_then_kept_forever_else_for_a_minute() -> None:
    assert "immutable" in (header(asset(age_s=answers.BUNDLE_AGE_S), "cache-control") or "")
    assert header(asset(), "cache-control") == "public, max-age=60"
