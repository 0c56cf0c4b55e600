"""unmerge: two profiles that an event has made one are put apart, as if it had never tied them together.

What ties is a pair of external ids, not one event: a shared device sends the pair again tomorrow. So an unmerge
*severs* the ids by which the two profiles were found; from then on they count as a broken rule (see `identity`),
for events to come and for those that came already. Then everything that hangs on it is done over: the events of
the profile, and of every profile that had ids refused because of it or refused it some, are resolved and applied
again in the order of the log, to nothing. What results is what would have been had the pair been severed from the
beginning, to the byte; the keys of profiles too, because a key is made of the event that makes the profile.

The identity log is only added to: it goes on telling of the merge, and that it was undone.
"""

from collections.abc import Iterator, Sequence
from itertools import product
from operator import attrgetter
from typing import Any, Final

import msgspec

from headwater import limits
from headwater.aggregation import stored, tables
from headwater.aggregation.changes import Change, Reason
from headwater.aggregation.compute.entry import Entry
from headwater.aggregation.decisions import Unmerge
from headwater.aggregation.external_ids import ExternalIds
from headwater.aggregation.identity import Severed, identities_of, severed_key
from headwater.aggregation.resolution import Resolutions
from headwater.aggregation.resolve import resolve_with
from headwater.aggregation.tables import Decision, ExternalId, SeveredPair
from headwater.aggregation.update import effective_ms, traits_of
from headwater.aggregation.working_set import WorkingSet, program_of, read_clock
from headwater.flow import Arrival, Context, Effects, FlowingEvent

_PLACE: Final = attrgetter("offset", "index")
_LOG_ROWS_MAX: Final = 256


class RefusedError(Exception):
    """What was decided cannot be done; the text says why."""


def unmerge(decision: Unmerge, arrival: Arrival, context: Context, effects: Effects) -> list[Change]:
    """Carry it out; RefusedError when there is nothing to put apart."""
    changes = _Unmerging(decision, arrival, context, effects).run()
    effects.identity["unmerged"] += 1
    return changes


def canonical(effects: Effects, profile: bytes) -> bytes:
    """The profile that this one is in now; itself when it was never merged away."""
    while True:
        (into,) = effects.read(tables.MERGED, [profile])
        if into is None:
            return profile
        profile = into


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
        for one, other in product(merge.row.ids, merge.row.other_ids):
            self._sever(one, other)
        before, events = self._take_apart(concerned)
        again = Effects(self._effects.state, below=self._effects)
        after = self._do_over(events, again, clock_ms)
        self._keep_log(again)
        again.identity.clear()
        self._effects.merge(again)
        for profile in (merge.profile, merge.row.other):
            self._log(profile, merge)
        return _differences(before, after, clock_ms)

    # --- what it is about -----------------------------------------------------------------------------------

    def _find(self) -> "_Merge":
        profile = tables.key_of_segment_id(self._decision.profile)
        other = tables.key_of_segment_id(self._decision.other)
        if profile is None or other is None:
            raise RefusedError("not a segment id")
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
        for each in found_while_growing(found):
            row = self._row(each)
            if row is None:
                continue
            events += row.events
            if events > limits.UNMERGE_EVENTS_MAX or len(found) > limits.UNMERGE_PROFILES_MAX:
                raise RefusedError(f"more than {limits.UNMERGE_EVENTS_MAX:,} events hang on it")
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

    def _sever(self, one: ExternalId, other: ExternalId) -> None:
        rows = self._effects.change(tables.SEVERED)
        for a, b in ((one, other), (other, one)):
            rows[severed_key(a, b)] = tables.encode_row(SeveredPair(a, b, self._at_ms))

    # --- taking apart ---------------------------------------------------------------------------------------

    def _take_apart(
        self, profiles: Sequence[bytes]
    ) -> tuple[dict[ExternalId, dict[str, Any]], list[FlowingEvent]]:
        """Remove them with everything that belongs to them; what each id's profile came to, and all events."""
        effects = self._effects
        working = self._working(effects, read_clock(effects))
        before: dict[ExternalId, dict[str, Any]] = {}
        events: list[FlowingEvent] = []
        for profile in profiles:
            subject = working.subject(profile)
            assert subject is not None, "it was there a moment ago"
            values = {key: each.value for key, each in subject.computed.values.items()}
            history = effects.change(tables.HISTORY)
            for part in (profile, *subject.row.parts):
                for key, row in effects.scan(tables.HISTORY, part):
                    events.append(stored.of_history(key, row))
                    history[key] = None
                effects.change(tables.MERGED).update({part: None, tables.merges_key(part): None})
            for key, row in effects.scan(tables.PROFILE_IDS, profile):
                external_id = tables.decode_profile_id(row).external_id
                before[external_id] = values
                effects.change(tables.PROFILE_IDS)[key] = None
                effects.change(tables.IDENTITIES)[tables.identity_key(subject.collection, external_id)] = None
            working.remove(subject)
        working.account_changes()  # what links took away comes back, or does not, when they are made anew
        working.write()
        conflicts = effects.change(tables.CONFLICTS)
        external_ids = self._context.built(ExternalIds)
        for flowing in events:
            for each in external_ids.of(flowing).users:
                conflicts[tables.identity_key("users", each)] = None
        return before, sorted(events, key=_PLACE)

    # --- and doing over -------------------------------------------------------------------------------------

    def _do_over(
        self, events: Sequence[FlowingEvent], effects: Effects, clock_ms: int
    ) -> dict[bytes, tuple[list[ExternalId], dict[str, Any]]]:
        """Resolve and apply the events again; the profiles they make, with ids and values."""
        users, accounts = identities_of(self._context, effects, Severed(effects))
        resolve_with(users, accounts, events, self._context, effects)
        working = self._working(effects, 0)
        made: dict[bytes, None] = {}
        for flowing in events:
            resolutions: Resolutions | None = flowing.resolution
            if resolutions is None or resolutions.user is None:
                continue
            working.clock_ms = max(working.clock_ms, flowing.received_at_ms)
            user = resolutions.user
            entry = Entry.of_flowing(flowing, effective_ms(flowing))
            working.take(user, flowing, entry, traits_of(flowing) if flowing.event.type == "identify" else {})
            if resolutions.account is not None:
                working.link(user, resolutions.account, flowing)
            made[user.profile] = None
        working.clock_ms = clock_ms
        found = {}
        for profile in made:
            subject = working.subject(profile)
            if subject is not None:
                working.expire(subject)
                values = {key: each.value for key, each in subject.computed.values.items()}
                found[profile] = users.ids_of(profile), values
        working.account_changes()
        working.write()
        return found

    def _working(self, effects: Effects, clock_ms: int) -> WorkingSet:
        return WorkingSet(effects, self._context.built(program_of), clock_ms)

    # --- the identity log -----------------------------------------------------------------------------------

    def _keep_log(self, again: Effects) -> None:
        """Add what was decided anew and is not in the log yet, beside what it says."""
        rows = again.changes.pop(tables.IDENTITY_LOG, {})
        log = self._effects.change(tables.IDENTITY_LOG)
        for key, row in rows.items():
            place = key[:-1]
            known = dict(self._effects.scan(tables.IDENTITY_LOG, place))
            if row is not None and row not in known.values() and len(known) < _LOG_ROWS_MAX:
                free = next(n for n in range(_LOG_ROWS_MAX) if place + bytes((n,)) not in known)
                log[place + bytes((free,))] = row

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


def found_while_growing(found: dict[bytes, None]) -> Iterator[bytes]:
    """Its keys in order, those included that are added on the way."""
    seen = 0
    while seen < len(found):
        each = list(found)[seen]
        seen += 1
        yield each


def _differences(
    before: dict[ExternalId, dict[str, Any]],
    after: dict[bytes, tuple[list[ExternalId], dict[str, Any]]],
    clock_ms: int,
) -> list[Change]:
    """What others have been told of the ids of each profile, and is another value now."""
    changes = []
    for profile, (ids, values) in after.items():
        told = next((before[each] for each in ids if each in before), {})
        for key in sorted(told.keys() | values.keys()):
            value, previous = values.get(key), told.get(key)
            if value != previous and not key.startswith("users:"):
                is_audience = value is True or previous is True
                changes.append(
                    Change(profile, key, is_audience, value, previous, reason=Reason.UNMERGED, at_ms=clock_ms)
                )
    return changes
