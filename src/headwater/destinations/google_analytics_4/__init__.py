"""Google Analytics 4 by the Measurement Protocol: events under Google's names, with items; audiences as user
properties.
"""

from collections.abc import Mapping
from typing import Any

from headwater.destinations.google_analytics_4.fields import COMMERCE, ITEM, PAGE, SAID, SESSION, WHO
from headwater.destinations.google_analytics_4.forms import (
    BODY_BYTES_MAX,
    EVENTS_MAX,
)
from headwater.destinations.google_analytics_4.protocol import (
    GoogleAnalytics4Settings,
    collect,
    problems,
    same_membership,
    same_user,
    set_membership,
    test,
)
from headwater.destinations.kit.common_fields import (
    AUDIENCE,
    ENTERED,
    EVENT,
    EXITED,
    GROUPS,
    MEMBER,
    OF_PAGE,
    PAGES,
    PROPERTIES,
    SCREENS,
    path,
    product,
    track,
    tracks,
)
from headwater.destinations.kit.model import (
    Action,
    Batch,
    DestinationType,
    Preset,
)
from headwater.mapping.fields import Field

_ONE = {"items": product(ITEM)}
_WITHOUT_PROMOTION = {"promotion_name": None}
_SPEC: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("Product List Viewed", "view_item_list", {}),
    ("Product Clicked", "select_item", _ONE),
    ("Product Viewed", "view_item", _ONE),
    ("Product Added", "add_to_cart", _ONE),
    ("Product Removed", "remove_from_cart", _ONE),
    ("Product Added to Wishlist", "add_to_wishlist", _ONE),
    ("Cart Viewed", "view_cart", {}),
    ("Checkout Started", "begin_checkout", {}),
    ("Payment Info Entered", "add_payment_info", {}),
    ("Order Completed", "purchase", {}),
    ("Order Refunded", "refund", {}),
    ("Promotion Viewed", "view_promotion", {}),
    ("Promotion Clicked", "select_promotion", {}),
)
"""Events of Segment's commerce spec, and Google's for the same."""
_COMMON = (
    ("Products Searched", "search", {"search_term": path("$.properties.query")}),
    ("Signed Up", "sign_up", {"method": path("$.properties.type")}),
    ("Signed In", "login", {"method": path("$.properties.type")}),
)


_OF_PAGE = {name.replace("url", "location"): of for name, of in OF_PAGE.items()}


def _commerce_mapping(event: str, more: Mapping[str, Any]) -> dict[str, Any]:
    return {"event": event, **({} if "promotion" in event else _WITHOUT_PROMOTION), **more}


BATCH = Batch(items_max=EVENTS_MAX, bytes_max=BODY_BYTES_MAX, key=same_user)

TYPE = DestinationType(
    name="google-analytics-4",
    label="Google Analytics 4",
    category="analytics",
    description="Send events to GA4 under Google's event names. Audiences become user properties.",
    settings=GoogleAnalytics4Settings,
    problems=problems,
    actions=(
        Action(
            name="send_event",
            label="Send an event",
            description="An event with its properties as parameters.",
            perform=collect,
            fields=(
                EVENT,
                *WHO,
                *SESSION,
                *PAGE,
                *SAID,
                Field(
                    name="params",
                    label="Parameters",
                    type="object",
                    description="Texts and numbers; 25 with those above.",
                    default=PROPERTIES.default,
                ),
            ),
            batch=BATCH,
        ),
        Action(
            name="send_commerce_event",
            label="Send a commerce event",
            description="An event about products, a cart or an order.",
            perform=collect,
            fields=(
                EVENT,
                *WHO,
                *SESSION,
                *PAGE,
                *COMMERCE,
                Field(name="params", label="More parameters", type="object"),
            ),
            batch=BATCH,
        ),
        Action(
            name="set_membership",
            label="Set an audience",
            description="A user property named like the audience, with an event, as Google takes none without.",
            perform=set_membership,
            fields=(*WHO, *SESSION, AUDIENCE, MEMBER),
            batch=Batch(items_max=EVENTS_MAX, bytes_max=BODY_BYTES_MAX, key=same_membership),
        ),
    ),
    presets=(
        Preset(
            name="Track calls",
            action="send_event",
            trigger=tracks(*(name for name, *_ in _SPEC), *(name for name, *_ in _COMMON)),
        ),
        *(
            Preset(
                name=name,
                action="send_commerce_event",
                trigger=track(name),
                mapping=_commerce_mapping(event, more),
            )
            for name, event, more in _SPEC
        ),
        *(
            Preset(
                name=name,
                action="send_event",
                trigger=track(name),
                mapping={"event": event, "params": None, **more},
            )
            for name, event, more in _COMMON
        ),
        Preset(
            name="Pages",
            action="send_event",
            trigger=PAGES,
            mapping={"event": "page_view", "params": None, **_OF_PAGE},
        ),
        Preset(
            name="Screens",
            action="send_event",
            trigger=SCREENS,
            mapping={"event": "screen_view", "params": None, "screen_name": path("$.name")},
        ),
        Preset(
            name="Groups",
            action="send_event",
            trigger=GROUPS,
            mapping={"event": "join_group", "params": None, "group_id": path("$.groupId")},
        ),
        Preset(name="Audience entered", action="set_membership", trigger=ENTERED, mapping={"member": True}),
        Preset(name="Audience left", action="set_membership", trigger=EXITED, mapping={"member": False}),
    ),
    test=test,
)
