"""`segment-analytics-python`, as published, pointed at a running Headwater by its host option alone."""

import gzip
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
from segment.analytics import request as sdk
from segment.analytics.client import Client

from .comparison import assert_kept
from .conftest import Key
from .system import System

CALLS = ["identify", "track", "page", "screen", "group", "alias"]


class Recorder(requests.adapters.HTTPAdapter):
    """Sends as usual and remembers the bodies and the way they were authorised."""

    def __init__(self) -> None:
        super().__init__()
        self.bodies: list[Any] = []
        self.schemes: set[str] = set()

    def send(self, request: requests.PreparedRequest, *args: Any, **options: Any) -> requests.Response:
        if request.path_url == "/v1/batch":
            raw = request.body if isinstance(request.body, bytes) else str(request.body).encode()
            zipped = request.headers.get("Content-Encoding") == "gzip"
            self.bodies.append(json.loads(gzip.decompress(raw) if zipped else raw))
            self.schemes.add(str(request.headers["Authorization"]).partition(" ")[0])
        return super().send(request, *args, **options)


@pytest.fixture
def wire() -> Iterator[Recorder]:
    recorder = Recorder()
    before = sdk._session.get_adapter("http://")
    sdk._session.mount("http://", recorder)
    yield recorder
    sdk._session.mount("http://", before)
    recorder.close()


def send_all_calls(system: System, source: str, **options: Any) -> None:
    errors: list[Any] = []
    client = Client(
        f"wk_{source}", host=system.url, on_error=lambda error, _: errors.append(error), max_retries=1, **options
    )
    yesterday = datetime.now(UTC) - timedelta(days=1)
    client.identify("ann", {"email": "ann@example.com", "address": {"city": "Zürich"}, "age": 31})
    client.track(
        "ann",
        "Order Completed",
        {"total": 49.9, "big": 2**60, "products": [{"sku": "a", "quantity": 2}], "emoji": "🛒", "nothing": None},
        context={"ip": "203.0.113.7", "userAgent": "shop/1"},
        integrations={"All": False, "CRM": {"id": 7}},
        timestamp=yesterday,
    )
    client.page("ann", "Docs", "Index", {"url": "https://shop.example/docs"})
    client.screen(anonymous_id="anonymous-1", category="App", name="Home", properties={"dark": True})
    client.group("ann", "acme", {"name": "Acme", "employees": 12})
    client.alias("anonymous-1", "ann")
    client.shutdown()
    assert errors == []


@pytest.mark.parametrize(("source", "options"), [("python", {}), ("python_gzip", {"gzip": True})])
def test_python_sdk_when_it_makes_every_call_loses_nothing(
    system: System, wire: Recorder, source: str, options: dict[str, Any]
) -> None:
    send_all_calls(system, source, **options)
    assert [event["type"] for body in wire.bodies for event in body["batch"]] == CALLS
    rows = system.events(source, count=len(CALLS))
    assert_kept(wire.bodies, rows, channel="server")
    order = next(row["body"] for row in rows if row["type"] == "track")
    assert order["properties"]["emoji"] == "🛒"
    assert order["context"]["ip"] == "203.0.113.7"


def test_python_sdk_when_it_uses_oauth_gets_a_token_and_loses_nothing(
    system: System, wire: Recorder, oauth_key: Key
) -> None:
    send_all_calls(
        system,
        "python_oauth",
        oauth_client_id="client-1",
        oauth_client_key=oauth_key.private,
        oauth_key_id="key-1",
        oauth_auth_server=system.url,
    )
    assert wire.schemes == {"Bearer"}
    assert_kept(wire.bodies, system.events("python_oauth", count=len(CALLS)), channel="server")
