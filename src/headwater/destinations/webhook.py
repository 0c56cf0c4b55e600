"""The webhook: every event as JSON to one to five addresses of one's own (spec 2.2 and 2.3)."""

from collections.abc import Callable, Sequence
from typing import Any, Literal

import msgspec

from headwater.destinations.kit.authorization import basic
from headwater.destinations.kit.common_fields import EVERYTHING
from headwater.destinations.kit.deletion import Deletion
from headwater.destinations.kit.exchange import ask, ask_all, same_for_all
from headwater.destinations.kit.hooks import (
    SEGMENT_HEADERS,
    extra_settings,
    extra_settings_problems,
    header_problems,
    reachable,
    respelled,
    signature,
    url_problems,
    white_space_problems,
)
from headwater.destinations.kit.model import (
    Action,
    Attempt,
    Delivered,
    DestinationType,
    Exchange,
    Item,
    Perform,
    Preset,
    Request,
    any_delivered,
)
from headwater.destinations.kit.outcome import http_outcome
from headwater.destinations.kit.settings import Secret
from headwater.errors import Problem

URLS_MAX = 5
TIMEOUT_S = 5.0


class WebhookSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    url: str = ""
    """The address that receives every event. Use this or `urls`."""
    urls: tuple[str, ...] = ()
    """Up to five addresses that each receive every event. Delivered as soon as one accepts it."""
    method: Literal["POST", "PUT", "PATCH"] = "POST"
    headers: dict[str, str] = {}
    """Added to every request, for example for authentication."""
    shared_secret: Secret = ""
    """Signs each request body in `X-Signature` (hex HMAC-SHA1). Leave empty for no signature."""
    api_key: Secret = ""
    """Sent as `Authorization: Basic base64(<api_key>:)`. Leave empty to send none."""
    settings: dict[str, Any] = {}
    """Extra settings for the endpoint, sent in `X-Segment-Settings` as base64 of this JSON."""

    def __repr__(self) -> str:
        return "WebhookSettings(…)"  # full of secrets: never in a log or a traceback

    @property
    def addresses(self) -> tuple[str, ...]:
        return self.urls or (self.url,)


def problems(settings: WebhookSettings) -> list[Problem]:
    found = []
    if bool(settings.url) == bool(settings.urls):
        found.append(Problem("one of `url` and `urls` is needed, and not both", "url"))
    if len(settings.urls) > URLS_MAX:
        found.append(Problem(f"at most {URLS_MAX} addresses", "urls"))
    if settings.url:
        found += url_problems(settings.url, "url")
    for index, url in enumerate(settings.urls):
        found += url_problems(url, f"urls[{index}]")
    found += header_problems(settings.headers, api_key=bool(settings.api_key))
    found += extra_settings_problems(settings.settings)
    return found + white_space_problems(api_key=settings.api_key, shared_secret=settings.shared_secret)


def send(settings: WebhookSettings) -> Perform:
    """The event to every address; delivered if any of them takes it."""
    build = _requests_of(settings)

    def perform(items: Sequence[Item], _: Attempt) -> Exchange:
        requests = build(items[0].event.body)
        if len(requests) == 1:
            answer = yield from ask(requests[0])
            return same_for_all(items, http_outcome(answer))
        answers = yield from ask_all(requests)
        return same_for_all(items, any_delivered([http_outcome(answer) for answer in answers]))

    return perform


def deletions(settings: WebhookSettings) -> Callable[[Deletion, Attempt], Exchange]:
    """To the same addresses, and signed the same way."""
    build = _requests_of(settings)

    def perform(deletion: Deletion, _: Attempt) -> Exchange:
        answers = yield from ask_all(build(deletion.body))
        return [any_delivered([http_outcome(answer) for answer in answers])]

    return perform


def test(settings: WebhookSettings, _: Attempt) -> Exchange:
    """Whether there is somebody at each address who lets us in. Sends no event."""
    sent = [request.headers for request in _requests_of(settings)(b"")]
    outcomes = yield from reachable(settings.addresses, sent[0])
    return [next((each for each in outcomes if not isinstance(each, Delivered)), outcomes[0])]


def _requests_of(settings: WebhookSettings) -> Callable[[bytes], list[Request]]:
    """The requests that send a body."""
    headers = SEGMENT_HEADERS | respelled(settings.headers, SEGMENT_HEADERS)
    if settings.api_key:
        headers |= basic(settings.api_key)
    if settings.settings:
        headers |= extra_settings(settings.settings)
    secret = settings.shared_secret.encode()

    def build(body: bytes) -> list[Request]:
        sent = headers
        if secret:
            # Over exactly the bytes that are sent; receivers verify before they parse.
            sent = headers | signature(secret, body)
        return [Request(settings.method, url, sent, body, TIMEOUT_S) for url in settings.addresses]

    return build


TYPE = DestinationType(
    name="webhook",
    label="Webhook",
    category="webhooks",
    description="Send every event as JSON to your own endpoint.",
    settings=WebhookSettings,
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
