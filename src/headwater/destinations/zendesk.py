"""Zendesk: users, organisations, what users did, and audiences as tags of users."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from headwater.destinations.kit.answers import explained, json_of, objects, unsent
from headwater.destinations.kit.authorization import basic, bearer
from headwater.destinations.kit.common_fields import (
    AUDIENCE,
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
    path,
    tracks,
)
from headwater.destinations.kit.deletion import Deletion
from headwater.destinations.kit.exchange import ask, get_request, json_request, one_request
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
from headwater.destinations.kit.names import compact, snake
from headwater.destinations.kit.outcome import http_outcome
from headwater.destinations.kit.settings import Secret, Settings
from headwater.errors import Problem
from headwater.mapping.fields import Field

USERS_MAX = 100
"""Of a request that takes many users."""
SOURCE = "headwater"
"""Whose events these are, as an agent sees it."""
_SUBDOMAIN = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")


class ZendeskSettings(Settings, frozen=True, kw_only=True):
    subdomain: str
    """Of the account: `acme` of acme.zendesk.com."""
    email: str = ""
    """Of the agent whose API token it is. Empty: `api_token` is an OAuth access token."""
    api_token: Secret
    bulk: bool = False
    """Users by the hundred, if Zendesk has enabled bulk imports. Then it does not say what is wrong with one."""


def problems(settings: ZendeskSettings) -> list[Problem]:
    if not _SUBDOMAIN.fullmatch(settings.subdomain):
        return [Problem("expected the part before .zendesk.com, as in acme", "subdomain")]
    return []


class _Account:
    """What the settings come to: where to ask, and as whom."""

    def __init__(self, settings: ZendeskSettings) -> None:
        self._base = f"https://{settings.subdomain}.zendesk.com/api/v2"
        user = f"{settings.email}/token"
        self._headers = basic(user, settings.api_token) if settings.email else bearer(settings.api_token)

    def asking(self, place: str, **query: str) -> Request:
        return get_request(self._url(place, query), self._headers)

    def telling(self, method: str, place: str, body: Any) -> Request:
        return json_request(method, self._url(place, {}), body, self._headers)

    def deleting(self, place: str) -> Request:
        return self.asking(place)._replace(method="DELETE")

    def _url(self, place: str, query: Mapping[str, str]) -> str:
        return f"{self._base}{place}" + (f"?{urlencode(query)}" if query else "")


def outcome_of(answer: Answer) -> Outcome:
    body = json_of(answer)
    said = [body.get("description"), body.get("message")]
    error = body.get("error")
    said += [error.get("message")] if isinstance(error, dict) else [error]
    fields = body.get("details")
    for name, wrong in fields.items() if isinstance(fields, dict) else ():
        said.insert(0, f"{name}: " + "; ".join(str(each.get("description")) for each in objects(wrong)))
    return explained(http_outcome(answer), next((text for text in said if isinstance(text, str) and text), None))


# --- users and organisations ------------------------------------------------------------------------------


def upsert_user(settings: ZendeskSettings) -> Perform:
    account = _Account(settings)

    def one(items: Sequence[Item], _: Attempt) -> Request:
        return account.telling("POST", "/users/create_or_update", {"user": _user(items[0].payload)})

    def many(items: Sequence[Item], _: Attempt) -> Request:
        users = [_user(item.payload) for item in items]
        return account.telling("POST", "/users/create_or_update_many", {"users": users})

    return one_request(many if settings.bulk else one, outcome_of)


def user_batch(settings: ZendeskSettings) -> Batch | None:
    return Batch(items_max=USERS_MAX, bytes_max=1_000_000, wait_s=2.0) if settings.bulk else None


def _user(payload: Mapping[str, Any]) -> dict[str, Any]:
    names = ("external_id", "email", "name", "phone", "alias", "time_zone", "locale", "details", "notes", "tags")
    fields = {snake(name): value for name, value in (payload.get("user_fields") or {}).items()}
    user = {name: payload.get(name) for name in names}
    user["organization"] = {"name": payload["organization"]} if payload.get("organization") else None
    # Without `verified` a new user gets a mail that asks to confirm the address.
    user["verified"] = payload.get("verified")
    return compact({**user, "user_fields": fields})


def upsert_organization(settings: ZendeskSettings) -> Perform:
    account = _Account(settings)

    def build(items: Sequence[Item], _: Attempt) -> Request:
        payload = items[0].payload
        names = ("external_id", "name", "domain_names", "details", "notes", "tags")
        fields = {snake(name): value for name, value in (payload.get("organization_fields") or {}).items()}
        organization = {name: payload.get(name) for name in names} | {"organization_fields": fields}
        return account.telling("POST", "/organizations/create_or_update", {"organization": compact(organization)})

    return one_request(build, outcome_of)


# --- what users did ---------------------------------------------------------------------------------------


def track_event(settings: ZendeskSettings) -> Perform:
    account = _Account(settings)

    def perform(items: Sequence[Item], _: Attempt) -> Exchange:
        payload = items[0].payload
        known_by = [
            {"type": kind, "value": payload[kind]} for kind in ("external_id", "email") if payload.get(kind)
        ]
        if not known_by:
            return [unsent("neither an id nor an email address says whose event it is")]
        event = {
            "source": SOURCE,
            "type": snake(payload["event"]),
            "description": payload["event"],
            "created_at": payload.get("timestamp"),
            "properties": payload.get("properties") or {},
        }
        body = {"profile": {"source": SOURCE, "type": "person", "identifiers": known_by}, "event": event}
        answer = yield from ask(account.telling("POST", "/user_profiles/events", body))
        return [outcome_of(answer)]

    return perform


# --- audiences --------------------------------------------------------------------------------------------


def set_tag(settings: ZendeskSettings) -> Perform:
    account = _Account(settings)

    def perform(items: Sequence[Item], _: Attempt) -> Exchange:
        payload = items[0].payload
        known_by = _search(payload)
        if not known_by:
            return [unsent("neither an id nor an email address says whose tag it is")]
        answer = yield from ask(account.asking("/users/search", **known_by))
        outcome = outcome_of(answer)
        if not isinstance(outcome, Delivered):
            return [outcome]
        users = objects(json_of(answer).get("users"))
        if not users:
            said = Rejected("404", "no such user in Zendesk; identify calls make them")
            return [said if payload["member"] else Delivered("404")]  # who is not there has no tag
        method = "PUT" if payload["member"] else "DELETE"
        tags = {"tags": [snake(payload["audience"])]}
        answer = yield from ask(account.telling(method, f"/users/{users[0].get('id')}/tags", tags))
        return [outcome_of(answer)]

    return perform


def _search(payload: Mapping[str, Any]) -> dict[str, str]:
    if payload.get("external_id"):
        return {"external_id": payload["external_id"]}
    return {"query": f"email:{payload['email']}"} if payload.get("email") else {}


# --- test, deletion ---------------------------------------------------------------------------------------


def test(settings: ZendeskSettings, _: Attempt) -> Exchange:
    """Asks who we are. Zendesk tells strangers that they are nobody instead of refusing them."""
    answer = yield from ask(_Account(settings).asking("/users/me"))
    outcome, user = outcome_of(answer), json_of(answer).get("user")
    if isinstance(outcome, Delivered) and not (isinstance(user, dict) and user.get("id")):
        return [Rejected("401", "Zendesk does not know this agent or token")]
    return [outcome]


def deletions(settings: ZendeskSettings) -> Callable[[Deletion, Attempt], Exchange]:
    """Deleted, and then deleted for good: the first only hides a user."""
    account = _Account(settings)

    def perform(deletion: Deletion, _: Attempt) -> Exchange:
        answer = yield from ask(account.asking("/users/search", external_id=deletion.user_id))
        for user in objects(json_of(answer).get("users")):
            for kind in ("users", "deleted_users"):
                answer = yield from ask(account.deleting(f"/{kind}/{user.get('id')}"))
                if not isinstance(http_outcome(answer), Delivered):
                    return [outcome_of(answer)]
        return [outcome_of(answer)]

    return perform


# --- fields -----------------------------------------------------------------------------------------------

EXTERNAL_ID = like(USER_ID, name="external_id", label="External id")
_TAGS = Field(name="tags", label="Tags", type="string", multiple=True, description="Instead of those there are.")
_FULL_NAME = {"@template": "{{traits.firstName}} {{traits.lastName}}"}
_NAME = {
    "@if": {
        "exists": path("$.traits.name"),
        "then": path("$.traits.name"),
        "else": {
            "@if": {
                "exists": path("$.traits.firstName"),
                "then": _FULL_NAME,
                "else": first("$.traits.email", "$.userId"),
            }
        },
    }
}

TYPE = DestinationType(
    name="zendesk",
    label="Zendesk",
    category="support",
    description="Sync users and organisations to Zendesk, with events on the user. Audiences become tags.",
    settings=ZendeskSettings,
    problems=problems,
    actions=(
        Action(
            name="upsert_user",
            label="Create or change a user",
            description="Known by the external id or the email address.",
            perform=upsert_user,
            fields=(
                EXTERNAL_ID,
                EMAIL,
                Field(name="name", label="Name", type="string", required=True, default=_NAME),
                PHONE,
                Field(name="alias", label="Alias", type="string"),
                Field(name="time_zone", label="Time zone", type="string"),
                Field(name="locale", label="Locale", type="string"),
                Field(name="details", label="Details", type="string"),
                Field(name="notes", label="Notes", type="string"),
                _TAGS,
                Field(
                    name="organization",
                    label="Organisation",
                    type="string",
                    description="By name; there must be one.",
                ),
                Field(
                    name="verified",
                    label="Verified",
                    type="boolean",
                    description="New users get no mail that asks to confirm their address.",
                    default=True,
                ),
                Field(
                    name="user_fields", label="User fields", type="object", description="Key of a field to value."
                ),
            ),
            batch=user_batch,
        ),
        Action(
            name="upsert_organization",
            label="Create or change an organisation",
            description="Known by the external id or the name.",
            perform=upsert_organization,
            fields=(
                like(GROUP_ID, name="external_id", label="External id"),
                Field(
                    name="name",
                    label="Name",
                    type="string",
                    required=True,
                    default=first("$.traits.name", "$.groupId"),
                ),
                Field(name="domain_names", label="Domains", type="string", multiple=True),
                Field(name="details", label="Details", type="string"),
                Field(name="notes", label="Notes", type="string"),
                _TAGS,
                Field(
                    name="organization_fields",
                    label="Organisation fields",
                    type="object",
                    description="Key of a field to value.",
                ),
            ),
        ),
        Action(
            name="track_event",
            label="Track an event",
            description="Shown to agents beside the user's tickets.",
            perform=track_event,
            fields=(EXTERNAL_ID, EMAIL, EVENT, PROPERTIES, TIMESTAMP),
        ),
        Action(
            name="set_tag",
            label="Set an audience",
            description="A tag named like the audience: on members.",
            perform=set_tag,
            fields=(EXTERNAL_ID, EMAIL, AUDIENCE, MEMBER),
        ),
    ),
    presets=(
        Preset(name="Users", action="upsert_user", trigger=IDENTIFIES),
        Preset(name="Organisations", action="upsert_organization", trigger=GROUPS),
        Preset(name="Track calls", action="track_event", trigger=tracks()),
        Preset(name="Audience entered", action="set_tag", trigger=ENTERED, mapping={"member": True}),
        Preset(name="Audience left", action="set_tag", trigger=EXITED, mapping={"member": False}),
    ),
    test=test,
    deletions=deletions,
    pace=Pace(concurrency=10),
)
