"""Delivery's lines in what `headwater explain` shows: where an accepted event was to go, and what became of it.

A success leaves no row, so the most that can be said of a destination whose position is beyond the event, and that
has no failure of it on record, is just that.
"""

import msgspec

from headwater.config.workspace import Workspace
from headwater.delivery.jobs import DeadLetter, Job, Jobs


class DeliveryLine(msgspec.Struct, frozen=True, omit_defaults=True):
    destination: str
    status: str
    """`waiting` (for the first attempt), `retrying`, `dead_letter`, `disabled`, `no_failure_on_record` or
    `unknown` (the destination is not certainly past it).
    """
    reason: str = ""
    """Of the last failure."""
    message: str = ""
    attempts: int = 0
    at_ms: int = 0
    """When the next attempt is due, or when it was given up."""
    dead_letter: str = ""


def lines(
    jobs: Jobs, workspace: Workspace, *, message_id: str, source: str, first: int, last: int
) -> list[DeliveryLine]:
    """A line for each destination that the event's source feeds, and for each that failed with it. The event is in
    the outbound log at one of the offsets `first` to `last`.
    """
    retries, dead = jobs.of_message(message_id)
    failed = {letter.destination: letter for letter in dead} | {job.destination: job for job in retries}
    positions = jobs.positions()
    found = [_failure(failure) for failure in failed.values()]
    for destination in workspace.destinations:
        if destination.name not in failed and (destination.sources is None or source in destination.sources):
            status = _status(positions.get(destination.name), first, last) if destination.enabled else "disabled"
            found.append(DeliveryLine(destination.name, status))
    return found


def _failure(failure: Job | DeadLetter) -> DeliveryLine:
    why = failure.reason, failure.message, failure.attempts
    if isinstance(failure, Job):
        return DeliveryLine(failure.destination, "retrying", *why, failure.due_at_ms)
    return DeliveryLine(failure.destination, "dead_letter", *why, failure.died_at_ms, f"delivery-{failure.id}")


def _status(position: int | None, first: int, last: int) -> str:
    if position is None or position <= first:
        return "waiting"
    return "no_failure_on_record" if position > last else "unknown"


def sentence(line: DeliveryLine) -> str:
    """The same for people."""
    match line.status:
        case "retrying":
            return f"failed {_times(line.attempts)} ({line.reason}: {line.message}); it will be tried again"
        case "dead_letter":
            return f"tried {_times(line.attempts)} and given up ({line.reason}: {line.message})"
        case "waiting":
            return "not attempted yet"
        case "disabled":
            return "the destination is disabled: it waits"
        case "unknown":
            return "no failure on record; the destination is still working through events of that time"
        case _:
            return "no failure on record"


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"
