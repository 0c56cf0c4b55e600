"""TikTok Events API: what people did, hashed. Errors come inside a 200."""

from collections.abc import Generator, Mapping, Sequence
from typing import Any, Literal
from urllib.parse import urlencode

from headwater.destinations.kit import people
from headwater.destinations.kit.answers import besides, explained, isolated, json_of, objects, unsent
from headwater.destinations.kit.common_fields import (
    AUDIENCE,
    CURRENCY,
    EMAIL,
    ENTERED,
    EXITED,
    IP,
    MEMBER,
    MESSAGE_ID,
    ORDER_ID,
    PAGE_REFERRER,
    PAGE_URL,
    PAGES,
    PHONE,
    TIMESTAMP,
    USER_AGENT,
    first,
    like,
    path,
    product,
    products,
    track,
)
from headwater.destinations.kit.exchange import ask, get_request, json_request, same_for_all
from headwater.destinations.kit.instants import unix_s
from headwater.destinations.kit.model import (
    Action,
    Answer,
    Answers,
    Attempt,
    Batch,
    Calls,
    Delivered,
    DestinationType,
    Exchange,
    Item,
    Outcome,
    Perform,
    Preset,
    Rejected,
    Request,
    RetryLater,
)
from headwater.destinations.kit.names import compact
from headwater.destinations.kit.outcome import http_outcome
from headwater.destinations.kit.settings import Secret, Settings
from headwater.mapping.fields import Field

EVENTS_MAX = 1_000
"""TikTok's own, and so is that of people below."""
MEMBERS_MAX = 10_000
BATCH_BYTES_MAX = 5_000_000
"""TikTok names none; a thousand ordinary events have one megabyte."""
LIMITED_S = 60.0
"""TikTok's limits are by the minute."""
AUDIENCE_PAGES_MAX = 10
"""Of 100 audiences each; whoever has more names them in the settings."""
_API = "https://business-api.tiktok.com/open_api/v1.3"
_LIMITED = {40016, 40100, 40132, 40133}
"""Codes of too many calls."""
_BAD_TOKEN = {40101, 40102, 40103, 40104, 40105}
_FORBIDDEN = 40001
_OWN_TROUBLE_MIN = 50_000
"""Codes from here on are TikTok's own errors."""


class TiktokEventsSettings(Settings, frozen=True, kw_only=True):
    access_token: Secret
    """Made in the Events Manager; for audiences one of the Marketing API."""
    event_source_id: str
    """Pixel code, app id, or id of an offline or CRM event set."""
    event_source: Literal["web", "app", "offline", "crm"] = "web"
    """What `event_source_id` is the id of."""
    test_event_code: str = ""
    """Events appear under "Test events" and count nowhere."""
    region: str = ""
    """Two letters, as in `US`: where phone numbers are from that do not begin with `+`."""
    advertiser_id: str = ""
    """Whose audiences are changed."""
    audiences: dict[str, str] = {}
    """Audience key to the id of an audience at TikTok, for those that are not called like the audience."""


def outcome_of(answer: Answer) -> Outcome:
    """A 200 is only as good as the `code` in it."""
    outcome, body = http_outcome(answer), json_of(answer)
    code = body.get("code")
    if not isinstance(code, int) or code == 0:
        return explained(outcome, body.get("message"))
    if code in _LIMITED:
        verdict: Outcome = RetryLater("429", "", LIMITED_S)
    elif code >= _OWN_TROUBLE_MIN:
        verdict = RetryLater("503")
    elif code in _BAD_TOKEN or code == _FORBIDDEN:
        verdict = Rejected("403" if code == _FORBIDDEN else "401")
    else:
        verdict = Rejected("BAD_REQUEST")
    return explained(verdict, f"{code}: {body.get('message')}")


def _telling(settings: TiktokEventsSettings, place: str, body: Any) -> Request:
    return json_request("POST", f"{_API}/{place}/", body, {"Access-Token": settings.access_token})


# --- events -----------------------------------------------------------------------------------------------


def report_event(settings: TiktokEventsSettings) -> Perform:
    def request(items: Sequence[Item]) -> Request:
        return _telling(settings, "event/track", _report(settings, [item.payload for item in items]))

    def perform(items: Sequence[Item], _: Attempt) -> Exchange:
        return (yield from isolated(items, request, outcome=outcome_of))

    return perform


def _report(settings: TiktokEventsSettings, payloads: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    events = [event_of(payload, settings.region) for payload in payloads]
    body = {"event_source": settings.event_source, "event_source_id": settings.event_source_id, "data": events}
    return body | compact({"test_event_code": settings.test_event_code})


def event_of(payload: Mapping[str, Any], region: str) -> dict[str, Any]:
    hashes = {
        "email": people.email_hash(payload.get("email") or ""),
        "phone": people.phone_hash(payload.get("phone") or "", region),
        "external_id": people.hashed((payload.get("external_id") or "").strip()),
    }
    user = hashes | {name: payload.get(name) for name in ("ttclid", "ttp", "ip", "user_agent", "locale")}
    properties = {name: payload.get(name) for name in _PROPERTIES} | (payload.get("properties") or {})
    return compact(
        {
            "event": payload["event"],
            "event_time": unix_s(payload.get("event_time")),
            "event_id": payload.get("event_id"),
            "user": compact(user),
            "page": compact({"url": payload.get("page_url"), "referrer": payload.get("page_referrer")}),
            "properties": compact(properties),
            "limited_data_use": payload.get("limited_data_use"),
        }
    )


# --- audiences --------------------------------------------------------------------------------------------


def set_member(settings: TiktokEventsSettings) -> Perform:
    def perform(items: Sequence[Item], _: Attempt) -> Exchange:
        audience = yield from _audience(settings, items[0].payload["audience"])
        if not isinstance(audience, str):
            return same_for_all(items, audience)
        wrong = unsent("not an email address", "PAYLOAD_VALIDATION_FAILED")
        refused = {index: wrong for index, item in enumerate(items) if not people.email(item.payload["email"])}
        return (yield from besides(items, refused, lambda rest: _change(settings, audience, rest)))

    return perform


def _audience(settings: TiktokEventsSettings, name: str) -> Generator[Calls, Answers, str | Outcome]:
    """The id of an audience at TikTok, or why there is none."""
    if not settings.advertiser_id:
        return unsent("audiences need the setting `advertiser_id`", "INVALID_SETTINGS")
    if name in settings.audiences:
        return settings.audiences[name]
    for page in range(1, AUDIENCE_PAGES_MAX + 1):
        query = urlencode({"advertiser_id": settings.advertiser_id, "page": page, "page_size": 100})
        url = f"{_API}/dmp/custom_audience/list/?{query}"
        answer = yield from ask(get_request(url, {"Access-Token": settings.access_token}))
        outcome, data = outcome_of(answer), json_of(answer).get("data")
        if not isinstance(outcome, Delivered):
            return outcome
        listed = objects(data.get("list")) if isinstance(data, dict) else []
        ids = [each.get("audience_id") for each in listed if each.get("name") == name]
        if ids:
            return str(ids[0])
        if len(listed) < 100:
            break
    return unsent(f"no audience called {name} at TikTok; make one", "INVALID_SETTINGS")


def _change(settings: TiktokEventsSettings, audience: str, items: Sequence[Item]) -> Exchange:
    hashes = [people.email_hash(item.payload["email"]) for item in items]
    body = {
        "advertiser_ids": [settings.advertiser_id],
        "action": "add" if items[0].payload["member"] else "delete",
        "id_schema": ["EMAIL_SHA256"],
        "batch_data": [[{"id": each, "audience_ids": [audience]}] for each in hashes],
    }
    answer = yield from ask(_telling(settings, "segment/mapping", body))
    return same_for_all(items, outcome_of(answer))


def test(settings: TiktokEventsSettings, _: Attempt) -> Exchange:
    """Reports no events. TikTok complains about that (40002) only to those whose token is right."""
    answer = yield from ask(_telling(settings, "event/track", _report(settings, [])))
    return [Delivered("200") if json_of(answer).get("code") == 40002 else outcome_of(answer)]


# --- fields -----------------------------------------------------------------------------------------------

_PROPERTIES = ("contents", "content_type", "value", "currency", "order_id", "query", "description")
_ITEM = {
    "content_id": first("$.product_id", "$.sku"),
    "content_name": path("$.name"),
    "content_category": path("$.category"),
    "brand": path("$.brand"),
    "price": path("$.price"),
    "quantity": path("$.quantity"),
}
_FIELDS = (
    Field(name="event", label="Event", type="string", required=True, default=path("$.event")),
    like(TIMESTAMP, name="event_time", required=True),
    like(MESSAGE_ID, name="event_id", description="Equal to that of the pixel's event, which then counts once."),
    Field(name="external_id", label="External id", type="string", default=first("$.userId", "$.anonymousId")),
    EMAIL,
    PHONE,
    Field(
        name="ttclid",
        label="Click id",
        type="string",
        default=first("$.properties.ttclid", "$.context.ttclid", "$.integrations['TikTok Conversions'].ttclid"),
    ),
    Field(
        name="ttp",
        label="Cookie id",
        type="string",
        default=first("$.properties.ttp", "$.context.ttp", "$.integrations['TikTok Conversions'].ttp"),
    ),
    IP,
    USER_AGENT,
    Field(name="locale", label="Locale", type="string", default=path("$.context.locale")),
    PAGE_URL,
    PAGE_REFERRER,
    Field(name="contents", label="Contents", type="object", multiple=True),
    Field(name="content_type", label="Type of contents", type="string", choices=("product", "product_group")),
    Field(
        name="value",
        label="Value",
        type="number",
        default=first("$.properties.revenue", "$.properties.total", "$.properties.value", "$.properties.price"),
    ),
    CURRENCY,
    ORDER_ID,
    Field(name="query", label="Search", type="string", default=path("$.properties.query")),
    Field(name="description", label="Description", type="string"),
    Field(name="properties", label="More", type="object", description="Laid over the members above."),
    Field(name="limited_data_use", label="Limited data use", type="boolean"),
)
_OF_PRODUCTS = {"contents": products(_ITEM), "content_type": "product"}
_OF_PRODUCT = {"contents": product(_ITEM), "content_type": "product"}


def _preset(name: str, event: str, trigger: str, **mapping: Any) -> Preset:
    return Preset(name=name, action="report_event", trigger=trigger, mapping={"event": event} | mapping)


TYPE = DestinationType(
    name="tiktok-events",
    label="TikTok Events API",
    category="advertising",
    description="Send hashed conversion events and audiences to TikTok Ads.",
    settings=TiktokEventsSettings,
    actions=(
        Action(
            name="report_event",
            label="Report an event",
            description="A standard event or one of your own.",
            perform=report_event,
            fields=_FIELDS,
            batch=Batch(items_max=EVENTS_MAX, bytes_max=BATCH_BYTES_MAX, wait_s=1.0),
        ),
        Action(
            name="set_member",
            label="Set an audience",
            description="Adds people to an audience at TikTok, or removes them.",
            perform=set_member,
            fields=(AUDIENCE, MEMBER, like(EMAIL, required=True)),
            batch=Batch(
                items_max=MEMBERS_MAX,
                bytes_max=BATCH_BYTES_MAX,
                wait_s=5.0,
                key=lambda payload: (payload.get("audience"), payload.get("member")),
            ),
        ),
    ),
    presets=(
        _preset("Pages", "Pageview", PAGES),
        _preset("Products viewed", "ViewContent", track("Product Viewed"), **_OF_PRODUCT),
        _preset("Searches", "Search", track("Products Searched")),
        _preset("Products added", "AddToCart", track("Product Added"), **_OF_PRODUCT),
        _preset("Wishes", "AddToWishlist", track("Product Added to Wishlist"), **_OF_PRODUCT),
        _preset("Checkouts", "InitiateCheckout", track("Checkout Started"), **_OF_PRODUCTS),
        _preset("Payment details", "AddPaymentInfo", track("Payment Info Entered")),
        _preset("Orders", "CompletePayment", track("Order Completed"), **_OF_PRODUCTS),
        _preset("Sign-ups", "CompleteRegistration", track("Signed Up")),
        Preset(name="Audience entered", action="set_member", trigger=ENTERED, mapping={"member": True}),
        Preset(name="Audience left", action="set_member", trigger=EXITED, mapping={"member": False}),
    ),
    test=test,
)
