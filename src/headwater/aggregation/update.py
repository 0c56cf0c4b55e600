"""update: what an event changes about the profile it belongs to: history, traits, links, and everything computed.

Events are taken one by one in the order of the log, each at the log's clock: first what was due before it, then
the event. So a result does not depend on how the log was cut into batches. Out come the events, each followed by
what has changed because of it.
"""

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from headwater import limits
from headwater.aggregation.changes import Change
from headwater.aggregation.compute.entry import Entry
from headwater.aggregation.resolution import Resolutions
from headwater.aggregation.working_set import WorkingSet, program_of, read_clock
from headwater.flow import Context, Effects, Stage, bury_event
from headwater.flowing import FlowingEvent, encode_event

_encode = msgspec.json.Encoder().encode
_NONE: Final[dict[str, Any]] = {}


def update(events: Sequence[FlowingEvent], context: Context, effects: Effects) -> list[FlowingEvent | Change]:
    working = WorkingSet(effects, context.built(program_of), read_clock(effects))
    resolved: list[Resolutions] = [each.resolution for each in events if each.resolution is not None]
    both = [(each.user, each.account) for each in resolved]
    working.look_up(
        profile
        for pair in both
        for each in pair
        if each is not None
        for profile in (*(() if each.created else (each.profile,)), *each.merged)
    )
    working.look_up_links((user.profile, account.profile) for user, account in both if user and account)
    out: list[FlowingEvent | Change] = []
    for flowing in events:
        event = flowing.event
        flowing.body = encode_event(event, flowing.extra) if flowing.extra else _encode(event)
        working.clock_ms = max(working.clock_ms, flowing.received_at_ms)
        out.append(flowing)
        if flowing.resolution is not None:
            changes = _take(flowing, working)
            for change in changes:
                change.offset, change.index = flowing.offset, flowing.index
            out += changes
    working.write()
    return out


def _take(flowing: FlowingEvent, working: WorkingSet) -> list[Change]:
    resolutions: Resolutions = flowing.resolution
    user, account = resolutions.user, resolutions.account
    call = flowing.event.type
    entry = Entry.of_flowing(flowing, effective_ms(flowing))
    changes: list[Change] = []
    if user is not None:
        changes += working.take(user, flowing, entry, traits_of(flowing) if call == "identify" else _NONE)
    if account is not None:
        changes += working.take(account, flowing, entry, traits_of(flowing) if call == "group" else _NONE)
        if user is not None:
            changes += working.link(user, account, flowing)
    return changes + working.account_changes()


def effective_ms(flowing: FlowingEvent) -> int:
    """When an event counts: nothing happens after it was received."""
    return max(0, min(flowing.timestamp_ms, flowing.received_at_ms))


def traits_of(flowing: FlowingEvent) -> dict[str, Any]:
    """Of an identify or group: what it says about the profile; nothing when that cannot be read, or is too
    much.
    """
    try:
        traits = flowing.payload()
    except (msgspec.MsgspecError, RecursionError):
        return _NONE
    if len(traits) > limits.compute.TRAITS_PER_CALL_MAX:
        flowing.note(
            "update", "traits_not_kept", why=f"more than {limits.compute.TRAITS_PER_CALL_MAX} in one call"
        )
        return _NONE
    return traits


STAGE: Final = Stage("update", update, bury_event("update"), quiet="in the history of its profile")
