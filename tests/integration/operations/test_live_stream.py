"""Live events and the overview of a running platform, as a browser asks for them."""

import contextlib
import json
import signal
from collections.abc import Callable, Iterator
from http.client import HTTPConnection, HTTPResponse
from typing import Any

from platforms import Platform, ask


@contextlib.contextmanager
def watching(platform: Platform, query: str = "", **headers: str) -> Iterator[HTTPResponse]:
    connection = HTTPConnection("127.0.0.1", platform.serve_port, timeout=30)
    given = {"Authorization": f"Bearer {platform.token()}"} | headers
    connection.request("GET", f"/api/v1/events/live{query}", headers=given)
    try:
        yield connection.getresponse()
    finally:
        connection.close()


def message(answer: HTTPResponse) -> tuple[str, Any, str]:
    """The next one: its event, its data and its id."""
    fields: dict[str, str] = {}
    while True:
        line = answer.readline()
        assert line, "the stream has ended"
        name, _, value = line.decode().rstrip("\n").partition(": ")
        if name:
            fields[name] = value
        elif "data" in fields:
            return fields["event"], json.loads(fields["data"]), fields.get("id", "")


def track(platform: Platform, event: str, message_id: str) -> None:
    exported = platform.api("/workspace/export?secrets=true").body.decode()
    key = exported.split("write_key: ", 1)[1].split()[0].rstrip(",}")
    body = json.dumps({"event": event, "userId": "u1", "messageId": message_id, "writeKey": key}).encode()
    answer = ask(f"http://127.0.0.1:{platform.collect_port}/v1/track", method="POST", body=body)
    assert answer.status == 200


def test_stream_when_an_event_arrives_then_it_is_told_and_a_break_loses_nothing(running: Platform) -> None:
    with watching(running, "?filter=event%20=%20%27Seen%27") as answer:
        assert answer.status == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert message(answer)[0] == "start"
        track(running, "Ignored", "live-0")
        track(running, "Seen", "live-1")
        name, told, place = message(answer)
        assert (name, told["message_id"], told["outcome"]) == ("event", "live-1", "accepted")
    track(running, "Seen", "live-2")
    with watching(running, "?event=Seen", **{"Last-Event-ID": place}) as answer:
        assert message(answer)[0] == "start"
        assert message(answer)[1]["message_id"] == "live-2"


def test_stream_when_it_is_not_for_the_caller_then_refused(running: Platform) -> None:
    with watching(running, Authorization="Bearer wrong") as answer:
        assert answer.status == 401
    with watching(running, "?filter=event%20=") as answer:
        assert answer.status == 400
    with watching(running, **{"Last-Event-ID": "yesterday"}) as answer:
        assert answer.status == 400


def test_stop_when_somebody_watches_then_it_does_not_wait_for_them(start: Callable[..., Platform]) -> None:
    platform = start()
    with watching(platform) as answer:
        assert message(answer)[0] == "start"
        assert platform.stop(signal.SIGTERM) == 0
        assert message(answer) == ("end", {"reason": "stopping"}, "")


def test_overview_when_asked_then_tells_of_every_part(running: Platform) -> None:
    told = running.api("/overview").json()
    assert {each["name"] for each in told["sources"]} == {"website", "backend"}
    assert set(told["roles"]) == {"collect", "pipeline", "deliver", "serve"}
    assert told["storage"]["bytes"] == sum(area["bytes"] for area in told["storage"]["areas"])
    assert [each for each in told["attention"] if each["severity"] == "critical"] == []
