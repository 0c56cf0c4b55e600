"""Amazon EventBridge: events for the rules of a bus, with the event's name as detail type."""

from collections.abc import Sequence
from typing import Final

from headwater.destinations.kit import aws
from headwater.destinations.kit.common_fields import (
    EVERYTHING,
    TIMESTAMP,
    first,
)
from headwater.destinations.kit.instants import unix_s
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
from headwater.destinations.kit.names import compact
from headwater.destinations.kit.records import DATA, data_of
from headwater.errors import Problem
from headwater.mapping.fields import Field

_EVENTS: Final = aws.Service("events", "AWSEvents")

ENTRIES_BYTES_MAX: Final = 1_000_000
"""Of all entries of a request together, as AWS counts them: see `_size`."""

DETAIL_TYPE_CHARS_MAX: Final = 128

_FRAME_BYTES: Final = 1_000
"""Kept free for what an entry says besides its detail."""


class EventBridgeSettings(aws.AwsSettings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    event_bus: str = "default"
    """Its name, or its ARN."""
    event_source: str = "headwater"
    """What rules know our events by; `aws.` at the beginning is AWS's own."""


def problems(settings: EventBridgeSettings) -> list[Problem]:
    found = aws.aws_problems(settings)
    if not settings.event_bus.strip():
        found.append(Problem("is empty", "event_bus"))
    if not settings.event_source.strip() or settings.event_source.startswith("aws."):
        found.append(Problem("expected a name that does not begin with `aws.`", "event_source"))
    return found


def put_events(settings: EventBridgeSettings) -> Perform:
    def perform(items: Sequence[Item], attempt: Attempt) -> Exchange:
        entries = [_entry(settings, item) for item in items]

        def build(fitting: list[dict[str, object]]) -> Request:
            return aws.call(_EVENTS, "PutEvents", settings, attempt, {"Entries": fitting})

        sizes = [_size(entry) for entry in entries]
        return (yield from aws.put_batch(entries, sizes, build, bytes_max=ENTRIES_BYTES_MAX, entries="Entries"))

    return perform


def _entry(settings: EventBridgeSettings, item: Item) -> dict[str, object]:
    return compact(
        {
            "Source": settings.event_source,
            "DetailType": item.payload["detail_type"][:DETAIL_TYPE_CHARS_MAX],
            "Detail": data_of(item.payload).decode(),
            "EventBusName": settings.event_bus,
            "Time": unix_s(item.payload.get("timestamp")),
            "Resources": item.payload.get("resources"),
        }
    )


def _size(entry: dict[str, object]) -> int:
    resources = entry.get("Resources", [])
    assert isinstance(resources, list)
    texts = [entry["Source"], entry["DetailType"], entry["Detail"], *resources]
    return 14 + sum(len(str(text).encode()) for text in texts)


def _describe(settings: EventBridgeSettings, attempt: Attempt) -> Request:
    return aws.call(_EVENTS, "DescribeEventBus", settings, attempt, {"Name": settings.event_bus})


TYPE = DestinationType(
    name="amazon-eventbridge",
    label="Amazon EventBridge",
    category="streaming",
    description="Events for the rules of an EventBridge bus.",
    settings=EventBridgeSettings,
    problems=problems,
    test=aws.asks(_describe),
    access=aws.access(),
    actions=(
        Action(
            name="put_events",
            label="Put events",
            description="Each event as an entry; up to ten in a request.",
            perform=put_events,
            fields=(
                DATA,
                Field(
                    name="detail_type",
                    label="Detail type",
                    type="string",
                    required=True,
                    description="What rules choose by: the event's name, or the kind of call where it has none.",
                    default=first("$.event", "$.type"),
                ),
                TIMESTAMP,
                Field(
                    name="resources",
                    label="Resources",
                    type="string",
                    multiple=True,
                    description="ARNs of what the event is about.",
                ),
            ),
            batch=Batch(items_max=10, bytes_max=ENTRIES_BYTES_MAX - 10 * _FRAME_BYTES),
        ),
    ),
    presets=(Preset(name="Everything", action="put_events", trigger=EVERYTHING),),
)
