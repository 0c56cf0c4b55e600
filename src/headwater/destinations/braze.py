"""Braze: events, purchases and attributes by `/users/track`, aliases, subscriptions; audiences as attributes."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from headwater.destinations.kit.answers import besides, each, explained, isolated, json_of, objects, unsent
from headwater.destinations.kit.authorization import bearer
from headwater.destinations.kit.common_fields import (
    ALIASES,
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
    of_person,
    path,
    products,
    track,
    tracks,
    viewed,
)
from headwater.destinations.kit.deletion import Deletion
from headwater.destinations.kit.exchange import ask, ask_all, json_request
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
from headwater.destinations.kit.urls import host_problems
from headwater.errors import Problem
from headwater.mapping.fields import Field

TRACK_MAX = 75
"""Events, purchases or attributes in one request."""
TRACK = Batch(items_max=TRACK_MAX, bytes_max=2_000_000)
"""The API takes 4 MB."""
USERS = Batch(items_max=50, bytes_max=1_000_000)
"""What the endpoints for aliases, merges and subscriptions take."""
_ALIAS_LABEL = "anonymous_id"


class BrazeSettings(Settings, frozen=True, kw_only=True):
    api_key: Secret
    """A REST API key with permission for what you send, such as `users.track`."""
    endpoint: str
    """The REST endpoint of your Braze instance, for example `https://rest.iad-01.braze.com`."""


def problems(settings: BrazeSettings) -> list[Problem]:
    return host_problems(settings.endpoint, "endpoint")


Payload = Mapping[str, Any]
Part = dict[str, Any]


def _post(settings: BrazeSettings, place: str, body: Any) -> Request:
    return json_request("POST", settings.endpoint.rstrip("/") + place, body, bearer(settings.api_key))


def _who(payload: Payload) -> Part | None:
    """How Braze is told who it is: by the user's id, else an alias made of the anonymous id, else the address."""
    if payload.get("user_id"):
        return {"external_id": payload["user_id"]}
    if payload.get("anonymous_id"):
        alias = {"alias_name": payload["anonymous_id"], "alias_label": _ALIAS_LABEL}
        # Without this Braze leaves out users that it does not know by an external id.
        return {"user_alias": alias, "_update_existing_only": False}
    return {"email": payload["email"]} if payload.get("email") else None


NOBODY = unsent("none of `user_id`, `anonymous_id` and `email`: Braze could not tell whose it is")

# --- /users/track -----------------------------------------------------------------------------------------


def tracking(kind: str, build: Callable[[Payload], list[Part]]) -> Callable[[BrazeSettings], Perform]:
    """An action whose payloads are each one member or several of the list `kind`. Braze takes the good ones and
    names the others by their place in the list.
    """

    def of_settings(settings: BrazeSettings) -> Perform:
        return lambda items, _attempt: _track(settings, items, kind, build)

    return of_settings


def _track(
    settings: BrazeSettings, items: Sequence[Item], kind: str, build: Callable[[Payload], list[Part]]
) -> Exchange:
    outcomes: dict[int, Outcome] = {}
    members: list[tuple[int, Part]] = []
    for index, item in enumerate(items):
        who, parts = _who(item.payload), build(item.payload)
        if who is None or not parts:
            outcomes[index] = unsent("no products: there is nothing to record") if who else NOBODY
            continue
        members += [(index, {**who, **part}) for part in parts]
    cut = [members[start : start + TRACK_MAX] for start in range(0, len(members), TRACK_MAX)]
    requests = [_post(settings, "/users/track", {kind: [member for _, member in part]}) for part in cut]
    answers = (yield from ask_all(requests)) if requests else []
    for part, answer in zip(cut, answers, strict=True):
        for (index, _), outcome in zip(part, _of_members(answer, kind, len(part)), strict=True):
            # An item is delivered if all its members are.
            if index not in outcomes or isinstance(outcomes[index], Delivered):
                outcomes[index] = outcome
    return [outcomes[index] for index in range(len(items))]


def _of_members(answer: Answer, kind: str, count: int) -> list[Outcome]:
    """A 201 may hold errors about members; everything else is about all of them."""
    body, outcome = json_of(answer), http_outcome(answer)
    outcome = explained(outcome, body.get("message"))
    named: dict[int, Outcome] = {}
    if isinstance(outcome, Delivered):
        for error in objects(body.get("errors")):
            if error.get("input_array") == kind and isinstance(error.get("index"), int):
                named[error["index"]] = Rejected("BAD_REQUEST", str(error.get("type")))
    return each(range(count), named, outcome)


def event_parts(payload: Payload) -> list[Part]:
    part = {"name": payload["event"], "time": payload.get("timestamp"), "properties": payload.get("properties")}
    return [compact(part)]


def purchase_parts(payload: Payload) -> list[Part]:
    """One for each product: Braze knows purchases, not orders."""
    order = compact({**(payload.get("properties") or {}), "order_id": payload.get("order_id")})
    return [
        compact(
            {
                "product_id": product.get("product_id"),
                "currency": payload.get("currency"),
                "price": product.get("price"),
                "quantity": product.get("quantity", 1),
                "time": payload.get("timestamp"),
                "properties": {
                    **order,
                    **{k: v for k, v in product.items() if k not in {"product_id", "price", "quantity"}},
                },
            }
        )
        for product in payload.get("products") or ()
    ]


def attribute_parts(payload: Payload) -> list[Part]:
    known = {name: payload.get(name) for name in _ATTRIBUTES}
    traits = {k: v for k, v in (payload.get("traits") or {}).items() if k not in _SAID_OTHERWISE}
    return [{**traits, **compact(known)}]


def membership_parts(payload: Payload) -> list[Part]:
    return [{payload["audience"]: payload["member"]}]


# --- aliases, merges, subscriptions -----------------------------------------------------------------------


def listed(
    place: str, kind: str, build: Callable[[Payload], Part], **more: Any
) -> Callable[[BrazeSettings], Perform]:
    """An action whose payloads are the members of the list `kind`. Braze names none that it refuses; asking again
    with the others changes nothing.
    """

    def of_settings(settings: BrazeSettings) -> Perform:
        def request(items: Sequence[Item]) -> Request:
            return _post(settings, place, {kind: [build(item.payload) for item in items], **more})

        return lambda items, _attempt: isolated(items, request, outcome=_of_list)

    return of_settings


def _of_list(answer: Answer) -> Outcome:
    said = json_of(answer)
    outcome = explained(http_outcome(answer), said.get("message"))
    refused = [error for error in said.get("errors") or () if isinstance(error, str)]
    if isinstance(outcome, Delivered) and refused:
        return explained(Rejected("BAD_REQUEST"), "; ".join(refused))
    return outcome


def _identified(payload: Payload) -> Part:
    alias = {"alias_name": payload["anonymous_id"], "alias_label": _ALIAS_LABEL}
    return {"external_id": payload["user_id"], "user_alias": alias}


def _merge(payload: Payload) -> Part:
    return {
        "identifier_to_merge": {"external_id": payload["previous_id"]},
        "identifier_to_keep": {"external_id": payload["user_id"]},
    }


def _subscription(payload: Payload) -> Part:
    named = {"external_ids": "user_id", "emails": "email", "phones": "phone"}
    who = {name: [payload[key]] for name, key in named.items() if payload.get(key)}
    return {
        "subscription_group_id": payload["subscription_group_id"],
        "subscription_state": payload["state"],
        **who,
    }


def update_user(settings: BrazeSettings) -> Perform:
    """Those with both ids are made one first, so that the attributes meet one user."""

    def update(items: Sequence[Item]) -> Exchange:
        return _track(settings, items, "attributes", attribute_parts)

    def perform(items: Sequence[Item], _attempt: Attempt) -> Exchange:
        linked = [n for n, item in enumerate(items) if {"user_id", "anonymous_id"} <= item.payload.keys()]
        refused: dict[int, Outcome] = {}
        for start in range(0, len(linked), USERS.items_max):
            part = linked[start : start + USERS.items_max]
            aliases = [_identified(items[index].payload) for index in part]
            body = {"aliases_to_identify": aliases, "merge_behavior": "merge"}
            answer = yield from ask(_post(settings, "/users/identify", body))
            outcome = explained(http_outcome(answer), json_of(answer).get("message"))
            if not isinstance(outcome, Delivered):
                refused |= dict.fromkeys(part, outcome)
        return (yield from besides(items, refused, update))

    return perform


# --- test, deletion ---------------------------------------------------------------------------------------


def test(settings: BrazeSettings, _attempt: Attempt) -> Exchange:
    """Tracks nothing: a right key is told that there is nothing (400), a wrong one that it is wrong (401)."""
    answer = yield from ask(_post(settings, "/users/track", {"attributes": []}))
    outcome = explained(http_outcome(answer), json_of(answer).get("message"))
    return [Delivered("400") if isinstance(outcome, Rejected) and outcome.reason == "BAD_REQUEST" else outcome]


def deletions(settings: BrazeSettings) -> Callable[[Deletion, Attempt], Exchange]:
    def perform(deletion: Deletion, _attempt: Attempt) -> Exchange:
        answer = yield from ask(_post(settings, "/users/delete", {"external_ids": [deletion.user_id]}))
        return [explained(http_outcome(answer), json_of(answer).get("message"))]

    return perform


# --- fields -----------------------------------------------------------------------------------------------

_WHO = (USER_ID, ANONYMOUS_ID, like(EMAIL, description="Who it is, where there are no ids."))
_PERSONAL = (
    FIRST_NAME,
    LAST_NAME,
    like(EMAIL),
    PHONE,
    Field(name="country", label="Country", type="string", default=of_person("address.country", "country")),
    Field(name="home_city", label="City", type="string", default=of_person("address.city", "city")),
    Field(name="gender", label="Gender", type="string", default=of_person("gender")),
    Field(name="dob", label="Birthday", type="string", default=of_person("birthday")),
    Field(name="language", label="Language", type="string", default=of_person("language")),
    Field(name="image_url", label="Picture", type="string", default=of_person("avatar")),
    Field(
        name="email_subscribe",
        label="Email subscription",
        type="string",
        choices=("opted_in", "subscribed", "unsubscribed"),
    ),
    Field(
        name="push_subscribe",
        label="Push subscription",
        type="string",
        choices=("opted_in", "subscribed", "unsubscribed"),
    ),
)
_ATTRIBUTES = tuple(field.name for field in _PERSONAL)
_SAID_OTHERWISE = {"firstName", "lastName", "address", "city", "birthday", "avatar"} | set(_ATTRIBUTES)
"""Traits that are attributes of Braze's own under its names."""
_PRODUCT = {
    "product_id": first("$.product_id", "$.sku", "$.name"),
    "price": path("$.price"),
    "quantity": path("$.quantity"),
    "name": path("$.name"),
    "category": path("$.category"),
    "brand": path("$.brand"),
    "variant": path("$.variant"),
}

TYPE = DestinationType(
    name="braze",
    label="Braze",
    category="messaging",
    description="Send events, purchases and user attributes to Braze. Audiences become custom attributes.",
    settings=BrazeSettings,
    problems=problems,
    actions=(
        Action(
            name="track_event",
            label="Track an event",
            description="A custom event.",
            perform=tracking("events", event_parts),
            fields=(EVENT, *_WHO, TIMESTAMP, PROPERTIES),
            batch=TRACK,
        ),
        Action(
            name="track_purchase",
            label="Track a purchase",
            description="A purchase for each product.",
            perform=tracking("purchases", purchase_parts),
            fields=(
                *_WHO,
                TIMESTAMP,
                Field(name="products", label="Products", type="object", multiple=True, default=products(_PRODUCT)),
                Field(
                    name="currency",
                    label="Currency",
                    type="string",
                    default={
                        "@if": {
                            "exists": path("$.properties.currency"),
                            "then": path("$.properties.currency"),
                            "else": "USD",
                        }
                    },
                ),
                ORDER_ID,
                Field(name="properties", label="Properties of each", type="object"),
            ),
            batch=TRACK,
        ),
        Action(
            name="update_user",
            label="Update a user",
            description="Traits become attributes; what was known under the anonymous id becomes the user's.",
            perform=update_user,
            fields=(USER_ID, ANONYMOUS_ID, *_PERSONAL, TRAITS),
            batch=TRACK,
        ),
        Action(
            name="identify_alias",
            label="Give an alias to a user",
            description="What was known under the anonymous id becomes the user's.",
            perform=listed("/users/identify", "aliases_to_identify", _identified, merge_behavior="merge"),
            fields=(like(USER_ID, required=True), like(ANONYMOUS_ID, required=True)),
            batch=USERS,
        ),
        Action(
            name="merge_users",
            label="Merge users",
            description="What was known under the previous id becomes the user's.",
            perform=listed("/users/merge", "merge_updates", _merge),
            fields=(like(USER_ID, required=True), PREVIOUS_ID),
            batch=USERS,
        ),
        Action(
            name="set_subscription",
            label="Set a subscription",
            description="Puts a user into a subscription group, or takes them out.",
            perform=listed("/v2/subscription/status/set", "subscription_groups", _subscription),
            fields=(
                Field(name="subscription_group_id", label="Subscription group", type="string", required=True),
                Field(
                    name="state",
                    label="State",
                    type="string",
                    required=True,
                    choices=("subscribed", "unsubscribed"),
                    default="subscribed",
                ),
                USER_ID,
                EMAIL,
                PHONE,
            ),
            batch=USERS,
        ),
        Action(
            name="set_membership",
            label="Set an audience",
            description="A custom attribute named like the audience: true for members, false for those who left.",
            perform=tracking("attributes", membership_parts),
            fields=(*_WHO, AUDIENCE, MEMBER),
            batch=TRACK,
        ),
    ),
    presets=(
        Preset(name="Track calls", action="track_event", trigger=tracks("Order Completed")),
        Preset(name="Orders", action="track_purchase", trigger=track("Order Completed")),
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
