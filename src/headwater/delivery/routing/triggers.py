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


class _Asked(NamedTuple, Generic[T]):
    target: T
    ask: Asked | None
    """None: the call and the name were enough."""


class Triggers(Generic[T]):
    def __init__(self, targets: Sequence[tuple[str, T]]) -> None:
        """Trigger and what it is for, in order. FqlError when a trigger is none."""
        compiled = [(fql.compile_filter(text, trigger=True), target) for text, target in targets]
        conditions = [(condition, asked(condition), target) for condition, target in compiled]
        self._look = functools.partial(_of_head, conditions)
        self._remembered = functools.lru_cache(maxsize=REMEMBERED_MAX)(self._look)

    def of(self, event: OutboundEvent) -> list[T]:
        """What the event is for. FqlEvaluationError when its body cannot be read."""
        is_long = event.event is not None and len(event.event) > REMEMBERED_CHARS_MAX
        of_head = self._look if is_long else self._remembered
        return [target for target, ask in of_head(event.type, event.event) if ask is None or ask(event)]


def _of_head(
    conditions: Sequence[tuple[fql.Filter, Asked, T]], call: str, name: str | None
) -> tuple[_Asked[T], ...]:
    """What an event of this call and name may be for."""
    head = Event(type=call or None, event=name)
    found: list[_Asked[T]] = []
    for condition, ask, target in conditions:
        if not fits(condition, call, name):
            continue
        if not _CALL_AND_NAME.issuperset(condition.paths):
            found.append(_Asked(target, ask))
        elif condition.matches_event(head):
            found.append(_Asked(target, None))
    return tuple(found)
