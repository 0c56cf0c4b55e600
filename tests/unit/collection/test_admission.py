"""Which bodies are taken: the table of limits at their exact edges, and agreement with other readers of JSON."""

import gzip
import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from headwater import limits
from headwater.collection.admission import EMPTY_BATCH, TOO_MANY_EVENTS, Admitted, admit
from headwater.errors import InputError


def single(body: Any, *, gzipped: bool = False) -> Admitted:
    return admit(as_bytes(body), is_batch=False, gzipped=gzipped)


def batch(body: Any, *, gzipped: bool = False) -> Admitted:
    return admit(as_bytes(body), is_batch=True, gzipped=gzipped)


def as_bytes(body: Any) -> bytes:
    if isinstance(body, bytes):
        return body
    return body.encode() if isinstance(body, str) else json.dumps(body).encode()


def event_of(size_bytes: int) -> bytes:
    """An event of exactly so many bytes."""
    frame = b'{"userId":"u","type":"identify","traits":{"x":""}}'
    return frame.replace(b'""', b'"' + b"y" * (size_bytes - len(frame)) + b'"')


def batch_of(*events: bytes, rest: bytes = b',"writeKey":"WK"') -> bytes:
    return b'{"batch":[' + b",".join(events) + b"]" + rest + b"}"


def code_of(body: bytes, *, is_batch: bool, gzipped: bool = False) -> str:
    with pytest.raises(InputError) as caught:
        admit(body, is_batch=is_batch, gzipped=gzipped)
    return caught.value.code


# --- sizes --------------------------------------------------------------------------------------------------


def test_single_when_exactly_as_large_as_allowed_then_admitted_and_one_byte_more_is_not() -> None:
    assert single(event_of(32_768)).inflated_bytes == 32_768
    assert code_of(event_of(32_769), is_batch=False) == "too_large"


def test_batch_when_exactly_as_large_as_allowed_then_admitted_and_one_byte_more_is_not() -> None:
    events = [event_of(32_000)] * 15
    empty = len(batch_of(*events, event_of(100)))
    largest = batch_of(*events, event_of(512_000 - empty + 100))
    assert len(largest) == 512_000
    assert batch(largest).events == 16
    assert code_of(largest.replace(b'"WK"', b'"WK2"'), is_batch=True) == "too_large"


def test_batch_when_one_event_is_exactly_as_large_as_allowed_then_admitted_and_one_byte_more_is_not() -> None:
    small = event_of(100)
    assert batch(batch_of(small, event_of(32_768))).events == 2
    with pytest.raises(InputError) as caught:
        batch(batch_of(small, event_of(32_769), small))
    assert (caught.value.code, caught.value.field) == ("too_large", "batch[1]")


def test_batch_when_it_has_2500_events_then_admitted_and_with_one_more_dropped_whole() -> None:
    assert batch(batch_of(*[b"{}"] * 2_500)) == Admitted("WK", 2_500, len(batch_of(*[b"{}"] * 2_500)))
    dropped = batch(batch_of(*[b"{}"] * 2_501))
    assert (dropped.write_key, dropped.events, dropped.rejected) == ("WK", 0, TOO_MANY_EVENTS)


@pytest.mark.parametrize(("is_batch", "bytes_max"), [(False, 32_768), (True, 512_000)])
def test_gzip_when_inflated_then_the_inflated_size_counts(*, is_batch: bool, bytes_max: int) -> None:
    plain = event_of(30_000) if not is_batch else batch_of(*[event_of(30_000)] * 17)
    fitting = plain + b" " * (bytes_max - len(plain))
    assert admit(gzip.compress(fitting), is_batch=is_batch, gzipped=True).inflated_bytes == bytes_max
    assert code_of(gzip.compress(fitting + b" "), is_batch=is_batch, gzipped=True) == "too_large"


def test_gzip_when_the_header_lies_then_bad_request() -> None:
    assert code_of(b'{"userId":"u"}', is_batch=False, gzipped=True) == "bad_request"
    assert code_of(gzip.compress(b'{"userId":"u"}'), is_batch=False) == "bad_request"


# --- shapes -------------------------------------------------------------------------------------------------

BAD = [
    b"",
    b" ",
    b"{",
    b"[]",
    b"null",
    b"1",
    b'"x"',
    b'{"a":1}}',
    b"{'a':1}",
    b'{"a":\xff}',
    b'{"a":"\xc3"}',
    b"\0",
]


@pytest.mark.parametrize("is_batch", [False, True])
@pytest.mark.parametrize("body", BAD)
def test_body_when_it_is_no_json_object_then_bad_request(*, body: bytes, is_batch: bool) -> None:
    assert code_of(body, is_batch=is_batch) == "bad_request"


@pytest.mark.parametrize("depth", [900, 2_000, 16_000])
def test_body_when_nested_deeply_then_admitted_or_bad_request_but_never_a_crash(depth: int) -> None:
    body = b'{"batch":[{"a":' + b"[" * depth + b"]" * depth + b"}]}"
    try:
        batch(body)
    except InputError as error:
        assert error.code == "bad_request"  # noqa: PT017


@pytest.mark.parametrize("value", ["", "{}", "[]", "null", "5", '"x"', '"[]"', "[[]"])
def test_batch_when_it_is_no_list_of_something_then_nothing_to_store(value: str) -> None:
    member = f'"batch":{value},' if value else ""
    if value == "[[]":
        assert code_of(f'{{{member}"writeKey":"WK"}}'.encode(), is_batch=True) == "bad_request"
        return
    admitted = batch(f'{{{member}"writeKey":"WK"}}')
    assert (admitted.write_key, admitted.events, admitted.rejected) == ("WK", 0, EMPTY_BATCH)


@pytest.mark.parametrize("items", ["null", "5", '"x"', "[]", "{}"])
def test_batch_when_its_items_are_no_events_then_admitted_because_normalise_says_why(items: str) -> None:
    assert batch(f'{{"batch":[{items}],"writeKey":"WK"}}').events == 1


# --- write keys ---------------------------------------------------------------------------------------------


def test_write_key_when_in_the_batch_then_it_wins_over_its_events() -> None:
    assert batch({"batch": [{"writeKey": "inner"}], "writeKey": "outer"}).write_key == "outer"


def test_write_key_when_only_in_the_events_then_the_first_ones() -> None:
    assert batch({"batch": [{"writeKey": "one"}, {"writeKey": "two"}]}).write_key == "one"
    assert batch({"batch": [5, {"writeKey": "two"}]}).write_key == ""


ODD_KEYS = ["null", "5", "{}", "[]", "true", '""', "1e999", "9" * 400, "9" * 5_000]


@pytest.mark.parametrize("value", ODD_KEYS)
def test_write_key_when_it_is_no_text_then_as_if_there_was_none(value: str) -> None:
    assert single(f'{{"userId":"u","writeKey":{value}}}') == Admitted("", 1, 26 + len(value))
    outer = batch(f'{{"batch":[{{"userId":"u"}}],"writeKey":{value}}}')
    assert (outer.write_key, outer.events) == ("", 1)
    inner = batch(f'{{"batch":[{{"userId":"u","writeKey":{value}}}]}}')
    assert (inner.write_key, inner.events) == ("", 1)
    empty = batch(f'{{"batch":null,"writeKey":{value}}}')
    assert (empty.write_key, empty.events, empty.rejected) == ("", 0, EMPTY_BATCH)


# --- agreement with another reader of JSON ------------------------------------------------------------------

scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
documents = st.recursive(scalars, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=8)
objects = st.dictionaries(st.text() | st.sampled_from(["batch", "writeKey"]), documents)


def json_loads(body: bytes) -> Any:
    """Python's own reader, told to be as strict as the standard."""

    def refuse(word: str) -> Any:
        raise ValueError(word)

    return json.loads(body.decode(), parse_constant=refuse)


@given(document=objects, is_batch=st.booleans(), ascii_only=st.booleans())
def test_admit_when_it_is_an_object_then_admitted(
    *, document: dict[str, Any], is_batch: bool, ascii_only: bool
) -> None:
    body = json.dumps(document, ensure_ascii=ascii_only).encode()
    assert admit(body, is_batch=is_batch, gzipped=False).inflated_bytes == len(body)


@given(document=objects, is_batch=st.booleans(), data=st.data())
def test_admit_when_bytes_are_changed_anywhere_then_agrees_with_json_about_what_is_valid(
    *, document: dict[str, Any], is_batch: bool, data: st.DataObject
) -> None:
    body = bytearray(json.dumps(document, ensure_ascii=data.draw(st.booleans())).encode())
    at = data.draw(st.integers(0, len(body) - 1))
    length = data.draw(st.integers(0, 2))
    body[at : at + length] = data.draw(
        st.binary(max_size=2) | st.sampled_from([b'"', b"\\", b",", b"}", b"]", b"0"])
    )
    agree(bytes(body), is_batch=is_batch)


@given(body=st.binary(max_size=40) | st.text(max_size=40).map(str.encode), is_batch=st.booleans())
@example(body=b'{"a":01}', is_batch=False)
@example(body=b'{"a":NaN}', is_batch=False)
@example(body=b'{"a":"\t"}', is_batch=False)
@example(body=rb'{"a":"\ud800"}', is_batch=True)
@example(body=rb'{"\ud800":"\q"}', is_batch=True)
@example(body=b'{"a":"\x7f\xf4\x90\x80\x80"}', is_batch=False)
@example(body=b'\xef\xbb\xbf{"a":1}', is_batch=False)
def test_admit_when_given_any_bytes_then_agrees_with_json_about_what_is_valid(
    *, body: bytes, is_batch: bool
) -> None:
    agree(body, is_batch=is_batch)


def agree(body: bytes, *, is_batch: bool) -> None:
    try:
        valid = isinstance(json_loads(body), dict)
    except ValueError:
        valid = False
    try:
        admit(body, is_batch=is_batch, gzipped=False)
        admitted = True
    except InputError as error:
        assert error.code == "bad_request"  # noqa: PT017
        admitted = False
    assert admitted == valid


def test_limits_when_compared_with_segments_then_equal() -> None:
    assert (
        limits.collection.EVENT_BYTES_MAX,
        limits.collection.BATCH_BYTES_MAX,
        limits.collection.BATCH_EVENTS_MAX,
    ) == (32_768, 512_000, 2_500)
