"""What is masked can be applied again, and a mask never becomes a value."""

from typing import Any

import pytest
from destination_types import Anything
from hypothesis import given
from workspaces import destination, workspace, workspaces

from headwater.config.export import export
from headwater.config.loader import load
from headwater.config.secrets import MASK, hidden, masked, values
from headwater.config.workspace import Workspace, canonical
from headwater.errors import ConfigError

TYPES = Anything()

SETTINGS = {
    "dsn": "postgres://hush-1",
    "api_key": "hush-2",
    "url": "https://hush-3@example.com/in?k=hush-4",
    "headers": {"X-A": "hush-5", "X-B": "hush-6", "Content-Type": "application/json"},
    "urls": ["https://a.example/?t=hush-7", "https://b.example/"],
    "account": {"client_secret": "hush-8", "id": "shown"},
}


def stored(settings: dict[str, Any] = SETTINGS, **more: Any) -> Workspace:
    return workspace(destinations=(destination(settings=settings, **more),))


def refused(text: str, previous: Workspace | None) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load(text, TYPES, previous=previous)
    return [problem.path for problem in caught.value.problems if MASK in problem.message]


@given(workspaces())
def test_export_when_masked_and_applied_again_then_nothing_has_changed(before: Workspace) -> None:
    assert canonical(load(export(masked(before, TYPES)), TYPES, previous=before)) == canonical(before)


def test_export_when_masked_then_no_secret_is_in_it_and_each_comes_back() -> None:
    text = export(masked(stored(), TYPES))
    assert "hush" not in text
    assert "shown" in text
    assert load(text, TYPES, previous=stored()).destinations[0].settings == SETTINGS


def test_mask_when_one_setting_is_changed_then_the_others_keep_their_secrets() -> None:
    text = export(masked(stored(), TYPES)).replace("id: shown", "id: other").replace("X-B: ••••", "X-B: new")
    settings = load(text, TYPES, previous=stored()).destinations[0].settings
    assert settings["account"] == {"client_secret": "hush-8", "id": "other"}
    assert settings["headers"] == {"X-A": "hush-5", "X-B": "new", "Content-Type": "application/json"}
    assert settings["api_key"] == "hush-2"


@pytest.mark.parametrize(
    ("previous", "why"),
    [
        (None, "nothing is stored"),
        (workspace(), "the destination is not there"),
        (stored(type="log"), "another type asks somebody else"),
        (stored({}), "the destination has no secrets"),
    ],
)
def test_mask_when_nothing_stands_behind_it_then_it_is_refused_with_its_place(
    previous: Workspace | None, why: str
) -> None:
    at = "destinations[0].settings"
    assert refused(export(masked(stored(), TYPES)), previous) == [
        f"{at}.dsn",
        f"{at}.api_key",
        f"{at}.url",
        f"{at}.headers.X-A",
        f"{at}.headers.X-B",
        f"{at}.urls[0]",
        f"{at}.account.client_secret",
    ], why


def test_mask_when_the_address_around_it_was_changed_then_it_is_refused() -> None:
    text = export(masked(stored(), TYPES)).replace("example.com", "evil.example")
    assert refused(text, stored()) == ["destinations[0].settings.url"]


@pytest.mark.parametrize("name", ["profile_api", "transformations"])
def test_mask_when_it_stands_for_a_token_or_a_hash_key_then_it_keeps_them(name: str) -> None:
    sections = {
        "profile_api": "profile_api: {tokens: [{name: t, token: hush-0123456789abcdef}]}",
        "transformations": "transformations: [{name: r, hash_values: {paths: [traits.a], key: hush}}]",
    }
    text = f"workspace: shop\n{sections[name]}\n"
    before = load(text, TYPES)
    shared = export(masked(before, TYPES))
    assert "hush" not in shared
    assert MASK in shared
    assert canonical(load(shared, TYPES, previous=before)) == canonical(before)
    assert len(refused(shared, None)) == 1


def test_values_when_settings_are_hidden_then_each_secret_is_named_and_addresses_are_not() -> None:
    assert sorted(values(hidden(SETTINGS, TYPES.secret_names("log")))) == [
        "hush-2",
        "hush-3",
        "hush-4",
        "hush-5",
        "hush-6",
        "hush-7",
        "hush-8",
        "postgres://hush-1",
    ]


def test_hidden_when_a_type_says_what_its_secrets_are_then_names_say_nothing_and_inside_they_do() -> None:
    settings = {"batch_keys": ["url", "method"], "api_key": "hush", "more": {"account_key": "hush", "id": "shown"}}
    assert list(values(hidden(settings, {"api_key"}))) == ["hush", "hush"]
    assert sorted(values(hidden(settings))) == ["hush", "hush", "method", "url"]
