"""`POST /destinations/{name}/preview/recent`: what would become of the newest events, before anything is saved."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from private_api import Api

from headwater.event import OutboundEvent, encode_outbound
from headwater.serve.instants import now_ms

FILE = """\
workspace: shop
sources: [{name: website, write_key: wk_website}, {name: backend, write_key: wk_backend}]
destinations:
  - name: crm
    type: webhook
    sources: [website]
    settings: {url: "https://crm.example/hook"}
    filters: [{if: 'event = "Debug"', action: drop}]
    mappings: [{name: Orders, action: send, trigger: 'event = "Order Completed"'}]
  - {name: metrics, type: mixpanel, settings: {token: t0ken}}
"""


@pytest.fixture
def api(tmp_path: Path) -> Iterator[Api]:
    made = Api(tmp_path, FILE)
    names = ["Order Completed", "Debug", "Cart Viewed", "Order Completed"]
    happened = [(name, "website") for name in names] + [("Order Completed", "backend")]
    events = [event(number, name, source) for number, (name, source) in enumerate(happened)]
    made.desk.logs[1].append([encode_outbound(events)])
    yield made
    made.close()


def event(number: int, name: str, source: str) -> OutboundEvent:
    at_ms = now_ms()
    body = {
        "type": "track",
        "event": name,
        "messageId": f"m{number}",
        "userId": "ann",
        "properties": {"pin": 1},
    }
    return OutboundEvent(
        0, number, f"m{number}", "track", name, None, "ann", None, None, None,
        source, at_ms, at_ms, None, None, msgspec.json.encode(body)
    )  # fmt: skip


def tried(api: Api, name: str = "crm", **body: Any) -> Any:
    answer = api.ask("POST", f"/destinations/{name}/preview/recent", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_recent_when_asked_then_each_of_its_sources_events_newest_first_and_counts(api: Api) -> None:
    found = tried(api)
    assert [(each["message_id"], each["outcome"], each["step"]) for each in found["events"]] == [
        ("m3", "sent", ""),
        ("m2", "filtered", "triggers"),
        ("m1", "filtered", "filters"),
        ("m0", "sent", ""),
    ]
    assert [found[name] for name in ("looked", "sent", "filtered", "rejected", "changed")] == [4, 2, 2, 0, 0]
    assert found["mappings"] == [{"mapping": "Orders", "matched": 2, "rejected": 0}]
    assert found["looked_back_to"] is None


def test_recent_when_filters_are_tried_then_what_they_change_is_told_and_nothing_is_stored(api: Api) -> None:
    fewer = [{"if": "all", "action": "drop_properties", "fields": {"properties": ["pin"]}}]
    found = tried(api, filters=fewer, limit=2)
    assert (found["looked"], found["sent"], found["changed"]) == (2, 1, 1)
    assert found["events"][0]["changed_by"] == ["filters"]
    assert tried(api)["changed"] == 0


def test_recent_when_a_mapping_gives_too_little_then_how_many_the_action_refuses(api: Api) -> None:
    mapping = {"event": {"@path": "$.nothing"}}
    given = [{"name": "Own", "action": "trackEvent", "trigger": 'event = "Debug"', "mapping": mapping}]
    status, error = api.error("POST", "/destinations/metrics/preview/recent", json={"mappings": given})
    assert (status, error["problems"][0]["path"]) == (422, "mappings[0].action")
    given[0]["action"] = "track_event"
    found = tried(api, "metrics", mappings=given)
    assert found["mappings"] == [{"mapping": "Own", "matched": 1, "rejected": 1}]
    (end,) = [each for each in found["events"] if each["mappings"]]
    assert (end["outcome"], end["reason"]) == ("rejected", "PAYLOAD_VALIDATION_FAILED")


def test_recent_when_a_trigger_is_no_fql_then_where(api: Api) -> None:
    given = [{"name": "Own", "action": "send", "trigger": "event ="}]
    status, error = api.error("POST", "/destinations/crm/preview/recent", json={"mappings": given})
    assert status == 422
    assert error["problems"][0]["path"] == "mappings[0].trigger"
