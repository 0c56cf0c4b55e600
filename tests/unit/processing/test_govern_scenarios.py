"""Runs tests/fixtures/stages/govern/*.yaml: what is sent, and what its plan makes of it."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from governing import SOURCE, governed, workspace

FIXTURES = Path(__file__).parents[2] / "fixtures" / "stages" / "govern"
SCENARIOS: list[dict[str, Any]] = [
    scenario for file in sorted(FIXTURES.glob("*.yaml")) for scenario in yaml.safe_load(file.read_text())
]
KNOWN = {
    *("scenario", "plan", "source", "event", "event_text", "passes", "protocols", "rule", "blocked", "detail"),
    *("violations", "counted", "counts", "forwarded"),
}


def sent(scenario: dict[str, Any]) -> Any:
    return scenario.get("event_text") or {"userId": "u1", "messageId": "m1", **scenario["event"]}


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario["scenario"])
def test_govern_when_a_scenario_is_run_then_it_ends_as_described(scenario: dict[str, Any]) -> None:
    assert scenario.keys() <= KNOWN, "a scenario says something that this test does not look at"
    used = workspace(scenario.get("plan"), **scenario.get("source", {}))
    result = governed(used, sent(scenario))

    here = [body for body, flowing in zip(result.bodies, result.passed, strict=True) if flowing.source == SOURCE]
    if "passes" in scenario:
        (body,) = here
        protocols = (body.get("context") or {}).pop("protocols", None)
        body["context"] = body.get("context") or None
        assert {name: body.get(name) for name in scenario["passes"]} == scenario["passes"]
        if "protocols" in scenario:
            reported = {"sourceId": used.source(SOURCE).id, "violations": protocols.get("violations")}  # type: ignore[union-attr]
            assert protocols == {**{k: v for k, v in reported.items() if v}, **scenario["protocols"]}
    else:
        assert here == []
    if "rule" in scenario:
        assert result.traces[0]["rule"] == scenario["rule"]

    dead = [(letter.stage, letter.reason) for letter in result.effects.dead]
    assert dead == ([("govern", scenario["blocked"])] if "blocked" in scenario else [])
    if "detail" in scenario:
        assert result.effects.dead[0].detail == scenario["detail"]
    counts = scenario.get("counts", {scenario["blocked"]: 1} if "blocked" in scenario else {})
    assert result.effects.counts == {(SOURCE, code): count for code, count in counts.items()}

    expected = scenario.get("violations", [])
    omitted = scenario.get("protocols", {}).get("omitted", [])
    counted = [(row.type, row.field) for row in result.counted if not row.type.startswith("Unplanned")]
    assert counted == [tuple(violation) for violation in expected]
    unplanned = [(row.type, row.field) for row in result.counted if row.type.startswith("Unplanned")]
    if "counted" in scenario:
        assert unplanned == [tuple(violation) for violation in scenario["counted"]]
    elif "plan" in scenario:
        assert len(unplanned) == len(omitted)

    forwarded = [
        body | {"source": flowing.source}
        for body, flowing in zip(result.bodies, result.passed, strict=True)
        if flowing.source != SOURCE
    ]
    assert len(forwarded) == len(scenario.get("forwarded", []))
    for members, body in zip(scenario.get("forwarded", []), forwarded, strict=True):
        assert {name: body.get(name) for name in members} == members


def test_scenarios_when_taken_together_then_every_code_has_one() -> None:
    assert {scenario.get("blocked") for scenario in SCENARIOS} == {
        *(None, "unplanned", "schema_violation", "unplanned_and_schema_violation"),
        *("common_schema_violation", "event_setting"),
    }
