"""ntfy (https://ntfy.sh, or a server of your own): a push notification for each event that a mapping picks."""

from collections.abc import Sequence
from typing import Any

import msgspec

from headwater.destinations.kit.exchange import ask, json_request, one_request
from headwater.destinations.kit.model import (
    Action,
    Attempt,
    DestinationType,
    Exchange,
    Item,
    Outcome,
    Perform,
    Preset,
    Request,
)
from headwater.destinations.kit.outcome import http_outcome
from headwater.destinations.kit.settings import Secret
from headwater.errors import Problem
from headwater.mapping.fields import Field


class NtfySettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    topic: str
    """Who has subscribed to it gets the notifications."""
    server: str = "https://ntfy.sh"
    """The address of the server, without the topic."""
    token: Secret = ""
    """An access token (`tk_…`), where the topic is protected."""


def problems(settings: NtfySettings) -> list[Problem]:
    """What types alone cannot say. Everything wrong at once: whoever mends it wants to mend it once."""
    found = []
    if not settings.server.startswith(("http://", "https://")):
        found.append(Problem("expected https://host (or http://)", "server"))
    if not settings.topic or "/" in settings.topic:
        found.append(Problem("a topic is one word, without `/`", "topic"))
    return found


def notify(settings: NtfySettings) -> Perform:
    """What an action does: from settings to a function from items to a conversation."""

    def build(items: Sequence[Item], _: Attempt) -> Request:
        return json_request(
            "POST", settings.server, {"topic": settings.topic, **items[0].payload}, _headers(settings)
        )

    return one_request(build)


def test(settings: NtfySettings, _: Attempt) -> Exchange:
    """Asks whether we may use the topic. Nobody is notified."""
    url = f"{settings.server.rstrip('/')}/{settings.topic}/auth"
    answer = yield from ask(Request("GET", url, _headers(settings), b"", 10.0))
    outcomes: list[Outcome] = [http_outcome(answer)]
    return outcomes


def _headers(settings: NtfySettings) -> dict[str, str]:
    return {"Authorization": f"Bearer {settings.token}"} if settings.token else {}


def _first_of(*paths: str) -> dict[str, Any]:
    """The first of several members that an event has."""
    *before, last = paths
    found: dict[str, Any] = {"@path": last}
    for path in reversed(before):
        found = {"@if": {"exists": {"@path": path}, "then": {"@path": path}, "else": found}}
    return found


TYPE = DestinationType(
    name="ntfy",
    label="ntfy",
    category="messaging",
    description="A push notification for each event that a mapping picks.",
    settings=NtfySettings,
    problems=problems,
    test=test,
    actions=(
        Action(
            name="notify",
            label="Notify",
            description="Publishes a message to the topic.",
            perform=notify,
            fields=(
                Field(
                    name="title",
                    label="Title",
                    type="string",
                    default=_first_of("$.event", "$.name", "$.type"),
                ),
                Field(
                    name="message",
                    label="Message",
                    type="text",
                    required=True,
                    default=_first_of("$.properties.message", "$.userId", "$.anonymousId"),
                ),
                Field(name="tags", label="Tags", type="string", multiple=True, description="Emoji, or words."),
                Field(name="priority", label="Priority", type="integer", minimum=1, maximum=5),
            ),
        ),
    ),
    presets=(Preset(name="Orders", action="notify", trigger='type = "track" and event = "Order Completed"'),),
)
