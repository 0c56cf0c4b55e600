"""Tracking plans tried out on what really came: what they would block, what they would leave out, and why."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from private_api import Api

from headwater import limits
from headwater.event import CollectedRequest, encode_collected
from headwater.serve.instants import now_ms

FILE = """\
workspace: shop
sources:
  - {name: website, type: server, write_key: wk_website, tracking_plan: commerce}
  - {name: app, type: server, write_key: wk_app}
  - name: strict
    type: server
    write_key: wk_strict
    tracking_plan: commerce
    controls: {allow_unplanned_events: true}
tracking_plans:
  - name: commerce
    rules:
      - type: track
        event: Order
        schema: {properties: {properties: {properties: {total: {type: number}}, required: [total]}}}
    controls: {allow_event_on_violations: false}
"""


@pytest.fixture
def api(tmp_path: Path) -> Iterator[Api]:
    made = Api(tmp_path, FILE)
    yield made
    made.close()


def send(api: Api, *events: dict[str, Any], source: str = "website", hours_ago: float = 0, **fields: Any) -> None:
    """One batch."""
    body = json.dumps({"batch": [{"userId": "u1", "type": "track", **event} for event in events]}).encode()
    request = {
        "received_at_ms": now_ms() - int(hours_ago * 3_600_000),
        "source": source,
        "call": "batch",
        "ip": "",
        "user_agent": "test",
        "gzipped": False,
        "body": body,
        "events": len(events),
        "inflated_bytes": len(body),
    }
    api.desk.logs[0].append([encode_collected(CollectedRequest(**request | fields))])


def order(total: Any = 1, **members: Any) -> dict[str, Any]:
    return {"event": "Order", "properties": {} if total is None else {"total": total}, **members}


def run(api: Api, name: str = "commerce", **asked: Any) -> dict[str, Any]:
    answer = api.ask("POST", f"/tracking-plans/{name}/test", json=asked)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def plan_that(**controls: Any) -> dict[str, Any]:
    """The rules of `commerce` with other controls."""
    schema = {"properties": {"properties": {"properties": {"total": {"type": "number"}}, "required": ["total"]}}}
    return {"rules": [{"type": "track", "event": "Order", "schema": schema}], "controls": controls}


def test_plan_when_tried_as_it_is_then_says_what_it_blocks_and_nothing_is_new(api: Api) -> None:
    send(api, order(), order("much", messageId="m1"), {"event": "Hello"})
    found = run(api)
    counts = {name: found[name] for name in ("looked_at", "blocked", "omitted", "reported", "newly_blocked")}
    assert counts == {"looked_at": 3, "blocked": 1, "omitted": 0, "reported": 1, "newly_blocked": 0}
    assert (found["blocked_now"], found["is_whole"], found["sources"]) == (1, True, ["website", "strict"])
    assert found["sources_with_controls"] == ["strict"]
    first = found["events"][0]
    assert (first["call"], first["event"], first["looked_at"], first["blocked"]) == ("track", "Order", 2, 1)
    assert first["breaches"] == [
        {
            "type": "Invalid Type",
            "field": "properties.total",
            "description": "Invalid type. Expected: number, given: string",
            "events": 1,
        }
    ]
    (sample,) = first["samples"]
    assert (sample["message_id"], sample["outcome"], sample["code"]) == ("m1", "blocked", "schema_violation")
    assert sample["before"]["properties"] == {"total": "much"}
    assert sample["after"] is None


def test_draft_when_it_enforces_more_then_says_what_would_no_longer_pass(api: Api) -> None:
    send(api, order(), {"event": "Hello"}, order(mood=1) | {"properties": {"total": 1, "mood": "good"}})
    found = run(api, plan=plan_that(allow_unplanned_events=False, allow_unplanned_event_properties=False))
    assert (found["blocked"], found["newly_blocked"], found["omitted"], found["blocked_now"]) == (1, 1, 1, 0)
    lines = {line["event"]: line for line in found["events"]}
    assert [line["event"] for line in found["events"]] == ["Hello", "Order"], "what would be blocked comes first"
    assert lines["Hello"]["samples"][0]["outcome_now"] == "allowed"
    (cleaned,) = lines["Order"]["samples"]
    assert (cleaned["omitted"], cleaned["after"]["properties"]) == (["mood"], {"total": 1})
    assert cleaned["before"]["properties"] == {"total": 1, "mood": "good"}
    assert "allow_unplanned_events" not in api.json("/tracking-plans/commerce")["plan"]["controls"]


def test_draft_when_it_lets_more_pass_then_says_how_many(api: Api) -> None:
    send(api, order(None), order(None))
    assert run(api, plan=plan_that())["newly_passing"] == 2


def test_source_when_it_has_controls_of_its_own_then_they_count(api: Api) -> None:
    send(api, {"event": "Hello"}, source="strict")
    assert run(api, plan=plan_that(allow_unplanned_events=False))["blocked"] == 0


def test_source_when_it_is_not_held_to_the_plan_then_it_can_be_tried_as_if(api: Api) -> None:
    send(api, order(None), source="app")
    assert run(api)["looked_at"] == 0
    found = run(api, sources=["app"])
    assert (found["looked_at"], found["newly_blocked"]) == (1, 1)


def test_plan_when_it_is_not_there_yet_then_can_be_tried(api: Api) -> None:
    send(api, {"event": "Hello"}, source="app")
    found = run(api, "new", sources=["app"], plan={"controls": {"allow_unplanned_events": False}})
    assert (found["looked_at"], found["newly_blocked"]) == (1, 1)


def test_events_when_there_are_more_than_asked_for_then_the_newest_and_says_so(api: Api) -> None:
    for number in range(200):
        send(api, order(number))
    send(api, {"event": "Last"}, {"event": "Very Last"})
    found = run(api, last=2)
    assert [line["event"] for line in found["events"]] == ["Very Last", "Last"]
    assert (found["looked_at"], found["is_whole"]) == (2, False)
    assert run(api)["looked_at"] == 202


def test_events_when_they_are_older_than_asked_for_then_are_not_looked_at(api: Api) -> None:
    send(api, order(), hours_ago=3)
    send(api, order(), hours_ago=1)
    found = run(api, hours=2)
    assert (found["looked_at"], found["is_whole"]) == (1, True)


def test_records_when_they_are_no_requests_of_senders_then_are_passed_over(api: Api) -> None:
    send(api, order(), call="discard", replayed='{"at_ms": 1}')
    api.desk.logs[0].append([b"no record at all"])
    send(api, order(), body=b'{"batch": [1, {"type": "odd"}]}')
    assert run(api)["looked_at"] == 0


def test_answer_when_samples_are_long_then_they_come_without_the_event(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits.govern, "PLAN_TEST_SAMPLES_BYTES_MAX", 10)
    send(api, order(None))
    (sample,) = run(api)["events"][0]["samples"]
    assert sample["before"] is None
    assert sample["broken"][0]["type"] == "Required"


@pytest.mark.parametrize(
    ("name", "asked", "status", "code", "path"),
    [
        ("commerse", {}, 404, "not_found", None),
        ("commerce", {"sources": ["shop"]}, 400, "unknown_source", None),
        ("commerce", {"plan": {"rules": [{"type": "track"}]}}, 422, "invalid_config", "rules[0]"),
        ("commerce", {"hours": 0}, 400, "invalid_request", None),
    ],
)
def test_question_when_it_is_wrong_then_says_what(
    api: Api, name: str, asked: dict[str, Any], status: int, code: str, path: str | None
) -> None:
    got, error = api.error("POST", f"/tracking-plans/{name}/test", json=asked)
    assert (got, error["code"]) == (status, code)
    if path:
        assert [problem["path"] for problem in error["problems"]] == [path]
