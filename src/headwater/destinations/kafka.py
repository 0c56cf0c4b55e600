"""Apache Kafka, and what speaks its protocol (Redpanda, Event Hubs, …): events as records of a topic."""

import re
from collections.abc import Sequence
from typing import Annotated, Any, Final, Literal

import msgspec

from headwater.destinations.kit.answers import each, unsent
from headwater.destinations.kit.common_fields import EVERYTHING
from headwater.destinations.kit.exchange import ask, same_for_all
from headwater.destinations.kit.model import (
    Action,
    Answer,
    Attempt,
    Batch,
    Delivered,
    DestinationType,
    Exchange,
    Failure,
    Item,
    KafkaRecord,
    KafkaRecords,
    Outcome,
    Perform,
    Preset,
    Written,
)
from headwater.destinations.kit.outcome import failed
from headwater.destinations.kit.records import DATA, KEY, data_of
from headwater.destinations.kit.settings import Secret, Settings, only_when
from headwater.errors import Problem
from headwater.mapping.fields import Field
from headwater.units import MIB

PARTITION_MAX: Final = 2**31 - 1

TIMEOUT_S: Final = 30.0
TEST_TIMEOUT_S: Final = 10.0

WRITTEN: Final = Delivered("written")

_TOPIC: Final = re.compile(r"[a-zA-Z0-9._-]{1,249}")
_BROKER: Final = re.compile(r"([^\s/,@:\[\]]+|\[[0-9a-fA-F:.]+\]):\d{1,5}")


class KafkaSettings(Settings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    brokers: tuple[str, ...]
    """`host:port` of one or more; they tell the others."""
    topic: str
    """Where a mapping names no other. It must be there, unless the cluster makes topics by itself."""
    tls: bool = True
    ca_certificate: str = ""
    """PEM, of the authority that signed the brokers' certificates; empty: those that this machine trusts."""
    client_certificate: str = ""
    """PEM, if the brokers want to see one."""
    client_key: Annotated[Secret, only_when("client_certificate")] = ""
    """PEM, of that certificate."""
    sasl_mechanism: Literal["", "PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = ""
    """How user name and password are shown; empty: there are none."""
    username: Annotated[str, only_when("sasl_mechanism")] = ""
    password: Annotated[Secret, only_when("sasl_mechanism")] = ""
    compression: Literal["none", "gzip", "snappy", "lz4", "zstd"] = "lz4"


def problems(settings: KafkaSettings) -> list[Problem]:
    found = []
    if not settings.brokers:
        found.append(Problem("at least one is needed", "brokers"))
    found += [
        Problem("expected host:port", f"brokers[{index}]")
        for index, broker in enumerate(settings.brokers)
        if not _BROKER.fullmatch(broker)
    ]
    if not _is_topic(settings.topic):
        found.append(Problem("expected at most 249 letters, digits, `.`, `_` and `-`", "topic"))
    if bool(settings.sasl_mechanism) != bool(settings.username and settings.password):
        found.append(Problem("`sasl_mechanism`, `username` and `password` go together", "sasl_mechanism"))
    if settings.sasl_mechanism == "PLAIN" and not settings.tls:
        found.append(Problem("would send the password unencrypted; use `tls`, or SCRAM", "sasl_mechanism"))
    if bool(settings.client_certificate) != bool(settings.client_key):
        found.append(Problem("`client_certificate` and `client_key` go together", "client_certificate"))
    for name in ("ca_certificate", "client_certificate", "client_key"):
        value = getattr(settings, name)
        if value and not value.lstrip().startswith("-----BEGIN"):
            found.append(Problem("expected PEM: -----BEGIN …", name))
        elif value and not settings.tls:
            found.append(Problem("means nothing without `tls`", name))
    return found


def _is_topic(name: str) -> bool:
    return bool(_TOPIC.fullmatch(name)) and name not in {".", ".."}


def _connection(settings: KafkaSettings) -> dict[str, str]:
    """What librdkafka calls it."""
    protocol = ("SASL_" if settings.sasl_mechanism else "") + ("SSL" if settings.tls else "PLAINTEXT")
    named = {
        "bootstrap.servers": ",".join(settings.brokers),
        "security.protocol": protocol,
        "compression.type": settings.compression,
        "ssl.ca.pem": settings.ca_certificate,
        "ssl.certificate.pem": settings.client_certificate,
        "ssl.key.pem": settings.client_key,
        "sasl.mechanism": settings.sasl_mechanism,
        "sasl.username": settings.username,
        "sasl.password": settings.password,
    }
    return {name: value for name, value in named.items() if value}


def send_records(settings: KafkaSettings) -> Perform:
    connection = _connection(settings)

    def perform(items: Sequence[Item], _: Attempt) -> Exchange:
        records, named, sent = [], dict[int, Outcome](), []
        for index, item in enumerate(items):
            topic = item.payload.get("topic") or settings.topic
            if not _is_topic(topic):
                named[index] = unsent("the topic's name may have 249 letters, digits, `.`, `_` and `-`")
                continue
            records.append(_record(topic, item))
            sent.append(index)
        if not records:
            return each(items, named, WRITTEN)
        answer = yield from ask(KafkaRecords(connection, tuple(records), TIMEOUT_S))
        named |= dict(zip(sent, _outcomes(records, answer), strict=True))
        return each(items, named, WRITTEN)

    return perform


def _record(topic: str, item: Item) -> KafkaRecord:
    headers = item.payload.get("headers", {})
    return KafkaRecord(
        topic,
        item.payload["key"].encode(),
        data_of(item.payload),
        tuple((name, _header(value)) for name, value in headers.items()),
        item.payload.get("partition"),
    )


def _header(value: Any) -> bytes:
    return value.encode() if isinstance(value, str) else msgspec.json.encode(value)


def _outcomes(records: Sequence[Any], answer: Answer) -> list[Outcome]:
    if isinstance(answer, Failure):
        return same_for_all(records, failed(answer))
    assert isinstance(answer, Written)
    return each(records, {index: failed(why) for index, why in answer.failures.items()}, WRITTEN)


def test(settings: KafkaSettings, _: Attempt) -> Exchange:
    """Whether the cluster lets us in. That of the topic only a record would tell."""
    answer = yield from ask(KafkaRecords(_connection(settings), (), TEST_TIMEOUT_S))
    return [failed(answer) if isinstance(answer, Failure) else WRITTEN]


TYPE = DestinationType(
    name="kafka",
    label="Apache Kafka",
    category="streaming",
    description="Events as records of a Kafka topic, a person's in one partition.",
    settings=KafkaSettings,
    problems=problems,
    test=test,
    actions=(
        Action(
            name="send_records",
            label="Send records",
            description="Each event as a JSON record.",
            perform=send_records,
            fields=(
                DATA,
                KEY,
                Field(
                    name="topic", label="Topic", type="string", description="Instead of the one in the settings."
                ),
                Field(
                    name="headers", label="Headers", type="object", description="Names and values, sent as text."
                ),
                Field(
                    name="partition",
                    label="Partition",
                    type="integer",
                    minimum=0,
                    maximum=PARTITION_MAX,
                    description="Its number; left out: by the key.",
                ),
            ),
            batch=Batch(items_max=1_000, bytes_max=4 * MIB),
        ),
    ),
    presets=(Preset(name="Everything", action="send_records", trigger=EVERYTHING),),
)
