"""An exchange, driven: what it asks is sent, and what is answered goes back to it."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, NamedTuple

import structlog

from headwater.delivery.parcel import Talk
from headwater.destinations.kit.model import (
    Answer,
    Answers,
    Call,
    Exchange,
    Outcome,
    Rejected,
    Response,
    RetryLater,
)

logger = structlog.get_logger()

CALLS_MAX: Final = 100
"""One attempt may ask so often, one after the other; a type that goes on is turning in circles."""

UNBUILT: Final = Rejected("INTERNAL", "the request could not be built", sent=False)
BROKEN: Final = RetryLater("INTERNAL", "the attempt broke off inside Headwater")


class Spoken(NamedTuple):
    outcomes: Sequence[Outcome]
    """One for each item."""
    talk: Talk

    def was_answered(self, status: int) -> bool:
        return any(isinstance(answer, Response) and answer.status == status for _, answer in self.talk)


async def converse(
    begin: Callable[[], Exchange], items: int, send: Callable[[Call], Awaitable[Answer]], *, name: str
) -> Spoken:
    """One attempt for so many items. Raises nothing but cancellation: what cannot be built is rejected, and what
    broke on the way is tried again. `name` is the destination's, for the log.
    """
    talk: list[tuple[Call, Answer]] = []
    answers: Answers | None = None
    is_begun = False
    try:
        exchange = begin()
        while len(talk) <= CALLS_MAX:
            calls = exchange.send(answers)  # type: ignore[arg-type]  # None begins it
            is_begun = True
            if isinstance(calls, Call):
                answers = await send(calls)
                talk.append((calls, answers))
            else:
                # One of them alone needs no task of its own.
                answers = [await send(calls[0])] if len(calls) == 1 else await asyncio.gather(*map(send, calls))
                talk += zip(calls, answers, strict=True)
    except StopIteration as end:
        if len(end.value) == items:
            return Spoken(end.value, talk)
        logger.error("attempt_broke", destination=name, error="not one outcome for each item")
    except Exception as error:
        logger.error("attempt_broke", destination=name, error=type(error).__name__)
    # What broke while it was being carried may have arrived, and was no fault of the items.
    return Spoken([BROKEN if is_begun else UNBUILT] * items, talk)
