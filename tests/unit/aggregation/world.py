"""A small world of people: events go in, one at a time or in batches, and profiles come out. No process, no disk:
the stages of aggregation as the pipeline runs them, over a state in memory.
"""

import json
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import Any

from headwater.aggregation import decide, decisions, expire, plan, resolve, sweep, tables, update
from headwater.aggregation.changes import Change
from headwater.aggregation.tables import Conflict, Decision, ExternalId, Profile
from headwater.aggregation.working_set import move_clock, read_clock
from headwater.config.loader import complete, load
from headwater.config.workspace import Workspace
from headwater.destinations import registry
from headwater.event import CollectedRequest, OutboundEvent, instant
from headwater.flow import Context, Effects, run_stage
from headwater.flowing import Arrival, FlowingEvent
from headwater.processing import normalise
from headwater.state.port import Changes

START_MS = 1_767_225_600_000
"""2026-01-01T00:00:00Z."""

SECOND, MINUTE, HOUR, DAY = 1_000, 60_000, 3_600_000, 86_400_000


class MemoryState:
    """Tables in memory, with the two verbs that stages read through."""

    def __init__(self) -> None:
        self.tables: dict[str, dict[bytes, bytes]] = {}

    def get_many(self, table: str, keys: Sequence[bytes]) -> list[bytes | None]:
        rows = self.tables.get(table, {})
        return [rows.get(key) for key in keys]

    def scan(
        self, table: str, prefix: bytes = b"", *, start: bytes | None = None
    ) -> Iterator[tuple[bytes, bytes]]:
        rows = self.tables.get(table, {})
        keys = sorted(rows)
        for key in keys[bisect_left(keys, start or prefix) :]:
            if not key.startswith(prefix):
                return
            yield key, rows[key]

    def commit(self, effects: Effects) -> None:
        self.commit_changes(effects.changes)

    def commit_changes(self, changes_of_tables: Changes) -> None:
        for table, changes in changes_of_tables.items():
            rows = self.tables.setdefault(table, {})
            for key, value in changes.items():
                if value is None:
                    rows.pop(key, None)
                else:
                    rows[key] = value


def workspace(text: str = "", *, before: Workspace | None = None, version: int = 1) -> Workspace:
    """`text`: more of the file, as YAML."""
    head = "workspace: shop\nsources: [{name: website, write_key: wk_website}, {name: app, write_key: wk_app}]\n"
    return complete(load(head + text, registry), before, version)


class World:
    def __init__(self, text: str = "", *, state: MemoryState | None = None) -> None:
        self.state = state or MemoryState()
        self.version = 1
        self.workspace = workspace(text)
        self.now_ms = START_MS
        self.changes: list[Change] = []
        """All of them, in order."""
        self.events: list[FlowingEvent] = []
        self.messages: list[OutboundEvent] = []
        """For destinations about traits and audiences, in order."""
        self.dead: list[Any] = []
        self.log: list[Arrival] = []
        """Everything that was taken, in order."""
        self._offset = 0
        self._context = Context(self.workspace, 1)

    def apply(self, text: str) -> None:
        """Another workspace file."""
        self.version += 1
        self.workspace = workspace(text, before=self.workspace, version=self.version)
        self._context = Context(self.workspace, self.version)

    @property
    def context(self) -> Context:
        return self._context

    @property
    def offset(self) -> int:
        """That the next record gets."""
        return self._offset

    # --- what happens ---------------------------------------------------------------------------------------

    def send(self, *events: dict[str, Any], after_ms: int = SECOND, source: str = "website") -> list[Change]:
        """A batch of events that arrives `after_ms` later than what came before. Each is a track call when it does
        not say; a `timestamp` may be ISO text or, shorter, `ago` (milliseconds before its arrival).
        """
        self.now_ms += after_ms
        return self.take([self.arrival(*events, source=source)])

    def arrival(self, *events: dict[str, Any], source: str = "website") -> Arrival:
        batch = []
        for index, event in enumerate(events):
            given = dict(event)
            ago_ms = given.pop("ago", 0)
            if ago_ms:
                given["timestamp"] = instant(self.now_ms - ago_ms)
            batch.append({"type": "track", "messageId": f"m{self._offset}-{index}", **given})
        body = json.dumps({"batch": batch}).encode()
        request = CollectedRequest(
            self.now_ms,
            source,
            "batch",
            "",
            "",
            gzipped=False,
            body=body,
            events=len(batch),
            inflated_bytes=len(body),
        )
        arrival = Arrival(self._offset, request)
        self._offset += 1
        return arrival

    def wait(self, ms: int) -> list[Change]:
        """Time passes, and nothing arrives but ticks."""
        self.now_ms += ms
        return self.decide(decisions.as_tick(self.now_ms))

    def decide(self, record: CollectedRequest) -> list[Change]:
        arrival = Arrival(self._offset, record)
        self._offset += 1
        return self.take([arrival])

    def take(self, arrivals: Sequence[Arrival]) -> list[Change]:
        """What the pipeline does with a micro-batch, from the first stage of aggregation to the last."""
        self.log += arrivals
        effects = Effects(self.state)
        items: Sequence[Any] = [each for each in arrivals if not decisions.is_one(each.request)]
        for stage in (normalise.STAGE, resolve.STAGE, update.STAGE):
            items = run_stage(stage, items, self._context, effects)
        ticks = [each.request.received_at_ms for each in arrivals if each.request.call == decisions.TICK]
        clock_ms = move_clock(effects, max(ticks, default=0))
        out = list(items)
        decided = [each for each in arrivals if decisions.stands_alone(each.request)]
        out += run_stage(decide.STAGE, decided, self._context, effects)
        while timers := expire.due(effects, 0, clock_ms, self._offset):
            out += run_stage(expire.STAGE, timers, self._context, effects)
            expire.forget(timers, effects)
        self.events += [each for each in out if isinstance(each, FlowingEvent)]
        return self._tell(out, effects)

    def _tell(self, items: Sequence[Any], effects: Effects) -> list[Change]:
        """Plan what follows from the changes among these, and commit."""
        outbound = run_stage(plan.STAGE, items, self._context, effects)
        self.messages += [each for each in outbound if each.destinations is not None]
        self.state.commit(effects)
        self.dead += effects.dead
        found = [each for each in items if isinstance(each, Change)]
        self.changes += found
        return found

    def unmerge(self, text: str, message_id: str, other: bytes, collection: str = "users") -> list[Change]:
        """Undo what this event has merged into the profile with this id."""
        profile = tables.segment_id(self.owner(text, collection))
        decision = decisions.Unmerge(profile, message_id, tables.segment_id(other))
        return self.decide(decisions.as_record(decision, self.now_ms))

    def sweep(self) -> list[Change]:
        """Until everybody is up to date with the definitions, and everything that had to wait has been told."""
        found: list[Change] = []
        while sweep.is_due(self.state, self._context):
            effects = Effects(self.state)
            profiles = sweep.step(self._context, effects)
            found += self._tell(run_stage(sweep.STAGE, profiles, self._context, effects), effects)
        while plan.is_due(self.state, self._context):
            effects = Effects(self.state)
            self.messages += plan.continue_fan_outs(effects, self._context).messages
            self.state.commit(effects)
        return found

    def release(self, text: str) -> None:
        """The id is no longer quarantined."""
        decision = decisions.Release("users", *_split(text))
        self.decide(decisions.as_record(decision, self.now_ms))

    # --- what is there --------------------------------------------------------------------------------------

    def profiles(self, collection: str = "users") -> list[bytes]:
        prefix = tables.COLLECTIONS[collection]
        return [key for key, _ in self.state.scan(tables.PROFILES, prefix)]

    def owner(self, text: str, collection: str = "users") -> bytes:
        """The profile that has this external id, as in `user_id:u1`."""
        (key,) = self.state.get_many(tables.IDENTITIES, [tables.identity_key(collection, _split(text))])
        assert key is not None, f"nobody has {text}"
        return key

    def row(self, text: str, collection: str = "users") -> Profile:
        (row,) = self.state.get_many(tables.PROFILES, [self.owner(text, collection)])
        assert row is not None
        return tables.decode_profile(row)

    def ids(self, text: str, collection: str = "users") -> set[str]:
        rows = self.state.scan(tables.PROFILE_IDS, self.owner(text, collection))
        return {":".join(tables.decode_profile_id(row).external_id) for _, row in rows}

    def ids_of(self, profile: bytes) -> list[str]:
        rows = self.state.scan(tables.PROFILE_IDS, profile)
        return [":".join(tables.decode_profile_id(row).external_id) for _, row in rows]

    def name_of(self, profile: bytes) -> str:
        """The first of its ids, those of users first."""
        return max(self.ids_of(profile), key=lambda each: each.startswith("user_id"))

    def traits(self, text: str, collection: str = "users") -> dict[str, Any]:
        traits = tables.decode_traits(self.row(text, collection).traits)
        return {key: trait.value for key, trait in traits.items() if trait.value is not None}

    def values(self, text: str, collection: str = "users") -> dict[str, Any]:
        values = tables.decode_computed(self.row(text, collection).computed).values
        return {key: each.value for key, each in values.items() if not key.startswith("users:")}

    def members(self, audience: str) -> set[bytes]:
        return {key[-tables.KEY_BYTES :] for key, _ in self.state.scan(tables.MEMBERS, audience.encode() + b"\0")}

    def size(self, audience: str) -> int:
        (row,) = self.state.get_many(tables.AUDIENCE_SIZES, [tables.size_key(audience)])
        return tables.unpack_ms(row) if row else 0

    def decisions(self, text: str, collection: str = "users") -> list[Decision]:
        rows = self.state.scan(tables.IDENTITY_LOG, self.owner(text, collection))
        return [tables.decode_decision(row) for _, row in rows]

    def history(self, text: str, collection: str = "users") -> list[str]:
        """Message ids of a profile's events, by effective time."""
        profile = self.owner(text, collection)
        parts = [profile, *self.row(text, collection).parts]
        rows = sorted((k[16:], r) for part in parts for k, r in self.state.scan(tables.HISTORY, part))
        return [json.loads(tables.read_history_row(row).body)["messageId"] for _, row in rows]

    def quarantined(self) -> dict[str, Conflict]:
        """By external id."""
        rows = self.state.scan(tables.CONFLICTS)
        found = [tables.decode_conflict(row) for _, row in rows]
        return {f"{each.type}:{each.value}": each for each in found if each.quarantined_ms}

    def clock_ms(self) -> int:
        return read_clock(Effects(self.state))

    def dump(self, *names: str) -> dict[str, dict[bytes, bytes]]:
        """Tables as they are, byte for byte; empty ones are left out."""
        chosen = names or tuple(self.state.tables)
        return {name: dict(sorted(rows.items())) for name in chosen if (rows := self.state.tables.get(name))}


def _split(text: str) -> ExternalId:
    return ExternalId(*text.split(":", 1))


def identify(user: str | None = None, *, anonymous: str | None = None, **traits: Any) -> dict[str, Any]:
    return _named("identify", user, anonymous, traits=traits)


def track(
    event: str, user: str | None = None, *, anonymous: str | None = None, ago: int = 0, **properties: Any
) -> dict[str, Any]:
    return _named("track", user, anonymous, event=event, properties=properties) | ({"ago": ago} if ago else {})


def group(account: str, user: str | None = None, **traits: Any) -> dict[str, Any]:
    return _named("group", user, None, groupId=account, traits=traits)


def _named(call: str, user: str | None, anonymous: str | None, **members: Any) -> dict[str, Any]:
    named = {"userId": user, "anonymousId": anonymous}
    return {"type": call, **{key: value for key, value in named.items() if value is not None}, **members}
