"""Everything about one profile in one answer: who it is, what is known, what happened, and why it is one."""

import asyncio
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Annotated, Any, Final, TypeVar

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
    ProfileId,
    Trait,
    collection_of,
    key_of_segment_id,
    segment_id,
)
from headwater.config.workspace import Workspace
from headwater.errors import AbsentError, InputError, NotFoundError
from headwater.processing.timestamps import render
from headwater.serve.desk import Desk
from headwater.serve.errors import NAMED_ERRORS
from headwater.serve.observe.changed import readable
from headwater.serve.unify.profile_names import by_priority, called
from headwater.state.port import State

EVENTS_DEFAULT: Final = 20

Result = TypeVar("Result")

Who = Annotated[str, Parameter(description="`type:value`, as in `user_id:u1`, or a segment id.")]
"""The last part of an address: a value may have slashes in it. What is asked about a profile stands before it."""

CollectionOf = Annotated[
    str | None, Parameter(pattern="^(users|accounts)$", description="Default: whichever has it, users first.")
]


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
    name: str
    """As people would call it: a name, an address, or else the best external id. Empty: nothing is known."""
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
    """Of the profile that `find` finds."""
    return told(state, workspace, find(state, who, collection), events=events)


def told(state: Rows, workspace: Workspace, found: Found, *, events: int) -> ProfileReport:
    profile = found.profile
    ids = list(reading.external_ids(state, found.key))
    return ProfileReport(
        segment_id=segment_id(found.key),
        collection=collection_of(found.key),
        name=called(reading.sent(profile), by_priority((each for each, _ in ids), workspace.identity)),
        created_at=render(profile.created_ms),
        updated_at=render(profile.updated_ms),
        events_count=profile.events,
        merges=profile.merges,
        external_ids=[known_id(row) for _, row in ids],
        traits=_traits(found, workspace),
        traits_not_kept=profile.traits_overflow,
        links=list(linked(state, found)),
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


def find(state: Rows, who: str, collection: str | None = None) -> Found:
    """`who` is `type:value` or a segment id. Without a collection both are looked into, users first. NotFoundError
    when there is no such profile.
    """
    named = read_who(who)
    for each in [collection] if collection else COLLECTIONS:
        if found := reading.find(state, each, named):
            return found
    raise NotFoundError(f"there is no profile {who!r}" + (f" in {collection}" if collection else ""))


async def ask(
    desk: Desk, path: str, question: Callable[[State, Found], Result], *, collection: str | None = None
) -> Result:
    """The answer to a question about the profile that an address names, asked in a thread of its own: a profile
    may have a million events.
    """
    who = path.removeprefix("/")

    def look() -> Result:
        with desk.view.reading() as state:
            return question(state, find(state, who, collection))

    try:
        return await asyncio.to_thread(look)
    except AbsentError:
        read_who(who)
        raise NotFoundError(f"there is no profile {who!r}: the pipeline has not run yet") from None


def known_id(row: ProfileId) -> KnownId:
    return KnownId(*row.external_id, render(row.created_ms), row.source, row.message_id)


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
    words = kind(trait, is_audience=is_audience)
    if isinstance(trait, Trait):
        return KnownTrait(trait.value, words, render(trait.at_ms), trait.source)
    return KnownTrait(trait.value, words, render(trait.changed_ms), "")


def kind(trait: Trait | ComputedValue, *, is_audience: bool = False) -> str:
    """What a trait is, in a word."""
    if isinstance(trait, Trait):
        return "sent"
    return "audience" if is_audience else "computed_trait"


def linked(state: Rows, found: Found) -> Iterator[Linked]:
    """At most limits.unify.PROFILE_LINKS_SHOWN_MAX."""
    for other, link in islice(reading.links(state, found.key), limits.unify.PROFILE_LINKS_SHOWN_MAX):
        ids = islice(reading.external_ids(state, other), limits.unify.PROFILE_API_LINKED_IDS_MAX)
        shown = [Id(*each) for each, _ in ids]
        yield Linked(segment_id(other), collection_of(other), render(link.created_ms), shown)


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
    who: Who,
    *,
    collection: CollectionOf = None,
    events: Annotated[int, Parameter(ge=0, le=limits.unify.PROFILE_EVENTS_SHOWN_MAX)] = EVENTS_DEFAULT,
) -> ProfileReport:
    """Everything about one profile: external ids, traits, links, its newest events, and why it is one profile."""
    workspace = (await desk.version()).workspace
    return await ask(
        desk,
        who,
        lambda state, found: told(state, workspace, found, events=events),
        collection=collection,
    )


HANDLERS: Final[list[Callable[..., Any]]] = [read_profile]
