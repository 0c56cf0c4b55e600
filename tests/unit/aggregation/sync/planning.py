"""A workspace with destinations, a state with profiles, and changes about them: what planning is tried with."""

import json
from collections.abc import Iterable
from typing import Any

import msgspec

from headwater.aggregation import tables
from headwater.aggregation.changes import Change, Reason
from headwater.aggregation.plan import STAGE, Step, continue_fan_outs
from headwater.aggregation.tables import ComputedValue, ExternalId, Link, Profile, ProfileId, Trait
from headwater.config.definitions import (
    AudienceDefinition,
    Collection,
    Connection,
    TraitDefinition,
    TraitKind,
)
from headwater.config.workspace import Destination, Flag, Workspace
from headwater.event import OutboundEvent
from headwater.flow import Context, Effects, run_stage

AT_MS = 1_767_225_600_000
ANN = b"u" + b"\1" * 15
BOB = b"u" + b"\2" * 15
ACME = b"a" + b"\3" * 15


def destination(name: str = "hook", *, dedupes_on: str = "", enabled: bool = True) -> Destination:
    return Destination(name=name, type="webhook", dedupes_on=dedupes_on, enabled=enabled)


def audience(
    *connections: Connection, key: str = "big", collection: Collection = Collection.USERS
) -> AudienceDefinition:
    where = {"event": "Order Completed"}
    return AudienceDefinition(key=key, where=where, collection=collection, destinations=connections)


def trait(
    *connections: Connection, key: str = "orders", collection: Collection = Collection.USERS
) -> TraitDefinition:
    kind = TraitKind.EVENT_COUNT
    return TraitDefinition(key=key, kind=kind, event="A", collection=collection, destinations=connections)


def workspace(
    *definitions: AudienceDefinition | TraitDefinition,
    destinations: Iterable[Destination] = (),
    flags: tuple[Flag, ...] = (),
    tier: str = "",
) -> Workspace:
    """Every destination that a definition names is there, and takes every call, unless it is given."""
    given = {each.name: each for each in destinations}
    names = dict.fromkeys(c.name for definition in definitions for c in definition.destinations)
    return Workspace(
        workspace="shop",
        destinations=tuple(given.get(name) or destination(name) for name in names),
        traits=tuple(d for d in definitions if isinstance(d, TraitDefinition)),
        audiences=tuple(d for d in definitions if isinstance(d, AudienceDefinition)),
        flags=flags,
        tier=tier,
    )


def change(**fields: Any) -> Change:
    """Ann becomes a member of `big`, by the event at offset 9."""
    defaults: dict[str, Any] = {
        "profile": ANN,
        "key": "big",
        "is_audience": True,
        "value": True,
        "previous": None,
        "reason": Reason.VALUE_CHANGED,
        "at_ms": AT_MS,
        "offset": 9,
        "message_id": "m9",
    }
    return Change(**(defaults | fields))


def external_id(text: str) -> ExternalId:
    """`type:value`."""
    return ExternalId(*text.split(":", 1))


class View:
    """What is committed, as those read it who are no stage."""

    def __init__(self, state: Effects) -> None:
        self.get_many = state.read
        self.scan = state.scan


class Platform:
    """A state, and the stage that plans over it; each run is committed."""

    def __init__(self, configured: Workspace) -> None:
        self.state = Effects()
        self.effects = Effects()
        """Of the last run."""
        self.apply(configured)

    def apply(self, configured: Workspace) -> None:
        self.context = Context(configured)

    # --- what the state holds ---------------------------------------------------------------------------------

    def knows(self, profile: bytes, *ids: str, offset: int = 0, index: int = 0) -> None:
        """Each id came a second after the one before it."""
        rows = self.state.change(tables.PROFILE_IDS)
        for number, text in enumerate(ids):
            since_ms = AT_MS - 1_000_000 + 1_000 * (len(rows) + number)
            row = ProfileId(since_ms, "website", "m", offset, index, *external_id(text))
            rows[tables.profile_id_key(profile, external_id(text))] = tables.encode_row(row)

    def has(
        self,
        profile: bytes,
        *,
        traits: dict[str, Any] | None = None,
        computed: dict[str, Any] | None = None,
        parts: list[bytes] | None = None,
    ) -> None:
        sent = {key: Trait(value, AT_MS, 0, 0, "website") for key, value in (traits or {}).items()}
        values = {key: ComputedValue(value, AT_MS) for key, value in (computed or {}).items()}
        row = Profile(
            *(AT_MS, "m", "website", AT_MS, "m", "website"),
            parts=parts or [],
            traits=msgspec.Raw(tables.encode_row(sent)),
            computed=msgspec.Raw(tables.encode_row(tables.Computed(values=values))),
        )
        self.state.change(tables.PROFILES)[profile] = tables.encode_row(row)

    def links(self, account: bytes, *users: bytes) -> None:
        rows = self.state.change(tables.LINKS)
        for user in users:
            rows[account + user] = rows[user + account] = tables.encode_row(Link(AT_MS, "website", "m"))

    def merges(self, gone: bytes, into: bytes) -> None:
        self.state.change(tables.MERGED)[gone] = into

    # --- what happens -----------------------------------------------------------------------------------------

    def plan(self, *items: Any) -> list[OutboundEvent]:
        self.effects = Effects(below=self.state)
        messages = run_stage(STAGE, items, self.context, self.effects)
        self.state.merge(self.effects)
        return messages

    def go_on(self, messages_max: int = 20_000, *, after: bytes = b"") -> Step:
        self.effects = Effects(below=self.state)
        step = continue_fan_outs(self.effects, self.context, messages_max, after)
        self.state.merge(self.effects)
        return step

    @property
    def view(self) -> View:
        return View(self.state)

    @property
    def paths(self) -> dict[str, int]:
        """Taken by the last run."""
        return {name[1]: count for name, count in self.effects.sync.items() if name[0] == "decided"}


def body(message: OutboundEvent) -> dict[str, Any]:
    return dict(json.loads(message.body))


def told(message: OutboundEvent) -> str:
    """The external id that a message is about, as `type:value`."""
    event = body(message)
    context = event["context"]
    if "externalIds" in context:
        (named,) = context["externalIds"]
        return f"{named['type']}:{named['id']}"
    for member, type_ in (("userId", "user_id"), ("anonymousId", "anonymous_id"), ("groupId", "group_id")):
        if member in event:
            return f"{type_}:{event[member]}"
    where = context.get("traits") if event["type"] == "track" else event["traits"]
    return f"email:{where['email']}"
