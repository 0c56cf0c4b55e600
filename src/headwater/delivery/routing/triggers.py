"""Step 8: which mappings an event is for (spec 2.8). Most triggers ask for nothing but the call and the name of
the event, so the answer is remembered by these, and only what looks further is asked.
"""

import functools
from collections.abc import Sequence
from typing import Final, Generic, NamedTuple, TypeVar

from headwater import fql
from headwater.delivery.routing.asking import Asked, asked, fits
from headwater.event import Event, OutboundEvent

T = TypeVar("T")

REMEMBERED_MAX: Final = 1_024
"""Pairs of call and name: more than a source ought to have, and nothing is lost but time where one has more."""

REMEMBERED_CHARS_MAX: Final = 256
"""A longer name is made up each time, or wants memory: it is asked about anew."""

_CALL_AND_NAME: Final = frozenset({("type",), ("event",)})


class _Candidates(NamedTuple, Generic[T]):
    """What an event of a call and a name may be for, in order."""

    targets: tuple[T, ...]
    asks: tuple[Asked | None, ...]
    """What is still to be asked for each; None: the call and the name were enough."""
    are_certain: bool
    """Nothing is."""


class Triggers(Generic[T]):
    def __init__(self, targets: Sequence[tuple[str, T]]) -> None:
        """Trigger and what it is for, in order. FqlError when a trigger is none."""
        compiled = [(fql.compile_filter(text, trigger=True), target) for text, target in targets]
        conditions = [(condition, asked(condition), target) for condition, target in compiled]
        self._look = functools.partial(_of_head, conditions)
        self._remembered = functools.lru_cache(maxsize=REMEMBERED_MAX)(self._look)

    def of(self, event: OutboundEvent) -> Sequence[T]:
        """What the event is for. FqlEvaluationError when its body cannot be read."""
        name = event.event
        is_long = name is not None and len(name) > REMEMBERED_CHARS_MAX
        targets, asks, are_certain = (self._look if is_long else self._remembered)(event.type, name)
        if are_certain:
            return targets
        return [target for target, ask in zip(targets, asks, strict=True) if ask is None or ask(event)]


def _of_head(conditions: Sequence[tuple[fql.Filter, Asked, T]], call: str, name: str | None) -> _Candidates[T]:
    head = Event(type=call or None, event=name)
    targets: list[T] = []
    asks: list[Asked | None] = []
    for condition, ask, target in conditions:
        if not fits(condition, call, name):
            continue
        is_enough = _CALL_AND_NAME.issuperset(condition.paths)
        if not is_enough or condition.matches_event(head):
            targets.append(target)
            asks.append(None if is_enough else ask)
    return _Candidates(tuple(targets), tuple(asks), not any(asks))
