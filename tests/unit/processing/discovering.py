"""Flowing events with any payload, and what discover makes of them."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from arriving import RECEIVED_MS, context
from msgspec import Raw

from headwater.event import Event
from headwater.flow import Effects, run_stage
from headwater.flowing import FlowingEvent
from headwater.processing import discover, schema
from headwater.processing.schema import EventKey, SeenEvent, SeenSource
from headwater.state.port import Table

Rows = dict[bytes, bytes | None]


class Stored:
    """Rows, as a state holds them."""

    def __init__(self, rows: Mapping[bytes, bytes | None]) -> None:
        self._rows = rows

    def get_many(self, table: Table, keys: Sequence[bytes]) -> list[bytes | None]:
        assert table == schema.TABLE
        return [self._rows.get(key) for key in keys]


def flowing(
    payload: Any = None,
    *,
    call: str = "track",
    event: str = "A",
    source: str = "website",
    at_ms: int = RECEIVED_MS,
) -> FlowingEvent:
    """`payload`: JSON text, or what becomes it."""
    raw = Raw((payload if isinstance(payload, str) else msgspec.json.encode(payload or {}).decode()).encode())
    member = "traits" if call in {"identify", "group"} else "properties"
    named = {"track": "event", "page": "name", "screen": "name"}.get(call)
    body = Event(call, "m1", user_id="u1", **{member: raw}, **({named: event} if named else {}))  # type: ignore[arg-type]
    return FlowingEvent(0, 0, source, at_ms, at_ms, None, None, body)


def discovered(*batches: Sequence[FlowingEvent]) -> Rows:
    """The rows after these micro-batches, each committed before the next one."""
    rows: Rows = {}
    for batch in batches:
        effects = Effects(Stored(rows))
        assert run_stage(discover.STAGE, batch, context(), effects) == list(batch)
        assert not effects.dead
        rows |= effects.changes.get(schema.TABLE, {})
    return rows


def events_in(rows: Rows) -> dict[EventKey, SeenEvent]:
    return {schema.event_of(key): schema.decode_event(row) for key, row in rows.items() if row and key[:1] == b"e"}


def source_in(rows: Rows, name: str = "website") -> SeenSource:
    row = rows[schema.source_key(name)]
    assert row
    return schema.decode_source(row)


def types_of(event: SeenEvent) -> dict[str, dict[str, int]]:
    return {
        path: {type_: count for type_, count in zip(schema.TYPES, found.counts, strict=True) if count}
        for path, found in event.properties.items()
    }
