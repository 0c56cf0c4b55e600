"""Step 8: triggers, as the table of spec 2.8 evaluates them, and what is remembered of them."""

from typing import Any

import pytest
from routing_events import event, outcome, raw_event, route, routed

from headwater.config.destinations import DestinationMapping
from headwater.delivery.routing.triggers import REMEMBERED_CHARS_MAX, REMEMBERED_MAX
from headwater.destinations.kit.model import Item

NONE = "NO_MATCHING_MAPPING"


def mapping(trigger: str, name: str = "it", **fields: Any) -> DestinationMapping:
    return DestinationMapping(name=name, action="whole", trigger=trigger, **fields)


@pytest.mark.parametrize(
    ("trigger", "matches"),
    [
        ('type = "track"', True),
        ('type = "identify"', False),
        ('event = "Order Completed"', True),
        ('event = "order completed"', False),
        ('type = "track" and event != "Order Completed"', False),
        ('type = "track" and event != "Debug"', True),
        ('properties.total = "50"', False),
        ("properties.total = 50", True),
        ("properties.total > 49.5", True),
        ("properties.none > 1", False),
        ("properties.none != 5", False),
        ('properties.none != "x"', True),
        ("properties.none = null", True),
        ("properties.total != null", True),
        ('contains(event, "Order")', True),
        ('!contains(event, "Order")', False),
        ('!contains(properties.none, "x")', False),
        ('match(event, "Order*")', True),
        ('!match(event, "*Completed")', False),
        ('userId = "ann"', True),
        ("userId != null", True),
        ("name = null", True),
        ("context.ip = '192.0.2.1'", True),
        ("traits.vip = true", False),
        ('type = "track" and (userId = "bob" or properties.total >= 50)', True),
    ],
)
def test_trigger_when_asked_then_it_answers_as_the_table_says(trigger: str, matches: bool) -> None:
    assert outcome(route(mappings=(mapping(trigger),)), event()) == ("it" if matches else NONE)


def test_triggers_when_several_match_then_all_in_their_order() -> None:
    mappings = (
        mapping('event = "Order Completed"', "second"),
        mapping('type = "page"', "never"),
        mapping("properties.total = 50", "first"),
        mapping('type = "track"', "off", enabled=False),
        mapping('type = "track"', "third"),
    )
    assert outcome(route(mappings=mappings), event()) == "second, first, third"


def test_triggers_when_no_mapping_is_enabled_then_nothing_is_sent() -> None:
    assert outcome(route(mappings=(mapping("type != null", enabled=False),)), event()) == NONE


def test_triggers_when_names_come_and_go_then_what_is_remembered_stays_right() -> None:
    asked = route(mappings=(mapping('event = "Order 7"', "seven"), mapping("properties.n = 8", "eight")))
    expected = {7: "seven", 8: "eight"}
    for _ in range(2):
        for number in range(REMEMBERED_MAX + 100):
            one = event(event=f"Order {number}", properties={"n": number})
            assert outcome(asked, one) == expected.get(number, NONE)


def test_triggers_when_a_name_is_too_long_to_be_remembered_then_it_is_asked_about_all_the_same() -> None:
    name = "x" * (REMEMBERED_CHARS_MAX + 1)
    asked = route(mappings=(mapping(f'event = "{name}"'),))
    assert [outcome(asked, event(event=each)) for each in (name, name[:-1], name)] == ["it", NONE, "it"]


def test_triggers_when_the_event_cannot_be_read_then_it_is_rejected_only_where_that_matters() -> None:
    broken = raw_event(b'{"type":"track","event":"x","properties":{"a":1e999}}', event="x")
    assert outcome(route(mappings=(mapping("properties.a = 1"),)), broken) == "UNREADABLE_EVENT"
    assert outcome(route(mappings=(mapping('event = "x"'),)), broken) == "it"


def test_keys_when_there_are_several_mappings_then_each_item_has_its_own() -> None:
    def keys(*names: str) -> list[str]:
        mappings = tuple(mapping("type != null", name) for name in names)
        return [each.item.key for each in routed(route(mappings=mappings), event()) if isinstance(each.item, Item)]

    assert keys("only") == ["m-1"]
    several = keys("a", "b", "größe")
    assert len(set(several)) == 3
    assert several == keys("a", "b", "größe")
    assert all(key.isascii() and key.startswith("m-1-") for key in several)
