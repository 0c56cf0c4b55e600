"""Asking an event a question in FQL, in the cheapest way: most are about what it says besides its body."""

from collections.abc import Callable
from typing import Final

from headwater import fql
from headwater.event import Event, OutboundEvent

Asked = Callable[[OutboundEvent], bool]
"""FqlEvaluationError when the event gives no answer."""

HEAD: Final = frozenset({("type",), ("event",), ("name",), ("userId",)})
"""The paths that an event answers without its body."""


def asked(condition: fql.Filter) -> Asked:
    if HEAD.issuperset(condition.paths):
        of_head = condition.matches_event
        return lambda event: of_head(
            Event(type=event.type, event=event.event, name=event.name, user_id=event.user_id)
        )
    of_body = condition.matches
    if condition.required_event is None and condition.required_type is None:
        return lambda event: of_body(event.body)

    def ask(event: OutboundEvent) -> bool:
        return fits(condition, event.type, event.event) and of_body(event.body)

    return ask


def fits(condition: fql.Filter, call: str, name: str | None) -> bool:
    """False when an event of this call and name cannot be meant, whatever else it says."""
    return condition.required_type in {None, call} and condition.required_event in {None, name}
