"""Slack: messages into a channel by an incoming webhook."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from headwater.destinations.kit.answers import explained
from headwater.destinations.kit.common_fields import ENTERED, EXITED, tracks
from headwater.destinations.kit.exchange import ask, json_request, one_request
from headwater.destinations.kit.model import (
    Action,
    Answer,
    Attempt,
    Delivered,
    DestinationType,
    Exchange,
    Item,
    Outcome,
    Pace,
    Perform,
    Preset,
    Request,
    Response,
)
from headwater.destinations.kit.names import compact
from headwater.destinations.kit.outcome import http_outcome
from headwater.destinations.kit.settings import Secret, Settings
from headwater.errors import Problem
from headwater.mapping.fields import Field

TEXT_CHARS_MAX = 4_000
"""Slack's advice; it cuts at 40,000."""
_ESCAPED = {ord("&"): "&amp;", ord("<"): "&lt;", ord(">"): "&gt;"}


class SlackSettings(Settings, frozen=True, kw_only=True):
    url: Secret
    """The incoming webhook URL from Slack. Keep it secret: anyone who has it can post to the channel."""
    username: str = ""
    """Shown instead of the app name. Only older webhooks support it."""
    icon_url: str = ""


def problems(settings: SlackSettings) -> list[Problem]:
    try:
        parts = urlsplit(settings.url)
    except ValueError:
        return [Problem("is not an address", "url")]
    if parts.scheme != "https" or not parts.hostname or len(parts.path) < 2:
        return [Problem("expected https://hooks.slack.com/services/…", "url")]
    return []


def post_message(settings: SlackSettings) -> Perform:
    def build(items: Sequence[Item], _: Attempt) -> Request:
        return json_request("POST", settings.url, _message(settings, items[0].payload))

    return one_request(build, outcome_of)


def _message(settings: SlackSettings, payload: Mapping[str, Any]) -> dict[str, Any]:
    text = payload["text"][:TEXT_CHARS_MAX]
    if not payload.get("markup"):
        text = text.translate(_ESCAPED)
    return compact(
        {
            "text": text,
            "blocks": payload.get("blocks"),
            "username": payload.get("username") or settings.username,
            "icon_url": payload.get("icon_url") or settings.icon_url,
            "unfurl_links": payload.get("unfurl_links"),
        }
    )


def outcome_of(answer: Answer) -> Outcome:
    """Slack says what is wrong in one word of text: `no_service`, `channel_is_archived`."""
    said = answer.body.decode(errors="replace").strip() if isinstance(answer, Response) else ""
    return explained(http_outcome(answer), said)


def test(settings: SlackSettings, _: Attempt) -> Exchange:
    """Asks for a message without a text: Slack posts nothing, and answers 400 if there is such a webhook."""
    answer = yield from ask(json_request("POST", settings.url, {}))
    understood = isinstance(answer, Response) and answer.status == 400
    return [Delivered("400") if understood else outcome_of(answer)]


_WHO = "{{ context.traits.email | default: userId | default: anonymousId }}"


TYPE = DestinationType(
    name="slack",
    label="Slack",
    category="messaging",
    description="Post messages to a Slack channel.",
    settings=SlackSettings,
    problems=problems,
    actions=(
        Action(
            name="post_message",
            label="Post a message",
            description="A text, and blocks if you like.",
            perform=post_message,
            fields=(
                Field(
                    name="text",
                    label="Text",
                    type="string",
                    required=True,
                    description="`*bold*`, `_italic_`, `:emoji:`. Usually a `@template`.",
                ),
                Field(
                    name="markup",
                    label="Markup in the text",
                    type="boolean",
                    description="True: `<…>` are links and mentions, also those that an event brings.",
                    default=False,
                ),
                Field(
                    name="blocks",
                    label="Blocks",
                    type="object",
                    multiple=True,
                    description="Block Kit, 50 at most.",
                ),
                Field(name="username", label="Name of the sender", type="string"),
                Field(name="icon_url", label="Picture of the sender", type="string", format="uri"),
                Field(name="unfurl_links", label="Show previews of links", type="boolean"),
            ),
        ),
    ),
    presets=(
        Preset(
            name="Track calls",
            action="post_message",
            trigger=tracks(),
            mapping={"text": {"@liquid": f"*{{{{ event }}}}* {_WHO}"}},
        ),
        Preset(
            name="Audience entered",
            action="post_message",
            trigger=ENTERED,
            mapping={"text": {"@liquid": f":inbox_tray: entered *{{{{ properties.audience_key }}}}*: {_WHO}"}},
        ),
        Preset(
            name="Audience left",
            action="post_message",
            trigger=EXITED,
            mapping={"text": {"@liquid": f":outbox_tray: left *{{{{ properties.audience_key }}}}*: {_WHO}"}},
        ),
    ),
    test=test,
    pace=Pace(per_s=1.0, concurrency=1),
)
