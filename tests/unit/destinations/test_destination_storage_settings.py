"""Settings of Kafka, Postgres and Pub/Sub: what is wrong is said where, and never with a secret in it."""

from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from msgspec import json
from talk import perform

from headwater.destinations import registry
from headwater.destinations.kit.model import Delivered, Failure, KafkaRecords, Rejected, RetryLater, Rows, Written

PEM = (
    rsa.generate_private_key(public_exponent=65537, key_size=2048)
    .private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    .decode()
)
RIGHT: dict[str, dict[str, Any]] = {
    "kafka": {"brokers": ["kafka.example:9092", "[2606:4700::1]:9092"], "topic": "events"},
    "postgres": {"host": "db.example", "database": "shop", "user": "headwater"},
    "google-pubsub": {
        "project": "shop-123456",
        "topic": "events",
        "service_account": json.encode({"client_email": "a@b.example", "private_key": PEM}).decode(),
    },
}
ACCOUNT = {"client_email": "a@b.example", "private_key": "hush"}


@pytest.mark.parametrize("type_", list(RIGHT))
def test_settings_when_right_then_no_problems(type_: str) -> None:
    assert registry.validate_settings(type_, RIGHT[type_]) == []


@pytest.mark.parametrize(
    ("type_", "wrong", "path"),
    [
        ("kafka", {"brokers": []}, "brokers"),
        ("kafka", {"brokers": ["kafka.example"]}, "brokers[0]"),
        ("kafka", {"brokers": ["a:1", "b:2,c:3"]}, "brokers[1]"),
        ("kafka", {"topic": "a b"}, "topic"),
        ("kafka", {"topic": ".."}, "topic"),
        ("kafka", {"sasl_mechanism": "PLAIN", "username": "u"}, "sasl_mechanism"),
        ("kafka", {"username": "u", "password": "hush"}, "sasl_mechanism"),
        (
            "kafka",
            {"sasl_mechanism": "PLAIN", "username": "u", "password": "hush", "tls": False},
            "sasl_mechanism",
        ),
        ("kafka", {"client_certificate": "-----BEGIN CERTIFICATE-----"}, "client_certificate"),
        ("kafka", {"ca_certificate": "/etc/ca.pem"}, "ca_certificate"),
        ("kafka", {"ca_certificate": "-----BEGIN CERTIFICATE-----", "tls": False}, "ca_certificate"),
        ("postgres", {"host": ""}, "host"),
        ("postgres", {"host": "/var/run/postgresql"}, "host"),
        ("postgres", {"host": "db.example,10.0.0.1"}, "host"),
        ("postgres", {"host": "db.example:5432"}, "host"),
        ("postgres", {"port": 0}, "port"),
        ("postgres", {"database": " "}, "database"),
        ("postgres", {"schema": ""}, "schema"),
        ("postgres", {"table": "ü" * 32}, "table"),
        ("postgres", {"tls": "maybe"}, "tls"),
        ("postgres", {"ca_certificate": "/etc/ca.pem"}, "ca_certificate"),
        ("postgres", {"ca_certificate": "-----BEGIN CERTIFICATE-----", "tls": "off"}, "ca_certificate"),
        ("google-pubsub", {"project": "Shop"}, "project"),
        ("google-pubsub", {"topic": "projects/shop/topics/events"}, "topic"),
        ("google-pubsub", {"service_account": ""}, "service_account"),
        ("google-pubsub", {"service_account": "hush"}, "service_account"),
        ("google-pubsub", {"service_account": json.encode(ACCOUNT).decode()}, "service_account"),
        (
            "google-pubsub",
            {"service_account": json.encode(ACCOUNT | {"private_key": PEM, "token_uri": "file:///x"}).decode()},
            "service_account",
        ),
        ("google-pubsub", {"endpoint": "127.0.0.1:8085"}, "endpoint"),
    ],
)
def test_settings_when_one_is_wrong_then_said_where_and_without_secrets(
    type_: str, wrong: dict[str, Any], path: str
) -> None:
    (problem,) = registry.validate_settings(type_, RIGHT[type_] | wrong)
    assert problem.path == path
    assert "hush" not in problem.message


def test_postgres_when_the_table_is_missing_then_made_and_asked_again() -> None:
    answers = iter([Failure("404", "42P01: no table", lasting=True), Written(), Written()])
    event = {"message_id": "m-1", "type": "track", "event": "Order Completed"}
    calls, outcomes = perform(
        "postgres", "insert_events", RIGHT["postgres"], [event], answer=lambda _: next(answers)
    )
    assert outcomes == [Delivered("written")]
    insert, create, again = calls
    assert isinstance(create, Rows)
    assert insert == again
    assert create.statements[1][0].startswith(
        'CREATE TABLE IF NOT EXISTS "public"."events" ("message_id" text PRIMARY'
    )


def test_postgres_when_rows_are_sorted_for_the_locks_then_outcomes_are_still_each_ones_own() -> None:
    events = [{"message_id": id_, "type": "track"} for id_ in ("c", "a", "b")]
    refused = Written({0: Failure("MESSAGE_REJECTED", "22P02: no", lasting=True)})  # the first row: that of `a`
    _, outcomes = perform("postgres", "insert_events", RIGHT["postgres"], events, answer=lambda _: refused)
    assert outcomes == [Delivered("written"), Rejected("MESSAGE_REJECTED", "22P02: no"), Delivered("written")]


def test_kafka_when_some_records_fail_then_outcomes_are_each_ones_own() -> None:
    payloads = [{"data": {}, "key": "ann", "topic": topic} for topic in ("a", "no topic!", "b", "c")]
    said = Written({1: Failure("ETIMEDOUT", "late")})
    (call,), outcomes = perform("kafka", "send_records", RIGHT["kafka"], payloads, answer=lambda _: said)
    assert isinstance(call, KafkaRecords)
    assert [record.topic for record in call.records] == ["a", "b", "c"]
    assert [type(outcome) for outcome in outcomes] == [Delivered, Rejected, RetryLater, Delivered]


def test_repr_when_settings_hold_secrets_then_it_shows_none() -> None:
    for type_, settings in RIGHT.items():
        known = registry.get(type_)
        assert known
        assert repr(json.decode(json.encode(settings), type=known.settings)).endswith("(…)")
