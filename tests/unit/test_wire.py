"""Bodies: unpacked within a bound, and JSON that JavaScript could write made JSON that everybody can read."""

import contextlib
import gzip
import json
import re

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.errors import InputError
from headwater.units import MIB
from headwater.wire import inflate, repair_surrogates

SURROGATES = [r"\ud83d", r"\uD83D", r"\ude00", r"\uDE00", r"\udfff", r"\ud800"]
OTHERS = [r"\u0041", r"\u0000", r"\\", r"\"", r"\n", r"\/", "u", "d83d", "a", "é", "{"]
escapes = st.sampled_from(SURROGATES + OTHERS)


def with_replacements(text: str) -> str:
    return re.sub("[\ud800-\udfff]", "\ufffd", text)


@given(st.lists(escapes))
def test_repair_when_surrogates_stand_alone_then_replaced_and_nothing_else_changes(parts: list[str]) -> None:
    literal = '"' + "".join(parts) + '"'
    repaired = repair_surrogates(literal.encode())
    assert msgspec.json.decode(repaired) == with_replacements(json.loads(literal))
    assert repair_surrogates(repaired) == repaired


@given(st.recursive(st.none() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)))
def test_repair_when_everything_is_whole_then_the_bytes_stay(value: object) -> None:
    body = json.dumps(value).encode()
    assert repair_surrogates(body) == body


@given(parts=st.lists(st.binary(max_size=500), min_size=1, max_size=3))
def test_inflate_when_a_body_has_several_members_then_all_of_it(parts: list[bytes]) -> None:
    body = b"".join(gzip.compress(part) for part in parts)
    plain = b"".join(parts)
    assert inflate(body, bytes_max=len(plain)) == plain
    if plain:
        with pytest.raises(InputError) as caught:
            inflate(body, bytes_max=len(plain) - 1)
        assert caught.value.code == "too_large"


@given(plain=st.binary(min_size=1, max_size=500), data=st.data())
def test_inflate_when_the_body_stops_early_then_bad_request(plain: bytes, data: st.DataObject) -> None:
    body = gzip.compress(plain)
    cut = data.draw(st.integers(1, len(body) - 1))
    with pytest.raises(InputError) as caught:
        inflate(body[:cut], bytes_max=MIB)
    assert caught.value.code == "bad_request"


@given(st.binary(min_size=1, max_size=200))
def test_inflate_when_given_any_bytes_then_content_or_input_error(body: bytes) -> None:
    with contextlib.suppress(InputError):
        inflate(body, bytes_max=MIB)


def test_inflate_when_garbage_follows_then_bad_request() -> None:
    with pytest.raises(InputError) as caught:
        inflate(gzip.compress(b"{}") + b"garbage", bytes_max=MIB)
    assert caught.value.code == "bad_request"


def test_inflate_when_it_is_a_bomb_then_stops_at_the_bound() -> None:
    bomb = gzip.compress(b"\0" * (256 * MIB), compresslevel=1)
    with pytest.raises(InputError) as caught:
        inflate(bomb, bytes_max=1000)
    assert caught.value.code == "too_large"
