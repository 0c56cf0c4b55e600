"""A profile that lives through events, in memory: what the pipeline does for compute, without everything else."""

import json
from bisect import insort
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from operator import attrgetter
from typing import Any

import msgspec

from headwater.aggregation import tables
from headwater.aggregation.changes import Change, Reason
from headwater.aggregation.compute.entry import Entry
from headwater.aggregation.compute.program import Program
from headwater.aggregation.tables import Computed, Trait
from headwater.definitions import ast
from headwater.event import Event
from headwater.flowing import FlowingEvent

HOUR = 3_600_000
DAY = 24 * HOUR
START_MS = 1_767_225_600_000
"""2026-01-01T00:00Z: the clock before anything has happened."""

_decode_event = msgspec.json.Decoder(Event).decode


@dataclass(frozen=True)
class Sent:
    """An event as it is sent."""

    at_ms: int = START_MS
    """Effective time."""
    call: str = "track"
    name: str | None = "Order"
    payload: dict[str, Any] = field(default_factory=dict)
    """Properties; of identify and group, traits."""
    source: str = "web"
    context: dict[str, Any] = field(default_factory=dict)
    received_ms: int | None = None
    """None: at once."""

    @property
    def arrives_ms(self) -> int:
        return self.at_ms if self.received_ms is None else max(self.received_ms, self.at_ms)

    def event(self, message_id: str) -> dict[str, Any]:
        has_traits = self.call in {"identify", "group"}
        at = datetime.fromtimestamp(self.at_ms / 1000, UTC).isoformat(timespec="milliseconds")
        event: dict[str, Any] = {"type": self.call, "messageId": message_id, "userId": "u1"}
        if self.call == "track":
            event["event"] = self.name
        elif self.call in {"page", "screen"}:
            event["name"] = self.name
        event["traits" if has_traits else "properties"] = self.payload
        event["context"] = self.context
        event["timestamp"] = at.replace("+00:00", "Z")
        return {key: value for key, value in event.items() if value is not None}


class Life:
    """One profile. Everything computed goes through its bytes between two events, as it does in the pipeline."""

    def __init__(
        self, definitions: Sequence[ast.Definition], collection: str = "users", *, version: int | None = None
    ) -> None:
        self.program = program(definitions)
        self.collection = collection
        self.profile = tables.profile_key(collection, "m", 0, 0)
        self.computed = Computed(version=self.program.version if version is None else version)
        self.traits: dict[str, Trait] = {}
        self.history = self
        self.rows: list[tuple[tuple[int, int, int], int, bytes]] = []
        """Place, kind, row of the history."""
        self.counts: dict[str, bytes] = {}
        self.clock_ms = START_MS
        self.changes: list[Change] = []
        self.scanned = 0
        """Rows of the history that were looked at."""
        self.live: dict[tuple[int, int, int], Entry] = {}

    # --- what compute asks of it --------------------------------------------------------------------------------

    def entries(self, start_ms: int, end_ms: int, kinds: frozenset[int] | None) -> Iterator[Entry]:
        for place, kind, row in list(self.rows):
            if start_ms <= place[0] < end_ms and (kinds is None or kind in kinds):
                self.scanned += 1
                yield self.live.get(place) or Entry.of_row(tables.HistoryPlace(*place), row)

    def collected(self, aggregate: str) -> dict[str, int]:
        packed = self.counts.get(aggregate)
        return {} if packed is None else dict(msgspec.msgpack.decode(packed))

    def set_collected(self, aggregate: str, counts: dict[str, int]) -> None:
        if counts:
            self.counts[aggregate] = msgspec.msgpack.encode(counts)
        else:
            self.counts.pop(aggregate, None)

    # --- what happens to it -------------------------------------------------------------------------------------

    def sent(self, sent: Sent, offset: int, index: int = 0) -> list[Change]:
        """An event arrives."""
        changes = self.wait(max(self.clock_ms, sent.arrives_ms))
        entry, changed = self.keep(sent, offset, index)
        caused = self.program.apply(self, entry, self.clock_ms, changed)
        self.packed()
        self.live.clear()
        self.changes += caused
        return changes + caused

    def keep(self, sent: Sent, offset: int, index: int = 0) -> tuple[Entry, set[str]]:
        """Only its history and traits learn of it."""
        body = json.dumps(sent.event(f"m{offset}.{index}")).encode()
        event = _decode_event(body)
        flowing = FlowingEvent(offset, index, sent.source, sent.arrives_ms, sent.at_ms, None, None, event)
        entry = Entry.of_flowing(flowing, sent.at_ms)
        row = tables.history_row(entry.kind, sent.arrives_ms, sent.source, body)
        insort(self.rows, (entry.place, entry.kind, row))
        self.live[entry.place] = entry
        carries = {"users": "identify", "accounts": "group"}[self.collection]
        changed = set()
        for key, value in sent.payload.items() if sent.call == carries else ():
            known = self.traits.get(key)
            if known is None or (known.at_ms, known.offset, known.index) < entry.place:
                changed.add(key)
                self.traits[key] = Trait(value, *entry.place, sent.source)
        return entry, changed

    def wait(self, now_ms: int) -> list[Change]:
        """The clock moves on."""
        self.clock_ms = max(self.clock_ms, now_ms)
        caused = self.program.advance(self, self.clock_ms)
        self.packed()
        self.changes += caused
        return caused

    def defined(self, definitions: Sequence[ast.Definition]) -> list[Change]:
        """From now on it is these."""
        self.program = program(definitions)
        caused = self.program.refresh(self, self.clock_ms)
        self.packed()
        self.changes += caused
        return caused

    def rebuilt(self) -> list[Change]:
        caused = self.program.rebuild(self, self.clock_ms, Reason.UNMERGED)
        self.packed()
        return caused

    def packed(self) -> None:
        self.computed = tables.decode_computed(tables.encode_row(self.computed))

    # --- what has become of it ---------------------------------------------------------------------------

    def value(self, key: str) -> Any:
        """Of an audience whether it is a member."""
        found = self.computed.values.get(key)
        is_audience = key in self.program.audiences[self.collection]
        return (found is not None and found.value) if is_audience else None if found is None else found.value

    def values(self) -> dict[str, Any]:
        found = {key: value.value for key, value in self.computed.values.items()}
        return {key: value for key, value in found.items() if value is not False or not self._is_audience(key)}

    def _is_audience(self, key: str) -> bool:
        return key in self.program.audiences[self.collection] or key in self.program.hidden_keys

    def told(self) -> list[tuple[str, Any, Any, int]]:
        """Every change: key, value, value before, when."""
        return [(each.key, each.value, each.previous, each.at_ms) for each in self.changes]


def program(definitions: Sequence[ast.Definition]) -> Program:
    return Program.build(definitions, max((each.version for each in definitions), default=0))


by_place = attrgetter("place")
