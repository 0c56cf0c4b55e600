"""The ready-made requests of the spec (1.16), row by row, over a real socket."""

import base64
import gzip
import json
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

from .system import System

BASIC = {"Authorization": "Basic " + base64.b64encode(b"wk_contract:").decode()}


def track(**fields: Any) -> dict[str, Any]:
    return {"type": "track", "event": "A", "userId": "1", "messageId": str(uuid4())} | fields


def stored(system: System, *message_ids: str) -> list[str]:
    """Which of these events are in the lake, once a later one has arrived there."""
    marker = track(writeKey="wk_contract")
    assert system.request("POST", "/v1/track", json.dumps(marker))[0] == 200
    wanted = ", ".join(f"'{message_id}'" for message_id in (*message_ids, marker["messageId"]))
    rows = system.wait_for_rows(
        f"SELECT message_id, source FROM events WHERE message_id IN ({wanted})",
        lambda rows: any(row["message_id"] == marker["messageId"] for row in rows),
    )
    return [row["message_id"] for row in rows if row["message_id"] != marker["messageId"]]


def test_row_1_when_a_browser_posts_text_plain_it_is_stored(system: System) -> None:
    event = track(writeKey="wk_contract")
    status, headers, body = system.request(
        "POST", "/v1/t", json.dumps(event), {"Content-Type": "text/plain", **BASIC}
    )
    assert (status, json.loads(body)) == (200, {"success": True})
    assert headers["Content-Type"].startswith("application/json")
    assert stored(system, event["messageId"]) == [event["messageId"]]


def test_row_2_when_python_posts_a_zipped_batch_without_a_header_it_is_stored(system: System) -> None:
    events = [track(), track()]
    batch = {"batch": events, "writeKey": "wk_contract", "sentAt": "2026-01-01T00:00:00.123456+00:00"}
    status, _, body = system.request(
        "POST", "/v1/batch", gzip.compress(json.dumps(batch).encode()), {"Content-Encoding": "gzip"}
    )
    assert (status, json.loads(body)) == (200, {"success": True})
    ids = [event["messageId"] for event in events]
    assert sorted(stored(system, *ids)) == sorted(ids)


def test_row_3_when_java_posts_to_import_with_a_slash_it_is_stored(system: System) -> None:
    event = track()
    status, _, body = system.request("POST", "/v1/import/", json.dumps({"batch": [event]}), BASIC)
    assert (status, json.loads(body)) == (200, {"success": True})
    assert stored(system, event["messageId"]) == [event["messageId"]]


def test_row_4_when_kotlin_posts_chunks_of_gzip_it_is_stored(system: System) -> None:
    event = track()
    zipped = gzip.compress(json.dumps({"batch": [event], "writeKey": "wk_contract"}).encode())

    def chunks() -> Iterator[bytes]:
        for start in range(0, len(zipped), 50):
            yield zipped[start : start + 50]

    headers = {"Content-Encoding": "gzip", "Content-Type": "text/plain", "Transfer-Encoding": "chunked"}
    status, _, body = system.request("POST", "/v1/b", chunks(), headers, encode_chunked=True)
    assert (status, json.loads(body)) == (200, {"success": True})
    assert stored(system, event["messageId"]) == [event["messageId"]]


def test_row_5_when_the_json_is_malformed_the_answer_suits_every_sdk(system: System) -> None:
    status, _, body = system.request("POST", "/v1/batch", b'{"batch": [', BASIC)
    document = json.loads(body)
    assert status == 400
    assert document["success"] is False
    assert {"code", "message", "error"} <= document.keys()


def test_row_6_when_one_event_is_too_large_it_is_refused(system: System) -> None:
    event = track(writeKey="wk_contract", properties={"text": "x" * 33 * 1024})
    status, _, body = system.request("POST", "/v1/track", json.dumps(event))
    assert status == 400
    assert {"code", "message", "error"} <= json.loads(body).keys()
    assert stored(system, event["messageId"]) == []


def test_row_7_when_a_batch_has_too_many_events_it_is_accepted_and_dropped(system: System) -> None:
    first = track()
    batch = [first] + [{"type": "track", "event": "A", "userId": "1"}] * 2_500
    status, _, body = system.request("POST", "/v1/batch", json.dumps({"batch": batch}), BASIC)
    assert (status, json.loads(body)) == (200, {"success": True})
    assert stored(system, first["messageId"]) == []


def test_row_8_when_the_write_key_is_unknown_it_is_accepted_and_dropped(system: System) -> None:
    event = track(writeKey="wk_of_somebody_else")
    status, _, body = system.request("POST", "/v1/track", json.dumps(event))
    assert (status, json.loads(body)) == (200, {"success": True})
    assert stored(system, event["messageId"]) == []


def test_row_9_when_a_browser_asks_first_it_may_send_what_it_asked_for(system: System) -> None:
    asked = {
        "Origin": "https://shop.example",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type",
    }
    status, headers, _ = system.request("OPTIONS", "/v1/t", None, asked)
    assert status in {200, 204}
    assert headers["Access-Control-Allow-Origin"] in {"*", "https://shop.example"}
    assert "POST" in headers["Access-Control-Allow-Methods"]
    allowed = headers["Access-Control-Allow-Headers"].lower()
    assert "authorization" in allowed
    assert "content-type" in allowed


def test_row_10_when_an_image_carries_an_event_it_is_stored_and_an_image(system: System) -> None:
    event = track(writeKey="wk_contract")
    data = base64.urlsafe_b64encode(json.dumps(event).encode()).decode().rstrip("=")
    status, headers, body = system.request("GET", f"/v1/pixel/track?data={data}")
    assert (status, headers["Content-Type"]) == (200, "image/gif")
    assert body.startswith(b"GIF89a")
    assert stored(system, event["messageId"]) == [event["messageId"]]
    assert system.request("GET", "/v1/pixel/track?data=rubbish!")[0] == 200


def test_row_11_when_an_sdk_asks_for_its_settings_it_is_sent_here(system: System) -> None:
    status, headers, body = system.request(
        "GET", "/v1/projects/wk_contract/settings", None, {"Origin": "https://x.example"}
    )
    integrations = json.loads(body)["integrations"]
    assert status == 200
    assert headers["Access-Control-Allow-Origin"] in {"*", "https://x.example"}
    assert list(integrations) == ["Segment.io"]
    assert integrations["Segment.io"]["apiHost"] == f"127.0.0.1:{system.collect_port}/v1"


def test_oauth_source_when_there_is_no_token_refuses_in_words_sdks_can_read(system: System) -> None:
    event = track(writeKey="wk_python_oauth")
    status, _, body = system.request("POST", "/v1/track", json.dumps(event))
    assert status == 401
    assert {"code", "message", "error"} <= json.loads(body).keys()
    assert stored(system, event["messageId"]) == []


def test_token_when_refused_tells_the_time_by_which_sdks_correct_their_clock(system: System) -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    status, headers, body = system.request("POST", "/token", "grant_type=client_credentials", form)
    assert status == 400
    assert {"error", "error_description"} <= json.loads(body).keys()
    assert headers["Date"].endswith(" GMT")
