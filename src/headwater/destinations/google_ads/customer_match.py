"""Customer match: lists of people, by the Data Manager API.

It took over from the Google Ads API, which since April 2026 takes no new users of customer match.
"""

import re
from collections.abc import Generator, Mapping, Sequence
from typing import Any

from headwater.destinations.google_ads.account import TIMEOUT_S, GoogleAdsSettings, ads_request, outcome_of
from headwater.destinations.kit import people
from headwater.destinations.kit.answers import besides, isolated, json_of, objects, unsent
from headwater.destinations.kit.authorization import bearer
from headwater.destinations.kit.exchange import ask, json_request, same_for_all
from headwater.destinations.kit.model import (
    Answer,
    Answers,
    Attempt,
    Calls,
    Delivered,
    Exchange,
    Item,
    Outcome,
    Perform,
    Rejected,
    Request,
)
from headwater.destinations.kit.names import compact

_DATA_MANAGER = "https://datamanager.googleapis.com/v1"
_MEMBER_INDEX = re.compile(r"audience_?[mM]embers\[(\d+)\]")


def set_member(settings: GoogleAdsSettings) -> Perform:
    def perform(items: Sequence[Item], attempt: Attempt) -> Exchange:
        audience, member = items[0].payload["audience"], items[0].payload["member"]
        list_id = yield from _list(settings, audience, attempt.token)
        if not isinstance(list_id, str):
            return same_for_all(items, list_id)

        def request(asked: Sequence[Item]) -> Request:
            body: dict[str, Any] = {
                "destinations": [_destination(settings, list_id)],
                "audienceMembers": [
                    {"userData": {"userIdentifiers": _identifiers(item.payload, settings.region)}}
                    for item in asked
                ],
                "encoding": "HEX",
            }
            if member:
                body |= {
                    "consent": {"adUserData": "CONSENT_GRANTED", "adPersonalization": "CONSENT_GRANTED"},
                    "termsOfService": {"customerMatchTermsOfServiceStatus": "ACCEPTED"},
                }
            url = f"{_DATA_MANAGER}/audienceMembers:{'ingest' if member else 'remove'}"
            return json_request("POST", url, body, bearer(attempt.token), timeout_s=TIMEOUT_S)

        nobody = unsent("neither an email address nor a phone number", "PAYLOAD_VALIDATION_FAILED")
        refused = {
            index: nobody for index, item in enumerate(items) if not _identifiers(item.payload, settings.region)
        }
        return (
            yield from besides(
                items, refused, lambda rest: isolated(rest, request, blame=_blame, outcome=outcome_of)
            )
        )

    return perform


def _destination(settings: GoogleAdsSettings, list_id: str) -> dict[str, Any]:
    account: dict[str, object] = {"accountType": "GOOGLE_ADS", "accountId": settings.customer}
    manager = {"accountType": "GOOGLE_ADS", "accountId": settings.manager} if settings.manager else None
    return compact({"operatingAccount": account, "loginAccount": manager, "productDestinationId": list_id})


def _identifiers(payload: Mapping[str, Any], region: str) -> list[dict[str, object]]:
    email = people.email_hash(payload.get("email") or "", google=True)
    phone = people.phone_hash(payload.get("phone") or "", region)
    known = [{"emailAddress": email}, {"phoneNumber": phone}]
    return [found for each in known if (found := compact(each))]


def _blame(answer: Answer, items: Sequence[Item]) -> Mapping[int, Outcome]:
    """Members are named by their place, as in `audience_members[3].user_data`."""
    error = json_of(answer).get("error")
    details = objects(error.get("details")) if isinstance(error, dict) else []
    found: dict[int, Outcome] = {}
    for violation in (each for detail in details for each in objects(detail.get("fieldViolations"))):
        index = _MEMBER_INDEX.search(str(violation.get("field")))
        if index and int(index[1]) < len(items):
            found.setdefault(int(index[1]), Rejected("BAD_REQUEST", str(violation.get("description"))))
    return found


def _list(settings: GoogleAdsSettings, audience: str, token: str) -> Generator[Calls, Answers, str | Outcome]:
    """The id of an audience's customer list, or why there is none."""
    if audience in settings.lists:
        return settings.lists[audience]
    if not settings.developer_token:
        return unsent(f"the setting `lists` names no list for {audience}", "INVALID_SETTINGS")
    # In GAQL a quote is escaped by a backslash.
    name = audience.replace("\\", "\\\\").replace("'", "\\'")
    query = f"SELECT user_list.id FROM user_list WHERE user_list.name = '{name}' LIMIT 1"  # noqa: S608 - GAQL, and escaped
    answer = yield from ask(ads_request(settings, "/googleAds:search", {"query": query}, token))
    outcome = outcome_of(answer)
    if not isinstance(outcome, Delivered):
        return outcome
    rows = [each.get("userList") for each in objects(json_of(answer).get("results"))]
    ids = [str(row["id"]) for row in objects(rows) if row.get("id")]
    return ids[0] if ids else unsent(f"no customer list called {audience}; make one", "INVALID_SETTINGS")
