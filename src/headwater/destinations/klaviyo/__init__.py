"""Klaviyo: events, orders and profiles; audiences as profile properties and in lists."""

from typing import Any

from headwater.destinations.kit.common_fields import (
    ANONYMOUS_ID,
    AUDIENCE,
    CURRENCY,
    EMAIL,
    ENTERED,
    EVENT,
    EXITED,
    FIRST_NAME,
    IDENTIFIES,
    LAST_NAME,
    MEMBER,
    MESSAGE_ID,
    ORDER_ID,
    PAGES,
    PHONE,
    POSTAL_CODE,
    PROPERTIES,
    SCREENS,
    TIMESTAMP,
    TRAITS,
    USER_ID,
    first,
    like,
    of_person,
    path,
    products,
    track,
    tracks,
)
from headwater.destinations.kit.model import (
    Action,
    Batch,
    DestinationType,
    Pace,
    Preset,
)
from headwater.destinations.klaviyo.account import (
    KlaviyoSettings,
    Payload,
    problems,
)
from headwater.destinations.klaviyo.events import track_event, track_order
from headwater.destinations.klaviyo.lists import (
    add_to_list,
    remove_from_list,
    set_membership,
    subscribe,
    unsubscribe,
)
from headwater.destinations.klaviyo.profiles import (
    deletions,
    test,
    upsert_profile,
)
from headwater.mapping.fields import Field

EVENTS = Batch(items_max=200, bytes_max=4_000_000, wait_s=1.0)
"""A bulk request takes 1,000 events and 5 MB; an order becomes several. Klaviyo counts requests, 10 a second of
these, so a second's worth goes together.
"""
PROFILES = Batch(items_max=1_000, bytes_max=4_000_000, wait_s=1.0)
"""A bulk import takes 10,000 profiles and 5 MB."""
MEMBERS = Batch(items_max=100, bytes_max=500_000, wait_s=1.0)
"""Those who leave a list are looked up, 100 a page."""


_WHO = (EMAIL, PHONE, USER_ID, ANONYMOUS_ID)
_PERSONAL = (
    FIRST_NAME,
    LAST_NAME,
    Field(
        name="organization", label="Organization", type="string", default=of_person("company.name", "organization")
    ),
    Field(name="title", label="Title", type="string", default=of_person("title")),
    Field(name="image", label="Picture", type="string", default=of_person("avatar")),
    Field(name="address1", label="Street", type="string", default=of_person("address.street")),
    Field(name="city", label="City", type="string", default=of_person("address.city", "city")),
    Field(name="region", label="Region", type="string", default=of_person("address.state", "state")),
    POSTAL_CODE,
    Field(name="country", label="Country", type="string", default=of_person("address.country", "country")),
    Field(name="timezone", label="Time zone", type="string", default=path("$.context.timezone")),
)
_ABOUT = (
    TIMESTAMP,
    MESSAGE_ID,
    Field(
        name="value",
        label="Value",
        type="number",
        default=first("$.properties.value", "$.properties.total", "$.properties.revenue", "$.properties.price"),
    ),
    CURRENCY,
    PROPERTIES,
)
_PRODUCT = {
    "ProductID": first("$.product_id", "$.sku"),
    "SKU": path("$.sku"),
    "ProductName": path("$.name"),
    "Quantity": path("$.quantity"),
    "ItemPrice": path("$.price"),
    "ProductURL": path("$.url"),
    "ImageURL": path("$.image_url"),
    "Categories": path("$.category"),
    "Brand": path("$.brand"),
}
_LIST = Field(name="list_id", label="List", type="string", required=True)
_NAMES = (
    ("Product Viewed", "Viewed Product"),
    ("Product Added", "Added to Cart"),
    ("Checkout Started", "Started Checkout"),
    ("Order Cancelled", "Cancelled Order"),
    ("Order Refunded", "Refunded Order"),
)
"""Events of Segment's commerce spec, and the metrics that Klaviyo's own flows are made for."""


def _same_list(payload: Payload) -> Any:
    return payload.get("list_id")


LISTED = Batch(items_max=MEMBERS.items_max, bytes_max=MEMBERS.bytes_max, wait_s=MEMBERS.wait_s, key=_same_list)

TYPE = DestinationType(
    name="klaviyo",
    label="Klaviyo",
    category="email",
    description="Send events, orders and profiles to Klaviyo. Audiences become profile properties and lists.",
    settings=KlaviyoSettings,
    problems=problems,
    actions=(
        Action(
            name="track_event",
            label="Track an event",
            description="An event of a profile, which is made if it is not there.",
            perform=track_event,
            fields=(like(EVENT, label="Metric"), *_WHO, *_ABOUT),
            batch=EVENTS,
        ),
        Action(
            name="track_order",
            label="Track an order",
            description="`Placed Order`, and `Ordered Product` for each product in it.",
            perform=track_order,
            fields=(
                like(EVENT, label="Metric", default="Placed Order"),
                *_WHO,
                *_ABOUT,
                ORDER_ID,
                Field(name="products", label="Products", type="object", multiple=True, default=products(_PRODUCT)),
            ),
            batch=EVENTS,
        ),
        Action(
            name="upsert_profile",
            label="Update a profile",
            description="Makes or updates a profile; traits that Klaviyo has no place for become properties.",
            perform=upsert_profile,
            fields=(*_WHO, *_PERSONAL, TRAITS),
            batch=PROFILES,
        ),
        Action(
            name="add_to_list",
            label="Add to a list",
            description="Without asking for consent: see `subscribe`.",
            perform=add_to_list,
            fields=(_LIST, *_WHO),
            batch=LISTED,
        ),
        Action(
            name="remove_from_list",
            label="Remove from a list",
            description="Leaves subscriptions as they are.",
            perform=remove_from_list,
            fields=(_LIST, *_WHO),
            batch=LISTED,
        ),
        Action(
            name="subscribe",
            label="Subscribe",
            description="Records consent to marketing by email, and by SMS if there is a number.",
            perform=subscribe,
            fields=(like(_LIST, required=False), EMAIL, PHONE),
            batch=LISTED,
        ),
        Action(
            name="unsubscribe",
            label="Unsubscribe",
            description="Takes consent to marketing back.",
            perform=unsubscribe,
            fields=(like(_LIST, required=False), EMAIL, PHONE),
            batch=LISTED,
        ),
        Action(
            name="set_membership",
            label="Set an audience",
            description="A profile property named like the audience, and the list that `lists` names for it.",
            perform=set_membership,
            fields=(*_WHO, AUDIENCE, MEMBER),
            batch=MEMBERS,
        ),
    ),
    presets=(
        Preset(
            name="Track calls",
            action="track_event",
            trigger=tracks("Order Completed", *(name for name, _ in _NAMES)),
        ),
        Preset(name="Orders", action="track_order", trigger=track("Order Completed")),
        *(
            Preset(name=name, action="track_event", trigger=track(name), mapping={"event": metric})
            for name, metric in _NAMES
        ),
        # One metric for all: an account has room for some hundreds.
        Preset(name="Pages", action="track_event", trigger=PAGES, mapping={"event": "Viewed Page"}),
        Preset(name="Screens", action="track_event", trigger=SCREENS, mapping={"event": "Viewed Screen"}),
        Preset(name="Profiles", action="upsert_profile", trigger=IDENTIFIES),
        Preset(name="Audience entered", action="set_membership", trigger=ENTERED, mapping={"member": True}),
        Preset(name="Audience left", action="set_membership", trigger=EXITED, mapping={"member": False}),
    ),
    pace=Pace(concurrency=10),
    test=test,
    deletions=deletions,
)
