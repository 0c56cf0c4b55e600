"""Amazon Data Firehose: events as lines, which it carries on in its own bundles to S3, Redshift and others."""

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
from headwater.destinations.kit.records import DATA, data_of
from headwater.errors import Problem

_FIREHOSE: Final = aws.Service("firehose", "Firehose_20150804")

RECORD_BYTES_MAX: Final = 1_000 * 1024


class FirehoseSettings(aws.AwsSettings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    stream: str
    """The name of the Firehose stream."""
    newline: bool = True
    """Ends each record with a line break: Firehose joins records without anything between them."""


def problems(settings: FirehoseSettings) -> list[Problem]:
    found = aws.aws_problems(settings)
    if not settings.stream.strip():
        found.append(Problem("is empty", "stream"))
    return found


def put_records(settings: FirehoseSettings) -> Perform:
    end = b"\n" if settings.newline else b""

    def perform(items: Sequence[Item], attempt: Attempt) -> Exchange:
        data = [data_of(item.payload) + end for item in items]
        records = [{"Data": base64.b64encode(record).decode()} for record in data]

        def build(fitting: list[dict[str, str]]) -> Request:
            body = {"DeliveryStreamName": settings.stream, "Records": fitting}
            return aws.call(_FIREHOSE, "PutRecordBatch", settings, attempt, body)

        sizes = [len(record) for record in data]
        return (
            yield from aws.put_batch(records, sizes, build, bytes_max=RECORD_BYTES_MAX, entries="RequestResponses")
        )

    return perform


def _describe(settings: FirehoseSettings, attempt: Attempt) -> Request:
    body = {"DeliveryStreamName": settings.stream}
    return aws.call(_FIREHOSE, "DescribeDeliveryStream", settings, attempt, body)


TYPE = DestinationType(
    name="amazon-firehose",
    label="Amazon Data Firehose",
    category="streaming",
    description="Events as lines of JSON for a Firehose stream.",
    settings=FirehoseSettings,
    problems=problems,
    test=aws.asks(_describe),
    access=aws.access(),
    actions=(
        Action(
            name="put_records",
            label="Put records",
            description="Each event as a JSON record; up to 500 in a request.",
            perform=put_records,
            fields=(DATA,),
            batch=Batch(items_max=500, bytes_max=3_900_000, wait_s=0.2, person_order=False),
        ),
    ),
    presets=(Preset(name="Everything", action="put_records", trigger=EVERYTHING),),
)
