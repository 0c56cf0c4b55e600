"""A Google Ads account: which it is, how to get there, and what Google says when it refuses."""

import re
from typing import Any

from headwater.destinations.kit.answers import explained, json_of, objects
from headwater.destinations.kit.authorization import bearer
from headwater.destinations.kit.exchange import json_request
from headwater.destinations.kit.model import Answer, Outcome, Request
from headwater.destinations.kit.oauth import token_request
from headwater.destinations.kit.outcome import http_outcome
from headwater.destinations.kit.settings import Secret, Settings
from headwater.errors import Problem

TIMEOUT_S = 30.0
"""Google is slow with large uploads."""
BATCH_BYTES_MAX = 5_000_000
"""Google names none here; two thousand conversions have about one megabyte."""
_ADS = "https://googleads.googleapis.com"
_TOKENS = "https://oauth2.googleapis.com/token"


class GoogleAdsSettings(Settings, frozen=True, kw_only=True):
    customer_id: str
    """Of the account, with or without dashes."""
    login_customer_id: str = ""
    """Of the manager account by which we get there."""
    developer_token: Secret = ""
    """For conversions; lists need none."""
    client_id: str
    """Of an OAuth client."""
    client_secret: Secret
    refresh_token: Secret
    """With the scopes `adwords` (conversions) and `datamanager` (lists)."""
    conversion_action: str = ""
    """Id of the conversion action for mappings that name none."""
    lists: dict[str, str] = {}
    """Audience key to the id of a customer list, for lists that are not called like the audience."""
    region: str = ""
    """Two letters, as in `US`: where phone numbers are from that do not begin with `+`."""
    api_version: str = "v26"
    """Of the Google Ads API; Google ends each after about a year."""

    @property
    def customer(self) -> str:
        return self.customer_id.replace("-", "")

    @property
    def manager(self) -> str:
        return self.login_customer_id.replace("-", "")


def problems(settings: GoogleAdsSettings) -> list[Problem]:
    found = []
    if not re.fullmatch(r"\d{10}", settings.customer):
        found.append(Problem("expected ten digits, as in 123-456-7890", "customer_id"))
    if settings.manager and not re.fullmatch(r"\d{10}", settings.manager):
        found.append(Problem("expected ten digits, as in 123-456-7890", "login_customer_id"))
    if settings.conversion_action and not settings.conversion_action.isdigit():
        found.append(Problem("expected the digits of its id (ctId in the address bar)", "conversion_action"))
    if not re.fullmatch(r"v\d+", settings.api_version):
        found.append(Problem("expected a version like v26", "api_version"))
    return found


def access_request(settings: GoogleAdsSettings, _: float) -> Request:
    fields = {
        "client_id": settings.client_id,
        "client_secret": settings.client_secret,
        "refresh_token": settings.refresh_token,
    }
    return token_request(_TOKENS, fields)


def ads_request(settings: GoogleAdsSettings, method: str, body: Any, token: str) -> Request:
    """To the Google Ads API, as in `googleAds:search`."""
    url = f"{_ADS}/{settings.api_version}/customers/{settings.customer}{method}"
    return json_request("POST", url, body, _headers(settings, token), timeout_s=TIMEOUT_S)


def _headers(settings: GoogleAdsSettings, token: str) -> dict[str, str]:
    manager = {"login-customer-id": settings.manager} if settings.manager else {}
    return bearer(token) | {"developer-token": settings.developer_token} | manager


def outcome_of(answer: Answer) -> Outcome:
    """Of a request that is taken or refused whole."""
    outcome, error = http_outcome(answer), json_of(answer).get("error")
    if not isinstance(error, dict):
        return outcome
    said = "; ".join(str(each.get("message")) for each in errors_of(error))
    return explained(outcome, said or error.get("message"))


def errors_of(status: Any) -> list[dict[str, Any]]:
    """Those in the details of Google's `Status`."""
    details = objects(status.get("details")) if isinstance(status, dict) else []
    return [error for detail in details for error in objects(detail.get("errors"))]
