"""Iterable: events, users, carts and orders; audiences as user fields and in lists."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

from headwater.destinations.kit.answers import besides, each, explained, json_of, texts, unsent
from headwater.destinations.kit.common_fields import (
    ALIASES,
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
    ORDER_ID,
    PAGES,
    PHONE,
    PREVIOUS_ID,
    PROPERTIES,
    SCREENS,
    TIMESTAMP,
    TRAITS,
    USER_ID,
    first,
    like,
    path,
    products,
    track,
    tracks,
    viewed,
)
from headwater.destinations.kit.deletion import Deletion
from headwater.destinations.kit.exchange import ask, get_request, json_request, same_for_all
from headwater.destinations.kit.instants import unix_s
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
    Perform,
    Preset,
    Rejected,
    Request,
)
from headwater.destinations.kit.names import compact
from headwater.destinations.kit.outcome import http_outcome
from headwater.destinations.kit.settings import Secret, Settings
from headwater.mapping.fields import Field

BULK = Batch(items_max=1_000, bytes_max=3_000_000)
"""The API takes 4 MB."""
_HOSTS = {"us": "https://api.iterable.com", "eu": "https://api.eu.iterable.com"}
_EMAILS = ("invalidEmails", "notFoundEmails", "invalidDataEmails", "conflictEmails", "forgottenEmails")
_USER_IDS = tuple(name.replace("Emails", "UserIds") for name in _EMAILS)


class IterableSettings(Settings, frozen=True, kw_only=True):
    api_key: Secret
    """A server-side key."""
    region: Literal["us", "eu"] = "us"
    """Where your project's data is stored."""
    lists: dict[str, int] = {}
    """Audience key → id of a static list that its members are kept in."""
    prefer_user_id: bool = True
    """Makes a user of a user id that Iterable does not know, also without an email address."""


Payload = Mapping[str, Any]


def _post(settings: IterableSettings, place: str, body: Any) -> Request:
    return json_request("POST", f"{_HOSTS[settings.region]}/api{place}", body, {"Api-Key": settings.api_key})


def _outcome(answer: Answer) -> Outcome:
    return explained(http_outcome(answer), json_of(answer).get("msg"))


def _of_users(items: Sequence[Item], answer: Answer) -> list[Outcome]:
    """Iterable takes the good ones and names the others by address, by user id, or by the name of the event."""
    body, outcome = json_of(answer), _outcome(answer)
    if not isinstance(outcome, Delivered):
        return same_for_all(items, outcome)
    failed = body.get("failedUpdates")
    lists = [body, failed if isinstance(failed, dict) else {}]
    emails = {value: name for name in _EMAILS for of in lists for value in texts(of.get(name))}
    user_ids = {value: name for name in _USER_IDS for of in lists for value in texts(of.get(name))}
    events = set(texts(body.get("disallowedEventNames")))
    named: dict[int, Outcome] = {}
    for index, item in enumerate(items):
        who = _who(item.payload)
        if item.payload.get("event") in events:
            named[index] = Rejected("MESSAGE_REJECTED", "the project has disallowed events of this name")
        elif who.get("email") in emails:
            named[index] = Rejected("BAD_REQUEST", f"counted among {emails[who['email']]}")
        elif who.get("userId") in user_ids:
            named[index] = Rejected("BAD_REQUEST", f"counted among {user_ids[who['userId']]}")
    return each(items, named, outcome)


def _who(payload: Payload) -> dict[str, Any]:
    return compact({"email": payload.get("email"), "userId": payload.get("user_id")})


NOBODY = unsent("neither `email` nor `user_id`: Iterable could not tell whose it is")

Bodies = Callable[[IterableSettings, Sequence[Payload]], tuple[str, Any]]


def bulk(build: Bodies) -> Callable[[IterableSettings], Perform]:
    """An action whose payloads are each a user, or something of one; `build` gives the place and the body."""

    def of_settings(settings: IterableSettings) -> Perform:
        return lambda items, _attempt: _bulk(settings, items, build)

    return of_settings


def _bulk(settings: IterableSettings, items: Sequence[Item], build: Bodies) -> Exchange:
    def send(known: Sequence[Item]) -> Exchange:
        answer = yield from ask(_post(settings, *build(settings, [item.payload for item in known])))
        return _of_users(known, answer)

    nobodies = [index for index, item in enumerate(items) if not _who(item.payload)]
    return besides(items, dict.fromkeys(nobodies, NOBODY), send)


# --- bodies -----------------------------------------------------------------------------------------------


def _events(_: IterableSettings, payloads: Sequence[Payload]) -> tuple[str, Any]:
    events = [
        {
            **_who(payload),
            "eventName": payload["event"],
            "dataFields": payload.get("properties") or {},
            **compact({"id": payload.get("message_id"), "createdAt": unix_s(payload.get("timestamp"))}),
        }
        for payload in payloads
    ]
    return "/events/trackBulk", {"events": events}


def _users(settings: IterableSettings, payloads: Sequence[Payload]) -> tuple[str, Any]:
    users = [_user(settings, payload, _traits(payload)) for payload in payloads]
    return "/users/bulkUpdate", {"users": users, "createNewFields": True}


def _memberships(settings: IterableSettings, payloads: Sequence[Payload]) -> tuple[str, Any]:
    users = [_user(settings, payload, {payload["audience"]: payload["member"]}) for payload in payloads]
    return "/users/bulkUpdate", {"users": users, "createNewFields": True}


def _user(settings: IterableSettings, payload: Payload, fields: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **_who(payload),
        "dataFields": dict(fields),
        "preferUserId": settings.prefer_user_id,
        "mergeNestedObjects": True,
    }


def _traits(payload: Payload) -> dict[str, Any]:
    traits = {k: v for k, v in (payload.get("traits") or {}).items() if k not in _SAID_OTHERWISE}
    names = {"firstName": "first_name", "lastName": "last_name", "phoneNumber": "phone"}
    return {**traits, **compact({name: payload.get(key) for name, key in names.items()})}


def _subscribers(settings: IterableSettings, payloads: Sequence[Payload]) -> tuple[str, Any]:
    listed = [{**_who(payload), "preferUserId": settings.prefer_user_id} for payload in payloads]
    return "/lists/subscribe", {"listId": payloads[0]["list_id"], "subscribers": listed}


def _leavers(_: IterableSettings, payloads: Sequence[Payload]) -> tuple[str, Any]:
    return "/lists/unsubscribe", {"listId": payloads[0]["list_id"], "subscribers": [_who(p) for p in payloads]}


# --- commerce ---------------------------------------------------------------------------------------------


def commerce(place: str) -> Callable[[IterableSettings], Perform]:
    """An order, or a cart: one a request."""

    def of_settings(settings: IterableSettings) -> Perform:
        def perform(items: Sequence[Item], _attempt: Attempt) -> Exchange:
            (item,) = items
            if not _who(item.payload):
                return [NOBODY]
            answer = yield from ask(_post(settings, place, _order(settings, item.payload)))
            return [_outcome(answer)]

        return perform

    return of_settings


def _order(settings: IterableSettings, payload: Payload) -> dict[str, Any]:
    goods = [
        compact(
            {
                **product_,
                "price": product_.get("price", 0),
                "quantity": product_.get("quantity", 1),
                "categories": [product_["categories"]] if product_.get("categories") else None,
            }
        )
        for product_ in payload.get("products") or ()
    ]
    order = {
        "id": payload.get("order_id"),
        "total": payload.get("total"),
        "createdAt": unix_s(payload.get("timestamp")),
        "dataFields": {k: v for k, v in (payload.get("properties") or {}).items() if k != "products"},
    }
    user = {**_who(payload), "preferUserId": settings.prefer_user_id}
    return {"user": user, "items": goods, **(compact(order) if "total" in payload else {})}


# --- audiences, test, deletion ----------------------------------------------------------------------------


def set_membership(settings: IterableSettings) -> Perform:
    """The field for everybody; the list of an audience that has one."""

    def perform(items: Sequence[Item], _attempt: Attempt) -> Exchange:
        outcomes = list((yield from _bulk(settings, items, _memberships)))
        groups: dict[tuple[int, bool], list[int]] = {}
        for index, item in enumerate(items):
            list_id = settings.lists.get(item.payload["audience"])
            if list_id and isinstance(outcomes[index], Delivered):
                groups.setdefault((list_id, item.payload["member"]), []).append(index)
        for (list_id, member), indexes in groups.items():
            part = [items[n]._replace(payload=items[n].payload | {"list_id": list_id}) for n in indexes]
            results = yield from _bulk(settings, part, _subscribers if member else _leavers)
            for index, outcome in zip(indexes, results, strict=True):
                outcomes[index] = outcome
        return outcomes

    return perform


def merge_users(settings: IterableSettings) -> Perform:
    """One user a request: the API has no bulk form."""

    def perform(items: Sequence[Item], _attempt: Attempt) -> Exchange:
        (item,) = items
        body = {"sourceUserId": item.payload["previous_id"], "destinationUserId": item.payload["user_id"]}
        answer = yield from ask(_post(settings, "/users/merge", body))
        return [_outcome(answer)]

    return perform


def test(settings: IterableSettings, _attempt: Attempt) -> Exchange:
    """Asks for the lists of the project."""
    url = _HOSTS[settings.region] + "/api/lists"
    answer = yield from ask(get_request(url, {"Api-Key": settings.api_key}))
    return [_outcome(answer)]


def deletions(settings: IterableSettings) -> Callable[[Deletion, Attempt], Exchange]:
    """Forgotten for good: Iterable also refuses data about this user from then on."""

    def perform(deletion: Deletion, _attempt: Attempt) -> Exchange:
        answer = yield from ask(_post(settings, "/users/forget", {"userId": deletion.user_id}))
        return [_outcome(answer)]

    return perform


# --- fields -----------------------------------------------------------------------------------------------

_WHO = (EMAIL, USER_ID)
_SAID_OTHERWISE = {"email", "firstName", "first_name", "lastName", "last_name", "phone"}
_LIST = Field(name="list_id", label="List", type="integer", required=True)
_PRODUCT = {
    "id": first("$.product_id", "$.sku"),
    "sku": path("$.sku"),
    "name": path("$.name"),
    "price": path("$.price"),
    "quantity": path("$.quantity"),
    "categories": path("$.category"),
    "url": path("$.url"),
    "imageUrl": path("$.image_url"),
}
_PRODUCTS = Field(
    name="products", label="Products", type="object", multiple=True, required=True, default=products(_PRODUCT)
)


def _same_list(payload: Payload) -> Any:
    return payload.get("list_id")


LISTED = Batch(items_max=BULK.items_max, bytes_max=BULK.bytes_max, key=_same_list)

TYPE = DestinationType(
    name="iterable",
    label="Iterable",
    category="messaging",
    description="Send events, users, carts and orders to Iterable. Audiences become fields and lists.",
    settings=IterableSettings,
    actions=(
        Action(
            name="track_event",
            label="Track an event",
            description="A custom event.",
            perform=bulk(_events),
            fields=(EVENT, *_WHO, TIMESTAMP, MESSAGE_ID, PROPERTIES),
            batch=BULK,
        ),
        Action(
            name="track_purchase",
            label="Track a purchase",
            description="An order with its products.",
            perform=commerce("/commerce/trackPurchase"),
            fields=(
                *_WHO,
                TIMESTAMP,
                _PRODUCTS,
                Field(
                    name="total",
                    label="Total",
                    type="number",
                    required=True,
                    default=first("$.properties.total", "$.properties.revenue", "$.properties.value"),
                ),
                ORDER_ID,
                PROPERTIES,
            ),
        ),
        Action(
            name="update_cart",
            label="Update a cart",
            description="What is in the cart now; replaces what was.",
            perform=commerce("/commerce/updateCart"),
            fields=(*_WHO, _PRODUCTS),
        ),
        Action(
            name="update_user",
            label="Update a user",
            description="Traits become user fields, new ones too.",
            perform=bulk(_users),
            fields=(*_WHO, FIRST_NAME, LAST_NAME, PHONE, TRAITS),
            batch=BULK,
        ),
        Action(
            name="merge_users",
            label="Merge users",
            description="The user with the previous id becomes part of the other.",
            perform=merge_users,
            fields=(like(USER_ID, required=True), PREVIOUS_ID),
        ),
        Action(
            name="add_to_list",
            label="Add to a list",
            description="Of a static list.",
            perform=bulk(_subscribers),
            fields=(_LIST, *_WHO),
            batch=LISTED,
        ),
        Action(
            name="remove_from_list",
            label="Remove from a list",
            description="Leaves subscriptions to channels as they are.",
            perform=bulk(_leavers),
            fields=(_LIST, *_WHO),
            batch=LISTED,
        ),
        Action(
            name="set_membership",
            label="Set an audience",
            description="A user field named like the audience, and the list that `lists` names for it.",
            perform=set_membership,
            fields=(*_WHO, AUDIENCE, MEMBER),
            batch=BULK,
        ),
    ),
    presets=(
        Preset(name="Track calls", action="track_event", trigger=tracks("Order Completed", "Cart Viewed")),
        Preset(name="Orders", action="track_purchase", trigger=track("Order Completed")),
        Preset(name="Carts", action="update_cart", trigger=track("Cart Viewed")),
        Preset(name="Pages", action="track_event", trigger=PAGES, mapping={"event": viewed("Page")}),
        Preset(name="Screens", action="track_event", trigger=SCREENS, mapping={"event": viewed("Screen")}),
        Preset(name="Users", action="update_user", trigger=IDENTIFIES),
        Preset(name="Aliases", action="merge_users", trigger=ALIASES),
        Preset(name="Audience entered", action="set_membership", trigger=ENTERED, mapping={"member": True}),
        Preset(name="Audience left", action="set_membership", trigger=EXITED, mapping={"member": False}),
    ),
    test=test,
    deletions=deletions,
)
