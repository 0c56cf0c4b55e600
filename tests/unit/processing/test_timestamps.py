"""Instants: exact where they can be, and never an exception."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from headwater.processing.timestamps import MAX_MS, MIN_MS, corrected, from_number, read, render

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
instants_ms = st.integers(MIN_MS, MAX_MS)


def parse(text: str) -> int | None:
    """The instant in a text; its rendering must be the one that `read` gives beside it."""
    found = read(text)
    if found is None:
        return None
    assert found[1] == render(found[0])
    return found[0]


def exactly(moment: datetime) -> int:
    return (moment - EPOCH) // timedelta(milliseconds=1)


@given(instants_ms)
@example(0)
@example(-1)
@example(MIN_MS)
@example(MAX_MS)
def test_render_when_parsed_again_then_the_same_instant(moment_ms: int) -> None:
    text = render(moment_ms)
    assert len(text) == len("2026-01-02T03:04:05.678Z")
    assert parse(text) == moment_ms


@given(st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=5, minutes=30))])))
@example(datetime(2026, 1, 2, 3, 4, 5, 678_999, tzinfo=UTC))
@example(datetime(2096, 10, 2, 7, 6, 39, 999_999, tzinfo=UTC))
@example(datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC))
def test_parse_when_microseconds_are_given_then_they_are_cut_off_exactly(moment: datetime) -> None:
    assert parse(moment.isoformat()) == exactly(moment)


@given(st.text() | st.from_regex(r"\d{1,5}-\d{1,2}-\d{1,2}[T ]?[\d:.,Z+-]{0,20}", fullmatch=True))
@example("9999-12-31T23:59:59-14:00")
@example("0001-01-01T00:00:00+14:00")
@example("2026-01-02T03:04:05+99:99")
@example("2026-01-02T03:04:05.1234567890123456789Z")
@example("2026-13-02")
@example("")
@example("\0")
@example("\ud800")
def test_parse_when_given_any_text_then_an_instant_or_none(text: str) -> None:
    moment_ms = parse(text)
    assert moment_ms is None or isinstance(moment_ms, int)


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-01-02T03:04:05.678901+00:00", "2026-01-02T03:04:05.678Z"),  # Python
        ("2026-01-02T03:04:05.678901234Z", "2026-01-02T03:04:05.678Z"),  # Go
        ("2026-01-02T03:04:05.678901234-05:00", "2026-01-02T08:04:05.678Z"),
        ("2026-01-02T03:04:05+0530", "2026-01-01T21:34:05.000Z"),
        ("2026-01-02 03:04:05 UTC", "2026-01-02T03:04:05.000Z"),
        ("2026-01-02T03:04:05,5Z", "2026-01-02T03:04:05.500Z"),
        ("2026-01-02T03:04", "2026-01-02T03:04:00.000Z"),
        ("2026-01-02", "2026-01-02T00:00:00.000Z"),
        ("2015-2-02T00:30:08.276Z", "2015-02-02T00:30:08.276Z"),  # a sample of Segment's docs
        ("2026-1-2T3:4:5z", "2026-01-02T03:04:05.000Z"),
        ("  2026-01-02T03:04:05Z ", "2026-01-02T03:04:05.000Z"),
        ("1969-12-31T23:59:59.999Z", "1969-12-31T23:59:59.999Z"),
    ],
)
def test_parse_when_written_as_sdks_do_then_understood(text: str, instant: str) -> None:
    moment_ms = parse(text)
    assert moment_ms is not None
    assert render(moment_ms) == instant


@pytest.mark.parametrize("text", ["", "yesterday", "2026-02-30", "2026-01-02T25:00:00Z", "26-01-02", "12:00"])
def test_parse_when_it_is_no_instant_then_none(text: str) -> None:
    assert parse(text) is None


@given(st.floats() | st.integers() | st.sampled_from([10**400, -(10**400)]))
def test_from_number_when_given_any_number_then_an_instant_or_none(number: float) -> None:
    moment_ms = from_number(number)
    if moment_ms is not None:
        assert parse(render(moment_ms)) == moment_ms


@given(st.integers(0, 4_000_000_000))
def test_from_number_when_seconds_or_milliseconds_then_the_plausible_one(second: int) -> None:
    assert from_number(second) == second * 1000
    if second > 100_000_000:
        assert from_number(second * 1000) == second * 1000


@given(received=instants_ms, sent=st.none() | instants_ms, original=st.none() | instants_ms)
def test_corrected_when_anything_is_known_then_always_renderable(
    received: int, sent: int | None, original: int | None
) -> None:
    render(corrected(received, sent, original))
