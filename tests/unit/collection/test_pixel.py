import base64
import json
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater import limits
from headwater.collection import pixel

EVENT = {"writeKey": "WK", "userId": "u", "event": "Email Opened", "properties": {"subject": "¿Qué?>>>???"}}


def data(event: Any, *, urlsafe: bool = True, padded: bool = False) -> bytes:
    encode = base64.urlsafe_b64encode if urlsafe else base64.b64encode
    digits = encode(json.dumps(event, ensure_ascii=False).encode())
    return b"data=" + (digits if padded else digits.rstrip(b"="))


def body(result: pixel.Pixel | pixel.Unreadable) -> Any:
    assert isinstance(result, pixel.Pixel), result
    return json.loads(result.body)


@pytest.mark.parametrize("urlsafe", [True, False])
@pytest.mark.parametrize("padded", [True, False])
def test_read_when_data_is_base64_of_either_kind_gives_the_event(urlsafe: bool, padded: bool) -> None:
    result = pixel.read("track", data(EVENT, urlsafe=urlsafe, padded=padded))
    assert body(result) == {
        "type": "track",
        "userId": "u",
        "event": "Email Opened",
        "properties": {"subject": "¿Qué?>>>???"},
    }
    assert result == pixel.read("track", data(EVENT, urlsafe=urlsafe, padded=padded).replace(b"+", b"%2B"))


def test_read_when_the_sample_of_segments_docs_is_sent_gives_its_event() -> None:
    sample = (
        b"eyJ3cml0ZUtleSI6ICJZT1VSX1dSSVRFX0tFWSIsICJ1c2VySWQiOiAiMDI1cGlrYWNodTAyNSIsICJldmVudCI6ICJFbWFpbCBPcGVuZWQi"
        b"LCAicHJvcGVydGllcyI6IHsgICAic3ViamVjdCI6ICJUaGUgRWxlY3RyaWMgRGFpbHkiLCAgICJlbWFpbCI6ICJwZWVrQXRNZUBlbWFpbC5w"
        b"b2tlIiB9fQ"
    )
    result = pixel.read("track", b"data=" + sample)
    assert isinstance(result, pixel.Pixel)
    assert result.write_key == "YOUR_WRITE_KEY"
    assert body(result)["properties"] == {"subject": "The Electric Daily", "email": "peekAtMe@email.poke"}


def test_read_when_the_query_is_flat_nests_dotted_keys() -> None:
    query = b"writeKey=WK&userId=u&event=Email%20Opened&properties.subject=Hi&context.page.url=https%3A%2F%2Fa%2F"
    result = pixel.read("track", query)
    assert isinstance(result, pixel.Pixel)
    assert result.write_key == "WK"
    assert body(result) == {
        "type": "track",
        "userId": "u",
        "event": "Email Opened",
        "properties": {"subject": "Hi"},
        "context": {"page": {"url": "https://a/"}},
    }


def test_read_when_two_flat_keys_collide_keeps_the_first() -> None:
    assert body(pixel.read("track", b"a=1&a.b=2&c.d=3&c=4")) == {"type": "track", "a": "1", "c": {"d": "3"}}


def test_read_when_path_and_event_disagree_believes_the_path() -> None:
    assert body(pixel.read("page", data({"type": "track"}))) == {"type": "page"}


@pytest.mark.parametrize("key", [b"", b"writeKey=&"])
def test_read_when_there_is_no_write_key_says_so_with_an_empty_one(key: bytes) -> None:
    result = pixel.read("track", key + b"userId=u")
    assert isinstance(result, pixel.Pixel)
    assert result.write_key == ""


def test_read_when_the_query_names_a_key_it_wins_over_the_one_inside() -> None:
    result = pixel.read("track", b"writeKey=outer&" + data(EVENT))
    assert isinstance(result, pixel.Pixel)
    assert result.write_key == "outer"


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        (b"data=", "malformed"),
        (b"data=!!!!", "malformed"),
        (b"data=e30&data=AAAA", "malformed"),
        (b"data=" + base64.b64encode(b"\xff\xfe"), "malformed"),
        (b"data=" + base64.b64encode(b"[" * 20_000), "malformed"),
        (b"a=%ff", "malformed"),
        (b"a=\xff", "malformed"),
        (data([]), "not_an_object"),
        (b"a=" + b"x" * limits.collection.PIXEL_QUERY_BYTES_MAX, "query_too_large"),
        (b"a=" + b"x" * limits.collection.EVENT_BYTES_MAX, "event_too_large"),
    ],
)
def test_read_when_there_is_no_event_says_why(query: bytes, reason: str) -> None:
    assert pixel.read("track", query) == pixel.Unreadable(reason)


def test_read_when_a_key_nests_without_end_stops_at_the_bound() -> None:
    event = body(pixel.read("track", b".".join([b"a"] * 10_000) + b"=1"))
    depth = 0
    while isinstance(event.get("a"), dict):
        event, depth = event["a"], depth + 1
    assert depth == pixel.NESTING_MAX


@given(st.binary(max_size=200))
def test_read_when_bytes_are_arbitrary_never_raises(query: bytes) -> None:
    pixel.read("track", query)
    pixel.read("track", b"data=" + query)


@given(st.dictionaries(st.text(), st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists)))
def test_read_when_an_event_is_sent_as_data_loses_nothing(event: dict[str, Any]) -> None:
    event.pop("writeKey", None)
    encoded = base64.b64encode(json.dumps(event).encode()).decode()
    assert body(pixel.read("track", f"data={quote(encoded)}".encode())) == event | {"type": "track"}


def test_gif_is_one_transparent_pixel() -> None:
    assert pixel.GIF.startswith(b"GIF89a\x01\x00\x01\x00")
    assert pixel.GIF.endswith(b";")
