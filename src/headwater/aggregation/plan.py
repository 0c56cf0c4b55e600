"""plan: what leaves for destinations. Every accepted event does, as it is; and for each change of a computed trait
or an audience the messages that tell those who want to hear of it (the package `sync`).
"""

from collections import Counter
from collections.abc import Sequence
from typing import Final, NamedTuple

import msgspec

from headwater import limits
from headwater.aggregation import tables
from headwater.aggregation.changes import Change
from headwater.aggregation.sync import first_sync
from headwater.aggregation.sync.planner import Planner
from headwater.event import OutboundEvent
from headwater.flow import Context, DeadLetter, Effects, Reader, Stage, bury_event
from headwater.flowing import FlowingEvent, encode_event

_encode = msgspec.json.Encoder().encode
_bury_event: Final = bury_event("plan")


def plan(items: Sequence[FlowingEvent | Change], context: Context, effects: Effects) -> list[OutboundEvent]:
    """The outbound form of each event, and behind it the messages that its changes bring about, in order. What is
    too much for one commit is put into `effects` as a fan-out.
    """
    outbound: list[OutboundEvent] = []
    accepted: Counter[str] = Counter()
    planner = Planner(context, effects, outbound, messages_max=limits.sync.BATCH_MESSAGES_MAX)
    for item in items:
        if isinstance(item, Change):
            planner.tell(item)
            continue
        event = item.event
        body = item.body
        if not body:
            body = encode_event(event, item.extra) if item.extra else _encode(event)
        place = item.first_place
        offset, index = place or (item.offset, item.index)
        outbound.append(
            OutboundEvent(
                offset,
                index,
                event.message_id or "",
                event.type or "",
                event.event,
                event.name,
                event.user_id,
                event.anonymous_id,
                event.group_id,
                item.profile_id,
                item.source,
                item.received_at_ms,
                item.timestamp_ms,
                item.original_timestamp_ms,
                item.sent_at_ms,
                body,
                item.trace,
                is_stored=place is not None,
            )
        )
        if place is None:
            accepted[item.source] += 1
    planner.write()
    for source, count in accepted.items():
        effects.counts[source, "accepted"] += count
    return outbound


class Step(NamedTuple):
    """What one step of the fan-outs gave."""

    messages: list[OutboundEvent]
    after: bytes
    """The profile behind which the next step begins, so that everybody's turn comes."""


def continue_fan_outs(
    effects: Effects, context: Context, messages_max: int = limits.sync.BATCH_MESSAGES_MAX, after: bytes = b""
) -> Step:
    """The next messages of what waits; with `effects` they are off the queues. Profiles take turns of
    SYNC_INLINE_MESSAGES_MAX messages, from the one behind `after` on, which nobody needs to keep over a restart.
    """
    messages: list[OutboundEvent] = []
    planner = Planner(context, effects, messages, messages_max=messages_max)
    while planner.room > 0 and (profile := planner.fan_outs.next_profile(after)) is not None:
        planner.go_on(profile)
        after = profile
    planner.write()
    return Step(messages, after)


def is_due(state: Reader, context: Context) -> bool:
    """Whether there is anything to continue, or to begin: destinations that were connected later."""
    return first_sync.is_due(state, context) or next(state.scan(tables.FAN_OUTS), None) is not None


def bury(item: FlowingEvent | Change, error: BaseException) -> DeadLetter:
    if not isinstance(item, Change):
        return _bury_event(item, error)
    why = f"{item.key} of {tables.segment_id(item.profile)}: {error!r}"[:500]
    return DeadLetter(item.offset, -1, "plan", "poison", why, "", "", item.at_ms, b"", 0)


STAGE: Final = Stage("plan", plan, bury, quiet="sent on to the destinations of its source")
