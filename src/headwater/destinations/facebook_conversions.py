"""Facebook (Meta) Conversions API: what people did, hashed, and custom audiences."""

import re
from collections.abc import Generator, Hashable, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from headwater.destinations.kit import people
from headwater.destinations.kit.answers import besides, explained, isolated, json_of, objects, unsent
from headwater.destinations.kit.authorization import bearer
from headwater.destinations.kit.common_fields import (
    AUDIENCE,
    CITY,
    COUNTRY,
    CURRENCY,
    EMAIL,
    ENTERED,
    EXITED,
    FIRST_NAME,
    IP,
    LAST_NAME,
    MEMBER,
    MESSAGE_ID,
    ORDER_ID,
    PAGE_URL,
    PAGES,
    PHONE,
    POSTAL_CODE,
    STATE,
    TIMESTAMP,
    USER_AGENT,
    first,
    like,
    of_person,
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
from headwater.errors import Problem
from headwater.mapping.fields import Field

EVENTS_MAX = 1_000
"""Meta's own, and so is that of people below."""
MEMBERS_MAX = 10_000
BATCH_BYTES_MAX = 5_000_000
"""Meta names none; a thousand ordinary events have one megabyte."""
EVENT_AGE_S_MAX = 7 * 24 * 3600
"""Of website events; one older makes Meta refuse the whole request. Physical stores have 62 days."""
STORE_AGE_S_MAX = 62 * 24 * 3600
LIMITED_S = 60.0
"""Meta counts calls over an hour and says no more than that there were too many."""
ACTION_SOURCES = (
    *("website", "app", "email", "phone_call", "chat", "physical_store"),
    *("system_generated", "business_messaging", "other"),
)
_LIMITED = {4, 17, 32, 341, 613, 80003, 80004, 80014}
"""Error codes of too many calls, which come with status 400 or 403."""
_PASSING = {1, 2}
_BAD_TOKEN = {102, 190}
_ZIP_PLUS_4 = re.compile(r"\d{5}-?\d{4}")
_FORBIDDEN = {3, 10, *range(200, 300)}


class FacebookSettings(Settings, frozen=True, kw_only=True):
    pixel_id: str
    """Of the dataset (pixel)."""
    access_token: Secret
    """Of a system user, or made for the dataset in the Events Manager."""
    test_event_code: str = ""
    """Events appear under "Test events" and count nowhere."""
    region: str = ""
    """Two letters, as in `US`: where phone numbers are from that do not begin with `+`."""
    audiences: dict[str, str] = {}
    """Audience key to the id of a custom audience."""
    ad_account_id: str = ""
    """Whose custom audiences are looked through for one called like the audience, if `audiences` names none."""
    api_version: str = "v26.0"


def problems(settings: FacebookSettings) -> list[Problem]:
    found = []
    if not settings.pixel_id.isdigit():
        found.append(Problem("expected digits", "pixel_id"))
    if settings.ad_account_id and not settings.ad_account_id.removeprefix("act_").isdigit():
        found.append(Problem("expected digits, with or without act_", "ad_account_id"))
    if not settings.api_version.startswith("v") or not settings.api_version[1:].replace(".", "", 1).isdigit():
        found.append(Problem("expected a version like v26.0", "api_version"))
    return found


def _url(settings: FacebookSettings, place: str) -> str:
    return f"https://graph.facebook.com/{settings.api_version}/{place}"


def outcome_of(answer: Answer) -> Outcome:
    """Meta's own codes say more than the status, which is 400 also for what passes."""
    outcome, error = http_outcome(answer), json_of(answer).get("error")
    if isinstance(outcome, Delivered) or not isinstance(error, dict):
        return outcome
    code = error["code"] if isinstance(error.get("code"), int) else 0
    if code in _LIMITED:
        outcome = RetryLater("429", "", LIMITED_S)
    elif code in _PASSING or error.get("is_transient"):
        outcome = RetryLater("503")
    elif code in _BAD_TOKEN:
        outcome = Rejected("401")
    elif code in _FORBIDDEN:
        outcome = Rejected("403")
    return explained(outcome, error.get("error_user_msg") or error.get("message"))


# --- events -----------------------------------------------------------------------------------------------


def send_event(settings: FacebookSettings) -> Perform:
    url = _url(settings, f"{settings.pixel_id}/events")

    def request(items: Sequence[Item]) -> Request:
        events = [event_of(item.payload, settings.region) for item in items]
        body = compact({"data": events, "test_event_code": settings.test_event_code})
        return json_request("POST", url, body, bearer(settings.access_token))

    def upload(rest: Sequence[Item]) -> Exchange:
        return isolated(rest, request, outcome=outcome_of)

    def perform(items: Sequence[Item], attempt: Attempt) -> Exchange:
        verdicts = [_refusal(item.payload, settings.region, attempt.at_s) for item in items]
        refused = {index: why for index, why in enumerate(verdicts) if why}
        return (yield from besides(items, refused, upload))

    return perform


def _refusal(payload: Mapping[str, Any], region: str, now_s: float) -> Rejected | None:
    """What would make Meta refuse the whole request."""
    at_s = unix_s(payload.get("event_time"))
    if at_s is None:
        return unsent("no time of the event", "PAYLOAD_VALIDATION_FAILED")
    if not user_data(payload, region):
        return unsent("nothing says who it was", "PAYLOAD_VALIDATION_FAILED")
    store = payload.get("action_source") == "physical_store"
    if now_s - at_s > (STORE_AGE_S_MAX if store else EVENT_AGE_S_MAX):
        return unsent(f"older than {62 if store else 7} days: Meta takes no such events")
    return None


def event_of(payload: Mapping[str, Any], region: str) -> dict[str, Any]:
    custom = {name: payload.get(name) for name in _CUSTOM} | (payload.get("custom_data") or {})
    options = {name: payload.get(name) for name in _OPTIONS}
    return compact(
        {
            "event_name": payload["event_name"],
            "event_time": unix_s(payload.get("event_time")),
            "event_id": payload.get("event_id"),
            "event_source_url": payload.get("event_source_url"),
            "action_source": payload.get("action_source"),
            "user_data": user_data(payload, region),
            "custom_data": compact(custom),
            **options,
        }
    )


def user_data(payload: Mapping[str, Any], region: str) -> dict[str, Any]:
    """Hashed where Meta wants hashes; the address and browser of the device, and Meta's own ids, as they are."""
    hashes = {
        "em": people.email_hash(payload.get("email") or ""),
        "ph": people.phone_hash(payload.get("phone") or "", region, plus=False),
        "fn": people.name_hash(payload.get("first_name") or ""),
        "ln": people.name_hash(payload.get("last_name") or ""),
        "ct": people.name_hash(payload.get("city") or ""),
        "st": people.name_hash(payload.get("state") or ""),
        "zp": people.hashed(_postal_code(payload.get("zip") or "")),
        "country": people.name_hash(payload.get("country") or ""),
        "ge": people.hashed(people.name(payload.get("gender") or "")[:1]),
        "db": people.hashed("".join(char for char in payload.get("birthday") or "" if char.isdigit())[:8]),
        "external_id": people.hashed((payload.get("external_id") or "").strip()),
    }
    as_is = {name: payload.get(name) for name in ("client_ip_address", "client_user_agent", "fbc", "fbp", "madid")}
    return compact({name: [value] for name, value in hashes.items() if value} | as_is)


def _postal_code(text: str) -> str:
    """Lower case, without spaces; of American ones the first five digits."""
    plain = "".join(text.lower().split())
    return plain[:5] if _ZIP_PLUS_4.fullmatch(plain) else plain


# --- audiences --------------------------------------------------------------------------------------------

_SCHEMA = ("EXTERN_ID", "EMAIL", "PHONE", "FN", "LN")


def set_member(settings: FacebookSettings) -> Perform:
    def perform(items: Sequence[Item], _: Attempt) -> Exchange:
        audience, member = items[0].payload["audience"], items[0].payload["member"]
        audience_id = yield from _audience(settings, audience)
        if not isinstance(audience_id, str):
            return same_for_all(items, audience_id)
        url = _url(settings, f"{audience_id}/users")

        def request(asked: Sequence[Item]) -> Request:
            rows = [_row(item.payload, settings.region) for item in asked]
            body = {"payload": {"schema": _SCHEMA, "data": rows}}
            return json_request("POST" if member else "DELETE", url, body, bearer(settings.access_token))

        return (yield from isolated(items, request, outcome=outcome_of))

    return perform


def _row(payload: Mapping[str, Any], region: str) -> list[str]:
    """In the order of the schema; what is not known is empty. Our own id is not hashed: Meta keeps it as it is."""
    return [
        payload.get("external_id") or "",
        people.email_hash(payload.get("email") or ""),
        people.phone_hash(payload.get("phone") or "", region, plus=False),
        people.name_hash(payload.get("first_name") or ""),
        people.name_hash(payload.get("last_name") or ""),
    ]


def _audience(settings: FacebookSettings, name: str) -> Generator[Calls, Answers, str | Outcome]:
    """The id of the custom audience, or why there is none."""
    if name in settings.audiences:
        return settings.audiences[name]
    if not settings.ad_account_id:
        return unsent(f"the setting `audiences` names no custom audience for {name}", "INVALID_SETTINGS")
    query = urlencode({"fields": "id,name", "limit": "1000"})
    place = f"act_{settings.ad_account_id.removeprefix('act_')}/customaudiences?{query}"
    answer = yield from ask(get_request(_url(settings, place), bearer(settings.access_token)))
    outcome = outcome_of(answer)
    if not isinstance(outcome, Delivered):
        return outcome
    ids = [each.get("id") for each in objects(json_of(answer).get("data")) if each.get("name") == name]
    if not ids:
        return unsent(f"no custom audience called {name} in the ad account", "INVALID_SETTINGS")
    return str(ids[0])


def _alike(payload: Mapping[str, Any]) -> Hashable:
    return payload.get("audience"), payload.get("member")


def test(settings: FacebookSettings, _: Attempt) -> Exchange:
    """Sends no events. Meta complains about that (code 100) only to those whose token is right."""
    url = _url(settings, f"{settings.pixel_id}/events")
    answer = yield from ask(json_request("POST", url, {"data": []}, bearer(settings.access_token)))
    error = json_of(answer).get("error")
    if isinstance(error, dict) and error.get("code") == 100 and error.get("error_subcode") != 33:
        return [Delivered("400")]  # subcode 33: there is no such dataset, or the token may not see it
    return [outcome_of(answer)]


# --- fields -----------------------------------------------------------------------------------------------

_OPTIONS = (
    "data_processing_options",
    "data_processing_options_country",
    "data_processing_options_state",
    "opt_out",
)
_CUSTOM = (
    *("value", "currency", "content_ids", "contents", "content_type", "content_name", "content_category"),
    *("num_items", "order_id", "search_string", "status"),
)
_ITEM = {
    "id": first("$.product_id", "$.sku"),
    "quantity": path("$.quantity"),
    "item_price": path("$.price"),
}
_EXTERNAL_ID = Field(
    name="external_id", label="External id", type="string", default=first("$.userId", "$.anonymousId")
)
_USER = (
    _EXTERNAL_ID,
    EMAIL,
    PHONE,
    FIRST_NAME,
    LAST_NAME,
    CITY,
    STATE,
    POSTAL_CODE,
    COUNTRY,
    Field(name="gender", label="Gender", type="string", default=of_person("gender")),
    Field(
        name="birthday", label="Birthday", type="string", description="YYYY-MM-DD.", default=of_person("birthday")
    ),
    like(IP, name="client_ip_address"),
    like(USER_AGENT, name="client_user_agent"),
    Field(
        name="fbc",
        label="Click id",
        type="string",
        description="The cookie `_fbc`.",
        default=first("$.properties.fbc", "$.context.fbc", "$.integrations['Facebook Conversions API'].fbc"),
    ),
    Field(
        name="fbp",
        label="Browser id",
        type="string",
        description="The cookie `_fbp`.",
        default=first("$.properties.fbp", "$.context.fbp", "$.integrations['Facebook Conversions API'].fbp"),
    ),
    Field(name="madid", label="Advertising id", type="string", default=path("$.context.device.advertisingId")),
)
_EVENT = (
    Field(name="event_name", label="Event", type="string", required=True, default=path("$.event")),
    like(TIMESTAMP, name="event_time", label="Time", required=True),
    like(MESSAGE_ID, name="event_id", description="Equal to that of the pixel's event, which then counts once."),
    Field(
        name="action_source",
        label="Where it happened",
        type="string",
        required=True,
        choices=ACTION_SOURCES,
        default="website",
    ),
    like(PAGE_URL, name="event_source_url", label="Page address"),
    Field(
        name="value",
        label="Value",
        type="number",
        default=first("$.properties.revenue", "$.properties.total", "$.properties.value", "$.properties.price"),
    ),
    CURRENCY,
    Field(name="content_ids", label="Ids of contents", type="string", multiple=True),
    Field(name="contents", label="Contents", type="object", multiple=True),
    Field(name="content_type", label="Type of contents", type="string", choices=("product", "product_group")),
    Field(name="content_name", label="Name of the content", type="string", default=path("$.properties.name")),
    Field(
        name="content_category",
        label="Category of the content",
        type="string",
        default=path("$.properties.category"),
    ),
    Field(name="num_items", label="Number of items", type="integer"),
    ORDER_ID,
    Field(name="search_string", label="Search", type="string", default=path("$.properties.query")),
    Field(name="status", label="Status", type="string"),
    Field(name="custom_data", label="More", type="object", description="Laid over the members above."),
    Field(
        name="data_processing_options",
        label="Data processing options",
        type="string",
        multiple=True,
        description="`LDU`: limited data use.",
    ),
    Field(name="data_processing_options_country", label="Their country", type="integer"),
    Field(name="data_processing_options_state", label="Their state", type="integer"),
    Field(name="opt_out", label="Only for attribution", type="boolean"),
)
_OF_PRODUCTS = {"contents": products(_ITEM), "content_type": "product"}
_OF_PRODUCT = {"contents": product(_ITEM), "content_type": "product"}


def _preset(name: str, event_name: str, trigger: str, **mapping: Any) -> Preset:
    return Preset(name=name, action="send_event", trigger=trigger, mapping={"event_name": event_name} | mapping)


TYPE = DestinationType(
    name="facebook-conversions",
    label="Facebook Conversions API",
    category="advertising",
    description="Send hashed conversion events to Meta. Audiences become custom audiences.",
    settings=FacebookSettings,
    problems=problems,
    actions=(
        Action(
            name="send_event",
            label="Send an event",
            description="A standard event or one of your own.",
            perform=send_event,
            fields=(*_EVENT, *_USER),
            batch=Batch(items_max=EVENTS_MAX, bytes_max=BATCH_BYTES_MAX, wait_s=1.0),
        ),
        Action(
            name="set_member",
            label="Set an audience",
            description="Adds people to a custom audience, or removes them.",
            perform=set_member,
            fields=(AUDIENCE, MEMBER, _EXTERNAL_ID, EMAIL, PHONE, FIRST_NAME, LAST_NAME),
            batch=Batch(items_max=MEMBERS_MAX, bytes_max=BATCH_BYTES_MAX, wait_s=5.0, key=_alike),
        ),
    ),
    presets=(
        _preset("Pages", "PageView", PAGES),
        _preset("Products viewed", "ViewContent", track("Product Viewed"), **_OF_PRODUCT),
        _preset("Searches", "Search", track("Products Searched")),
        _preset("Products added", "AddToCart", track("Product Added"), **_OF_PRODUCT),
        _preset("Checkouts", "InitiateCheckout", track("Checkout Started"), **_OF_PRODUCTS),
        _preset("Orders", "Purchase", track("Order Completed"), **_OF_PRODUCTS),
        _preset("Sign-ups", "CompleteRegistration", track("Signed Up")),
        Preset(name="Audience entered", action="set_member", trigger=ENTERED, mapping={"member": True}),
        Preset(name="Audience left", action="set_member", trigger=EXITED, mapping={"member": False}),
    ),
    test=test,
)
