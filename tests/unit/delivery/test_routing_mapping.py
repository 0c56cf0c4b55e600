"""Step 10: what mappings make of an event, each for itself."""

from typing import Any

import pytest
from routing_events import TOOL, event, item, raw_event, route, routed

from headwater.config.destinations import BatchBounds, DestinationMapping
from headwater.destinations import mappings, registry
from headwater.destinations.kit.model import Item, Rejected
from headwater.errors import Problem

MAPPED = TOOL.actions[2]


def mapped(name: str = "it", **fields: Any) -> DestinationMapping:
    return DestinationMapping(**{"name": name, "action": "mapped", "trigger": "type != null", **fields})


@pytest.mark.parametrize(
    ("mapping", "payload"),
    [
        ({}, {"user": "ann", "total": 50}),
        ({"total": None}, {"user": "ann"}),
        ({"total": 7}, {"user": "ann", "total": 7}),
        ({"total": "7.5"}, {"user": "ann", "total": 7.5}),
        ({"total": {"@path": "$.properties.none"}}, {"user": "ann"}),
        ({"user": {"@template": "{{type}}-{{userId}}"}}, {"user": "track-ann", "total": 50}),
        (
            {"@transform": {"apply": {"a": {"@path": "$.userId"}}, "mapping": {"user": {"@path": "$.a"}}}},
            {"user": "ann"},
        ),
        ({"__segment_internal_sync_mode": "add"}, {"user": "ann", "total": 50}),
    ],
)
def test_mapping_when_it_says_something_about_fields_then_that_is_laid_over_their_defaults(
    mapping: dict[str, Any], payload: dict[str, Any]
) -> None:
    assert item(route(mappings=(mapped(mapping=mapping),)), event()).payload == payload


def test_mapping_when_one_fails_then_it_harms_only_itself() -> None:
    several = (mapped("good"), mapped("bad", mapping={"user": ""}), mapped("also good", mapping={"total": 1}))
    made = routed(route(mappings=several), event())
    assert [(each.mapping, isinstance(each.item, Item)) for each in made] == [
        ("good", True),
        ("bad", False),
        ("also good", True),
    ]
    rejected = made[1].item
    assert isinstance(rejected, Rejected)
    assert (rejected.reason, rejected.sent) == ("PAYLOAD_VALIDATION_FAILED", False)
    assert rejected.message.startswith("user: ")


def test_mapping_when_it_makes_no_object_then_rejected() -> None:
    (made,) = routed(route(mappings=(mapped(mapping={"@path": "$.userId"}),)), event())
    assert isinstance(made.item, Rejected)
    assert made.item.reason == "PAYLOAD_VALIDATION_FAILED"


def test_mapping_when_one_takes_the_whole_event_then_that_is_never_decoded() -> None:
    broken = raw_event(b'{"type":"track","event":"x","userId":"ann","properties":{"a":1e999}}', event="x")
    whole = DestinationMapping(name="whole", action="whole", trigger="type != null")
    assert item(route(mappings=(whole,)), broken).event is broken
    told = route(mappings=(whole, mapped())).of(broken)
    assert isinstance(told, Rejected)
    assert told.reason == "UNREADABLE_EVENT"


@pytest.mark.parametrize(
    ("bounds", "expected"),
    [
        ({}, (100, 1_000_000, 0.0)),
        ({"items_max": 10, "bytes_max": 5_000, "wait_s": 2.0}, (10, 5_000, 2.0)),
        ({"items_max": 1_000, "bytes_max": 2_000_000}, (100, 1_000_000, 0.0)),
        ({"wait_s": 0.0}, (100, 1_000_000, 0.0)),
    ],
)
def test_batches_when_a_mapping_bounds_them_then_they_never_exceed_the_action(
    bounds: dict[str, Any], expected: tuple[Any, ...]
) -> None:
    made = route(mappings=(mapped(batch=BatchBounds(**bounds)), mapped("whole", action="whole"))).batches
    assert made["it"] is not None
    assert (made["it"].items_max, made["it"].bytes_max, made["it"].wait_s) == expected
    assert made["whole"] is None


# --- checked before they are stored ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mapping", "problem"),
    [
        ({"totl": 1}, Problem("no field of mapped; did you mean total?", "totl")),
        ({"user": None}, Problem("mapped needs `user` (User), which has no default", "")),
        ({"user": {"@pth": "$.userId"}}, None),
    ],
)
def test_problems_when_a_mapping_is_wrong_then_they_say_where(
    mapping: dict[str, Any], problem: Problem | None
) -> None:
    found = mappings.problems(MAPPED, mapping)
    if problem is not None:
        assert found == [problem]
    else:
        assert [each.path for each in found] == ["user"]


def test_problems_when_an_action_takes_the_whole_event_then_it_has_no_fields() -> None:
    whole = TOOL.actions[0]
    assert mappings.problems(whole, {}) == []
    assert [each.message for each in mappings.problems(whole, {"a": 1})] == [
        "whole sends the whole event and has no fields"
    ]


@pytest.mark.parametrize("type_", registry.known_types())
def test_presets_when_laid_over_the_fields_of_their_action_then_they_are_right(type_: str) -> None:
    known = registry.get(type_)
    assert known is not None
    for preset in known.presets:
        assert registry.mapping_problems(type_, preset.action, preset.mapping) == [], preset.name
