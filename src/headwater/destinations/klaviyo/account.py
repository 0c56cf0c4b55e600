"""The account, and how its API is asked and understood."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from headwater.destinations.kit import people
from headwater.destinations.kit.answers import explained, json_of, objects
from headwater.destinations.kit.exchange import json_request
from headwater.destinations.kit.model import (
    Answer,
    Item,
    Outcome,
    Rejected,
    Request,
)
from headwater.destinations.kit.outcome import http_outcome
from headwater.destinations.kit.settings import Secret, Settings
from headwater.errors import Problem

REVISION = "2024-10-15"
"""Of the API. Klaviyo keeps a revision for two years and more."""
API = "https://a.klaviyo.com/api"


class KlaviyoSettings(Settings, frozen=True, kw_only=True):
    api_key: Secret
    """A private key; needs full access to events, profiles, lists and subscriptions."""
    lists: dict[str, str] = {}
    """Audience key → id of a list that its members are kept in."""
    phone_region: str = ""
    """Two letters, as in `US`: where phone numbers without `+` are from. Klaviyo takes E.164 only."""


def problems(settings: KlaviyoSettings) -> list[Problem]:
    if settings.phone_region and not people.is_region(settings.phone_region):
        return [Problem("expected a country's two letters, as in US", "phone_region")]
    return []


Payload = Mapping[str, Any]


def api_request(settings: KlaviyoSettings, method: str, place: str, body: Any) -> Request:
    return json_request(method, API + place, body, headers(settings))


def headers(settings: KlaviyoSettings) -> dict[str, str]:
    return {
        "Authorization": f"Klaviyo-API-Key {settings.api_key}",
        "revision": REVISION,
        "Accept": "application/vnd.api+json",
        "Content-Type": "application/vnd.api+json",
    }


def outcome_of(answer: Answer) -> Outcome:
    errors = objects(json_of(answer).get("errors"))
    said = "; ".join(str(error.get("detail") or error.get("title")) for error in errors)
    return explained(http_outcome(answer), said)


def blamed(place: str) -> Callable[[Answer, Sequence[Item]], Mapping[int, Outcome]]:
    """Errors point at what is wrong: `/data/attributes/profiles/data/3/attributes/email`."""

    def blame(answer: Answer, items: Sequence[Item]) -> Mapping[int, Outcome]:
        named: dict[int, Outcome] = {}
        for error in objects(json_of(answer).get("errors")):
            source = error.get("source")
            pointer = str(source.get("pointer") or "") if isinstance(source, dict) else ""
            index, _, where = pointer.partition(place)[2].partition("/")
            if index.isdigit() and int(index) < len(items):
                said = f"{where}: {error.get('detail') or error.get('title')}"
                named.setdefault(int(index), Rejected("BAD_REQUEST", said))
        return named

    return blame
