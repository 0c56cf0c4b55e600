"""unmerge: two profiles that an event has made one are put apart, as if it had never tied them together.

What ties is a pair of external ids, not one event: a shared device sends the pair again tomorrow. So an unmerge
*severs* the ids by which the two profiles were found; from then on they count as a broken rule (see `identity`),
for events to come and for those that came already. Then everything that hangs on it is done over: the events of
the profile, and of every profile that had ids refused because of it or refused it some, are resolved and applied
again in the order of the log, to nothing. What results is what would have been had the pair been severed from the
beginning, to the byte; the keys of profiles too, because a key is made of the event that makes the profile.

The identity log is only added to: it goes on telling of the merge, and that it was undone.
"""

from collections.abc import Iterator
from itertools import product

import msgspec

from headwater import limits
from headwater.aggregation import tables
from headwater.aggregation.changes import Change, Reason
from headwater.aggregation.decisions import Unmerge
from headwater.aggregation.doing_over import Made, Values, canonical, make_again, take_apart
from headwater.aggregation.identity import severed_key
from headwater.aggregation.tables import Decision, ExternalId, SeveredPair
from headwater.aggregation.working_set import read_clock
from headwater.flow import Context, Effects
from headwater.flowing import Arrival


class RefusedError(Exception):
    """What was decided cannot be done; the text says why."""


def unmerge(decision: Unmerge, arrival: Arrival, context: Context, effects: Effects) -> list[Change]:
    """Carry it out; RefusedError when there is nothing to put apart."""
    changes = _Unmerging(decision, arrival, context, effects).run()
    effects.identity["unmerged"] += 1
    return changes


class _Unmerging:
    def __init__(self, decision: Unmerge, arrival: Arrival, context: Context, effects: Effects) -> None:
        self._decision = decision
        self._arrival = arrival
        self._context = context
        self._effects = effects
        self._at_ms = arrival.request.received_at_ms

    def run(self) -> list[Change]:
        merge = self._find()
        concerned = self._concerned(merge.profile)
        clock_ms = read_clock(self._effects)
        self._sever(list(product(merge.row.ids, merge.row.other_ids)))
        parts = take_apart(concerned, self._context, self._effects)
        made = make_again(parts.events, self._context, self._effects)
        for profile in (merge.profile, merge.row.other):
            self._log(profile, merge)
        return _differences(parts.values, made, clock_ms)

    # --- what it is about -----------------------------------------------------------------------------------

    def _find(self) -> "_Merge":
        profile = tables.key_of_segment_id(self._decision.profile)
        other = tables.key_of_segment_id(self._decision.other)
        if profile is None or other is None:
            raise RefusedError("not a segment id")
        if tables.collection_of(profile) != "users":
            raise RefusedError("merges of accounts cannot be undone")
        profile = canonical(self._effects, profile)
        row = self._row(profile)
        if row is None:
            raise RefusedError("there is no such profile")
        for part in (profile, *row.parts):
            for _, value in self._effects.scan(tables.IDENTITY_LOG, part):
                found = tables.decode_decision(value)
                is_it = found.kind == "merged" and found.other == other
                if is_it and self._decision.message_id in {"", found.message_id}:
                    if other not in row.parts:
                        raise RefusedError("this merge was undone before")
                    return _Merge(profile, found)
        raise RefusedError("no event has merged this profile into that one")

    def _concerned(self, profile: bytes) -> list[bytes]:
        """The profile, and those with which it has anything to do: ids that were refused at one for the other."""
        found = {profile: None}
        events = 0
        for each in _while_growing(found):
            row = self._row(each)
            if row is None:
                continue
            events += row.events
            if events > limits.identity.UNMERGE_EVENTS_MAX or len(found) > limits.identity.UNMERGE_PROFILES_MAX:
                raise RefusedError(f"more than {limits.identity.UNMERGE_EVENTS_MAX:,} events hang on it")
            for part in (each, *row.parts):
                for _, value in self._effects.scan(tables.IDENTITY_LOG, part):
                    decision = tables.decode_decision(value)
                    if decision.kind == "demoted":
                        found.update(dict.fromkeys(self._parties(decision)))
        return [each for each in found if self._row(each) is not None]

    def _parties(self, decision: Decision) -> Iterator[bytes]:
        """Of a demotion: the other profile, and who has the ids now, for they might have come here."""
        if decision.other:
            yield canonical(self._effects, decision.other)
        keys = [tables.identity_key("users", each) for each in decision.ids]
        yield from (owner for owner in self._effects.read(tables.IDENTITIES, keys) if owner is not None)

    def _row(self, profile: bytes) -> tables.Profile | None:
        (row,) = self._effects.read(tables.PROFILES, [profile])
        return tables.decode_profile(row) if row else None

    def _sever(self, pairs: list[tuple[ExternalId, ExternalId]]) -> None:
        """Both ways, so there are two rows for each."""
        if sum(1 for _ in self._effects.scan(tables.SEVERED)) // 2 + len(pairs) > limits.identity.SEVERED_MAX:
            raise RefusedError(f"more than {limits.identity.SEVERED_MAX:,} pairs of ids would be put apart")
        rows = self._effects.change(tables.SEVERED)
        for one, other in pairs:
            for a, b in ((one, other), (other, one)):
                rows[severed_key(a, b)] = tables.encode_row(SeveredPair(a, b, self._at_ms))

    # --- the identity log -----------------------------------------------------------------------------------

    def _log(self, profile: bytes, merge: "_Merge") -> None:
        other = merge.row.other if profile == merge.profile else merge.profile
        row = Decision(
            "unmerged",
            self._at_ms,
            merge.row.message_id,
            "",
            merge.row.ids,
            other,
            merge.row.other_ids,
            rule="somebody decided that these do not belong together",
        )
        key = tables.decision_key(profile, self._arrival.offset, 0, 0)
        self._effects.change(tables.IDENTITY_LOG)[key] = tables.encode_row(row)


class _Merge(msgspec.Struct, frozen=True):
    profile: bytes
    row: Decision


def _while_growing(found: dict[bytes, None]) -> Iterator[bytes]:
    """Its keys in order, those included that are added on the way."""
    seen = 0
    while seen < len(found):
        each = list(found)[seen]
        seen += 1
        yield each


def _differences(before: dict[ExternalId, Values], made: dict[bytes, Made], clock_ms: int) -> list[Change]:
    """What others have been told of the ids of each profile, and is another value now."""
    changes = []
    for profile, (ids, values) in made.items():
        told = next((before[each] for each in ids if each in before), {})
        for key in sorted(told.keys() | values.keys()):
            value, previous = values.get(key), told.get(key)
            if value != previous and not key.startswith("users:"):
                is_audience = value is True or previous is True
                changes.append(
                    Change(profile, key, is_audience, value, previous, reason=Reason.UNMERGED, at_ms=clock_ms)
                )
    return changes
