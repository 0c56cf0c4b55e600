"""Amazon Kinesis Data Streams: events as records, a person's in one shard."""

import base64
from collections.abc import Sequence
from typing import Final

from headwater.destinations.kit import aws
from headwater.destinations.kit.common_fields import EVERYTHING
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
from headwater.destinations.kit.records import DATA, KEY, data_of
from headwater.errors import Problem
from headwater.units import MIB

_KINESIS: Final = aws.Service("kinesis", "Kinesis_20131202")

RECORD_BYTES_MAX: Final = MIB
"""With its key. What every stream takes; some can be told to take more."""

KEY_CHARS_MAX: Final = 256


class KinesisSettings(aws.AwsSettings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    stream: str
    """Its name, or its ARN."""


def problems(settings: KinesisSettings) -> list[Problem]:
    found = aws.aws_problems(settings)
    if not settings.stream.strip():
        found.append(Problem("is empty", "stream"))
    return found


def put_records(settings: KinesisSettings) -> Perform:
    def perform(items: Sequence[Item], attempt: Attempt) -> Exchange:
        keys = [item.payload["key"][:KEY_CHARS_MAX] for item in items]
        data = [data_of(item.payload) for item in items]
        sizes = [len(record) + len(key.encode()) for record, key in zip(data, keys, strict=True)]
        records = [
            {"Data": base64.b64encode(record).decode(), "PartitionKey": key}
            for record, key in zip(data, keys, strict=True)
        ]

        def build(fitting: list[dict[str, str]]) -> Request:
            return aws.call(_KINESIS, "PutRecords", settings, attempt, _stream(settings) | {"Records": fitting})

        return (yield from aws.put_batch(records, sizes, build, bytes_max=RECORD_BYTES_MAX, entries="Records"))

    return perform


def _stream(settings: KinesisSettings) -> dict[str, object]:
    kind = "StreamARN" if settings.stream.startswith("arn:") else "StreamName"
    return {kind: settings.stream}


def _describe(settings: KinesisSettings, attempt: Attempt) -> Request:
    return aws.call(_KINESIS, "DescribeStreamSummary", settings, attempt, _stream(settings))


TYPE = DestinationType(
    name="amazon-kinesis",
    label="Amazon Kinesis",
    category="streaming",
    description="Events as records of a Kinesis data stream.",
    settings=KinesisSettings,
    problems=problems,
    test=aws.asks(_describe),
    access=aws.access(),
    actions=(
        Action(
            name="put_records",
            label="Put records",
            description="Each event as a JSON record; up to 500 in a request.",
            perform=put_records,
            fields=(DATA, KEY),
            batch=Batch(items_max=500, bytes_max=4_500_000, wait_s=0.2),
        ),
    ),
    presets=(Preset(name="Everything", action="put_records", trigger=EVERYTHING),),
)
