"""An unmerge before it is decided: which merge is meant, whether it can be undone, and what would become of it.

What would become of it is tried out: the pipeline's own unmerge works on a view of the state, and what it would
write is looked at and thrown away.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import msgspec

from headwater import limits
from headwater.aggregation import reading, tables
from headwater.aggregation.decisions import Unmerge, as_record
from headwater.aggregation.reading import Found, Rows
from headwater.aggregation.tables import Decision, collection_of, segment_id
from headwater.aggregation.unmerge import RefusedError, unmerge
from headwater.config.workspace import Workspace
from headwater.errors import HeadwaterError, InputError
from headwater.flow import Context, Effects
from headwater.flowing import Arrival
from headwater.processing.timestamps import render
from headwater.serve.unify.profiles import Id, find
from headwater.state.port import State


class Wanted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which merge: by the event that caused it, or by the profile that went away. Neither: the only one."""

    message_id: str | None = None
    other: str | None = None
    """Its segment id."""
    dry_run: bool = False
    """Only say what would become of it."""


class Side(msgspec.Struct, frozen=True):
    """One of the profiles that there would be."""

    segment_id: str
    external_ids: list[Id]
    traits: dict[str, Any]
    """Those that were sent, and computed ones."""
    audiences: list[str]
    events_count: int


class Unmerging(msgspec.Struct, frozen=True):
    profile: str
    """Segment id of the profile as it is now."""
    other: str
    """Of the one that went away, and comes back."""
    message_id: str
    """The event that made them one."""
    merged_at: str
    ids: list[Id]
    """Each of these and each of `other_ids` will never tie two profiles together again."""
    other_ids: list[Id]
    sides: list[Side] | None
    """What the profile would become. Null: it has too many events to try that out here."""
    dry_run: bool = False
    decision: int | None = None
    """The offset of the decision in the collected log: `GET /identities/decisions/{offset}` says when the pipeline
    has carried it out. Null: nothing was decided.
    """


class Merge(NamedTuple):
    """One that still holds."""

    found: Found
    decision: Decision

    @property
    def unmerge(self) -> Unmerge:
        decision = self.decision
        return Unmerge(segment_id(self.found.key), decision.message_id, segment_id(decision.other))


def find_merge(state: Rows, who: str, wanted: Wanted) -> Merge:
    """NotFoundError: there is no such profile. HeadwaterError: it has no such merge (any more), or is an account.
    InputError: it has several.
    """
    found = find(state, who)
    if collection_of(found.key) != "users":
        raise HeadwaterError(f"{who} is an account: only profiles of users can be put apart")
    merges = [
        each
        for each in merges_of(state, found)
        if wanted.message_id in {None, each.decision.message_id}
        and wanted.other in {None, segment_id(each.decision.other)}
    ]
    if not merges:
        is_any = wanted.message_id is None and wanted.other is None
        which = "it was never merged" if is_any else "no such merge is part of it, or it was undone before"
        raise HeadwaterError(f"there is nothing to put apart in {who}: {which}")
    if len(merges) > 1:
        known = "; ".join(
            f"{segment_id(each.decision.other)} by event {each.decision.message_id}" for each in merges[:20]
        )
        raise InputError(
            "ambiguous_merge",
            f"{who} was made of {len(merges)} merges that this may mean; name the profile or the event: {known}",
            field="other" if wanted.message_id else "message_id",
        )
    return merges[0]


def merges_of(state: Rows, found: Found) -> Iterator[Merge]:
    """Every merge that has made a profile what it is, in the order of its parts."""
    for part in (found.key, *found.profile.parts):
        for _, row in state.scan(tables.IDENTITY_LOG, part):
            decision = tables.decode_decision(row)
            if decision.kind == "merged" and decision.other in found.profile.parts:
                yield Merge(found, decision)


def look(state: State, workspace: Workspace, version: int, who: str, wanted: Wanted, *, at_ms: int) -> Unmerging:
    """What an unmerge at this instant would put apart. Errors as of `find_merge`; and HeadwaterError when the
    pipeline would refuse it. `state` must not change meanwhile.
    """
    merge = find_merge(state, who, wanted)
    decision = merge.decision
    is_small = merge.found.profile.events <= limits.identity.UNMERGE_PREVIEW_EVENTS_MAX
    context = Context(workspace, version)
    return Unmerging(
        profile=segment_id(merge.found.key),
        other=segment_id(decision.other),
        message_id=decision.message_id,
        merged_at=render(decision.at_ms),
        ids=[Id(*each) for each in decision.ids],
        other_ids=[Id(*each) for each in decision.other_ids],
        sides=_sides(state, merge, context, at_ms) if is_small else None,
        dry_run=wanted.dry_run,
    )


def _sides(state: State, merge: Merge, context: Context, at_ms: int) -> list[Side]:
    """The profiles that the ids of this one would belong to, the one that stays first."""
    key = merge.found.key
    ids = [each for each, _ in reading.external_ids(state, key)]
    effects = Effects(state)
    arrival = Arrival(state.position(), as_record(merge.unmerge, at_ms))
    try:
        unmerge(merge.unmerge, arrival, context, effects)
    except RefusedError as error:
        raise HeadwaterError(f"this cannot be put apart: {error}") from None
    collection = collection_of(key)
    owners = effects.read(tables.IDENTITIES, [tables.identity_key(collection, each) for each in ids])
    profiles = dict.fromkeys(owner for owner in owners if owner is not None)
    known = {each.key for each in context.workspace.definitions if each.is_audience}
    return [_side(effects, each, known) for each in sorted(profiles, key=lambda each: each != key)]


def _side(effects: Effects, key: bytes, audiences: set[str]) -> Side:
    (row,) = effects.read(tables.PROFILES, [key])
    assert row is not None, "who has an id has a row"
    profile = tables.decode_profile(row)
    known = {name: each.value for name, each in reading.traits(profile).items() if each.value is not None}
    ids = sorted(tables.decode_profile_id(row).external_id for _, row in effects.scan(tables.PROFILE_IDS, key))
    return Side(
        segment_id(key),
        [Id(*each) for each in ids],
        {name: known[name] for name in sorted(known) if name not in audiences},
        sorted(name for name in known if name in audiences and known[name] is True),
        profile.events,
    )
