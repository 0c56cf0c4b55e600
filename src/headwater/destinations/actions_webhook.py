"""Webhook (Actions): what mappings make of events, alone or in batches, to an address of one's own (spec 2.3)."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any, Literal

import msgspec

from headwater.destinations.kit.answers import unsent
from headwater.destinations.kit.common_fields import (
    EVERYTHING,
    path,
)
from headwater.destinations.kit.exchange import TIMEOUT_S, ask, same_for_all
from headwater.destinations.kit.hooks import (
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
    Batch,
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
from headwater.mapping.fields import Field

BATCH_SIZE_MAX = 4_000
"""Segment's own."""
BATCH_BYTES_MAX = 4_000_000
"""Below what common servers and gateways take."""
WAIT_S_MAX = 60.0
"""Waiting events take memory; whoever has too few for a batch in a minute needs none."""
METHODS = ("POST", "PUT", "PATCH")
_STANDARD = {"User-Agent": "Segment (Actions)", "Content-Type": "application/json"}
_encode = msgspec.json.Encoder().encode

BatchKey = Literal["url", "method", "headers"]


class ActionsWebhookSettings(Settings, frozen=True, kw_only=True):
    url: str
    """Where mappings without an address of their own send to."""
    shared_secret: Secret = ""
    """Signs each request in `X-Signature` (hex HMAC-SHA1). Leave empty for no signature."""
    headers: dict[str, str] = {}
    """Added to every request. Headers of a mapping take precedence."""
    batch_size: int = 0
    """The most events in one request, as a JSON array. 0 sends each event on its own."""
    batch_wait_s: float = 0.0
    """How long an event may wait to share a request with others."""
    batch_keys: tuple[BatchKey, ...] = ("url", "method", "headers")
    """Events share a request only if these are equal."""


def problems(settings: ActionsWebhookSettings) -> list[Problem]:
    found = url_problems(settings.url, "url") + header_problems(settings.headers)
    if not 0 <= settings.batch_size <= BATCH_SIZE_MAX:
        found.append(Problem(f"expected 0 (each alone) to {BATCH_SIZE_MAX}", "batch_size"))
    if not 0 <= settings.batch_wait_s <= WAIT_S_MAX:
        found.append(Problem(f"expected 0 to {WAIT_S_MAX:g} seconds", "batch_wait_s"))
    return found + white_space_problems(shared_secret=settings.shared_secret)


def batch(settings: ActionsWebhookSettings) -> Batch | None:
    if settings.batch_size < 2:
        return None
    return Batch(
        items_max=settings.batch_size,
        bytes_max=BATCH_BYTES_MAX,
        wait_s=settings.batch_wait_s,
        key=_alike(settings.batch_keys),
    )


def _alike(names: Sequence[str]) -> Callable[[Mapping[str, Any]], Hashable]:
    return lambda payload: _encode([payload.get(name) for name in names])


def send(settings: ActionsWebhookSettings) -> Perform:
    together = batch(settings) is not None
    secret = settings.shared_secret.encode()

    def perform(items: Sequence[Item], _: Attempt) -> Exchange:
        chosen = items[0].payload
        url, own = chosen.get("url") or settings.url, chosen.get("headers") or {}
        named = respelled(settings.headers, _STANDARD)
        headers = (
            _STANDARD | named | respelled({name: str(value) for name, value in own.items()}, _STANDARD | named)
        )
        wrong = url_problems(url, "url") + header_problems(headers)
        if wrong:
            refusal = unsent(f"{wrong[0].path}: {wrong[0].message}", "PAYLOAD_VALIDATION_FAILED")
            return same_for_all(items, refusal)
        data = [_encode(item.payload.get("data", {})) for item in items]
        body = b"[" + b",".join(data) + b"]" if together else data[0]
        if secret:
            headers |= signature(secret, data[0])  # of a batch too: so Segment's receivers expect it
        answer = yield from ask(Request(chosen.get("method") or "POST", url, headers, body, TIMEOUT_S))
        return same_for_all(items, http_outcome(answer))

    return perform


def test(settings: ActionsWebhookSettings, _: Attempt) -> Exchange:
    """Whether somebody is there who lets us in. Sends no event."""
    return (yield from reachable([settings.url], _STANDARD | respelled(settings.headers, _STANDARD)))


TYPE = DestinationType(
    name="actions-webhook",
    label="Webhook (Actions)",
    category="webhooks",
    description="Send custom JSON built by your mappings to your own endpoints, one by one or in batches.",
    settings=ActionsWebhookSettings,
    problems=problems,
    actions=(
        Action(
            name="send",
            label="Send",
            description="Any JSON to any address.",
            perform=send,
            fields=(
                Field(
                    name="data",
                    label="Data",
                    type="object",
                    required=True,
                    description="The body, or its element in the array of a batch.",
                    default=path("$."),
                ),
                Field(
                    name="url",
                    label="Address",
                    type="string",
                    format="uri",
                    description="Left out: the destination's own.",
                ),
                Field(name="method", label="Method", type="string", choices=METHODS, default="POST"),
                Field(
                    name="headers", label="Headers", type="object", description="Laid over the destination's own."
                ),
            ),
            batch=batch,
        ),
    ),
    presets=(Preset(name="Everything", action="send", trigger=EVERYTHING),),
    test=test,
)
