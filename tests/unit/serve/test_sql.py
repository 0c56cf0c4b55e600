import uuid
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

from headwater.serve.lake.sql import plain


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (datetime(2026, 1, 2, 3, 4, 5, 678_900, tzinfo=UTC), "2026-01-02T03:04:05.678Z"),
        (datetime(2026, 1, 2, 3, tzinfo=timezone(timedelta(hours=2))), "2026-01-02T01:00:00.000Z"),
        (datetime(2026, 1, 2), "2026-01-02T00:00:00.000Z"),  # noqa: DTZ001 - DuckDB's TIMESTAMP has no zone
        (date(2026, 1, 2), "2026-01-02"),
        (Decimal("1.5"), 1.5),
        (Decimal("3.00"), 3),
        (Decimal("NaN"), None),
        (float("inf"), None),
        (2**64 - 1, 2**64 - 1),
        (2**64, str(2**64)),
        (True, True),
        (None, None),
        (b"\x00\xff", "00ff"),
        ([{"at": date(2026, 1, 2)}], [{"at": "2026-01-02"}]),
        (uuid.UUID(int=1), "00000000-0000-0000-0000-000000000001"),
    ],
)
def test_values_become_those_of_json(value: Any, expected: Any) -> None:
    assert plain(value) == expected
