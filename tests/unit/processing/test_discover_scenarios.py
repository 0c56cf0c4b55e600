"""Runs tests/fixtures/stages/discover/*.yaml: what is sent, and what is known of it afterwards."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from arriving import RECEIVED_MS
from discovering import discovered, events_in, flowing, source_in, types_of

from headwater.flowing import FlowingEvent
from headwater.units import MINUTE_MS

FIXTURES = Path(__file__).parents[2] / "fixtures" / "stages" / "discover"
SCENARIOS: list[dict[str, Any]] = [
    scenario for file in sorted(FIXTURES.glob("*.yaml")) for scenario in yaml.safe_load(file.read_text())
]


def sent(event: dict[str, Any], at_ms: int) -> FlowingEvent:
    call = event["type"]
    payload = event.get("raw") or event.get("properties") or event.get("traits") or {}
    if "long_property" in event:
        payload = payload | {"x" * event["long_property"]: 1}
    name = "x" * event["long_event"] if "long_event" in event else event.get("event", event.get("name", ""))
    return flowing(payload, call=call, event=name, at_ms=at_ms)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario["scenario"])
def test_discover_when_a_scenario_is_run_then_it_is_known(scenario: dict[str, Any]) -> None:
    assert scenario.keys() <= {"scenario", "batches", "seen", "events_overflow"}
    rows = discovered(
        *([sent(e, RECEIVED_MS + n * MINUTE_MS) for e in batch] for n, batch in enumerate(scenario["batches"]))
    )
    found = {f"{key.call} {key.name}": event for key, event in events_in(rows).items()}
    assert found.keys() == scenario["seen"].keys()
    for name, expected in scenario["seen"].items():
        event = found[name]
        assert expected.keys() <= {
            *("volume", "unreadable", "overflow", "properties", "minutes", "property_minutes")
        }
        assert (event.volume, event.unreadable, event.overflow) == (
            expected["volume"],
            expected.get("unreadable", 0),
            expected.get("overflow", 0),
        )
        assert types_of(event) == expected["properties"]
        if "minutes" in expected:
            assert minutes(event) == expected["minutes"]
        for path, at in expected.get("property_minutes", {}).items():
            assert minutes(event.properties[path]) == at
    assert source_in(rows).events_overflow == scenario.get("events_overflow", 0)


def minutes(seen: Any) -> list[int]:
    return [(at_ms - RECEIVED_MS) // MINUTE_MS for at_ms in (seen.first_ms, seen.last_ms)]
