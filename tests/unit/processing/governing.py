"""Events held to a plan: builders, and what became of them."""

import json
from typing import Any, NamedTuple

from arriving import request

from headwater.config.loader import complete, load
from headwater.config.workspace import Workspace
from headwater.destinations import registry
from headwater.flow import Context, Effects, run_stage
from headwater.flowing import Arrival, FlowingEvent, encode_event
from headwater.processing import govern, normalise, violations
from headwater.state.port import Table

SOURCE = "web"


def workspace(plan: dict[str, Any] | None = None, **source: Any) -> Workspace:
    """A source `web` with this plan, and another one, as a file would say it."""
    if plan is not None:
        source = {"tracking_plan": "p", **source}
    hooks = [{"name": n, "type": "webhook", "settings": {"url": "https://example.com"}} for n in ("crm", "ads")]
    said = {
        "workspace": "shop",
        "sources": [{"name": SOURCE, "write_key": "wk_web", **source}, {"name": "other", "write_key": "wk_other"}],
        "destinations": hooks,
        "tracking_plans": [] if plan is None else [{"name": "p", **plan}],
    }
    return complete(load(json.dumps(said), registry), None)


def rule(schema: dict[str, Any], *, event: str = "A", **fields: Any) -> dict[str, Any]:
    """A track rule about `properties`."""
    return {"type": "track", "event": event, "schema": {"properties": {"properties": schema}}, **fields}


class Governed(NamedTuple):
    passed: list[FlowingEvent]
    effects: Effects

    @property
    def bodies(self) -> list[dict[str, Any]]:
        return [json.loads(encode_event(flowing.event, flowing.extra)) for flowing in self.passed]

    @property
    def traces(self) -> list[dict[str, Any]]:
        return [json.loads(flowing.trace) for flowing in self.passed]

    @property
    def counted(self) -> list[violations.Counted]:
        rows = self.effects.changes.get(violations.TABLE, {})
        return [violations.decode_counted(row) for key, row in rows.items() if row and not key.startswith(b"\0")]


def arrived(used: Workspace, *events: Any, received_at_ms: int | None = None) -> list[FlowingEvent]:
    """Events as normalise hands them on; text goes in as it is written."""
    texts = [event if isinstance(event, str) else json.dumps(event) for event in events]
    body = '{"batch":[' + ",".join(texts) + "]}"
    times = {} if received_at_ms is None else {"received_at_ms": received_at_ms}
    arrival = Arrival(0, request(body, source=SOURCE, events=len(events), **times))
    return run_stage(normalise.STAGE, [arrival], Context(used), Effects())


def governed(used: Workspace, *events: Any, effects: Effects | None = None, **times: int) -> Governed:
    effects = Effects() if effects is None else effects
    return Governed(run_stage(govern.STAGE, arrived(used, *events, **times), Context(used), effects), effects)


class Rows:
    """A state of plain dictionaries: what the effects of one batch leave for the next."""

    def __init__(self) -> None:
        self.tables: dict[Table, dict[bytes, bytes]] = {}

    def get_many(self, table: Table, keys: Any) -> list[bytes | None]:
        rows = self.tables.get(table, {})
        return [rows.get(key) for key in keys]

    def commit(self, effects: Effects) -> None:
        for table, rows in effects.changes.items():
            for key, row in rows.items():
                assert row is not None
                self.tables.setdefault(table, {})[key] = row
