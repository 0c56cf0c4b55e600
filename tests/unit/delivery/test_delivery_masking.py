"""No secret is in what a receipt shows, whichever way it travelled."""

import base64
import gzip
import json
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from headwater import limits
from headwater.delivery.masking import LEARNED_MAX, MASK, RECORDS_SHOWN, Mask, mask
from headwater.destinations.kit.model import Failure, KafkaRecord, KafkaRecords, Request, Response, Rows, Written

SECRET = 'k/ey+ 0f"ü-9a8b'
OK = Response(200, {}, b"", 0.0)

secrets = st.text(min_size=8, max_size=40).filter(lambda text: text.strip(".*") == text and len(set(text)) > 4)


def request(url: str = "https://api.example.com/track", body: bytes = b"", **headers: str) -> Request:
    return Request("POST", url, {name.replace("_", "-"): value for name, value in headers.items()}, body, 10.0)


def shown(call: Any, answer: Any = OK, *of: str) -> Any:
    [only] = json.loads(mask(call, answer, of))
    return only


WAYS: dict[str, Callable[[str], Request]] = {
    "in the address": lambda s: request(f"https://api.example.com/{quote(s, safe='')}/track"),
    "in the query": lambda s: request(f"https://api.example.com/?x={quote_plus(s)}&y=1"),
    "in a header": lambda s: request(X_Custom=f"key {s} v1"),
    "in Basic credentials": lambda s: request(X_Auth_Copy=base64.b64encode(f"user:{s}".encode()).decode()),
    "in Base64 after one byte": lambda s: request(body=base64.b64encode(f"a{s}z".encode())),
    "in Base64 after two bytes": lambda s: request(body=base64.b64encode(f"ab{s}".encode())),
    "in a JSON body": lambda s: request(body=json.dumps({"x": [s]}).encode()),
    "in a JSON body, not escaped": lambda s: request(body=json.dumps({"x": s}, ensure_ascii=False).encode()),
    "in a form": lambda s: request(body=f"a=1&x={quote_plus(s)}".encode()),
    "in a gzip body": lambda s: request(body=gzip.compress(json.dumps({"x": s}).encode())),
}


@pytest.mark.parametrize("way", WAYS)
@given(secret=secrets)
def test_mask_when_a_secret_travels_in_any_way_then_it_is_not_shown(way: str, secret: str) -> None:
    assume(not any(secret in member for member in ("body_bytes", "request", "headers")))
    call = WAYS[way](secret)
    answer = Response(
        400, {"X-Echo": secret}, f'{{"message": "bad key {secret}"}}'.encode("utf-8", "replace"), 0.0
    )
    text = mask(call, answer, [secret]).decode()
    assert secret not in text
    assert json.dumps(secret)[1:-1] not in text
    for form in (quote(secret, safe=""), quote_plus(secret)):
        assert form not in text
    for part in json.loads(text):
        whole = json.dumps(part, ensure_ascii=False)
        for skipped in range(3):
            encoded = base64.b64encode(b"\0" * skipped + secret.encode()).decode()
            assert encoded[4:-4] not in whole or len(encoded) < 12


@pytest.mark.parametrize(
    "name",
    [
        *("Authorization", "Proxy-Authorization", "Cookie", "Set-Cookie", "X-Api-Key", "api_key", "X-Auth-Token"),
        *("X-Amz-Security-Token", "X-Segment-Settings", "Client-Secret", "apikey"),
    ],
)
def test_mask_when_a_header_is_called_like_a_secret_then_its_value_is_hidden(name: str) -> None:
    found = shown(
        Request("GET", "https://a.example", {name: "hush"}, b"", 1.0), Response(200, {name: "hush"}, b"", 0)
    )
    assert found["request"]["headers"] == found["answer"]["headers"] == {name: MASK}


@pytest.mark.parametrize("name", ["Content-Type", "Idempotency-Key", "User-Agent", "Retry-After", "X-Request-Id"])
def test_mask_when_a_header_is_no_secret_then_it_stays(name: str) -> None:
    assert shown(Request("GET", "https://a.example", {name: "v"}, b"", 1.0))["request"]["headers"] == {name: "v"}


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (
            "https://a.example/c?api_secret=x1&measurement_id=G-1",
            f"https://a.example/c?api_secret={MASK}&measurement_id=G-1",
        ),
        ("https://a.example/c?access_token=x%31", f"https://a.example/c?access_token={MASK}"),
        ("https://a.example/c?key=x1#part", f"https://a.example/c?key={MASK}#part"),
        ("https://user:pass@a.example/c", f"https://{MASK}@a.example/c"),
        ("https://a.example/keys/monkey?monkey=1", "https://a.example/keys/monkey?monkey=1"),
    ],
)
def test_mask_when_an_address_has_a_telling_name_then_its_value_is_hidden(url: str, expected: str) -> None:
    assert shown(request(url))["request"]["url"] == expected


def test_mask_when_a_body_has_telling_members_then_their_values_are_hidden() -> None:
    body = b'{"access_token": "a\\"b", "token_type": "Bearer", "author": "Ann", "nested": {"client_secret":"x"}}'
    found = shown(request(body=body), Response(200, {}, body, 0.0))
    hidden = '{"access_token": "***", "token_type": "Bearer", "author": "Ann", "nested": {"client_secret":"***"}}'
    assert found["request"]["body"] == found["answer"]["body"] == hidden


def test_mask_when_a_form_has_telling_fields_then_their_values_are_hidden() -> None:
    form = request(
        body=b"grant_type=refresh&refresh_token=x1&to=%2B1", Content_Type="application/x-www-form-urlencoded"
    )
    assert shown(form)["request"]["body"] == f"grant_type=refresh&refresh_token={MASK}&to=%2B1"


@given(st.integers(0, 200), st.integers(8, 60))
def test_mask_when_a_secret_lies_where_the_body_is_cut_then_no_part_of_it_is_shown(
    before_end: int, length: int
) -> None:
    secret = "".join(chr(ord("A") + n % 26) for n in range(length))
    filler = b"." * (limits.receipts.EXCHANGE_ANSWER_BYTES_MAX + 60 - before_end)
    body = filler + secret.encode() + b"." * 1_000
    text = shown(request(), Response(200, {}, body, 0.0), secret)["answer"]["body"]
    assert set(text) <= set(f".{MASK}…")


def test_mask_when_bodies_are_large_then_what_is_kept_is_bounded_and_the_size_is_told() -> None:
    body = json.dumps({"x": ["é" * 100] * 1_000}, ensure_ascii=False).encode()
    headers = {f"X-{n}": "v" * 100 for n in range(1_000)}
    call, answer = Request("POST", "https://a.example", headers, body, 1.0), Response(200, headers, body, 0.0)
    data = Mask().exchange([(call, answer)] * 5)
    assert len(data) <= limits.receipts.EXCHANGE_BYTES_MAX * 1.1
    *rest, newest = json.loads(data)
    assert newest["request"]["body_bytes"] == len(body)
    assert rest[0] == {"left_out": 5 - len(rest)}


def test_mask_when_a_body_is_no_text_then_its_size_is_shown() -> None:
    assert shown(request(body=b"\x89PNG\0\1"))["request"]["body"] == "(binary, 6 bytes)"


def test_mask_when_nobody_answered_then_the_reason_is_shown_without_secrets() -> None:
    found = shown(request(), Failure("ENOTFOUND", f"no host {SECRET}.example"), SECRET)
    assert found["answer"] == {"reason": "ENOTFOUND", "message": f"no host {MASK}.example"}


def test_mask_when_records_and_rows_are_written_then_they_are_shown_without_secrets() -> None:
    record = KafkaRecord("events", b"ann", f'{{"a":"{"x" * 9}"}}'.encode(), (("trace", b"1"),))
    records = KafkaRecords({"bootstrap.servers": "b:9092", "sasl.password": "hush"}, (record,) * 20, 10.0)
    found = shown(records, Written({3: Failure("MESSAGE_REJECTED", "too large")}))
    assert found["request"]["connection"] == {"bootstrap.servers": "b:9092", "sasl.password": MASK}
    assert (len(found["request"]["records"]), found["request"]["count"]) == (RECORDS_SHOWN, 20)
    assert found["answer"]["failures"] == {"3": {"reason": "MESSAGE_REJECTED", "message": "too large"}}
    rows = Rows(
        {"host": "db", "password": "hush"}, (("INSERT INTO t VALUES (%s)", (("hush-row",), ("b",))),), 10.0
    )
    found = shown(rows, Written(), "hush-row")
    assert found["request"]["connection"] == {"host": "db", "password": MASK}
    assert found["request"]["statements"] == [
        {"sql": "INSERT INTO t VALUES (%s)", "rows": [f'["{MASK}"]', '["b"]'], "count": 2}
    ]


def test_text_when_an_endpoint_repeats_a_secret_then_it_is_hidden() -> None:
    assert Mask([SECRET]).text(f"no such key: {SECRET}") == f"no such key: {MASK}"


@contextmanager
def cpu_seconds_at_most(seconds: float) -> Iterator[None]:
    """Of this process, whatever else the machine does: what takes longer is broken off."""

    def too_long(*_: object) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGVTALRM, too_long)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


LONG = 60_000


@pytest.mark.parametrize(
    "text", ["a" * LONG, '{"x":"' + "token" * (LONG // 5), '"' * LONG, '"token" ' + " " * LONG, "token" * LONG]
)
def test_mask_when_an_endpoint_answers_what_is_hard_to_read_then_nobody_waits(text: str) -> None:
    answer = Response(400, {"X-Long": text}, text.encode(), 0.0)
    call = request(body=text.encode(), Content_Type="application/x-www-form-urlencoded")
    # Read once it takes milliseconds; read once for each character, a minute.
    with cpu_seconds_at_most(5):
        assert shown(call, answer)["answer"]["status"] == 400


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"x": 1, "api_key": "s", "b": "c"}', '{"x": 1, "api_key": "***", "b": "c"}'),
        ('["x", ":"], {"token" : "s\\"t"}', '["x", ":"], {"token" : "***"}'),
        ('rest", "token": "cut off in the midd', 'rest", "token": "***'),
        ('{"token_type": "Bearer", "token": ""}', '{"token_type": "Bearer", "token": "***"}'),
    ],
)
def test_mask_when_members_open_doors_then_only_their_strings_are_hidden(text: str, expected: str) -> None:
    assert shown(request(body=text.encode()))["request"]["body"] == expected


def test_mask_when_a_fragment_holds_a_token_then_it_is_hidden() -> None:
    assert Mask().text("https://a.example/?x=1#access_token=s3cret&y=2") == (
        "https://a.example/?x=1#access_token=***&y=2"
    )


def test_text_when_it_was_cut_off_within_a_secret_then_its_beginning_is_hidden() -> None:
    mask_ = Mask(["hush-hush-4711"])
    assert mask_.text("no key hush-hush-4", is_cut=True) == f"no key {MASK}"
    assert mask_.text("no key hush-hush-4") == "no key hush-hush-4"
    assert mask_.text("no key hus", is_cut=True) == "no key hus"


def test_learn_when_a_token_is_in_use_then_it_is_hidden_beside_the_settings_and_old_ones_are_forgotten() -> None:
    mask_ = Mask([SECRET])
    for number in range(LEARNED_MAX + 1):
        mask_.learn(f"token-{number}-")
        mask_.learn("")
    assert mask_.text(f"{SECRET} token-4- token-1-") == f"{MASK} {MASK} {MASK}"
    assert mask_.text("token-0-") == "token-0-"
