"""Profiles: making and updating them, finding them, having them deleted."""

from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import quote

from headwater.destinations.kit import people
from headwater.destinations.kit.answers import besides, isolated, json_of, objects, unsent
from headwater.destinations.kit.deletion import Deletion
from headwater.destinations.kit.exchange import ask, get_request
from headwater.destinations.kit.model import (
    Attempt,
    Exchange,
    Item,
    Outcome,
    Perform,
    Request,
)
from headwater.destinations.kit.names import compact
from headwater.destinations.klaviyo.account import (
    API,
    KlaviyoSettings,
    Payload,
    api_request,
    blamed,
    headers,
    outcome_of,
)

_LOCATION = ("address1", "city", "region", "zip", "country", "timezone")
"""What a profile keeps below `location`."""
_SAID_OTHERWISE = {
    *("email", "phone", "firstName", "first_name", "lastName", "last_name", "organization", "title", "avatar"),
    *("address", "city", "state", "country"),
}
"""Traits that have places of their own."""


def profile_of(settings: KlaviyoSettings, payload: Payload) -> dict[str, Any]:
    location = {name: payload.get(name) for name in _LOCATION}
    traits = {k: v for k, v in (payload.get("traits") or {}).items() if k not in _SAID_OTHERWISE}
    attributes = {
        "email": people.email(payload.get("email") or ""),
        "phone_number": people.phone(payload.get("phone") or "", settings.phone_region),
        "external_id": payload.get("user_id"),
        "anonymous_id": payload.get("anonymous_id"),
        **{name: payload.get(name) for name in ("first_name", "last_name", "organization", "title", "image")},
        "location": compact(location),
        "properties": {**traits, **(payload.get("properties_set") or {})},
    }
    return {"type": "profile", "attributes": compact(attributes)}


_IDS = ("email", "phone_number", "external_id", "anonymous_id")
NOBODY = unsent("none of `email`, `phone` and `user_id`: Klaviyo could not tell whose it is")


def nobodies(items: Sequence[Item], settings: KlaviyoSettings) -> dict[int, Outcome]:
    """Those that do not say who they are about, by index."""
    said = [profile_of(settings, item.payload)["attributes"] for item in items]
    return {index: NOBODY for index, of in enumerate(said) if not any(of.get(name) for name in _IDS)}


def upsert_profile(settings: KlaviyoSettings) -> Perform:
    return lambda items, _attempt: besides(
        items, nobodies(items, settings), lambda known: import_profiles(settings, known)
    )


def import_profiles(settings: KlaviyoSettings, items: Sequence[Item], list_id: str = "") -> Exchange:
    """Profiles are made or updated, and put onto a list if there is one. One alone has an endpoint of its own,
    which takes seven times as many requests.
    """

    def build(part: Sequence[Item]) -> Request:
        profiles = [profile_of(settings, item.payload) for item in part]
        if len(profiles) == 1 and not list_id:
            return api_request(settings, "POST", "/profile-import/", {"data": profiles[0]})
        job: dict[str, Any] = {
            "type": "profile-bulk-import-job",
            "attributes": {"profiles": {"data": profiles}},
        }
        if list_id:
            job["relationships"] = {"lists": {"data": [{"type": "list", "id": list_id}]}}
        return api_request(settings, "POST", "/profile-bulk-import-jobs/", {"data": job})

    return (yield from isolated(items, build, blame=blamed("/profiles/data/"), outcome=outcome_of))


def search_url(name: str, values: Sequence[str]) -> str:
    texts = ",".join('"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"' for value in values)
    return f"{API}/profiles/?filter={quote(f'any({name},[{texts}])')}&fields[profile]=email&page[size]=100"


def test(settings: KlaviyoSettings, _attempt: Attempt) -> Exchange:
    """Asks for one profile."""
    answer = yield from ask(get_request(f"{API}/profiles/?page[size]=1", headers(settings)))
    return [outcome_of(answer)]


def deletions(settings: KlaviyoSettings) -> Callable[[Deletion, Attempt], Exchange]:
    """A deletion names the profile by Klaviyo's own id, which is looked up by the user's."""

    def perform(deletion: Deletion, _attempt: Attempt) -> Exchange:
        answer = yield from ask(get_request(search_url("external_id", [deletion.user_id]), headers(settings)))
        found = objects(json_of(answer).get("data"))
        if not found:
            return [outcome_of(answer)]
        profile = {"data": {"type": "profile", "id": str(found[0].get("id"))}}
        job = {"type": "data-privacy-deletion-job", "attributes": {"profile": profile}}
        answer = yield from ask(api_request(settings, "POST", "/data-privacy-deletion-jobs/", {"data": job}))
        return [outcome_of(answer)]

    return perform
