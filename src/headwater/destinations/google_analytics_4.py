"""Google Analytics 4 by the Measurement Protocol: events under Google's names, with items; audiences as user
properties.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Literal
from urllib.parse import urlencode

import msgspec

from headwater.destinations.kit.answers import explained, json_of, objects
from headwater.destinations.kit.common_fields import (
    AUDIENCE,
    ENTERED,
    EVENT,
    EXITED,
    GROUPS,
    MEMBER,
    OF_PAGE,
    PAGE_REFERRER,
    PAGE_TITLE,
    PAGE_URL,
    PAGES,
    PROPERTIES,
    SCREENS,
    TIMESTAMP,
    USER_AGENT,
    USER_ID,
    Directive,
    first,
    path,
    product,
    products,
    track,
    tracks,
)
from headwater.destinations.kit.exchange import ask, json_request, same_for_all
from headwater.destinations.kit.instants import unix_ms
from headwater.destinations.kit.model import (
    Action,
    Attempt,
    Batch,
    DestinationType,
    Exchange,
    Item,
    Perform,
    Preset,
    Rejected,
    Request,
)
from headwater.destinations.kit.names import compact, snake
from headwater.destinations.kit.outcome import http_outcome
from headwater.destinations.kit.settings import Secret, Settings
from headwater.errors import Problem
from headwater.mapping.fields import Field

EVENTS_MAX = 25
"""In a request, which is about one client and one user."""
BODY_BYTES_MAX = 100_000
"""The protocol takes 130 kB."""
PARAMETERS_MAX = 25
NAME_CHARS_MAX = 40
VALUE_CHARS_MAX = 100
ITEMS_MAX = 200
PROPERTY_NAME_CHARS_MAX = 24
PROPERTY_VALUE_CHARS_MAX = 36
PROPERTIES_MAX = 25
"""Google drops silently what exceeds these, so it is cut here, where one can read about it."""
_RESERVED = {
    *("ad_activeview", "ad_click", "ad_exposure", "ad_query", "ad_reward", "adunit_exposure"),
    *("app_clear_data", "app_exception", "app_install", "app_remove", "app_store_refund", "app_update"),
    *("app_upgrade", "dynamic_link_app_open", "dynamic_link_app_update", "dynamic_link_first_open", "error"),
    *("first_open", "first_visit", "in_app_purchase", "notification_dismiss", "notification_foreground"),
    *("notification_open", "notification_receive", "notification_send", "os_update", "session_start"),
    *("user_engagement",),
}
_RESERVED_PREFIXES = ("ga_", "google_", "gtag_", "firebase_")
_HOSTS = {"global": "https://www.google-analytics.com", "eu": "https://region1.google-analytics.com"}
_MEASUREMENT_ID = re.compile(r"G-[A-Z0-9]{4,16}")


class GoogleAnalytics4Settings(Settings, frozen=True, kw_only=True):
    api_secret: Secret
    """Made in Admin → Data streams → Measurement Protocol API secrets."""
    measurement_id: str = ""
    """Of a web stream, `G-…`; this or `firebase_app_id`."""
    firebase_app_id: str = ""
    """Of an app stream."""
    region: Literal["global", "eu"] = "global"
    """`eu`: events are collected in the European Union."""


def problems(settings: GoogleAnalytics4Settings) -> list[Problem]:
    if bool(settings.measurement_id) == bool(settings.firebase_app_id):
        return [Problem("one of `measurement_id` and `firebase_app_id` is needed, and not both", "measurement_id")]
    if settings.measurement_id and not _MEASUREMENT_ID.fullmatch(settings.measurement_id):
        return [Problem("expected the id of a web stream, as in `G-ABC123XYZ9`", "measurement_id")]
    return []


def _url(settings: GoogleAnalytics4Settings, place: str) -> str:
    if settings.measurement_id:
        stream = {"measurement_id": settings.measurement_id}
    else:
        stream = {"firebase_app_id": settings.firebase_app_id}
    return f"{_HOSTS[settings.region]}{place}?{urlencode(stream | {'api_secret': settings.api_secret})}"


def collect(settings: GoogleAnalytics4Settings) -> Perform:
    url = _url(settings, "/mp/collect")

    def perform(items: Sequence[Item], _: Attempt) -> Exchange:
        answer = yield from ask(_request(settings, url, [item.payload for item in items]))
        return same_for_all(items, http_outcome(answer))

    return perform


def set_membership(settings: GoogleAnalytics4Settings) -> Perform:
    """`audience_entered` or `audience_exited`, and the user property that says so of all later events."""
    send = collect(settings)

    def perform(items: Sequence[Item], attempt: Attempt) -> Exchange:
        return (yield from send([item._replace(payload=_membership(item.payload)) for item in items], attempt))

    return perform


def _membership(payload: dict[str, Any]) -> dict[str, Any]:
    audience, member = payload["audience"], payload["member"]
    said = {
        "event": "audience_entered" if member else "audience_exited",
        "params": {"audience": audience},
        "user_properties": {**(payload.get("user_properties") or {}), audience: member},
    }
    return payload | said


def same_membership(payload: Mapping[str, Any]) -> tuple[bytes, str, bool]:
    return same_user(payload), payload["audience"], payload["member"]


def _request(settings: GoogleAnalytics4Settings, url: str, payloads: Sequence[Mapping[str, Any]]) -> Request:
    """All of one client and user, see `same_user`."""
    about = payloads[0]
    client = "client_id" if settings.measurement_id else "app_instance_id"
    body = {
        client: about["client_id"],
        "user_id": about.get("user_id"),
        "user_agent": about.get("user_agent"),
        "user_properties": _user_properties(about.get("user_properties") or {}),
        "events": [_event(payload) for payload in payloads],
    }
    return json_request("POST", url, compact(body))


def same_user(payload: Mapping[str, Any]) -> bytes:
    """What a request says once for all its events."""
    names = ("client_id", "user_id", "user_agent", "user_properties")
    return msgspec.json.encode([payload.get(name) for name in names], order="deterministic")


def _event(payload: Mapping[str, Any]) -> dict[str, Any]:
    at_ms = unix_ms(payload.get("timestamp"))
    name = event_name(payload["event"])
    params = {parameter(key): value for key, value in (payload.get("params") or {}).items()}
    known = {
        **{name: payload.get(name) for name in _KNOWN},
        "items": [_item(item) for item in (payload.get("items") or ())[:ITEMS_MAX]],
    }
    kept: dict[str, Any] = {}
    # Known parameters first: they are the ones that reports are made of.
    for key, value in (compact(known) | {k: v for k, v in params.items() if k not in known}).items():
        if len(kept) == PARAMETERS_MAX:
            break
        if key and (key == "items" or isinstance(value, str | int | float)):
            kept[key] = value[:VALUE_CHARS_MAX] if isinstance(value, str) and key != "page_location" else value
    return compact({"name": name, "timestamp_micros": at_ms * 1000 if at_ms is not None else None, "params": kept})


def event_name(name: str) -> str:
    """As Google allows: letters, digits and underscores, a letter first, 40 characters.

    >>> event_name("Order Completed"), event_name("2nd Visit"), event_name("error")
    ('order_completed', 'e_2nd_visit', 'e_error')
    """
    known = snake(name)
    if not known[:1].isalpha() or known in _RESERVED or known.startswith(_RESERVED_PREFIXES):
        known = f"e_{known}"
    return known[:NAME_CHARS_MAX]


def parameter(name: str) -> str:
    """The same for a parameter or a user property.

    >>> parameter("Cart ID"), parameter("ga_x")
    ('cart_id', 'p_ga_x')
    """
    known = snake(name)
    if not known[:1].isalpha() or known.startswith(_RESERVED_PREFIXES):
        known = f"p_{known}"
    return known[:NAME_CHARS_MAX]


def _item(product_: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: value[:VALUE_CHARS_MAX] if isinstance(value, str) else value
        for name, value in product_.items()
        if isinstance(value, str | int | float) and value != ""
    }


def _user_properties(given: Mapping[str, Any]) -> dict[str, Any]:
    kept = {}
    for name, value in list(given.items())[:PROPERTIES_MAX]:
        if isinstance(value, bool):
            text: Any = "true" if value else "false"
        elif isinstance(value, str):
            text = value[:PROPERTY_VALUE_CHARS_MAX]
        else:
            text = value
        if isinstance(text, str | int | float):
            kept[parameter(name)[:PROPERTY_NAME_CHARS_MAX]] = {"value": text}
    return kept


def test(settings: GoogleAnalytics4Settings, attempt: Attempt) -> Exchange:
    """Has an event looked at by the validation server, which stores nothing. It knows malformed requests and
    unknown streams, but not whether the secret is right: nothing of Google's tells that.
    """
    payload = {"client_id": "headwater.test", "event": "headwater_test", "timestamp": attempt.at_s}
    answer = yield from ask(_request(settings, _url(settings, "/debug/mp/collect"), [payload]))
    outcome = http_outcome(answer)
    messages = objects(json_of(answer).get("validationMessages"))
    if messages:
        said = "; ".join(f"{each.get('validationCode')}: {each.get('description')}" for each in messages)
        return [explained(Rejected("BAD_REQUEST"), said)]
    return [outcome]


# --- fields -----------------------------------------------------------------------------------------------

_ITEM: dict[str, Directive] = {
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
_WHO = (
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
_SESSION = (
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
_PAGE = (
    Field(name="page_location", label="Page address", type="string", default=PAGE_URL.default),
    Field(name="page_title", label="Page title", type="string", default=PAGE_TITLE.default),
    Field(name="page_referrer", label="Referrer", type="string", default=PAGE_REFERRER.default),
)
_COMMERCE = (
    Field(name="currency", label="Currency", type="string", default=path("$.properties.currency")),
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
        default=products(_ITEM),
    ),
)
_SAID = (
    Field(name="search_term", label="Search term", type="string"),
    Field(name="method", label="Method", type="string", description="Of signing up or in."),
    Field(name="group_id", label="Group", type="string"),
    Field(name="screen_name", label="Screen", type="string"),
)
_KNOWN = tuple(field.name for field in (*_SESSION, *_PAGE, *_COMMERCE, *_SAID) if field.name != "items")
"""Fields that are parameters of their own name."""

_ONE = {"items": product(_ITEM)}
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
    description="Events under Google's own names, with the products of orders; audiences become user properties.",
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
                *_WHO,
                *_SESSION,
                *_PAGE,
                *_SAID,
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
                *_WHO,
                *_SESSION,
                *_PAGE,
                *_COMMERCE,
                Field(name="params", label="More parameters", type="object"),
            ),
            batch=BATCH,
        ),
        Action(
            name="set_membership",
            label="Set an audience",
            description="A user property named like the audience, with an event, as Google takes none without.",
            perform=set_membership,
            fields=(*_WHO, *_SESSION, AUDIENCE, MEMBER),
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
