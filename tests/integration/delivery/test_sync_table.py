"""The decision table of sync, row by row as things that happen: events in, real engines, and what each destination
has got. The cases are data: tests/fixtures/sync/table.yaml says how they read.
"""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from telling import Call, Happened, telling

from headwater.aggregation.sync.paths import PATHS
from headwater.delivery.receipts import DELIVERED

TABLE: dict[str, Any] = yaml.safe_load(
    (Path(__file__).parents[2] / "fixtures" / "sync" / "table.yaml").read_text()
)
IMPOSSIBLE = {path.name for path in PATHS if path.name.startswith("impossible_")}
"""No row of these: they count what must not happen. That they count nothing here, every row shows."""

BESIDES = {"email", "phone", "audience_key", "trait_key"}
"""What a call says beside the value."""


def workspace(defined: str | None) -> dict[str, Any]:
    """With one definition, or none. Who is told is told with identify calls, if nothing else is said."""
    destinations = [{"name": name, **given} for name, given in TABLE["destinations"].items()]
    found: dict[str, Any] = {"destinations": destinations}
    if defined:
        entry = TABLE["definitions"][defined]
        names = [{"name": each} if isinstance(each, str) else each for each in entry["told"]]
        connections = [{"send": ["identify"], **each} for each in names]
        (kind,) = entry.keys() & {"trait", "audience"}
        found[f"{kind}s"] = [{**entry[kind], "destinations": connections}]
    return found


def as_step(step: Mapping[str, Any]) -> dict[str, Any]:
    """`define` in words that Telling knows."""
    given = dict(step)
    return {"apply": workspace(given.pop("define")), **given} if "define" in given else given


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def expected_paths(row: Mapping[str, Any]) -> list[str]:
    return sorted(path for of in row.get("then", {}).values() for path in listed(of["path"]))


def expected_facts(row: Mapping[str, Any], destination: str) -> dict[str, Any]:
    """External id → value."""
    ids = row.get("then", {}).get(destination, {}).get("ids", [])
    return ids if isinstance(ids, dict) else dict.fromkeys(ids, row.get("says", True))


def facts_of(calls: list[Call]) -> dict[str, Any]:
    """External id → value; no id is told twice."""
    found = {}
    for call in calls:
        (value,) = (value for key, value in call.facts.items() if key not in BESIDES)
        assert call.about not in found, f"{call.about} was told twice"
        found[call.about] = value
    return found


def sharing(happened: Happened) -> set[frozenset[str]]:
    """Who has got the very same messages; whoever shares one shares all."""
    receivers: dict[str, set[str]] = {}
    for name, calls in happened.calls.items():
        for call in calls:
            receivers.setdefault(call.message_id, set()).add(name)
            named = {to for to, wanted in call.integrations.items() if wanted}
            assert name in named
    return {frozenset(names) for names in receivers.values() if len(names) > 1}


@pytest.mark.parametrize("row", TABLE["rows"], ids=lambda row: row["case"])
async def test_sync_when_this_happens_then_each_destination_gets_what_the_table_says(
    row: dict[str, Any], tmp_path: Path
) -> None:
    async with telling(tmp_path, workspace(row.get("about")), list(TABLE["destinations"])) as story:
        for step in row.get("given", []):
            before = await story.step(as_step(step))
            assert not IMPOSSIBLE & set(before.paths)
        happened = await story.step(as_step(row["when"]))
        assert happened.paths == expected_paths(row)
        for name, calls in happened.calls.items():
            assert facts_of(calls) == expected_facts(row, name), name
        kinds = {call.kind for calls in happened.calls.values() for call in calls}
        assert not kinds or kinds == set(row.get("calls", ["identify"]))
        assert sharing(happened) == {frozenset(group) for group in row.get("shared", [])}
        got = Counter((name, call.message_id) for name, calls in happened.calls.items() for call in calls)
        assert Counter((each.destination, each.message_id) for each in happened.receipts) == got
        assert {each.status for each in happened.receipts} <= {DELIVERED}


def test_rows_when_counted_then_no_path_of_the_table_is_missing() -> None:
    taken = {path for row in TABLE["rows"] for path in expected_paths(row)}
    quiet = {row["quiet"] for row in TABLE["rows"] if "quiet" in row}
    assert not taken & quiet
    assert taken | quiet == {path.name for path in PATHS} - IMPOSSIBLE


def test_rows_when_read_then_each_says_what_follows() -> None:
    words = {"case", "about", "given", "when", "says", "then", "shared", "calls", "quiet"}
    for row in TABLE["rows"]:
        assert row.keys() <= words
        assert ("then" in row) != ("quiet" in row), row["case"]
