"""What filters of `@liquid` work with: values as JavaScript sees them, and what may still be spent on them."""

import math
from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

from headwater.mapping.coercion import Unfit, to_number
from headwater.mapping.javascript import number_to_string

ITEM_COST: Final = 8
"""Of an item of a list, in characters: what is done with one takes as long as with so many of them."""


class LiquidError(Exception):
    """A template that cannot be parsed, or not be rendered for this event."""


class Costs:
    """What a template may still spend, and the event it is rendered for."""

    def __init__(self, chars_max: int, event: dict[str, Any]) -> None:
        self._chars_max = chars_max
        self._left = chars_max
        self.event = event

    def spend(self, chars: int) -> None:
        self._left -= chars
        if self._left < 0:
            raise LiquidError(f"the template handles more than {self._chars_max:,} characters of this event")

    def text(self, value: Any) -> str:
        """A value as it is written."""
        kind = value.__class__
        if kind is str:
            made = value
        elif kind is bool:
            made = "true" if value else "false"
        elif kind is int or kind is float:
            made = number_to_string(value)
        elif kind is dict:
            made = "[object Object]"
        elif kind in (list, range):
            self.spend(ITEM_COST * len(value))
            return "".join(map(self.text, value))
        else:
            return ""  # null, what is not there, `empty`, `blank`
        self.spend(len(made))
        return made  # type: ignore[no-any-return]

    def items(self, value: Any) -> list[Any]:
        """A value as a list: nothing is none, anything else one."""
        if value.__class__ in (list, range):
            self.spend(ITEM_COST * len(value))
            return list(value)
        return [] if is_nothing(value) else [value]


class Filter(NamedTuple):
    function: Callable[..., Any]
    arguments: range
    """How many there may be."""
    takes: str
    """What values and arguments are made to be: `text`, `number`, or `any`."""
    names: frozenset[str] = frozenset()
    """Of arguments that are given by name."""

    def call(self, name: str, costs: Costs, value: Any, arguments: Sequence[Any], named: dict[str, Any]) -> Any:
        """LiquidError when it does not take such arguments or they cost too much."""
        given = [each for each in arguments if not _is_missing(each)]
        if len(given) not in self.arguments or named.keys() - self.names:
            raise LiquidError(f"`{name}` takes {_counted(self.arguments)}, not {len(given) + len(named)}")
        if self.takes == "text":
            return self.function(costs, costs.text(value), *map(costs.text, given))
        if self.takes == "number":
            return number_of(self.function(read(value), *map(read, given)))
        return self.function(costs, value, *given, **named)


def _counted(arguments: range) -> str:
    least, most = arguments[0], arguments[-1]
    return f"{least} arguments" if least == most else f"{least} to {most} arguments"


def is_nothing(value: Any) -> bool:
    return value is None or value.__class__ not in (str, bool, int, float, list, dict, range)


def _is_missing(value: Any) -> bool:
    """python-liquid's own value for what is not there, unlike a null."""
    return value is not None and is_nothing(value)


def read(value: Any) -> float:
    """A double, so that a product of products costs no more than the first; what is no number is zero."""
    try:
        return float(to_number(value))
    except (Unfit, OverflowError):
        return 0.0


def number_of(value: float) -> float:
    return int(value) if math.isfinite(value) and value.is_integer() and abs(value) < 2**53 else value


def paid(costs: Costs, value: str) -> str:
    costs.spend(len(value))
    return value
