"""A real Postgres takes what we send it: once, row by row where one is bad, in tables that it makes."""

import asyncio
import uuid
from pathlib import Path
from typing import Any

import psycopg
import pytest
from driving import Database, Driven, item

from headwater import limits
from headwater.delivery.transports.postgres import PostgresTransport
from headwater.destinations.kit.model import Delivered, Failure, Item, Rejected, RetryLater, Rows, Written

WRITTEN = Delivered("written")


def name() -> str:
    """Of something that only this test has."""
    return f"t_{uuid.uuid4().hex[:8]}"


def track(message_id: str, **more: Any) -> Item:
    of = {"message_id": message_id, "type": "track", "event": "Order Completed", "user_id": "ann"}
    return item(message_id, of | {"timestamp": "2026-01-01T00:00:00.000Z", "properties": {"total": 9.5}} | more)


async def query(database: Database, sql: str, *parameters: Any) -> list[Any]:
    async with await psycopg.AsyncConnection.connect(database.url, autocommit=True) as connection:
        cursor = await connection.execute(sql.encode(), parameters)
        return await cursor.fetchall() if cursor.description else []


async def test_events_when_they_come_twice_then_written_once_into_a_table_that_is_made(database: Database) -> None:
    table = name()
    async with Driven("postgres", database.settings | {"table": table}) as driven:
        assert await driven.test() == WRITTEN
        items = [track(f"m-{n}") for n in range(250)]
        assert await driven.perform("insert_events", items) == [WRITTEN] * 250
        changed = [track("m-7", properties={"total": 10}), *items[:7]]
        assert await driven.perform("insert_events", changed) == [WRITTEN] * 8
    rows = await query(database, f"SELECT message_id, properties->>'total', source FROM {table}")
    assert len(rows) == 250
    assert min(rows) == ("m-0", "9.5", "web")
    assert ("m-7", "10", "web") in rows


async def test_events_when_some_are_bad_then_each_of_them_is_refused_and_the_others_written(
    database: Database,
) -> None:
    table = name()
    async with Driven("postgres", database.settings | {"table": table}) as driven:
        items = [track(f"m-{n:03}") for n in range(100)]
        items[13] = track("m-013", properties={"x": "a\0b"})  # JSON that jsonb does not take
        items[77] = track("m-077", user_id="a\0b")  # text that cannot be
        items[78] = track("m-078", user_id="half a \ud83d")  # a character of which a half is missing
        outcomes = await driven.perform("insert_events", items)
    assert [n for n, outcome in enumerate(outcomes) if outcome != WRITTEN] == [13, 77, 78]
    assert {outcomes[n].reason for n in (13, 77, 78)} == {"MESSAGE_REJECTED"}
    ((count,),) = await query(database, f"SELECT count(*) FROM {table}")
    assert count == 97


@pytest.mark.parametrize(
    ("layout", "expected"),
    [("by_type", ["identifies", "tracks"]), ("by_event", ["identifies", "order_completed", "sign_up_50"])],
)
async def test_events_when_the_layout_says_so_then_in_tables_of_their_own(
    database: Database, layout: str, expected: list[str]
) -> None:
    schema = name()
    await query(database, f"CREATE SCHEMA {schema}")
    async with Driven("postgres", database.settings | {"schema": schema, "layout": layout}) as driven:
        assert await driven.test() == WRITTEN
        for each in (track("m-1"), track("m-2", event="Sign Up 50%"), track("m-3", type="identify", event=None)):
            assert await driven.perform("insert_events", [each]) == [WRITTEN]
    tables = await query(database, "SELECT tablename FROM pg_tables WHERE schemaname = %s ORDER BY 1", schema)
    assert [table for (table,) in tables] == expected


async def test_table_when_many_make_it_at_once_then_all_are_written(database: Database) -> None:
    table = f'"odd" 50% {name()}'
    async with Driven("postgres", database.settings | {"table": table}) as driven:
        attempts = [driven.perform("insert_events", [track(f"m-{n}")]) for n in range(12)]
        assert await asyncio.gather(*attempts) == [[WRITTEN]] * 12
    quoted = '"' + table.replace('"', '""') + '"'
    ((count,),) = await query(database, f"SELECT count(*) FROM {quoted}".replace("%", "%%"))
    assert count == 12


async def test_table_when_it_is_not_to_be_made_then_rejected(database: Database) -> None:
    async with Driven("postgres", database.settings | {"table": name(), "create_tables": False}) as driven:
        (outcome,) = await driven.perform("insert_events", [track("m-1")])
    assert isinstance(outcome, Rejected)
    assert (outcome.reason, outcome.message[:6]) == ("404", "42P01:")


async def test_rows_when_upserted_then_typed_by_their_columns_and_the_last_change_stays(
    database: Database,
) -> None:
    table = name()
    await query(
        database,
        f"CREATE TABLE {table} (id text, shop int, age int, seen timestamptz, tags jsonb, vip bool, "
        "name text, PRIMARY KEY (id, shop))",
    )
    ann = {"id": "ann", "shop": 1}
    columns = {"age": 41, "seen": "2026-01-01T00:00:00Z", "tags": ["a", "b"], "vip": True, "name": 5}
    async with Driven("postgres", database.settings) as driven:
        items = [
            item(f"m-{n}", {"table": table, "key": key, "columns": columns | {"age": 40 + n}})
            for n, key in enumerate([ann, {"id": "ben", "shop": 2}, ann])
        ]
        assert await driven.perform("upsert_rows", items) == [WRITTEN] * 3
        bad = item("m-9", {"table": table, "key": ann, "columns": columns | {"age": "old"}})
        (outcome,) = await driven.perform("upsert_rows", [bad])
    assert isinstance(outcome, Rejected)
    assert outcome.message == '22P02: invalid input syntax for type integer: "old"'
    rows = await query(database, f"SELECT id, age, tags, vip, name FROM {table} ORDER BY id")
    assert rows == [("ann", 42, ["a", "b"], True, "5"), ("ben", 41, ["a", "b"], True, "5")]


async def test_deletion_when_a_user_is_forgotten_then_gone_from_every_table_of_events_and_from_no_other(
    database: Database,
) -> None:
    schema = f'odd "{name()}" 50%'
    quoted = '"' + schema.replace('"', '""') + '"'
    await query(database, f"CREATE SCHEMA {quoted.replace('%', '%%')}")
    await query(database, f"CREATE TABLE {quoted.replace('%', '%%')}.users (user_id text, message_id text)")
    await query(database, f"INSERT INTO {quoted.replace('%', '%%')}.users VALUES ('ann', 'm-1')")
    async with Driven("postgres", database.settings | {"schema": schema, "layout": "by_event"}) as driven:
        assert await driven.forget("ann") == WRITTEN, "nothing is there yet"
        for each in (track("m-1"), track("m-2", event="Sign Up"), track("m-3", user_id="ben")):
            assert await driven.perform("insert_events", [each]) == [WRITTEN]
        assert await driven.forget("ann") == WRITTEN
    orders = await query(database, f"SELECT user_id FROM {quoted.replace('%', '%%')}.order_completed")
    sign_ups = await query(database, f"SELECT user_id FROM {quoted.replace('%', '%%')}.sign_up")
    users = await query(database, f"SELECT user_id FROM {quoted.replace('%', '%%')}.users")
    assert (orders, sign_ups, users) == ([("ben",)], [], [("ann",)])


@pytest.mark.parametrize(
    ("wrong", "kind", "reason"),
    [
        ({"password": "wrong"}, Rejected, "401"),
        ({"password": ""}, Rejected, "401"),
        ({"database": "nowhere"}, Rejected, "404"),
        ({"schema": "nowhere"}, Rejected, "404"),
        ({"port": 1}, RetryLater, "ECONNREFUSED"),
        ({"host": "nowhere.invalid"}, RetryLater, "ENOTFOUND"),
        ({"host": "localhost", "tls": "verify"}, RetryLater, "TLS"),
    ],
)
async def test_connection_when_a_setting_is_wrong_then_said_without_secrets_or_addresses(
    database: Database, wrong: dict[str, Any], kind: type, reason: str
) -> None:
    async with Driven("postgres", database.settings | wrong) as driven:
        outcome = await driven.test()
    if outcome.reason == "EAI_AGAIN":  # without a name service
        reason = "EAI_AGAIN"
    assert (type(outcome), outcome.reason) == (kind, reason)
    assert isinstance(outcome, Rejected | RetryLater)
    assert not any(
        word in outcome.message for word in ("127.0.0.1", "wrong", database.password, str(database.port))
    )


async def test_tls_when_the_authority_is_ones_own_then_the_name_must_be_the_certificates(
    database: Database,
) -> None:
    verified = database.settings | {"tls": "verify", "ca_certificate": database.authority}
    async with Driven("postgres", verified | {"host": "localhost"}) as driven:
        assert await driven.test() == WRITTEN
    async with Driven("postgres", verified | {"host": "127.0.0.1"}) as driven:
        outcome = await driven.test()
        assert isinstance(outcome, RetryLater)
        assert outcome.reason == "TLS"
    async with Driven("postgres", database.settings | {"tls": "require"}) as driven:
        assert await driven.test() == WRITTEN


async def test_tls_when_the_machine_trusts_the_authority_then_it_need_not_be_named(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "trusted.pem").write_text(database.authority)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "trusted.pem"))
    async with Driven("postgres", database.settings | {"tls": "verify", "host": "localhost"}) as driven:
        assert await driven.test() == WRITTEN


async def test_guard_when_private_addresses_are_not_allowed_then_nobody_is_connected_to(
    database: Database,
) -> None:
    for host in ("127.0.0.1", "localhost", "::1"):
        async with Driven("postgres", database.settings | {"host": host}, allow_private=False) as driven:
            outcome = await driven.test()
        assert isinstance(outcome, Rejected)
        assert outcome.reason == "PRIVATE_ADDRESS"


async def connections(database: Database) -> int:
    ((count,),) = await query(
        database,
        "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'headwater' AND pid <> pg_backend_pid()",
    )
    return int(count)


async def test_pool_when_many_ask_at_once_then_connections_are_bounded_kept_and_closed(database: Database) -> None:
    transport = PostgresTransport(allow_private=True)
    parameters = {"host": "127.0.0.1", "port": str(database.port), "dbname": "postgres", "user": "headwater"}
    call = Rows(parameters | {"password": database.password}, (("SELECT pg_sleep(0.05)", ()),), 20.0)
    answers = await asyncio.gather(
        *(transport.send(call) for _ in range(3 * limits.delivery.POSTGRES_CONNECTIONS_MAX))
    )
    assert answers == [Written()] * (3 * limits.delivery.POSTGRES_CONNECTIONS_MAX)
    assert await connections(database) == limits.delivery.POSTGRES_CONNECTIONS_MAX
    await transport.close()
    while await connections(database):  # the server takes a moment to notice; the test's own limit ends this
        pass


async def test_send_when_the_answer_does_not_come_in_time_then_a_failure_and_the_next_gets_a_new_connection(
    database: Database,
) -> None:
    transport = PostgresTransport(allow_private=True)
    parameters = {"host": "127.0.0.1", "port": str(database.port), "dbname": "postgres", "user": "headwater"}
    parameters |= {"password": database.password}
    late = await transport.send(Rows(parameters, (("SELECT pg_sleep(30)", ()),), 0.3))
    assert isinstance(late, Failure)
    assert (late.reason, late.lasting) == ("ETIMEDOUT", False)
    assert await transport.send(Rows(parameters, (("SELECT 1", ()),), 5.0)) == Written()
    await transport.close()


async def test_send_when_the_server_has_ended_a_kept_connection_then_tried_again_later(database: Database) -> None:
    async with Driven("postgres", database.settings) as driven:
        assert await driven.test() == WRITTEN
        await query(
            database, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'headwater'"
        )
        outcome = await driven.test()
        assert outcome == WRITTEN or isinstance(outcome, RetryLater)
        assert await driven.test() == WRITTEN
