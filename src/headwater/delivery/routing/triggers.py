"""Step 8: which mappings an event is for (spec 2.8). Most triggers ask for nothing but the call and the name of
the event, so the answer is remembered by these, and only what looks further is asked.
"""

import functools
from collections.abc import Sequence
from typing import Final, Generic, NamedTuple, TypeVar

from headwater import fql
from headwater.event import Event, OutboundEvent

T = TypeVar("T")

REMEMBERED_MAX: Final = 1_024
"""Pairs of call and name: more than a source ought to have, and nothing is lost but time where one has more."""

REMEMBERED_CHARS_MAX: Final = 256
"""A longer name is made up each time, or wants memory: it is asked about anew."""

_HEAD: Final = {("type",), ("event",)}
_KNOWN: Final = {*_HEAD, ("name",), ("userId",)}
"""What an event says besides its body."""


class _Asked(NamedTuple, Generic[T]):
    target: T
    condition: fql.Filter | None
    """None: the call and the name were enough."""


class Triggers(Generic[T]):
    def __init__(self, targets: Sequence[tuple[str, T]]) -> None:
        """Trigger and what it is for, in order. FqlError when a trigger is none."""
        conditions = [(fql.compile_filter(text, trigger=True), target) for text, target in targets]
        self._look = functools.partial(_of_head, conditions)
        self._remembered = functools.lru_cache(maxsize=REMEMBERED_MAX)(self._look)

    def of(self, event: OutboundEvent) -> list[T]:
        """What the event is for. FqlEvaluationError when its body cannot be read."""
        is_long = event.event is not None and len(event.event) > REMEMBERED_CHARS_MAX
        of_head = self._look if is_long else self._remembered
        return [
            target
            for target, condition in of_head(event.type, event.event)
            if condition is None or _matches(condition, event)
        ]


def _of_head(conditions: Sequence[tuple[fql.Filter, T]], call: str, name: str | None) -> tuple[_Asked[T], ...]:
    """What an event of this call and name may be for."""
    head = Event(type=call or None, event=name)
    asked: list[_Asked[T]] = []
    for condition, target in conditions:
        if condition.required_type not in {None, call} or condition.required_event not in {None, name}:
            continue
        if not _HEAD.issuperset(condition.paths):
            asked.append(_Asked(target, condition))
        elif condition.matches_event(head):
            asked.append(_Asked(target, None))
    return tuple(asked)


def _matches(condition: fql.Filter, event: OutboundEvent) -> bool:
    if _KNOWN.issuperset(condition.paths):
        return condition.matches_event(
            Event(type=event.type, event=event.event, name=event.name, user_id=event.user_id)
        )
    return condition.matches(event.body)
