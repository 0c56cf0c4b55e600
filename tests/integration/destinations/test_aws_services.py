"""AWS's services take what we send them: moto on loopback, read back with AWS's own client."""

import gzip
import io
import uuid
import warnings
from typing import Any

import msgspec
import pyarrow.parquet as pq
import pytest
from driving import RECEIVED_MS, Driven, event, item

from headwater.destinations.kit.model import Delivered, Item, Rejected
from headwater.units import DAY_MS

REGION = "eu-central-1"


def settings(aws_url: str, **more: Any) -> dict[str, Any]:
    return {
        "access_key_id": "AKIAEXAMPLE",
        "secret_access_key": "s3cret/key+",
        "region": REGION,
        "endpoint": aws_url,
    } | more


def client(service: str, aws_url: str) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what botocore has to say about its own dependencies
        import boto3

        return boto3.client(
            service,
            endpoint_url=aws_url,
            region_name=REGION,
            aws_access_key_id="AKIAEXAMPLE",
            aws_secret_access_key="s3cret/key+",
        )


def name() -> str:
    """Of something that only this test has."""
    return f"hw-{uuid.uuid4().hex[:8]}"


def record(message_id: str, *, data: Any = None, key: str = "ann", **more: Any) -> Item:
    of = {"data": data or {"messageId": message_id, "name": "Zoë"}, "key": key, "message_id": message_id}
    return item(message_id, of | more)


async def test_kinesis_when_records_are_put_then_read_back_in_order_by_key(aws_url: str) -> None:
    stream, kinesis = name(), client("kinesis", aws_url)
    kinesis.create_stream(StreamName=stream, ShardCount=1)
    async with Driven("amazon-kinesis", settings(aws_url, stream=stream)) as driven:
        assert await driven.test() == Delivered("200")
        records = [record("m-1"), record("m-2", data={"x": "y" * 1_048_576}), record("m-3", key="ben")]
        first, second, third = await driven.perform("put_records", records)
    assert (first, third) == (Delivered("200"), Delivered("200"))
    assert isinstance(second, Rejected)
    assert (second.reason, second.sent) == ("MESSAGE_REJECTED", False)
    (shard,) = kinesis.list_shards(StreamName=stream)["Shards"]
    iterator = kinesis.get_shard_iterator(
        StreamName=stream, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
    )["ShardIterator"]
    found = kinesis.get_records(ShardIterator=iterator)["Records"]
    assert [(each["PartitionKey"], msgspec.json.decode(each["Data"])) for each in found] == [
        ("ann", {"messageId": "m-1", "name": "Zoë"}),
        ("ben", {"messageId": "m-3", "name": "Zoë"}),
    ]


async def test_kinesis_when_there_is_no_such_stream_then_rejected_by_name_of_the_error(aws_url: str) -> None:
    async with Driven("amazon-kinesis", settings(aws_url, stream="nowhere")) as driven:
        outcome = await driven.test()
        assert isinstance(outcome, Rejected)
        assert outcome.reason == "404"
        assert outcome.message.startswith("ResourceNotFoundException: ")
        assert [type(each) for each in await driven.perform("put_records", [record("m-1")])] == [Rejected]


async def test_firehose_when_records_are_put_then_lines_arrive_in_its_bucket(aws_url: str) -> None:
    stream, bucket = name(), name()
    s3, firehose = client("s3", aws_url), client("firehose", aws_url)
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
    firehose.create_delivery_stream(
        DeliveryStreamName=stream,
        S3DestinationConfiguration={
            "RoleARN": "arn:aws:iam::123456789012:role/firehose",
            "BucketARN": f"arn:aws:s3:::{bucket}",
        },
    )
    async with Driven("amazon-firehose", settings(aws_url, stream=stream)) as driven:
        assert await driven.test() == Delivered("200")
        outcomes = await driven.perform("put_records", [record("m-1"), record("m-2")])
    assert outcomes == [Delivered("200")] * 2
    (key,) = [each["Key"] for each in s3.list_objects_v2(Bucket=bucket)["Contents"]]
    lines = s3.get_object(Bucket=bucket, Key=key)["Body"].read().splitlines()
    assert [msgspec.json.decode(line)["messageId"] for line in lines] == ["m-1", "m-2"]


async def test_sqs_when_the_queue_is_fifo_then_grouped_by_person_and_repeats_dropped(aws_url: str) -> None:
    sqs = client("sqs", aws_url)
    url = sqs.create_queue(QueueName=f"{name()}.fifo", Attributes={"FifoQueue": "true"})["QueueUrl"]
    async with Driven("amazon-sqs", settings(aws_url, queue_url=url)) as driven:
        assert await driven.test() == Delivered("200")
        for _ in range(2):
            outcomes = await driven.perform("send_messages", [record("m-1"), record("m-2", key="ann lee")])
            assert outcomes == [Delivered("200")] * 2
    found = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, AttributeNames=["All"])["Messages"]
    assert [msgspec.json.decode(each["Body"])["messageId"] for each in found] == ["m-1", "m-2"]
    assert found[0]["Attributes"]["MessageGroupId"] == "ann"
    assert found[0]["Attributes"]["MessageDeduplicationId"] == "m-1"
    assert len(found[1]["Attributes"]["MessageGroupId"]) == 64


async def test_sqs_when_the_queue_is_standard_then_every_message_arrives(aws_url: str) -> None:
    sqs = client("sqs", aws_url)
    url = sqs.create_queue(QueueName=name())["QueueUrl"]
    async with Driven("amazon-sqs", settings(aws_url, queue_url=url)) as driven:
        outcomes = await driven.perform(
            "send_messages", [record(f"m-{n}", data={"n": "\uffff"}) for n in range(10)]
        )
    assert outcomes == [Delivered("200")] * 10
    found = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
    assert [msgspec.json.decode(each["Body"]) for each in found] == [{"n": "\uffff"}] * 10


async def test_eventbridge_when_a_rule_chooses_by_detail_type_then_its_target_gets_the_event(aws_url: str) -> None:
    events, sqs, bus = client("events", aws_url), client("sqs", aws_url), name()
    queue = sqs.create_queue(QueueName=name())["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    events.create_event_bus(Name=bus)
    pattern = '{"source": ["shop"], "detail-type": ["Order Completed"]}'
    events.put_rule(Name=bus, EventBusName=bus, EventPattern=pattern)
    events.put_targets(Rule=bus, EventBusName=bus, Targets=[{"Id": "1", "Arn": arn}])
    async with Driven("amazon-eventbridge", settings(aws_url, event_bus=bus, event_source="shop")) as driven:
        assert await driven.test() == Delivered("200")
        named = [
            record("m-1", detail_type="Order Completed", timestamp="2026-01-01T00:00:00.000Z"),
            record("m-2", detail_type="page"),
        ]
        assert await driven.perform("put_events", named) == [Delivered("200")] * 2
    (message,) = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10)["Messages"]
    received = msgspec.json.decode(message["Body"])
    assert (received["source"], received["detail-type"]) == ("shop", "Order Completed")
    assert received["detail"] == {"messageId": "m-1", "name": "Zoë"}
    assert received["time"] == "2026-01-01T00:00:00Z"


async def test_s3_when_events_are_of_two_days_and_sources_then_a_file_for_each_and_a_repeat_replaces_it(
    aws_url: str,
) -> None:
    s3, bucket = client("s3", aws_url), name()
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
    items = [
        Item(event("m-1"), {}, "1"),
        Item(event("m-2", source="app ü"), {}, "2"),
        Item(event("m-3"), {}, "3"),
        Item(event("m-4", at_ms=RECEIVED_MS + DAY_MS), {}, "4"),
    ]
    async with Driven("amazon-s3", settings(aws_url, bucket=bucket, prefix="in/")) as driven:
        assert await driven.perform("write_files", items) == [Delivered("200")] * 4
        once = {each["Key"]: each["ETag"] for each in s3.list_objects_v2(Bucket=bucket)["Contents"]}
        assert await driven.perform("write_files", items) == [Delivered("200")] * 4
        twice = {each["Key"]: each["ETag"] for each in s3.list_objects_v2(Bucket=bucket)["Contents"]}
        assert await driven.test() == Delivered("200")
    assert once == twice
    assert sorted(key.rpartition("/")[0] for key in once) == [
        "in/date=2026-01-01/source=app ü",
        "in/date=2026-01-01/source=web",
        "in/date=2026-01-02/source=web",
    ]
    (key,) = [key for key in once if key.startswith("in/date=2026-01-01/source=web/")]
    body = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
    assert gzip.decompress(body) == items[0].event.body + b"\n" + items[2].event.body + b"\n"


async def test_s3_when_the_format_is_parquet_then_columns_and_the_whole_event(aws_url: str) -> None:
    s3, bucket = client("s3", aws_url), name()
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
    async with Driven("amazon-s3", settings(aws_url, bucket=bucket, format="parquet")) as driven:
        items = [Item(event(f"m-{n}"), {}, str(n)) for n in range(3)]
        assert await driven.perform("write_files", items) == [Delivered("200")] * 3
    (key,) = [each["Key"] for each in s3.list_objects_v2(Bucket=bucket)["Contents"]]
    assert key.endswith(".parquet")
    table = pq.read_table(io.BytesIO(s3.get_object(Bucket=bucket, Key=key)["Body"].read()))
    assert table["message_id"].to_pylist() == ["m-0", "m-1", "m-2"]
    assert [msgspec.json.decode(body) for body in table["body"].to_pylist()] == [
        msgspec.json.decode(each.event.body) for each in items
    ]
    assert "log_offset" not in table.column_names


async def test_s3_when_the_bucket_is_not_there_then_rejected(aws_url: str) -> None:
    async with Driven("amazon-s3", settings(aws_url, bucket=name())) as driven:
        outcome = await driven.test()
    assert isinstance(outcome, Rejected)
    assert (outcome.reason, outcome.message.partition(":")[0]) == ("404", "NoSuchBucket")


async def test_access_when_a_role_is_named_then_its_temporary_keys_sign(aws_url: str) -> None:
    stream = name()
    client("kinesis", aws_url).create_stream(StreamName=stream, ShardCount=1)
    role = "arn:aws:iam::123456789012:role/headwater"
    async with Driven("amazon-kinesis", settings(aws_url, stream=stream, role_arn=role)) as driven:
        token = (await driven._attempt()).token
        assert len(msgspec.json.decode(token)) == 3
        assert "AKIAEXAMPLE" not in token
        assert await driven.perform("put_records", [record("m-1")]) == [Delivered("200")]


@pytest.mark.parametrize("type_", ["amazon-kinesis", "amazon-firehose"])
async def test_guard_when_private_addresses_are_not_allowed_then_nothing_is_sent(aws_url: str, type_: str) -> None:
    async with Driven(type_, settings(aws_url, stream="s"), allow_private=False) as driven:
        outcome = await driven.test()
    assert isinstance(outcome, Rejected)
    assert outcome.reason == "PRIVATE_ADDRESS"
