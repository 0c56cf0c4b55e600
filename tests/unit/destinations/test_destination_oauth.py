"""Access tokens: how they are asked for, and what an answer that brings none means."""

from typing import Any
from urllib.parse import parse_qs

import pytest
from talk import AT_S, ok, settings_of

from headwater.destinations.kit.model import Failure, Request, Response, Token
from headwater.destinations.kit.oauth import EXPIRES_S, read_token

SALESFORCE = {"instance_url": "https://acme.my.salesforce.com/", "client_id": "id", "client_secret": "s3cret"}
GOOGLE = {"customer_id": "1234567890", "client_id": "id", "client_secret": "s3cret", "refresh_token": "r3fresh"}
CLIENT = {"client_id": ["id"], "client_secret": ["s3cret"]}
REFRESH = CLIENT | {"refresh_token": ["r3fresh"], "grant_type": ["refresh_token"]}


@pytest.mark.parametrize(
    ("name", "settings", "url", "form"),
    [
        (
            "salesforce",
            SALESFORCE,
            "https://acme.my.salesforce.com/services/oauth2/token",
            CLIENT | {"grant_type": ["client_credentials"]},
        ),
        (
            "salesforce",
            SALESFORCE | {"refresh_token": "r3fresh"},
            "https://acme.my.salesforce.com/services/oauth2/token",
            REFRESH,
        ),
        ("google-ads", GOOGLE, "https://oauth2.googleapis.com/token", REFRESH),
    ],
)
def test_token_when_asked_for_then_by_the_grant_the_settings_allow(
    name: str, settings: dict[str, Any], url: str, form: dict[str, list[str]]
) -> None:
    type_, parsed = settings_of(name, settings)
    assert type_.access
    request = type_.access.request(parsed, AT_S)
    assert isinstance(request, Request)
    assert (request.method, request.url) == ("POST", url)
    assert request.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert parse_qs(request.body.decode()) == form


@pytest.mark.parametrize(
    ("response", "expected"),
    [
        (ok({"access_token": "t", "expires_in": 3599}), Token("t", 3599.0)),
        (ok({"access_token": "t", "instance_url": "https://x"}), Token("t", EXPIRES_S)),
        (
            ok({"error": "invalid_grant", "error_description": "expired"}, 400),
            Failure("OAUTH_REFRESH_FAILED", "no access token: expired", True),
        ),
        (
            ok({"error": "invalid_client"}, 401),
            Failure("OAUTH_REFRESH_FAILED", "no access token: invalid_client", True),
        ),
        (ok(status=429), Failure("OAUTH_REFRESH_FAILED", "no access token: status 429", False)),
        (ok(status=503), Failure("OAUTH_REFRESH_FAILED", "no access token: status 503", False)),
        (ok({"access_token": 5}), Failure("OAUTH_REFRESH_FAILED", "no access token: status 200", False)),
    ],
)
def test_token_when_answered_then_read_so(response: Response, expected: Token | Failure) -> None:
    assert read_token(response) == expected
