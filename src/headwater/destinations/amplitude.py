"""Amplitude: events, users, groups and revenue by the batch API; audiences as user properties."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

import msgspec

from headwater.destinations.kit.answers import explained, isolated, json_of, unsent
from headwater.destinations.kit.authorization import basic
from headwater.destinations.kit.common_fields import (
    ALIASES,
    ANONYMOUS_ID,
    AUDIENCE,
    CURRENCY,
    ENTERED,
    EVENT,
    EXITED,
    GROUP_ID,
    GROUPS,
    IDENTIFIES,
    IP,
    MEMBER,
    MESSAGE_ID,
    ORDER_ID,
    PAGES,
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
from headwater.destinations.kit.exchange import ask, form_request, get_request, json_request
from headwater.destinations.kit.instants import unix_ms
from headwater.destinations.kit.model import (
    Action,
    Answer,
    Attempt,
    Batch,
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
from headwater.destinations.kit.names import compact, set_and_unset
from headwater.destinations.kit.outcome import http_outcome
from headwater.destinations.kit.settings import Secret, Settings
from headwater.mapping.fields import Field

BATCH = Batch(items_max=1_000, bytes_max=5_000_000)
"""The API takes 20 MB; what the mapping adds to an event stays far below the rest."""
THROTTLED_S = 30.0
"""Amplitude's advice for a user or device that sends too much."""
_HOSTS = {"us": "https://api2.amplitude.com", "eu": "https://api.eu.amplitude.com"}
_DASHBOARDS = {"us": "https://amplitude.com", "eu": "https://analytics.eu.amplitude.com"}
_USER_MAPS = {"us": "https://api.amplitude.com", "eu": "https://api.eu.amplitude.com"}
_BLAMING = ("events_with_invalid_fields", "events_with_missing_fields", "events_with_invalid_id_lengths")


class AmplitudeSettings(Settings, frozen=True, kw_only=True):
    api_key: Secret
    """Of the project."""
    secret_key: Secret = ""
    """Secret key of the project. Needed to delete users and to test the connection."""
    region: Literal["us", "eu"] = "us"
    """Where your project's data is stored."""
    min_id_length: int = 1
    """Shorter user and device IDs are rejected. Amplitude's own default is 5."""


Event = dict[str, Any]
Build = Callable[[Mapping[str, Any]], list[Event]]


def upload(build: Build) -> Callable[[AmplitudeSettings], Perform]:
    """An action whose payloads are each one event or several."""

    def of_settings(settings: AmplitudeSettings) -> Perform:
        def request(items: Sequence[Item]) -> Request:
            events = [event for item in items for event in build(item.payload)]
            body = {
                "api_key": settings.api_key,
                "events": events,
                "options": {"min_id_length": settings.min_id_length},
            }
            return json_request("POST", _HOSTS[settings.region] + "/batch", body)

        def blame(answer: Answer, items: Sequence[Item]) -> Mapping[int, Outcome]:
            owners = [index for index, item in enumerate(items) for _ in build(item.payload)]
            return _blame(json_of(answer), owners)

        def perform(items: Sequence[Item], _: Attempt) -> Exchange:
            return (yield from isolated(items, request, blame=blame, outcome=_outcome))

        return perform

    return of_settings


def _outcome(answer: Answer) -> Outcome:
    body, outcome = json_of(answer), http_outcome(answer)
    if isinstance(outcome, RetryLater) and outcome.reason == "429" and outcome.retry_after_s is None:
        outcome = outcome._replace(retry_after_s=THROTTLED_S)
    if str(body.get("error")).startswith("Invalid API key"):
        # A 400, of which the batch is not to blame; and it repeats the key.
        return Rejected("401", "Invalid API key")
    missing = body.get("missing_field")
    return explained(outcome, f"{body.get('error')}: {missing}" if missing else body.get("error"))


def _blame(body: Mapping[str, Any], owners: Sequence[int]) -> dict[int, Outcome]:
    """By item: an answer names events by their index in the request, under each field that is wrong."""
    found: dict[int, Outcome] = {}
    for kind in _BLAMING:
        fields = body.get(kind)
        for field, indexes in fields.items() if isinstance(fields, dict) else ():
            for index in indexes:
                if isinstance(index, int) and index < len(owners):
                    reason = f"{kind.replace('_', ' ').removeprefix('events with ')}: {field}"
                    found.setdefault(owners[index], Rejected("BAD_REQUEST", reason))
    for index in body.get("silenced_events") or ():
        if isinstance(index, int) and index < len(owners):
            found.setdefault(owners[index], Rejected("MESSAGE_REJECTED", "the device is silenced in Amplitude"))
    return found


# --- events -----------------------------------------------------------------------------------------------


def _event(payload: Mapping[str, Any], event_type: str, part: str = "", **more: Any) -> Event:
    """`part` tells several events of one message apart, so that a repeat replaces each by itself."""
    message_id = payload.get("message_id")
    return compact(
        {
            "event_type": event_type,
            "user_id": payload.get("user_id"),
            "device_id": payload.get("device_id"),
            "time": unix_ms(payload.get("timestamp")),
            "insert_id": f"{message_id}{part}" if message_id else None,
            "session_id": payload.get("session_id"),
            **{name: payload.get(name) for name in _PASSED},
            **more,
        }
    )


def track_events(payload: Mapping[str, Any]) -> list[Event]:
    event = payload["event"]
    return [_event(payload, event, event_properties=payload.get("properties"), groups=payload.get("groups"))]


def purchase_events(payload: Mapping[str, Any]) -> list[Event]:
    """The order, and revenue by product: Amplitude adds up what events carry, so only products have any."""
    sold = payload.get("products") or []
    order: dict[str, Any] = (
        {} if sold else {"revenue": payload.get("revenue"), "currency": payload.get("currency")}
    )
    events = [_event(payload, payload["event"], event_properties=payload.get("properties"), **order)]
    for number, product in enumerate(sold, 1):
        about = {
            "productId": product.get("product_id"),
            "price": product.get("price"),
            "quantity": product.get("quantity", 1),
            "currency": payload.get("currency"),
            "revenueType": "Purchase",
            "event_properties": compact({"order_id": payload.get("order_id"), **product}),
        }
        events.append(_event(payload, "Product Purchased", f"-{number}", **about))
    return events


def identify_events(payload: Mapping[str, Any]) -> list[Event]:
    return [_event(payload, "$identify", user_properties=_changes(payload.get("traits")))]


def _changes(traits: Mapping[str, Any] | None) -> dict[str, Any]:
    kept, gone = set_and_unset(traits)
    # What an unset property is said to be does not matter, but it has to be said.
    return compact({"$set": kept, "$unset": dict.fromkeys(gone, "-")})


def group_events(payload: Mapping[str, Any]) -> list[Event]:
    """The person is put into the group, and the group gets its properties."""
    groups = {payload.get("group_type") or "group": payload["group_id"]}
    events = []
    if payload.get("user_id") or payload.get("device_id"):
        events.append(_event(payload, "$identify", groups=groups, user_properties={"$set": groups}))
    if payload.get("traits") or not events:
        changes = _changes(payload.get("traits"))
        events.append(_event(payload, "$groupidentify", "-g", groups=groups, group_properties=changes))
    return events


def membership_events(payload: Mapping[str, Any]) -> list[Event]:
    return [_event(payload, "$identify", user_properties={"$set": {payload["audience"]: payload["member"]}})]


# --- aliases, test, deletion ------------------------------------------------------------------------------


def map_user(settings: AmplitudeSettings) -> Perform:
    """By a form, as this endpoint wants it."""

    def request(items: Sequence[Item]) -> Request:
        mapping = [
            {"user_id": item.payload["previous_id"], "global_user_id": item.payload["user_id"]} for item in items
        ]
        fields = {"api_key": settings.api_key, "mapping": msgspec.json.encode(mapping).decode()}
        return form_request("POST", _USER_MAPS[settings.region] + "/usermap", fields)

    def perform(items: Sequence[Item], _: Attempt) -> Exchange:
        return (yield from isolated(items, request, outcome=_outcome))

    return perform


def test(settings: AmplitudeSettings, _: Attempt) -> Exchange:
    """Looks for a user that need not exist: both keys must be right for it."""
    if not settings.secret_key:
        return [unsent("only with the `secret_key` can Amplitude be asked whether keys are right", _SETTINGS)]
    url = _DASHBOARDS[settings.region] + "/api/2/usersearch?user=headwater"
    answer = yield from ask(get_request(url, basic(settings.api_key, settings.secret_key)))
    return [_outcome(answer)]


def deletions(settings: AmplitudeSettings) -> Callable[[Deletion, Attempt], Exchange]:
    def perform(deletion: Deletion, _: Attempt) -> Exchange:
        if not settings.secret_key:
            return [unsent("only with the `secret_key` can Amplitude be asked to delete somebody", _SETTINGS)]
        body = {"user_ids": [deletion.user_id], "ignore_invalid_id": "True", "requester": "headwater"}
        url = _DASHBOARDS[settings.region] + "/api/2/deletions/users"
        answer = yield from ask(json_request("POST", url, body, basic(settings.api_key, settings.secret_key)))
        return [_outcome(answer)]

    return perform


_SETTINGS = "INVALID_SETTINGS"

# --- fields -----------------------------------------------------------------------------------------------

DEVICE_ID = like(
    ANONYMOUS_ID, name="device_id", label="Device id", default=first("$.context.device.id", "$.anonymousId")
)
SESSION_ID = Field(
    name="session_id",
    label="Session",
    type="integer",
    description="When the session began, Unix milliseconds.",
    default=first("$.integrations.Amplitude.session_id", "$.integrations['Actions Amplitude'].session_id"),
)
_CONTEXT = (
    Field(name="app_version", label="App version", type="string", default=path("$.context.app.version")),
    Field(name="platform", label="Platform", type="string", default=path("$.context.device.type")),
    Field(name="os_name", label="Operating system", type="string", default=path("$.context.os.name")),
    Field(name="os_version", label="Its version", type="string", default=path("$.context.os.version")),
    Field(name="device_brand", label="Device brand", type="string", default=path("$.context.device.brand")),
    Field(
        name="device_manufacturer",
        label="Device manufacturer",
        type="string",
        default=path("$.context.device.manufacturer"),
    ),
    Field(name="device_model", label="Device model", type="string", default=path("$.context.device.model")),
    Field(name="carrier", label="Carrier", type="string", default=path("$.context.network.carrier")),
    Field(name="country", label="Country", type="string", default=path("$.context.location.country")),
    Field(name="region", label="Region", type="string", default=path("$.context.location.region")),
    Field(name="city", label="City", type="string", default=path("$.context.location.city")),
    Field(name="language", label="Language", type="string", default=path("$.context.locale")),
    IP,
    Field(
        name="idfa",
        label="Advertising id (iOS)",
        type="string",
        default=path("$.context.device.advertisingId"),
    ),
    Field(name="library", label="Library", type="string", default="headwater"),
)
_PASSED = tuple(field.name for field in _CONTEXT)
_WHO = (USER_ID, DEVICE_ID, SESSION_ID, TIMESTAMP, MESSAGE_ID)
_PRODUCT = {
    "product_id": first("$.product_id", "$.sku"),
    "sku": path("$.sku"),
    "name": path("$.name"),
    "category": path("$.category"),
    "brand": path("$.brand"),
    "variant": path("$.variant"),
    "price": path("$.price"),
    "quantity": path("$.quantity"),
}
PRODUCTS = Field(
    name="products",
    label="Products",
    type="object",
    multiple=True,
    description="Each becomes an event `Product Purchased` with its revenue.",
    default=products(_PRODUCT),
)

TYPE = DestinationType(
    name="amplitude",
    label="Amplitude",
    category="analytics",
    description="Send events, users, groups and revenue to Amplitude. Audiences become user properties.",
    settings=AmplitudeSettings,
    actions=(
        Action(
            name="track_event",
            label="Track an event",
            description="An event of a user or a device.",
            perform=upload(track_events),
            fields=(
                EVENT,
                *_WHO,
                PROPERTIES,
                Field(name="groups", label="Groups", type="object", description="Group type to group."),
                *_CONTEXT,
            ),
            batch=BATCH,
        ),
        Action(
            name="track_purchase",
            label="Track a purchase",
            description="The order, and an event with revenue for each product in it.",
            perform=upload(purchase_events),
            fields=(
                EVENT,
                *_WHO,
                PROPERTIES,
                PRODUCTS,
                ORDER_ID,
                Field(
                    name="revenue",
                    label="Revenue",
                    type="number",
                    description="Of an order that names no products.",
                    default=first("$.properties.revenue", "$.properties.total"),
                ),
                CURRENCY,
                *_CONTEXT,
            ),
            batch=BATCH,
        ),
        Action(
            name="identify_user",
            label="Identify a user",
            description="Traits become user properties.",
            perform=upload(identify_events),
            fields=(*_WHO, TRAITS, *_CONTEXT),
            batch=BATCH,
        ),
        Action(
            name="identify_group",
            label="Identify a group",
            description="Puts a user into a group; traits become the group's properties.",
            perform=upload(group_events),
            fields=(
                *_WHO,
                GROUP_ID,
                Field(name="group_type", label="Group type", type="string", default="group"),
                TRAITS,
            ),
            batch=BATCH,
        ),
        Action(
            name="map_user",
            label="Map a user",
            description="Says that two user ids are one person.",
            perform=map_user,
            fields=(PREVIOUS_ID, like(USER_ID, required=True)),
            batch=BATCH,
        ),
        Action(
            name="set_membership",
            label="Set an audience",
            description="A user property named like the audience: true for members, false for those who left.",
            perform=upload(membership_events),
            fields=(*_WHO, AUDIENCE, MEMBER),
            batch=BATCH,
        ),
    ),
    presets=(
        Preset(name="Track calls", action="track_event", trigger=tracks("Order Completed")),
        Preset(name="Orders", action="track_purchase", trigger=track("Order Completed")),
        Preset(
            name="Pages",
            action="track_event",
            trigger=PAGES,
            mapping={"event": viewed("Page")},
        ),
        Preset(
            name="Screens",
            action="track_event",
            trigger=SCREENS,
            mapping={"event": viewed("Screen")},
        ),
        Preset(name="Users", action="identify_user", trigger=IDENTIFIES),
        Preset(name="Groups", action="identify_group", trigger=GROUPS),
        Preset(name="Aliases", action="map_user", trigger=ALIASES),
        Preset(name="Audience entered", action="set_membership", trigger=ENTERED, mapping={"member": True}),
        Preset(name="Audience left", action="set_membership", trigger=EXITED, mapping={"member": False}),
    ),
    test=test,
    deletions=deletions,
)
