"""What became of a message, out of a folder that a pipeline has worked on."""

import contextlib
import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from deciding import office
from flowing import collect, drain, outbound_events, put, request, workspace

from headwater.config.workspace import Destination, Workspace
from headwater.delivery.jobs import DeadLetter, Job
from headwater.delivery.receipts import DELIVERED, FILTERED, Receipt
from headwater.delivery.trace import sentence
from headwater.errors import NotFoundError
from headwater.event import CollectedRequest, OutboundEvent, encode_collected, encode_outbound
from headwater.pipeline import STAGES
from headwater.profiles.embedded import embedded
from headwater.serve.observe.explain import Explanation, Journey, Step, explain

EVENT = {"type": "track", "event": "A", "userId": "u1", "messageId": "m1", "properties": {"total": 5}}
RECEIVED_MS = 1_767_323_045_678


def sent(*events: dict[str, Any], after_s: int = 0) -> bytes:
    body = json.dumps({"batch": events}).encode()
    received_ms = RECEIVED_MS + after_s * 1000
    return encode_collected(
        CollectedRequest(received_ms, "website", "batch", "", "", False, body, len(events), len(body))
    )


def explained(data: Path, message_id: str, *, within: Workspace | None = None) -> Explanation:
    platform = embedded(data)
    with contextlib.ExitStack() as stack:
        collected, outbound, jobs, receipts = (
            stack.enter_context(contextlib.closing(port()))  # type: ignore[attr-defined]
            for port in (platform.collected, platform.outbound, platform.jobs, platform.receipts)
        )
        return explain(
            message_id,
            platform.state_view,
            outbound,
            platform.lake(),
            collected=collected,
            jobs=jobs,
            receipts=receipts,
            workspace=within or workspace(),
        )


def receipt_of(event: OutboundEvent, destination: str, status: str, reason: str = "") -> Receipt:
    ids = event.profile_id, event.user_id, event.anonymous_id
    about = event.message_id, destination, event.source, event.type, event.event, *ids, event.offset
    attempts, latency_ms, at_ms = 1, 40, RECEIVED_MS + 50
    return Receipt(*about, status, reason, "", attempts, latency_ms, at_ms, "Everything")


def ends(explanation: Explanation) -> list[tuple[str, str]]:
    return [(journey.id, journey.ended) for journey in explanation.journeys]


def step(journey: Journey, stage: str) -> Step:
    (found,) = [step for step in journey.steps if step.stage == stage]
    return found


def test_explain_when_accepted_then_every_stage_says_something_in_order(tmp_path: Path) -> None:
    collect(tmp_path, sent(EVENT))
    drain(tmp_path)
    [journey] = explained(tmp_path, "m1").journeys
    assert [step.stage for step in journey.steps] == [stage.name for stage in STAGES]
    assert all(step.outcome for step in journey.steps)
    assert journey.received == EVENT
    assert journey.accepted["messageId"] == "m1"
    changed = {change.path: (change.before, change.after) for change in journey.changes}
    assert changed["receivedAt"][1] == journey.received_at == "2026-01-02T03:04:05.678Z"
    assert "properties" not in changed
    assert "properties.total" not in changed


@pytest.mark.parametrize("value", ["1e999", '{"a":' * 900 + "1" + "}" * 900], ids=["a number too large", "deep"])
def test_explain_when_a_value_cannot_be_held_then_the_rest_is_told(tmp_path: Path, value: str) -> None:
    body = json.dumps({"batch": [EVENT]}).replace('"total": 5', f'"total": {value}, "kept": 5').encode()
    collect(
        tmp_path,
        encode_collected(CollectedRequest(RECEIVED_MS, "website", "batch", "", "", False, body, 1, len(body))),
    )
    drain(tmp_path)
    [journey] = explained(tmp_path, "m1").journeys
    assert journey.ended == "accepted"
    assert journey.received["properties"]["kept"] == 5
    assert journey.accepted["properties"] == journey.received["properties"]
    assert not [change for change in journey.changes if change.path.startswith("properties")]


def test_explain_when_it_came_again_then_each_arrival_is_told(tmp_path: Path) -> None:
    collect(tmp_path, sent(EVENT), sent(EVENT, EVENT, after_s=60))
    drain(tmp_path)
    found = explained(tmp_path, "m1")
    assert ends(found) == [("0.0", "accepted"), ("1.0", "duplicate"), ("1.1", "duplicate")]
    assert [step.stage for step in found.journeys[1].steps][-1] == "dedupe"
    assert found.journeys[1].received == EVENT


def test_explain_when_it_is_a_dead_letter_then_replayed_then_all_of_it_is_told(tmp_path: Path) -> None:
    nobody = {name: value for name, value in EVENT.items() if name != "userId"}
    collect(tmp_path, sent(nobody))
    drain(tmp_path)
    [journey] = explained(tmp_path, "m1").journeys
    assert (journey.ended, journey.dead_letter, journey.received) == ("no_user_anon_id", "0.0", nobody)
    with office(tmp_path) as opened:
        opened.replay("0.0", json.dumps(EVENT).encode())
    drain(tmp_path)
    refused, accepted = explained(tmp_path, "m1").journeys
    assert (refused.ended, refused.dead_letter) == ("no_user_anon_id", None)
    assert step(refused, "normalise").detail["dead_letter"] == "replayed"
    assert step(accepted, "recall").outcome == "replayed, edited"
    assert step(accepted, "recall").detail["letter"] == "0.0"


def test_explain_when_it_was_discarded_then_says_so(tmp_path: Path) -> None:
    collect(tmp_path, sent({"type": "nonsense", "messageId": "m1"}))
    drain(tmp_path)
    with office(tmp_path) as opened:
        opened.discard("0.0")
    drain(tmp_path)
    [journey] = explained(tmp_path, "m1").journeys
    assert step(journey, "normalise").detail["dead_letter"] == "discarded"


def test_explain_when_the_log_has_let_go_of_it_then_the_rest_is_told(tmp_path: Path) -> None:
    collect(tmp_path, sent(EVENT))
    drain(tmp_path)
    for file in (tmp_path / "log" / "collected").glob("*.db*"):
        file.unlink()
    [journey] = explained(tmp_path, "m1").journeys
    assert journey.received is None
    assert journey.changes == []
    assert journey.accepted["properties"] == {"total": 5}


def test_explain_when_it_is_in_no_file_yet_then_it_is_found_in_the_log(tmp_path: Path) -> None:
    collect(tmp_path, sent(EVENT))
    drain(tmp_path)
    for file in (tmp_path / "lake").rglob("*.parquet"):
        file.unlink()
    assert ends(explained(tmp_path, "m1")) == [("0.0", "accepted")]


def test_explain_when_it_was_replayed_to_a_destination_then_it_is_told_as_it_came(tmp_path: Path) -> None:
    collect(tmp_path, sent(EVENT))
    drain(tmp_path)
    with contextlib.closing(embedded(tmp_path).outbound()) as outbound:
        [event] = outbound_events(outbound)
        copy = msgspec.structs.replace(event, body=b'{"messageId":"m1"}', destinations=("crm",))
        outbound.append([encode_outbound([copy])], events=1)
    [journey] = explained(tmp_path, "m1").journeys
    assert journey.accepted["properties"] == {"total": 5}


def test_explain_when_nothing_says_when_then_the_whole_lake_is_searched(tmp_path: Path) -> None:
    put(tmp_path, workspace(dedupe_window_s=0))
    collect(tmp_path, sent(EVENT), sent(EVENT, after_s=5))
    drain(tmp_path)
    found = explained(tmp_path, "m1")
    assert ends(found) == [("0.0", "accepted"), ("1.0", "accepted")]
    assert "the whole lake" in found.looked


def test_explain_when_the_whole_request_was_set_aside_then_it_is_found_by_each_message(tmp_path: Path) -> None:
    put(tmp_path, workspace(enabled=False))
    collect(tmp_path, request(0, bad=0))
    drain(tmp_path)
    [journey] = explained(tmp_path, "0.1").journeys
    assert (journey.id, journey.ended, journey.dead_letter) == ("0.-1", "source_disabled", "0.-1")


def test_explain_when_nobody_knows_it_then_says_where_it_looked(tmp_path: Path) -> None:
    collect(tmp_path, sent(EVENT))
    drain(tmp_path)
    with pytest.raises(NotFoundError, match=r"m2.*dead letters; the outbound log .*; the whole lake"):
        explained(tmp_path, "m2")


def test_explain_when_deliveries_failed_then_each_destination_has_its_line(tmp_path: Path) -> None:
    collect(tmp_path, sent(EVENT))
    drain(tmp_path)
    platform = embedded(tmp_path)
    with contextlib.closing(platform.outbound()) as outbound:
        [event] = outbound_events(outbound)
    with contextlib.closing(platform.jobs()) as jobs:
        jobs.advance("retrying", 1, retries=[Job("retrying", event, 2, 1, 99, "503", "busy")])
        jobs.advance("dead", 1, dead=[DeadLetter("dead", event, 9, 1, 77, "404", "gone")])
        jobs.advance("fine", 1, receipts=[receipt_of(event, "fine", DELIVERED)])
        jobs.advance("picky", 1, receipts=[receipt_of(event, "picky", FILTERED, reason="FILTERED_BY_RULES")])
        jobs.advance("long ago", 1)
        jobs.advance("behind", 0)
    names = ("retrying", "dead", "fine", "picky", "long ago", "behind", "off", "other")
    destinations = tuple(
        Destination(name, "webhook", sources=("app",) if name == "other" else None, enabled=name != "off")
        for name in names
    )
    within = Workspace("shop", sources=workspace().sources, destinations=destinations)
    [journey] = explained(tmp_path, "m1", within=within).journeys
    assert {line.destination: line.status for line in journey.deliveries} == {
        "retrying": "retrying",
        "dead": "dead_letter",
        "fine": "delivered",
        "picky": "filtered",
        "long ago": "no_receipt",
        "behind": "unknown",
        "off": "disabled",
    }
    told = {line.destination: sentence(line) for line in journey.deliveries}
    assert told["fine"] == "delivered by Everything in 40 ms"
    assert told["picky"] == "filtered (FILTERED_BY_RULES)"
    [dead] = [line for line in journey.deliveries if line.destination == "dead"]
    assert (dead.reason, dead.attempts, dead.at_ms, dead.dead_letter) == ("404", 9, 77, "delivery-1")
    with office(tmp_path) as opened:
        assert [letter.reason for letter in opened.of_message("m1")] == ["404"]
