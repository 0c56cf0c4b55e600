"""Everything about one profile in one answer: who it is, what is known, what happened, and why it is one."""

from collections.abc import Callable
from itertools import islice
from typing import Annotated, Any, Final

import msgspec
from litestar import get
from litestar.params import Parameter

from headwater import limits
from headwater.aggregation import reading
from headwater.aggregation.reading import Decided, Found, Rows, StoredEvent
from headwater.aggregation.tables import (
    COLLECTIONS,
    ComputedValue,
    ExternalId,
    Trait,
    collection_of,
    key_of_segment_id,
    segment_id,
)
from headwater.config.workspace import Workspace
from headwater.errors import AbsentError, InputError, NotFoundError
from headwater.processing.timestamps import render
from headwater.serve.changed import readable
from headwater.serve.desk import Desk
from headwater.serve.errors import NAMED_ERRORS

EVENTS_DEFAULT: Final = 20


class Id(msgspec.Struct, frozen=True):
    """An external id."""

    type: str
    value: str


class KnownId(msgspec.Struct, frozen=True):
    type: str
    value: str
    since: str
    """When the event was received that brought it."""
    source: str
    message_id: str


class KnownTrait(msgspec.Struct, frozen=True):
    value: Any
    kind: str
    """`sent`, `computed_trait` or `audience`."""
    updated_at: str
    source: str
    """Of the event it came with; empty: it is computed."""


class KnownEvent(msgspec.Struct, frozen=True):
    at: str
    """When it counts: the earlier of its timestamp and its time of receipt."""
    received_at: str
    source: str
    record: str
    """`<offset>.<index>` in the collected log."""
    event: Any
    """As accepted; a number that no program can hold (1e999) stands as text."""


class Linked(msgspec.Struct, frozen=True):
    segment_id: str
    collection: str
    since: str
    external_ids: list[Id]


class DecisionLine(msgspec.Struct, frozen=True):
    """What one event led to."""

    kind: str
    """created, attached, merged, merged_into, demoted, quarantined, unmerged."""
    at: str
    profile: str
    """In whose log it stands: this profile's, or that of one that has become part of it."""
    message_id: str
    source: str
    record: str
    """`<offset>.<index>` of the event in the collected log."""
    ids: list[Id]
    other: str
    """The other profile; empty: there is none."""
    other_ids: list[Id]
    """Of `merged`: the ids by which the other profile was found."""
    rule: str


class ProfileReport(msgspec.Struct, frozen=True):
    segment_id: str
    collection: str
    created_at: str
    updated_at: str
    events_count: int
    merges: int
    external_ids: list[KnownId]
    traits: dict[str, KnownTrait]
    """By key, in order."""
    traits_not_kept: int
    links: list[Linked]
    """At most 100."""
    events: list[KnownEvent]
    """The newest first."""
    identity_log: list[DecisionLine]
    """Oldest first, with the logs of the profiles that were merged into it."""


def report(
    state: Rows, workspace: Workspace, who: str, *, collection: str | None = None, events: int = EVENTS_DEFAULT
) -> ProfileReport:
    """`who` is `type:value` or a segment id. Without a collection both are looked into, users first. NotFoundError
    when there is no such profile.
    """
    found = _find(state, read_who(who), [collection] if collection else list(COLLECTIONS))
    if found is None:
        raise NotFoundError(f"there is no profile {who!r}" + (f" in {collection}" if collection else ""))
    profile = found.profile
    return ProfileReport(
        segment_id=segment_id(found.key),
        collection=collection_of(found.key),
        created_at=render(profile.created_ms),
        updated_at=render(profile.updated_ms),
        events_count=profile.events,
        merges=profile.merges,
        external_ids=[
            KnownId(*each, render(row.created_ms), row.source, row.message_id)
            for each, row in reading.external_ids(state, found.key)
        ],
        traits=_traits(found, workspace),
        traits_not_kept=profile.traits_overflow,
        links=_links(state, found),
        events=[_event(stored) for stored in islice(reading.events(state, found), events)],
        identity_log=[_decision(each) for each in reading.decisions(state, found.key)],
    )


def read_who(text: str) -> ExternalId | str:
    type_, colon, value = text.partition(":")
    if colon and type_ and value:
        return ExternalId(type_, value)
    if key_of_segment_id(text) is None:
        raise InputError(
            "invalid_profile", "a profile is named TYPE:VALUE, as in user_id:u1, or by its segment id"
        )
    return text


def _find(state: Rows, who: ExternalId | str, collections: list[str]) -> Found | None:
    return next((found for each in collections if (found := reading.find(state, each, who))), None)


def _traits(found: Found, workspace: Workspace) -> dict[str, KnownTrait]:
    collection = collection_of(found.key)
    audiences = {each.key for each in workspace.audiences if each.collection.value == collection}
    known = reading.traits(found.profile)
    return {
        key: _trait(known[key], is_audience=key in audiences)
        for key in sorted(known)
        if known[key].value is not None
    }


def _trait(trait: Trait | ComputedValue, *, is_audience: bool) -> KnownTrait:
    if isinstance(trait, Trait):
        return KnownTrait(trait.value, "sent", render(trait.at_ms), trait.source)
    return KnownTrait(trait.value, "audience" if is_audience else "computed_trait", render(trait.changed_ms), "")


def _links(state: Rows, found: Found) -> list[Linked]:
    linked = []
    for other, link in islice(reading.links(state, found.key), limits.PROFILE_LINKS_SHOWN_MAX):
        ids = islice(reading.external_ids(state, other), limits.PROFILE_API_LINKED_IDS_MAX)
        shown = [Id(*each) for each, _ in ids]
        linked.append(Linked(segment_id(other), collection_of(other), render(link.created_ms), shown))
    return linked


def _event(stored: StoredEvent) -> KnownEvent:
    (at_ms, offset, index), row = stored
    return KnownEvent(render(at_ms), render(row.received_ms), row.source, f"{offset}.{index}", readable(row.body))


def _decision(decided: Decided) -> DecisionLine:
    (offset, index, _), profile, decision = decided
    return DecisionLine(
        kind=decision.kind,
        at=render(decision.at_ms),
        profile=segment_id(profile),
        message_id=decision.message_id,
        source=decision.source,
        record=f"{offset}.{index}",
        ids=[Id(*each) for each in decision.ids],
        other=segment_id(decision.other) if decision.other else "",
        other_ids=[Id(*each) for each in decision.other_ids],
        rule=decision.rule,
    )


@get("/profiles/{who:path}", responses=NAMED_ERRORS)
async def read_profile(
    desk: Desk,
    who: Annotated[str, Parameter(description="`type:value`, as in `user_id:u1`, or a segment id.")],
    *,
    collection: Annotated[str | None, Parameter(pattern="^(users|accounts)$")] = None,
    events: Annotated[int, Parameter(ge=0, le=limits.PROFILE_EVENTS_SHOWN_MAX)] = EVENTS_DEFAULT,
) -> ProfileReport:
    """Everything about one profile: external ids, traits, links, its newest events, and why it is one profile."""
    workspace = (await desk.version()).workspace
    named = who.removeprefix("/")
    try:
        return await desk.read_state(
            lambda state: report(state, workspace, named, collection=collection, events=events)
        )
    except AbsentError:
        read_who(named)
        raise NotFoundError(f"there is no profile {named!r}: the pipeline has not run yet") from None


HANDLERS: Final[list[Callable[..., Any]]] = [read_profile]
