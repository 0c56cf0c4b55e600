"""One platform forwards to another, and into itself, through the real delivery and the real collector."""

import base64
import http.server
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from .stand import SETTLE_S_MAX, WRITE_KEY, stand, until, workspace

SOURCES = [
    {"name": "forwarded", "type": "server", "write_key": "wk_forwarded"},
    {"name": "repeated", "type": "server", "write_key": "wk_repeated"},
]
EVENTS = [
    {
        "type": "track",
        "messageId": f"m-{number}",
        "userId": f"person {number % 7}",
        "event": "Order Completed",
        "properties": {"total": number, "note": "grüße ☃"},
        "context": {"locale": "de"},
        "timestamp": "2026-01-01T00:00:00.000Z",
        "integrations": {"All": True},
    }
    for number in range(300)
]


class Partner:
    """A partner's endpoint: checks the key, takes what it knows, and notes it."""

    def __init__(self) -> None:
        self.taken: list[dict[str, Any]] = []
        self.settings: set[str] = set()
        self.url = ""

    @contextmanager
    def running(self) -> Iterator["Partner"]:
        partner = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                if self.headers["Authorization"] != "Basic azN5Og==":
                    return self._answer(401)
                partner.settings.add(base64.b64decode(self.headers["X-Segment-Settings"]).decode())
                if body["type"] != "track":
                    return self._answer(501)
                partner.taken.append(body)
                return self._answer(202)

            def _answer(self, status: int) -> None:
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{server.server_port}/segment"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield self
        finally:
            server.shutdown()
            server.server_close()


def test_events_when_one_platform_forwards_to_another_then_each_arrives_once_as_it_was(tmp_path: Path) -> None:
    (there := tmp_path / "there").mkdir()
    (here := tmp_path / "here").mkdir()
    with Partner().running() as partner, stand(there, workspace() | {"sources": SOURCES}) as other:
        destinations = [
            {"name": "on", "type": "http-api", "settings": {"url": other.url, "write_key": "wk_forwarded"}},
            {"name": "again", "type": "repeater", "settings": {"url": other.url, "write_key": "wk_repeated"}},
            {
                "name": "partner",
                "type": "partner-webhook",
                "settings": {"url": partner.url, "api_key": "k3y", "settings": {"region": "eu"}},
            },
        ]
        with stand(here, workspace() | {"destinations": destinations}) as system:
            for start in range(0, len(EVENTS), 100):
                # Sent by a clock that is an hour behind: `timestamp` is corrected here, and not once more there.
                sent_at = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
                body = {"batch": EVENTS[start : start + 100], "writeKey": WRITE_KEY, "sentAt": sent_at}
                assert system.request("POST", "/v1/batch", json.dumps(body))[0] == 200
            sent = {row["message_id"]: row for row in system.events("faults", count=len(EVENTS))}
            forwarded = {row["message_id"]: row for row in other.events("forwarded", count=len(EVENTS))}
            repeated = other.events("repeated", count=len(EVENTS))
            until(
                lambda: len(partner.taken) >= len(EVENTS),
                SETTLE_S_MAX,
                lambda: f"the partner waits: {system.output()}",
            )
            assert system.metric("headwater_delivery_events_total", result="dead") == 0

    assert min(row["timestamp_ms"] - row["original_timestamp_ms"] for row in sent.values()) > 3_500_000
    assert forwarded.keys() == sent.keys()
    for message_id, row in forwarded.items():
        for name in ("type", "event", "user_id", "timestamp_ms"):
            assert row[name] == sent[message_id][name]
        assert row["body"]["properties"] == sent[message_id]["body"]["properties"]
    # Events of their own, each with its place in the chain.
    assert not {row["message_id"] for row in repeated} & sent.keys()
    assert {len(row["body"]["context"]["repeatChain"]) for row in repeated} == {1}
    assert sorted(row["body"]["properties"]["total"] for row in repeated) == list(range(len(EVENTS)))
    assert {event["messageId"] for event in partner.taken} == sent.keys()
    assert partner.settings == {'{"region":"eu"}'}
