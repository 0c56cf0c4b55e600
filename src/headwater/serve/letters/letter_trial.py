"""What would become of a dead letter if it were tried again now: as it was sent, or edited. Nothing is written.

The stages that refuse events do it, with the workspace of today: what they say is what a replay would meet. Those
that only remember (dedupe, discover) or hold back the suppressed are left out.
"""

from collections.abc import Iterator
from typing import Final

import msgspec

from headwater import limits
from headwater.config.workspace import Workspace
from headwater.errors import InputError
from headwater.event import CollectedRequest
from headwater.flow import Context, DeadLetter, Effects, run_stage
from headwater.flowing import Arrival, FlowingEvent
from headwater.processing import govern as governing
from headwater.processing import normalise, transform
from headwater.processing.govern.governor import governors
from headwater.processing.replay import as_request
from headwater.serve.letters.letter import Letter
from headwater.serve.letters.letter_reasons import Explained, explained

_PLACES: Final = {
    "no_user_anon_id": "userId",
    "id_required": "groupId",
    "type_unknown": "type",
    "event_not_defined": "event",
    "event_not_string": "event",
    "name_not_string": "name",
    "category_not_string": "category",
    "properties_not_object": "properties",
    "properties_too_many": "properties",
    "traits_not_object": "traits",
    "context_not_object": "context",
    "integrations_not_object": "integrations",
    "device_advertisingid_should_be_string": "context.device.advertisingId",
    "consent_categorypreferences_should_exist": "context.consent",
    "consent_categorypreferences_fields_should_be_object": "context.consent.categoryPreferences",
    "consent_categorypreferences_fields_should_be_bool": "context.consent.categoryPreferences",
    "consent_version_should_be_number": "context.consent.version",
    "unplanned": "event",
    "event_setting": "event",
}
"""Reasons that are about one member of an event."""

_IDS: Final = ("userId", "anonymousId", "groupId", "previousId")


class LetterProblem(msgspec.Struct, frozen=True):
    path: str
    """In the event, as in `properties.products.0.sku`; empty: all of it."""
    message: str


class Obstacle(msgspec.Struct, frozen=True):
    """Why it would be a dead letter again."""

    stage: str
    reason: str
    detail: str
    problems: list[LetterProblem]
    about: Explained


class LetterTrial(msgspec.Struct, frozen=True):
    passes: int
    """Events that would be accepted. Delivery may still filter or refuse them."""
    dropped: int
    """That a transformation would drop."""
    obstacles: list[Obstacle]
    """Of the others; at most limits.letters.OBSTACLES_MAX."""
    refused: int
    """How many others there are."""


def tried(letter: Letter, workspace: Workspace, version: int, *, at_ms: int, edited: bytes | None) -> LetterTrial:
    """Blocking. InputError for a letter of delivery, and for what cannot be replayed."""
    if not isinstance(letter, DeadLetter):
        raise InputError(
            "not_editable",
            "this event was accepted and is in the lake; the preview of its destination says what would be sent",
        )
    return _run(as_request(letter, at_ms=at_ms, edited=edited), workspace, version)


def _run(request: CollectedRequest, workspace: Workspace, version: int) -> LetterTrial:
    context, effects = Context(workspace, version), Effects()
    events: list[FlowingEvent] = run_stage(normalise.STAGE, [Arrival(0, request)], context, effects)
    came = len(events)
    broken = dict(_broken(events, workspace))
    planned = run_stage(governing.STAGE, events, context, effects)
    passed = run_stage(transform.STAGE, planned, context, effects)
    refused = sum(letter.events for letter in effects.dead)
    stopped_later = sum(letter.events for letter in effects.dead if letter.stage != normalise.STAGE.name)
    obstacles = [_obstacle(letter, broken.get(letter.index, [])) for letter in effects.dead]
    return LetterTrial(
        len(passed),
        max(0, came - len(passed) - stopped_later),
        obstacles[: limits.letters.OBSTACLES_MAX],
        refused,
    )


def _broken(events: list[FlowingEvent], workspace: Workspace) -> Iterator[tuple[int, list[LetterProblem]]]:
    """By index of the event: what about it breaks its source's plan."""
    held = governors(workspace)
    for flowing in events:
        if governor := held.get(flowing.source):
            decision = governor.decide(flowing)
            found = (*decision.violations, *decision.unplanned)
            yield flowing.index, [LetterProblem(each.field, each.description) for each in found]


def _obstacle(letter: DeadLetter, broken: list[LetterProblem]) -> Obstacle:
    problems = broken
    if letter.stage != governing.STAGE.name or not broken:
        problems = [LetterProblem(_place(letter), letter.detail)]
    return Obstacle(letter.stage, letter.reason, letter.detail, problems, explained(letter.stage, letter.reason))


def _place(letter: DeadLetter) -> str:
    if letter.reason == "id_not_string":
        return next((name for name in _IDS if letter.detail.startswith(name)), "")
    return _PLACES.get(letter.reason, "")
