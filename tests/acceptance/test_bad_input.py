"""What broken and hostile clients send to the public port: each case is answered, harms only itself, and leaves a
collector that takes the next good event.
"""

import gzip
import http.client
import json
import random
import socket
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any, Final
from uuid import uuid4

import pytest

from headwater import limits
from headwater.units import GIB, MIB

from .stand import SEED, WRITE_KEY, Stand, stand, until, workspace

COLLECTOR_GROWTH_BYTES_MAX: Final = 64 * MIB
"""What one bad request may cost for a moment; the bomb alone would be sixteen times that."""


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    with stand(tmp_path_factory.mktemp("bad-input"), workspace()) as running:
        yield running
        assert "ended by itself" not in running.log(), running.log()
        assert running.stop() == 0


@pytest.fixture(autouse=True)
def _the_collector_lives_on(platform: Stand) -> Iterator[None]:
    pid = platform.pid("collect")
    yield
    assert platform.pid("collect") == pid
    assert accepted(platform, track())
    until(lambda: platform.metric("headwater_collect_in_flight") == 0, 10)


def track(**fields: Any) -> dict[str, Any]:
    return {"type": "track", "event": "A", "userId": "u", "messageId": str(uuid4())} | fields


def post(platform: Stand, path: str, body: Any, **headers: str) -> tuple[int, dict[str, Any]]:
    status, _, answer = platform.request("POST", path, body, headers)
    return status, json.loads(answer)


def accepted(platform: Stand, event: dict[str, Any]) -> bool:
    return post(platform, "/v1/track", json.dumps({**event, "writeKey": WRITE_KEY})) == (200, {"success": True})


def refused(answer: tuple[int, dict[str, Any]], code: str) -> bool:
    status, body = answer
    assert {"success", "message", "error"} <= body.keys(), "SDKs read these"
    return (status, body["code"], body["success"]) == (400, code, False)


def sealed_by(platform: Stand, *ids: str) -> set[str]:
    """Which of these message ids are in the lake, once an event posted now is there."""
    marker = track()
    assert accepted(platform, marker)
    wanted = {*ids, marker["messageId"]}
    listed = ", ".join(f"'{message_id}'" for message_id in wanted)
    rows = platform.wait_for_rows(
        f"SELECT message_id FROM events WHERE message_id IN ({listed})",
        lambda rows: any(row["message_id"] == marker["messageId"] for row in rows),
    )
    return {row["message_id"] for row in rows} - {marker["messageId"]}


def raw(platform: Stand, *parts: bytes, half_close: bool = False) -> bytes:
    """Everything the server says to these bytes, until it closes or says nothing for a while."""
    said = b""
    with socket.create_connection(("127.0.0.1", platform.collect_port), timeout=10) as connection:
        for part in parts:
            connection.sendall(part)
        if half_close:
            connection.shutdown(socket.SHUT_WR)
        connection.settimeout(2)
        try:
            while piece := connection.recv(65_536):
                said += piece
        except (TimeoutError, ConnectionResetError):
            pass
    return said


# --- types ------------------------------------------------------------------------------------------------

VALUES: Final[dict[str, Any]] = {
    "null": None,
    "true": True,
    "false": False,
    "integer": 7,
    "fraction": 1.5,
    "empty string": "",
    "string": "text",
    "list": ["a", 1],
    "object": {"a": 1},
}
ANYTHING: Final = frozenset(VALUES)
ABSENT: Final = frozenset({"null"})
TEXT: Final = frozenset({"null", "string"})
IDS: Final = ABSENT | {"string"}
OBJECTS: Final = ABSENT | {"object"}

FIELDS: Final[dict[str, tuple[dict[str, Any], frozenset[str], str]]] = {
    # field: (the event it is set in, the values with which the event is accepted, the reason for all others)
    "type": (track(), frozenset(), "type_unknown"),
    "messageId": (track(), ANYTHING, ""),
    "anonymousId": (track(), IDS, "id_not_string"),
    "userId": (track(anonymousId="a"), IDS, "id_not_string"),
    "previousId": (track(), IDS, "id_not_string"),
    "groupId": (track(), IDS, "id_not_string"),
    "event": (track(), frozenset({"string"}), "event_not_string"),
    "name": (track(type="page"), TEXT, "name_not_string"),
    "category": (track(type="page"), TEXT | {"empty string"}, "category_not_string"),
    "properties": (track(), OBJECTS, "properties_not_object"),
    "traits": (track(type="identify"), OBJECTS, "traits_not_object"),
    "context": (track(), OBJECTS, "context_not_object"),
    "integrations": (track(), OBJECTS, "integrations_not_object"),
    "timestamp": (track(), ANYTHING, ""),
    "originalTimestamp": (track(), ANYTHING, ""),
    "sentAt": (track(), ANYTHING, ""),
    "receivedAt": (track(), ANYTHING, ""),
    "channel": (track(), ANYTHING, ""),
    "version": (track(), ANYTHING, ""),
    "projectId": (track(), ANYTHING, ""),
    "writeKey": (track(), ANYTHING, ""),
    "_metadata": (track(), ANYTHING, ""),
    "somethingElse": (track(), ANYTHING, ""),
}
OTHER_REASONS: Final = {("event", "null"): "event_not_defined", ("event", "empty string"): "event_not_defined"}


def _reason(field: str, value: str) -> str:
    _, good, reason = FIELDS[field]
    return "" if value in good else OTHER_REASONS.get((field, value), reason)


def test_types_when_each_field_has_each_type_then_only_what_is_wrong_is_refused_and_why(platform: Stand) -> None:
    cases = {f"{field} is {value}": (field, value) for field in FIELDS for value in VALUES}
    events = []
    for case, (field, value) in cases.items():
        mark = {"context": {"case": case}} if field != "context" else {"properties": {"case": case}}
        events += [FIELDS[field][0] | {"messageId": str(uuid4())} | mark | {field: VALUES[value]}, track()]
    assert len(events) < limits.collection.BATCH_EVENTS_MAX
    body = json.dumps({"batch": events, "writeKey": WRITE_KEY})
    assert post(platform, "/v1/batch", body) == (200, {"success": True})
    siblings = {event["messageId"] for event in events[1::2]}
    assert sealed_by(platform, *siblings) == siblings, "valid events of the same batch get through"
    query = "SELECT coalesce(body->>'$.context.case', body->>'$.properties.case') AS cased FROM events"
    in_lake = {row["cased"] for row in platform.sql(query)} - {None}
    found = dict.fromkeys(in_lake, "") | {
        case: letter["reason"] for letter in dead_letters(platform) if (case := _case(letter)) is not None
    }
    assert found == {case: _reason(*what) for case, what in cases.items()}


def dead_letters(platform: Stand) -> list[dict[str, Any]]:
    letters: list[dict[str, Any]] = platform.ask("GET", "/dead-letters?limit=1000")["data"]
    return letters


def _case(letter: dict[str, Any]) -> str | None:
    event = json.loads(letter["payload"])
    for name in ("context", "properties"):
        if isinstance(event.get(name), dict) and "case" in event[name]:
            return str(event[name]["case"])
    return None


def test_types_when_the_batch_is_no_list_then_200_and_counted(platform: Stand) -> None:
    before = platform.metric("headwater_collect_requests_total", outcome="empty_batch")
    bodies = [{"writeKey": WRITE_KEY}, {"writeKey": WRITE_KEY, "batch": []}]
    bodies += [{"writeKey": WRITE_KEY, "batch": value} for value in VALUES.values() if not isinstance(value, list)]
    for body in bodies:
        assert post(platform, "/v1/batch", json.dumps(body)) == (200, {"success": True})
    assert platform.metric("headwater_collect_requests_total", outcome="empty_batch") == before + len(bodies)


def test_types_when_batch_members_are_odd_then_the_events_get_through(platform: Stand) -> None:
    ids = []
    for value in VALUES.values():
        event = track(writeKey=WRITE_KEY)
        odd = {"batch": [event], "context": value, "integrations": value, "sentAt": value, "extra": value}
        assert post(platform, "/v1/batch", json.dumps(odd))[0] == 200
        ids.append(event["messageId"])
    assert sealed_by(platform, *ids) == set(ids)


@pytest.mark.parametrize("body", [b"null", b"true", b"7", b'"text"', b"[]", b"[{}]", b"", b" ", b"\0"])
@pytest.mark.parametrize("path", ["/v1/batch", "/v1/track"])
def test_types_when_the_body_is_no_object_then_400(platform: Stand, path: str, body: bytes) -> None:
    assert refused(post(platform, path, body), "bad_request")


# --- bytes ------------------------------------------------------------------------------------------------


def with_properties(properties: bytes) -> tuple[bytes, str]:
    message_id = str(uuid4())
    head = b'{"type":"track","event":"A","userId":"u","writeKey":"%s","messageId":"%s"' % (
        WRITE_KEY.encode(),
        message_id.encode(),
    )
    return head + b',"properties":' + properties + b"}", message_id


NOT_JSON: Final[dict[str, bytes]] = {
    "cut off": b'{"a": 1',
    "trailing comma": b'{"a":1,}',
    "single quotes": b"{'a':1}",
    "comment": b'{"a":1/*x*/}',
    "NaN": b'{"a":NaN}',
    "Infinity": b'{"a":-Infinity}',
    "leading zero": b'{"a":01}',
    "raw NUL in a string": b'{"a":"\0"}',
    "raw NUL between": b'{"a":\0 1}',
    "raw newline in a string": b'{"a":"x\ny"}',
    "bad escape": b'{"a":"\\x41"}',
    "half an escape": b'{"a":"\\u12"}',
    "invalid UTF-8": b'{"a":"\xff\xfe"}',
    "UTF-8 of a surrogate": b'{"a":"\xed\xa0\x80"}',
    "overlong UTF-8": b'{"a":"\xc0\x80"}',
    "beyond Unicode": b'{"a":"\xf4\x90\x80\x80"}',
    "two values": b'{"a":1}{"b":2}',
    "10,000 lists deep": b'{"a":' + b"[" * 10_000 + b"]" * 10_000 + b"}",
    "10,000 objects deep": b'{"a":' * 5_000 + b"1" + b"}" * 5_000,
    "10,000 lists opened": b'{"a":' + b"[" * 10_000,
}


def test_bytes_when_they_are_not_json_then_400_and_nothing_is_stored(platform: Stand) -> None:
    ids = []
    for what, properties in NOT_JSON.items():
        body, message_id = with_properties(properties)
        for path, sent in (("/v1/track", body), ("/v1/batch", b'{"batch":[%s]}' % body)):
            assert refused(post(platform, path, sent), "bad_request"), what
        ids.append(message_id)
    assert sealed_by(platform, *ids) == set()


ODD_JSON: Final[dict[str, tuple[bytes, Any]]] = {
    # what: (properties, what `body->>'$.properties.a'` finds, ... = anything)
    "escaped NUL": (b'{"a":"x\\u0000y"}', ...),
    "escaped NUL in a key": (b'{"x\\u0000y":1,"a":"1"}', "1"),
    "half an emoji": (b'{"a":"\\ud83d"}', "\ufffd"),
    "the other half": (b'{"a":"\\ude00\\ud83d"}', "\ufffd\ufffd"),
    "half an emoji in a key": (b'{"\\ud83d":1,"a":"1"}', "1"),
    "a whole emoji": (b'{"a":"\\ud83d\\ude00"}', "\U0001f600"),
    "1e999": (b'{"a":1e999}', ...),
    "-1e999": (b'{"a":-1e999}', ...),
    "1e-999": (b'{"a":1e-999}', ...),
    "a number of 3,000 digits": (b'{"a":' + b"7" * 3_000 + b"}", ...),
    "duplicate keys": (b'{"a":"1","a":"2"}', ...),
    "an empty key": (b'{"":1,"a":"1"}', "1"),
    "quotes and paths in keys": (b'{"$.a":1,"a\'b":2,"a\\"b":3,"a":"1"}', "1"),
    "200 lists deep": (b'{"a":"1","b":' + b"[" * 200 + b"]" * 200 + b"}", "1"),
    "right to left": ('{"a":"\u202eabc\u2066"}'.encode(), "\u202eabc\u2066"),
    "1,500 keys": (json.dumps({"a": "1"} | {f"k{n}": n for n in range(1_500)}).encode(), "1"),
}


def test_bytes_when_they_are_odd_json_then_the_lake_can_still_be_asked(platform: Stand) -> None:
    ids = {}
    for what, (properties, _) in ODD_JSON.items():
        body, message_id = with_properties(properties)
        for path, sent in (
            ("/v1/track", body),
            ("/v1/batch", b'{"batch":[%s]}' % body.replace(b'","prop', b'-b","prop')),
        ):
            assert post(platform, path, sent)[0] == 200, what
        ids[what] = message_id
    both = {*ids.values(), *(f"{message_id}-b" for message_id in ids.values())}
    assert sealed_by(platform, *both) == both
    found = {
        row["message_id"]: row["a"]
        for row in platform.sql("SELECT message_id, body->>'$.properties.a' AS a, body FROM events")
    }
    for what, (_, expected) in ODD_JSON.items():
        if expected is not ...:
            assert found[ids[what]] == found[ids[what] + "-b"] == expected, what
    # Every part of every body can be looked into, whoever asks.
    platform.sql("SELECT json_keys(body->'$.properties'), json_type(body, '$.properties.a') FROM events")


def test_bytes_when_ids_and_names_hold_nul_and_surrogates_then_the_lake_can_still_be_asked(
    platform: Stand,
) -> None:
    body = json.dumps(track(userId="u\0u", event="\ud83d", name="\0", writeKey=WRITE_KEY, **{"x\0\udc00": 1}))
    assert post(platform, "/v1/track", body)[0] == 200
    event = track()
    assert sealed_by(platform, event["messageId"]) == set()
    platform.sql("SELECT user_id, event, name, body->>'$.event', count(*) FROM events GROUP BY ALL")


def test_bytes_when_bodies_are_mutated_then_every_answer_is_ours_and_the_lake_can_still_be_asked(
    platform: Stand,
) -> None:
    dice = random.Random(SEED)
    whole = json.dumps(
        {
            "batch": [track(properties={"a": [1, 2.5e-3, True, None, "é\\\n\0", {"b": {}}]}, context={"k": [[]]})]
            * 2
        }
        | {"context": {"c": {"d": "e"}}, "writeKey": WRITE_KEY, "sentAt": "2026-01-02T03:04:05.678Z"}
    ).encode()
    letters = b'{}[]",:\\u0123456789eE+-.tfn \0\x1f\xff\xc3\xa9/d8'
    statuses = set()
    with closing(http.client.HTTPConnection("127.0.0.1", platform.collect_port, timeout=10)) as connection:
        for _ in range(1_500):
            body = bytearray(whole)
            for _ in range(dice.choice((1, 1, 2, 5))):
                at = dice.randrange(len(body))
                body[at : at + dice.choice((0, 1, 1))] = bytes([dice.choice(letters)]) * dice.choice((0, 1, 1))
            connection.request("POST", "/v1/batch", bytes(body))
            answer = connection.getresponse()
            json.loads(answer.read())
            statuses.add(answer.status)
    assert statuses == {200, 400}, f"seed {SEED}"
    assert sealed_by(platform) == set()
    platform.sql("SELECT body->>'$.properties.a', body->'$.context' FROM events")


# --- sizes ------------------------------------------------------------------------------------------------


def padded(bytes_total: int, **fields: Any) -> tuple[bytes, str]:
    event = track(writeKey=WRITE_KEY, properties={"filling": ""}, **fields)
    event["properties"]["filling"] = "x" * (bytes_total - len(json.dumps(event)))
    body = json.dumps(event).encode()
    assert len(body) == bytes_total
    return body, event["messageId"]


def test_size_when_an_event_has_exactly_32_kib_it_is_stored_and_with_one_byte_more_refused(
    platform: Stand,
) -> None:
    good, good_id = padded(limits.collection.EVENT_BYTES_MAX)
    assert post(platform, "/v1/track", good)[0] == 200
    in_batch, in_batch_id = padded(limits.collection.EVENT_BYTES_MAX)
    assert post(platform, "/v1/batch", b'{"batch":[%s]}' % in_batch)[0] == 200
    bad, bad_id = padded(limits.collection.EVENT_BYTES_MAX + 1)
    assert refused(post(platform, "/v1/track", bad), "too_large")
    assert refused(post(platform, "/v1/batch", b'{"batch":[%s]}' % bad), "too_large")
    assert refused(post(platform, "/v1/track", gzip.compress(bad), **{"Content-Encoding": "gzip"}), "too_large")
    assert sealed_by(platform, good_id, in_batch_id, bad_id) == {good_id, in_batch_id}


def test_size_when_a_batch_has_exactly_500_kb_it_is_stored_and_with_one_byte_more_refused(platform: Stand) -> None:
    events = [track() for _ in range(100)]
    body = json.dumps({"batch": events, "writeKey": WRITE_KEY, "filling": ""})[:-2]
    exact = body + "x" * (limits.collection.BATCH_BYTES_MAX - len(body) - 2) + '"}'
    assert len(exact) == limits.collection.BATCH_BYTES_MAX
    assert post(platform, "/v1/batch", exact)[0] == 200
    assert refused(post(platform, "/v1/batch", exact + " "), "too_large")
    ids = {event["messageId"] for event in events}
    assert sealed_by(platform, *ids) == ids


def test_size_when_a_batch_has_2501_events_it_is_answered_200_not_stored_and_counted(platform: Stand) -> None:
    count = ("headwater_collect_requests_total", {"outcome": "too_many_events"})
    before = platform.metric(count[0], **count[1])
    events = [{"type": "track", "event": "A", "userId": "u", "messageId": f"many-{n}"} for n in range(2_501)]
    assert post(platform, "/v1/batch", json.dumps({"batch": events, "writeKey": WRITE_KEY}))[0] == 200
    assert platform.metric(count[0], **count[1]) == before + 1
    assert sealed_by(platform, "many-0", "many-2500") == set()
    assert post(platform, "/v1/batch", json.dumps({"batch": events[1:], "writeKey": WRITE_KEY}))[0] == 200
    assert sealed_by(platform, "many-0", "many-1", "many-2500") == {"many-1", "many-2500"}


def test_size_when_a_body_has_10_mb_then_the_client_hears_400(platform: Stand) -> None:
    body = b'{"batch":[' + b" " * 10_000_000 + b"]}"
    with bounded_memory(platform):
        assert refused(post(platform, "/v1/batch", body), "too_large")
        assert refused(post(platform, "/v1/track", body), "too_large")
        assert refused(
            post(platform, "/v1/batch", gzip.compress(body), **{"Content-Encoding": "gzip"}), "too_large"
        )


def test_size_when_10_mb_come_in_chunks_then_the_client_hears_400(platform: Stand) -> None:
    def chunks() -> Iterator[bytes]:
        for _ in range(1_000):
            yield b" " * 10_000

    with bounded_memory(platform):
        status, _, answer = platform.request(
            "POST", "/v1/batch", chunks(), {"Transfer-Encoding": "chunked"}, encode_chunked=True
        )
    assert refused((status, json.loads(answer)), "too_large")


class bounded_memory:  # noqa: N801 — reads as a statement
    """The collector's memory has not grown by much inside the block, not even for a moment."""

    def __init__(self, platform: Stand) -> None:
        self._folder = f"/proc/{platform.pid('collect')}"

    def __enter__(self) -> None:
        with open(f"{self._folder}/clear_refs", "w") as file:
            file.write("5")  # the high-water mark starts at what is used now
        self._before = self._peak_bytes()

    def __exit__(self, *_: object) -> None:
        assert self._peak_bytes() - self._before < COLLECTOR_GROWTH_BYTES_MAX

    def _peak_bytes(self) -> int:
        with open(f"{self._folder}/status") as file:
            return next(int(line.split()[1]) * 1024 for line in file if line.startswith("VmHWM"))


def zeroes_zipped(bytes_total: int) -> bytes:
    packer = zlib.compressobj(9, wbits=31)
    piece = b"0" * MIB
    return b"".join(packer.compress(piece) for _ in range(bytes_total // MIB)) + packer.flush()


@pytest.mark.parametrize("inflated_bytes", [GIB, 450 * MIB], ids=["1 GiB", "under every other limit"])
def test_gzip_when_it_is_a_bomb_then_400_and_little_memory(platform: Stand, inflated_bytes: int) -> None:
    bomb = zeroes_zipped(inflated_bytes)
    with bounded_memory(platform):
        for path in ("/v1/batch", "/v1/track"):
            assert refused(post(platform, path, bomb, **{"Content-Encoding": "gzip"}), "too_large")


def test_gzip_when_it_has_very_many_members_then_400_soon(platform: Stand) -> None:
    empty = gzip.compress(b"", mtime=0)
    body = empty * (limits.collection.COMPRESSED_BYTES_MAX // len(empty))
    status, answer = post(platform, "/v1/batch", body, **{"Content-Encoding": "gzip"})
    assert refused((status, answer), "bad_request")
    assert "members" in answer["message"]
    event = json.dumps(track(writeKey=WRITE_KEY)).encode()
    in_two = gzip.compress(event[:20]) + gzip.compress(event[20:])
    assert post(platform, "/v1/track", in_two, **{"Content-Encoding": "gzip"})[0] == 200


DAMAGES: Final[dict[str, Callable[[bytes], bytes]]] = {
    "without the last byte": lambda zipped: zipped[:-1],
    "half": lambda zipped: zipped[: len(zipped) // 2],
    "head only": lambda zipped: zipped[:5],
    "empty": lambda zipped: b"",
    "rubbish behind": lambda zipped: zipped + b"rubbish",
    "checksum": lambda zipped: zipped[:-8] + b"\0\0\0\0" + zipped[-4:],
    "plain": lambda zipped: b"not gzip at all",
    "zlib": lambda zipped: zlib.compress(gzip.decompress(zipped)),
}


def test_gzip_when_it_is_damaged_then_400(platform: Stand) -> None:
    ids = []
    for what, damage in DAMAGES.items():
        event = track(writeKey=WRITE_KEY)
        body = damage(gzip.compress(json.dumps({"batch": [event]}).encode()))
        assert refused(post(platform, "/v1/batch", body, **{"Content-Encoding": "gzip"}), "bad_request"), what
        ids.append(event["messageId"])
    assert sealed_by(platform, *ids) == set()


# --- connections ------------------------------------------------------------------------------------------


def head(length: int | str, *more: str) -> bytes:
    lines = ["POST /v1/track HTTP/1.1", "Host: x", f"Content-Length: {length}", *more]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def test_connection_when_clients_hang_up_in_the_middle_then_nothing_is_left_of_them(platform: Stand) -> None:
    body, message_id = padded(10_000)
    for sent in (0, 1, 5_000, 9_999):
        with socket.create_connection(("127.0.0.1", platform.collect_port)) as connection:
            connection.sendall(head(len(body)) + body[:sent])
        with socket.create_connection(("127.0.0.1", platform.collect_port)) as connection:
            connection.sendall(head("1").replace(b"Content-Length: 1", b"Transfer-Encoding: chunked"))
            connection.sendall(b"%x\r\n" % len(body) + body[:sent])
    for _ in range(50):  # and at once, with a reset
        connection = socket.create_connection(("127.0.0.1", platform.collect_port))
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        connection.sendall(head(len(body)) + body[:100])
        connection.close()
    until(lambda: platform.metric("headwater_collect_in_flight") == 0, 10)
    assert sealed_by(platform, message_id) == set()


def test_connection_when_the_answer_is_not_waited_for_then_the_event_is_stored_or_not_but_nothing_breaks(
    platform: Stand,
) -> None:
    for _ in range(30):
        body, _ = padded(1_000)
        with socket.create_connection(("127.0.0.1", platform.collect_port)) as connection:
            connection.sendall(head(len(body)) + body)
    until(lambda: platform.metric("headwater_collect_in_flight") == 0, 10)


GARBAGE: Final[dict[str, bytes]] = {
    "noise": random.Random(3).randbytes(5_000),
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(500),
    "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes(100),
    "no version": b"GET /\r\n\r\n",
    "endless line": b"GET /" + b"a" * 100_000,
    "endless headers": b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * 20_000,
    "a header without a colon": b"GET / HTTP/1.1\r\nHost x\r\n\r\n",
    "NUL in a header": b"GET / HTTP/1.1\r\nHost: a\0b\r\n\r\n",
    "negative length": head(-1),
    "length no number": head("ten"),
    "length too large for any number": head("9" * 40),
    "two lengths": head(5, "Content-Length: 6") + b"{}",
    "length and chunks": head(2, "Transfer-Encoding: chunked") + b"{}",
    "chunk no number": head(2).replace(b"Content-Length: 2", b"Transfer-Encoding: chunked")
    + b"zz\r\n{}\r\n0\r\n\r\n",
}


@pytest.mark.parametrize("what", GARBAGE)
def test_connection_when_it_carries_garbage_then_it_is_refused_or_closed(platform: Stand, what: str) -> None:
    said = raw(platform, GARBAGE[what])
    assert not said.startswith(b"HTTP/1.1 200"), said[:200]
    assert not said.startswith(b"HTTP/1.1 5"), said[:200]


def test_connection_when_requests_are_pipelined_then_each_is_answered_and_garbage_ends_it(platform: Stand) -> None:
    bodies = [padded(300) for _ in range(3)]
    requests = b"".join(head(len(body)) + body for body, _ in bodies)
    said = raw(platform, requests + b"\0\0\0 garbage \r\n\r\n" + requests)
    assert said.count(b"HTTP/1.1 200") == 3
    ids = {message_id for _, message_id in bodies}
    assert sealed_by(platform, *ids) == ids


def test_connection_when_a_request_is_smuggled_into_a_body_then_it_is_a_body(platform: Stand) -> None:
    inner, inner_id = padded(300)
    smuggled = head(len(inner)) + inner
    said = raw(platform, head(len(smuggled)) + smuggled)
    assert said.count(b"HTTP/1.1 ") == 1
    assert said.startswith(b"HTTP/1.1 400")
    assert sealed_by(platform, inner_id) == set()


def test_slow_loris_when_heads_dribble_then_others_are_served_and_they_are_cut_off(platform: Stand) -> None:
    """limits.collection.HEADER_READ_S_MAX seconds of dribbling, and no longer."""
    dribblers = [socket.create_connection(("127.0.0.1", platform.collect_port)) for _ in range(200)]
    try:
        for dribbler in dribblers:
            dribbler.sendall(b"POST /v1/track HTTP/1.1\r\nHost: x\r\nX-Slow: ")
            dribbler.settimeout(0.05)
        for _ in range(20):
            assert accepted(platform, track())
        pending = set(dribblers)

        def all_are_cut_off() -> bool:
            for dribbler in list(pending):
                try:
                    dribbler.sendall(b"a")
                    dribbler.recv(1_000)  # an answer or an end; either way it is over
                    pending.discard(dribbler)
                except TimeoutError:
                    return False
                except OSError:
                    pending.discard(dribbler)
            return not pending

        until(all_are_cut_off, limits.collection.HEADER_READ_S_MAX + 10)
    finally:
        for dribbler in dribblers:
            dribbler.close()
