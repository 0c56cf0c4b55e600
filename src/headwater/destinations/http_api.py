"""HTTP API: every event goes on to another host that speaks Segment's tracking API, as itself."""

from collections.abc import Sequence

from headwater.destinations.kit.common_fields import EVERYTHING
from headwater.destinations.kit.hooks import url_problems, white_space_problems
from headwater.destinations.kit.model import (
    Action,
    Attempt,
    DestinationType,
    Exchange,
    Item,
    Perform,
    Preset,
)
from headwater.destinations.kit.settings import Secret, Settings
from headwater.destinations.kit.tracking import BATCH, encoded, forward, members, test_connection
from headwater.errors import Problem


class HttpApiSettings(Settings, frozen=True, kw_only=True):
    write_key: Secret
    """Of a source at the other host."""
    url: str = "https://api.segment.io"
    """The other host; `/v1/batch` is added."""
    keep_integrations: bool = False
    """Whether `integrations`, which name destinations here, are meant for the other host too."""


def problems(settings: HttpApiSettings) -> list[Problem]:
    found = url_problems(settings.url, "url", https=True)
    if not settings.write_key:
        found.append(Problem("is empty", "write_key"))
    return found + white_space_problems(write_key=settings.write_key)


def send(settings: HttpApiSettings) -> Perform:
    def on_the_way(body: bytes) -> bytes:
        event = members(body)
        if not settings.keep_integrations:
            event.pop("integrations", None)
        return encoded(event)

    def perform(items: Sequence[Item], _: Attempt) -> Exchange:
        events = [on_the_way(item.event.body) for item in items]
        return (yield from forward(settings.url, settings.write_key, events))

    return perform


def test(settings: HttpApiSettings, _: Attempt) -> Exchange:
    return test_connection(settings.url, settings.write_key)


TYPE = DestinationType(
    name="http-api",
    label="HTTP API",
    category="webhooks",
    description="Forward every event to any server that speaks Segment's tracking API.",
    settings=HttpApiSettings,
    problems=problems,
    actions=(
        Action(
            name="send",
            label="Forward the event",
            description="In batches, by `/v1/batch`.",
            perform=send,
            whole_event=True,
            batch=BATCH,
        ),
    ),
    presets=(Preset(name="Everything", action="send", trigger=EVERYTHING),),
    test=test,
)
