"""Receipts of every type hide every secret that a workspace hides, and access tokens, also when they come back."""

from collections.abc import Callable
from typing import Any
from unittest.mock import patch

import goldens
import msgspec
import pytest
from talk import AT_S, converse

from headwater.config.secrets import hidden, values
from headwater.delivery.masking import Mask
from headwater.destinations import registry
from headwater.destinations.kit.model import Answer, Call, Exchange, Outcome, Response, Written

TOKEN = "acc3ss-tok3n-of-an-hour"
CHARS_MIN = 8
"""Golden settings have some secrets that are words, which stand in answers and names as well."""

TALK = list[tuple[Call, Answer]]


def long(settings: dict[str, Any], name: str) -> dict[str, Any]:
    """With secrets that cannot be there by chance, where the type takes others."""
    for secret in registry.secret_names(name) or ():
        longer = settings | {secret: f"{settings.get(secret)}-l0ng-s3cret-of-{secret}"}
        if isinstance(settings.get(secret), str) and not registry.validate_settings(name, longer):
            settings = longer
    return settings


def talk_of(name: str, golden: dict[str, Any], case: dict[str, Any], said: str) -> TALK:
    """What is asked in a case, when each answer repeats what was said."""
    talk: TALK = []

    def note(exchange: Exchange, _: Callable[[Call], Answer]) -> tuple[list[Call], list[Outcome]]:
        def answer(call: Call) -> Answer:
            repeated = Response(400, {"X-Echo": said}, msgspec.json.encode({"message": said}), AT_S)
            talk.append((call, Written() if name in {"kafka", "postgres"} else repeated))
            return talk[-1][1]

        return converse(exchange, answer)

    with patch.object(goldens, "converse", note):
        goldens.run(name, golden, case | {"answers": []})
    return talk


@pytest.mark.parametrize("name", goldens.NAMES)
def test_exchange_when_it_is_shown_then_no_secret_of_the_settings_is_in_it(name: str) -> None:
    golden = goldens.load(name)
    has_access = (registry.get(name) or pytest.fail(name)).access is not None and "token" in golden
    asked = 0
    for case in golden["cases"]:
        settings = long(golden.get("settings", {}) | case.get("settings", {}), name)
        secrets = list(values(hidden(settings, registry.secret_names(name))))
        mask = Mask(secrets)
        if has_access and not golden["token"].startswith("{"):
            golden = golden | {"token": TOKEN}
            secrets.append(TOKEN)
            mask.learn(TOKEN)
        talk = talk_of(name, golden | {"settings": {}}, case | {"settings": settings}, " ".join(secrets))
        asked += len(talk)
        for one in talk:
            shown = mask.exchange([one]).decode()
            assert [each for each in secrets if len(each) >= CHARS_MIN and each in shown] == []
    assert asked
