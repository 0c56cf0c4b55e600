"""Failed attempts in the receipts of later ones."""

import msgspec
import pytest

from headwater import limits
from headwater.delivery.attempts import Attempt, bounded, continued, told
from headwater.delivery.receipts import DELIVERED, RETRYING, Receipt

SAID = b'[{"request":{"method":"POST"},"answer":{"status":503}}]'


def receipt(attempts: int, exchange: bytes | None = None, status: str = RETRYING) -> Receipt:
    about = ("m1", "crm", "web", "track", "A", None, "ann", None, 7, status)
    return Receipt(
        *about, reason="503", message="Busy", attempts=attempts, latency_ms=40, at_ms=attempts, exchange=exchange
    )


def test_told_when_nothing_failed_before_then_the_exchange_alone() -> None:
    assert told(None).earlier == ()
    assert bytes(told(None).exchange) == b"[]"
    assert bytes(told(SAID).exchange) == SAID


def test_continued_when_it_goes_on_for_long_then_all_attempts_in_order() -> None:
    last = receipt(1, SAID)
    for number in range(2, 6):
        last = continued(receipt(number), last)
    last = continued(receipt(6, SAID, DELIVERED), last)
    known = told(last.exchange)
    assert [each.number for each in known.earlier] == [1, 2, 3, 4, 5]
    assert bytes(known.earlier[0].exchange) == SAID
    assert bytes(known.earlier[1].exchange) == b"[]"
    assert bytes(known.exchange) == SAID


@pytest.mark.parametrize(("before", "after"), [(0, 1), (2, 2), (3, 1)], ids=["it waited", "no other", "anew"])
def test_continued_when_there_was_no_attempt_before_then_the_same_receipt(before: int, after: int) -> None:
    new = receipt(after)
    assert continued(new, receipt(before, SAID)) is new


def test_bounded_when_there_are_many_then_the_last_ones_and_the_last_words() -> None:
    long = msgspec.Raw(b'["' + b"a" * (limits.receipts.EXCHANGE_BYTES_MAX // 2) + b'"]')
    many = [Attempt(number, number, "503", "", 40, long) for number in range(1, limits.receipts.ATTEMPTS_MAX + 9)]
    kept = bounded(many)
    assert [each.number for each in kept] == list(range(9, limits.receipts.ATTEMPTS_MAX + 9))
    assert [each.number for each in kept if bytes(each.exchange) != b"[]"] == [many[-1].number]
