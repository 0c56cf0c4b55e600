"""What a program keeps per profile: aggregates and sequences, each with a state of its own."""

import base64
from collections.abc import Iterable
from hashlib import blake2b
from typing import Any, Protocol

from headwater.aggregation.compute.entry import Entry
from headwater.aggregation.compute.predicates import Events, Needs
from headwater.aggregation.compute.scope import Scope
from headwater.definitions import ast


class Unit(Protocol):
    """Its state stands in Computed.aggregates under its id; none: it has seen nothing that counts."""

    id: str
    events: list[Events]
    """What changes it, besides time and what it needs, is among these."""
    needs: Needs
    is_streamed: bool
    """Its state is made by feeding it every event once. Otherwise `recompute` makes it, out of the history."""

    can_turn: bool
    """It may change by itself."""

    def feed(self, scope: Scope, entry: Entry) -> bool:
        """Take an event of one of these calls and names, which is in the history already; in any order. Whether
        the value may be another one. Tells the scope when it is due.
        """
        ...

    def recompute(self, scope: Scope) -> bool:
        """The same, as if it had seen nothing yet, with the whole history."""
        ...

    def due_ms(self, scope: Scope) -> int:
        """When its value may change by itself next; NEVER_MS: it does not."""
        ...

    def turn(self, scope: Scope) -> bool:
        """It is due: whether the value may be another one."""
        ...

    def start_ms(self, now_ms: int) -> int:
        """The effective time from which on events can matter."""
        ...

    def forget(self, scope: Scope) -> None:
        """Everything it has seen."""
        ...

    def value(self, scope: Scope) -> Any: ...


def unit_id(node: Any) -> str:
    """Equal nodes share a state."""
    return base64.urlsafe_b64encode(blake2b(ast.encode(node), digest_size=9).digest()).decode()


def kinds_of(events: Iterable[Events]) -> frozenset[int] | None:
    """What a scan for any of them has to look at; None: everything."""
    kinds: frozenset[int] = frozenset()
    for each in events:
        if each.kinds is None:
            return None
        kinds |= each.kinds
    return kinds
