"""Units that only take events in: each is fed once, nothing ever leaves, and time changes nothing."""

from headwater.aggregation.compute.predicates import Events, Needs
from headwater.aggregation.compute.scope import NEVER_MS, Scope


class Cumulative:
    is_streamed = True
    can_turn = False

    def __init__(self, id_: str, events: list[Events], needs: Needs) -> None:
        self.id = id_
        self.events = events
        self.needs = needs

    def recompute(self, scope: Scope) -> bool:
        raise NotImplementedError("it is fed")

    def due_ms(self, scope: Scope) -> int:  # noqa: ARG002 - never
        return NEVER_MS

    def turn(self, scope: Scope) -> bool:  # noqa: ARG002
        return False

    def start_ms(self, now_ms: int) -> int:  # noqa: ARG002
        return 0

    def forget(self, scope: Scope) -> None:
        scope.states.pop(self.id, None)
