"""expire: what changes about profiles by itself, when it is due: windows that close, dates that come.

The clock is the log's: the newest time of receipt of what was processed. A profile that an event touches is
brought up to it by `update`; here come all others. When nothing arrives, the pipeline puts a *tick* into the
collected log at the moment something is due, so that the same log always gives the same profiles.
"""

from collections.abc import Sequence
from itertools import islice
from typing import Final, NamedTuple

from headwater import limits
from headwater.aggregation import tables
from headwater.aggregation.changes import Change
from headwater.aggregation.working_set import WorkingSet, program_of, read_clock
from headwater.flow import Context, DeadLetter, Effects, Reader, Stage


class Due(NamedTuple):
    at_ms: int
    profile: bytes
    offset: int
    """Of the record that has brought the clock so far."""


def due(effects: Effects, from_ms: int, clock_ms: int, offset: int) -> list[Due]:
    """The first that are due at the clock, in order. `from_ms`: none is due before, which saves looking at those
    that were there and are gone.
    """
    found = []
    rows = effects.scan(tables.TIMERS, start=tables.timer_key(from_ms, b""))
    for key, _ in islice(rows, limits.compute.TIMERS_PER_BATCH):
        at_ms, profile = tables.timer_of(key)
        if at_ms > clock_ms:
            break
        found.append(Due(at_ms, profile, offset))
    return found


def next_due_ms(state: Reader, from_ms: int) -> int | None:
    """When the first timer is due, of those from `from_ms` on; None: there is none."""
    for key, _ in state.scan(tables.TIMERS, start=tables.timer_key(from_ms, b"")):
        return tables.timer_of(key)[0]
    return None


def expire(timers: Sequence[Due], context: Context, effects: Effects) -> list[Change]:
    working = WorkingSet(effects, context.built(program_of), read_clock(effects))
    working.look_up(each.profile for each in timers)
    changes: list[Change] = []
    for at_ms, profile, offset in timers:
        subject = working.subject(profile)
        if subject is None:
            effects.change(tables.TIMERS)[tables.timer_key(at_ms, profile)] = None
            continue
        caused = working.expire(subject)
        for change in caused:
            change.offset = offset
        changes += caused
    working.write()
    return changes


def forget(timers: Sequence[Due], effects: Effects) -> None:
    """A timer has fired, whatever came of it: one whose profile could not be computed must not come again."""
    rows = effects.change(tables.TIMERS)
    for at_ms, profile, _ in timers:
        rows.setdefault(tables.timer_key(at_ms, profile), None)


def bury(timer: Due, error: BaseException) -> DeadLetter:
    """What cannot be computed for one profile must not stop the others: it is set aside with its reason."""
    why = f"{tables.segment_id(timer.profile)}: {error!r}"[:500]
    return DeadLetter(timer.offset, -1, "expire", "poison", why, "", "", timer.at_ms, b"", 0)


STAGE: Final = Stage("expire", expire, bury)
