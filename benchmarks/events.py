"""Events of the size and shape that SDKs send."""

import gzip
import json
import random
import uuid

WRITE_KEY = "wk_benchmark"


def order(rng: random.Random, *, user: int) -> dict[str, object]:
    """An order of about 520 bytes, as segment-analytics-python sends it."""
    return {
        "type": "track",
        "event": rng.choice(["Order Completed", "Product Viewed", "Product Added", "Cart Viewed"]),
        "userId": f"user-{user}",
        "messageId": str(uuid.UUID(int=rng.getrandbits(128), version=4)),
        "timestamp": "2026-11-21T09:15:42.678901+00:00",
        "properties": {
            "order_id": f"o-{rng.randrange(10**6)}",
            "total": round(rng.random() * 200, 2),
            "currency": "EUR",
            "products": [{"product_id": f"p{rng.randrange(1000)}", "price": 12.5, "quantity": 2}],
        },
        "context": {"library": {"name": "analytics-python", "version": "2.3.4"}, "timezone": "Europe/Berlin"},
        "integrations": {},
    }


def batch(rng: random.Random, size: int, *, users: int = 10_000) -> bytes:
    events = [order(rng, user=rng.randrange(users)) for _ in range(size)]
    return json.dumps(
        {"batch": events, "sentAt": "2026-11-21T09:15:43.000000+00:00", "writeKey": WRITE_KEY}
    ).encode()


def single(rng: random.Random) -> bytes:
    return json.dumps(order(rng, user=1) | {"writeKey": WRITE_KEY}).encode()


def gzipped(body: bytes) -> bytes:
    return gzip.compress(body, 6)


WORKSPACE = {
    "workspace": "benchmark",
    "sources": [{"name": "shop", "type": "server", "write_key": WRITE_KEY}],
}

UNDISCOVERED_WORKSPACE = WORKSPACE | {"settings": {"schema_discovery": False}}
"""Without the one stage that looks into every event whether or not somebody asked for it."""


def _rule(event: str) -> dict[str, object]:
    product = {"type": "object", "properties": {"product_id": {"type": "string"}, "price": {"type": "number"}}}
    properties = {
        "order_id": {"type": "string", "pattern": "^o-[0-9]+$"},
        "total": {"type": "number", "minimum": 0, "maximum": 198},  # one in a hundred is more
        "currency": {"enum": ["EUR", "USD", "JPY"]},
        "products": {"type": "array", "items": product},
    }
    schema = {"type": "object", "properties": {"properties": {"type": "object", "properties": properties}}}
    schema["properties"]["properties"]["required"] = ["order_id", "total"]  # type: ignore[index]
    return {"type": "track", "event": event, "schema": schema}


PLANNED = ["Order Completed", "Product Viewed", "Product Added", "Cart Viewed"]

GOVERNED_WORKSPACE = {
    "workspace": "benchmark",
    "settings": {"schema_discovery": False},
    "sources": [{"name": "shop", "type": "server", "write_key": WRITE_KEY, "tracking_plan": "commerce"}],
    "tracking_plans": [
        {"name": "commerce", "rules": [_rule(name) for name in (*PLANNED, *(f"Event {n}" for n in range(196)))]}
    ],
    "transformations": [
        {"name": "basket", "if": "event = 'Cart Viewed'", "rename_event": "Basket Viewed"},
        {"name": "order id", "if": "event = 'Order Completed'", "rename_properties": {"order_id": "orderId"}},
        {
            "name": "currency",
            "if": "event = 'Product Added'",
            "map_properties": {"currency": {"EUR": "euro", "USD": "dollar"}},
        },
        {"name": "large", "if": "properties.total > 150", "set_values": {"properties.is_large": True}},
        {"name": "debug", "drop_properties": ["debug"]},
    ],
}
"""A plan of 200 rules and five transformations, two of which look at every event and three at one in four."""
