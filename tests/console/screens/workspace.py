"""The shop's workspace as it is a week ago, and what its team puts beside it since then."""

from typing import Any, Final

from .life import KEYS
from .tools import Tool, Tools


def tools() -> Tools:
    return Tools({
        "analytics": Tool(),
        "crm": Tool(latency_s=0.02),
        "email": Tool(201, says=b'{"message": "success"}'),
        "bookkeeping": Tool(complains=b'{"error": "closed for maintenance"}'),
        "ads": Tool(),
        "support": Tool(complains=b'{"error": "upstream connect error or disconnect before headers"}'),
    })  # fmt: skip


NUMBER: Final = {"type": "number", "minimum": 0}
TEXT: Final = {"type": "string"}
EMAIL: Final = {"type": "string", "format": "email"}
CURRENCY: Final = {"type": "string", "enum": ["EUR", "USD", "SEK"]}


def rule(event: str, description: str, properties: dict[str, Any], *required: str) -> dict[str, Any]:
    schema = {
        "properties": {"properties": {"type": "object", "properties": properties, "required": list(required)}},
        "required": ["properties"],
    }
    return {"type": "track", "event": event, "description": description, "schema": schema}


PLAN: Final[dict[str, Any]] = {
    "name": "commerce",
    "description": "What the backend may send. Finance and the CRM rest on it.",
    "rules": [
        rule(
            "Order Completed",
            "Paid, and on its way.",
            {
                "order_id": {"type": "string", "pattern": "^o-[0-9]+$"},
                "total": NUMBER,
                "currency": CURRENCY,
                "coupon": TEXT,
                "products": {"type": "array"},
            },
            *("order_id", "total", "currency"),
        ),
        rule(
            "Order Refunded",
            "The money has gone back.",
            {"order_id": {"type": "string", "pattern": "^o-[0-9]+$"}, "reason": TEXT},
            "order_id",
        ),
    ],
}

STOREFRONT: Final[dict[str, Any]] = {
    "name": "storefront",
    "description": "What website and app tell about products. Reports only.",
    "rules": [
        rule("Product Viewed", "A product page was opened.", {"product_id": TEXT, "price": NUMBER}, "product_id"),
        rule(
            "Product Added",
            "Into the basket.",
            {"product_id": TEXT, "quantity": {"type": "integer"}},
            "product_id",
        ),
        rule("Checkout Started", "", {"product_id": TEXT, "price": NUMBER}),
        {"type": "page", "description": "Any page.", "schema": {}},
        {"type": "screen", "description": "Any screen.", "schema": {}},
        {"type": "identify", "schema": {"properties": {"traits": {"properties": {"email": EMAIL}}}}},
    ],
}


STRICTER: Final[dict[str, Any]] = {
    **PLAN,
    "rules": [*PLAN["rules"], rule("Coupon Used", "At the till.", {"coupon": TEXT}, "coupon")],
    "controls": {"allow_unplanned_events": False, "allow_event_on_violations": False},
}

LARGER: Final[dict[str, Any]] = {
    **STRICTER,
    "rules": [*STRICTER["rules"], rule("Gift Card Bought", "By whom, not for whom.", {"value": NUMBER}, "value")],
}


def crm(tools: Tools, *more: dict[str, Any]) -> dict[str, Any]:
    """`more` are filters."""
    views = {"if": 'event = "Product Viewed"', "action": "sample", "percent": 0.1, "path": "userId"}
    return {
        "name": "crm",
        "type": "webhook",
        "settings": {"url": tools.url("crm"), "shared_secret": "s3cret-crm"},
        "filters": [
            {"title": "No page views", "if": 'type = "page" or type = "screen"', "action": "drop"},
            {"title": "A tenth of product views", **views},
            *more,
        ],
    }


def first_version(tools: Tools) -> dict[str, Any]:
    return {
        "workspace": "shop",
        "settings": {"allow_private_destinations": True, "lake_visible_s": 1},
        "sources": [
            {"name": "website", "type": "javascript", "write_key": KEYS["website"]},
            {"name": "app", "type": "mobile", "write_key": KEYS["app"]},
            {"name": "backend", "type": "server", "write_key": KEYS["backend"], "tracking_plan": "commerce"},
        ],
        "destinations": [
            {
                "name": "analytics",
                "type": "posthog",
                "settings": {"project_api_key": "phc_screens", "host": tools.url("analytics")},
            },
            crm(tools),
            {
                "name": "bookkeeping",
                "type": "actions-webhook",
                "sources": ["backend"],
                "settings": {"url": tools.url("bookkeeping"), "shared_secret": "s3cret-books"},
                "mappings": [
                    {
                        "name": "Order to line",
                        "action": "send",
                        "trigger": 'type = "track" and event = "Order Completed"',
                        "mapping": {
                            "data": {
                                "order": {"@path": "$.properties.order_id"},
                                "customer": {"@case": {"operator": "upper", "value": {"@path": "$.userId"}}},
                                "total": {"@path": "$.properties.total"},
                                "text": {"@template": "{{properties.order_id}}: {{properties.total}} EUR"},
                            }
                        },
                    }
                ],
            },
            {
                "name": "ads",
                "type": "webhook",
                "sources": [],
                "settings": {"url": tools.url("ads"), "shared_secret": "s3cret-ads"},
            },
        ],
        "tracking_plans": [PLAN],
        "transformations": [
            {
                "name": "country names",
                "description": "So that everybody sees the same.",
                "if": 'type = "identify"',
                "map_properties": {
                    "country": {
                        "DE": "Germany",
                        "US": "United States",
                        "FR": "France",
                        "NO": "Norway",
                        "GB": "United Kingdom",
                        "SE": "Sweden",
                        "JP": "Japan",
                    }
                },
            }
        ],
        "identity": {
            "external_ids": [
                {"type": "user_id", "limit": 1},
                {"type": "email", "limit": 5, "block": ["info@example.com"]},
                {"type": "anonymous_id", "limit": 20},
            ]
        },
        "traits": [
            {"key": "order_count", "name": "Orders", "kind": "event_count", "event": "Order Completed"},
            {
                "key": "revenue",
                "name": "Lifetime revenue",
                "kind": "sum",
                "event": "Order Completed",
                "property": "total",
            },
        ],
        "audiences": [
            {
                "key": "buyers",
                "name": "Buyers",
                "where": {"event": "Order Completed"},
                "destinations": [{"name": "ads", "send": ["track"], "ids": {"user_id": "all"}}],
            },
            {
                "key": "big_spenders",
                "name": "Big spenders",
                "where": {"computed": "revenue", "op": ">=", "value": 500},
                "destinations": [
                    {"name": "ads", "send": ["track"], "ids": {"user_id": "all"}},
                    {"name": "crm", "send": ["identify"]},
                ],
            },
        ],
        "profile_api": {"tokens": [{"name": "storefront", "token": "shop_profile_api_token"}]},
    }


KIOSK: Final[dict[str, Any]] = {"name": "kiosk", "type": "server", "write_key": "wk_shop_kiosk"}
"""Nothing has come from there yet."""


def email(tools: Tools) -> dict[str, Any]:
    return {
        "name": "email",
        "type": "braze",
        "sources": ["backend", "app"],
        "settings": {"api_key": "braze-key-of-the-shop", "endpoint": tools.url("email")},
    }


def support(tools: Tools) -> dict[str, Any]:
    return {
        "name": "support",
        "type": "webhook",
        "settings": {"url": tools.url("support"), "shared_secret": "s3cret-support"},
        "filters": [
            {
                "title": "What agents are asked about",
                "if": 'event = "Order Completed" or event = "Order Refunded" or event = "Checkout Started"',
                "action": "only",
            }
        ],
    }


ABANDONERS: Final[dict[str, Any]] = {
    "key": "cart_abandoners",
    "name": "Cart abandoners",
    "where": {
        "all": [
            {"event": "Product Added", "within": "6h"},
            {"not": {"event": "Order Completed", "within": "6h"}},
        ]
    },
    "destinations": [{"name": "ads", "send": ["track"], "ids": {"user_id": "all"}}],
}
GERMANY: Final[dict[str, Any]] = {
    "key": "club_germany",
    "name": "Club members in Germany",
    "where": {
        "all": [
            {"trait": "country", "op": "=", "value": "Germany"},
            {"any": [{"trait": "plan", "op": "=", "value": "club"}, {"trait": "plan", "op": "=", "value": "pro"}]},
            {"not": {"event": "Order Refunded", "within": "30d"}},
        ]
    },
}
LAPSING: Final[dict[str, Any]] = {
    "key": "lapsing",
    "name": "Lapsing customers",
    "where": {"all": [{"event": "Order Completed"}, {"not": {"page": True, "within": "2d"}}]},
}
TEAMS: Final[dict[str, Any]] = {
    "key": "outfitted_teams",
    "name": "Teams that buy",
    "collection": "accounts",
    "where": {"users": {"any": {"event": "Order Completed", "within": "30d"}}},
}
FAVOURITE: Final[dict[str, Any]] = {
    "key": "favourite_category",
    "name": "Favourite category",
    "kind": "most_frequent",
    "event": "Product Viewed",
    "property": "category",
}
AVERAGE: Final[dict[str, Any]] = {
    "key": "average_order",
    "name": "Average order",
    "kind": "avg",
    "event": "Order Completed",
    "property": "total",
}
HASHED: Final[dict[str, Any]] = {
    "name": "no e-mail for analytics",
    "description": "Analytics works with ids; addresses stay with us.",
    "destination": "analytics",
    "if": 'type = "identify"',
    "drop_values": ["traits.email"],
}
LOWER: Final[dict[str, Any]] = {
    "name": "old order event",
    "description": "The app before 4.0 sends its own name.",
    "if": 'event = "Purchase"',
    "rename_event": "Order Completed",
}
