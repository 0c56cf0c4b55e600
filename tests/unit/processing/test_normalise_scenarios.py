"""Runs tests/fixtures/stages/normalise/*.yaml: what is sent, and what becomes of it."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml
from arriving import Outcome, batch, context, normalised, request, source

from headwater.aggregation import plan
from headwater.event import CollectedRequest
from headwater.flow import DeadLetter, Effects
from headwater.processing import normalise
from headwater.processing.replay import as_request

FIXTURES = Path(__file__).parents[2] / "fixtures" / "stages" / "normalise"
SCENARIOS: list[dict[str, Any]] = [
    scenario for file in sorted(FIXTURES.glob("*.yaml")) for scenario in yaml.safe_load(file.read_text())
]
KNOWN = {
    *("scenario", "source", "ip", "call", "event", "batch", "times", "shared", "shared_context_bytes", "body"),
    *("accepted", "dead_letters"),
}


def events_of(scenario: dict[str, Any]) -> list[Any]:
    if "event" in scenario:
        return [scenario["event"]]
    if "body" in scenario:
        return list(json.loads(scenario["body"])["batch"])
    return list(scenario["batch"]) * scenario.get("times", 1)


def request_of(scenario: dict[str, Any]) -> CollectedRequest:
    call = scenario.get("call", "batch")
    body: Any = scenario.get("body") or scenario.get("event")
    if body is None:
        shared = dict(scenario.get("shared", {}))
        if "shared_context_bytes" in scenario:
            shared["context"] = {"x": "y" * scenario["shared_context_bytes"]}
        body = batch(*events_of(scenario), **shared)
    fields = {"ip": scenario["ip"]} if "ip" in scenario else {}
    name = scenario.get("source", {}).get("name", "website")
    return request(body, call=call, source=name, events=len(events_of(scenario)), **fields)


def bodies(outcome: Outcome) -> list[dict[str, Any]]:
    planned = plan.STAGE.run(outcome.accepted, context(), Effects())
    return [json.loads(event.body) for event in planned]


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario["scenario"])
def test_normalise_when_a_scenario_is_run_then_it_ends_as_described(scenario: dict[str, Any]) -> None:
    assert scenario.keys() <= KNOWN, "a scenario says something that this test does not look at"
    from_ = source(**scenario.get("source", {}))
    outcome = normalised(request_of(scenario), sources=(from_,))

    expected = scenario.get("accepted", [])
    found = bodies(outcome)
    assert len(found) == len(expected)
    for members, body in zip(expected, found, strict=True):
        assert {name: body.get(name) for name in members} == members

    letters = scenario.get("dead_letters", [])
    assert [(letter["index"], letter["reason"]) for letter in letters] == [
        (d.index, d.reason) for d in outcome.dead
    ]
    for letter, dead in zip(letters, outcome.dead, strict=True):
        assert outcome.effects.counts[from_.name, dead.reason] >= letter.get("events", 1)
        if dead.index >= 0:
            assert json.loads(dead.payload) == events_of(scenario)[dead.index]
        if "fix" in letter:
            assert_accepted_when_fixed(letter["fix"], dead)
    assert outcome.effects.counts.total() == sum(letter.get("events", 1) for letter in letters)


def assert_accepted_when_fixed(fix: Any, dead: DeadLetter) -> None:
    """What `headwater dead-letters replay` does after the sender's mistake, or ours, is mended."""
    if isinstance(fix, dict):
        mended = json.loads(dead.payload) | fix
        dead = msgspec.structs.replace(dead, payload=json.dumps(mended).encode())
    again = as_request(dead, at_ms=0)
    assert again.replayed
    outcome = normalised(again, sources=(source(dead.source),))
    assert not outcome.dead
    assert len(outcome.accepted) == again.events


def test_scenarios_when_taken_together_then_every_reason_has_one() -> None:
    code = (Path(normalise.__file__).parent / "validate.py").read_text()
    code += Path(normalise.__file__).read_text()
    shown = {letter["reason"] for scenario in SCENARIOS for letter in scenario.get("dead_letters", [])}
    spec = {
        *("no_user_anon_id", "event_not_defined", "event_not_string", "properties_not_object"),
        *(
            "traits_not_object",
            "name_not_string",
            "category_not_string",
            "id_required",
            "id_not_string",
            "source_disabled",
        ),
        "consent_categorypreferences_should_exist",
        "consent_categorypreferences_fields_should_be_object",
        "consent_categorypreferences_fields_should_be_bool",
        "consent_version_should_be_number",
        "device_advertisingid_should_be_string",
    }
    assert spec <= shown
    assert all(f'"{reason}"' in code for reason in shown), "a reason that the stage does not give"
