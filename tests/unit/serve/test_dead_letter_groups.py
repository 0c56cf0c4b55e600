"""Dead letters by reason, and what would become of one now."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from private_api import Api
from storing import AT_MS, Writer

from headwater import limits
from headwater.delivery.jobs import DeadLetter as Undelivered
from headwater.event import CollectedRequest, OutboundEvent, encode_collected
from headwater.flow import DeadLetter, Effects
from headwater.processing import dead_letters
from headwater.processing.timestamps import render

WORKSPACE = """
workspace: shop
sources: [{name: website, tracking_plan: commerce}, {name: app}]
destinations: [{name: crm, type: webhook, settings: {url: "https://crm.example.com"}}]
tracking_plans:
  - name: commerce
    controls: {allow_unplanned_events: false, allow_event_on_violations: false}
    rules:
      - type: track
        event: Order Completed
        schema: {properties: {properties: {required: [total], properties: {total: {type: number}}}}}
transformations:
  - {name: no tests, sources: [app], if: 'event = "Test"', drop: true}
"""


def letter(offset: int, reason: str, event: bytes = b"{}", **fields: Any) -> DeadLetter:
    given = {"stage": "normalise", "detail": "", "source": "website", "call": "track", "index": 0, **fields}
    index, call, stage, source = given["index"], given["call"], given["stage"], given["source"]
    return DeadLetter(offset, index, stage, reason, given["detail"], source, call, AT_MS + offset, event)


def order(**members: Any) -> bytes:
    event = {"event": "Order Completed", "userId": "ann", "properties": {"total": 5}, **members}
    return json.dumps({key: value for key, value in event.items() if value is not None}).encode()


LETTERS = [
    letter(1, "no_user_anon_id", order(userId=None)),
    letter(2, "no_user_anon_id", order(userId=None), source="app"),
    letter(3, "schema_violation", order(properties={"total": "5"}), stage="govern"),
    letter(4, "unplanned", order(event="Order Complete"), stage="govern"),
    letter(5, "source_disabled", order(event="Test"), source="app"),
    letter(
        6, "properties_not_object", b'{"type":"track","event":"A","userId":"u","properties":[1]}', call="batch"
    ),
]


@pytest.fixture
def api(tmp_path: Path) -> Iterator[Api]:
    writer = Writer(tmp_path)
    effects = Effects(writer.state)
    batch = b'{"batch":[{"type":"track","event":"A","userId":"u"},{"type":"track","event":"B"},7]}'
    request = CollectedRequest(AT_MS, "app", "batch", "", "", gzipped=False, body=batch, inflated_bytes=len(batch))
    whole = letter(7, "poison", encode_collected(request), index=-1, call="batch", source="app")
    dead_letters.add([*LETTERS, whole], effects)
    writer.commit(effects.changes)
    api = Api(tmp_path, WORKSPACE)
    event = OutboundEvent(
        1, 0, "m1", "track", "Order", None, "ann", None, None, None, "app", AT_MS, AT_MS, None, None, b"{}"
    )
    dead = [
        Undelivered("crm", event, 9, AT_MS, AT_MS + n, reason) for n, reason in enumerate(["401", "401", "404"])
    ]
    api.desk.jobs.advance("crm", 1, dead=dead)
    yield api
    api.close()
    writer.state.close()


def trial(api: Api, letter_id: str, event: bytes = b"") -> Any:
    answer = api.ask("POST", f"/dead-letters/{letter_id}/trial", content=event)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_groups_when_there_are_letters_of_all_kinds_then_each_reason_is_counted_and_explained(api: Api) -> None:
    found = api.json("/dead-letters/groups")
    groups = {(each["stage"], each["reason"], each["destination"]): each for each in found["data"]}
    assert found["letters"] == 10
    assert found["is_whole"]
    assert groups["delivery", "401", "crm"]["letters"] == 2
    assert groups["delivery", "401", "crm"]["oldest"] == render(AT_MS)
    nobody = groups["normalise", "no_user_anon_id", None]
    assert sorted((each["source"], each["letters"]) for each in nobody["sources"]) == [("app", 1), ("website", 1)]
    assert (nobody["oldest"], nobody["newest"]) == (render(AT_MS + 1), render(AT_MS + 2))
    assert all(each["about"]["do"] for each in groups.values())


def test_groups_when_there_is_nothing_then_nothing_is_told(tmp_path: Path) -> None:
    api = Api(tmp_path, WORKSPACE)
    assert api.json("/dead-letters/groups") == {"data": [], "letters": 0, "is_whole": True}
    api.close()


def test_list_when_an_event_is_asked_for_then_only_its_letters_and_each_says_what_it_is(api: Api) -> None:
    found = api.json("/dead-letters", event="Order Completed")["data"]
    assert [(each["id"], each["type"], each["event"]) for each in found] == [
        (f"{offset}.0", "track", "Order Completed") for offset in (3, 2, 1)
    ]
    assert [each["id"] for each in api.json("/dead-letters", event="Order")["data"]] == [
        f"delivery-{number}" for number in (3, 2, 1)
    ]


def test_trial_when_nothing_has_changed_then_it_says_what_stands_in_the_way_and_where(api: Api) -> None:
    found = trial(api, "3.0")
    assert (found["passes"], found["refused"]) == (0, 1)
    (obstacle,) = found["obstacles"]
    assert (obstacle["stage"], obstacle["reason"]) == ("govern", "schema_violation")
    assert [each["path"] for each in obstacle["problems"]] == ["properties.total"]
    assert trial(api, "1.0")["obstacles"][0]["problems"][0]["path"] == "userId"
    assert trial(api, "4.0")["obstacles"][0]["problems"][0]["path"] == "event"
    assert trial(api, "6.0")["obstacles"][0]["problems"][0]["path"] == "properties"


def test_trial_when_the_event_is_edited_or_the_cause_is_mended_then_it_passes_and_nothing_has_changed(
    api: Api,
) -> None:
    before = api.desk.logs[0].end()
    assert trial(api, "3.0", order())["passes"] == 1
    api.apply(WORKSPACE.replace("type: number", "type: string"))
    assert trial(api, "3.0") == {"passes": 1, "dropped": 0, "obstacles": [], "refused": 0}
    assert api.desk.logs[0].end() == before


def test_trial_when_a_transformation_would_drop_it_then_it_says_so(api: Api) -> None:
    assert trial(api, "5.0") == {"passes": 0, "dropped": 1, "obstacles": [], "refused": 0}


def test_trial_when_it_is_a_whole_batch_then_each_of_its_events_is_tried(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = trial(api, "7.-1")
    assert (found["passes"], found["dropped"], found["refused"]) == (1, 0, 2)
    assert {each["reason"] for each in found["obstacles"]} == {"no_user_anon_id", "event_not_object"}
    monkeypatch.setattr(limits.letters, "OBSTACLES_MAX", 1)
    assert len(trial(api, "7.-1")["obstacles"]) == 1


def test_trial_when_it_is_of_delivery_or_no_event_then_it_is_refused(api: Api) -> None:
    assert api.error("POST", "/dead-letters/delivery-1/trial")[1]["code"] == "not_editable"
    assert api.error("POST", "/dead-letters/1.0/trial", content=b"[1]")[1]["code"] == "invalid_request"
    assert api.error("POST", "/dead-letters/99.0/trial")[0] == 404
