"""Receipts as values: encoded many at a time, and which of them get their exchange."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.delivery.receipts import (
    DELIVERED,
    FAILED,
    FILTERED,
    RETRYING,
    STATUSES,
    Receipt,
    Samples,
    decode,
    decode_batch,
    encode,
)
from headwater.units import HOUR_MS

texts = st.text(max_size=30)
numbers = st.integers(0, 1 << 60)

receipts = st.builds(
    Receipt,
    message_id=texts,
    destination=texts,
    source=texts,
    event_type=texts,
    event_name=st.none() | texts,
    profile_id=st.none() | texts,
    user_id=st.none() | texts,
    anonymous_id=st.none() | texts,
    offset=numbers,
    status=st.sampled_from(STATUSES),
    reason=texts,
    message=texts,
    attempts=numbers,
    latency_ms=numbers,
    at_ms=numbers,
    mapping=texts,
    exchange=st.none() | st.binary(max_size=30),
)


@given(st.lists(receipts, max_size=20))
def test_decode_when_a_batch_was_encoded_then_it_is_the_same(given_receipts: list[Receipt]) -> None:
    blob = encode(given_receipts)
    assert decode(blob) == given_receipts
    rows, columns = decode_batch(blob)
    assert rows == len(given_receipts)
    assert all(len(column) in {1, rows} for column in columns)


def test_encode_when_receipts_are_alike_then_a_blob_is_small() -> None:
    usual = Receipt("0" * 36, "crm", "web", "track", "A", "p", "u", None, 1, DELIVERED, "", "", 1, 40, 1 << 40)
    batch = [msgspec.structs.replace(usual, message_id=f"{n:036d}", offset=n) for n in range(1_000)]
    assert len(encode(batch)) < 40 * len(batch)


def test_samples_when_there_are_many_then_the_first_of_each_destination_and_reason_in_an_hour() -> None:
    samples = Samples(failures=3, successes=1)

    def kept(destination: str, status: str, reason: str, at_ms: int = 0) -> int:
        return sum(samples.wants(destination, status, reason, at_ms) for _ in range(10))

    assert kept("crm", DELIVERED, "") == 1
    assert kept("crm", FAILED, "404") == 3
    assert kept("crm", RETRYING, "503") == 3
    assert kept("crm", FAILED, "404") == 0
    assert kept("ads", FAILED, "404") == 3
    assert kept("crm", FAILED, "404", HOUR_MS - 1) == 0
    assert kept("crm", FAILED, "404", HOUR_MS) == 3


@pytest.mark.parametrize("message_id", ["m1", "a.b.c", "a/b?c#d", "ü %"])
def test_id_when_a_sender_chose_the_message_id_then_it_is_safe_in_an_address(message_id: str) -> None:
    usual = Receipt(message_id, "crm", "web", "page", None, None, None, None, 1, FILTERED, "", "", 0, 0, 17)
    assert usual.id.startswith("17.crm.")
    assert not set(usual.id) & set("/?# ")
    assert usual.id.isascii()
