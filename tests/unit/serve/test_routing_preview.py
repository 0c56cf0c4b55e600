"""`POST /destinations/{name}/preview` and `…/filters/preview`: what would become of an event; nothing is sent."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from private_api import Api

from headwater.event import OutboundEvent, encode_outbound
from headwater.lake.parquet import ParquetLake
from headwater.serve.instants import now_ms

FILE = """\
workspace: shop
sources: [{name: website, write_key: wk_website}, {name: backend, write_key: wk_backend}]
destinations:
  - name: crm
    type: webhook
    sources: [website]
    settings:
      {url: "https://crm.example/hook?token=s3cret-token", shared_secret: s3cret-shared, api_key: s3cret-key}
    consent: [ads]
    filters:
      - {if: 'event = "Debug"', action: drop, title: no debugging}
      - {if: all, action: drop_properties, fields: {properties: [email]}}
    mappings:
      - {name: Orders, action: send, trigger: 'event = "Order Placed"'}
      - {name: Big ones, action: send, trigger: 'properties.total > 100'}
transformations:
  - {name: rename, destination: crm, if: 'event = "Order Completed"', rename_event: Order Placed}
  - {name: elsewhere, if: 'event = "Order Completed"', drop: true}
"""


@pytest.fixture
def api(tmp_path: Path) -> Iterator[Api]:
    made = Api(tmp_path, FILE)
    yield made
    made.close()


def order(**members: Any) -> dict[str, Any]:
    body = {"type": "track", "event": "Order Completed", "userId": "ann"}
    return body | {"properties": {"email": "a@b.c", "total": 5}} | members


def previewed(api: Api, name: str = "crm", **body: Any) -> Any:
    answer = api.ask("POST", f"/destinations/{name}/preview", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


def outcomes(answer: Any) -> dict[str, str]:
    return {step["step"]: step["outcome"] for step in answer["steps"]}


def test_preview_when_an_event_would_be_sent_then_each_step_the_payload_and_the_request(api: Api) -> None:
    answer = previewed(api, event=order())
    assert (answer["outcome"], answer["source"], answer["enabled"]) == ("sent", "website", True)
    assert outcomes(answer) == {
        "sources": "passed",
        "consent": "passed",
        "integrations": "passed",
        "filters": "changed",
        "transformations": "changed",
        "triggers": "passed",
    }
    assert answer["steps"][3]["changes"] == [{"path": "properties.email", "before": "a@b.c"}]
    (mapping,) = answer["mappings"]
    assert (mapping["mapping"], mapping["action"], mapping["outcome"]) == ("Orders", "send", "sent")
    (request,) = mapping["requests"]
    assert request["method"] == "POST"
    body = msgspec.json.decode(request["body"])
    assert (body["event"], body["properties"], body["messageId"]) == ("Order Placed", {"total": 5}, "preview")


def test_preview_when_requests_have_secrets_then_they_are_masked(api: Api) -> None:
    text = api.ask("POST", "/destinations/crm/preview", json={"event": order()}).text
    assert "Authorization" in text
    assert "s3cret" not in text


@pytest.mark.parametrize(
    ("event", "step", "reason"),
    [
        (order(context={"consent": {"categoryPreferences": {}}}), "consent", "FILTERED_BY_END_USER_CONSENT"),
        (order(integrations={"All": False}), "integrations", "FILTERED_BY_INTEGRATIONS_OBJECT"),
        (order(event="Debug"), "filters", "FILTERED_BY_RULES"),
        (order(event="Cart Viewed"), "triggers", "NO_MATCHING_MAPPING"),
    ],
)
def test_preview_when_a_step_stops_the_event_then_it_is_the_last_one_told(
    api: Api, event: dict[str, Any], step: str, reason: str
) -> None:
    answer = previewed(api, event=event)
    assert (answer["outcome"], answer["reason"], answer["mappings"]) == ("filtered", reason, [])
    last = answer["steps"][-1]
    assert (last["step"], last["outcome"], last["reason"]) == (step, "stopped", reason)


def test_preview_when_the_source_is_another_then_that_stops_it(api: Api) -> None:
    answer = previewed(api, event=order(), source="backend")
    assert outcomes(answer) == {"sources": "stopped"}
    assert answer["reason"] == "NOT_FROM_THIS_SOURCE"


def test_preview_when_filters_and_mappings_are_given_then_they_are_tried_and_not_stored(api: Api) -> None:
    mappings = [{"name": "Carts", "action": "send", "trigger": 'type = "track"'}]
    answer = previewed(api, event=order(event="Debug"), filters=[], mappings=mappings)
    assert [each["mapping"] for each in answer["mappings"]] == ["Carts"]
    assert previewed(api, event=order(event="Debug"))["reason"] == "FILTERED_BY_RULES"


def test_preview_when_what_is_given_is_wrong_then_every_mistake_is_told(api: Api) -> None:
    filters = [{"if": "event ==", "action": "drop"}, {"if": "all", "action": "sampel"}]
    status, error = api.error("POST", "/destinations/crm/preview", json={"event": {}, "filters": filters})
    assert status == 422
    assert [problem["path"] for problem in error["problems"]] == ["filters[0].if", "filters[1].action"]


def test_preview_when_the_event_was_accepted_then_it_is_found_in_the_lake_or_the_outbound_log(
    api: Api, tmp_path: Path
) -> None:
    at_ms = now_ms()
    events = [
        OutboundEvent(
            offset, 0, f"m{offset}", "track", "Order Completed", None, "ann", None, None, None,
            "website", at_ms, at_ms, None, None, msgspec.json.encode(order(messageId=f"m{offset}"))
        )
        for offset in range(2)
    ]  # fmt: skip
    lake = ParquetLake(tmp_path / "lake")
    lake.write(0, 0, [lake.pack(events[:1])])
    outbound = api.desk.logs[1]
    outbound.append([encode_outbound(events[:1]), encode_outbound(events[1:])])
    for number in range(2):
        (mapping,) = previewed(api, message_id=f"m{number}")["mappings"]
        assert msgspec.json.decode(mapping["requests"][0]["body"])["messageId"] == f"m{number}"
    status, error = api.error("POST", "/destinations/crm/preview", json={"message_id": "m9"})
    assert (status, error["code"]) == (404, "not_found")


@pytest.mark.parametrize("body", [{}, {"event": {}, "message_id": "m0"}])
def test_preview_when_it_is_not_said_which_event_then_refused(api: Api, body: dict[str, Any]) -> None:
    status, error = api.error("POST", "/destinations/crm/preview", json=body)
    assert (status, error["field"]) == (400, "event")


def test_preview_when_there_is_no_such_destination_then_the_nearest_is_told(api: Api) -> None:
    for path in ("preview", "filters/preview"):
        status, error = api.error(
            "POST", f"/destinations/cmr/{path}", json={"event": {}} if path == "preview" else {}
        )
        assert status == 404
        assert "did you mean crm?" in error["message"]


@pytest.mark.parametrize(
    ("filter_", "result"),
    [
        ({"if": 'event = "Order Completed"', "actions": [{"type": "DROP"}]}, None),
        ({"if": "all", "action": "allow_properties", "fields": {"properties": ["total"]}}, {"total": 5}),
        ({"if": 'event = "X"', "actions": [{"type": "DROP"}]}, {"email": "a@b.c", "total": 5}),
        (None, {"total": 5}),
    ],
)
def test_filter_preview_when_asked_then_the_event_as_it_would_go_on_or_null(
    api: Api, filter_: dict[str, Any] | None, result: Any
) -> None:
    body = {"payload": order()} if filter_ is None else {"payload": order(), "filter": filter_}
    answer = api.ask("POST", "/destinations/crm/filters/preview", json=body).json()
    assert answer["input_payload"] == order()
    assert (answer["result"] and answer["result"]["properties"]) == result
    assert answer["reason"] == ("" if result else "FILTERED_BY_RULES")
