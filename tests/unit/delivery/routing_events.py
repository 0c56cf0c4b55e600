"""Events, and a destination type with two actions that take them whole, for tests of the way to a destination."""

from collections.abc import Sequence
from typing import Any

import msgspec

from headwater.config.destinations import DestinationFilter, FilterVerb
from headwater.config.transformations import Transformation
from headwater.config.workspace import Destination
from headwater.delivery.routing.mapping import Routed
from headwater.delivery.routing.route import Route
from headwater.destinations.kit.exchange import json_request, one_request
from headwater.destinations.kit.model import (
    Action,
    Attempt,
    Batch,
    DestinationType,
    Item,
    Perform,
    Preset,
    Request,
)
from headwater.event import OutboundEvent
from headwater.mapping.fields import Field


class Settings(msgspec.Struct, frozen=True):
    url: str = "https://tool.example"


def send(settings: Settings) -> Perform:
    def request(items: Sequence[Item], attempt: Attempt) -> Request:
        return json_request("POST", settings.url, [item.payload for item in items])

    return one_request(request)


TOOL = DestinationType(
    name="tool",
    label="The Tool",
    category="analytics",
    description="For tests.",
    settings=Settings,
    actions=(
        Action(name="whole", label="", description="", perform=send, whole_event=True),
        Action(name="other", label="", description="", perform=send, whole_event=True),
        Action(
            name="mapped",
            label="",
            description="",
            perform=send,
            fields=(
                Field(name="user", label="User", type="string", required=True, default={"@path": "$.userId"}),
                Field(name="total", label="Total", type="number", default={"@path": "$.properties.total"}),
            ),
            batch=Batch(items_max=100, bytes_max=1_000_000),
        ),
    ),
    presets=(Preset(name="Everything", action="whole", trigger="type != null"),),
)


def event(**body: Any) -> OutboundEvent:
    """An order of Ann's from the website; None takes a member away."""
    said = {
        "type": "track",
        "messageId": "m-1",
        "userId": "ann",
        "event": "Order Completed",
        "properties": {"total": 50},
        "context": {"ip": "192.0.2.1"},
    } | body
    said = {name: value for name, value in said.items() if value is not None}
    return raw_event(msgspec.json.encode(said), **said)


def raw_event(body: bytes, **said: Any) -> OutboundEvent:
    return OutboundEvent(
        offset=1,
        index=0,
        message_id=said.get("messageId", "m-1"),
        type=said.get("type", "track"),
        event=said.get("event"),
        name=said.get("name"),
        user_id=said.get("userId"),
        anonymous_id=said.get("anonymousId"),
        group_id=said.get("groupId"),
        profile_id=None,
        source="website",
        received_at_ms=0,
        timestamp_ms=0,
        original_timestamp_ms=None,
        sent_at_ms=None,
        body=body,
    )


def route(
    *transformations: Transformation, type_: DestinationType[Any] = TOOL, name: str = "crm", **fields: Any
) -> Route:
    destination = Destination(name=name, type=type_.name, **fields)
    return Route(destination, type_, Settings(), transformations, note=lambda *_: None)


def dropping(condition: str, **fields: Any) -> DestinationFilter:
    return DestinationFilter(if_=condition, action=FilterVerb.DROP, **fields)


def pruning(verb: FilterVerb, fields: dict[str, tuple[str, ...]], condition: str = "all") -> DestinationFilter:
    return DestinationFilter(if_=condition, action=verb, fields=fields)


def outcome(route: Route, event: OutboundEvent) -> str:
    """The reason why it ends here, or the names of the mappings that it is for."""
    found = route.of(event)
    return found.reason if not isinstance(found, list) else ", ".join(each.mapping for each in found)


def routed(route: Route, event: OutboundEvent) -> list[Routed]:
    found = route.of(event)
    assert isinstance(found, list)
    return found


def item(route: Route, event: OutboundEvent) -> Item:
    """What the one mapping of a route makes of it."""
    (only,) = routed(route, event)
    assert isinstance(only.item, Item)
    return only.item


def sent(route: Route, event: OutboundEvent) -> Any:
    """The event as the one mapping of a route has it, as data."""
    return msgspec.json.decode(item(route, event).event.body)
