"""Step 6: destination filters (spec 2.6), in a fixed order whatever the file says: samples, drop and only, drop
properties, allow properties.

Every condition sees the event as it comes to this step, so no filter's meaning depends on another. An event that a
condition cannot be asked about, or that cannot be read, is not sent: whoever filters hides something.
"""

from collections.abc import Iterable
from hashlib import blake2b
from typing import Final, NamedTuple

import msgspec

from headwater import fql
from headwater.config import event_paths
from headwater.config.destinations import ALL, DestinationFilter, FilterVerb
from headwater.delivery.routing import pruning
from headwater.delivery.routing.asking import asked
from headwater.delivery.routing.step import Step, Verdict, with_body
from headwater.destinations.kit.model import Filtered
from headwater.event import OutboundEvent
from headwater.fql.printer import render_path

REASON: Final = "FILTERED_BY_RULES"

LABEL_CHARS_MAX: Final = 80
"""Of a filter without a title its condition is shown, cut to this."""

_encode_sorted = msgspec.json.Encoder(order="sorted").encode


class _UnaskedError(Exception):
    """A condition that gives this event no answer."""


class _Condition:
    __slots__ = ("_ask", "label")

    def __init__(self, definition: DestinationFilter) -> None:
        text = definition.title or " ".join(definition.if_.split())
        self.label = text if len(text) <= LABEL_CHARS_MAX else text[: LABEL_CHARS_MAX - 1] + "…"
        is_about_all = definition.if_.strip() == ALL
        self._ask = None if is_about_all else asked(fql.compile_filter(definition.if_))

    def holds(self, event: OutboundEvent) -> bool:
        if self._ask is None:
            return True
        try:
            return self._ask(event)
        except fql.FqlEvaluationError as error:
            raise _UnaskedError(f"{self.label}: {error}") from None


class _Sample(NamedTuple):
    condition: _Condition
    share: float
    value: fql.Value | None
    """What decides; None: the message id."""


class _Gate(NamedTuple):
    """A `drop` or an `only`."""

    condition: _Condition
    sends: bool
    """What matches is sent (and nothing else), or what does not."""


class _Prune(NamedTuple):
    condition: _Condition
    cut: pruning.Cut


class _Compiled(NamedTuple):
    samples: list[_Sample]
    gates: list[_Gate]
    prunes: list[_Prune]
    """Those that drop before those that allow."""

    def refusal(self, event: OutboundEvent) -> Filtered | None:
        for condition, share, value in self.samples:
            if condition.holds(event) and fraction(event, value) >= share:
                return Filtered(REASON, f"not in the sample: {condition.label}")
        for condition, sends in self.gates:
            if condition.holds(event) is not sends:
                return Filtered(REASON, f"{'only' if sends else 'drop'}: {condition.label}")
        return None

    def pruned(self, event: OutboundEvent) -> OutboundEvent:
        body = event.body
        for cut in [prune.cut for prune in self.prunes if prune.condition.holds(event)]:
            body = cut.apply(body) or body
        return event if body is event.body else with_body(event, body)


def step(definitions: Iterable[DestinationFilter]) -> Step | None:
    """FqlError or ValueError when a definition is none."""
    compiled = _compiled([each for each in definitions if each.enabled])
    if not any(compiled):
        return None

    def run(event: OutboundEvent) -> Verdict:
        try:
            return compiled.refusal(event) or compiled.pruned(event)
        except _UnaskedError as error:
            return Filtered(REASON, f"a filter cannot be asked, so it is not sent: {error}")
        except (fql.FqlEvaluationError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            return Filtered(REASON, f"it cannot be read, so it is not sent: {error}")

    return Step("filters", run)


def fraction(event: OutboundEvent, deciding: fql.Value | None) -> float:
    """A number in [0, 1) that depends on nothing but that value, or the message id if there is none: the same at
    each attempt, and of the same person at each destination.
    """
    value = None if deciding is None else deciding.of(event.body)
    data = event.message_id.encode() if value is None else _encode_sorted(value)
    return int.from_bytes(blake2b(data, digest_size=6).digest()) / 2**48


def _compiled(definitions: list[DestinationFilter]) -> _Compiled:
    compiled = _Compiled([], [], [])
    allowing: list[_Prune] = []
    for definition in definitions:
        condition = _Condition(definition)
        for verb, percent, path, fields in definition.steps:
            match verb:
                case FilterVerb.SAMPLE:
                    value = fql.compile_value(render_path(event_paths.place(path))) if path else None
                    compiled.samples.append(_Sample(condition, percent or 0.0, value))
                case FilterVerb.DROP | FilterVerb.ONLY:
                    compiled.gates.append(_Gate(condition, sends=verb is FilterVerb.ONLY))
                case FilterVerb.DROP_PROPERTIES:
                    compiled.prunes.append(_Prune(condition, pruning.compiled(fields, keeps=False)))
                case FilterVerb.ALLOW_PROPERTIES:
                    allowing.append(_Prune(condition, pruning.compiled(fields, keeps=True)))
    compiled.prunes.extend(allowing)
    return compiled
