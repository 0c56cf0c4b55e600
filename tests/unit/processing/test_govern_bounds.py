"""What an event can cost govern in memory and in the state, whatever names its sender makes up."""

from typing import Any

import pytest
from governing import arrived, governed, rule, workspace

from headwater import limits
from headwater.config.json_schema import compiled
from headwater.flow import Context, Effects, run_stage
from headwater.flowing import encode_event
from headwater.processing import govern, violations
from headwater.processing.govern.fields import Planned
from headwater.processing.govern.tally import Tally

LONG = "n" * 20_000

OMIT = {"allow_unplanned_event_properties": False}


def track(event: str = "A", **properties: Any) -> dict[str, Any]:
    return {"type": "track", "event": event, "userId": "u", "properties": properties}


def test_planned_when_recursive_parts_combine_in_ever_new_ways_then_it_ends() -> None:
    """Eight cycles of different length: nine million ways for parts to apply together."""
    cycles = [2, 3, 5, 7, 11, 13, 17, 19]
    definitions = {
        f"c{i}_{j}": {
            "properties": {
                f"x{k}": {"$ref": f"#/definitions/c{i}_{(j + 1) % length if k == i else j}"}
                for k in range(len(cycles))
            }
        }
        for i, length in enumerate(cycles)
        for j in range(length)
    }
    starts = [{"$ref": f"#/definitions/c{i}_0"} for i in range(len(cycles))]
    schema = {"definitions": definitions, "properties": {"properties": {"anyOf": starts}}}
    compiled(schema)
    planned = Planned([schema], schema).within["properties"]
    assert planned.unplanned({"x0": {"x0": {}}, "z": 1}) == [("z",)]


def test_tally_when_every_event_has_names_of_its_own_then_holds_a_bounded_number(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(limits.govern, "VIOLATION_KEYS_MAX", 100)
    held: list[int] = []
    save = Tally.save
    monkeypatch.setattr(
        Tally, "save", lambda tally, effects: (held.append(len(tally._seen)), save(tally, effects))
    )
    used = workspace(
        {"rules": [rule({"properties": {}})], "controls": {"allow_unplanned_event_properties": False}}
    )
    events = [track(**{f"p{n}_{m}": 1 for m in range(30)}) for n in range(20)]
    effects = Effects()
    run_stage(govern.STAGE, arrived(used, *events), Context(used), effects)
    assert sum(held) == 600
    assert max(held) < 100 + limits.govern.VIOLATIONS_PER_EVENT_MAX
    assert len(effects.changes[violations.TABLE]) == 101
    assert sum(effects.violations.values()) == 600


def test_govern_when_an_event_has_thousands_of_unplanned_names_then_omits_all_and_counts_some() -> None:
    used = workspace(
        {"rules": [rule({"properties": {}})], "controls": {"allow_unplanned_event_properties": False}}
    )
    found = governed(used, track(**{f"p{n}": n for n in range(3_000)}))
    assert found.bodies[0]["properties"] == {}
    assert len(found.bodies[0]["context"]["protocols"]["omitted"]) == 3_000
    assert len(found.counted) == limits.govern.VIOLATIONS_PER_EVENT_MAX


def test_govern_when_a_name_is_as_long_as_an_event_then_what_is_told_of_it_is_not() -> None:
    inner = {"type": "object", "additionalProperties": {"type": "string"}}
    used = workspace({"rules": [rule({"additionalProperties": inner})]})
    event = track(**{LONG: {f"p{n}": n for n in range(200)}})
    found = governed(used, event)
    assert len(encode_event(found.passed[0].event)) < 3 * len(LONG)

    used = workspace({"rules": [], "controls": {"allow_unplanned_events": False}})
    found = governed(used, track(LONG))
    [letter] = found.effects.dead
    assert len(letter.detail) <= limits.processing.DETAIL_CHARS_MAX
    rows = found.effects.changes[violations.TABLE].values()
    assert sum(len(row or b"") for row in rows) < 5_000
