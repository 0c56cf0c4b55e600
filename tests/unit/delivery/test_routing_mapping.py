"""Step 10: what mappings make of an event, each for itself."""

from typing import Any

import pytest
from routing_events import TOOL, dropping, event, item, pruning, raw_event, route, routed

from headwater.config.destinations import BatchBounds, DestinationMapping, FilterVerb
from headwater.config.transformations import Transformation
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


def test_mapping_when_another_one_is_decoded_for_then_whole_events_have_no_payload_still() -> None:
    whole = DestinationMapping(name="whole", action="whole", trigger="type != null")
    made = routed(route(mappings=(mapped(), whole)), event())
    assert [each.item.payload for each in made if isinstance(each.item, Item)] == [
        {"user": "ann", "total": 50},
        {},
    ]


_DEEP = b"[" * 5_000 + b"]" * 5_000


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"{",
        b"\xff\xfe",
        b'{"type":1}',
        b'{"type":"track","a":"\xff"}',
        b'{"type":"track","properties":%b}' % _DEEP,
        b'{"type":"track","properties":{"products":%b}}' % _DEEP,
        b'{"type":"track","context":%b}' % _DEEP,
        b'{"type":"track","integrations":%b}' % _DEEP,
        b'{"type":"track","_metadata":%b}' % _DEEP,
        b'{"type":"track","properties":{"total":1e999}}',
        b'{"type":"track","properties":{"total":%b}}' % (b"9" * 5_000),
        b'{"type":"track","properties":{"total":%b1%b}}' % (b'{"a":' * 900, b"}" * 900),
        b'{"type":"track","userId":"\\ud800"}',
    ],
    ids=lambda body: str(body[:40]),
)
@pytest.mark.parametrize("step", ["consent", "filters", "transformations", "mappings"])
def test_route_when_a_body_cannot_be_read_then_it_says_so_and_raises_nothing(body: bytes, step: str) -> None:
    fields: dict[str, Any] = {"mappings": (mapped(trigger="context.x = null"),)}
    if step == "consent":
        fields["consent"] = ("ads",)
    if step == "filters":
        taken: dict[str, tuple[str, ...]] = {"properties": ("q",), "properties.products": ("p",), "": ("z",)}
        fields["filters"] = (dropping("properties.a.b = 1"), pruning(FilterVerb.DROP_PROPERTIES, taken))
    rule = Transformation(name="t", destination="crm", drop_properties=("q.r",))
    asked = route(*([rule] if step == "transformations" else []), **fields)
    found = asked.of(raw_event(body))
    assert not isinstance(found, list) or all(isinstance(each.item, Rejected) for each in found)


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
