"""suppress: the events of suppressed users stop here, before anything is stored about them.

Whose event it is: its userId, and its previousId (an alias would otherwise carry a suppressed id on under another
name), both compared exactly. An anonymous event has no user and passes, as in Segment.
"""

from collections.abc import Sequence
from typing import Final

from headwater.flow import Context, Effects, Stage, bury_event
from headwater.flowing import FlowingEvent

REASON: Final = "suppressed"


def suppress(events: Sequence[FlowingEvent], context: Context, effects: Effects) -> list[FlowingEvent]:
    suppressed = context.suppressed
    if not suppressed:
        return list(events)
    passed = []
    last_id, is_last_suppressed = None, False
    for flowing in events:
        event = flowing.event
        if event.user_id != last_id:  # neighbours are mostly of one user
            last_id = event.user_id
            is_last_suppressed = last_id is not None and last_id in suppressed
        if is_last_suppressed or (event.previous_id is not None and event.previous_id in suppressed):
            effects.drop(flowing, "suppress", REASON)
        else:
            passed.append(flowing)
    return passed


STAGE: Final = Stage("suppress", suppress, bury_event("suppress"), quiet="its user is not suppressed")
