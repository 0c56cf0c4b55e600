"""What counts as an instant, and which one it is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.definitions.durations import parse_duration, render_duration, render_in_words
from headwater.definitions.instants import instant_ms

NEW_YEAR = 1_767_225_600_000


@pytest.mark.parametrize(
    ("text", "at_ms"),
    [
        ("2026-01-01", NEW_YEAR),
        ("2026-01-01T00:00Z", NEW_YEAR),
        ("2026-01-01T00:00:00Z", NEW_YEAR),
        ("2026-01-01T02:00:00+02:00", NEW_YEAR),
        ("2025-12-31T19:30:00-04:30", NEW_YEAR),
        ("2026-01-01T00:00:00.001Z", NEW_YEAR + 1),
        ("2026-01-01T00:00:00.001999999Z", NEW_YEAR + 1),
        ("1969-12-31T23:59:59.999Z", -1),
        ("2026-01-01T00:00:00", None),
        ("2026-01-01 00:00:00Z", None),
        ("2026-02-30", None),
        ("20260101", None),
        ("2026-01", None),
        ("2026-01-01T24:00:00Z", None),
        ("2026-01-01\n", None),
        ("yesterday", None),
        ("", None),
    ],
)
def test_instant_when_it_has_a_zone_or_is_a_date_then_its_millisecond(text: str, at_ms: int | None) -> None:
    assert instant_ms(text) == at_ms


@given(st.text(st.sampled_from("0123456789-:TZ+."), max_size=30))
def test_instant_when_it_is_any_text_then_nothing_fails(text: str) -> None:
    assert instant_ms(text) is None or text[4] == "-"


@given(st.integers(0, 10**15))
def test_duration_when_printed_in_either_way_then_read_back_to_the_same(ms: int) -> None:
    assert parse_duration(render_duration(ms)) == ms == parse_duration(render_in_words(ms))
