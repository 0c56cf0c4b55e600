"""The shop's other tools: a small HTTP server that gets webhooks and checks every signature.

This is what anybody who receives webhooks from Headwater has to do: verify `X-Signature` over the bytes as they
came, before reading them, and answer 2xx quickly. A 503 means: please try again later.
"""

import hmac
import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple, Protocol

REFUSED_ONCE_EVERY = 5
"""The mail tool answers 503 to the first attempt of every fifth order."""


class Told(NamedTuple):
    """That somebody has entered or left an audience."""

    audience: str
    has_entered: bool
    user_id: str
    late_s: float
    """From the instant at which it became so."""


@dataclass
class Inbox:
    """What one tool has received."""

    secret: str
    is_moody: bool = False
    accepted: int = 0
    """Requests with a valid signature that were answered 200."""
    forged: int = 0
    refused: set[str] = field(default_factory=set)
    """Message ids that were answered 503 at their first attempt."""
    received: Counter[str] = field(default_factory=Counter)
    """Message id → how often it was accepted."""
    by_type: Counter[str] = field(default_factory=Counter)
    told: list[Told] = field(default_factory=list)
    """Of audiences, in order of arrival."""
    latencies_s: dict[str, list[float]] = field(default_factory=dict)
    """By channel (client, server): from the request at the public port to here, first attempts only."""
    arrived: Callable[[dict[str, Any], float], None] | None = None
    """Told about every accepted event and its latency."""
    changed: threading.Condition = field(default_factory=threading.Condition)

    def take(self, body: bytes, signature: str, at_s: float) -> int:
        """The status to answer with."""
        expected = hmac.new(self.secret.encode(), body, "sha1").hexdigest()
        if not hmac.compare_digest(signature, expected):
            self.forged += 1
            return 401
        event = json.loads(body)
        with self.changed:
            if self._is_refused(event):
                self.refused.add(event["messageId"])
                return 503
            latency_s = at_s - datetime.fromisoformat(event["receivedAt"]).timestamp()
            self.accepted += 1
            self.received[event["messageId"]] += 1
            self.by_type[event["type"]] += 1
            key = event.get("properties", {}).get("audience_key")
            if key and "userId" in event:  # an exit is told under every other id as well
                has_entered = event["event"] == "Audience Entered"
                self.told.append(Told(key, has_entered, event["userId"], latency_s))
            if event["messageId"] not in self.refused:
                self.latencies_s.setdefault(event["channel"], []).append(latency_s)
            self.changed.notify_all()
        if self.arrived:
            self.arrived(event, latency_s)
        return 200

    def _is_refused(self, event: dict[str, Any]) -> bool:
        if not self.is_moody or event.get("event") != "Order Completed" or event["messageId"] in self.refused:
            return False
        order = int(event["properties"]["order_id"].removeprefix("order-"))
        return order % REFUSED_ONCE_EVERY == 0

    def wait_for(self, count: int, timeout_s: float) -> bool:
        with self.changed:
            return self.changed.wait_for(lambda: self.accepted >= count, timeout_s)

    def users_told(self, audience: str, *, entered: bool) -> set[str]:
        return {each.user_id for each in self.told if (each.audience, each.has_entered) == (audience, entered)}

    def wait_for_users(self, audience: str, users: set[str], timeout_s: float, *, entered: bool) -> bool:
        """Until all of these have entered the audience, or left it."""
        with self.changed:
            return self.changed.wait_for(
                lambda: users <= self.users_told(audience, entered=entered), max(0.0, timeout_s)
            )


@dataclass
class Books:
    """A tool that gets what a mapping makes of orders, and is closed at first."""

    secret: str
    forged: int = 0
    refused: int = 0
    """Requests that were answered 503, because it was closed."""
    lines: dict[str, dict[str, Any]] = field(default_factory=dict)
    """By order."""
    opened_s: float | None = None
    """When; None: it is closed."""
    last_s: float = 0.0
    """When the newest line came."""
    changed: threading.Condition = field(default_factory=threading.Condition)

    def open(self) -> None:
        self.opened_s = time.monotonic()

    def take(self, body: bytes, signature: str, _: float) -> int:
        if not hmac.compare_digest(signature, hmac.new(self.secret.encode(), body, "sha1").hexdigest()):
            self.forged += 1
            return 401
        with self.changed:
            if self.opened_s is None:
                self.refused += 1
                return 503
            line = json.loads(body)
            self.lines[line["order"]] = line
            self.last_s = time.monotonic()
            self.changed.notify_all()
        return 200

    def wait_for(self, count: int, timeout_s: float) -> bool:
        with self.changed:
            return self.changed.wait_for(lambda: len(self.lines) >= count, max(0.0, timeout_s))


class Tool(Protocol):
    def take(self, body: bytes, signature: str, at_s: float) -> int:
        """The status to answer with."""
        ...


class Receiver:
    """Listens on `port` of this machine; each tool has a path."""

    def __init__(self, port: int, tools: Mapping[str, Tool]) -> None:
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"  # connections stay open between requests

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                tool = tools.get(self.path)
                signature = self.headers.get("X-Signature", "")
                self.send_response(tool.take(body, signature, time.time()) if tool else 404)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 128

        self._server = Server(("127.0.0.1", port), Handler)
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, name="receiver", daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
