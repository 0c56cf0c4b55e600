"""The webhook: every event as JSON to one to five addresses of one's own (spec 2.2 and 2.3)."""

import base64
import hmac
import re
from collections.abc import Callable, Sequence
from typing import Any, Literal
from urllib.parse import urlsplit

import msgspec

from headwater.destinations.kit.deletion import Deletion
from headwater.destinations.kit.exchange import ask, ask_all, same_for_all
from headwater.destinations.kit.model import (
    Action,
    Attempt,
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
URL_CHARS_MAX = 2_048
HEADERS_BYTES_MAX = 4_096
"""All custom headers together, and the same for `settings`; common servers refuse a head above 8 KiB."""
TIMEOUT_S = 5.0

_HEADERS = {
    "User-Agent": "Segment.io/1.0",
    "Content-Type": "application/json",
    "Accept": "*/*",
    "Cache-Control": "no-cache",
    "Connection": "Keep-Alive",
}
_OURS = {
    *("host", "content-length", "transfer-encoding", "connection", "keep-alive", "upgrade", "te", "trailer"),
    *("expect", "x-signature", "x-segment-settings"),
}
"""Headers that frame or sign the request: nobody else can set them and be understood."""
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE = re.compile(r"[\t\x20-\x7e]*")


class WebhookSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    url: str = ""
    """Where to send; this or `urls`."""
    urls: tuple[str, ...] = ()
    """Up to five addresses, each of which gets every event. If any accepts it, it is delivered."""
    method: Literal["POST", "PUT", "PATCH"] = "POST"
    headers: dict[str, str] = {}
    """Added to every request; may replace the standard ones except those that frame or sign it."""
    shared_secret: Secret = ""
    """Signs the body: `X-Signature`, hex HMAC-SHA1. Empty: no signature."""
    api_key: Secret = ""
    """Sent as `Authorization: Basic base64(<api_key>:)`. Empty: not sent."""
    settings: dict[str, Any] = {}
    """Anything else the endpoint wants to know: `X-Segment-Settings`, base64 of this as JSON."""

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
        found += _url_problems(settings.url, "url")
    for index, url in enumerate(settings.urls):
        found += _url_problems(url, f"urls[{index}]")
    found += _header_problems(settings)
    if len(msgspec.json.encode(settings.settings)) > HEADERS_BYTES_MAX:
        found.append(Problem(f"at most {HEADERS_BYTES_MAX} bytes as JSON", "settings"))
    for name in ("api_key", "shared_secret"):
        if getattr(settings, name) != getattr(settings, name).strip():
            found.append(Problem("has white space at an end, which is rarely meant", name))
    return found


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


def _requests_of(settings: WebhookSettings) -> Callable[[bytes], list[Request]]:
    """The requests that send a body."""
    headers = _HEADERS | _renamed(settings.headers)
    if settings.api_key:
        headers["Authorization"] = "Basic " + base64.b64encode(f"{settings.api_key}:".encode()).decode()
    if settings.settings:
        headers["X-Segment-Settings"] = base64.b64encode(msgspec.json.encode(settings.settings)).decode()
    secret = settings.shared_secret.encode()

    def build(body: bytes) -> list[Request]:
        sent = headers
        if secret:
            # Over exactly the bytes that are sent; receivers verify before they parse.
            sent = {**headers, "X-Signature": hmac.digest(secret, body, "sha1").hex()}
        return [Request(settings.method, url, sent, body, TIMEOUT_S) for url in settings.addresses]

    return build


def _renamed(custom: dict[str, str]) -> dict[str, str]:
    """Custom headers under the spelling of the standard header they replace, so that each is sent once."""
    spelling = {name.lower(): name for name in _HEADERS}
    return {spelling.get(name.lower(), name): value for name, value in custom.items()}


def _url_problems(url: str, path: str) -> list[Problem]:
    # Addresses may carry keys: what is wrong is said without repeating them.
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return [Problem("is not an address", path)]
    if parts.scheme not in {"http", "https"} or not parts.hostname or port == 0:
        return [Problem("expected https://host/path (or http://)", path)]
    if len(url) > URL_CHARS_MAX or not url.isprintable() or " " in url:
        return [Problem(f"expected at most {URL_CHARS_MAX} printable characters, no spaces", path)]
    if parts.username is not None or parts.password is not None:
        return [Problem("credentials do not belong into an address; use `api_key` or `headers`", path)]
    return []


def _header_problems(settings: WebhookSettings) -> list[Problem]:
    found = []
    seen: set[str] = set()
    for name, value in settings.headers.items():
        path, lower = f"headers.{name}", name.lower()
        if not _NAME.fullmatch(name) or not _VALUE.fullmatch(value):
            found.append(Problem("not a valid HTTP header", path))
        elif lower in _OURS:
            found.append(Problem("this header is set by Headwater", path))
        elif lower == "authorization" and settings.api_key:
            found.append(Problem("`api_key` sets this header already", path))
        elif lower in seen:
            found.append(Problem("given twice; header names compare without case", path))
        seen.add(lower)
    if sum(len(name) + len(value) for name, value in settings.headers.items()) > HEADERS_BYTES_MAX:
        found.append(Problem(f"at most {HEADERS_BYTES_MAX} bytes together", "headers"))
    return found


TYPE = DestinationType(
    name="webhook",
    label="Webhook",
    category="webhooks",
    description="Every event as JSON to one to five addresses of yours.",
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
    presets=(Preset(name="Everything", action="send", trigger="type != null"),),
    deletions=deletions,
)
