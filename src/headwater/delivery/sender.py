"""One destination's settings, bound to its type and to a client: what turns an event into an outcome."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

import msgspec
import structlog

from headwater.config.transformations import Transformation
from headwater.config.workspace import Destination
from headwater.delivery.transports.carrier import Carrier
from headwater.destinations import registry
from headwater.destinations.kit.deletion import Deletion
from headwater.destinations.kit.model import (
    Answers,
    Attempt,
    Exchange,
    Filtered,
    Item,
    Outcome,
    Rejected,
    Request,
    RetryLater,
)
from headwater.errors import ConfigError, Problem
from headwater.event import OutboundEvent
from headwater.fql import FqlError
from headwater.transformations.draft import BodyDraft
from headwater.transformations.metrics import APPLIED
from headwater.transformations.rule import DROPPED, HELD_BACK
from headwater.transformations.rules import BySource

logger = structlog.get_logger()

HELD_FOR_PRIVACY = {"suppressed": "SUPPRESSED", "deleted": "DELETED"}


class Sender:
    def __init__(
        self,
        destination: Destination,
        client: Carrier,
        transformations: tuple[Transformation, ...] = (),
        *,
        why_not: Callable[[OutboundEvent], str] = lambda _: "",
    ) -> None:
        """`transformations`: the destination's own, in order. `why_not`: a reason for which an event must go to
        nobody, else empty; asked at every attempt. ConfigError when the settings are not those of a
        known type, or a transformation is none (another version stored them).
        """
        type_ = registry.get(destination.type)
        problems = registry.validate_settings(destination.type, destination.settings)
        if type_ is None or problems:
            raise ConfigError(problems or [Problem("unknown type", "type")])
        settings = msgspec.convert(destination.settings, type_.settings)
        self._name = destination.name
        self._perform = type_.actions[0].perform(settings)
        self._deletions = type_.deletions(settings) if type_.deletions else None
        self._why_not = why_not
        self._client = client
        try:
            self._rules = BySource(transformations)
        except (ValueError, FqlError) as error:
            raise ConfigError([Problem(str(error), "transformations")]) from error

    def prepare(self, event: OutboundEvent) -> OutboundEvent | Filtered | Rejected:
        """The event as this destination gets it. Every attempt begins with this, so that what is stored is always
        the event as it left the pipeline, and a rule that is tightened holds for what waits as well.
        """
        rules = self._rules.of(event.source)
        if not rules.candidates(event.type, event.event):
            return event
        try:
            draft = BodyDraft(event.body)
            applied = rules.apply(draft)
        except (msgspec.MsgspecError, RecursionError) as error:
            logger.error("event_not_transformed", destination=self._name, error=type(error).__name__)
            return Rejected("TRANSFORMATION_FAILED", "the event could not be read", sent=False)
        for rule, result in applied:
            APPLIED.labels(rule.name, result.outcome).inc()
            if result.outcome is DROPPED:
                return Filtered("DROPPED_BY_TRANSFORMATION", rule.label)
            if result.outcome is HELD_BACK:
                why = f"{rule.label} could not be applied: {result.problem}"
                return Rejected("TRANSFORMATION_FAILED", why, sent=False)
        if not applied:
            return event
        changes: dict[str, Any] = {"body": draft.body, "event": draft.name}
        return msgspec.structs.replace(event, **changes)

    async def delete(self, deletion: Deletion) -> Outcome:
        """Ask every address the destination has to forget a user."""
        if self._deletions is None:
            return Rejected("NOT_SUPPORTED", "destinations of this type cannot be asked to delete", sent=False)
        return await self._converse(self._deletions(deletion, Attempt(time.time())))

    async def attempt(self, event: OutboundEvent) -> Outcome | Filtered:
        """One attempt at every address the destination has. Raises nothing but cancellation: what cannot be
        built is rejected, what broke on the way is tried again, and both harm only this event.
        """
        if why := self._why_not(event):
            return Filtered(HELD_FOR_PRIVACY[why], f"its user was {why}")
        prepared = self.prepare(event)
        if not isinstance(prepared, OutboundEvent):
            return prepared
        return await self._converse(self._perform([Item(prepared, {}, prepared.message_id)], Attempt(time.time())))

    async def _converse(self, exchange: Exchange) -> Outcome:
        """What the one item of this exchange comes to."""
        answers: Answers | None = None
        try:
            while True:
                calls = exchange.send(answers)  # type: ignore[arg-type]  # None begins it
                if isinstance(calls, Request):
                    answers = await self._client.send(calls)
                else:
                    answers = await asyncio.gather(*(self._client.send(call) for call in calls))  # type: ignore[arg-type]
        except StopIteration as end:
            (outcome,) = end.value
            return outcome  # type: ignore[no-any-return]
        except Exception as error:
            logger.error("attempt_broke", destination=self._name, error=type(error).__name__)
            if answers is None:
                return Rejected("INTERNAL", "the request could not be built", sent=False)
            return RetryLater("INTERNAL", "the attempt broke off inside Headwater")
