"""Field by field: what an SDK put on the wire against what the lake holds."""

from datetime import UTC, datetime, timedelta
from typing import Any

from dateutil.parser import isoparse

SERVER_MADE = {"receivedAt", "originalTimestamp", "timestamp", "sentAt", "projectId", "version"}
"""What Headwater may add or correct. Everything else must be as it was sent."""

NOT_STORED = {"writeKey"}

COLUMNS = {
    "message_id": "messageId",
    "type": "type",
    "event": "event",
    "name": "name",
    "user_id": "userId",
    "anonymous_id": "anonymousId",
    "group_id": "groupId",
}


def assert_kept(requests: list[Any], rows: list[dict[str, Any]], *, channel: str) -> None:
    """Every event of `requests` (decoded bodies as sent: events or batches) is in the lake, whole and once.

    `channel` is "client" or "server", by the type of the source.
    """
    sent = [(event, body.get("sentAt")) for body in requests for event in body.get("batch", [body])]
    stored = {row["message_id"]: row for row in rows}
    assert sorted(event["messageId"] for event, _ in sent) == sorted(stored)
    assert len(stored) == len(rows)
    for event, batch_sent_at in sent:
        _assert_event_kept(event, event.get("sentAt") or batch_sent_at, stored[event["messageId"]], channel)


def _assert_event_kept(sent: dict[str, Any], sent_at: str, row: dict[str, Any], channel: str) -> None:
    body = row["body"]
    # A null at the top says no more than an absent field; inside objects nulls are data and must be kept.
    expected = {
        key: value for key, value in sent.items() if key not in SERVER_MADE | NOT_STORED and value is not None
    }
    expected.setdefault("channel", channel)
    if channel == "client":
        expected["context"] = {"ip": "127.0.0.1"} | expected.get("context", {})
    assert {key: value for key, value in body.items() if key not in SERVER_MADE} == expected
    for column, field in COLUMNS.items():
        assert row[column] == sent.get(field), column
    received = instant(body["receivedAt"])
    original = instant(sent["timestamp"])
    assert instant(body["originalTimestamp"]) == original
    assert instant(body["sentAt"]) == instant(sent_at)
    assert instant(body["timestamp"]) == received - (instant(sent_at) - original)
    assert datetime.now(UTC) - received < timedelta(minutes=10)
    for column, field in (
        ("received_at_ms", "receivedAt"),
        ("timestamp_ms", "timestamp"),
        ("original_timestamp_ms", "originalTimestamp"),
        ("sent_at_ms", "sentAt"),
    ):
        assert row[column] == int(instant(body[field]).timestamp() * 1000), column


def instant(text: str) -> datetime:
    """To the millisecond, which is what the spec promises of every instant."""
    exact = isoparse(text).astimezone(UTC)
    return exact.replace(microsecond=exact.microsecond // 1000 * 1000)
