"""Step 5: the integrations object, and what a browser has sent itself."""

from dataclasses import replace
from typing import Any

import msgspec
import pytest
from routing_events import TOOL, event, outcome, raw_event, route

REFUSED = "FILTERED_BY_INTEGRATIONS_OBJECT"
SENT = "Everything"
STORAGE = replace(TOOL, category="storage")


@pytest.mark.parametrize(
    ("integrations", "result"),
    [
        (None, SENT),
        ({}, SENT),
        ({"All": True}, SENT),
        ({"All": False}, REFUSED),
        ({"All": False, "crm": True}, SENT),
        ({"All": False, "crm": {"option": 1}}, SENT),
        ({"All": False, "crm": {}}, SENT),
        ({"All": False, "crm": None}, REFUSED),
        ({"All": None}, SENT),
        ({"crm": False}, REFUSED),
        ({"crm": None}, SENT),
        ({"CRM": False}, SENT),
        ({"all": False}, SENT),
        ({"The Tool": False}, REFUSED),
        ({"tool": False}, REFUSED),
        ({"Tool": False}, SENT),
        ({"another": False}, SENT),
        ({"All": False, "The Tool": True}, SENT),
        ({"All": False, "tool": True}, SENT),
        ({"The Tool": True, "tool": False}, SENT),
        ({"The Tool": False, "crm": True}, SENT),
        ({"The Tool": True, "crm": False}, REFUSED),
        ({"Warehouses": {"all": False}}, SENT),
        ([], SENT),
    ],
)
def test_integrations_when_they_name_a_destination_then_false_keeps_the_event_out(
    integrations: Any, result: str
) -> None:
    assert outcome(route(), event(integrations=integrations)) == result


@pytest.mark.parametrize(
    ("integrations", "result"),
    [
        ({"All": False}, SENT),
        ({"crm": False}, REFUSED),
        ({"Warehouses": {"all": False}}, REFUSED),
        ({"Warehouses": False}, REFUSED),
        ({"Warehouses": {"all": True}}, SENT),
        ({"Warehouses": {"warehouseIds": ["crm"]}}, SENT),
        ({"Warehouses": {"warehouseIds": ["other"]}}, REFUSED),
    ],
)
def test_integrations_when_a_destination_stores_everything_then_all_does_not_mean_it(
    integrations: Any, result: str
) -> None:
    assert outcome(route(type_=STORAGE), event(integrations=integrations)) == result


@pytest.mark.parametrize(
    ("metadata", "result"),
    [
        ({"bundled": ["The Tool"]}, "MESSAGE_SENT_CLIENT_SIDE"),
        ({"bundled": ["crm"]}, "MESSAGE_SENT_CLIENT_SIDE"),
        ({"bundled": [], "unbundled": ["The Tool"]}, SENT),
        ({"bundled": ["the tool"]}, SENT),
        ({"bundled": "The Tool"}, SENT),
        ("bundled", SENT),
    ],
)
def test_integrations_when_the_browser_has_sent_it_then_it_is_not_sent_again(metadata: Any, result: str) -> None:
    assert outcome(route(), event(_metadata=metadata)) == result


def test_integrations_when_an_event_is_made_for_named_destinations_then_no_sender_has_a_say() -> None:
    made = msgspec.structs.replace(
        event(integrations={"All": False}, _metadata={"bundled": ["crm"]}), destinations=("crm",)
    )
    assert outcome(route(), made) == SENT


def test_integrations_when_other_objects_have_some_then_they_are_nothing_to_it() -> None:
    elsewhere = event(context={"integrations": {"All": False}}, properties={"integrations": {"crm": False}})
    assert outcome(route(), elsewhere) == SENT


def test_integrations_when_they_cannot_be_read_then_the_event_goes_nowhere() -> None:
    body = b'{"type":"track","event":"x","integrations":{"crm":1e999}}'
    assert outcome(route(), raw_event(body, event="x")) == REFUSED
