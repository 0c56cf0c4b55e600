"""Intercom: contacts, events and companies; audiences as tags."""

import math
import re
from collections.abc import Callable, Generator, Mapping, Sequence
from typing import Any, Literal

from headwater.destinations.kit.answers import explained, json_of, objects, unsent
from headwater.destinations.kit.authorization import bearer
from headwater.destinations.kit.common_fields import (
    ANONYMOUS_ID,
    AUDIENCE,
    CURRENCY,
    EMAIL,
    ENTERED,
    EVENT,
    EXITED,
    GROUP_ID,
    GROUPS,
    IDENTIFIES,
    MEMBER,
    PHONE,
    PROPERTIES,
    TIMESTAMP,
    USER_ID,
    first,
    like,
    of_person,
    path,
    tracks,
)
from headwater.destinations.kit.deletion import Deletion
from headwater.destinations.kit.exchange import ask, get_request, json_request
from headwater.destinations.kit.instants import unix_s
from headwater.destinations.kit.model import (
    Action,
    Answer,
    Answers,
    Attempt,
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
    RetryLater,
)
from headwater.destinations.kit.names import compact
from headwater.destinations.kit.outcome import http_outcome
from headwater.destinations.kit.settings import Secret, Settings
from headwater.mapping.fields import Field

VERSION = "2.11"
"""Of the API; Intercom keeps versions for years."""
METADATA_MAX = 20
"""Members of an event's metadata; Intercom refuses events with more."""
VALUE_CHARS_MAX = 255
"""Of a custom attribute's text."""
_HOSTS = {"us": "https://api.intercom.io", "eu": "https://api.eu.intercom.io", "au": "https://api.au.intercom.io"}
_EXISTS = re.compile(r"already exists with id=([0-9A-Za-z]+)")


class IntercomSettings(Settings, frozen=True, kw_only=True):
    access_token: Secret
    """Of an app of yours in Intercom."""
    region: Literal["us", "eu", "au"] = "us"
    """Where the workspace lives."""


Payload = Mapping[str, Any]
Found = Generator[Calls, Answers, "str | Outcome"]
"""Intercom's own id of something, or why there is none."""


def _request(settings: IntercomSettings, method: str, place: str, body: Any) -> Request:
    return json_request(method, _HOSTS[settings.region] + place, body, _headers(settings))


def _headers(settings: IntercomSettings) -> dict[str, str]:
    return {**bearer(settings.access_token), "Accept": "application/json", "Intercom-Version": VERSION}


def _outcome(answer: Answer) -> Outcome:
    errors = objects(json_of(answer).get("errors"))
    outcome = explained(http_outcome(answer), "; ".join(str(error.get("message")) for error in errors))
    if isinstance(outcome, RetryLater) and outcome.retry_after_s is None and isinstance(answer, Response):
        # Intercom says when its counter begins anew, not how long that is.
        reset = answer.headers.get("X-RateLimit-Reset", "")
        if outcome.reason == "429" and reset.isascii() and reset.isdigit():
            return outcome._replace(retry_after_s=max(0.0, float(reset[:12]) - answer.at_s))
    return outcome


def _id_of(answer: Answer) -> str:
    return str(json_of(answer).get("id") or "")


# --- contacts ---------------------------------------------------------------------------------------------


def upsert_contact(settings: IntercomSettings) -> Perform:
    def perform(items: Sequence[Item], _attempt: Attempt) -> Exchange:
        found = yield from _upsert(settings, items[0].payload)
        return [Delivered("200") if isinstance(found, str) else found]

    return perform


def _upsert(settings: IntercomSettings, payload: Payload) -> Found:
    """Made; if it is there already, updated: the refusal says which it is, else it is looked for."""
    if not _known_by(payload):
        return NOBODY
    contact = _contact(payload)
    answer = yield from ask(_request(settings, "POST", "/contacts", contact))
    if not (isinstance(answer, Response) and answer.status == 409):
        return _found(answer)
    said = _EXISTS.search(answer.body.decode(errors="replace"))
    known: str | Outcome = said[1] if said else (yield from _find(settings, payload))
    if not isinstance(known, str):
        return known
    answer = yield from ask(_request(settings, "PUT", f"/contacts/{known}", contact))
    return _found(answer)


NOBODY = unsent("neither `user_id` nor `email`: Intercom could not tell whose it is")


def _known_by(payload: Payload) -> tuple[str, str] | None:
    if payload.get("user_id"):
        return "external_id", payload["user_id"]
    return ("email", payload["email"]) if payload.get("email") else None


def _found(answer: Answer) -> "str | Outcome":
    outcome = _outcome(answer)
    if not isinstance(outcome, Delivered):
        return outcome
    return _id_of(answer) or Rejected("MESSAGE_REJECTED", "the answer named no id")


def _find(settings: IntercomSettings, payload: Payload) -> Found:
    """A contact, by what it is known by; NOT_THERE if there is none."""
    known = _known_by(payload)
    if known is None:
        return NOBODY
    query = {"field": known[0], "operator": "=", "value": known[1]}
    answer = yield from ask(_request(settings, "POST", "/contacts/search", {"query": query}))
    outcome = _outcome(answer)
    if not isinstance(outcome, Delivered):
        return outcome
    found = objects(json_of(answer).get("data"))
    return str(found[0].get("id")) if found else NOT_THERE


NOT_THERE = Rejected("404", "Intercom knows no such contact")


def _contact(payload: Payload) -> dict[str, Any]:
    known = {
        "role": "user" if payload.get("user_id") or not payload.get("anonymous_id") else "lead",
        "external_id": payload.get("user_id"),
        **{name: payload.get(name) for name in ("email", "phone", "name", "avatar")},
        "signed_up_at": unix_s(payload.get("signed_up_at")),
        "last_seen_at": unix_s(payload.get("last_seen_at")),
        "unsubscribed_from_emails": payload.get("unsubscribed_from_emails"),
        "custom_attributes": _simple(payload.get("custom_attributes")),
    }
    return compact(known)


def _simple(given: Mapping[str, Any] | None) -> dict[str, Any]:
    """Texts, numbers and booleans, and null for what has no value any more: Intercom refuses the rest."""
    return {
        name: value[:VALUE_CHARS_MAX] if isinstance(value, str) else value
        for name, value in (given or {}).items()
        if value is None or isinstance(value, str | int | float)
    }


# --- events -----------------------------------------------------------------------------------------------


def track_event(settings: IntercomSettings) -> Perform:
    def perform(items: Sequence[Item], _attempt: Attempt) -> Exchange:
        payload = items[0].payload
        who = compact({"user_id": payload.get("user_id"), "email": payload.get("email")})
        if not who:
            return [NOBODY]
        metadata = compact(_simple(payload.get("properties")))
        if payload.get("revenue") is not None and payload.get("currency"):
            cents = payload["revenue"] * 100  # as money is counted there
            if math.isfinite(cents):
                price = {"amount": round(cents), "currency": payload["currency"].lower()}
                metadata = {"price": price} | metadata
        event = {
            "event_name": payload["event"],
            "created_at": unix_s(payload.get("timestamp")),
            **who,
            "metadata": dict(list(metadata.items())[:METADATA_MAX]),
        }
        answer = yield from ask(_request(settings, "POST", "/events", compact(event)))
        return [_outcome(answer)]

    return perform


# --- companies --------------------------------------------------------------------------------------------


def upsert_company(settings: IntercomSettings) -> Perform:
    """The company is made or updated; the contact, if it is there, is put into it."""

    def perform(items: Sequence[Item], _attempt: Attempt) -> Exchange:
        payload = items[0].payload
        company = {
            "company_id": payload["group_id"],
            **{
                name: payload.get(name)
                for name in ("name", "plan", "size", "website", "industry", "monthly_spend")
            },
            "remote_created_at": unix_s(payload.get("created_at")),
            "custom_attributes": _simple(payload.get("custom_attributes")),
        }
        answer = yield from ask(_request(settings, "POST", "/companies", compact(company)))
        made = _found(answer)
        if not isinstance(made, str) or not _known_by(payload):
            return [Delivered("200") if isinstance(made, str) else made]
        contact = yield from _find(settings, payload)
        if not isinstance(contact, str):
            return [Delivered("200") if contact is NOT_THERE else contact]
        answer = yield from ask(_request(settings, "POST", f"/contacts/{contact}/companies", {"id": made}))
        return [_outcome(answer)]

    return perform


# --- tags -------------------------------------------------------------------------------------------------


def set_membership(settings: IntercomSettings) -> Perform:
    """A tag named like the audience. Members that Intercom does not know yet are made; who leaves it is not."""

    def perform(items: Sequence[Item], _attempt: Attempt) -> Exchange:
        payload = items[0].payload
        contact = yield from _find(settings, payload)
        if contact is NOT_THERE:
            if not payload["member"]:
                return [Delivered("200")]
            contact = yield from _upsert(settings, payload)
        if not isinstance(contact, str):
            return [contact]
        answer = yield from ask(_request(settings, "POST", "/tags", {"name": payload["audience"]}))
        tag = _found(answer)
        if not isinstance(tag, str):
            return [tag]
        if payload["member"]:
            answer = yield from ask(_request(settings, "POST", f"/contacts/{contact}/tags", {"id": tag}))
            return [_outcome(answer)]
        answer = yield from ask(_delete(settings, f"/contacts/{contact}/tags/{tag}"))
        # Without the tag already: just what was wanted.
        gone = isinstance(answer, Response) and answer.status == 404
        return [Delivered("404") if gone else _outcome(answer)]

    return perform


def _delete(settings: IntercomSettings, place: str) -> Request:
    return get_request(_HOSTS[settings.region] + place, _headers(settings))._replace(method="DELETE")


# --- test, deletion ---------------------------------------------------------------------------------------


def test(settings: IntercomSettings, _attempt: Attempt) -> Exchange:
    """Asks whose token it is."""
    answer = yield from ask(get_request(_HOSTS[settings.region] + "/me", _headers(settings)))
    return [_outcome(answer)]


def deletions(settings: IntercomSettings) -> Callable[[Deletion, Attempt], Exchange]:
    def perform(deletion: Deletion, _attempt: Attempt) -> Exchange:
        contact = yield from _find(settings, {"user_id": deletion.user_id})
        if not isinstance(contact, str):
            return [Delivered("200") if contact is NOT_THERE else contact]
        answer = yield from ask(_delete(settings, f"/contacts/{contact}"))
        return [_outcome(answer)]

    return perform


# --- fields -----------------------------------------------------------------------------------------------

_WHO = (USER_ID, EMAIL)
_COMPANY = ("name", "plan", "size", "website", "industry", "monthly_spend")
_CUSTOM = Field(
    name="custom_attributes",
    label="Custom attributes",
    type="object",
    description="Texts, numbers and booleans that are set up in Intercom under these names.",
)

TYPE = DestinationType(
    name="intercom",
    label="Intercom",
    category="support",
    description="Send contacts, events and companies to Intercom. Audiences become tags.",
    settings=IntercomSettings,
    actions=(
        Action(
            name="upsert_contact",
            label="Update a contact",
            description="Makes or updates a contact.",
            perform=upsert_contact,
            fields=(
                *_WHO,
                ANONYMOUS_ID,
                PHONE,
                Field(name="name", label="Name", type="string", default=of_person("name")),
                Field(name="avatar", label="Picture", type="string", default=of_person("avatar")),
                Field(
                    name="signed_up_at",
                    label="Signed up",
                    type="datetime",
                    default=of_person("createdAt", "created_at"),
                ),
                like(TIMESTAMP, name="last_seen_at", label="Last seen"),
                Field(name="unsubscribed_from_emails", label="Unsubscribed", type="boolean"),
                _CUSTOM,
            ),
        ),
        Action(
            name="track_event",
            label="Track an event",
            description="An event of a contact that is there.",
            perform=track_event,
            fields=(
                EVENT,
                *_WHO,
                TIMESTAMP,
                like(PROPERTIES, label="Metadata", description=f"{METADATA_MAX} at most."),
                Field(
                    name="revenue",
                    label="Revenue",
                    type="number",
                    description="With `currency`: becomes the metadata `price`.",
                    default=first("$.properties.total", "$.properties.revenue"),
                ),
                CURRENCY,
            ),
        ),
        Action(
            name="upsert_company",
            label="Update a company",
            description="Makes or updates a company, and puts the contact into it.",
            perform=upsert_company,
            fields=(
                GROUP_ID,
                *_WHO,
                Field(name="name", label="Name", type="string", default=path("$.traits.name")),
                Field(name="plan", label="Plan", type="string", default=path("$.traits.plan")),
                Field(
                    name="size",
                    label="Employees",
                    type="integer",
                    default=first("$.traits.employees", "$.traits.size"),
                ),
                Field(name="website", label="Website", type="string", default=path("$.traits.website")),
                Field(name="industry", label="Industry", type="string", default=path("$.traits.industry")),
                Field(
                    name="monthly_spend",
                    label="Monthly spend",
                    type="number",
                    default=path("$.traits.monthlySpend"),
                ),
                Field(
                    name="created_at",
                    label="Created",
                    type="datetime",
                    default=first("$.traits.createdAt", "$.traits.created_at"),
                ),
                _CUSTOM,
            ),
        ),
        Action(
            name="set_membership",
            label="Set an audience",
            description="A tag named like the audience: put on members, taken off those who left.",
            perform=set_membership,
            fields=(*_WHO, AUDIENCE, MEMBER),
        ),
    ),
    presets=(
        Preset(name="Contacts", action="upsert_contact", trigger=IDENTIFIES),
        Preset(name="Track calls", action="track_event", trigger=tracks()),
        Preset(name="Companies", action="upsert_company", trigger=GROUPS),
        Preset(name="Audience entered", action="set_membership", trigger=ENTERED, mapping={"member": True}),
        Preset(name="Audience left", action="set_membership", trigger=EXITED, mapping={"member": False}),
    ),
    test=test,
    deletions=deletions,
)
