"""A workspace with definitions, a log in which everything happens to people that can, and what becomes of it."""

import contextlib
import json
from pathlib import Path
from typing import Any

import pytest
from flowing import collect, drain, outbound_events, put

from headwater import limits
from headwater.aggregation import decisions, tables
from headwater.config.loader import complete, load
from headwater.config.workspace import Workspace
from headwater.destinations import registry
from headwater.event import CollectedRequest, OutboundEvent, encode_collected
from headwater.profiles.embedded import embedded

START_MS = 1_767_225_600_000
"""2026-01-01T00:00:00Z."""
HOUR, DAY = 3_600_000, 86_400_000

WORKSPACE = """
workspace: shop
settings: {lake_visible_s: 0.05}
sources: [{name: website, write_key: wk_website}]
destinations:
  - {name: crm, type: webhook, settings: {url: "https://crm.example.com/hook"}}
  - {name: ads, type: webhook, dedupes_on: email, settings: {url: "https://ads.example.com/hook"}}
traits:
  - {key: orders, kind: event_count, event: Order, destinations: [{name: crm}]}
  - {key: spent_7d, kind: sum, event: Order, property: total, within: 7d, destinations: [{name: crm}]}
  - {key: shops, kind: unique_list, event: Order, property: shop}
audiences:
  - key: buyers
    where: {event: Order, count: {op: ">=", value: 2}, within: 7d}
    destinations: [{name: crm}, {name: ads, send: [track]}]
  - {key: vips, where: {all: [{audience: buyers}, {trait: plan, value: gold}]}, destinations: [{name: ads}]}
  - {key: returned, where: {sequence: [{event: Seen}, {event: Order}], within: 2d}}
  - {key: alive, collection: accounts, where: {users: {any: {event: Order}}}, destinations: [{name: crm}]}
"""

LASTING = tuple(table for table in tables.ALL if table not in {tables.SWEEPS, tables.AUDIENCE_SIZES})
"""What follows from the log alone, to the byte. How far a sweep was, and sizes by the hour, tell when somebody
looked.
"""

Tables = dict[str, dict[bytes, bytes]]


def workspace() -> Workspace:
    return complete(load(WORKSPACE, registry), None, 1)


def batch(at_ms: int, *events: dict[str, Any]) -> bytes:
    """A record of the collected log; each event is a track call when it does not say."""
    body = json.dumps({"batch": [{"type": "track", **event} for event in events]}).encode()
    return encode_collected(
        CollectedRequest(START_MS + at_ms, "website", "batch", "", "", False, body, len(events), len(body))
    )


def tick(at_ms: int) -> bytes:
    return encode_collected(decisions.as_tick(START_MS + at_ms))


def order(message_id: str, total: int, shop: str = "north", **ids: Any) -> dict[str, Any]:
    return {"event": "Order", "messageId": message_id, "properties": {"total": total, "shop": shop}, **ids}


def log() -> list[bytes]:
    """Strangers, sign-ins, a merge by mistake that is undone, windows that close, a late event, a deserved merge.
    It ends with an event, so that a rebuild, which knows no ticks, ends at the same clock.
    """
    ann, bob = "first", "bob-first"
    undo = decisions.Unmerge(
        tables.segment_id(tables.profile_key("users", ann, 0, 0)),
        "mistake",
        tables.segment_id(tables.profile_key("users", bob, 1, 0)),
    )
    agreed = {"plan": "gold", "email": "ann@x.org"}
    return [
        batch(
            0,
            {"event": "Seen", "messageId": ann, "anonymousId": "a1"},
            order("o1", 5, anonymousId="a1"),
            {"type": "identify", "messageId": "i1", "anonymousId": "a1", "userId": "ann", "traits": agreed},
        ),
        batch(
            HOUR,
            {"type": "identify", "messageId": bob, "anonymousId": "b1", "traits": {"email": "bob@x.org"}},
            order("o2", 7, "south", anonymousId="b1"),
            {"type": "group", "messageId": "g1", "userId": "ann", "groupId": "acme", "traits": {"name": "Acme"}},
        ),
        batch(2 * HOUR, {"event": "Shared", "messageId": "mistake", "userId": "ann", "anonymousId": "b1"}),
        batch(3 * HOUR, order("o3", 11, userId="ann"), order("o4", 13, "south", anonymousId="b1")),
        encode_collected(decisions.as_record(undo, START_MS + 4 * HOUR)),
        tick(5 * HOUR),
        batch(DAY, {"event": "Shared", "messageId": "again", "userId": "ann", "anonymousId": "b1"}),
        tick(7 * DAY),
        tick(8 * DAY),
        batch(9 * DAY, order("late", 17, "west", userId="ann", timestamp="2026-01-09T00:00:00Z")),
        batch(
            10 * DAY, order("o5", 19, anonymousId="a2"), {"event": "Seen", "messageId": "s2", "anonymousId": "a2"}
        ),
        batch(11 * DAY, {"event": "Signed In", "messageId": "deserved", "userId": "ann", "anonymousId": "a2"}),
        tick(20 * DAY),
        batch(21 * DAY, {"event": "Seen", "messageId": "last", "userId": "cleo"}),
    ]


def collect_all(data: Path) -> int:
    """The log, in a folder that has the workspace; how many records it has."""
    put(data, workspace())
    records = log()
    collect(data, *records)
    return len(records)


def drain_singly(data: Path) -> None:
    """One record at a time, as a pipeline does that is never behind."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(limits.processing, "MICRO_BATCH_BYTES_MAX", 1)
        drain(data)


def tables_of(data: Path) -> Tables:
    with contextlib.closing(embedded(data).state()) as state:
        return {table: dict(state.scan(table)) for table in LASTING}


def told(data: Path) -> list[OutboundEvent]:
    """Everything that was made for destinations, in order."""
    with contextlib.closing(embedded(data).outbound()) as log:
        return [event for event in outbound_events(log) if event.destinations]
