"""Step 7: the workspace's transformations that are about this destination."""

from collections.abc import Callable
from typing import Final

import msgspec
import structlog

from headwater.config.transformations import Transformation
from headwater.delivery.routing.step import Step, Verdict, with_body
from headwater.destinations.kit.model import Filtered, Rejected
from headwater.event import OutboundEvent
from headwater.transformations.draft import BodyDraft
from headwater.transformations.metrics import APPLIED
from headwater.transformations.rule import DROPPED, HELD_BACK, Result, Rule
from headwater.transformations.rules import BySource

logger = structlog.get_logger()

DROPPED_REASON: Final = "DROPPED_BY_TRANSFORMATION"
FAILED_REASON: Final = "TRANSFORMATION_FAILED"

Note = Callable[[Rule, Result], None]


def count(rule: Rule, result: Result) -> None:
    APPLIED.labels(rule.name, result.outcome).inc()


def step(destination: str, definitions: tuple[Transformation, ...], note: Note) -> Step | None:
    """`note` is told what each rule does that does anything. ValueError or FqlError when a definition is none."""
    if not definitions:
        return None
    by_source = BySource(definitions)

    def run(event: OutboundEvent) -> Verdict:
        rules = by_source.of(event.source)
        if not rules.candidates(event.type, event.event):
            return event
        try:
            draft = BodyDraft(event.body)
            applied = rules.apply(draft)
        except (msgspec.MsgspecError, RecursionError) as error:
            logger.error("event_not_transformed", destination=destination, error=type(error).__name__)
            return Rejected(FAILED_REASON, "the event could not be read", sent=False)
        for rule, result in applied:
            note(rule, result)
            if result.outcome is DROPPED:
                return Filtered(DROPPED_REASON, rule.label)
            if result.outcome is HELD_BACK:
                why = f"{rule.label} could not be applied: {result.problem}"
                return Rejected(FAILED_REASON, why, sent=False)
        return with_body(event, draft.body) if applied else event

    return Step("transformations", run)
