"""A data folder as the version before dedupe, traces and plans left it: fewer tables, columns and fields."""

import contextlib
import sqlite3
import struct
from pathlib import Path

import lz4.block
import msgspec
import pyarrow.parquet as pq
from flowing import collect, put, request, workspace
from rocksdict import Rdict

from headwater.config.workspace import Destination
from headwater.event import OutboundEvent
from headwater.log.port import Producer
from headwater.profiles.embedded import embedded
from headwater.state.rocksdb import table_options

COLLECTED = 3
"""Requests that were processed; each brought two events and a dead letter."""

DELIVERY = """
CREATE TABLE positions (destination TEXT PRIMARY KEY, next_offset INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE jobs (
  id                 INTEGER PRIMARY KEY AUTOINCREMENT,
  destination        TEXT NOT NULL,
  event              BLOB NOT NULL,
  attempts           INTEGER NOT NULL,
  first_failed_at_ms INTEGER NOT NULL,
  due_at_ms          INTEGER NOT NULL,
  reason             TEXT NOT NULL,
  message            TEXT NOT NULL
) STRICT;
CREATE TABLE dead_letters (
  id                 INTEGER PRIMARY KEY AUTOINCREMENT,
  destination        TEXT NOT NULL,
  event              BLOB NOT NULL,
  attempts           INTEGER NOT NULL,
  first_failed_at_ms INTEGER NOT NULL,
  died_at_ms         INTEGER NOT NULL,
  reason             TEXT NOT NULL,
  message            TEXT NOT NULL
) STRICT;
CREATE TABLE counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
"""

RECEIVED_MS = 1_767_323_045_678


def older_folder(data: Path) -> None:
    hook = Destination(name="hook", type="webhook", settings={"url": "http://127.0.0.1:9/x"})
    put(data, msgspec.structs.replace(workspace(), destinations=(hook,)))
    collect(data, *[_without_last(request(n), fields=9) for n in range(COLLECTED)])
    events = [_event(number, index) for number in range(COLLECTED) for index in range(2)]
    records = [_outbound(events[at : at + 2]) for at in range(0, len(events), 2)]
    with contextlib.closing(embedded(data).outbound()) as outbound:
        outbound.append(records, events=len(events), producer=Producer("pipeline", COLLECTED))
    _lake(data, events)
    _state(data)
    _delivery(data, events)


def _event(number: int, index: int) -> OutboundEvent:
    received_ms = RECEIVED_MS + number
    id_ = f"{number}.{index}"
    body = b'{"type":"track","messageId":"%s","userId":"u%d","event":"A"}' % (id_.encode(), index)
    user = f"u{index}"
    times = received_ms, received_ms, None, None
    return OutboundEvent(number, index, id_, "track", "A", None, user, None, None, None, "website", *times, body)


def _without_last(record: bytes, *, fields: int) -> bytes:
    return msgspec.msgpack.encode(msgspec.msgpack.decode(record)[:fields])


def _old_event(event: OutboundEvent) -> bytes:
    return _without_last(msgspec.msgpack.encode(event), fields=16)


def _outbound(events: list[OutboundEvent]) -> bytes:
    old = [msgspec.msgpack.decode(_old_event(event)) for event in events]
    return bytes(lz4.block.compress(msgspec.msgpack.encode(old)))


def _lake(data: Path, events: list[OutboundEvent]) -> None:
    lake = embedded(data).lake()
    lake.write(0, COLLECTED - 1, [lake.pack(events)])
    for path in lake.files():
        pq.write_table(pq.read_table(path).drop_columns(["trace"]), path)


def _state(data: Path) -> None:
    names = ("meta", "dead_letters", "counters")
    families = {name: table_options() for name in names}
    database = Rdict(str(data / "state"), options=table_options(), column_families=families)
    meta, letters, counters = (database.get_column_family(name) for name in names)
    meta[b"position"] = struct.pack(">Q", COLLECTED)
    bad = b'{"type": "track", "event": "A"}'
    poisoned = b'{"type":"track","messageId":"poisoned","event":"A","userId":"u9"}'
    for number in range(COLLECTED):
        why = "normalise", "no_user_anon_id", "userId or anonymousId is required"
        row = [number, 2, *why, "website", "batch", RECEIVED_MS + number, bad, 1]
        letters[struct.pack(">Qi", number, 2)] = msgspec.msgpack.encode(row)
    row = [2, 0, "plan", "poison", "ValueError()", "website", "event", RECEIVED_MS, poisoned, 1]
    letters[struct.pack(">Qi", 2, 0)] = msgspec.msgpack.encode(row)
    for outcome, count in (("accepted", 2 * COLLECTED), ("no_user_anon_id", COLLECTED), ("poison", 1)):
        counters[b"events\0website\0" + outcome.encode()] = struct.pack(">Q", count)
    del meta, letters, counters
    database.close()


def _delivery(data: Path, events: list[OutboundEvent]) -> None:
    with contextlib.closing(sqlite3.connect(data / "delivery.db")) as database, database:
        database.execute("PRAGMA journal_mode = WAL")
        database.executescript(DELIVERY)
        database.execute("INSERT INTO positions VALUES ('hook', 1)")
        for table, event in (("jobs", events[0]), ("dead_letters", events[1])):
            row = "hook", _old_event(event), 1, 1, 1, "TIMEOUT", ""
            database.execute(f"INSERT INTO {table} VALUES (NULL, ?, ?, ?, ?, ?, ?, ?)", row)
