"""Klaviyo: events, orders and profiles; audiences as profile properties and in lists."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any
from urllib.parse import quote

from headwater.destinations.kit import people
from headwater.destinations.kit.answers import besides, explained, isolated, json_of, objects, unsent
from headwater.destinations.kit.common_fields import (
    ANONYMOUS_ID,
    AUDIENCE,
    EMAIL,
    ENTERED,
    EVENT,
    EXITED,
    FIRST_NAME,
    IDENTIFIES,
    LAST_NAME,
    MEMBER,
    MESSAGE_ID,
    PAGES,
    PHONE,
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
from headwater.destinations.kit.deletion import Deletion
from headwater.destinations.kit.exchange import ask, ask_all, get_request, json_request
from headwater.destinations.kit.model import (
    Action,
    Answer,
    Attempt,
    Batch,
    Delivered,
    DestinationType,
    Exchange,
    Item,
    Outcome,
    Pace,
    Perform,
    Preset,
    Rejected,
    Request,
)
from headwater.destinations.kit.names import compact
from headwater.destinations.kit.outcome import http_outcome
from headwater.destinations.kit.settings import Secret, Settings
from headwater.errors import Problem
from headwater.mapping.fields import Field

REVISION = "2024-10-15"
"""Of the API. Klaviyo keeps a revision for two years and more."""
_API = "https://a.klaviyo.com/api"
EVENTS = Batch(items_max=200, bytes_max=4_000_000, wait_s=1.0)
"""A bulk request takes 1,000 events and 5 MB; an order becomes several. Klaviyo counts requests, 10 a second of
these, so a second's worth goes together.
"""
PROFILES = Batch(items_max=1_000, bytes_max=4_000_000, wait_s=1.0)
"""A bulk import takes 10,000 profiles and 5 MB."""
MEMBERS = Batch(items_max=100, bytes_max=500_000, wait_s=1.0)
"""Those who leave a list are looked up, 100 a page."""


class KlaviyoSettings(Settings, frozen=True, kw_only=True):
    api_key: Secret
    """A private key; needs full access to events, profiles, lists and subscriptions."""
    lists: dict[str, str] = {}
    """Audience key → id of a list that its members are kept in."""
    phone_region: str = ""
    """Two letters, as in `US`: where phone numbers without `+` are from. Klaviyo takes E.164 only."""


def problems(settings: KlaviyoSettings) -> list[Problem]:
    if settings.phone_region and not people.is_region(settings.phone_region):
        return [Problem("expected a country's two letters, as in US", "phone_region")]
    return []


Payload = Mapping[str, Any]


def _request(settings: KlaviyoSettings, method: str, place: str, body: Any) -> Request:
    return json_request(method, _API + place, body, _headers(settings))


def _headers(settings: KlaviyoSettings) -> dict[str, str]:
    return {
        "Authorization": f"Klaviyo-API-Key {settings.api_key}",
        "revision": REVISION,
        "Accept": "application/vnd.api+json",
        "Content-Type": "application/vnd.api+json",
    }


def _outcome(answer: Answer) -> Outcome:
    errors = objects(json_of(answer).get("errors"))
    said = "; ".join(str(error.get("detail") or error.get("title")) for error in errors)
    return explained(http_outcome(answer), said)


def _blame(place: str) -> Callable[[Answer, Sequence[Item]], Mapping[int, Outcome]]:
    """Errors point at what is wrong: `/data/attributes/profiles/data/3/attributes/email`."""

    def blame(answer: Answer, items: Sequence[Item]) -> Mapping[int, Outcome]:
        named: dict[int, Outcome] = {}
        for error in objects(json_of(answer).get("errors")):
            source = error.get("source")
            pointer = str(source.get("pointer") or "") if isinstance(source, dict) else ""
            index, _, where = pointer.partition(place)[2].partition("/")
            if index.isdigit() and int(index) < len(items):
                said = f"{where}: {error.get('detail') or error.get('title')}"
                named.setdefault(int(index), Rejected("BAD_REQUEST", said))
        return named

    return blame


# --- profiles ---------------------------------------------------------------------------------------------


def _profile(settings: KlaviyoSettings, payload: Payload) -> dict[str, Any]:
    location = {name: payload.get(name) for name in _LOCATION}
    traits = {k: v for k, v in (payload.get("traits") or {}).items() if k not in _SAID_OTHERWISE}
    attributes = {
        "email": people.email(payload.get("email") or ""),
        "phone_number": people.phone(payload.get("phone") or "", settings.phone_region),
        "external_id": payload.get("user_id"),
        "anonymous_id": payload.get("anonymous_id"),
        **{name: payload.get(name) for name in ("first_name", "last_name", "organization", "title", "image")},
        "location": compact(location),
        "properties": {**traits, **(payload.get("properties_set") or {})},
    }
    return {"type": "profile", "attributes": compact(attributes)}


_IDS = ("email", "phone_number", "external_id", "anonymous_id")
NOBODY = unsent("none of `email`, `phone` and `user_id`: Klaviyo could not tell whose it is")


def _nobodies(items: Sequence[Item], settings: KlaviyoSettings) -> dict[int, Outcome]:
    """Those that do not say who they are about, by index."""
    said = [_profile(settings, item.payload)["attributes"] for item in items]
    return {index: NOBODY for index, of in enumerate(said) if not any(of.get(name) for name in _IDS)}


def upsert_profile(settings: KlaviyoSettings) -> Perform:
    return lambda items, _attempt: besides(
        items, _nobodies(items, settings), lambda known: _import(settings, known)
    )


def _import(settings: KlaviyoSettings, items: Sequence[Item], list_id: str = "") -> Exchange:
    """Profiles are made or updated, and put onto a list if there is one. One alone has an endpoint of its own,
    which takes seven times as many requests.
    """

    def build(part: Sequence[Item]) -> Request:
        profiles = [_profile(settings, item.payload) for item in part]
        if len(profiles) == 1 and not list_id:
            return _request(settings, "POST", "/profile-import/", {"data": profiles[0]})
        job: dict[str, Any] = {
            "type": "profile-bulk-import-job",
            "attributes": {"profiles": {"data": profiles}},
        }
        if list_id:
            job["relationships"] = {"lists": {"data": [{"type": "list", "id": list_id}]}}
        return _request(settings, "POST", "/profile-bulk-import-jobs/", {"data": job})

    return (yield from isolated(items, build, blame=_blame("/profiles/data/"), outcome=_outcome))


# --- events -----------------------------------------------------------------------------------------------


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
        made = [(_profile(settings, item.payload), events(item.payload)) for item in part]
        if len(made) == 1 and len(made[0][1]) == 1:
            profile, (event,) = made[0]
            data = {"type": "event", "attributes": {**event, "profile": {"data": profile}}}
            return _request(settings, "POST", "/events/", {"data": data})
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
        return _request(settings, "POST", "/event-bulk-create-jobs/", {"data": job})

    def send(known: Sequence[Item]) -> Exchange:
        return isolated(known, build, blame=_blame("/events-bulk-create/data/"), outcome=_outcome)

    return lambda items, _attempt: besides(items, _nobodies(items, settings), send)


# --- lists and subscriptions ------------------------------------------------------------------------------


def set_membership(settings: KlaviyoSettings) -> Perform:
    """The property for everybody; the list of an audience that has one."""

    def tell(items: Sequence[Item]) -> Exchange:
        told = [_with_property(item) for item in items]
        outcomes: dict[int, Outcome] = {}
        groups: dict[tuple[str, bool], list[int]] = {}
        for index, item in enumerate(told):
            list_id = settings.lists.get(item.payload["audience"], "")
            groups.setdefault((list_id, item.payload["member"]), []).append(index)
        for (list_id, member), indexes in groups.items():
            part = [told[index] for index in indexes]
            results = yield from _import(settings, part, list_id if member else "")
            if list_id and not member:
                failed = {n: of for n, of in enumerate(results) if not isinstance(of, Delivered)}
                results = yield from besides(part, failed, partial(_remove, settings, list_id=list_id))
            outcomes |= dict(zip(indexes, results, strict=True))
        return [outcomes[index] for index in range(len(items))]

    return lambda items, _attempt: besides(items, _nobodies(items, settings), tell)


def _with_property(item: Item) -> Item:
    return item._replace(
        payload=item.payload | {"properties_set": {item.payload["audience"]: item.payload["member"]}}
    )


def add_to_list(settings: KlaviyoSettings) -> Perform:
    def add(known: Sequence[Item]) -> Exchange:
        return _import(settings, known, known[0].payload["list_id"])

    return lambda items, _attempt: besides(items, _nobodies(items, settings), add)


def remove_from_list(settings: KlaviyoSettings) -> Perform:
    def remove(known: Sequence[Item]) -> Exchange:
        return _remove(settings, known, known[0].payload["list_id"])

    return lambda items, _attempt: besides(items, _nobodies(items, settings), remove)


def _remove(settings: KlaviyoSettings, items: Sequence[Item], list_id: str) -> Exchange:
    """Lists are left by Klaviyo's own ids, which are looked up first. Who is not there has left already."""
    asked = [
        (name, sorted({_profile(settings, i.payload)["attributes"].get(name, "") for i in items} - {""}))
        for name in ("email", "external_id", "phone_number")
    ]
    answers = yield from ask_all(
        [get_request(_search(name, values), _headers(settings)) for name, values in asked if values]
    )
    failed = [outcome for outcome in map(_outcome, answers) if not isinstance(outcome, Delivered)]
    if failed:
        return [failed[0]] * len(items)
    found = {str(each_one.get("id")) for answer in answers for each_one in objects(json_of(answer).get("data"))}
    if not found:
        return [Delivered("200")] * len(items)
    body = {"data": [{"type": "profile", "id": id_} for id_ in sorted(found)]}
    answer = yield from ask(_request(settings, "DELETE", f"/lists/{list_id}/relationships/profiles/", body))
    return [_outcome(answer)] * len(items)


def _search(name: str, values: Sequence[str]) -> str:
    texts = ",".join('"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"' for value in values)
    return f"{_API}/profiles/?filter={quote(f'any({name},[{texts}])')}&fields[profile]=email&page[size]=100"


def subscribe(settings: KlaviyoSettings) -> Perform:
    return _consent(settings, "profile-subscription-bulk-create-job", "SUBSCRIBED")


def unsubscribe(settings: KlaviyoSettings) -> Perform:
    return _consent(settings, "profile-subscription-bulk-delete-job", "UNSUBSCRIBED")


def _consent(settings: KlaviyoSettings, job: str, consent: str) -> Perform:
    marketing = {"marketing": {"consent": consent}}

    def build(part: Sequence[Item]) -> Request:
        profiles = []
        for item in part:
            email = people.email(item.payload.get("email") or "")
            phone = people.phone(item.payload.get("phone") or "", settings.phone_region)
            channels = compact({"email": marketing if email else None, "sms": marketing if phone else None})
            about = compact({"email": email, "phone_number": phone, "subscriptions": channels})
            profiles.append({"type": "profile", "attributes": about})
        data: dict[str, Any] = {"type": job, "attributes": {"profiles": {"data": profiles}}}
        if part[0].payload.get("list_id"):
            data["relationships"] = {"list": {"data": {"type": "list", "id": part[0].payload["list_id"]}}}
        return _request(settings, "POST", f"/{job}s/", {"data": data})

    def send(known: Sequence[Item]) -> Exchange:
        return isolated(known, build, blame=_blame("/profiles/data/"), outcome=_outcome)

    return lambda items, _attempt: besides(items, _nobodies(items, settings), send)


# --- test, deletion ---------------------------------------------------------------------------------------


def test(settings: KlaviyoSettings, _attempt: Attempt) -> Exchange:
    """Asks for one profile."""
    answer = yield from ask(get_request(f"{_API}/profiles/?page[size]=1", _headers(settings)))
    return [_outcome(answer)]


def deletions(settings: KlaviyoSettings) -> Callable[[Deletion, Attempt], Exchange]:
    """A deletion names the profile by Klaviyo's own id, which is looked up by the user's."""

    def perform(deletion: Deletion, _attempt: Attempt) -> Exchange:
        answer = yield from ask(get_request(_search("external_id", [deletion.user_id]), _headers(settings)))
        found = objects(json_of(answer).get("data"))
        if not found:
            return [_outcome(answer)]
        profile = {"data": {"type": "profile", "id": str(found[0].get("id"))}}
        job = {"type": "data-privacy-deletion-job", "attributes": {"profile": profile}}
        answer = yield from ask(_request(settings, "POST", "/data-privacy-deletion-jobs/", {"data": job}))
        return [_outcome(answer)]

    return perform


# --- fields -----------------------------------------------------------------------------------------------

_WHO = (EMAIL, PHONE, USER_ID, ANONYMOUS_ID)
_LOCATION = ("address1", "city", "region", "zip", "country", "timezone")
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
    Field(name="zip", label="Postal code", type="string", default=of_person("address.postalCode")),
    Field(name="country", label="Country", type="string", default=of_person("address.country", "country")),
    Field(name="timezone", label="Time zone", type="string", default=path("$.context.timezone")),
)
_SAID_OTHERWISE = {
    *("email", "phone", "firstName", "first_name", "lastName", "last_name", "organization", "title", "avatar"),
    *("address", "city", "state", "country"),
}
_ABOUT = (
    TIMESTAMP,
    MESSAGE_ID,
    Field(
        name="value",
        label="Value",
        type="number",
        default=first("$.properties.value", "$.properties.total", "$.properties.revenue", "$.properties.price"),
    ),
    Field(name="currency", label="Currency", type="string", default=path("$.properties.currency")),
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
    description="Events, orders and profiles for email and SMS; audiences become profile properties and lists.",
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
                Field(name="order_id", label="Order", type="string", default=path("$.properties.order_id")),
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
