"""What the private API says about the shadow of sync planning."""

import contextlib
from pathlib import Path

import msgspec
from storing import AT_MS, Writer

from headwater.aggregation import tables
from headwater.aggregation.sync.shadow import ROW_KEY, Difference, Differences, Pair, differences
from headwater.serve.deliver.sync import report


def test_report_when_nothing_was_compared_then_it_is_empty(tmp_path: Path) -> None:
    with contextlib.closing(Writer(tmp_path).state) as state:
        assert msgspec.to_builtins(report(differences(state))) == {"since": None, "pairs": [], "examples": []}


def test_report_when_ways_differ_then_it_says_how_often_and_shows_examples(tmp_path: Path) -> None:
    example = Difference(
        rank=1,
        profile="use_1",
        key="big",
        destination="hook",
        reason="value_changed",
        kind="entered",
        path="once_changed",
        ids=1,
        other_path="changed",
        other_ids=2,
        at_ms=AT_MS,
    )
    row = Differences(b"flags", AT_MS, [Pair("once_changed", "changed", same=3, different=4)], [example])
    writer = Writer(tmp_path)
    with contextlib.closing(writer.state) as state:
        writer.commit({tables.SWEEPS: {ROW_KEY: tables.encode_row(row)}})
        assert msgspec.to_builtins(report(differences(state))) == {
            "since": "2023-11-14T22:13:20.000Z",
            "pairs": [{"path": "once_changed", "other_path": "changed", "same": 3, "different": 4}],
            "examples": [
                {
                    "profile": "use_1",
                    "definition": "big",
                    "destination": "hook",
                    "reason": "value_changed",
                    "kind": "entered",
                    "path": "once_changed",
                    "ids": 1,
                    "other_path": "changed",
                    "other_ids": 2,
                    "at": "2023-11-14T22:13:20.000Z",
                }
            ],
        }
