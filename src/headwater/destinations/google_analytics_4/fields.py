"""What actions take, most of which is a parameter of its own name."""

from headwater.destinations.kit.common_fields import (
    CURRENCY,
    PAGE_REFERRER,
    PAGE_TITLE,
    PAGE_URL,
    TIMESTAMP,
    USER_AGENT,
    USER_ID,
    Directive,
    first,
    path,
    products,
)
from headwater.mapping.fields import Field

ITEM: dict[str, Directive] = {
    "item_id": first("$.product_id", "$.sku"),
    "item_name": path("$.name"),
    "item_brand": path("$.brand"),
    "item_category": path("$.category"),
    "item_variant": path("$.variant"),
    "coupon": path("$.coupon"),
    "index": path("$.position"),
    "price": path("$.price"),
    "quantity": path("$.quantity"),
}
WHO = (
    Field(
        name="client_id",
        label="Client id",
        type="string",
        required=True,
        description="The browser or device; what Google Analytics itself put into its cookie joins the two.",
        default=first("$.integrations['Google Analytics 4'].clientId", "$.anonymousId", "$.userId"),
    ),
    USER_ID,
    USER_AGENT,
    Field(
        name="user_properties",
        label="User properties",
        type="object",
        description="25 at most, names of 24 characters, values of 36.",
    ),
    TIMESTAMP,
)
SESSION = (
    Field(
        name="session_id",
        label="Session",
        type="string",
        default=first("$.integrations['Google Analytics 4'].sessionId", "$.context.sessionId"),
    ),
    Field(
        name="engagement_time_msec",
        label="Engagement time",
        type="integer",
        description="Milliseconds; without any, Google does not count the user as active.",
        default=1,
    ),
)
PAGE = (
    Field(name="page_location", label="Page address", type="string", default=PAGE_URL.default),
    Field(name="page_title", label="Page title", type="string", default=PAGE_TITLE.default),
    Field(name="page_referrer", label="Referrer", type="string", default=PAGE_REFERRER.default),
)
COMMERCE = (
    CURRENCY,
    Field(
        name="value",
        label="Value",
        type="number",
        default=first("$.properties.total", "$.properties.revenue", "$.properties.value", "$.properties.price"),
    ),
    Field(name="transaction_id", label="Order", type="string", default=path("$.properties.order_id")),
    Field(name="affiliation", label="Affiliation", type="string", default=path("$.properties.affiliation")),
    Field(name="coupon", label="Coupon", type="string", default=path("$.properties.coupon")),
    Field(name="shipping", label="Shipping", type="number", default=path("$.properties.shipping")),
    Field(name="tax", label="Tax", type="number", default=path("$.properties.tax")),
    Field(name="payment_type", label="Payment", type="string", default=path("$.properties.payment_method")),
    Field(name="item_list_id", label="List", type="string", default=path("$.properties.list_id")),
    Field(
        name="item_list_name",
        label="Its name",
        type="string",
        default=first("$.properties.list", "$.properties.category"),
    ),
    Field(name="promotion_id", label="Promotion", type="string", default=path("$.properties.promotion_id")),
    Field(name="promotion_name", label="Its name", type="string", default=path("$.properties.name")),
    Field(name="creative_name", label="Creative", type="string", default=path("$.properties.creative")),
    Field(
        name="items",
        label="Items",
        type="object",
        multiple=True,
        description="200 at most.",
        default=products(ITEM),
    ),
)
SAID = (
    Field(name="search_term", label="Search term", type="string"),
    Field(name="method", label="Method", type="string", description="Of signing up or in."),
    Field(name="group_id", label="Group", type="string"),
    Field(name="screen_name", label="Screen", type="string"),
)
KNOWN = tuple(field.name for field in (*SESSION, *PAGE, *COMMERCE, *SAID) if field.name != "items")
"""Fields that are parameters of their own name."""
