"""Postgres: events as rows, written once however often they come, and rows of one's own tables."""

import re
from collections.abc import Callable, Hashable, Mapping, Sequence
from functools import partial
from typing import Annotated, Any, Final, Literal, NamedTuple

import msgspec

from headwater import limits
from headwater.destinations.kit.answers import each
from headwater.destinations.kit.common_fields import (
    ANONYMOUS_ID,
    EVERYTHING,
    GROUP_ID,
    MESSAGE_ID,
    PROPERTIES,
    TIMESTAMP,
    TRAITS,
    USER_ID,
    first,
    like,
    path,
)
from headwater.destinations.kit.deletion import Deletion
from headwater.destinations.kit.exchange import ask, same_for_all
from headwater.destinations.kit.instants import unix_ms
from headwater.destinations.kit.model import (
    Action,
    Answer,
    Attempt,
    Batch,
    Delivered,
    DestinationType,
    Exchange,
    Failure,
    Item,
    Outcome,
    Pace,
    Perform,
    Preset,
    Response,
    Rows,
    Written,
)
from headwater.destinations.kit.names import snake
from headwater.destinations.kit.outcome import failed
from headwater.destinations.kit.settings import Secret, Settings, only_when
from headwater.destinations.kit.sql import NAME_BYTES_MAX, cut, quoted, text, upsert
from headwater.errors import Problem
from headwater.event import instant
from headwater.mapping.fields import Field
from headwater.units import MIB

_HOST: Final = re.compile(r"[^\s/,@:\[\]]+|[0-9a-fA-F:.]+")
"""A name or an address; IPv6 without brackets."""

TIMEOUT_S: Final = 30.0

WRITTEN: Final = Delivered("written")

_CALENDAR_MS: Final = range(-62_135_596_800_000, 253_402_300_800_000)
"""From the year 1 to 9999, Unix milliseconds."""

TABLES: Final = {
    "identify": "identifies",
    "track": "tracks",
    "page": "pages",
    "screen": "screens",
    "group": "groups",
    "alias": "aliases",
}


class PostgresSettings(Settings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    host: str
    port: Annotated[int, msgspec.Meta(ge=1, le=65_535)] = 5432
    database: str
    user: str
    password: Secret = ""
    tls: Literal["verify", "require", "off"] = "verify"
    """`verify`: encrypted, and the certificate must be the host's. `require`: encrypted, whoever it is."""
    ca_certificate: Annotated[str, only_when("tls", "verify")] = ""
    """PEM, of the authority that signed the server's certificate; empty: those that this machine trusts."""
    schema: str = "public"
    """It must be there."""
    layout: Literal["one_table", "by_type", "by_event"] = "one_table"
    """All in `table`; or in `tracks`, `pages`, …; or of track calls each name in a table of its own."""
    table: Annotated[str, only_when("layout", "one_table")] = "events"
    create_tables: bool = True
    """Tables that are missing are made. Not those of `upsert_rows`, which are yours."""


class Column(NamedTuple):
    name: str
    type: str
    constraint: str = ""


EVENT_COLUMNS: Final = (
    Column("message_id", "text", "PRIMARY KEY"),
    Column("type", "text", "NOT NULL"),
    Column("event", "text"),
    Column("user_id", "text"),
    Column("anonymous_id", "text"),
    Column("group_id", "text"),
    Column("timestamp", "timestamptz"),
    Column("properties", "jsonb"),
    Column("traits", "jsonb"),
    Column("context", "jsonb"),
    Column("source", "text"),
    Column("received_at", "timestamptz", "NOT NULL"),
)
"""The first ten are fields of the action."""


# --- settings ---------------------------------------------------------------------------------------------


def problems(settings: PostgresSettings) -> list[Problem]:
    found = []
    if not _HOST.fullmatch(settings.host):
        found.append(Problem("expected the name or the address of a host, and nothing else", "host"))
    for name in ("database", "user"):
        value = getattr(settings, name)
        if not value.strip() or "\0" in value:
            found.append(Problem("is empty", name))
    for name in ("schema", "table"):
        value = getattr(settings, name)
        if not 0 < len(value.encode()) <= NAME_BYTES_MAX or "\0" in value:
            found.append(Problem(f"expected a name of at most {NAME_BYTES_MAX} bytes", name))
    if settings.ca_certificate and "-----BEGIN CERTIFICATE-----" not in settings.ca_certificate:
        found.append(Problem("expected PEM: -----BEGIN CERTIFICATE----- …", "ca_certificate"))
    if settings.ca_certificate and settings.tls != "verify":
        found.append(Problem("means nothing unless `tls` is `verify`", "ca_certificate"))
    return found


def _connection(settings: PostgresSettings) -> dict[str, str]:
    """What libpq calls it."""
    connection = {
        "host": settings.host,
        "port": str(settings.port),
        "dbname": settings.database,
        "user": settings.user,
        "sslmode": {"verify": "verify-full", "require": "require", "off": "disable"}[settings.tls],
    }
    if settings.password:
        connection["password"] = settings.password
    if settings.tls == "verify":
        connection["sslrootcert"] = settings.ca_certificate or "system"
    return connection


# --- events -----------------------------------------------------------------------------------------------


def insert_events(settings: PostgresSettings) -> Perform:
    def perform(items: Sequence[Item], _: Attempt) -> Exchange:
        table = _table(settings, items[0].payload)
        names = [column.name for column in EVENT_COLUMNS]
        rows = [_event_row(item) for item in items]
        # Each in the order of its key, so that two batches cannot wait for each other.
        order = sorted(range(len(rows)), key=lambda index: str(rows[index][0]))
        statement = upsert(settings.schema, table, names, ["message_id"])
        call = _rows(settings, statement, [rows[index] for index in order])
        answer = yield from ask(call)
        if settings.create_tables and isinstance(answer, Failure) and answer.reason == "404":
            made = yield from ask(_rows_of(settings, _create(settings.schema, table)))
            answer = (yield from ask(call)) if isinstance(made, Written) else made
        return _outcomes(items, order, answer)

    return perform


def _table(settings: PostgresSettings, payload: Mapping[str, Any]) -> str:
    if payload.get("table"):
        return cut(payload["table"])
    if settings.layout == "one_table":
        return settings.table
    named = snake(payload.get("event") or "") if payload["type"] == "track" else ""
    if settings.layout == "by_event" and named:
        return cut(named)
    return TABLES.get(payload["type"], settings.table)


def _event_row(item: Item) -> tuple[str | None, ...]:
    of = item.payload
    known: dict[str, Any] = {
        "timestamp": _instant(of.get("timestamp")),
        "source": item.event.source,
        "received_at": instant(item.event.received_at_ms),
    }
    return tuple(
        text(known[column.name] if column.name in known else of.get(column.name)) for column in EVENT_COLUMNS
    )


def _instant(value: Any) -> str | None:
    """None of what no calendar has."""
    at_ms = unix_ms(value)
    return instant(at_ms) if at_ms is not None and at_ms in _CALENDAR_MS else None


def _create(schema: str, table: str) -> tuple[tuple[str, tuple[tuple[str, ...], ...]], ...]:
    columns = ", ".join(
        f"{quoted(name)} {type_} {constraint}".rstrip() for name, type_, constraint in EVENT_COLUMNS
    )
    lock = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))"
    return (
        # IF NOT EXISTS alone can fail when two make the same table at the same moment.
        (lock, ((f"headwater {schema}.{table}",),)),
        (f"CREATE TABLE IF NOT EXISTS {quoted(schema)}.{quoted(table)} ({columns})", ()),
    )


# --- deletion ---------------------------------------------------------------------------------------------

_FORGET: Final = """DO $$ DECLARE of_events regclass; BEGIN
FOR of_events IN SELECT c.oid::regclass FROM pg_class c WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition
  AND c.relnamespace = current_setting('headwater.schema')::regnamespace
  AND (SELECT count(*) FROM pg_attribute a WHERE a.attrelid = c.oid AND NOT a.attisdropped
       AND a.attname = ANY (current_setting('headwater.columns')::text[])) = {columns}
LOOP EXECUTE 'DELETE FROM ' || of_events || ' WHERE user_id = $1' USING current_setting('headwater.user_id');
END LOOP; END $$"""
"""A block takes no parameters: they come as settings of the transaction."""


def deletions(settings: PostgresSettings) -> Callable[[Deletion, Attempt], Exchange]:
    """From every table of the schema that has the columns of events, whatever `layout` was when it was made."""
    names = [column.name for column in EVENT_COLUMNS]

    def perform(deletion: Deletion, _: Attempt) -> Exchange:
        told = {
            "headwater.schema": quoted(settings.schema).replace("%%", "%"),
            "headwater.columns": "{" + ",".join(names) + "}",
            "headwater.user_id": deletion.user_id,
        }
        statements = (
            ("SELECT set_config(%s, %s, true)", tuple(told.items())),
            (_FORGET.replace("{columns}", str(len(names))), ()),
        )
        answer = yield from ask(_rows_of(settings, statements))
        return [_outcome(answer)]

    return perform


# --- rows of one's own ------------------------------------------------------------------------------------


def upsert_rows(settings: PostgresSettings) -> Perform:
    def perform(items: Sequence[Item], _: Attempt) -> Exchange:
        shape = items[0].payload
        keys, columns = list(shape["key"]), [name for name in shape.get("columns", {}) if name not in shape["key"]]
        rows = [
            tuple(text((item.payload.get("columns", {}) | item.payload["key"])[name]) for name in keys + columns)
            for item in items
        ]
        # Stable: changes of the same row stay in the order of their events.
        order = sorted(range(len(rows)), key=lambda index: [str(value) for value in rows[index][: len(keys)]])
        statement = upsert(settings.schema, cut(shape["table"]), keys + columns, keys)
        answer = yield from ask(_rows(settings, statement, [rows[index] for index in order]))
        return _outcomes(items, order, answer)

    return perform


def _shape(payload: Mapping[str, Any]) -> Hashable:
    """Rows of one statement have the same table and columns."""
    return payload["table"], tuple(payload["key"]), tuple(payload.get("columns", {}))


# --- calls and outcomes -----------------------------------------------------------------------------------


def _rows(settings: PostgresSettings, statement: str, rows: Sequence[tuple[Any, ...]]) -> Rows:
    return _rows_of(settings, ((statement, tuple(rows)),))


def _rows_of(settings: PostgresSettings, statements: tuple[tuple[str, tuple[tuple[Any, ...], ...]], ...]) -> Rows:
    return Rows(_connection(settings), statements, TIMEOUT_S)


def _outcomes(items: Sequence[Item], order: Sequence[int], answer: Answer) -> list[Outcome]:
    """`order`: of which item each row is."""
    if isinstance(answer, Failure):
        return same_for_all(items, failed(answer))
    assert isinstance(answer, Written)
    return each(items, {order[row]: failed(why) for row, why in answer.failures.items()}, WRITTEN)


def _outcome(answer: Answer) -> Outcome:
    """Of a call that is done whole or not at all."""
    assert not isinstance(answer, Response)
    if isinstance(answer, Written) and answer.failures:
        answer = next(iter(answer.failures.values()))
    return failed(answer) if isinstance(answer, Failure) else WRITTEN


def test(settings: PostgresSettings, _: Attempt) -> Exchange:
    """The schema must be there, and somebody must let us in."""
    answer = yield from ask(_rows(settings, "SELECT quote_ident(%s)::regnamespace", [(settings.schema,)]))
    return [_outcome(answer)]


TYPE = DestinationType(
    name="postgres",
    label="Postgres",
    category="storage",
    description="Events as rows of a Postgres database, and rows of your own tables.",
    settings=PostgresSettings,
    problems=problems,
    test=test,
    actions=(
        Action(
            name="insert_events",
            label="Insert events",
            description="Each event as a row, once: its message id is the key.",
            perform=insert_events,
            fields=(
                like(MESSAGE_ID, required=True),
                Field(name="type", label="Type", type="string", required=True, default=path("$.type")),
                Field(name="event", label="Name", type="string", default=first("$.event", "$.name")),
                USER_ID,
                ANONYMOUS_ID,
                like(GROUP_ID, required=False, default=path("$.groupId")),
                TIMESTAMP,
                PROPERTIES,
                TRAITS,
                Field(name="context", label="Context", type="object", default=path("$.context")),
                Field(
                    name="table",
                    label="Table",
                    type="string",
                    description="Instead of the one that `layout` says.",
                ),
            ),
            batch=lambda settings: Batch(
                items_max=1_000,
                bytes_max=4 * MIB,
                wait_s=0.2,
                key=partial(_table, settings),
                person_order=False,
            ),
        ),
        Action(
            name="upsert_rows",
            label="Upsert rows",
            description="A row of a table of yours: made, or changed if its key is there.",
            perform=upsert_rows,
            fields=(
                Field(name="table", label="Table", type="string", required=True),
                Field(
                    name="key",
                    label="Key",
                    type="object",
                    required=True,
                    description="Columns that a primary key or unique index is made of, with their values.",
                ),
                Field(
                    name="columns",
                    label="Columns",
                    type="object",
                    description="Other columns with their values; objects and lists as JSON.",
                ),
            ),
            batch=Batch(items_max=1_000, bytes_max=4 * MIB, wait_s=0.2, key=_shape),
        ),
    ),
    deletions=deletions,
    pace=Pace(concurrency=limits.delivery.POSTGRES_CONNECTIONS_MAX),
    presets=(Preset(name="Everything", action="insert_events", trigger=EVERYTHING),),
)
