"""The mappings of all presets: well-formed, for the fields there are, and equal to the plain interpreter's."""

from typing import Any

import mapping_reference
import pytest

from headwater.destinations import mappings, registry
from headwater.destinations.kit.model import Action, Preset
from headwater.mapping.kit import MappingError, compile_mapping
from headwater.mapping.payload import PayloadError, checker

PRODUCT = {"product_id": "p1", "sku": "s1", "name": "Shirt", "price": "12.50", "quantity": 2, "currency": "EUR"}
PERSON = {"email": "Ann@Example.com", "phone": "+49 228 123", "firstName": "Ann", "last_name": "Lee", "age": 41}
EVENTS: list[dict[str, Any]] = [
    {},
    {
        "type": "track",
        "event": "Order Completed",
        "messageId": "m1",
        "userId": "u1",
        "anonymousId": "a1",
        "timestamp": "2026-01-02T03:04:05.678Z",
        "properties": PRODUCT | {"order_id": "o1", "total": 25, "products": [PRODUCT, {}, PRODUCT]},
        "context": {
            "ip": "203.0.113.7",
            "userAgent": "Mozilla/5.0",
            "page": {"url": "https://x.y/z", "title": "Z"},
        },
    },
    {"type": "identify", "userId": "u1", "traits": PERSON, "context": {"traits": {"email": None}}},
    {"type": "page", "name": "Home", "properties": {"url": "https://x.y/", "products": "none"}, "traits": 5},
    {"type": "group", "groupId": "g1", "traits": {"name": "Acme", "address": {"city": "Bonn"}}, "context": []},
    {
        "type": "track",
        "event": "Audience Entered",
        "properties": {"audience_key": "big", "email": "x@y.z"},
        "context": {"personas": {"computation_class": "audience", "computation_key": "big"}},
    },
]
PRESETS: list[tuple[str, Preset, Action[Any]]] = []
for _name, _type in sorted(registry.OURS.items()):
    for _preset in _type.presets:
        _action = _type.action(_preset.action)
        assert _action is not None
        if not _action.whole_event:
            PRESETS.append((f"{_name}: {_preset.name}", _preset, _action))


@pytest.mark.parametrize(("preset", "action"), [pair[1:] for pair in PRESETS], ids=[pair[0] for pair in PRESETS])
def test_preset_when_events_come_then_it_is_resolved_as_the_interpreter_does(
    preset: Preset, action: Action[Any]
) -> None:
    assert mappings.problems(action, preset.mapping) == []
    mapping = mappings.laid_over(action.fields, preset.mapping)
    compiled, check = compile_mapping(mapping), checker(action.fields)
    for event in EVENTS:
        try:
            made = compiled.resolve(event)
        except MappingError:
            with pytest.raises(mapping_reference.Refused):
                mapping_reference.resolve(mapping, event)
            continue
        assert made == mapping_reference.resolve(mapping, event)
        try:
            check(made)
        except PayloadError as error:
            assert error.path.split(".", maxsplit=1)[0].split("[")[0] in {field.name for field in action.fields}  # noqa: PT017
