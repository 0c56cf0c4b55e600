"""The small things that trees are made of: texts, paths, counts, and the two sides of a comparison."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from headwater.definitions import ast, rules
from headwater.definitions.durations import parse_duration
from headwater.definitions.paths import Segments, parse_path, property_path
from headwater.definitions.problems import Place
from headwater.definitions.query.words import COMPARATORS
from headwater.errors import nearest

Reference = Callable[[dict[str, Any], Place], Any]
"""Reads an operand that is looked up: a trait, or in a predicate another value of an event."""

_FOREIGN: Final = {**COMPARATORS, "==": "=", "=>": ">=", "=<": "<=", "<>": "!=", "is": "=", "gt": ">", "lt": "<"}
"""What other languages and the other notation say."""

_LOST: Final = ("lost",)
_INT_MAX: Final = 2**63


def text_of(value: Any, place: Place) -> str:
    if isinstance(value, str) and value:
        return value
    place.report("expected text")
    return ""


def count_of(value: Any, place: Place, *, least: int) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and least <= value < _INT_MAX:
        return value
    place.report(f"expected a whole number, {least} or more")
    return least


def milliseconds_of(value: Any, place: Place) -> int | None:
    """None: it is no duration, and that was reported."""
    if not isinstance(value, str):
        place.report("expected a duration, as in 30d or 12h")
        return None
    try:
        return parse_duration(value)
    except ValueError as error:
        place.report(str(error))
        return None


def path_of(value: Any, place: Place, property_of: str | None = None) -> Segments:
    """The names of a path as it is, or of a property of events of the call `property_of`."""
    if not isinstance(value, str):
        place.report("expected a path, as in total or cart.size")
        return _LOST
    try:
        segments = parse_path(value)
    except ValueError as error:
        place.report(str(error))
        return _LOST
    return segments if property_of is None else property_path(segments, property_of)


def trait_reference(data: dict[str, Any], place: Place) -> Any:
    """The one operand of a condition that is looked up."""
    if data.keys() != {"trait"}:
        place.report("expected a value, or a trait to compare with, as in {trait: average_spend}")
        return ""
    return ast.TraitOf(path_of(data["trait"], place.at("trait")))


def comparison(
    data: Mapping[str, Any], place: Place, reference: Reference = trait_reference
) -> tuple[ast.Operator, tuple[Any, ...]]:
    """What `op` and `value` say; whether they go together is not looked at."""
    operator = _operator(data, place)
    value, at = data.get("value"), place.at("value")
    if value is None:
        return operator, ()
    if operator in ast.DURATION_OPERAND:
        found = milliseconds_of(value, at)
        return operator, (1 if found is None else found,)
    if not isinstance(value, list):
        return operator, (_operand(value, at, reference),)
    return operator, tuple(_operand(item, at.at(index), reference) for index, item in enumerate(value))


def _operator(data: Mapping[str, Any], place: Place) -> ast.Operator:
    written = data.get("op")
    if written is None:
        return "="
    for operator in rules.OPERATORS:
        if written == operator:
            return operator
    meant = _FOREIGN.get(str(written))
    hint = f"did you mean {meant}?" if meant else nearest(str(written), rules.OPERATORS)
    place.at("op").report(f"no operator {written!r}; {hint}")
    return "="


def _operand(value: Any, place: Place, reference: Reference) -> Any:
    if isinstance(value, dict):
        return reference(value, place)
    if isinstance(value, str | int | float):
        if isinstance(value, int) and not -_INT_MAX <= value < _INT_MAX:
            place.report("a number this large is not kept exactly")
        return value
    place.report("expected text, a number, true, false, or what to compare with, as in {trait: plan}")
    return ""
