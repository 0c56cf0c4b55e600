"""The way of an event to one destination, from the outbound log to what its actions are done with."""

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

import msgspec

from headwater.config.destinations import BatchBounds
from headwater.config.transformations import Transformation
from headwater.config.workspace import Destination
from headwater.delivery.routing import consent, filters, integrations, transformations
from headwater.delivery.routing.mapping import Definition, Mapped, Routed, narrowed, payload_of
from headwater.delivery.routing.step import Step
from headwater.delivery.routing.transformations import Note
from headwater.delivery.routing.triggers import Triggers
from headwater.destinations.kit.model import Action, Batch, DestinationType, Filtered, Rejected
from headwater.errors import ConfigError, Problem, nearest
from headwater.event import OutboundEvent
from headwater.fql import FqlError, FqlEvaluationError
from headwater.mapping.errors import MappingError

NO_MATCHING_MAPPING: Final = Filtered("NO_MATCHING_MAPPING", "no mapping of this destination is for it")

_NOTHING: Final[dict[str, Any]] = {}
_UNREADABLE: Final = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)


class Passed(NamedTuple):
    """What a step said about an event."""

    step: str
    verdict: OutboundEvent | Filtered | Rejected


class Route:
    def __init__(
        self,
        destination: Destination,
        type_: DestinationType[Any],
        settings: Any,
        transformations_: tuple[Transformation, ...] = (),
        *,
        note: Note = transformations.count,
    ) -> None:
        """`transformations_`: the destination's own, in order; `note` is told what each does. ConfigError when
        something cannot be compiled: another version has stored it.
        """
        try:
            steps = (
                consent.step(destination.consent),
                integrations.step(destination.name, type_),
                filters.step(destination.filters),
                transformations.step(destination.name, transformations_, note),
            )
            definitions = _definitions(destination, type_)
            mapped = [Mapped(each, is_alone=len(definitions) == 1) for each in definitions]
            self._triggers = Triggers([(each.trigger, each) for each in mapped])
            self._may_need_payload = any(each.needs_payload for each in mapped)
        except (ValueError, FqlError, MappingError) as error:
            raise ConfigError([Problem(str(error), "")]) from error
        self.steps: tuple[Step, ...] = tuple(step for step in steps if step)
        self.batches: Mapping[str, Batch | None] = {
            each.name: narrowed(_batch(each.action, settings), each.batch) for each in definitions
        }
        """By mapping: how many of its items may share a request; None: each has its own."""

    def of(self, event: OutboundEvent) -> Filtered | Rejected | list[Routed]:
        """What is to be sent, by mapping; never empty. Raises nothing."""
        for _, run in self.steps:
            verdict = run(event)
            if verdict is not event:
                if not isinstance(verdict, OutboundEvent):
                    return verdict
                event = verdict
        return self._mapped(event)

    def trace(self, event: OutboundEvent) -> tuple[list[Passed], Filtered | Rejected | list[Routed]]:
        """The same, with what each step said on the way."""
        passed: list[Passed] = []
        for name, run in self.steps:
            verdict = run(event)
            passed.append(Passed(name, verdict))
            if not isinstance(verdict, OutboundEvent):
                return passed, verdict
            event = verdict
        return passed, self._mapped(event)

    def _mapped(self, event: OutboundEvent) -> Filtered | Rejected | list[Routed]:
        try:
            targets = self._triggers.of(event)
            if not targets:
                return NO_MATCHING_MAPPING
            needs_payload = self._may_need_payload and any(target.needs_payload for target in targets)
            payload = payload_of(event) if needs_payload else _NOTHING
        except (FqlEvaluationError, *_UNREADABLE):
            return Rejected("UNREADABLE_EVENT", "the event could not be read", sent=False)
        return [target.of(event, payload) for target in targets]


def _definitions(destination: Destination, type_: DestinationType[Any]) -> list[Definition]:
    """The mappings that are enabled; the presets of the type where the workspace has none at all."""
    return list(_own(destination, type_) if destination.mappings else _presets(type_))


def _own(destination: Destination, type_: DestinationType[Any]) -> Iterator[Definition]:
    for each in destination.mappings:
        if each.enabled:
            yield Definition(each.name, _action(type_, each.action), each.trigger, each.mapping, each.batch)


def _presets(type_: DestinationType[Any]) -> Iterator[Definition]:
    for each in type_.presets:
        yield Definition(each.name, _action(type_, each.action), each.trigger, each.mapping, BatchBounds())


def _action(type_: DestinationType[Any], name: str) -> Action[Any]:
    action = type_.action(name)
    if action is None:
        known = [each.name for each in type_.actions]
        raise ValueError(f"{type_.name} has no action {name!r}; {nearest(name, known)}")
    return action


def _batch(action: Action[Any], settings: Any) -> Batch | None:
    return action.batch(settings) if callable(action.batch) else action.batch
