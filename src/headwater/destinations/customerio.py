"""Customer.io by the Track API v2: people, events, objects; audiences as attributes and in manual segments."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

from headwater.destinations.kit.answers import besides, each, explained, json_of, objects, unsent
from headwater.destinations.kit.authorization import basic
from headwater.destinations.kit.common_fields import (
    ALIASES,
    ANONYMOUS_ID,
    AUDIENCE,
    EMAIL,
    ENTERED,
    EVENT,
    EXITED,
    GROUP_ID,
    GROUPS,
    IDENTIFIES,
    MEMBER,
    MESSAGE_ID,
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
    tracks,
)
from headwater.destinations.kit.deletion import Deletion
from headwater.destinations.kit.exchange import ask, get_request, json_request
from headwater.destinations.kit.instants import unix_ms, unix_s
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
)
from headwater.destinations.kit.names import compact
from headwater.destinations.kit.outcome import http_outcome
from headwater.destinations.kit.settings import Secret, Settings
from headwater.mapping.fields import Field

BATCH = Batch(items_max=500, bytes_max=400_000)
"""The API takes 500 kB, each operation 32 kB."""
_HOSTS = {"us": "https://track.customer.io", "eu": "https://track-eu.customer.io"}
_ULID_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


class CustomerioSettings(Settings, frozen=True, kw_only=True):
    site_id: str
    """In Customer.io under Settings → API credentials → Tracking."""
    api_key: Secret
    """The tracking API key that belongs to the site ID."""
    region: Literal["us", "eu"] = "us"
    """Where your account is hosted."""
    segments: dict[str, int] = {}
    """For each audience key, the ID of the manual segment that holds its members."""


Payload = Mapping[str, Any]
Operation = dict[str, Any]
Build = Callable[[Payload], Operation | None]


def batch(build: Build) -> Callable[[CustomerioSettings], Perform]:
    """An action whose payloads are each one operation. Customer.io takes the good ones and names the others."""

    def of_settings(settings: CustomerioSettings) -> Perform:
        return lambda items, _attempt: _batch(settings, items, build)

    return of_settings


def _batch(settings: CustomerioSettings, items: Sequence[Item], build: Build) -> Exchange:
    def send(known: Sequence[Item]) -> Exchange:
        url = _HOSTS[settings.region] + "/api/v2/batch"
        body = {"batch": [build(item.payload) for item in known]}
        answer = yield from ask(json_request("POST", url, body, basic(settings.site_id, settings.api_key)))
        return _of_operations(answer, len(known))

    nobodies = [index for index, item in enumerate(items) if build(item.payload) is None]
    return besides(items, dict.fromkeys(nobodies, NOBODY), send)


NOBODY = unsent("none of `user_id`, `email` and `anonymous_id`: Customer.io could not tell whose it is")


def _of_operations(answer: Answer, count: int) -> list[Outcome]:
    body, outcome = json_of(answer), http_outcome(answer)
    errors = objects(body.get("errors"))
    if not isinstance(outcome, Delivered):
        said = "; ".join(str(error.get("message")) for error in errors)
        meta = body.get("meta")
        return [explained(outcome, said or (meta.get("error") if isinstance(meta, dict) else None))] * count
    named = {
        error["batch_index"]: Rejected(
            "BAD_REQUEST", f"{error.get('field')}: {error.get('message') or error.get('reason')}"
        )
        for error in errors
        if isinstance(error.get("batch_index"), int)
    }
    # 207 says that something in it failed; what it does not name was taken.
    return each(range(count), named, Delivered("200"))


# --- operations -------------------------------------------------------------------------------------------


def _identifiers(payload: Payload) -> Operation | None:
    if payload.get("user_id"):
        return {"id": payload["user_id"]}
    return {"email": payload["email"]} if payload.get("email") else None


def _person(payload: Payload, action: str, **more: Any) -> Operation | None:
    who = _identifiers(payload)
    return None if who is None else {"type": "person", "identifiers": who, "action": action, **compact(more)}


def identify(payload: Payload) -> Operation | None:
    attributes = dict(payload.get("traits") or {})
    created_at = unix_s(attributes.pop("createdAt", None) or attributes.get("created_at"))
    known = {"email": payload.get("email"), "created_at": created_at, "anonymous_id": payload.get("anonymous_id")}
    return _person(payload, "identify", attributes={**attributes, **compact(known)})


def event(payload: Payload) -> Operation | None:
    return _event(payload, "event", payload["event"])


def page(payload: Payload) -> Operation | None:
    return _event(payload, "page", payload["event"])


def screen(payload: Payload) -> Operation | None:
    return _event(payload, "screen", payload["event"])


def _event(payload: Payload, action: str, name: str) -> Operation | None:
    at_ms, message_id = unix_ms(payload.get("timestamp")), payload.get("message_id")
    about = {
        "name": name,
        "timestamp": at_ms // 1000 if at_ms is not None else None,
        "id": ulid(at_ms, message_id) if at_ms is not None and message_id else None,
        "attributes": payload.get("properties"),
    }
    known = _person(payload, action, **about)
    if known is None and payload.get("anonymous_id"):
        who = {"anonymous_id": payload["anonymous_id"]}
        return {"type": "person", "identifiers": who, "action": action, **compact(about)}
    return known


def group(payload: Payload) -> Operation:
    kind = payload.get("object_type_id") or "1"
    who = _identifiers(payload)
    about = {
        "type": "object",
        "action": "identify",
        "identifiers": {"object_type_id": kind, "object_id": payload["group_id"]},
        "attributes": payload.get("traits"),
        "cio_relationships": [{"identifiers": who}] if who else None,
    }
    return compact(about)


def merge(payload: Payload) -> Operation:
    ids = {"primary": {"id": payload["user_id"]}, "secondary": {"id": payload["previous_id"]}}
    return {"type": "person", "action": "merge", **ids}


def delete(payload: Payload) -> Operation | None:
    return _person(payload, "delete")


def membership_attribute(payload: Payload) -> Operation | None:
    return _person(payload, "identify", attributes={payload["audience"]: payload["member"]})


def ulid(at_ms: int, message_id: str) -> str:
    """What Customer.io knows repeats by: of the event's time and message id, so that a repeat has the same.

    >>> ulid(1767225600000, "m-1")
    '01KDVDNA00GN1ZQCHKBEY8FWP7'
    """
    digest = hashlib.blake2b(message_id.encode(), digest_size=10).digest()
    number = (max(0, at_ms) & ((1 << 48) - 1)) << 80 | int.from_bytes(digest)
    return "".join(_ULID_ALPHABET[number >> shift & 31] for shift in range(125, -1, -5))


# --- audiences --------------------------------------------------------------------------------------------


def set_membership(settings: CustomerioSettings) -> Perform:
    """The attribute for everybody; the manual segment of an audience that has one, for people with an id."""

    def perform(items: Sequence[Item], _attempt: Attempt) -> Exchange:
        outcomes = yield from _batch(settings, items, membership_attribute)
        outcomes = list(outcomes)
        groups: dict[tuple[int, bool], list[int]] = {}
        for index, item in enumerate(items):
            segment = settings.segments.get(item.payload["audience"])
            if segment and item.payload.get("user_id") and isinstance(outcomes[index], Delivered):
                groups.setdefault((segment, item.payload["member"]), []).append(index)
        for (segment, member), indexes in groups.items():
            verb = "add_customers" if member else "remove_customers"
            url = f"{_HOSTS[settings.region]}/api/v1/segments/{segment}/{verb}?id_type=id"
            body = {"ids": [items[index].payload["user_id"] for index in indexes]}
            answer = yield from ask(json_request("POST", url, body, basic(settings.site_id, settings.api_key)))
            for index in indexes:
                outcomes[index] = http_outcome(answer)
        return outcomes

    return perform


def test(settings: CustomerioSettings, _attempt: Attempt) -> Exchange:
    """Asks for the region of the account: needs both credentials, changes nothing."""
    url = _HOSTS[settings.region] + "/api/v1/accounts/region"
    answer = yield from ask(get_request(url, basic(settings.site_id, settings.api_key)))
    outcome, lives = http_outcome(answer), json_of(answer).get("data_center")
    if isinstance(outcome, Delivered) and isinstance(lives, str) and lives.lower() != settings.region:
        return [Rejected("INVALID_SETTINGS", f"the account lives in the region {lives.lower()!r}")]
    return [outcome]


def deletions(settings: CustomerioSettings) -> Callable[[Deletion, Attempt], Exchange]:
    def perform(deletion: Deletion, _attempt: Attempt) -> Exchange:
        url = _HOSTS[settings.region] + "/api/v2/entity"
        answer = yield from ask(
            json_request(
                "POST", url, delete({"user_id": deletion.user_id}), basic(settings.site_id, settings.api_key)
            )
        )
        return [http_outcome(answer)]

    return perform


# --- fields -----------------------------------------------------------------------------------------------

_WHO = (USER_ID, EMAIL)
_OCCURRENCE = (*_WHO, ANONYMOUS_ID, TIMESTAMP, MESSAGE_ID, PROPERTIES)

TYPE = DestinationType(
    name="customerio",
    label="Customer.io",
    category="messaging",
    description="Send people, events and objects to Customer.io. Audiences become attributes and segments.",
    settings=CustomerioSettings,
    actions=(
        Action(
            name="track_event",
            label="Track an event",
            description="An event of a person, known or not.",
            perform=batch(event),
            fields=(EVENT, *_OCCURRENCE),
            batch=BATCH,
        ),
        Action(
            name="track_page",
            label="Track a page",
            description="A page view.",
            perform=batch(page),
            fields=(
                like(EVENT, label="Page name or address", default=first("$.name", "$.properties.url")),
                *_OCCURRENCE,
            ),
            batch=BATCH,
        ),
        Action(
            name="track_screen",
            label="Track a screen",
            description="A screen view.",
            perform=batch(screen),
            fields=(like(EVENT, label="Screen name", default=path("$.name")), *_OCCURRENCE),
            batch=BATCH,
        ),
        Action(
            name="identify_person",
            label="Identify a person",
            description="Traits become attributes.",
            perform=batch(identify),
            fields=(*_WHO, ANONYMOUS_ID, TRAITS),
            batch=BATCH,
        ),
        Action(
            name="identify_object",
            label="Identify an object",
            description="An object, as a company is one, with its attributes, and the person who belongs to it.",
            perform=batch(group),
            fields=(
                GROUP_ID,
                Field(name="object_type_id", label="Object type", type="string", default="1"),
                *_WHO,
                TRAITS,
            ),
            batch=BATCH,
        ),
        Action(
            name="merge_people",
            label="Merge people",
            description="The person with the previous id becomes part of the other.",
            perform=batch(merge),
            fields=(like(USER_ID, required=True), PREVIOUS_ID),
            batch=BATCH,
        ),
        Action(
            name="delete_person",
            label="Delete a person",
            description="Forgets a person and everything about them.",
            perform=batch(delete),
            fields=_WHO,
            batch=BATCH,
        ),
        Action(
            name="set_membership",
            label="Set an audience",
            description="An attribute named like the audience, and the manual segment that `segments` names.",
            perform=set_membership,
            fields=(*_WHO, AUDIENCE, MEMBER),
            batch=BATCH,
        ),
    ),
    presets=(
        Preset(name="Track calls", action="track_event", trigger=tracks("User Deleted")),
        Preset(name="Pages", action="track_page", trigger=PAGES),
        Preset(name="Screens", action="track_screen", trigger=SCREENS),
        Preset(name="People", action="identify_person", trigger=IDENTIFIES),
        Preset(name="Objects", action="identify_object", trigger=GROUPS),
        Preset(name="Aliases", action="merge_people", trigger=ALIASES),
        Preset(name="Deleted users", action="delete_person", trigger='type = "track" and event = "User Deleted"'),
        Preset(name="Audience entered", action="set_membership", trigger=ENTERED, mapping={"member": True}),
        Preset(name="Audience left", action="set_membership", trigger=EXITED, mapping={"member": False}),
    ),
    test=test,
    deletions=deletions,
)
