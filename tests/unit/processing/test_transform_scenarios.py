"""Runs tests/fixtures/stages/transform/*.yaml, before the lake and, where an event goes on, as at delivery."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from transforming import body_of, flow, transformed, workspace_of

from headwater.flow import DROPPED
from headwater.transformations.draft import BodyDraft
from headwater.transformations.rule import told
from headwater.transformations.rules import BySource, for_everyone

FIXTURES = Path(__file__).parents[2] / "fixtures" / "stages" / "transform"
SCENARIOS: list[dict[str, Any]] = [
    scenario for file in sorted(FIXTURES.glob("*.yaml")) for scenario in yaml.safe_load(file.read_text())
]
KNOWN = {"scenario", "from", "transformations", "event", "becomes", "did", "dropped", "dead", "skipped"}


def event_of(scenario: dict[str, Any]) -> dict[str, Any]:
    given = {"type": "track", "event": "Order Completed", "userId": "u1", "messageId": "m1", **scenario["event"]}
    return {name: value for name, value in given.items() if value is not None}


def expected_members(scenario: dict[str, Any], body: dict[str, Any]) -> dict[str, Any]:
    return {name: body.get(name) for name in scenario["becomes"]}


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario["scenario"])
def test_transform_when_a_scenario_is_run_then_it_ends_as_described(scenario: dict[str, Any]) -> None:
    assert scenario.keys() <= KNOWN, "a scenario says something that this test does not look at"
    workspace = workspace_of(*scenario["transformations"])
    passed, effects = transformed(workspace, event_of(scenario), from_=scenario.get("from", "website"))
    if "dropped" in scenario:
        assert not passed
        assert effects.counts == {("website", "dropped_by_transformation"): 1}
        (row,) = effects.changes[DROPPED].values()
        assert row is not None
        assert scenario["dropped"].encode() in row
        return
    if "dead" in scenario:
        assert not passed
        (letter,) = effects.dead
        assert (letter.stage, letter.reason) == ("transform", "transformation_failed")
        assert letter.detail.startswith(scenario["dead"])
        assert effects.counts == {("website", "transformation_failed"): 1}
        return
    (flowing,) = passed
    assert expected_members(scenario, body_of(flowing)) == scenario["becomes"]
    lines = json.loads(b"[" + flowing.trace + b"]")
    assert all(line["stage"] == "transform" and line["version"] == 7 for line in lines)
    assert [line["transformation"] for line in lines if line["outcome"] == "skipped"] == scenario.get(
        "skipped", []
    )
    said = [
        {key: value for key, value in line.items() if key not in {"stage", "outcome", "transformation", "version"}}
        for line in lines
        if line["outcome"] == "changed"
    ]
    assert said == scenario.get("did", [])
    assert not effects.dead
    assert not effects.counts


@pytest.mark.parametrize("scenario", [s for s in SCENARIOS if "becomes" in s], ids=lambda s: s["scenario"])
def test_rules_when_applied_to_a_whole_body_then_as_in_the_pipeline(scenario: dict[str, Any]) -> None:
    workspace = workspace_of(*scenario["transformations"])
    (flowing,) = flow(event_of(scenario), from_=scenario.get("from", "website"))
    draft = BodyDraft(json.dumps(body_of(flowing)).encode())
    applied = BySource(for_everyone(workspace)).of(scenario.get("from", "website")).apply(draft)
    (passed,), _ = transformed(workspace, event_of(scenario), from_=scenario.get("from", "website"))
    assert json.loads(draft.body) == body_of(passed)
    assert [told(result.steps) for _, result in applied if result.steps] == scenario.get("did", [])
