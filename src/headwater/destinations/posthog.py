"""PostHog: events, persons, groups and aliases by the batch API; audiences as person properties."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from headwater.destinations.kit.answers import explained, isolated, json_of
from headwater.destinations.kit.common_fields import (
    ALIASES,
    ANONYMOUS_ID,
    ANY_ID,
    AUDIENCE,
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
    PAGE_REFERRER,
    PAGE_TITLE,
    PAGE_URL,
    PAGES,
    PREVIOUS_ID,
    PROPERTIES,
    SCREENS,
    TIMESTAMP,
    TRAITS,
    USER_AGENT,
    USER_ID,
    first,
    like,
    path,
    tracks,
)
from headwater.destinations.kit.exchange import ask, json_request
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
from headwater.destinations.kit.names import as_uuid, compact, set_and_unset
from headwater.destinations.kit.outcome import http_outcome
from headwater.destinations.kit.settings import Secret, Settings
from headwater.destinations.kit.urls import host_problems
from headwater.errors import Problem
from headwater.mapping.fields import Field

BATCH = Batch(items_max=1_000, bytes_max=5_000_000)
"""The API counts no events; a body may have 20 MB."""


class PosthogSettings(Settings, frozen=True, kw_only=True):
    project_api_key: Secret
    """Of the project; begins with `phc_`."""
    host: str = "https://us.i.posthog.com"
    """`https://eu.i.posthog.com` for EU Cloud, or your own."""


def problems(settings: PosthogSettings) -> list[Problem]:
    return host_problems(settings.host, "host")


Event = dict[str, Any]


def capture(build: Callable[[dict[str, Any]], Event]) -> Callable[[PosthogSettings], Perform]:
    def of_settings(settings: PosthogSettings) -> Perform:
        url = settings.host.rstrip("/") + "/batch/"

        def request(items: Sequence[Item]) -> Request:
            batch = [build(item.payload) for item in items]
            body = {"api_key": settings.project_api_key, "historical_migration": False, "batch": batch}
            return json_request("POST", url, body)

        def perform(items: Sequence[Item], _attempt: Attempt) -> Exchange:
            return (yield from isolated(items, request, outcome=_outcome))

        return perform

    return of_settings


def _outcome(answer: Answer) -> Outcome:
    """A 200 may say that the project has used up what it pays for: such events are gone."""
    body, outcome = json_of(answer), http_outcome(answer)
    if isinstance(outcome, Delivered) and "events" in (body.get("quota_limited") or ()):
        return Rejected("MESSAGE_REJECTED", "the project's quota of events is used up")
    return explained(outcome, body.get("detail") or body.get("error"))


def _event(payload: Mapping[str, Any], event: str, distinct_id: Any, properties: Mapping[str, Any]) -> Event:
    ip = payload.get("ip")
    known = compact(
        {
            "$ip": ip,
            # Without one PostHog would look up where this server stands.
            "$geoip_disable": None if ip else True,
            "$raw_user_agent": payload.get("user_agent"),
            "$current_url": payload.get("page_url"),
            "$referrer": payload.get("page_referrer"),
            "$title": payload.get("page_title"),
            "$os": payload.get("os"),
            "$device_type": payload.get("device_type"),
            "$app_version": payload.get("app_version"),
            "$groups": payload.get("groups"),
            "$lib": "headwater",
        }
    )
    message_id = payload.get("message_id")
    whole = {
        "event": event,
        "distinct_id": str(distinct_id),
        "properties": {**properties, **known},
        "timestamp": payload.get("timestamp"),
        "uuid": as_uuid(message_id) if message_id else None,
    }
    return compact(whole)


def track_event(payload: Mapping[str, Any]) -> Event:
    properties = dict(payload.get("properties") or {})
    if payload.get("anonymous"):
        properties["$process_person_profile"] = False
    if payload.get("screen_name"):
        properties["$screen_name"] = payload["screen_name"]
    return _event(payload, payload["event"], payload["user_id"], properties)


def identify_event(payload: Mapping[str, Any]) -> Event:
    kept, gone = set_and_unset(payload.get("traits"))
    about = {"$set": kept, "$unset": gone, "$anon_distinct_id": payload.get("anonymous_id")}
    return _event(payload, "$identify", payload["user_id"], compact(about))


def set_event(payload: Mapping[str, Any]) -> Event:
    return _event(payload, "$set", payload["user_id"], {"$set": {payload["audience"]: payload["member"]}})


def group_event(payload: dict[str, Any]) -> Event:
    kind, key = payload.get("group_type") or "company", payload["group_id"]
    who = payload.get("user_id") or f"${kind}_{key}"
    about = {"$group_type": kind, "$group_key": key, "$group_set": payload.get("traits") or {}}
    return _event(payload | {"groups": {kind: key}}, "$groupidentify", who, about)


def alias_event(payload: Mapping[str, Any]) -> Event:
    ids = {"distinct_id": payload["user_id"], "alias": payload["previous_id"]}
    return _event(payload, "$create_alias", payload["user_id"], ids)


def test(settings: PosthogSettings, _attempt: Attempt) -> Exchange:
    """Asks for the feature flags of nobody: a key that is not right is answered 401."""
    body = {"api_key": settings.project_api_key, "distinct_id": "headwater"}
    answer = yield from ask(json_request("POST", settings.host.rstrip("/") + "/flags/?v=2", body))
    return [_outcome(answer)]


_CONTEXT = (
    IP,
    USER_AGENT,
    PAGE_URL,
    PAGE_TITLE,
    PAGE_REFERRER,
    Field(name="os", label="Operating system", type="string", default=path("$.context.os.name")),
    Field(name="device_type", label="Device type", type="string", default=path("$.context.device.type")),
    Field(name="app_version", label="App version", type="string", default=path("$.context.app.version")),
)
_ANONYMOUS = Field(
    name="anonymous",
    label="Without a person",
    type="boolean",
    description="Makes no person profile of it: cheaper. Out of the box true of events without a user id.",
    default={"@if": {"exists": path("$.userId"), "then": False, "else": True}},
)
_GROUP_TYPE = Field(name="group_type", label="Group type", type="string", default="company")

TYPE = DestinationType(
    name="posthog",
    label="PostHog",
    category="analytics",
    description="Send events, persons and groups to PostHog. Audiences become person properties.",
    settings=PosthogSettings,
    problems=problems,
    actions=(
        Action(
            name="capture_event",
            label="Capture an event",
            description="An event of a person, known or not.",
            perform=capture(track_event),
            fields=(
                EVENT,
                ANY_ID,
                TIMESTAMP,
                MESSAGE_ID,
                PROPERTIES,
                _ANONYMOUS,
                Field(name="groups", label="Groups", type="object", description="Group type to group key."),
                Field(name="screen_name", label="Screen", type="string"),
                *_CONTEXT,
            ),
            batch=BATCH,
        ),
        Action(
            name="identify_person",
            label="Identify a person",
            description="Traits become person properties; what the anonymous id did before belongs to the person.",
            perform=capture(identify_event),
            fields=(ANY_ID, ANONYMOUS_ID, TRAITS, TIMESTAMP, MESSAGE_ID, IP, USER_AGENT),
            batch=BATCH,
        ),
        Action(
            name="identify_group",
            label="Identify a group",
            description="Traits become properties of the group.",
            perform=capture(group_event),
            fields=(
                like(USER_ID, default=first("$.userId", "$.anonymousId")),
                GROUP_ID,
                _GROUP_TYPE,
                TRAITS,
                TIMESTAMP,
                MESSAGE_ID,
            ),
            batch=BATCH,
        ),
        Action(
            name="alias",
            label="Alias",
            description="Says that two ids are one person.",
            perform=capture(alias_event),
            fields=(like(USER_ID, required=True), PREVIOUS_ID, TIMESTAMP, MESSAGE_ID),
            batch=BATCH,
        ),
        Action(
            name="set_membership",
            label="Set an audience",
            description="A person property named like the audience: true for members, false for those who left.",
            perform=capture(set_event),
            fields=(ANY_ID, AUDIENCE, MEMBER, TIMESTAMP, MESSAGE_ID),
            batch=BATCH,
        ),
    ),
    presets=(
        Preset(name="Track calls", action="capture_event", trigger=tracks()),
        Preset(name="Pages", action="capture_event", trigger=PAGES, mapping={"event": "$pageview", **OF_PAGE}),
        Preset(
            name="Screens",
            action="capture_event",
            trigger=SCREENS,
            mapping={"event": "$screen", "screen_name": path("$.name")},
        ),
        Preset(name="Persons", action="identify_person", trigger=IDENTIFIES),
        Preset(name="Groups", action="identify_group", trigger=GROUPS),
        Preset(name="Aliases", action="alias", trigger=ALIASES),
        Preset(name="Audience entered", action="set_membership", trigger=ENTERED, mapping={"member": True}),
        Preset(name="Audience left", action="set_membership", trigger=EXITED, mapping={"member": False}),
    ),
    test=test,
)
