"""What became of events at destinations: `GET /receipts`, one whole, and a destination over time."""

from typing import Annotated, Any, Final, Literal

import msgspec
from litestar import get
from litestar.params import Parameter

from headwater.config.workspace import Workspace
from headwater.delivery import attempts, reasons
from headwater.delivery.reasons import ExplainedReason
from headwater.delivery.receipt_store import FOREVER_MS, Receipts, Wanted
from headwater.delivery.receipts import DELIVERED, FAILED, FILTERED, RETRYING, Receipt
from headwater.errors import InputError, NotFoundError
from headwater.processing.timestamps import render
from headwater.serve.desk import Desk
from headwater.serve.errors import ERRORS, NAMED_ERRORS
from headwater.serve.instants import instant_ms, now_ms
from headwater.serve.pages import PAGE_DEFAULT, Cursor, Limit, Page, page

SAMPLES_DEFAULT: Final = 3
SAMPLES_MAX: Final = 10
"""Spec 2.5: of each reason."""

REASONS_SAMPLED: Final = 20
"""The most frequent ones; each costs a look into the receipts."""

SINCE_DEFAULT: Final = "1h"
"""For a destination over time."""

STATUSES_HELP: Final = "delivered, filtered, retrying or failed"

Status = Literal["delivered", "filtered", "retrying", "failed"]
Text = Annotated[str | None, Parameter(max_length=1_000)]


class DeliveryReceipt(msgspec.Struct, frozen=True):
    id: str
    message_id: str
    destination: str
    source: str
    type: str
    event: str | None
    """What is tracked, or the name of the page or screen."""
    profile_id: str | None
    user_id: str | None
    anonymous_id: str | None
    status: Status
    reason: str
    """Empty when delivered."""
    message: str
    mapping: str
    attempts: int
    latency_ms: int
    """Of the last attempt."""
    at: str
    """When it was settled, ISO 8601, UTC."""
    has_exchange: bool
    """Whether there is more to see in the whole receipt: request and answer, or earlier attempts."""


class DeliveryAttempt(msgspec.Struct, frozen=True):
    """One that failed, before the one that the receipt is about."""

    number: int
    """Counted from 1."""
    at: str
    """When it had failed, ISO 8601, UTC."""
    reason: str
    message: str
    latency_ms: int
    exchange: list[dict[str, Any]]
    """What was asked and answered, secrets masked; empty if it was not kept."""


class WholeDeliveryReceipt(msgspec.Struct, frozen=True):
    receipt: DeliveryReceipt
    exchange: list[dict[str, Any]]
    """What was asked and answered in the last attempt, secrets masked; empty if it was not kept."""
    earlier: list[DeliveryAttempt]
    """The failed attempts before it, oldest first, the last hundred at most. Empty in receipts of old versions."""


class DeliveryMinute(msgspec.Struct, frozen=True):
    at: str
    """When the minute began, or the step of several."""
    delivered: int
    failed: int
    filtered: int
    retrying: int
    """Attempts that failed and are repeated."""
    pending: int
    """Events that failed first in this minute and are still being tried."""
    p50_ms: int
    p95_ms: int


class DeliveryReason(msgspec.Struct, frozen=True):
    status: Status
    reason: str
    count: int
    samples: list[DeliveryReceipt]
    """The newest."""


class DeliveryReport(msgspec.Struct, frozen=True):
    destination: str
    since: str
    until: str
    delivered: int
    failed: int
    filtered: int
    retrying: int
    """Attempts in this time that failed and were to be repeated."""
    pending: int
    """Events that are being retried now."""
    p50_ms: int
    """Half of the attempts took at most so long; percentiles are up to 20 % too high, never too low."""
    p95_ms: int
    reasons: list[DeliveryReason]
    """Most frequent first."""
    minutes: list[DeliveryMinute]
    """Those in which something happened, or steps of several."""


class Question(msgspec.Struct, frozen=True):
    """Which receipts, as people ask; what is left out does not matter."""

    message_id: str | None = None
    profile_id: str | None = None
    user_id: str | None = None
    anonymous_id: str | None = None
    destination: str | None = None
    source: str | None = None
    event: str | None = None
    status: str | None = None
    reason: str | None = None
    since: str | None = None
    until: str | None = None

    def wanted(self, at_ms: int) -> Wanted:
        return Wanted(
            self.message_id,
            self.profile_id,
            self.user_id,
            self.anonymous_id,
            self.destination,
            self.source,
            self.event,
            self.status,
            self.reason,
            instant_ms(self.since, at_ms, field="since") if self.since else 0,
            instant_ms(self.until, at_ms, field="until") - 1 if self.until else FOREVER_MS,
        )


def listed(
    receipts: Receipts, question: Question, *, limit: int, cursor: str | None = None
) -> Page[DeliveryReceipt]:
    found = receipts.find(question.wanted(now_ms()), limit=limit, cursor=cursor)
    return Page([line(receipt) for receipt in found.receipts], found.cursor)


def whole(receipts: Receipts, receipt_id: str) -> WholeDeliveryReceipt:
    found = receipts.whole(receipt_id)
    if found is None:
        raise NotFoundError(
            f"there is no receipt {receipt_id}: it is too old, or a later attempt has replaced it; "
            "ask for those of its message"
        )
    known = attempts.told(found.exchange)
    earlier = [
        DeliveryAttempt(
            number=each.number,
            at=render(each.at_ms),
            reason=each.reason,
            message=each.message,
            latency_ms=each.latency_ms,
            exchange=msgspec.json.decode(each.exchange),
        )
        for each in known.earlier
    ]
    return WholeDeliveryReceipt(line(found), msgspec.json.decode(known.exchange), earlier)


def line(receipt: Receipt) -> DeliveryReceipt:
    return DeliveryReceipt(
        id=receipt.id,
        message_id=receipt.message_id,
        destination=receipt.destination,
        source=receipt.source,
        type=receipt.event_type,
        event=receipt.event_name,
        profile_id=receipt.profile_id,
        user_id=receipt.user_id,
        anonymous_id=receipt.anonymous_id,
        status=receipt.status,  # type: ignore[arg-type]  # one of STATUSES
        reason=receipt.reason,
        message=receipt.message,
        mapping=receipt.mapping,
        attempts=receipt.attempts,
        latency_ms=receipt.latency_ms,
        at=render(receipt.at_ms),
        has_exchange=receipt.exchange is not None,
    )


def report(
    receipts: Receipts,
    destination: str,
    *,
    since: str,
    until: str | None,
    samples: int,
    pending: int,
    step_minutes: int = 1,
) -> DeliveryReport:
    """`pending`: how many it has now."""
    at_ms = now_ms()
    from_ms = instant_ms(since, at_ms, field="since")
    to_ms = instant_ms(until, at_ms, field="until") if until else at_ms
    if from_ms > to_ms:
        raise InputError("invalid_instant", "since must be before until", field="since")
    found = receipts.delivery(destination, from_ms=from_ms, to_ms=to_ms, step_minutes=step_minutes)
    reasons = []
    for number, each in enumerate(found.reasons):
        sampled: list[Receipt] = []
        if each.reason and samples and number < REASONS_SAMPLED:
            wanted = Wanted(
                destination=destination, status=each.status, reason=each.reason, from_ms=from_ms, to_ms=to_ms
            )
            sampled = receipts.find(wanted, limit=samples).receipts
        reasons.append(
            DeliveryReason(
                each.status,  # type: ignore[arg-type]  # one of STATUSES
                each.reason,
                each.times,
                [line(receipt) for receipt in sampled],
            )
        )
    total = {status: sum(each.times for each in found.reasons if each.status == status) for status in _COUNTED}
    return DeliveryReport(
        destination=destination,
        since=render(from_ms),
        until=render(to_ms),
        **total,
        pending=pending,
        p50_ms=found.p50_ms,
        p95_ms=found.p95_ms,
        reasons=reasons,
        minutes=[DeliveryMinute(render(each.at_ms), *each[1:]) for each in found.minutes],
    )


_COUNTED: Final = (DELIVERED, FAILED, FILTERED, RETRYING)


def check_destination(workspace: Workspace, name: str) -> None:
    if workspace.destination(name) is None:
        raise NotFoundError(f"there is no destination {name}")


@get("/receipts", responses=ERRORS)
async def list_receipts(
    desk: Desk,
    message_id: Text = None,
    profile_id: Text = None,
    user_id: Text = None,
    anonymous_id: Text = None,
    destination: Text = None,
    source: Text = None,
    event: Text = None,
    status: Status | None = None,
    reason: Text = None,
    since: Text = None,
    until: Text = None,
    limit: Limit = PAGE_DEFAULT,
    cursor: Cursor = None,
) -> Page[DeliveryReceipt]:
    """What became of events at destinations, newest first. `since` and `until`: `1h`, `7d`, or ISO 8601."""
    question = Question(
        message_id, profile_id, user_id, anonymous_id, destination, source, event, status, reason, since, until
    )
    return await desk.ask_receipts(lambda receipts: listed(receipts, question, limit=limit, cursor=cursor))


@get("/receipts/{receipt_id:str}", responses=NAMED_ERRORS)
async def get_receipt(desk: Desk, receipt_id: str) -> WholeDeliveryReceipt:
    """One receipt with what was asked and answered, secrets masked."""
    return await desk.ask_receipts(lambda receipts: whole(receipts, receipt_id))


@get("/destinations/{name:str}/delivery", responses=NAMED_ERRORS)
async def get_delivery(
    desk: Desk,
    name: str,
    since: Annotated[str, Parameter(max_length=100)] = SINCE_DEFAULT,
    until: Text = None,
    samples: Annotated[int, Parameter(ge=0, le=SAMPLES_MAX, description="Of each reason.")] = SAMPLES_DEFAULT,
    step: Annotated[int, Parameter(ge=1, le=1_440, description="Minutes that are counted together.")] = 1,
) -> DeliveryReport:
    """How delivery to one destination went: counts per minute, latency, reasons with samples."""
    check_destination((await desk.version()).workspace, name)
    standings = await desk.call(desk.jobs.standings)
    pending = standings[name].retries if name in standings else 0
    return await desk.ask_receipts(
        lambda receipts: report(
            receipts, name, since=since, until=until, samples=samples, pending=pending, step_minutes=step
        )
    )


@get("/delivery-reasons", responses=ERRORS, sync_to_thread=False)
def list_delivery_reasons(limit: Limit = PAGE_DEFAULT, cursor: Cursor = None) -> Page[ExplainedReason]:
    """What the reasons in receipts mean, and what one can do. Other HTTP statuses stand for themselves."""
    return page(reasons.EXPLAINED, lambda each: each.reason, limit=limit, cursor=cursor)


HANDLERS: Final = [list_receipts, get_receipt, get_delivery, list_delivery_reasons]
