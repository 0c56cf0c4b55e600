"""The webhook that Segment's partners implement: an event per request, a key, their settings (spec 2.2)."""

from collections.abc import Callable, Sequence
from typing import Any

from headwater.destinations.kit.authorization import basic
from headwater.destinations.kit.common_fields import EVERYTHING
from headwater.destinations.kit.deletion import Deletion
from headwater.destinations.kit.exchange import ask
from headwater.destinations.kit.hooks import (
    SEGMENT_HEADERS,
    extra_settings,
    extra_settings_problems,
    reachable,
    url_problems,
    white_space_problems,
)
from headwater.destinations.kit.model import (
    Action,
    Attempt,
    DestinationType,
    Exchange,
    Item,
    Perform,
    Preset,
    Request,
)
from headwater.destinations.kit.outcome import http_outcome
from headwater.destinations.kit.settings import Secret, Settings
from headwater.errors import Problem

TIMEOUT_S = 5.0
"""Partners are told to answer 202 and to work afterwards."""


class PartnerWebhookSettings(Settings, frozen=True, kw_only=True):
    url: str
    """The partner's endpoint. HTTPS, except on the inside."""
    api_key: Secret
    """The partner's key for this customer."""
    settings: dict[str, Any] = {}
    """What else the partner asks its customers for."""


def problems(settings: PartnerWebhookSettings) -> list[Problem]:
    found = url_problems(settings.url, "url", https=True)
    found += extra_settings_problems(settings.settings)
    return found + white_space_problems(api_key=settings.api_key)


def send(settings: PartnerWebhookSettings) -> Perform:
    build = _request_of(settings)

    def perform(items: Sequence[Item], _: Attempt) -> Exchange:
        answer = yield from ask(build(items[0].event.body))
        return [http_outcome(answer)]

    return perform


def deletions(settings: PartnerWebhookSettings) -> Callable[[Deletion, Attempt], Exchange]:
    build = _request_of(settings)

    def perform(deletion: Deletion, _: Attempt) -> Exchange:
        answer = yield from ask(build(deletion.body))
        return [http_outcome(answer)]

    return perform


def test(settings: PartnerWebhookSettings, _: Attempt) -> Exchange:
    """Whether somebody is there who lets us in. Sends no event: the partner would take it for one."""
    return (yield from reachable([settings.url], _headers(settings)))


def _request_of(settings: PartnerWebhookSettings) -> Callable[[bytes], Request]:
    headers = _headers(settings)

    def build(body: bytes) -> Request:
        return Request("POST", settings.url, headers, body, TIMEOUT_S)

    return build


def _headers(settings: PartnerWebhookSettings) -> dict[str, str]:
    return SEGMENT_HEADERS | basic(settings.api_key) | extra_settings(settings.settings)


TYPE = DestinationType(
    name="partner-webhook",
    label="Partner webhook",
    category="webhooks",
    description="Send every event to an endpoint built as a Segment partner subscription.",
    settings=PartnerWebhookSettings,
    problems=problems,
    actions=(
        Action(
            name="send",
            label="Send the event",
            description="The whole event as JSON, one per request.",
            perform=send,
            whole_event=True,
        ),
    ),
    presets=(Preset(name="Everything", action="send", trigger=EVERYTHING),),
    test=test,
    deletions=deletions,
)
