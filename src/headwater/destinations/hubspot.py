"""HubSpot: contacts by batch upsert, custom behavioural events; audiences as members of lists."""

import re
from collections.abc import Callable, Generator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from headwater.destinations.kit.answers import besides, each, explained, isolated, json_of, objects, unsent
from headwater.destinations.kit.authorization import bearer
from headwater.destinations.kit.common_fields import (
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
    PHONE,
    POSTAL_CODE,
    PROPERTIES,
    TIMESTAMP,
    TRAITS,
    USER_ID,
    like,
    of_person,
)
from headwater.destinations.kit.deletion import Deletion
from headwater.destinations.kit.exchange import ask, get_request, json_request
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
    Response,
)
from headwater.destinations.kit.names import as_uuid, compact, snake
from headwater.destinations.kit.outcome import http_outcome
from headwater.destinations.kit.settings import Secret, Settings
from headwater.errors import Problem
from headwater.mapping.fields import Field

CONTACTS = Batch(items_max=100, bytes_max=2_000_000, wait_s=0.5)
"""What a batch of the CRM takes. HubSpot counts requests, ten a second or so: half a second's go together."""


def _same_event(payload: Mapping[str, Any]) -> Any:
    return payload.get("event")


EVENTS = Batch(items_max=500, bytes_max=2_000_000, wait_s=0.5, key=_same_event)
"""An event that is not defined in HubSpot spoils no other."""
_API = "https://api.hubapi.com"
_QUALIFIED = re.compile(r"pe\d+_\w+")
_PORTAL = re.compile(r"\d{1,15}")


class HubspotSettings(Settings, frozen=True, kw_only=True):
    access_token: Secret
    """Of a private app with the scopes `crm.objects.contacts.read`, `.write`, `crm.lists.write` and
    `behavioral_events.event_definitions.read_write`.
    """
    portal_id: str = ""
    """Your HubSpot account number. Custom events are named `pe<number>_<name>`."""
    id_property: str = "email"
    """The unique property that identifies contacts."""
    lists: dict[str, str] = {}
    """For each audience key, the ID of the manual list that holds its members."""


def problems(settings: HubspotSettings) -> list[Problem]:
    if settings.portal_id and not _PORTAL.fullmatch(settings.portal_id):
        return [Problem("expected the number of the account, as in 1234567", "portal_id")]
    return []


Payload = Mapping[str, Any]


def _request(settings: HubspotSettings, method: str, place: str, body: Any) -> Request:
    return json_request(method, _API + place, body, bearer(settings.access_token))


def _outcome(answer: Answer) -> Outcome:
    return explained(http_outcome(answer), json_of(answer).get("message"))


# --- contacts ---------------------------------------------------------------------------------------------


def upsert_contact(settings: HubspotSettings) -> Perform:
    def perform(items: Sequence[Item], _attempt: Attempt) -> Exchange:
        outcomes, _ = yield from _upsert(settings, items)
        return outcomes

    return perform


def _contact_id(settings: HubspotSettings, payload: Payload) -> str:
    if settings.id_property == "email":
        return str(payload.get("email") or "").strip().lower()
    return str(payload.get("user_id") or "")


def _properties(settings: HubspotSettings, payload: Payload) -> dict[str, Any]:
    known = {name: payload.get(key) for key, name in _NAMES.items()}
    traits = {snake(k): v for k, v in (payload.get("traits") or {}).items() if k not in _SAID_OTHERWISE}
    # An empty text is how HubSpot is told that a property has no value any more.
    simple = {
        k: "" if v is None else v for k, v in traits.items() if v is None or isinstance(v, str | int | float)
    }
    return {**simple, **compact(known), settings.id_property: _contact_id(settings, payload)}


_Upserted = Generator[Calls, Answers, tuple[list[Outcome], dict[str, str]]]


def _upsert(settings: HubspotSettings, items: Sequence[Item]) -> _Upserted:
    """Outcomes, and HubSpot's ids of the contacts by ours. A batch that names a contact twice is refused, so what
    is said about one goes into one input, the later over the earlier.
    """
    together: dict[str, dict[str, Any]] = {}
    for item in items:
        known = _contact_id(settings, item.payload)
        if known:
            together[known] = {**together.get(known, {}), **_properties(settings, item.payload)}
    # One item stands for each contact, so that a bad one is found by its item.
    stand_ins = [items[0]._replace(payload={"id": known, "properties": of}) for known, of in together.items()]
    ids: dict[str, str] = {}

    def build(part: Sequence[Item]) -> Request:
        inputs = [
            {
                "idProperty": settings.id_property,
                "id": item.payload["id"],
                "objectWriteTraceId": str(index),
                "properties": item.payload["properties"],
            }
            for index, item in enumerate(part)
        ]
        return _request(settings, "POST", "/crm/v3/objects/contacts/batch/upsert", {"inputs": inputs})

    def outcome(answer: Answer) -> Outcome:
        if isinstance(answer, Response):
            for result in objects(json_of(answer).get("results")):
                of = result.get("properties")
                known = str(of.get(settings.id_property)) if isinstance(of, dict) else ""
                ids[known.lower() if settings.id_property == "email" else known] = str(result.get("id"))
            errors = objects(json_of(answer).get("errors"))
            if answer.status == 207 and errors:
                # Of some of them: `_partly` tells whom, of one alone this.
                return Rejected("BAD_REQUEST", str(errors[0].get("message")))
        return _outcome(answer)

    results = {}
    if stand_ins:
        settled = yield from isolated(stand_ins, build, blame=_partly, outcome=outcome)
        results = dict(zip(together, settled, strict=True))
    nobody = unsent(f"no `{'email' if settings.id_property == 'email' else 'user_id'}`: whose contact is it?")
    return [results.get(_contact_id(settings, item.payload), nobody) for item in items], ids


def _partly(answer: Answer, items: Sequence[Item]) -> Mapping[int, Outcome]:
    """Of a 207: those that it names were refused, the others taken. Of a 400 that names any: those."""
    body = json_of(answer)
    named: dict[int, Outcome] = {}
    for error in objects(body.get("errors")):
        context = error.get("context")
        traces = context.get("objectWriteTraceId") if isinstance(context, dict) else None
        for trace in traces or ():
            if str(trace).isdigit() and int(trace) < len(items):
                named[int(trace)] = Rejected("BAD_REQUEST", str(error.get("message") or "refused"))
    if isinstance(answer, Response) and answer.status == 207:
        return dict(enumerate(each(items, named, Delivered("207"))))
    return named


# --- events -----------------------------------------------------------------------------------------------


def track_event(settings: HubspotSettings) -> Perform:
    def build(part: Sequence[Item]) -> Request:
        inputs = [_event(settings, item.payload) for item in part]
        return _request(settings, "POST", "/events/v3/send/batch", {"inputs": inputs})

    def perform(items: Sequence[Item], _attempt: Attempt) -> Exchange:
        refused: dict[int, Outcome] = {}
        for index, item in enumerate(items):
            if not _event_name(settings, item.payload["event"]):
                refused[index] = NO_PORTAL
            if not _whose(item.payload):
                refused[index] = NOBODY
        return besides(items, refused, lambda rest: isolated(rest, build, outcome=_outcome))

    return perform


NOBODY = unsent("none of `email`, `object_id` and `utk`: HubSpot could not tell whose it is")
NO_PORTAL = unsent("`portal_id` is needed for the full name of a custom event", "INVALID_SETTINGS")


def _whose(payload: Payload) -> dict[str, Any]:
    return compact(
        {"email": payload.get("email"), "objectId": payload.get("object_id"), "utk": payload.get("utk")}
    )


def _event_name(settings: HubspotSettings, name: str) -> str:
    if _QUALIFIED.fullmatch(name):
        return name
    return f"pe{settings.portal_id}_{snake(name)}" if settings.portal_id else ""


def _event(settings: HubspotSettings, payload: Payload) -> dict[str, Any]:
    properties = {
        snake(key): str(value).lower() if isinstance(value, bool) else str(value)
        for key, value in (payload.get("properties") or {}).items()
        if isinstance(value, str | int | float)
    }
    message_id = payload.get("message_id")
    about = {
        "eventName": _event_name(settings, payload["event"]),
        **_whose(payload),
        "occurredAt": payload.get("timestamp"),
        "uuid": as_uuid(message_id) if message_id else None,
    }
    return {**compact(about), "properties": properties}


# --- lists ------------------------------------------------------------------------------------------------


def set_membership(settings: HubspotSettings) -> Perform:
    """The contact is made if it is not there; its id then joins or leaves the list."""

    def tell(items: Sequence[Item]) -> Exchange:
        outcomes, ids = yield from _upsert(settings, items)
        groups: dict[str, list[int]] = {}
        for index, item in enumerate(items):
            if isinstance(outcomes[index], Delivered):
                groups.setdefault(_list_id(settings, item.payload), []).append(index)
        for list_id, indexes in groups.items():
            answer = yield from ask(_membership(settings, list_id, [items[n] for n in indexes], ids))
            for index in indexes:
                outcomes[index] = _outcome(answer)
        return outcomes

    def perform(items: Sequence[Item], _attempt: Attempt) -> Exchange:
        unlisted = [index for index, item in enumerate(items) if not _list_id(settings, item.payload)]
        return besides(items, dict.fromkeys(unlisted, NO_LIST), tell)

    return perform


NO_LIST = unsent("`lists` names no list for this audience", "INVALID_SETTINGS")


def _list_id(settings: HubspotSettings, payload: Payload) -> str:
    return str(payload.get("list_id") or settings.lists.get(payload.get("audience") or "", ""))


def _membership(settings: HubspotSettings, list_id: str, items: Sequence[Item], ids: Mapping[str, str]) -> Request:
    """The last word about each contact counts."""
    last = {ids.get(_contact_id(settings, item.payload), ""): item.payload["member"] for item in items}
    last.pop("", None)
    body = {
        "recordIdsToAdd": [record for record, member in last.items() if member],
        "recordIdsToRemove": [record for record, member in last.items() if not member],
    }
    return _request(settings, "PUT", f"/crm/v3/lists/{quote(list_id, safe='')}/memberships/add-and-remove", body)


# --- test, deletion ---------------------------------------------------------------------------------------


def test(settings: HubspotSettings, _attempt: Attempt) -> Exchange:
    """Asks for one contact."""
    answer = yield from ask(get_request(_API + "/crm/v3/objects/contacts?limit=1", bearer(settings.access_token)))
    return [_outcome(answer)]


def deletions(settings: HubspotSettings) -> Callable[[Deletion, Attempt], Exchange]:
    """HubSpot forgets by address, or by its own id of the contact, which is looked up."""

    def perform(deletion: Deletion, _attempt: Attempt) -> Exchange:
        place = "/crm/v3/objects/contacts/gdpr-delete"
        if "@" in deletion.user_id:
            body = {"idProperty": "email", "objectId": deletion.user_id}
            answer = yield from ask(_request(settings, "POST", place, body))
            return [_outcome(answer)]
        if settings.id_property == "email":
            return [unsent("HubSpot knows contacts by their email address here, and the user id is none")]
        by_id = {"propertyName": settings.id_property, "operator": "EQ", "value": deletion.user_id}
        search = {"filterGroups": [{"filters": [by_id]}], "limit": 1}
        answer = yield from ask(_request(settings, "POST", "/crm/v3/objects/contacts/search", search))
        found = objects(json_of(answer).get("results"))
        if not found:
            return [_outcome(answer)]
        answer = yield from ask(_request(settings, "POST", place, {"objectId": str(found[0].get("id"))}))
        return [_outcome(answer)]

    return perform


# --- fields -----------------------------------------------------------------------------------------------

_PERSONAL = (
    FIRST_NAME,
    LAST_NAME,
    PHONE,
    Field(name="company", label="Company", type="string", default=of_person("company.name", "company")),
    Field(name="job_title", label="Job title", type="string", default=of_person("title")),
    Field(name="website", label="Website", type="string", default=of_person("website")),
    Field(name="address", label="Street", type="string", default=of_person("address.street")),
    Field(name="city", label="City", type="string", default=of_person("address.city", "city")),
    Field(name="state", label="State", type="string", default=of_person("address.state", "state")),
    POSTAL_CODE,
    Field(name="country", label="Country", type="string", default=of_person("address.country", "country")),
    Field(name="lifecycle_stage", label="Lifecycle stage", type="string"),
)
_NAMES = {
    "first_name": "firstname",
    "last_name": "lastname",
    "phone": "phone",
    "company": "company",
    "job_title": "jobtitle",
    "website": "website",
    "address": "address",
    "city": "city",
    "state": "state",
    "zip": "zip",
    "country": "country",
    "lifecycle_stage": "lifecyclestage",
    "email": "email",
}
_SAID_OTHERWISE = {
    *("email", "firstName", "first_name", "lastName", "last_name", "phone", "company", "title", "website"),
    *("address", "city", "state", "country"),
}
_WHO = (EMAIL, USER_ID)

TYPE = DestinationType(
    name="hubspot",
    label="HubSpot",
    category="crm",
    description="Send contacts and custom behavioural events to HubSpot. Audiences become lists.",
    settings=HubspotSettings,
    problems=problems,
    actions=(
        Action(
            name="upsert_contact",
            label="Update a contact",
            description="Makes or updates a contact.",
            perform=upsert_contact,
            fields=(
                *_WHO,
                *_PERSONAL,
                like(
                    TRAITS,
                    name="traits",
                    label="More properties",
                    description="Contact properties that exist in HubSpot; their names in snake_case.",
                    default=None,
                ),
            ),
            batch=CONTACTS,
        ),
        Action(
            name="track_event",
            label="Track a custom event",
            description="An event that is defined in HubSpot.",
            perform=track_event,
            fields=(
                like(EVENT, description="In full, `pe<number>_<name>`, or a name that becomes one."),
                EMAIL,
                Field(name="object_id", label="Contact's id in HubSpot", type="string"),
                Field(name="utk", label="User token", type="string", description="HubSpot's cookie."),
                TIMESTAMP,
                MESSAGE_ID,
                PROPERTIES,
            ),
            batch=EVENTS,
        ),
        Action(
            name="set_membership",
            label="Set an audience",
            description="Puts the contact into the list of an audience, or takes it out.",
            perform=set_membership,
            fields=(
                *_WHO,
                AUDIENCE,
                MEMBER,
                Field(name="list_id", label="List", type="string", description="Left out: what `lists` names."),
            ),
            batch=CONTACTS,
        ),
    ),
    # No events: HubSpot refuses those that nobody has defined there.
    presets=(
        Preset(name="Contacts", action="upsert_contact", trigger=IDENTIFIES),
        Preset(name="Audience entered", action="set_membership", trigger=ENTERED, mapping={"member": True}),
        Preset(name="Audience left", action="set_membership", trigger=EXITED, mapping={"member": False}),
    ),
    test=test,
    deletions=deletions,
)
