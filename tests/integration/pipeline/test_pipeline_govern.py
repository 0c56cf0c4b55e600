"""Tracking plans in a running pipeline: what reaches the lake, what is kept aside, what is counted, and edits."""

import contextlib
import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from flowing import collect, drain, find, put, workspace
from prometheus_client import REGISTRY

from headwater.config.tracking_plans import Controls, Rule, RuleType, TrackingPlan
from headwater.config.transformations import Transformation
from headwater.config.workspace import Source, Workspace
from headwater.errors import InputError
from headwater.event import CollectedRequest, encode_collected
from headwater.lake.query import connect
from headwater.processing.replay import as_request
from headwater.profiles.embedded import embedded
from headwater.serve.govern.tracking_plans import ViolationPage, listed
from headwater.units import HOUR_MS

RECEIVED_MS = 1_767_323_045_678


def planned(*required: str, **controls: Any) -> Workspace:
    rule = Rule(
        type=RuleType.TRACK, event="A", schema={"properties": {"properties": {"required": list(required)}}}
    )
    plan = TrackingPlan(name="commerce", rules=(rule,), controls=Controls(**controls))
    sources = (
        Source("website", write_key="wk_website", tracking_plan="commerce"),
        Source("quality", write_key="wk_quality"),
    )
    return msgspec.structs.replace(workspace(), sources=sources, tracking_plans=(plan,))


def record(*events: dict[str, Any], received_ms: int = RECEIVED_MS) -> bytes:
    complete = [{"type": "track", "userId": "u1", **event} for event in events]
    body = json.dumps({"batch": complete}).encode()
    fields = ("website", "batch", "", "", False, body, len(complete), len(body))
    return encode_collected(CollectedRequest(received_ms, *fields))


def asked(data: Path, query: str) -> list[tuple[Any, ...]]:
    with connect(embedded(data).lake()) as connection:
        return connection.execute(query).fetchall()


def violated(data: Path, *, now_ms: int = RECEIVED_MS, **options: Any) -> ViolationPage:
    with contextlib.closing(embedded(data).state()) as state:
        return listed(state, "commerce", now_ms, sources=["website"], **options)


def test_plan_when_events_flow_then_they_pass_or_stand_aside_and_everything_is_counted(tmp_path: Path) -> None:
    put(tmp_path, planned("n", allow_unplanned_events=False, forwarding_violations_to="quality"))
    events = [
        {"event": "A", "messageId": "good", "properties": {"n": 1}},
        {"event": "A", "messageId": "bad"},
        {"event": "B", "messageId": "unplanned"},
    ]
    before = (
        REGISTRY.get_sample_value("headwater_violations_total", {"source": "website", "type": "Required"}) or 0
    )
    collect(tmp_path, record(*events))
    drain(tmp_path)

    found = find(tmp_path)
    assert [message_id for message_id in found.outbound if not message_id.startswith("sch-")] == ["good", "bad"]
    assert [(letter.stage, letter.reason) for letter in found.dead] == [("govern", "unplanned")]
    assert found.totals == {
        ("website", "accepted"): 2,
        ("website", "unplanned"): 1,
        ("quality", "accepted"): 1,
    }
    rows = asked(
        tmp_path, "SELECT source, event, body->>'$.properties.eventMessageID' FROM events ORDER BY source"
    )
    assert rows[0] == ("quality", "Violation Generated", "bad")
    page = violated(tmp_path)
    assert [(line.event, line.type, line.last_hour, line.total) for line in page.data] == [
        ("A", "Required", 1, 1),
        ("B", "Unplanned Event", 1, 1),
    ]
    assert json.loads(page.data[0].samples[0].payload)["messageId"] == "bad"
    after = REGISTRY.get_sample_value("headwater_violations_total", {"source": "website", "type": "Required"})
    assert after == before + 1


def test_plan_when_it_is_edited_then_the_next_events_are_held_to_the_new_one(tmp_path: Path) -> None:
    for number, required in enumerate(("n", "m")):
        put(tmp_path, planned(required, allow_event_on_violations=False))
        collect(tmp_path, record({"event": "A", "messageId": f"{number}", "properties": {"n": 1}}))
        drain(tmp_path)
    found = find(tmp_path)
    assert found.outbound == ["0"]
    assert [(letter.reason, letter.detail) for letter in found.dead] == [
        ("schema_violation", "properties.m: properties.m is required")
    ]


def test_violations_when_asked_in_parts_then_the_parts_are_the_whole(tmp_path: Path) -> None:
    put(tmp_path, planned("n"))
    hours_ago = {"E1": 0, "E2": 5, "E3": 30, "E4": 24 * 6}
    for event, hours in hours_ago.items():
        collect(tmp_path, record({"event": event, "messageId": event}, received_ms=RECEIVED_MS - hours * HOUR_MS))
    drain(tmp_path)

    names: list[str] = []
    cursor = None
    while True:
        page = violated(tmp_path, limit=2, cursor=cursor)
        names += [line.event for line in page.data]
        cursor = page.next
        if cursor is None:
            break
    assert names == list(hours_ago)

    assert [line.event for line in violated(tmp_path, since="1h").data] == ["E1"]
    assert [line.event for line in violated(tmp_path, since="24h").data] == ["E1", "E2"]
    assert [line.event for line in violated(tmp_path, since="7d").data] == list(hours_ago)
    assert [line.event for line in violated(tmp_path, since="2026-01-01T12:00:00Z").data] == ["E1", "E2"]
    assert [line.event for line in violated(tmp_path, event="E3").data] == ["E3"]
    assert violated(tmp_path, source="nobody").data == []
    (week_old,) = violated(tmp_path, event="E4").data
    assert (week_old.last_hour, week_old.last_24_hours, week_old.last_7_days) == (0, 0, 1)
    with pytest.raises(InputError, match="ISO 8601"):
        violated(tmp_path, since="yesterday")
    with pytest.raises(InputError, match="cursor"):
        violated(tmp_path, cursor="yesterday")


def test_violations_when_they_and_their_event_stand_aside_then_each_is_kept_and_found_as_it_is(
    tmp_path: Path,
) -> None:
    held = Transformation(name="held", if_="!properties.violationType or !properties.total", drop=True)
    plan = planned("n", "m", forwarding_violations_to="quality")
    put(tmp_path, msgspec.structs.replace(plan, transformations=(held,)))
    collect(tmp_path, record({"event": "A", "messageId": "bad", "properties": {"total": "text"}}))
    drain(tmp_path)
    found = find(tmp_path)
    assert [letter.stage for letter in found.dead] == ["transform"] * 3
    kept = [json.loads(letter.payload) for letter in found.dead]
    assert sorted(event["event"] for event in kept) == ["A", "Violation Generated", "Violation Generated"]
    assert {event["properties"].get("violationField") for event in kept} == {None, "properties.n", "properties.m"}

    put(tmp_path, plan)
    for letter in found.dead:
        collect(tmp_path, encode_collected(as_request(letter, at_ms=RECEIVED_MS)))
    drain(tmp_path)
    again = find(tmp_path)
    assert again.dead == []
    assert len(again.outbound) == len(set(again.outbound)) == 3
    events = asked(tmp_path, "SELECT source, event FROM events ORDER BY ALL")
    assert events == [("quality", "Violation Generated")] * 2 + [("website", "A")]
