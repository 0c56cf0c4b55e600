"""Lists, consent, and audiences."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from headwater.destinations.kit import people
from headwater.destinations.kit.answers import besides, isolated, json_of, objects
from headwater.destinations.kit.exchange import ask, ask_all, get_request
from headwater.destinations.kit.model import (
    Delivered,
    Exchange,
    Item,
    Outcome,
    Perform,
    Request,
)
from headwater.destinations.kit.names import compact
from headwater.destinations.klaviyo.account import KlaviyoSettings, api_request, blamed, headers, outcome_of
from headwater.destinations.klaviyo.profiles import import_profiles, nobodies, profile_of, search_url


def set_membership(settings: KlaviyoSettings) -> Perform:
    """The property for everybody; the list of an audience that has one."""

    def tell(items: Sequence[Item]) -> Exchange:
        told = [_with_property(item) for item in items]
        outcomes: dict[int, Outcome] = {}
        groups: dict[tuple[str, bool], list[int]] = {}
        for index, item in enumerate(told):
            list_id = settings.lists.get(item.payload["audience"], "")
            groups.setdefault((list_id, item.payload["member"]), []).append(index)
        for (list_id, member), indexes in groups.items():
            part = [told[index] for index in indexes]
            results = yield from import_profiles(settings, part, list_id if member else "")
            if list_id and not member:
                failed = {n: of for n, of in enumerate(results) if not isinstance(of, Delivered)}
                results = yield from besides(part, failed, partial(_remove, settings, list_id=list_id))
            outcomes |= dict(zip(indexes, results, strict=True))
        return [outcomes[index] for index in range(len(items))]

    return lambda items, _attempt: besides(items, nobodies(items, settings), tell)


def _with_property(item: Item) -> Item:
    return item._replace(
        payload=item.payload | {"properties_set": {item.payload["audience"]: item.payload["member"]}}
    )


def add_to_list(settings: KlaviyoSettings) -> Perform:
    def add(known: Sequence[Item]) -> Exchange:
        return import_profiles(settings, known, known[0].payload["list_id"])

    return lambda items, _attempt: besides(items, nobodies(items, settings), add)


def remove_from_list(settings: KlaviyoSettings) -> Perform:
    def remove(known: Sequence[Item]) -> Exchange:
        return _remove(settings, known, known[0].payload["list_id"])

    return lambda items, _attempt: besides(items, nobodies(items, settings), remove)


def _remove(settings: KlaviyoSettings, items: Sequence[Item], list_id: str) -> Exchange:
    """Lists are left by Klaviyo's own ids, which are looked up first. Who is not there has left already."""
    asked = [
        (name, sorted({profile_of(settings, i.payload)["attributes"].get(name, "") for i in items} - {""}))
        for name in ("email", "external_id", "phone_number")
    ]
    answers = yield from ask_all(
        [get_request(search_url(name, values), headers(settings)) for name, values in asked if values]
    )
    failed = [outcome for outcome in map(outcome_of, answers) if not isinstance(outcome, Delivered)]
    if failed:
        return [failed[0]] * len(items)
    found = {str(each_one.get("id")) for answer in answers for each_one in objects(json_of(answer).get("data"))}
    if not found:
        return [Delivered("200")] * len(items)
    body = {"data": [{"type": "profile", "id": id_} for id_ in sorted(found)]}
    answer = yield from ask(api_request(settings, "DELETE", f"/lists/{list_id}/relationships/profiles/", body))
    return [outcome_of(answer)] * len(items)


def subscribe(settings: KlaviyoSettings) -> Perform:
    return _consent(settings, "profile-subscription-bulk-create-job", "SUBSCRIBED")


def unsubscribe(settings: KlaviyoSettings) -> Perform:
    return _consent(settings, "profile-subscription-bulk-delete-job", "UNSUBSCRIBED")


def _consent(settings: KlaviyoSettings, job: str, consent: str) -> Perform:
    marketing = {"marketing": {"consent": consent}}

    def build(part: Sequence[Item]) -> Request:
        profiles = []
        for item in part:
            email = people.email(item.payload.get("email") or "")
            phone = people.phone(item.payload.get("phone") or "", settings.phone_region)
            channels = compact({"email": marketing if email else None, "sms": marketing if phone else None})
            about = compact({"email": email, "phone_number": phone, "subscriptions": channels})
            profiles.append({"type": "profile", "attributes": about})
        data: dict[str, Any] = {"type": job, "attributes": {"profiles": {"data": profiles}}}
        if part[0].payload.get("list_id"):
            data["relationships"] = {"list": {"data": {"type": "list", "id": part[0].payload["list_id"]}}}
        return api_request(settings, "POST", f"/{job}s/", {"data": data})

    def send(known: Sequence[Item]) -> Exchange:
        return isolated(known, build, blame=blamed("/profiles/data/"), outcome=outcome_of)

    return lambda items, _attempt: besides(items, nobodies(items, settings), send)
