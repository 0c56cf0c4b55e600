"""SendGrid: marketing contacts, their lists, and mail."""

import re
from collections.abc import Callable, Generator, Hashable, Mapping, Sequence
from typing import Any, Literal
from urllib.parse import urlencode

from headwater.destinations.kit import people
from headwater.destinations.kit.answers import besides, explained, isolated, json_of, objects, unsent
from headwater.destinations.kit.authorization import bearer
from headwater.destinations.kit.common_fields import (
    AUDIENCE,
    EMAIL,
    ENTERED,
    EXITED,
    FIRST_NAME,
    LAST_NAME,
    PHONE,
    like,
    of_person,
)
from headwater.destinations.kit.exchange import ask, get_request, json_request, one_request, same_for_all
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

CONTACTS_MAX = 30_000
CONTACTS_BYTES_MAX = 5_500_000
"""SendGrid takes 6 MB."""
SEARCHED_MAX = 100
"""Addresses that one search takes."""
WAIT_S = 5.0
"""Few requests for contacts are allowed in a second, and each may carry many."""
_HOSTS = {"global": "https://api.sendgrid.com/v3", "eu": "https://api.eu.sendgrid.com/v3"}
_CONTACT_INDEX = re.compile(r"contacts?[\[.](\d+)")
_ADDRESS = ("address_line_1", "address_line_2", "city", "state_province_region", "postal_code", "country")


class SendgridSettings(Settings, frozen=True, kw_only=True):
    api_key: Secret
    """With full access to Marketing and, for mail, to Mail Send."""
    region: Literal["global", "eu"] = "global"
    """Where the subuser's data lives."""
    lists: dict[str, str] = {}
    """Audience key to list id, for lists that are not called like the audience."""
    sender: str = ""
    """Address that mail comes from; it must be verified at SendGrid."""
    sender_name: str = ""


class _Account:
    def __init__(self, settings: SendgridSettings) -> None:
        self._base = _HOSTS[settings.region]
        self._headers = bearer(settings.api_key)

    def asking(self, place: str) -> Request:
        return get_request(self._base + place, self._headers)

    def telling(self, method: str, place: str, body: Any) -> Request:
        return json_request(method, self._base + place, body, self._headers)

    def deleting(self, place: str) -> Request:
        return self.asking(place)._replace(method="DELETE")


def outcome_of(answer: Answer) -> Outcome:
    said = [f"{each.get('field')}: {each.get('message')}" for each in objects(json_of(answer).get("errors"))]
    return explained(http_outcome(answer), "; ".join(said).replace("None: ", ""))


# --- contacts ---------------------------------------------------------------------------------------------


def upsert_contact(settings: SendgridSettings) -> Perform:
    account = _Account(settings)

    def perform(items: Sequence[Item], _: Attempt) -> Exchange:
        return (yield from _upsert(account, items, items[0].payload.get("list_ids") or []))

    return perform


def _upsert(account: _Account, items: Sequence[Item], lists: Sequence[str]) -> Exchange:
    def request(asked: Sequence[Item]) -> Request:
        return account.telling(
            "PUT", "/marketing/contacts", compact({"list_ids": lists, "contacts": _merged(asked)})
        )

    def upload(rest: Sequence[Item]) -> Exchange:
        return isolated(rest, request, blame=_blame, outcome=outcome_of)

    wrong = unsent("not an email address", "PAYLOAD_VALIDATION_FAILED")
    refused = {index: wrong for index, item in enumerate(items) if not people.email(item.payload["email"])}
    return (yield from besides(items, refused, upload))


def _merged(items: Sequence[Item]) -> list[dict[str, Any]]:
    """One contact for each address: what SendGrid does first of two it does not say, and here the later counts."""
    contacts: dict[str, dict[str, Any]] = {}
    for item in items:
        contact = _contact(item.payload)
        before = contacts.get(contact["email"], {})
        custom = {**before.get("custom_fields", {}), **contact.get("custom_fields", {})}
        contacts[contact["email"]] = before | contact | ({"custom_fields": custom} if custom else {})
    return list(contacts.values())


def _contact(payload: Mapping[str, Any]) -> dict[str, Any]:
    names = ("first_name", "last_name", "phone_number", *_ADDRESS, "custom_fields")
    return {"email": people.email(payload["email"]), **compact({name: payload.get(name) for name in names})}


def _blame(answer: Answer, items: Sequence[Item]) -> Mapping[int, Outcome]:
    """Contacts are named by their place in the request, as in `contacts[3].email`."""
    order = list(dict.fromkeys(people.email(item.payload["email"]) for item in items))
    found: dict[str, Outcome] = {}
    for error in objects(json_of(answer).get("errors")):
        index = _CONTACT_INDEX.search(str(error.get("field")))
        if index and int(index[1]) < len(order):
            why = Rejected("BAD_REQUEST", f"{error.get('field')}: {error.get('message')}")
            found.setdefault(order[int(index[1])], why)
    addresses = [people.email(item.payload["email"]) for item in items]
    return {index: found[address] for index, address in enumerate(addresses) if address in found}


# --- lists ------------------------------------------------------------------------------------------------


def add_to_list(settings: SendgridSettings) -> Perform:
    account = _Account(settings)

    def perform(items: Sequence[Item], _: Attempt) -> Exchange:
        list_id = yield from _list(account, settings, items[0].payload["audience"])
        if not isinstance(list_id, str):
            return same_for_all(items, list_id)
        return (yield from _upsert(account, items, [list_id]))

    return perform


def remove_from_list(settings: SendgridSettings) -> Perform:
    account = _Account(settings)

    def perform(items: Sequence[Item], _: Attempt) -> Exchange:
        list_id = yield from _list(account, settings, items[0].payload["audience"])
        if not isinstance(list_id, str):
            return same_for_all(items, list_id)
        emails = sorted({people.email(item.payload["email"]) for item in items} - {""})
        if not emails:
            return same_for_all(items, unsent("not an email address", "PAYLOAD_VALIDATION_FAILED"))
        answer = yield from ask(account.telling("POST", "/marketing/contacts/search/emails", {"emails": emails}))
        outcome = outcome_of(answer)
        unknown = isinstance(outcome, Rejected) and outcome.reason == "404"  # none of them is a contact
        ids = _contact_ids(json_of(answer))
        if unknown or (isinstance(outcome, Delivered) and not ids):
            return same_for_all(items, Delivered("404"))  # who is no contact is on no list
        if isinstance(outcome, Delivered):
            place = f"/marketing/lists/{list_id}/contacts?{urlencode({'contact_ids': ','.join(ids)})}"
            outcome = outcome_of((yield from ask(account.deleting(place))))
        return same_for_all(items, outcome)

    return perform


def _list(
    account: _Account, settings: SendgridSettings, audience: str
) -> Generator[Calls, Answers, str | Outcome]:
    """The id of an audience's list, which is made when there is none of its name; or why there is none."""
    if audience in settings.lists:
        return settings.lists[audience]
    answer = yield from ask(account.asking("/marketing/lists?page_size=1000"))
    outcome = outcome_of(answer)
    if not isinstance(outcome, Delivered):
        return outcome
    for each in objects(json_of(answer).get("result")):
        if each.get("name") == audience:
            return str(each.get("id"))
    answer = yield from ask(account.telling("POST", "/marketing/lists", {"name": audience}))
    outcome, made = outcome_of(answer), json_of(answer).get("id")
    if isinstance(made, str):
        return made
    # Somebody may have made it meanwhile: the next attempt finds it.
    return RetryLater("RETRY", f"no list {audience}") if isinstance(outcome, Delivered) else _again(outcome)


def _again(outcome: Outcome) -> Outcome:
    return (
        RetryLater("RETRY", outcome.message)
        if isinstance(outcome, Rejected) and outcome.reason == "BAD_REQUEST"
        else outcome
    )


def _contact_ids(body: Mapping[str, Any]) -> list[str]:
    result = body.get("result")
    found = [each.get("contact") for each in objects(list(result.values()))] if isinstance(result, dict) else []
    return [str(contact["id"]) for contact in objects(found) if contact.get("id")]


# --- mail -------------------------------------------------------------------------------------------------


def send_mail(settings: SendgridSettings) -> Perform:
    account = _Account(settings)

    def build(items: Sequence[Item], _: Attempt) -> Request:
        return account.telling("POST", "/mail/send", _mail(settings, items[0]))

    send = one_request(build, outcome_of)

    def perform(items: Sequence[Item], attempt: Attempt) -> Exchange:
        payload = items[0].payload
        if not (payload.get("sender") or settings.sender):
            return [unsent("no `sender`, neither in the mapping nor in the settings", "INVALID_SETTINGS")]
        if not payload.get("template_id") and not (payload.get("text") or payload.get("html")):
            return [unsent("neither a template nor a text", "PAYLOAD_VALIDATION_FAILED")]
        return (yield from send(items, attempt))

    return perform


def _mail(settings: SendgridSettings, item: Item) -> dict[str, Any]:
    payload = item.payload
    content = [("text/plain", payload.get("text")), ("text/html", payload.get("html"))]
    envelope = {
        "to": [compact({"email": payload["to"], "name": payload.get("to_name")})],
        "dynamic_template_data": payload.get("template_data"),
        # Comes back with SendGrid's own events, so that a mail can be traced to what caused it.
        "custom_args": {"message_id": item.event.message_id},
    }
    name = payload.get("sender_name") or settings.sender_name
    return compact(
        {
            "personalizations": [compact(envelope)],
            "from": compact({"email": payload.get("sender") or settings.sender, "name": name}),
            "reply_to": compact({"email": payload.get("reply_to")}),
            "subject": payload.get("subject"),
            "template_id": payload.get("template_id"),
            "content": [{"type": kind, "value": text} for kind, text in content if text],
            "categories": payload.get("categories"),
        }
    )


def test(settings: SendgridSettings, _: Attempt) -> Exchange:
    """Asks what the key may do."""
    answer = yield from ask(_Account(settings).asking("/scopes"))
    return [outcome_of(answer)]


# --- fields -----------------------------------------------------------------------------------------------


def _by(name: str) -> Callable[[Mapping[str, Any]], Hashable]:
    return lambda payload: tuple(payload[name]) if isinstance(payload.get(name), list) else payload.get(name)


def _text(name: str, label: str, *of: str, **more: Any) -> Field:
    return Field(name=name, label=label, type="string", default=of_person(*of) if of else None, **more)


_CONTACT = (
    like(EMAIL, required=True),
    FIRST_NAME,
    LAST_NAME,
    like(PHONE, name="phone_number"),
    _text("address_line_1", "Street", "address.street"),
    _text("address_line_2", "Second line of the address"),
    _text("city", "City", "address.city"),
    _text("state_province_region", "State", "address.state"),
    _text("postal_code", "Postal code", "address.postalCode", "address.postal_code"),
    _text("country", "Country", "address.country"),
    Field(
        name="custom_fields",
        label="Custom fields",
        type="object",
        description="Id of a field (as in `e1_T`) to value.",
    ),
)

TYPE = DestinationType(
    name="sendgrid",
    label="SendGrid",
    category="email",
    description="Sync marketing contacts to SendGrid and send email. Audiences become contact lists.",
    settings=SendgridSettings,
    actions=(
        Action(
            name="upsert_contact",
            label="Create or change a contact",
            description="Known by the email address.",
            perform=upsert_contact,
            fields=(
                *_CONTACT,
                _text("list_ids", "Lists", multiple=True, description="Ids of lists that the contact joins."),
            ),
            batch=Batch(items_max=CONTACTS_MAX, bytes_max=CONTACTS_BYTES_MAX, wait_s=WAIT_S, key=_by("list_ids")),
        ),
        Action(
            name="add_to_list",
            label="Add to a list",
            description="Named like the audience; made when there is none.",
            perform=add_to_list,
            fields=(*_CONTACT, AUDIENCE),
            batch=Batch(items_max=CONTACTS_MAX, bytes_max=CONTACTS_BYTES_MAX, wait_s=WAIT_S, key=_by("audience")),
        ),
        Action(
            name="remove_from_list",
            label="Remove from a list",
            description="The contact stays.",
            perform=remove_from_list,
            fields=(like(EMAIL, required=True), AUDIENCE),
            batch=Batch(items_max=SEARCHED_MAX, bytes_max=100_000, wait_s=WAIT_S, key=_by("audience")),
        ),
        Action(
            name="send_mail",
            label="Send a mail",
            description="From a template or with a text.",
            perform=send_mail,
            fields=(
                like(EMAIL, name="to", label="To", required=True),
                _text("to_name", "Name of the receiver", "name"),
                _text("sender", "From", description="Left out: the destination's own.", format="email"),
                _text("sender_name", "Name of the sender"),
                _text("reply_to", "Reply to", format="email"),
                _text("subject", "Subject"),
                _text("template_id", "Template", description="Of a dynamic template: `d-…`."),
                Field(name="template_data", label="Data for the template", type="object"),
                _text("text", "Text"),
                _text("html", "Text as HTML"),
                _text("categories", "Categories", multiple=True),
            ),
        ),
    ),
    presets=(
        Preset(name="Contacts", action="upsert_contact", trigger='type = "identify" and traits.email != null'),
        Preset(name="Audience entered", action="add_to_list", trigger=ENTERED),
        Preset(name="Audience left", action="remove_from_list", trigger=EXITED),
    ),
    test=test,
    dedupes_on="email",
)
