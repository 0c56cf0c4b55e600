"""Delivery's lines in what `headwater explain` shows: where an accepted event was to go, and what became of it.

A receipt says it. What is still to come is told by the job or the dead letter, which know when and what to do;
where there is neither, the position of the destination tells whether it has come that far.
"""

from collections.abc import Sequence

import msgspec

from headwater.config.workspace import Workspace
from headwater.delivery.jobs import DeadLetter, Job, Jobs
from headwater.delivery.receipts import DELIVERED, FAILED, FILTERED, Receipt


class DeliveryLine(msgspec.Struct, frozen=True, omit_defaults=True):
    destination: str
    status: str
    """`waiting` (for the first attempt), `delivered`, `filtered`, `retrying`, `dead_letter`, `failed` (and the
    dead letter was decided about), `disabled`, `no_receipt` (it is past the event, and the receipt is too old) or
    `unknown` (the destination is not certainly past it).
    """
    reason: str = ""
    """Why it was filtered, or of the last failure."""
    message: str = ""
    attempts: int = 0
    at_ms: int = 0
    """When the next attempt is due, or when it was settled."""
    latency_ms: int = 0
    """Of the last attempt."""
    mapping: str = ""
    dead_letter: str = ""
    receipt: str = ""
    """Its id."""


def lines(
    jobs: Jobs,
    receipts: Sequence[Receipt],
    workspace: Workspace,
    *,
    message_id: str,
    source: str,
    first: int,
    last: int,
) -> list[DeliveryLine]:
    """A line for each destination that the event's source feeds, and for each that knows it. `receipts` are the
    event's, newest first. It is in the outbound log at one of the offsets `first` to `last`.
    """
    newest = {receipt.destination: receipt for receipt in reversed(receipts)}
    retries, dead = jobs.of_message(message_id)
    failed = {letter.destination: letter for letter in dead} | {job.destination: job for job in retries}
    positions = jobs.positions()
    found = [_failure(failure, newest.get(name)) for name, failure in failed.items()]
    found += [_settled(receipt) for name, receipt in newest.items() if name not in failed]
    told = failed.keys() | newest.keys()
    for destination in workspace.destinations:
        if destination.name not in told and (destination.sources is None or source in destination.sources):
            status = _status(positions.get(destination.name), first, last) if destination.enabled else "disabled"
            found.append(DeliveryLine(destination.name, status))
    return found


def _failure(failure: Job | DeadLetter, receipt: Receipt | None) -> DeliveryLine:
    is_over = isinstance(failure, DeadLetter)
    return DeliveryLine(
        failure.destination,
        "dead_letter" if is_over else "retrying",
        failure.reason,
        failure.message,
        failure.attempts,
        failure.died_at_ms if isinstance(failure, DeadLetter) else failure.due_at_ms,
        latency_ms=receipt.latency_ms if receipt else 0,
        mapping=receipt.mapping if receipt else "",
        dead_letter=f"delivery-{failure.id}" if is_over else "",
        receipt=receipt.id if receipt else "",
    )


def _settled(receipt: Receipt) -> DeliveryLine:
    return DeliveryLine(
        receipt.destination,
        receipt.status,
        receipt.reason,
        receipt.message,
        receipt.attempts,
        receipt.at_ms,
        receipt.latency_ms,
        receipt.mapping,
        receipt=receipt.id,
    )


def _status(position: int | None, first: int, last: int) -> str:
    if position is None or position <= first:
        return "waiting"
    return "no_receipt" if position > last else "unknown"


def sentence(line: DeliveryLine) -> str:
    """The same for people."""
    why = f"{line.reason}: {line.message}" if line.message else line.reason
    match line.status:
        case str(status) if status == DELIVERED:
            by = f" by {line.mapping}" if line.mapping else ""
            again = f", at attempt {line.attempts}" if line.attempts > 1 else ""
            return f"delivered{by} in {line.latency_ms} ms{again}"
        case str(status) if status == FILTERED:
            return f"filtered ({why})"
        case str(status) if status == FAILED:
            return f"tried {_times(line.attempts)} and given up ({why}); the dead letter was decided about"
        case "retrying":
            return f"failed {_times(line.attempts)} ({why}); it will be tried again"
        case "dead_letter":
            return f"tried {_times(line.attempts)} and given up ({why})"
        case "waiting":
            return "not attempted yet"
        case "disabled":
            return "the destination is disabled: it waits"
        case "unknown":
            return "no receipt; the destination is still working through events of that time"
        case _:
            return "no receipt any more"


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"
