"""A cluster that speaks Kafka's protocol takes what we send it: librdkafka's own, three brokers on loopback."""

import asyncio
import ssl
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from confluent_kafka import Consumer, Producer, TopicPartition
from driving import Driven, certified, item

from headwater.delivery.transports.kafka import KafkaTransport
from headwater.destinations.kit.model import (
    Delivered,
    Failure,
    Item,
    KafkaRecord,
    KafkaRecords,
    Rejected,
    Written,
)

WRITTEN = Delivered("written")
PARTITIONS = 4
"""Of a topic that the cluster makes."""


@pytest.fixture(scope="module")
def brokers() -> Iterator[tuple[str, ...]]:
    """The cluster lives in this client."""
    host = Producer({"test.mock.num.brokers": 3, "bootstrap.servers": "replaced"})
    found = host.list_topics(timeout=10).brokers.values()
    yield tuple(f"{broker.host}:{broker.port}" for broker in found)
    host.flush(1)


def settings(brokers: tuple[str, ...], **more: Any) -> dict[str, Any]:
    return {"brokers": list(brokers), "topic": "events", "tls": False} | more


def topic() -> str:
    return f"t-{uuid.uuid4().hex[:8]}"


def record(message_id: str, *, key: str = "ann", **more: Any) -> Item:
    return item(message_id, {"data": {"messageId": message_id}, "key": key} | more)


def read(brokers: tuple[str, ...], topic: str, count: int, *, timeout_s: float = 10) -> list[Any]:
    """The messages of a topic, partition by partition."""
    consumer = Consumer(
        {
            "bootstrap.servers": ",".join(brokers),
            "group.id": "test",
            "auto.offset.reset": "earliest",
            "log_level": 0,
        }
    )
    consumer.assign([TopicPartition(topic, number, 0) for number in range(PARTITIONS)])
    found: list[Any] = []
    while len(found) < count:
        messages = consumer.consume(count, timeout=timeout_s)
        assert messages, f"{len(found)} of {count} came"
        found += messages
    consumer.close()
    assert not [message.error() for message in found if message.error()]
    return sorted(found, key=lambda message: (message.partition(), message.offset()))


async def test_records_when_sent_then_read_back_in_the_order_of_each_person(brokers: tuple[str, ...]) -> None:
    name = topic()
    async with Driven("kafka", settings(brokers, topic=name)) as driven:
        assert await driven.test() == WRITTEN
        items = [record(f"m-{n:03}", key=f"person {n % 7}") for n in range(300)]
        assert await driven.perform("send_records", items) == [WRITTEN] * 300
    messages = await asyncio.to_thread(read, brokers, name, 300)
    by_person: dict[bytes, list[str]] = {}
    for message in messages:
        by_person.setdefault(message.key(), []).append(msgspec.json.decode(message.value())["messageId"])
    assert len(by_person) == 7
    assert all(ids == sorted(ids) for ids in by_person.values())
    assert sorted(each for ids in by_person.values() for each in ids) == [f"m-{n:03}" for n in range(300)]
    homes = {(message.key(), message.partition()) for message in messages}
    assert len(homes) == 7


async def test_records_when_a_mapping_names_topic_headers_and_partition_then_there(
    brokers: tuple[str, ...],
) -> None:
    name = topic()
    async with Driven("kafka", settings(brokers)) as driven:
        odd = record("m-2", topic="no topic!")
        far = record("m-3", topic=name, partition=99)
        items = [record("m-1", topic=name, headers={"shop": "Zürich", "n": 1}, partition=3), odd, far]
        unwritable = record("m-4", partition=2**40)
        first, second, third, fourth = await driven.perform("send_records", [*items, unwritable])
    assert first == WRITTEN
    assert isinstance(second, Rejected)
    assert (second.reason, second.sent) == ("MESSAGE_REJECTED", False)
    assert isinstance(fourth, Rejected)
    assert fourth.reason == "MESSAGE_REJECTED"
    assert isinstance(third, Rejected)
    assert third.reason == "404"
    (message,) = await asyncio.to_thread(read, brokers, name, 1)
    assert (message.partition(), message.headers()) == (3, [("shop", "Zürich".encode()), ("n", b"1")])


async def test_records_when_one_is_too_large_then_it_alone_is_refused(brokers: tuple[str, ...]) -> None:
    name = topic()
    async with Driven("kafka", settings(brokers, topic=name)) as driven:
        large = record("m-2", data={"x": "y" * 1_100_000})
        first, second, third = await driven.perform("send_records", [record("m-1"), large, record("m-3")])
    assert (first, third) == (WRITTEN, WRITTEN)
    assert isinstance(second, Rejected)
    assert second.reason == "MESSAGE_REJECTED"


async def test_calls_when_many_at_once_then_each_gets_its_own_answer(brokers: tuple[str, ...]) -> None:
    name = topic()
    async with Driven("kafka", settings(brokers, topic=name)) as driven:
        calls = [driven.perform("send_records", [record(f"m-{n}")]) for n in range(50)]
        assert await asyncio.gather(*calls) == [[WRITTEN]] * 50
    messages = await asyncio.to_thread(read, brokers, name, 50)
    assert [msgspec.json.decode(each.value())["messageId"] for each in messages] == [f"m-{n}" for n in range(50)]


def call(brokers: str, timeout_s: float, *, records: int = 1, **connection: str) -> KafkaRecords:
    named = {"bootstrap.servers": brokers} | {name.replace("_", "."): of for name, of in connection.items()}
    return KafkaRecords(named, tuple(KafkaRecord("t", b"k", b"v") for _ in range(records)), timeout_s)


@pytest.mark.parametrize("records", [0, 2])
async def test_send_when_nobody_listens_then_a_failure_without_addresses(records: int) -> None:
    transport = KafkaTransport(allow_private=True)
    answer = await transport.send(call("127.0.0.1:1", 4.0, records=records))
    await transport.close()
    failures = list(answer.failures.values()) if isinstance(answer, Written) else [answer]
    assert len(failures) == max(1, records)
    for failure in failures:
        assert isinstance(failure, Failure)
        assert (failure.reason, failure.lasting) == ("ECONNREFUSED", False)
        assert "127.0.0.1" not in failure.message


async def test_send_when_a_setting_is_not_librdkafkas_then_a_failure() -> None:
    transport = KafkaTransport(allow_private=True)
    answer = await transport.send(call("127.0.0.1:1", 1.0, ssl_ca_pem="nonsense", security_protocol="SSL"))
    await transport.close()
    assert isinstance(answer, Failure)
    assert (answer.reason, answer.lasting) == ("INVALID_SETTINGS", True)
    assert "nonsense" not in answer.message


@pytest.mark.parametrize(
    ("host", "trusted", "reason"),
    [("localhost", True, "ECONNREFUSED"), ("localhost", False, "TLS"), ("127.0.0.1", True, "TLS")],
)
async def test_tls_when_the_certificate_is_not_the_hosts_or_of_nobody_we_trust_then_no_connection(
    host: str, trusted: bool, reason: str, tmp_path: Path
) -> None:
    # No cluster speaks TLS here; whether anything is said inside it is seen by a server that listens and hangs up.
    authority, certificate, key = certified("localhost")
    (tmp_path / "server.pem").write_text(certificate + key)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(tmp_path / "server.pem")
    heard: list[bytes] = []

    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.read(4))
        writer.close()

    server = await asyncio.start_server(hang_up, "127.0.0.1", 0, ssl=context)
    port = server.sockets[0].getsockname()[1]
    transport = KafkaTransport(allow_private=True)
    connection = {"security_protocol": "SSL"} | ({"ssl_ca_pem": authority} if trusted else {})
    answer = await transport.send(call(f"{host}:{port}", 4.0, records=0, **connection))
    await transport.close()
    server.close()
    assert isinstance(answer, Failure)
    assert (answer.reason, bool(heard and heard[0])) == (reason, reason != "TLS")


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]"])
async def test_guard_when_private_addresses_are_not_allowed_then_nobody_is_connected_to(host: str) -> None:
    async with Driven("kafka", settings((f"{host}:9092",)), allow_private=False) as driven:
        outcomes = [await driven.test(), *(await driven.perform("send_records", [record("m-1")]))]
    assert [outcome.reason for outcome in outcomes] == ["PRIVATE_ADDRESS"] * 2
    assert all(isinstance(outcome, Rejected) for outcome in outcomes)


async def test_guard_when_the_cluster_tells_private_addresses_then_nothing_is_written(
    brokers: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    # A public name in front of brokers that are on the inside: the settings pass, what the cluster tells does not.
    async def passes(*_: Any) -> None:
        monkeypatch.undo()

    monkeypatch.setattr("headwater.delivery.transports.kafka_cluster.check", passes)
    name = topic()
    async with Driven("kafka", settings(brokers, topic=name), allow_private=False) as driven:
        (outcome,) = await driven.perform("send_records", [record("m-1")])
    assert isinstance(outcome, Rejected)
    assert outcome.reason == "PRIVATE_ADDRESS"
    with pytest.raises(AssertionError, match="0 of 1 came"):
        await asyncio.to_thread(read, brokers, name, 1, timeout_s=1)


async def test_guard_when_many_find_out_at_once_then_each_is_answered(
    brokers: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def passes(*_: Any) -> None:
        monkeypatch.undo()

    monkeypatch.setattr("headwater.delivery.transports.kafka_cluster.check", passes)
    transport = KafkaTransport(allow_private=False)
    answers = await asyncio.gather(*(transport.send(call(",".join(brokers), 5.0)) for _ in range(20)))
    await transport.close()
    assert {each.reason for each in answers if isinstance(each, Failure)} == {"PRIVATE_ADDRESS", "RETRY"}
    assert len(answers) == len([each for each in answers if isinstance(each, Failure)])


async def test_cluster_when_it_ends_then_what_is_under_way_is_tried_again() -> None:
    host = Producer({"test.mock.num.brokers": 1, "bootstrap.servers": "replaced"})
    brokers = tuple(f"{each.host}:{each.port}" for each in host.list_topics(timeout=10).brokers.values())
    transport = KafkaTransport(allow_private=True)
    assert await transport.send(call(brokers[0], 3.0)) == Written()
    del host
    answer = await transport.send(call(brokers[0], 3.0))
    await transport.close()
    assert isinstance(answer, Written)
    assert [(each.reason, each.lasting) for each in answer.failures.values()] in (
        [("ETIMEDOUT", False)],
        [("ECONNREFUSED", False)],
    )
