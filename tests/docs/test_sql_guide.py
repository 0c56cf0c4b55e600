"""Every statement of docs/guides/sql.md runs on a lake with the demo's story in it, and finds something."""

import json
import re
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from headwater import limits
from headwater.config.transformations import Transformation
from headwater.config.workspace import Source, SourceType, Workspace
from headwater.event import CollectedRequest, OutboundEvent
from headwater.flow import Context, Effects, run_stage
from headwater.flowing import Arrival
from headwater.lake.parquet import REPLACED_KEPT_S, ParquetLake
from headwater.lake.query import COLUMNS, MEMORY
from headwater.pipeline import STAGES
from headwater.serve.lake.sql import STATEMENT_S_MAX, Statement, query

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "guides" / "sql.md").read_text()
STATEMENTS = re.findall(r"^```sql\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
WIRE_NAMES = {
    "user_id": "userId",
    "anonymous_id": "anonymousId",
    "group_id": "groupId",
    "previous_id": "previousId",
}

sys.path.insert(0, str(ROOT / "examples" / "shop"))
from story import Call, tell  # noqa: E402


def request(call: Call) -> CollectedRequest:
    """What collection stores when the SDK makes this call."""
    event: dict[str, Any] = {WIRE_NAMES.get(key, key): value for key, value in call.arguments.items()}
    event["messageId"] = event.pop("message_id")
    if "timestamp" in event:  # some say when they happened by arriving
        event["timestamp"] = event["timestamp"].isoformat()
    body = json.dumps(event).encode()
    return CollectedRequest(1_700_000_000_000, call.source, call.method, "", "", False, body, 1, len(body))


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> ParquetLake:
    story = tell(7, datetime(2026, 3, 9, 12, tzinfo=UTC))
    sources = tuple(Source(name=name, type=SourceType.SERVER) for name in ("website", "app", "backend"))
    rule = Transformation(name="country names", if_='type = "identify"', map_properties={"country": {"US": "USA"}})
    context = Context(Workspace(workspace="shop", sources=sources, transformations=(rule,)), version=1)
    effects = Effects()
    calls = [*story.calls, *story.duplicates]
    items: list[Any] = [Arrival(offset, request(call)) for offset, call in enumerate(calls)]
    for stage in STAGES:
        items = run_stage(stage, items, context, effects)
    assert effects.dead == []
    events: list[OutboundEvent] = items
    lake = ParquetLake(tmp_path_factory.mktemp("lake"))
    lake.write(0, 0, [lake.pack(events)])
    return lake


@pytest.mark.parametrize("statement", STATEMENTS, ids=lambda statement: statement.split("\n")[0][:60])
def test_statement_when_run_then_it_finds_something(lake: ParquetLake, statement: str) -> None:
    answer = query(lake, Statement(statement))
    assert answer.rows
    for column, values in zip(answer.columns, zip(*answer.rows, strict=True), strict=True):
        assert any(value is not None for value in values), column.name


def test_page_when_it_lists_columns_then_these_and_no_others() -> None:
    table = PAGE.partition("| column | is |")[2].partition("\n\n")[0]
    cells = [line.split("|")[1] for line in table.splitlines()[2:]]
    assert {name for cell in cells for name in re.findall(r"`(\w+)`", cell)} == set(COLUMNS)


def test_page_when_it_states_limits_then_they_are_these() -> None:
    assert len(STATEMENTS) == 7
    assert f"at most {limits.lake.SQL_ROWS_MAX:,} rows" in PAGE
    assert f"stopped after {STATEMENT_S_MAX:g} s" in PAGE
    assert MEMORY == "1GB"
    assert REPLACED_KEPT_S == 120
