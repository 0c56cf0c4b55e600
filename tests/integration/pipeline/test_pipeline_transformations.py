"""Transformations in the running pipeline: what is stored, what an edit changes, what a dry run finds."""

import contextlib
import json
from pathlib import Path
from typing import Any

import msgspec
from flowing import collect, drain, find, put, running, until, workspace
from prometheus_client import REGISTRY

from headwater.config.transformations import Hashing, Transformation
from headwater.config.workspace import Destination, Workspace
from headwater.event import CollectedRequest, encode_collected
from headwater.lake.query import connect
from headwater.profiles.embedded import embedded
from headwater.serve.govern import dry_run
from headwater.serve.govern.dry_run import DryRun

RENAME = Transformation(name="rename", rename_properties={"mail": "email"}, rename_event="Placed")
HIDE = Transformation(name="hide", if_='event = "Placed"', hash_values=Hashing(paths=("properties.email",)))


def shop(*rules: Transformation, version: int = 1) -> Workspace:
    stamped = tuple(msgspec.structs.replace(rule, version=version) for rule in rules)
    return msgspec.structs.replace(workspace(), transformations=stamped)


def sent(*ids: str, event: str = "Order Completed", **properties: Any) -> bytes:
    batch = [
        {
            "type": "track",
            "event": event,
            "userId": "u1",
            "messageId": id_,
            "properties": {"mail": "a@b.c"} | properties,
        }
        for id_ in ids
    ]
    body = json.dumps({"batch": batch}).encode()
    return encode_collected(
        CollectedRequest(1_767_323_045_678, "website", "batch", "", "", False, body, len(batch), len(body))
    )


def stored(data: Path) -> dict[str, tuple[dict[str, Any], list[dict[str, Any]]]]:
    """Message id → (body, the transform lines of its trace)."""
    with connect(embedded(data).lake()) as connection:
        rows = connection.execute("SELECT message_id, body, trace FROM events").fetchall()
    return {
        message_id: (
            json.loads(body),
            [line for line in json.loads(trace or "[]") if line["stage"] == "transform"],
        )
        for message_id, body, trace in rows
    }


def lake_bytes(data: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted((data / "lake").rglob("*.parquet"))}


def test_pipeline_when_a_rule_is_edited_then_the_lake_keeps_what_it_has(tmp_path: Path) -> None:
    put(tmp_path, shop(RENAME))
    collect(tmp_path, sent("m1"))
    drain(tmp_path)
    before = lake_bytes(tmp_path)
    put(tmp_path, shop(RENAME, HIDE, version=2))
    collect(tmp_path, sent("m2"))
    drain(tmp_path)
    after = lake_bytes(tmp_path)
    assert before
    assert {name: after[name] for name in before} == before, "not a byte of what was there"
    found = stored(tmp_path)
    assert found["m1"][0]["properties"] == {"email": "a@b.c"}
    assert [(line["transformation"], line["version"]) for line in found["m1"][1]] == [("rename", 1)]
    assert len(found["m2"][0]["properties"]["email"]) == 64
    assert [(line["transformation"], line["version"]) for line in found["m2"][1]] == [("rename", 2), ("hide", 2)]
    assert found["m2"][1][0]["renamed_event"] == {"Order Completed": "Placed"}


def test_pipeline_when_a_rule_comes_while_it_runs_then_the_next_event_meets_it(tmp_path: Path) -> None:
    put(tmp_path, shop())
    with running(tmp_path) as pipeline:
        collect(tmp_path, sent("m1"))
        until(lambda: "m1" in stored(tmp_path))
        put(tmp_path, shop(RENAME))
        until(lambda: pipeline.live.version == 2)
        collect(tmp_path, sent("m2"))
        until(lambda: "m2" in stored(tmp_path))
    found = stored(tmp_path)
    assert (found["m1"][0]["event"], found["m2"][0]["event"]) == ("Order Completed", "Placed")
    assert (found["m1"][1], len(found["m2"][1])) == ([], 1)


def test_pipeline_when_rules_drop_or_hold_back_then_counted_and_kept_as_they_should(tmp_path: Path) -> None:
    drop = Transformation(name="no tests", if_='event = "Test"', drop=True)
    careful = Transformation(name="careful", if_='lowercase(properties.n) = "x"', drop_properties=("mail",))
    put(tmp_path, shop(drop, careful))
    labels = {"transformation": "careful", "outcome": "held_back"}
    counted = REGISTRY.get_sample_value("headwater_transformations_total", labels) or 0.0
    collect(tmp_path, sent("m1", event="Test"), sent("m2", n=5), sent("m3", n="Y"), sent("m4", n="X"))
    drain(tmp_path)
    found = find(tmp_path)
    assert found.outbound == ["m3", "m4"]
    assert found.totals == {
        ("website", "accepted"): 2,
        ("website", "dropped_by_transformation"): 1,
        ("website", "transformation_failed"): 1,
    }
    (letter,) = found.dead
    assert (letter.stage, letter.reason) == ("transform", "transformation_failed")
    assert letter.detail.startswith("careful@1 could not be applied")
    assert json.loads(letter.payload)["properties"] == {"mail": "a@b.c", "n": 5}
    assert REGISTRY.get_sample_value("headwater_transformations_total", labels) == counted + 1
    assert "mail" not in stored(tmp_path)["m4"][0]["properties"]


def dry(data: Path, tested: Workspace, *, only: str = "", last: int = 10, source: str | None = None) -> DryRun:
    platform = embedded(data)
    rows = dry_run.newest(platform.lake(), last, source)
    with contextlib.closing(platform.collected()) as collected:
        known = dry_run.originals(collected, rows, tested)
    return dry_run.tried(rows, known, tested, only)


def test_dry_run_when_the_log_has_the_request_then_rules_meet_the_event_as_it_came(tmp_path: Path) -> None:
    put(tmp_path, shop(RENAME))
    collect(tmp_path, sent("m1", "m2"), sent("m3", event="Other"))
    drain(tmp_path)
    before = lake_bytes(tmp_path), find(tmp_path)
    found = dry(tmp_path, shop(RENAME, HIDE, Transformation(name="end", if_='event = "Other"', drop=True)), last=2)
    assert (found.tested, found.as_received, found.matched, found.changed, found.dropped) == (2, 2, 2, 2, 0)
    assert found.transformations == {"rename": {"changed": 2}, "hide": {"changed": 2}}
    assert [event.message_id for event in found.events] == ["m3", "m2"], "newest first"
    rename, hide = found.events[1].steps
    assert [(c.path, c.before, c.after) for c in rename.changes] == [
        ("event", "Order Completed", "Placed"),
        ("properties.mail", "a@b.c", msgspec.UNSET),
        ("properties.email", msgspec.UNSET, "a@b.c"),
    ]
    assert [c.path for c in hide.changes] == ["properties.email"]
    assert (lake_bytes(tmp_path), find(tmp_path)) == before


def test_dry_run_when_one_rule_is_chosen_then_it_stands_on_those_before_it(tmp_path: Path) -> None:
    put(tmp_path, shop())
    collect(tmp_path, sent("m1"))
    drain(tmp_path)
    later = Transformation(name="later", drop=True)
    sleeping = msgspec.structs.replace(HIDE, enabled=False)
    found = dry(tmp_path, shop(RENAME, sleeping, later), only="hide")
    (event,) = found.events
    assert [step.transformation for step in event.steps] == ["hide"]
    assert found.transformations == {"hide": {"changed": 1}}


def test_dry_run_when_the_request_is_gone_then_the_lake_has_to_do_and_it_says_so(tmp_path: Path) -> None:
    put(tmp_path, shop(RENAME))
    collect(tmp_path, sent("m1"), sent("m2"))
    drain(tmp_path)
    rows = dry_run.newest(embedded(tmp_path).lake(), 10, None)
    found = dry_run.tried(rows, {}, shop(RENAME, HIDE), "hide")
    assert (found.tested, found.as_received, found.changed) == (2, 0, 2)
    assert {event.as_received for event in found.events} == {False}
    assert [step.transformation for event in found.events for step in event.steps] == ["hide", "hide"]


def test_dry_run_when_a_destination_has_rules_then_told_for_whom(tmp_path: Path) -> None:
    put(tmp_path, shop())
    collect(tmp_path, sent("m1"))
    drain(tmp_path)
    rules = (RENAME, msgspec.structs.replace(HIDE, destination="crm"))
    tested = msgspec.structs.replace(
        shop(*rules),
        destinations=(Destination("crm", "webhook"), Destination("other", "webhook", sources=())),
    )
    (event,) = dry(tmp_path, tested).events
    assert [(step.transformation, step.destination) for step in event.steps] == [("rename", ""), ("hide", "crm")]


def test_dry_run_when_the_lake_is_empty_or_has_nothing_of_the_source_then_nothing(tmp_path: Path) -> None:
    put(tmp_path, shop())
    assert dry(tmp_path, shop(RENAME)).tested == 0
    collect(tmp_path, sent("m1"))
    drain(tmp_path)
    assert dry(tmp_path, shop(RENAME), source="backend").tested == 0
    assert dry(tmp_path, shop(RENAME), source="website").tested == 1
