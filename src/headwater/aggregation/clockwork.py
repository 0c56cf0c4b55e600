"""What happens without an event: people's decisions, what is due at the clock of the log, a step of the sweep, a
step of what is still to be sent. All of it is brought about by records of the log, so it is in the log's order,
too.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager

from headwater import limits
from headwater.aggregation import decide, decisions, expire, plan, sweep
from headwater.aggregation.changes import Change
from headwater.aggregation.working_set import move_clock
from headwater.event import OutboundEvent
from headwater.flow import Context, Effects, Reader, run_stage
from headwater.flowing import Arrival

Spent = Callable[[str], AbstractContextManager[None]]
"""Notes the time that was spent inside it under a name."""


class Clockwork:
    """What it keeps between batches only saves work: whoever starts anew finds everything in the state."""

    def __init__(self, state: Reader, spent: Spent) -> None:
        self._state = state
        self._spent = spent
        self._fired_to_ms = 0
        """No timer is due before ..."""
        self._fires_to_ms = 0
        """... and none will be before this, once the batch in progress has been committed."""
        self._after = b""
        """The profile whose messages were continued last."""

    def due_in_s(self, now_ms: int) -> float | None:
        """Seconds until a timer is due; None: there is none."""
        due_ms = expire.next_due_ms(self._state, self._fired_to_ms)
        return None if due_ms is None else max(0.0, (due_ms - now_ms) / 1000)

    def has_work(self, context: Context) -> bool:
        """Whether a tick would bring something further."""
        return sweep.is_due(self._state, context) or plan.is_due(self._state, context)

    def changes(
        self, arrivals: Sequence[Arrival], context: Context, effects: Effects, *, offset: int
    ) -> list[Change]:
        """What changes about profiles; `offset` is that of the batch's last record."""
        decided = [each for each in arrivals if decisions.stands_alone(each.request)]
        changes: list[Change] = run_stage(decide.STAGE, decided, context, effects) if decided else []
        clock_ms = move_clock(effects, max(map(_ticked_ms, arrivals), default=0))
        with self._spent("expire"):
            timers = expire.due(effects, self._fired_to_ms, clock_ms, offset)
            changes += run_stage(expire.STAGE, timers, context, effects) if timers else []
            expire.forget(timers, effects)
        if len(timers) < limits.compute.TIMERS_PER_BATCH:
            self._fires_to_ms = clock_ms
        if _is_ticking(arrivals) and sweep.is_due(self._state, context):
            with self._spent("sweep"):
                profiles = sweep.step(context, effects)
                swept: list[Change] = run_stage(sweep.STAGE, profiles, context, effects) if profiles else []
            for change in swept:
                change.offset = offset
            changes += swept
        return changes

    def messages(self, arrivals: Sequence[Arrival], context: Context, effects: Effects) -> list[OutboundEvent]:
        """What waited because it was too much for the batch that brought it about, and decisions for the lake."""
        messages = [decisions.as_stored(*each) for each in arrivals if decisions.stands_alone(each.request)]
        if _is_ticking(arrivals) and plan.is_due(self._state, context):
            with self._spent("fan_out"):
                step = plan.continue_fan_outs(effects, context, after=self._after)
            self._after = step.after
            messages += step.messages
        return messages

    def committed(self) -> None:
        self._fired_to_ms = self._fires_to_ms


def _ticked_ms(arrival: Arrival) -> int:
    return arrival.request.received_at_ms if arrival.request.call == decisions.TICK else 0


def _is_ticking(arrivals: Sequence[Arrival]) -> bool:
    return any(each.request.call == decisions.TICK for each in arrivals)
