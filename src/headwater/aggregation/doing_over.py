"""Doing over: profiles are taken apart into their events, and what they should be is made of those events again.

An unmerge does it with a pair of ids that does not belong together any more, a deletion with fewer events. The
events are resolved and applied in the order of the log, each at the clock that it came at, so the result is what
the log would have given in the first place.
"""

from collections.abc import Iterable, Sequence
from operator import attrgetter
from typing import Any, Final, NamedTuple

from headwater.aggregation import stored, tables
from headwater.aggregation.compute.entry import Entry
from headwater.aggregation.external_ids import ExternalIds
from headwater.aggregation.identity import Severed, identities_of
from headwater.aggregation.resolution import Resolutions
from headwater.aggregation.resolve import resolve_with
from headwater.aggregation.tables import ExternalId
from headwater.aggregation.update import effective_ms, traits_of
from headwater.aggregation.working_set import WorkingSet, program_of, read_clock
from headwater.flow import Context, Effects
from headwater.flowing import FlowingEvent

_PLACE: Final = attrgetter("offset", "index")
_LOG_ROWS_MAX: Final = 256

Values = dict[str, Any]
"""By definition key."""


class Parts(NamedTuple):
    """What profiles were made of."""

    events: list[FlowingEvent]
    """In the order of the log."""
    values: dict[ExternalId, Values]
    """What the profile with this id came to."""


class Made(NamedTuple):
    ids: list[ExternalId]
    values: Values


def canonical(effects: Effects, profile: bytes) -> bytes:
    """The profile that this one is in now; itself when it was never merged away."""
    while True:
        (into,) = effects.read(tables.MERGED, [profile])
        if into is None:
            return profile
        profile = into


def take_apart(profiles: Iterable[bytes], context: Context, effects: Effects) -> Parts:
    """Remove these profiles with everything that follows from them; the identity log stays."""
    working = WorkingSet(effects, context.built(program_of), read_clock(effects))
    values: dict[ExternalId, Values] = {}
    events: list[FlowingEvent] = []
    for profile in profiles:
        subject = working.subject(profile)
        assert subject is not None, "it was there a moment ago"
        came_to = {key: each.value for key, each in subject.computed.values.items()}
        history = effects.change(tables.HISTORY)
        for part in (profile, *subject.row.parts):
            for key, row in effects.scan(tables.HISTORY, part):
                events.append(stored.of_history(key, row))
                history[key] = None
            effects.change(tables.MERGED).update({part: None, tables.merges_key(part): None})
        for key, row in effects.scan(tables.PROFILE_IDS, profile):
            external_id = tables.decode_profile_id(row).external_id
            values[external_id] = came_to
            effects.change(tables.PROFILE_IDS)[key] = None
            effects.change(tables.IDENTITIES)[tables.identity_key(subject.collection, external_id)] = None
        working.remove(subject)
    working.account_changes()  # what links took away comes back, or does not, when they are made anew
    working.write()
    conflicts = effects.change(tables.CONFLICTS)
    external_ids = context.built(ExternalIds)
    for flowing in events:
        for each in external_ids.of(flowing).users:
            conflicts[tables.identity_key("users", each)] = None
    return Parts(sorted(events, key=_PLACE), values)


def make_again(events: Sequence[FlowingEvent], context: Context, effects: Effects) -> dict[bytes, Made]:
    """Resolve and apply the events, which nobody has any more; the profiles that they make. The identity log gets
    what was decided in another way than before.
    """
    again = Effects(effects.state, below=effects)
    users, accounts = identities_of(context, again, Severed(again))
    resolve_with(users, accounts, events, context, again)
    working = WorkingSet(again, context.built(program_of), 0)
    made: dict[bytes, None] = {}
    for flowing in events:
        resolutions: Resolutions | None = flowing.resolution
        if resolutions is None or resolutions.user is None:
            continue
        user = resolutions.user
        working.clock_ms = max(working.clock_ms, flowing.received_at_ms)
        entry = Entry.of_flowing(flowing, effective_ms(flowing))
        working.take(user, flowing, entry, traits_of(flowing) if flowing.event.type == "identify" else {})
        if resolutions.account is not None:  # which has the event in its history already
            working.link(user, resolutions.account, flowing)
        made[user.profile] = None
    working.clock_ms = read_clock(effects)
    found = {}
    for profile in made:
        subject = working.subject(profile)
        if subject is not None:
            working.expire(subject)
            values = {key: each.value for key, each in subject.computed.values.items()}
            found[profile] = Made(users.ids_of(profile), values)
    working.account_changes()
    working.write()
    _keep_log(again, effects)
    again.identity.clear()
    effects.merge(again)
    return found


def _keep_log(again: Effects, effects: Effects) -> None:
    """Add what was decided anew and is not in the log yet, beside what it says."""
    rows = again.changes.pop(tables.IDENTITY_LOG, {})
    log = effects.change(tables.IDENTITY_LOG)
    for key, row in rows.items():
        place = key[:-1]
        known = dict(effects.scan(tables.IDENTITY_LOG, place))
        if row is not None and row not in known.values() and len(known) < _LOG_ROWS_MAX:
            free = next(n for n in range(_LOG_ROWS_MAX) if place + bytes((n,)) not in known)
            log[place + bytes((free,))] = row
