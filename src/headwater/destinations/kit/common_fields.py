"""Fields and triggers that many types have, with what they are out of the box."""

from dataclasses import replace
from typing import Any

from headwater.mapping.fields import Field

Directive = dict[str, Any]

# --- triggers ---------------------------------------------------------------------------------------------

EVERYTHING = "type != null"
"""Every call."""
ENTERED = 'type = "track" and event = "Audience Entered"'
EXITED = 'type = "track" and event = "Audience Exited"'
IDENTIFIES = 'type = "identify"'
GROUPS = 'type = "group"'
ALIASES = 'type = "alias"'
PAGES = 'type = "page"'
SCREENS = 'type = "screen"'


def tracks(*without: str) -> str:
    """Track calls other than changes of audiences, and than the events of these names.

    >>> tracks("Order Completed")
    'type = "track" and event != "Audience Entered" and event != "Audience Exited" and event != "Order Completed"'
    """
    names = ("Audience Entered", "Audience Exited", *without)
    return " and ".join(['type = "track"', *(f'event != "{name}"' for name in names)])


def track(name: str) -> str:
    """Track calls of this name."""
    return f'type = "track" and event = "{name}"'


# --- directives -------------------------------------------------------------------------------------------


def path(place: str) -> Directive:
    return {"@path": place}


def first(*places: str) -> Directive:
    """The first of these that is there.

    >>> first("$.a", "$.b")
    {'@if': {'exists': {'@path': '$.a'}, 'then': {'@path': '$.a'}, 'else': {'@path': '$.b'}}}
    """
    *before, last = places
    found = path(last)
    for place in reversed(before):
        found = {"@if": {"exists": path(place), "then": path(place), "else": found}}
    return found


def of_person(*keys: str) -> Directive:
    """What any kind of call says about the person it is about: traits, traits in the context, properties."""
    return first(*(f"{place}.{key}" for key in keys for place in ("$.traits", "$.context.traits", "$.properties")))


def viewed(kind: str) -> Directive:
    """The name of an event for a page or screen call: `Viewed Pricing Page`, or `Viewed a Page` of one without."""
    named = {"@template": f"Viewed {{{{name}}}} {kind}"}
    return {"@if": {"exists": path("$.name"), "then": named, "else": f"Viewed a {kind}"}}


def products(shape: dict[str, Any]) -> Directive:
    """Of an event with `products`: each as `shape` says."""
    return {"@arrayPath": ["$.properties.products", shape]}


def product(shape: dict[str, Any]) -> Directive:
    """Of an event that is itself about one product: a list of that one."""
    return {"@arrayPath": ["$.properties", shape]}


# --- fields -----------------------------------------------------------------------------------------------


def like(field: Field, **changes: Any) -> Field:
    return replace(field, **changes)


USER_ID = Field(name="user_id", label="User id", type="string", default=path("$.userId"))
ANONYMOUS_ID = Field(name="anonymous_id", label="Anonymous id", type="string", default=path("$.anonymousId"))
ANY_ID = Field(
    name="user_id", label="User id", type="string", required=True, default=first("$.userId", "$.anonymousId")
)
EVENT = Field(name="event", label="Event name", type="string", required=True, default=path("$.event"))
MESSAGE_ID = Field(
    name="message_id",
    label="Message id",
    type="string",
    description="What repeats are known by.",
    default=path("$.messageId"),
)
TIMESTAMP = Field(name="timestamp", label="Time", type="datetime", default=path("$.timestamp"))
PROPERTIES = Field(name="properties", label="Properties", type="object", default=path("$.properties"))
TRAITS = Field(name="traits", label="Traits", type="object", default=path("$.traits"))
GROUP_ID = Field(
    name="group_id",
    label="Group id",
    type="string",
    required=True,
    default=first("$.groupId", "$.context.groupId"),
)
PREVIOUS_ID = Field(
    name="previous_id", label="Previous id", type="string", required=True, default=path("$.previousId")
)
EMAIL = Field(name="email", label="Email address", type="string", default=of_person("email"))
PHONE = Field(name="phone", label="Phone number", type="string", default=of_person("phone"))
FIRST_NAME = Field(
    name="first_name", label="First name", type="string", default=of_person("firstName", "first_name")
)
LAST_NAME = Field(name="last_name", label="Last name", type="string", default=of_person("lastName", "last_name"))
CITY = Field(name="city", label="City", type="string", default=of_person("address.city"))
STATE = Field(name="state", label="State", type="string", default=of_person("address.state"))
POSTAL_CODE = Field(name="zip", label="Postal code", type="string", default=of_person("address.postalCode"))
COUNTRY = Field(
    name="country",
    label="Country",
    type="string",
    description="Two letters.",
    default=of_person("address.country"),
)
ORDER_ID = Field(name="order_id", label="Order", type="string", default=path("$.properties.order_id"))
CURRENCY = Field(name="currency", label="Currency", type="string", default=path("$.properties.currency"))
IP = Field(name="ip", label="IP address", type="string", default=path("$.context.ip"))
USER_AGENT = Field(name="user_agent", label="User agent", type="string", default=path("$.context.userAgent"))
PAGE_URL = Field(name="page_url", label="Page address", type="string", default=path("$.context.page.url"))
PAGE_TITLE = Field(name="page_title", label="Page title", type="string", default=path("$.context.page.title"))
PAGE_REFERRER = Field(
    name="page_referrer", label="Referrer", type="string", default=path("$.context.page.referrer")
)
"""Where somebody was. Only of page calls are these what the properties say, too: the `url` of `Product Viewed` is
the product's.
"""
OF_PAGE = {
    "page_url": first("$.properties.url", "$.context.page.url"),
    "page_title": first("$.properties.title", "$.context.page.title"),
    "page_referrer": first("$.properties.referrer", "$.context.page.referrer"),
}
"""How page calls map them."""
AUDIENCE = Field(
    name="audience",
    label="Audience key",
    type="string",
    required=True,
    default=first("$.properties.audience_key", "$.context.personas.computation_key"),
)
MEMBER = Field(
    name="member",
    label="Is a member",
    type="boolean",
    required=True,
    description="True when the person has entered the audience, false when they have left it.",
)
