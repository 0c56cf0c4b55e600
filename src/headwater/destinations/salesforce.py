"""Salesforce: records of any object, created or changed by an external id; audiences as checkboxes."""

import re
from collections.abc import Hashable, Mapping, Sequence
from typing import Any
from urllib.parse import quote

import msgspec

from headwater.destinations.kit.answers import explained, objects, unsent
from headwater.destinations.kit.authorization import bearer
from headwater.destinations.kit.common_fields import AUDIENCE, EMAIL, ENTERED, EXITED, MEMBER, like, of_person
from headwater.destinations.kit.exchange import ask, get_request, json_request, rounds
from headwater.destinations.kit.model import (
    Access,
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
    Response,
    RetryLater,
)
from headwater.destinations.kit.oauth import read_token, token_request
from headwater.destinations.kit.outcome import http_outcome
from headwater.destinations.kit.settings import Secret, Settings
from headwater.destinations.kit.urls import host_problems
from headwater.errors import Problem
from headwater.mapping.fields import Field

RECORDS_MAX = 200
"""Of an sObject Collections request."""
BATCH_BYTES_MAX = 4_000_000
"""Well below the 6 MB a request may have."""
LIMITED_S = 300.0
"""The daily limit of requests is counted over a moving 24 hours, so something is free again before long."""

_VERSION = re.compile(r"v\d{2,3}\.0")
_NAME = re.compile(r"[A-Za-z]\w{0,79}", re.ASCII)
_BUSY = {
    *("UNABLE_TO_LOCK_ROW", "SERVER_UNAVAILABLE", "QUERY_TIMEOUT", "UNKNOWN_EXCEPTION"),
    *("REQUEST_LIMIT_EXCEEDED", "REQUEST_RUNNING_TOO_LONG", "TXN_SECURITY_METERING_ERROR"),
}
"""Codes of refusals that pass."""


class SalesforceSettings(Settings, frozen=True, kw_only=True):
    instance_url: str
    """The organisation's own address: `https://<my domain>.my.salesforce.com`."""
    client_id: str
    """Consumer key of a connected app."""
    client_secret: Secret
    """Its consumer secret."""
    refresh_token: Secret = ""
    """Of the user in whose name we write. Empty: the app's own user, by the client credentials flow."""
    api_version: str = "v64.0"


def problems(settings: SalesforceSettings) -> list[Problem]:
    found = host_problems(settings.instance_url, "instance_url")
    if not _VERSION.fullmatch(settings.api_version):
        found.append(Problem("expected a version like v64.0", "api_version"))
    return found


def access_request(settings: SalesforceSettings, _: float) -> Request:
    fields = {
        "client_id": settings.client_id,
        "client_secret": settings.client_secret,
        "refresh_token": settings.refresh_token,
    }
    return token_request(settings.instance_url.rstrip("/") + "/services/oauth2/token", fields)


# --- writing records --------------------------------------------------------------------------------------


def _record_of(payload: Mapping[str, Any]) -> dict[str, Any]:
    return {payload["external_id_field"]: payload["external_id"], **(payload.get("fields") or {})}


def _alike(payload: Mapping[str, Any]) -> Hashable:
    """Records that share a request. A field that the object does not have makes Salesforce refuse all of it, so
    only those with the same fields stand and fall together.
    """
    return payload.get("object"), payload.get("external_id_field"), frozenset(payload.get("fields") or {})


def upsert(settings: SalesforceSettings) -> Perform:
    def perform(items: Sequence[Item], attempt: Attempt) -> Exchange:
        first = items[0].payload
        names = (first["object"], first["external_id_field"])
        if not all(_NAME.fullmatch(name) for name in names):
            return [unsent(f"{' and '.join(names)}: not names of an object and a field")] * len(items)
        url = f"{_base(settings)}/composite/sobjects/{names[0]}/{names[1]}"
        results: dict[int, Outcome] = {}
        # Of two records with one id in a request Salesforce refuses both, so the later one waits its turn.
        for indexes in rounds(items, lambda item: str(item.payload["external_id"])):
            records = [{"attributes": {"type": names[0]}, **_record_of(items[index].payload)} for index in indexes]
            body = {"allOrNone": False, "records": records}
            answer = yield from ask(json_request("PATCH", url, body, bearer(attempt.token)))
            results |= zip(indexes, _outcomes(answer, len(indexes)), strict=True)
        return [results[index] for index in range(len(items))]

    return perform


def set_checkbox(settings: SalesforceSettings) -> Perform:
    """Membership is a record with one field, named like the audience."""
    write = upsert(settings)

    def perform(items: Sequence[Item], attempt: Attempt) -> Exchange:
        return (yield from write([item._replace(payload=_membership(item.payload)) for item in items], attempt))

    return perform


def _membership(payload: Mapping[str, Any]) -> dict[str, Any]:
    field = payload.get("field") or re.sub(r"\W", "_", payload["audience"], flags=re.ASCII) + "__c"
    return {**payload, "fields": {field: payload["member"]}}


def _outcomes(answer: Answer, count: int) -> list[Outcome]:
    found = _decoded(answer)
    if isinstance(answer, Response) and answer.status == 200 and len(found) == count:
        return [_of_record(each) for each in found]
    outcome = http_outcome(answer)
    code, message = (found[0].get("errorCode"), found[0].get("message")) if found else (None, None)
    if code == "REQUEST_LIMIT_EXCEEDED":
        outcome = RetryLater("429", "", LIMITED_S)
    return [explained(outcome, f"{code}: {message}" if code else None)] * count


def _of_record(result: Mapping[str, Any]) -> Outcome:
    if result.get("success"):
        return Delivered("201" if result.get("created") else "200")
    errors = objects(result.get("errors"))
    said = "; ".join(f"{error.get('statusCode')}: {error.get('message')}" for error in errors)
    busy = any(error.get("statusCode") in _BUSY for error in errors)
    return explained(RetryLater("503") if busy else Rejected("BAD_REQUEST"), said)


def _decoded(answer: Answer) -> list[dict[str, Any]]:
    """Salesforce answers with lists, of results or of errors."""
    if not isinstance(answer, Response):
        return []
    try:
        return objects(msgspec.json.decode(answer.body))
    except (msgspec.DecodeError, UnicodeDecodeError):
        return []


def test(settings: SalesforceSettings, attempt: Attempt) -> Exchange:
    """Reads the limits of the organisation, which anybody may who may use the API."""
    answer = yield from ask(get_request(f"{_base(settings)}/limits", bearer(attempt.token)))
    return _outcomes(answer, 1)


def _base(settings: SalesforceSettings) -> str:
    return f"{settings.instance_url.rstrip('/')}/services/data/{quote(settings.api_version)}"


# --- fields -----------------------------------------------------------------------------------------------

OBJECT = Field(
    name="object", label="Object", type="string", required=True, description="API name, as in `Contact`."
)
EXTERNAL_ID_FIELD = Field(
    name="external_id_field",
    label="Field of the id",
    type="string",
    required=True,
    description="A field marked as external id, or one that look-ups go by, such as `Email` of contacts.",
    default="Email",
)
EXTERNAL_ID = like(EMAIL, name="external_id", label="Id", required=True)
_CONTACT = {
    "FirstName": of_person("firstName", "first_name"),
    "LastName": of_person("lastName", "last_name"),
    "Phone": of_person("phone"),
    "Title": of_person("title"),
    "MailingStreet": of_person("address.street"),
    "MailingCity": of_person("address.city"),
    "MailingState": of_person("address.state"),
    "MailingPostalCode": of_person("address.postalCode"),
    "MailingCountry": of_person("address.country"),
}
BATCH = Batch(items_max=RECORDS_MAX, bytes_max=BATCH_BYTES_MAX, wait_s=1.0, key=_alike)
MEMBERSHIPS = Batch(
    items_max=RECORDS_MAX,
    bytes_max=BATCH_BYTES_MAX,
    wait_s=1.0,
    key=lambda payload: (_alike(payload), payload.get("audience"), payload.get("field")),
)

TYPE = DestinationType(
    name="salesforce",
    label="Salesforce",
    category="crm",
    description="Create and update contacts or other records in Salesforce. Audiences become checkboxes.",
    settings=SalesforceSettings,
    problems=problems,
    access=Access(request=access_request, read=read_token),
    actions=(
        Action(
            name="upsert_record",
            label="Create or change a record",
            description="Of any object, known by an external id.",
            perform=upsert,
            fields=(
                OBJECT,
                EXTERNAL_ID_FIELD,
                EXTERNAL_ID,
                Field(name="fields", label="Fields", type="object", description="API name to value."),
            ),
            batch=BATCH,
        ),
        Action(
            name="set_checkbox",
            label="Set an audience",
            description="A checkbox named like the audience: ticked for members.",
            perform=set_checkbox,
            fields=(
                like(OBJECT, default="Contact"),
                EXTERNAL_ID_FIELD,
                EXTERNAL_ID,
                AUDIENCE,
                MEMBER,
                Field(
                    name="field",
                    label="Checkbox",
                    type="string",
                    description="API name. Left out: the audience's key and `__c`.",
                ),
            ),
            batch=MEMBERSHIPS,
        ),
    ),
    presets=(
        Preset(
            name="Contacts",
            action="upsert_record",
            trigger='type = "identify" and traits.email != null',
            mapping={"object": "Contact", "fields": {"@excludeWhenNull": _CONTACT}},
        ),
        Preset(name="Audience entered", action="set_checkbox", trigger=ENTERED, mapping={"member": True}),
        Preset(name="Audience left", action="set_checkbox", trigger=EXITED, mapping={"member": False}),
    ),
    test=test,
)
