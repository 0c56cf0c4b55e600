"""What settings cannot be, beyond their types: said where, and without repeating a secret."""

from typing import Any

import pytest

from headwater.destinations import registry
from headwater.destinations.kit.settings import secret_names

SALESFORCE = {"instance_url": "https://acme.my.salesforce.com", "client_id": "i", "client_secret": "s"}
ZENDESK = {"subdomain": "acme", "email": "a@acme.example", "api_token": "t"}
TWILIO = {"account_sid": "AC" + "0" * 32, "auth_token": "t"}
FACEBOOK = {"pixel_id": "123", "access_token": "t"}
GOOGLE = {"customer_id": "123-456-7890", "client_id": "i", "client_secret": "s", "refresh_token": "r"}
TIKTOK = {"access_token": "t", "event_source_id": "C1"}
ACTIONS = {"url": "https://a.example"}


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("salesforce", SALESFORCE),
        ("zendesk", ZENDESK),
        ("zendesk", {"subdomain": "acme", "api_token": "oauth"}),
        ("slack", {"url": "https://hooks.slack.com/services/T0/B0/x"}),
        ("sendgrid", {"api_key": "SG.x"}),
        ("twilio", TWILIO),
        ("facebook-conversions", FACEBOOK | {"ad_account_id": "act_5"}),
        ("facebook-conversions", FACEBOOK | {"ad_account_id": "5"}),
        ("google-ads", GOOGLE),
        ("google-ads", GOOGLE | {"customer_id": "1234567890"}),
        ("tiktok-events", TIKTOK | {"event_source": "crm"}),
        ("actions-webhook", ACTIONS | {"batch_size": 4000, "batch_wait_s": 60}),
        ("partner-webhook", {"url": "https://a.example", "api_key": "k"}),
    ],
)
def test_settings_when_they_are_right_then_nothing_is_wrong(name: str, settings: dict[str, Any]) -> None:
    assert registry.validate_settings(name, settings) == []


@pytest.mark.parametrize(
    ("name", "settings", "path", "message"),
    [
        ("salesforce", SALESFORCE | {"instance_url": "acme"}, "instance_url", "expected https://host"),
        ("salesforce", SALESFORCE | {"api_version": "64"}, "api_version", "expected a version like v64.0"),
        ("salesforce", SALESFORCE | {"api_version": "v64.0/x"}, "api_version", "expected a version like v64.0"),
        ("zendesk", ZENDESK | {"subdomain": "acme.zendesk.com"}, "subdomain", "the part before .zendesk.com"),
        ("zendesk", ZENDESK | {"subdomain": "evil.example/"}, "subdomain", "the part before .zendesk.com"),
        ("slack", {"url": "http://hooks.slack.com/services/x"}, "url", "expected https://hooks.slack.com"),
        ("slack", {"url": "https://hooks.slack.com"}, "url", "expected https://hooks.slack.com"),
        ("twilio", TWILIO | {"account_sid": "AC1"}, "account_sid", "expected AC and 32 hexadecimal digits"),
        ("twilio", TWILIO | {"region": "USA"}, "region", "expected two letters"),
        ("facebook-conversions", FACEBOOK | {"pixel_id": "1/2"}, "pixel_id", "expected digits"),
        ("facebook-conversions", FACEBOOK | {"ad_account_id": "x"}, "ad_account_id", "with or without act_"),
        ("facebook-conversions", FACEBOOK | {"api_version": "26"}, "api_version", "like v26.0"),
        ("google-ads", GOOGLE | {"customer_id": "12"}, "customer_id", "expected ten digits"),
        ("google-ads", GOOGLE | {"login_customer_id": "12"}, "login_customer_id", "expected ten digits"),
        ("google-ads", GOOGLE | {"conversion_action": "Orders"}, "conversion_action", "digits of its id"),
        ("google-ads", GOOGLE | {"api_version": "v26/x"}, "api_version", "like v26"),
        ("tiktok-events", TIKTOK | {"event_source": "tv"}, "event_source", "invalid enum value"),
        ("actions-webhook", ACTIONS | {"batch_size": 4001}, "batch_size", "expected 0 (each alone) to 4000"),
        ("actions-webhook", ACTIONS | {"batch_wait_s": -1}, "batch_wait_s", "expected 0 to 60 seconds"),
        ("actions-webhook", ACTIONS | {"batch_keys": ["body"]}, "batch_keys", "invalid enum value"),
        ("actions-webhook", ACTIONS | {"headers": {"Host": "x"}}, "headers.Host", "set by Headwater"),
        ("partner-webhook", {"url": "https://a.example", "api_key": "k "}, "api_key", "white space"),
        ("http-api", {"write_key": ""}, "write_key", "is empty"),
        ("repeater", {"write_key": "", "url": "https://a.example"}, "write_key", "is empty"),
    ],
)
def test_settings_when_one_is_wrong_then_said_where_and_what(
    name: str, settings: dict[str, Any], path: str, message: str
) -> None:
    (problem,) = registry.validate_settings(name, settings)
    assert problem.path.startswith(path)
    assert message in problem.message


@pytest.mark.parametrize(
    ("name", "secrets"),
    [
        ("salesforce", {"client_secret", "refresh_token"}),
        ("zendesk", {"api_token"}),
        ("slack", {"url"}),
        ("sendgrid", {"api_key"}),
        ("twilio", {"auth_token"}),
        ("facebook-conversions", {"access_token"}),
        ("google-ads", {"client_secret", "refresh_token", "developer_token"}),
        ("tiktok-events", {"access_token"}),
        ("actions-webhook", {"shared_secret"}),
        ("partner-webhook", {"api_key"}),
        ("http-api", {"write_key"}),
        ("repeater", {"write_key"}),
    ],
)
def test_secrets_when_settings_are_made_then_known_as_such_and_never_shown(name: str, secrets: set[str]) -> None:
    type_ = registry.get(name)
    assert type_
    assert secret_names(type_.settings) == secrets
    assert "s3cret" not in repr(type_.settings(**dict.fromkeys(type_.settings.__struct_fields__, "s3cret")))
