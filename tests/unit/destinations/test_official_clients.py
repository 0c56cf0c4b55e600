"""What the vendors' own clients send for the same thing is what we send: they talk to a server of ours."""

import gzip
import http.server
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from operator import itemgetter
from typing import Any

import msgspec
import pytest
from amplitude import Amplitude, BaseEvent, EventOptions, Identify
from posthog import Posthog
from talk import AT_S, perform

from headwater.destinations.kit.model import Call, Request
from headwater.destinations.kit.names import as_uuid


class Recorder:
    """A server that agrees to everything and remembers it."""

    def __init__(self) -> None:
        requests: list[tuple[str, Any]] = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if self.headers.get("Content-Encoding") == "gzip":
                    body = gzip.decompress(body)
                requests.append((self.path, msgspec.json.decode(body)))
                answer = b'{"status":1,"code":200}'
                self.send_response(200)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_: object) -> None:
                """Silence."""

        self.requests = requests
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"


@pytest.fixture
def recorder() -> Iterator[Recorder]:
    recorder = Recorder()
    thread = threading.Thread(target=recorder.server.serve_forever)
    thread.start()
    yield recorder
    recorder.server.shutdown()
    recorder.server.server_close()
    thread.join()


def body_of(asked: list[Call]) -> dict[str, Any]:
    (request,) = asked
    assert isinstance(request, Request)
    return dict(msgspec.json.decode(request.body))


# --- PostHog ----------------------------------------------------------------------------------------------


def without_library(event: dict[str, Any]) -> dict[str, Any]:
    """What is said about the library itself differs, of course."""
    about = ("$lib", "$lib_version", "$python_", "$os", "$is_server")
    kept = {name: value for name, value in event["properties"].items() if not name.startswith(about)}
    return event | {"properties": kept, "timestamp": datetime.fromisoformat(event["timestamp"])}


@pytest.mark.parametrize("action", ["capture_event", "identify_group"])
def test_posthog_when_its_client_sends_the_same_then_the_bodies_are_equal(recorder: Recorder, action: str) -> None:
    at = datetime.fromtimestamp(AT_S, UTC)
    client = Posthog("phc_key", host=recorder.url, sync_mode=True, disable_geoip=True)
    payload: dict[str, Any] = {"user_id": "ann", "timestamp": at.isoformat(), "message_id": "m-1"}
    if action == "capture_event":
        payload |= {"event": "Article Read", "properties": {"title": "On rivers"}}
        client.capture(
            "Article Read",
            distinct_id="ann",
            properties={"title": "On rivers"},
            timestamp=at,
            uuid=as_uuid("m-1"),
        )
    else:
        payload |= {"group_id": "acme", "group_type": "company", "traits": {"name": "Acme"}}
        client.group_identify(
            "company", "acme", {"name": "Acme"}, distinct_id="ann", timestamp=at, uuid=as_uuid("m-1")
        )
    asked, _ = perform("posthog", action, {"project_api_key": "phc_key", "host": recorder.url}, [payload])
    ours = body_of(asked)
    ((path, theirs),) = recorder.requests
    assert isinstance(asked[0], Request)
    assert asked[0].url == recorder.url + path
    assert ours["api_key"] == theirs["api_key"]
    assert ours["historical_migration"] == theirs["historical_migration"]
    (our_event,), (their_event,) = ours["batch"], theirs["batch"]
    known = without_library(our_event)
    known["properties"].pop("$groups", None)  # ours also says it of the event itself
    assert known == without_library(their_event)


# --- Amplitude --------------------------------------------------------------------------------------------


def test_amplitude_when_its_client_sends_the_same_then_the_events_are_equal(recorder: Recorder) -> None:
    client = Amplitude("api-key")
    client.configuration.server_url = recorder.url + "/batch"
    at_ms = int(AT_S * 1000)
    client.track(
        BaseEvent(
            "Article Read",
            user_id="ann-lee",
            device_id="a-1",
            time=at_ms,
            event_properties={"title": "On rivers"},
            insert_id="m-1",
        )
    )
    user, group = Identify(), Identify()
    user.set("plan", "pro")
    group.set("name", "Acme")
    client.identify(user, EventOptions(user_id="ann-lee", time=at_ms, insert_id="m-1"))
    options = EventOptions(user_id="ann-lee", time=at_ms, insert_id="m-1-g")
    client.group_identify("company", "acme", group, options)
    for sent in client.flush():
        sent.result()
    client.shutdown()

    who = {"user_id": "ann-lee", "timestamp": AT_S, "message_id": "m-1"}
    event = who | {"device_id": "a-1", "event": "Article Read", "properties": {"title": "On rivers"}}
    about = who | {"group_id": "acme", "group_type": "company", "traits": {"name": "Acme"}}
    ours: list[dict[str, Any]] = []
    for action, payload in (
        ("track_event", event),
        ("identify_user", who | {"traits": {"plan": "pro"}}),
        ("identify_group", about),
    ):
        body = body_of(perform("amplitude", action, {"api_key": "api-key"}, [payload])[0])
        assert body["api_key"] == "api-key"
        ours += body["events"]
    # Of a group we send two: the client leaves putting the user into it to another call.
    named = [event for event in ours if event["event_type"] != "$identify" or "groups" not in event]
    theirs = [event for path, body in recorder.requests for event in body["events"] if path == "/batch"]
    assert sorted(named, key=itemgetter("event_type")) == sorted(
        [{k: v for k, v in event.items() if k != "library"} for event in theirs], key=itemgetter("event_type")
    )
