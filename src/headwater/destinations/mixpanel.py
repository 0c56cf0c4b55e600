"""Mixpanel: events by the import API, user and group profiles; audiences as properties of profiles."""

import gzip
import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

import msgspec

from headwater.destinations.kit.answers import besides, each, explained, isolated, json_of, objects, unsent
from headwater.destinations.kit.authorization import basic
from headwater.destinations.kit.common_fields import (
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
    OF_PAGE,
    ORDER_ID,
    PAGE_REFERRER,
    PAGE_URL,
    PAGES,
    PROPERTIES,
    SCREENS,
    TIMESTAMP,
    TRAITS,
    USER_ID,
    path,
    products,
    track,
    tracks,
    viewed,
)
from headwater.destinations.kit.exchange import TIMEOUT_S, ask, ask_all, json_request
from headwater.destinations.kit.instants import unix_ms
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
from headwater.destinations.kit.names import compact, set_and_unset
from headwater.destinations.kit.outcome import http_outcome
from headwater.destinations.kit.settings import Secret, Settings
from headwater.mapping.fields import Field

EVENTS = Batch(items_max=1_000, bytes_max=1_500_000)
"""The API takes 2,000 events and 2 MB; an order becomes several events."""
PROFILES = Batch(items_max=1_000, bytes_max=1_000_000)
"""`/engage` takes 2,000 updates; a profile may become two."""
GROUP_PROFILES = Batch(items_max=100, bytes_max=1_000_000)
"""`/groups` takes 200 updates; a group may become two, of what it has and of what it has no more."""
EVENTS_MAX = 2_000
INSERT_ID_CHARS_MAX = 36
_INSERT_ID = re.compile(r"[A-Za-z0-9-]{1,36}")
_HOSTS = {
    "us": "https://api.mixpanel.com",
    "eu": "https://api-eu.mixpanel.com",
    "in": "https://api-in.mixpanel.com",
}
_RESERVED = {
    "email": "$email",
    "phone": "$phone",
    "name": "$name",
    "firstName": "$first_name",
    "first_name": "$first_name",
    "lastName": "$last_name",
    "last_name": "$last_name",
    "avatar": "$avatar",
    "createdAt": "$created",
    "created_at": "$created",
}
"""Traits that Mixpanel shows in places of their own, under its own names."""


class MixpanelSettings(Settings, frozen=True, kw_only=True):
    token: Secret
    """Of the project."""
    region: Literal["us", "eu", "in"] = "us"
    """Where your project's data is stored."""


Record = dict[str, Any]
Build = Callable[[Mapping[str, Any]], list[Record]]

# --- events -----------------------------------------------------------------------------------------------


def upload(build: Build) -> Callable[[MixpanelSettings], Perform]:
    """An action whose payloads are each one event or several. The good ones are taken, and the others named."""

    def of_settings(settings: MixpanelSettings) -> Perform:
        def perform(items: Sequence[Item], _: Attempt) -> Exchange:
            records = [(index, record) for index, item in enumerate(items) for record in build(item.payload)]
            parts = [records[start : start + EVENTS_MAX] for start in range(0, len(records), EVENTS_MAX)]
            answers = yield from ask_all([_import(settings, [record for _, record in part]) for part in parts])
            outcomes: dict[int, Outcome] = {}
            for part, answer in zip(parts, answers, strict=True):
                for (index, _record), outcome in zip(part, _of_records(answer, len(part)), strict=True):
                    # An item is delivered if all its events are; asking again repeats none, by `$insert_id`.
                    if index not in outcomes or isinstance(outcomes[index], Delivered):
                        outcomes[index] = outcome
            return [outcomes[index] for index in range(len(items))]

        return perform

    return of_settings


def _import(settings: MixpanelSettings, records: Sequence[Record]) -> Request:
    headers = {
        "Content-Type": "application/json",
        "Content-Encoding": "gzip",
        "User-Agent": "Headwater",
        **basic(settings.token),
    }
    # No time in the gzip header: the same events are the same bytes.
    body = gzip.compress(msgspec.json.encode(records), compresslevel=6, mtime=0)
    return Request("POST", _HOSTS[settings.region] + "/import?strict=1", headers, body, TIMEOUT_S)


def _of_records(answer: Answer, count: int) -> list[Outcome]:
    body, outcome = json_of(answer), http_outcome(answer)
    failed = objects(body.get("failed_records"))
    if not failed:
        return [explained(outcome, body.get("error"))] * count
    named = {
        record["index"]: Rejected("BAD_REQUEST", f"{record.get('field')}: {record.get('message')}")
        for record in failed
        if isinstance(record.get("index"), int)
    }
    return each(range(count), named, Delivered("200"))


def _distinct_id(payload: Mapping[str, Any]) -> str:
    user, device = payload.get("user_id"), payload.get("anonymous_id")
    return user or (f"$device:{device}" if device else "")


def _event(payload: Mapping[str, Any], event: str, properties: Mapping[str, Any], part: str = "") -> Record:
    known = {
        "time": unix_ms(payload.get("timestamp")),
        "distinct_id": _distinct_id(payload),
        "$user_id": payload.get("user_id"),
        "$device_id": payload.get("anonymous_id"),
        "$insert_id": _insert_id(payload.get("message_id"), part),
        "ip": payload.get("ip"),
        "$current_url": payload.get("page_url"),
        "$referrer": payload.get("page_referrer"),
        **{name: payload.get(key) for key, name in _CONTEXT_NAMES.items()},
    }
    return {"event": event, "properties": {**properties, **compact(known), "mp_lib": "headwater"}}


def _insert_id(message_id: Any, part: str) -> str | None:
    """What Mixpanel knows repeats by: the message's own id if it may be one."""
    if not message_id:
        return None
    text = f"{message_id}{part}"
    if _INSERT_ID.fullmatch(text):
        return text
    return hashlib.sha256(text.encode()).hexdigest()[:INSERT_ID_CHARS_MAX]


def track_records(payload: Mapping[str, Any]) -> list[Record]:
    return [_event(payload, payload["event"], payload.get("properties") or {})]


def purchase_records(payload: Mapping[str, Any]) -> list[Record]:
    records = track_records(payload)
    for number, product in enumerate(payload.get("products") or (), 1):
        about = compact({"order_id": payload.get("order_id"), "currency": payload.get("currency"), **product})
        records.append(_event(payload, "Product Purchased", about, f"-{number}"))
    return records


# --- profiles ---------------------------------------------------------------------------------------------


NOBODY = unsent("neither `user_id` nor `anonymous_id`: Mixpanel could not tell whose it is")

Update = Callable[[MixpanelSettings, Mapping[str, Any]], list[Record]]


def profiles(place: str, build: Update) -> Callable[[MixpanelSettings], Perform]:
    """An action whose payloads are each an update of a profile."""

    def of_settings(settings: MixpanelSettings) -> Perform:
        def perform(items: Sequence[Item], _: Attempt) -> Exchange:
            # Groups are known by a key of their own.
            nobodies = [n for n, item in enumerate(items) if place != "groups" and not _distinct_id(item.payload)]
            return (yield from besides(items, dict.fromkeys(nobodies, NOBODY), update))

        def update(items: Sequence[Item]) -> Exchange:
            return isolated(items, request, outcome=_of_updates)

        def request(items: Sequence[Item]) -> Request:
            changes = [change for item in items for change in build(settings, item.payload)]
            return json_request("POST", f"{_HOSTS[settings.region]}/{place}?verbose=1", changes)

        return perform

    return of_settings


def identify_user(settings: MixpanelSettings) -> Perform:
    """The profiles, and an event `$identify` for those who were a device before: what it did is theirs."""
    update = profiles("engage", _user_update)(settings)

    def perform(items: Sequence[Item], attempt: Attempt) -> Exchange:
        outcomes = list((yield from update(items, attempt)))
        linked = [
            index
            for index, item in enumerate(items)
            if {"user_id", "anonymous_id"} <= item.payload.keys() and isinstance(outcomes[index], Delivered)
        ]
        if linked:
            answer = yield from ask(_import(settings, [_link(items[index].payload) for index in linked]))
            for index, outcome in zip(linked, _of_records(answer, len(linked)), strict=True):
                outcomes[index] = outcome
        return outcomes

    return perform


def _link(payload: Mapping[str, Any]) -> Record:
    ids = {"$identified_id": payload["user_id"], "$anon_id": payload["anonymous_id"]}
    return _event(payload, "$identify", ids)


def _of_updates(answer: Answer) -> Outcome:
    """A 200 may say in its body that it is none."""
    body, outcome = json_of(answer), http_outcome(answer)
    if isinstance(outcome, Delivered) and body.get("status") == 0:
        return explained(Rejected("BAD_REQUEST", "refused without a word"), body.get("error"))
    return explained(outcome, body.get("error"))


def _user_update(settings: MixpanelSettings, payload: Mapping[str, Any]) -> list[Record]:
    return _changes(_of_user(settings, payload), payload)


def _of_user(settings: MixpanelSettings, payload: Mapping[str, Any]) -> Record:
    # With the address of this server profiles would move to where it stands.
    ip = payload.get("ip") or "0"
    return {"$token": settings.token, "$distinct_id": _distinct_id(payload), "$ip": ip}


def _of_group(settings: MixpanelSettings, payload: Mapping[str, Any]) -> Record:
    return {"$token": settings.token, "$group_key": _group_key(payload), "$group_id": payload["group_id"]}


def _group_key(payload: Mapping[str, Any]) -> str:
    return payload.get("group_key") or "$group_id"


def _changes(whose: Record, payload: Mapping[str, Any]) -> list[Record]:
    kept, gone = set_and_unset(payload.get("traits"))
    changes: list[Record] = [{**whose, "$set": {_RESERVED.get(name, name): of for name, of in kept.items()}}]
    if gone:
        changes.append({**whose, "$unset": [_RESERVED.get(name, name) for name in gone]})
    return changes


def _group_update(settings: MixpanelSettings, payload: Mapping[str, Any]) -> list[Record]:
    return _changes(_of_group(settings, payload), payload)


def _membership(settings: MixpanelSettings, payload: Mapping[str, Any]) -> list[Record]:
    return [{**_of_user(settings, payload), "$set": {payload["audience"]: payload["member"]}}]


def _group_of_user(settings: MixpanelSettings, payload: Mapping[str, Any]) -> list[Record]:
    return [{**_of_user(settings, payload), "$union": {_group_key(payload): [payload["group_id"]]}}]


def test(settings: MixpanelSettings, _: Attempt) -> Exchange:
    """Imports nothing: whether the token is known is decided before whether there is anything to import."""
    answer = yield from ask(_import(settings, []))
    outcome = http_outcome(answer)
    if isinstance(outcome, Rejected) and outcome.reason == "BAD_REQUEST":
        outcome = Delivered("400")
    return [explained(outcome, json_of(answer).get("error"))]


# --- fields -----------------------------------------------------------------------------------------------

_CONTEXT = (
    IP,
    PAGE_URL,
    PAGE_REFERRER,
    Field(name="os", label="Operating system", type="string", default=path("$.context.os.name")),
    Field(name="os_version", label="Its version", type="string", default=path("$.context.os.version")),
    Field(name="device_model", label="Device model", type="string", default=path("$.context.device.model")),
    Field(name="manufacturer", label="Manufacturer", type="string", default=path("$.context.device.manufacturer")),
    Field(name="app_version", label="App version", type="string", default=path("$.context.app.version")),
    Field(name="carrier", label="Carrier", type="string", default=path("$.context.network.carrier")),
    Field(name="utm_source", label="Campaign source", type="string", default=path("$.context.campaign.source")),
    Field(name="utm_medium", label="Campaign medium", type="string", default=path("$.context.campaign.medium")),
    Field(name="utm_campaign", label="Campaign", type="string", default=path("$.context.campaign.name")),
)
_CONTEXT_NAMES = {
    "os": "$os",
    "os_version": "$os_version",
    "device_model": "$model",
    "manufacturer": "$manufacturer",
    "app_version": "$app_version_string",
    "carrier": "$carrier",
    "utm_source": "utm_source",
    "utm_medium": "utm_medium",
    "utm_campaign": "utm_campaign",
}
_WHO = (USER_ID, ANONYMOUS_ID, TIMESTAMP, MESSAGE_ID)
_GROUP_KEY = Field(
    name="group_key",
    label="Group key",
    type="string",
    description="As set up in the project: `company`.",
    default="$group_id",
)
PRODUCTS = Field(
    name="products",
    label="Products",
    type="object",
    multiple=True,
    description="Each becomes an event `Product Purchased`.",
    default=products({}),
)

_OF_PAGE = {name: OF_PAGE[name] for name in ("page_url", "page_referrer")}

TYPE = DestinationType(
    name="mixpanel",
    label="Mixpanel",
    category="analytics",
    description="Send events, user and group profiles to Mixpanel. Audiences become properties.",
    settings=MixpanelSettings,
    actions=(
        Action(
            name="track_event",
            label="Track an event",
            description="An event of a user or a device.",
            perform=upload(track_records),
            fields=(EVENT, *_WHO, PROPERTIES, *_CONTEXT),
            batch=EVENTS,
        ),
        Action(
            name="track_purchase",
            label="Track a purchase",
            description="The order, and an event for each product in it.",
            perform=upload(purchase_records),
            fields=(
                EVENT,
                *_WHO,
                PROPERTIES,
                PRODUCTS,
                ORDER_ID,
                CURRENCY,
                *_CONTEXT,
            ),
            batch=EVENTS,
        ),
        Action(
            name="identify_user",
            label="Set a user profile",
            description="Traits become properties of the profile; what the device did before is the user's.",
            perform=identify_user,
            fields=(*_WHO, TRAITS, IP),
            batch=PROFILES,
        ),
        Action(
            name="identify_group",
            label="Set a group profile",
            description="Traits become properties of the group.",
            perform=profiles("groups", _group_update),
            fields=(GROUP_ID, _GROUP_KEY, TRAITS),
            batch=GROUP_PROFILES,
        ),
        Action(
            name="join_group",
            label="Put a user into a group",
            description="Adds the group to those of the user's profile.",
            perform=profiles("engage", _group_of_user),
            fields=(USER_ID, ANONYMOUS_ID, GROUP_ID, _GROUP_KEY),
            batch=PROFILES,
        ),
        Action(
            name="set_membership",
            label="Set an audience",
            description="A profile property named like the audience: true for members, false for those who left.",
            perform=profiles("engage", _membership),
            fields=(USER_ID, ANONYMOUS_ID, AUDIENCE, MEMBER),
            batch=PROFILES,
        ),
    ),
    presets=(
        Preset(name="Track calls", action="track_event", trigger=tracks("Order Completed")),
        Preset(name="Orders", action="track_purchase", trigger=track("Order Completed")),
        Preset(name="Pages", action="track_event", trigger=PAGES, mapping={"event": viewed("Page"), **_OF_PAGE}),
        Preset(name="Screens", action="track_event", trigger=SCREENS, mapping={"event": viewed("Screen")}),
        Preset(name="Users", action="identify_user", trigger=IDENTIFIES),
        Preset(name="Groups", action="identify_group", trigger=GROUPS),
        Preset(name="Users of groups", action="join_group", trigger=GROUPS),
        Preset(name="Audience entered", action="set_membership", trigger=ENTERED, mapping={"member": True}),
        Preset(name="Audience left", action="set_membership", trigger=EXITED, mapping={"member": False}),
    ),
    test=test,
)
