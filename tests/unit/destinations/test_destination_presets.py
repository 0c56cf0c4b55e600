"""Out of the box: the presets of every type make something of ordinary events that its actions take."""

from typing import Any

import msgspec
import pytest
from goldens import load
from talk import outbound, settings_of

from headwater.config.workspace import Destination
from headwater.delivery.routing.route import NO_MATCHING_MAPPING, Route
from headwater.destinations import registry
from headwater.destinations.kit.model import Item

CONTEXT = {
    "ip": "192.0.2.1",
    "userAgent": "Mozilla/5.0",
    "traits": {"email": "ann@example.com"},
    "page": {"url": "https://shop.example/p", "title": "P", "path": "/p", "referrer": "https://search.example"},
}
TRAITS = {"email": "ann@example.com", "firstName": "Ann", "lastName": "Lee", "phone": "+14155552671"}
PRODUCT = {"product_id": "p1", "sku": "s1", "name": "Lamp", "price": 10, "quantity": 2, "category": "Light"}
ORDER = {"order_id": "o1", "total": 50.5, "currency": "USD", "email": "ann@example.com", "products": [PRODUCT]}
MEMBER = {"audience_key": "buyers", "buyers": True, "email": "ann@example.com"}

EVENTS: dict[str, dict[str, Any]] = {
    "identify": {"type": "identify", "traits": TRAITS},
    "track": {"type": "track", "event": "Button Clicked", "properties": {"place": "top", "at": 1}},
    "order": {"type": "track", "event": "Order Completed", "properties": ORDER},
    "page": {"type": "page", "name": "Home", "properties": {"url": "https://shop.example", "title": "Home"}},
    "nameless page": {"type": "page", "properties": {"url": "https://shop.example"}},
    "screen": {"type": "screen", "name": "Home", "properties": {}},
    "group": {"type": "group", "groupId": "g1", "traits": {"name": "Acme", "plan": "pro"}},
    "alias": {"type": "alias", "previousId": "p0"},
    "entered": {"type": "track", "event": "Audience Entered", "properties": MEMBER},
    "stranger": {"type": "track", "event": "Button Clicked", "userId": None, "properties": {}},
}
BY_HAND = {"twilio"}
"""Types that do nothing until somebody says what: a message costs money."""


@pytest.mark.parametrize("type_", registry.known_types())
def test_presets_when_events_are_ordinary_then_every_mapping_that_matches_takes_them(type_: str) -> None:
    known, settings = settings_of(type_, load(type_).get("settings", {}))
    route = Route(Destination(name="it", type=type_), known, settings)
    sent = set()
    for name, members in EVENTS.items():
        given = {"userId": "ann", "anonymousId": "a-1", "context": CONTEXT} | members
        found = route.of(outbound(**{key: value for key, value in given.items() if value is not None}))
        if not isinstance(found, list):
            assert found == NO_MATCHING_MAPPING, name
            continue
        sent.add(name)
        for each in found:
            assert isinstance(each.item, Item), f"{name}: {each.mapping}: {each.item.message}"
            msgspec.json.encode(each.item.payload)
    assert bool(sent) is (type_ not in BY_HAND)
