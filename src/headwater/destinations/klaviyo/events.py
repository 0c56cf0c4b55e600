"""Events, and orders as Klaviyo's reports expect them."""

from collections.abc import Callable, Sequence
from typing import Any

from headwater.destinations.kit.answers import besides, isolated
from headwater.destinations.kit.model import (
    Exchange,
    Item,
    Perform,
    Request,
)
from headwater.destinations.kit.names import compact
from headwater.destinations.klaviyo.account import KlaviyoSettings, Payload, api_request, blamed, outcome_of
from headwater.destinations.klaviyo.profiles import nobodies, profile_of


def track_event(settings: KlaviyoSettings) -> Perform:
    return _tracking(settings, lambda payload: [_event(payload, payload["event"], payload.get("properties"))])


def track_order(settings: KlaviyoSettings) -> Perform:
    return _tracking(settings, order_events)


def order_events(payload: dict[str, Any]) -> list[dict[str, Any]]:
    """`Placed Order`, and `Ordered Product` for each product, as Klaviyo's reports expect."""
    order_id, sold = payload.get("order_id"), payload.get("products") or []
    about = {**(payload.get("properties") or {}), **compact({"OrderId": order_id, "Items": sold})}
    about.pop("products", None)
    events = [_event(payload, payload["event"], about, order_id)]
    for number, product in enumerate(sold, 1):
        of_product = payload | {"value": product.get("ItemPrice")}
        said = {**compact({"OrderId": order_id}), **product}
        unique = f"{order_id}_{product.get('ProductID') or number}" if order_id else None
        events.append(_event(of_product, "Ordered Product", said, unique, f"-{number}"))
    return events


def _event(
    payload: Payload, metric: str, properties: Any, unique_id: Any = None, part: str = ""
) -> dict[str, Any]:
    message_id = payload.get("message_id")
    value = payload.get("value")
    attributes = {
        "properties": properties or {},
        "time": payload.get("timestamp"),
        "value": value,
        "value_currency": payload.get("currency") if value is not None else None,
        "unique_id": unique_id or (f"{message_id}{part}" if message_id else None),
        "metric": {"data": {"type": "metric", "attributes": {"name": metric}}},
    }
    return {"properties": {}} | compact(attributes)


Events = Callable[[dict[str, Any]], list[dict[str, Any]]]


def _tracking(settings: KlaviyoSettings, events: Events) -> Perform:
    """One event alone has an endpoint of its own, which takes 35 times as many requests."""

    def build(part: Sequence[Item]) -> Request:
        made = [(profile_of(settings, item.payload), events(item.payload)) for item in part]
        if len(made) == 1 and len(made[0][1]) == 1:
            profile, (event,) = made[0]
            data = {"type": "event", "attributes": {**event, "profile": {"data": profile}}}
            return api_request(settings, "POST", "/events/", {"data": data})
        each_one = [
            {
                "type": "event-bulk-create",
                "attributes": {
                    "profile": {"data": profile},
                    "events": {"data": [{"type": "event", "attributes": event} for event in its]},
                },
            }
            for profile, its in made
        ]
        job = {"type": "event-bulk-create-job", "attributes": {"events-bulk-create": {"data": each_one}}}
        return api_request(settings, "POST", "/event-bulk-create-jobs/", {"data": job})

    def send(known: Sequence[Item]) -> Exchange:
        return isolated(known, build, blame=blamed("/events-bulk-create/data/"), outcome=outcome_of)

    return lambda items, _attempt: besides(items, nobodies(items, settings), send)
