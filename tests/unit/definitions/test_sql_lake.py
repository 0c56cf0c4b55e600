"""Definitions over the lake: whose events they are, the traits that came with them, and previews."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import msgspec
import pytest
from histories import users
from hypothesis import given, settings
from hypothesis import strategies as st
from reference import Occurrence, Person

from headwater.definitions import ast
from headwater.definitions.sql.lake import relate
from headwater.definitions.sql.preview import Preview, Sampled, preview
from headwater.errors import BusyError
from headwater.event import OutboundEvent
from headwater.lake.parquet import ParquetLake
from headwater.lake.query import connect

NOW_MS = 1_768_046_400_000
ORDERS = ast.EventQuery(name="Order")


def outbound(offset: int, profile_id: str | None = "use_1", call: str = "track", **fields: Any) -> OutboundEvent:
    """`at_ms` and `body` besides the fields of an outbound event."""
    at_ms = fields.pop("at_ms", NOW_MS)
    body = {"type": call, **fields.pop("body", {})}
    plain = OutboundEvent(
        offset=offset,
        index=0,
        message_id=f"m{offset}",
        type=call,
        event="Order" if call == "track" else None,
        name=None,
        user_id=None,
        anonymous_id=None,
        group_id=None,
        profile_id=profile_id,
        source="web",
        received_at_ms=at_ms,
        timestamp_ms=at_ms,
        original_timestamp_ms=None,
        sent_at_ms=None,
        body=msgspec.json.encode(body),
    )
    return msgspec.structs.replace(plain, **fields)


Ask = Callable[..., duckdb.DuckDBPyConnection]


@contextmanager
def lake_of(folder: Path, events: Sequence[OutboundEvent]) -> Iterator[duckdb.DuckDBPyConnection]:
    lake = ParquetLake(folder / "lake")
    if events:
        lake.write(0, len(events) - 1, [lake.pack(events)])
    with connect(lake) as connection:
        yield connection


def test_relate_when_profiles_were_merged_then_their_events_are_the_ones_they_are_now(tmp_path: Path) -> None:
    events = [
        outbound(0, "use_1", at_ms=NOW_MS - 5),
        outbound(1, "use_2", received_at_ms=NOW_MS, timestamp_ms=NOW_MS + 9),
        outbound(2, None),
        outbound(3, "use_3", "page", name="Home", event=None),
    ]
    with lake_of(tmp_path, events) as connection:
        relate(connection, merged=[("use_1", "use_2")])
        found = connection.execute(
            "SELECT profile_id, collection, call, name, at_ms, log_offset FROM events ORDER BY log_offset"
        ).fetchall()
        everybody = connection.execute("SELECT * FROM profiles ORDER BY ALL").fetchall()
    assert found == [
        ("use_2", "users", "track", "Order", NOW_MS - 5, 0),
        ("use_2", "users", "track", "Order", NOW_MS, 1),
        ("use_3", "users", "page", "Home", NOW_MS, 3),
    ]
    assert everybody == [("use_2", "users"), ("use_3", "users")]


def test_relate_when_events_name_groups_then_they_are_the_accounts_too(tmp_path: Path) -> None:
    events = [
        outbound(0, "use_1", "group", group_id="g1", body={"traits": {"plan": "pro"}}),
        outbound(1, "use_2", body={"context": {"groupId": "g1"}}),
        outbound(2, "use_2", group_id="", body={"context": {"groupId": "g2"}}),
        outbound(3, "use_2", group_id="blocked"),
        outbound(4, "acc_3", "group", group_id="g3"),
    ]
    accounts = [("g1", "acc_1"), ("g2", "acc_1"), ("g3", "acc_3")]
    with lake_of(tmp_path, events) as connection:
        relate(connection, accounts=accounts)
        of_accounts = connection.execute(
            "SELECT profile_id, log_offset FROM events WHERE collection = 'accounts' ORDER BY ALL"
        ).fetchall()
        links = connection.execute("SELECT account_id, user_id FROM links ORDER BY ALL").fetchall()
        traits = connection.execute("SELECT profile_id, key, value FROM traits").fetchall()
    assert of_accounts == [("acc_1", 0), ("acc_1", 1), ("acc_1", 2), ("acc_3", 4)]
    assert links == [("acc_1", "use_1"), ("acc_1", "use_2")]
    assert traits == [("acc_1", "plan", '"pro"')]


@settings(max_examples=max(settings.default.max_examples // 4, 1))
@given(st.lists(users(), min_size=1, max_size=4))
def test_relate_when_traits_were_sent_then_the_newest_of_each_counts(
    tmp_path_factory: pytest.TempPathFactory, persons: list[Person]
) -> None:
    events = [sent(f"use_{at}", event) for at, person in enumerate(persons) for event in person.events]
    with lake_of(tmp_path_factory.mktemp("lake"), events) as connection:
        relate(connection)
        found = connection.execute("SELECT profile_id, key, value FROM traits").fetchall()
    known = {(id_, key): msgspec.json.decode(value) for id_, key, value in found if value not in {None, "null"}}
    assert known == {
        (f"use_{at}", key): value
        for at, person in enumerate(persons)
        for key, value in person.traits.items()
        if value is not None
    }


def sent(profile_id: str, event: Occurrence) -> OutboundEvent:
    place = {"offset": event.offset, "index": event.index, "at_ms": event.at_ms}
    return outbound(profile_id=profile_id, call=event.call, body=event.event, **place)


def test_preview_when_a_definition_is_asked_then_it_counts_all_and_shows_the_first(tmp_path: Path) -> None:
    events = [outbound(at, f"use_{at // 2}", body={"properties": {"total": at}}) for at in range(10)]
    asked = ast.Definition("spent", ast.Aggregate(ORDERS, "sum", ("properties", "total")))
    with lake_of(tmp_path, events) as connection:
        found = preview(connection, asked, (), now_ms=NOW_MS, merged=[("use_4", "use_0")], sample_max=2)
    assert found == Preview(4, [Sampled("use_0", 18.0), Sampled("use_1", 5.0)])


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (ast.Aggregate(ORDERS, "last", ("properties",)), {"total": [1, None]}),
        (ast.Aggregate(ORDERS, "unique_list", ("properties", "total")), ["1"]),
        (ast.EventCondition(ast.Aggregate(ORDERS), ">=", (1,)), True),
    ],
)
def test_preview_when_a_value_is_json_then_it_is_shown_as_such(tmp_path: Path, body: Any, value: Any) -> None:
    with lake_of(tmp_path, [outbound(0, body={"properties": {"total": [1, None]}})]) as connection:
        found = preview(connection, ast.Definition("d", body), (), now_ms=NOW_MS)
    assert found == Preview(1, [Sampled("use_1", value)])


def test_preview_when_the_lake_is_empty_then_there_is_nobody(tmp_path: Path) -> None:
    with lake_of(tmp_path, []) as connection:
        assert preview(connection, ast.Definition("d", ast.All(())), (), now_ms=NOW_MS) == Preview(0, [])


def test_preview_when_it_takes_too_long_then_it_is_stopped(tmp_path: Path) -> None:
    events = [outbound(at, "use_1") for at in range(3_000)]
    endless = ast.Definition("d", ast.Sequence((ORDERS, ORDERS, ORDERS, ORDERS), 10**12))
    with (
        lake_of(tmp_path, events) as connection,
        pytest.raises(BusyError, match="stopped after"),
    ):
        preview(connection, endless, (), now_ms=NOW_MS, timeout_s=0.05)
