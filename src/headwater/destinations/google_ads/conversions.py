"""Conversions: the Google Ads API takes them by the thousand and answers for each (partial failure)."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from headwater.destinations.google_ads.account import GoogleAdsSettings, ads_request, errors_of, outcome_of
from headwater.destinations.kit import people
from headwater.destinations.kit.answers import besides, explained, json_of, objects, unsent
from headwater.destinations.kit.exchange import ask
from headwater.destinations.kit.instants import unix_ms
from headwater.destinations.kit.model import (
    Answer,
    Attempt,
    Delivered,
    Exchange,
    Item,
    Outcome,
    Perform,
    Rejected,
    RetryLater,
)
from headwater.destinations.kit.names import compact

_KNOWN = {
    *("CLICK_CONVERSION_ALREADY_EXISTS", "ORDER_ID_ALREADY_IN_USE", "CONVERSION_ALREADY_ENHANCED"),
    *("DUPLICATE_CLICK_CONVERSION_IN_REQUEST", "DUPLICATE_ORDER_ID", "DUPLICATE_ENHANCEMENT_IN_REQUEST"),
}
"""What Google says when it has had a conversion before: of a repeat, that is what we want."""
_LATER = {
    *("TOO_RECENT_EVENT", "TOO_RECENT_CONVERSION", "TOO_RECENT_CONVERSION_ACTION", "CONVERSION_NOT_FOUND"),
    *("INTERNAL_ERROR", "TRANSIENT_ERROR", "RESOURCE_EXHAUSTED", "RESOURCE_TEMPORARILY_EXHAUSTED"),
    *("DEADLINE_EXCEEDED", "CONCURRENT_MODIFICATION"),
}
"""Codes that pass: a click or a conversion is known some hours after it happened."""
_CLICK_IDS = ("gclid", "gbraid", "wbraid")


Build = Callable[[GoogleAdsSettings, Mapping[str, Any]], dict[str, Any]]


def upload(
    method: str, member: str, build: Build, lacks: Callable[[Mapping[str, Any]], str]
) -> Callable[[GoogleAdsSettings], Perform]:
    """An action that uploads a list of conversions under the name `member`. `lacks` says what a conversion has not
    that it needs, or "".
    """

    def of_settings(settings: GoogleAdsSettings) -> Perform:
        def upload_all(items: Sequence[Item], token: str) -> Exchange:
            conversions = [build(settings, item.payload) for item in items]
            body = {member: conversions, "partialFailure": True}
            answer = yield from ask(ads_request(settings, f":{method}", body, token))
            return outcomes_of(answer, len(items))

        def perform(items: Sequence[Item], attempt: Attempt) -> Exchange:
            lacking = [
                _lacks_setting(settings, item.payload) or lacks(build(settings, item.payload)) for item in items
            ]
            refused = {
                index: unsent(what, "PAYLOAD_VALIDATION_FAILED") for index, what in enumerate(lacking) if what
            }
            return (yield from besides(items, refused, lambda rest: upload_all(rest, attempt.token)))

        return perform

    return of_settings


def _lacks_setting(settings: GoogleAdsSettings, payload: Mapping[str, Any]) -> str:
    if not settings.developer_token:
        return "no `developer_token` in the settings: conversions need one"
    if not (payload.get("conversion_action") or settings.conversion_action):
        return "no `conversion_action`, neither in the mapping nor in the settings"
    return ""


def _conversion_action(settings: GoogleAdsSettings, payload: Mapping[str, Any]) -> str:
    number = payload.get("conversion_action") or settings.conversion_action
    return f"customers/{settings.customer}/conversionActions/{number}"


def click_conversion(settings: GoogleAdsSettings, payload: Mapping[str, Any]) -> dict[str, Any]:
    click = next((name for name in _CLICK_IDS if payload.get(name)), None)
    # Google takes one of the click ids, and no person beside those of apps. Of a person it takes no address here.
    person = identifiers(payload, settings.region) if click in (None, "gclid") else []
    consent = {"adUserData": payload.get("ad_user_data"), "adPersonalization": payload.get("ad_personalization")}
    return compact(
        {
            "conversionAction": _conversion_action(settings, payload),
            "conversionDateTime": ads_time(payload.get("timestamp")),
            **({click: payload[click]} if click else {}),
            "conversionValue": payload.get("value"),
            "currencyCode": payload.get("currency"),
            "orderId": payload.get("order_id"),
            "userIdentifiers": person,
            "consent": compact(consent),
        }
    )


def enhancement(settings: GoogleAdsSettings, payload: Mapping[str, Any]) -> dict[str, Any]:
    return compact(
        {
            "conversionAction": _conversion_action(settings, payload),
            "adjustmentType": "ENHANCEMENT",
            "orderId": payload.get("order_id"),
            "userIdentifiers": identifiers(payload, settings.region) + _addresses(payload),
            "userAgent": payload.get("user_agent"),
        }
    )


def identifiers(payload: Mapping[str, Any], region: str) -> list[dict[str, object]]:
    """Who it was, each under one of the names Google knows people by."""
    email = people.email_hash(payload.get("email") or "", google=True)
    phone = people.phone_hash(payload.get("phone") or "", region)
    known = [{"hashedEmail": email}, {"hashedPhoneNumber": phone}]
    return [found for each in known if (found := compact(each))]


def _addresses(payload: Mapping[str, Any]) -> list[dict[str, object]]:
    """Where somebody lives, if it is a whole address: Google matches no other."""
    address = compact(
        {
            "hashedFirstName": people.name_hash(payload.get("first_name") or ""),
            "hashedLastName": people.name_hash(payload.get("last_name") or ""),
            "city": payload.get("city"),
            "state": payload.get("state"),
            "postalCode": payload.get("postal_code"),
            "countryCode": payload.get("country"),
        }
    )
    whole = {"hashedFirstName", "hashedLastName", "postalCode", "countryCode"} <= set(address)
    return [{"addressInfo": address}] if whole else []


def ads_time(instant: Any) -> str | None:
    """As Google wants it.

    >>> ads_time("2026-01-01T01:00:00+01:00")
    '2026-01-01 00:00:00+00:00'
    """
    at_ms = unix_ms(instant)
    try:
        return None if at_ms is None else datetime.fromtimestamp(at_ms // 1000, UTC).isoformat(sep=" ")
    except (ValueError, OverflowError, OSError):
        return None  # of no year that there is


def lacks_click(conversion: Mapping[str, Any]) -> str:
    if not conversion.get("conversionDateTime"):
        return "no time of the conversion"
    ways = (*_CLICK_IDS, "userIdentifiers")
    return "" if any(conversion.get(way) for way in ways) else "no click id, and nothing that says who it was"


def lacks_order(adjustment: Mapping[str, Any]) -> str:
    if not adjustment.get("orderId"):
        return "no order id: which conversion is it?"
    return "" if adjustment.get("userIdentifiers") else "nothing that says who it was"


def outcomes_of(answer: Answer, count: int) -> list[Outcome]:
    """What became of each conversion: those that failed are named by their place in the request."""
    outcome = outcome_of(answer)
    results = [outcome] * count
    if not isinstance(outcome, Delivered):
        return results
    for error in errors_of(json_of(answer).get("partialFailureError")):
        for index in _indexes(error):
            if index < count:
                results[index] = _of_error(error)
    return results


def _indexes(error: Mapping[str, Any]) -> list[int]:
    location = error.get("location")
    elements = objects(location.get("fieldPathElements")) if isinstance(location, dict) else []
    # Only the first element is about the list; others are about what is in a conversion. No index is the first.
    indexes = [element.get("index", 0) for element in elements[:1]]
    return [index for index in indexes if isinstance(index, int) and index >= 0]


def _of_error(error: Mapping[str, Any]) -> Outcome:
    code = error.get("errorCode")
    names = set(map(str, code.values())) if isinstance(code, dict) else set()
    if names & _KNOWN:
        return Delivered("ALREADY_EXISTS")
    verdict: Outcome = RetryLater("RETRY") if names & _LATER else Rejected("BAD_REQUEST")
    return explained(verdict, f"{', '.join(sorted(names))}: {error.get('message')}")
