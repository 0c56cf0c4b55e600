"""The stream, and what it is sent by the Measurement Protocol."""

import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal
from urllib.parse import urlencode

import msgspec

from headwater.destinations.google_analytics_4.forms import (
    event_of,
    user_properties,
)
from headwater.destinations.kit.answers import explained, json_of, objects
from headwater.destinations.kit.exchange import ask, json_request, same_for_all
from headwater.destinations.kit.model import (
    Attempt,
    Exchange,
    Item,
    Perform,
    Rejected,
    Request,
)
from headwater.destinations.kit.names import compact
from headwater.destinations.kit.outcome import http_outcome
from headwater.destinations.kit.settings import BASIC, Secret, Settings
from headwater.errors import Problem

_HOSTS = {"global": "https://www.google-analytics.com", "eu": "https://region1.google-analytics.com"}
_MEASUREMENT_ID = re.compile(r"G-[A-Z0-9]{4,16}")


class GoogleAnalytics4Settings(Settings, frozen=True, kw_only=True):
    api_secret: Secret
    """Create one in GA4 under Admin → Data streams → Measurement Protocol API secrets."""
    measurement_id: Annotated[str, BASIC] = ""
    """Of your web stream, for example `G-ABC1234567`. Use this or `firebase_app_id`."""
    firebase_app_id: str = ""
    """Of your app stream."""
    region: Literal["global", "eu"] = "global"
    """`eu` collects events in the European Union."""


def problems(settings: GoogleAnalytics4Settings) -> list[Problem]:
    if bool(settings.measurement_id) == bool(settings.firebase_app_id):
        return [Problem("one of `measurement_id` and `firebase_app_id` is needed, and not both", "measurement_id")]
    if settings.measurement_id and not _MEASUREMENT_ID.fullmatch(settings.measurement_id):
        return [Problem("expected the id of a web stream, as in `G-ABC123XYZ9`", "measurement_id")]
    return []


def _url(settings: GoogleAnalytics4Settings, place: str) -> str:
    if settings.measurement_id:
        stream = {"measurement_id": settings.measurement_id}
    else:
        stream = {"firebase_app_id": settings.firebase_app_id}
    return f"{_HOSTS[settings.region]}{place}?{urlencode(stream | {'api_secret': settings.api_secret})}"


def collect(settings: GoogleAnalytics4Settings) -> Perform:
    url = _url(settings, "/mp/collect")

    def perform(items: Sequence[Item], _: Attempt) -> Exchange:
        answer = yield from ask(_request(settings, url, [item.payload for item in items]))
        return same_for_all(items, http_outcome(answer))

    return perform


def set_membership(settings: GoogleAnalytics4Settings) -> Perform:
    """`audience_entered` or `audience_exited`, and the user property that says so of all later events."""
    send = collect(settings)

    def perform(items: Sequence[Item], attempt: Attempt) -> Exchange:
        return (yield from send([item._replace(payload=_membership(item.payload)) for item in items], attempt))

    return perform


def _membership(payload: dict[str, Any]) -> dict[str, Any]:
    audience, member = payload["audience"], payload["member"]
    said = {
        "event": "audience_entered" if member else "audience_exited",
        "params": {"audience": audience},
        "user_properties": {**(payload.get("user_properties") or {}), audience: member},
    }
    return payload | said


def same_membership(payload: Mapping[str, Any]) -> tuple[bytes, str, bool]:
    return same_user(payload), payload["audience"], payload["member"]


def _request(settings: GoogleAnalytics4Settings, url: str, payloads: Sequence[Mapping[str, Any]]) -> Request:
    """All of one client and user, see `same_user`."""
    about = payloads[0]
    client = "client_id" if settings.measurement_id else "app_instance_id"
    body = {
        client: about["client_id"],
        "user_id": about.get("user_id"),
        "user_agent": about.get("user_agent"),
        "user_properties": user_properties(about.get("user_properties") or {}),
        "events": [event_of(payload) for payload in payloads],
    }
    return json_request("POST", url, compact(body))


def same_user(payload: Mapping[str, Any]) -> bytes:
    """What a request says once for all its events."""
    names = ("client_id", "user_id", "user_agent", "user_properties")
    return msgspec.json.encode([payload.get(name) for name in names], order="deterministic")


def test(settings: GoogleAnalytics4Settings, attempt: Attempt) -> Exchange:
    """Has an event looked at by the validation server, which stores nothing. It knows malformed requests and
    unknown streams, but not whether the secret is right: nothing of Google's tells that.
    """
    payload = {"client_id": "headwater.test", "event": "headwater_test", "timestamp": attempt.at_s}
    answer = yield from ask(_request(settings, _url(settings, "/debug/mp/collect"), [payload]))
    outcome = http_outcome(answer)
    messages = objects(json_of(answer).get("validationMessages"))
    if messages:
        said = "; ".join(f"{each.get('validationCode')}: {each.get('description')}" for each in messages)
        return [explained(Rejected("BAD_REQUEST"), said)]
    return [outcome]
