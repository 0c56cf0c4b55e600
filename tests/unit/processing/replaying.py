"""All stages over a state in memory, one micro-batch per call: what the pipeline does without its files."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec
from arriving import context

from headwater.event import CollectedRequest, OutboundEvent
from headwater.flow import DROPPED, Context, DeadLetter, Dropped, Effects, Stage, dropped_prefix, run_stage
from headwater.flowing import Arrival
from headwater.pipeline import AFTER_DEDUPE, STAGES
from headwater.processing import dead_letters
from headwater.state.port import Table


class Memory:
    """Tables as dictionaries."""

    def __init__(self) -> None:
        self.tables: dict[Table, dict[bytes, bytes]] = {}

    def get_many(self, table: Table, keys: Sequence[bytes]) -> list[bytes | None]:
        return [self.tables.get(table, {}).get(key) for key in keys]

    def scan(self, table: Table, prefix: bytes = b"", **_: Any) -> Any:
        return (
            (key, value) for key, value in sorted(self.tables.get(table, {}).items()) if key.startswith(prefix)
        )


class Batch(NamedTuple):
    accepted: list[OutboundEvent]
    letters: list[DeadLetter]
    counts: dict[tuple[str, str], int]


class Stages:
    def __init__(self, workspace: Context | None = None) -> None:
        self.state = Memory()
        self.context = workspace or context()
        self.offset = 0

    def run(self, *requests: CollectedRequest, stages: Sequence[Stage] = STAGES) -> Batch:
        arrivals = [Arrival(self.offset + at, request) for at, request in enumerate(requests)]
        effects = Effects(self.state)
        items: list[Any] = list(arrivals)
        for stage in stages:
            items = run_stage(stage, items, self.context, effects)
        letters = dead_letters.completed(effects.dead, arrivals, after_dedupe={*AFTER_DEDUPE, "picky"})
        dead_letters.add(letters, effects)
        for table, rows in effects.changes.items():
            kept = self.state.tables.setdefault(table, {})
            for key, value in rows.items():
                if value is None:
                    kept.pop(key, None)
                else:
                    kept[key] = value
        self.offset += len(requests)
        return Batch(items, letters, dict(effects.counts))

    @property
    def letters(self) -> list[DeadLetter]:
        """Those on the shelf, oldest first."""
        return [msgspec.msgpack.decode(row, type=DeadLetter) for _, row in self.state.scan(dead_letters.TABLE)]

    def fates(self, message_id: str) -> list[tuple[str, str, str]]:
        """(stage, reason, fate) of what did not go further."""
        rows = [
            msgspec.msgpack.decode(row, type=Dropped)
            for _, row in self.state.scan(DROPPED, dropped_prefix(message_id))
        ]
        return [(row.stage, row.reason, row.fate) for row in rows]


def picky(message_id: str | None) -> tuple[Stage, ...]:
    """The stages with one more, right before the last, that cannot bear this event."""

    def run(items: Sequence[Any], context: Context, effects: Effects) -> list[Any]:
        if any(flowing.event.message_id == message_id for flowing in items):
            raise ZeroDivisionError
        return list(items)

    from headwater.flow import bury_event

    return (*STAGES[:-1], Stage("picky", run, bury_event("picky")), STAGES[-1])
