"""Settings that cannot work are refused before anything is sent, and secrets do not show."""

from typing import Any

import msgspec
import pytest

from headwater.destinations import registry
from headwater.destinations.kit.settings import secret_names

RIGHT: dict[str, dict[str, Any]] = {
    "amplitude": {"api_key": "hidden", "secret_key": "hidden"},
    "braze": {"api_key": "hidden", "endpoint": "https://rest.iad-01.braze.com"},
    "customerio": {"site_id": "s", "api_key": "hidden", "segments": {"vip": 7}},
    "google-analytics-4": {"api_secret": "hidden", "measurement_id": "G-ABC123XYZ9"},
    "hubspot": {"access_token": "hidden", "portal_id": "4711", "lists": {"vip": "12"}},
    "intercom": {"access_token": "hidden", "region": "au"},
    "iterable": {"api_key": "hidden", "lists": {"vip": 42}},
    "klaviyo": {"api_key": "hidden", "lists": {"vip": "XyZ123"}, "phone_region": "US"},
    "mixpanel": {"token": "hidden", "region": "in"},
    "posthog": {"project_api_key": "hidden", "host": "https://eu.i.posthog.com"},
}


@pytest.mark.parametrize("name", RIGHT)
def test_settings_when_right_then_accepted_and_their_secrets_do_not_show(name: str) -> None:
    assert registry.validate_settings(name, RIGHT[name]) == []
    type_ = registry.get(name)
    assert type_
    assert "hidden" not in repr(msgspec.convert(RIGHT[name], type_.settings))
    assert {key for key, value in RIGHT[name].items() if value == "hidden"} == secret_names(type_.settings)


@pytest.mark.parametrize(
    ("name", "change", "path"),
    [
        ("amplitude", {"region": "mars"}, "region"),
        ("amplitude", {"min_id_length": "two"}, "min_id_length"),
        ("amplitude", {"apikey": "x"}, "apikey"),
        ("braze", {"endpoint": "rest.iad-01.braze.com"}, "endpoint"),
        ("braze", {"endpoint": "http://rest.iad-01.braze.com"}, "endpoint"),
        ("braze", {"endpoint": "https://user:secret@rest.iad-01.braze.com"}, "endpoint"),
        ("braze", {"endpoint": "https://rest.iad-01.braze.com?key=x"}, "endpoint"),
        ("customerio", {"segments": {"vip": "seven"}}, "segments[...]"),
        ("google-analytics-4", {"measurement_id": "UA-1234-1"}, "measurement_id"),
        ("google-analytics-4", {"measurement_id": ""}, "measurement_id"),
        ("google-analytics-4", {"firebase_app_id": "1:2:android:3"}, "measurement_id"),
        ("hubspot", {"portal_id": "pe4711"}, "portal_id"),
        ("intercom", {"region": "de"}, "region"),
        ("iterable", {"lists": {"vip": "42"}}, "lists[...]"),
        ("klaviyo", {"phone_region": "Norway"}, "phone_region"),
        ("mixpanel", {"token": 5}, "token"),
        ("posthog", {"host": "https://"}, "host"),
    ],
)
def test_settings_when_wrong_then_the_one_is_named_and_nothing_secret_repeated(
    name: str, change: dict[str, Any], path: str
) -> None:
    problems = registry.validate_settings(name, RIGHT[name] | change)
    assert [problem.path for problem in problems] == [path]
    assert not any("hidden" in problem.message or "secret@" in problem.message for problem in problems)


@pytest.mark.parametrize("name", RIGHT)
def test_settings_when_what_is_needed_is_missing_then_refused(name: str) -> None:
    type_ = registry.get(name)
    assert type_
    for secret in secret_names(type_.settings):
        rest = {key: value for key, value in RIGHT[name].items() if key != secret}
        assert bool(registry.validate_settings(name, rest)) == (secret != "secret_key")
