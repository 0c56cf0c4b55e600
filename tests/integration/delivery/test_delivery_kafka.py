"""Records through the real engine into a cluster that speaks Kafka's protocol: mapped, in order, with receipts."""

import asyncio
from pathlib import Path

import msgspec
from confluent_kafka import Consumer, Producer, TopicPartition

from delivering import delivery, events, metric
from headwater.config.workspace import Destination


def read(brokers: str, count: int) -> list[tuple[bytes, str]]:
    """Key and message id of each record, partition by partition."""
    consumer = Consumer({"bootstrap.servers": brokers, "group.id": "test", "log_level": 0})
    consumer.assign([TopicPartition("events", number, 0) for number in range(4)])
    found = []
    while len(found) < count:
        messages = consumer.consume(count, timeout=10)
        assert messages, f"{len(found)} of {count} came"
        found += messages
    consumer.close()
    found.sort(key=lambda message: (message.partition(), message.offset()))
    return [(message.key(), msgspec.json.decode(message.value())["messageId"]) for message in found]


async def test_records_when_events_come_then_each_person_in_order_and_each_event_once(tmp_path: Path) -> None:
    cluster = Producer({"test.mock.num.brokers": 2, "bootstrap.servers": "replaced"})
    brokers = ",".join(f"{each.host}:{each.port}" for each in cluster.list_topics(timeout=10).brokers.values())
    settings = {"brokers": brokers.split(","), "topic": "events", "tls": False}
    sent = events(3_000, people=40)
    async with delivery(tmp_path) as system:
        system.apply(Destination(name="stream", type="kafka", settings=settings))
        await system.start()
        for at in range(0, len(sent), 100):
            system.append(sent[at : at + 100])
        delivered = lambda: metric("events_total", destination="stream", result="delivered")  # noqa: E731
        await system.until(lambda: delivered() == len(sent))
    records = await asyncio.to_thread(read, brokers, len(sent))
    by_person: dict[bytes, list[str]] = {}
    for key, message_id in records:
        by_person.setdefault(key, []).append(message_id)
    expected: dict[bytes, list[str]] = {}
    for event in sent:
        expected.setdefault(event.person.encode(), []).append(event.message_id)
    assert by_person == expected
