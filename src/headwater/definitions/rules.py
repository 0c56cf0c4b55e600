"""What can be asked of what: the rules that both notations hold definitions to, beyond their grammar. Each gives
the mistake in words; empty: there is none.
"""

from collections.abc import Sequence
from typing import Any, Final, get_args

from headwater import limits
from headwater.definitions.ast import (
    DURATION_OPERAND,
    MANY_OPERANDS,
    NO_OPERAND,
    Operator,
    Reducer,
)
from headwater.definitions.instants import instant_ms
from headwater.units import DAY_MS

OPERATORS: Final[tuple[Operator, ...]] = get_args(Operator)
REDUCERS: Final[tuple[Reducer, ...]] = get_args(Reducer)

COUNT_OPERATORS: Final = frozenset({"=", "!=", "<", "<=", ">", ">="})
_ORDERS: Final = frozenset({"<", "<=", ">", ">="})
_NUMERIC: Final = COUNT_OPERATORS | {"in", "not_in"}

_COMPARED: Final = {
    "count": _NUMERIC,
    "unique_count": _NUMERIC,
    "sum": _NUMERIC | NO_OPERAND,
    "avg": _NUMERIC | NO_OPERAND,
    "unique_list": frozenset({"contains", "not_contains"}) | NO_OPERAND,
}
"""How what comes out of a reducer can be compared; of the others in every way."""

_TYPES: Final = {
    "min": frozenset({"", "number", "string"}),
    "max": frozenset({"", "number", "string"}),
    "most_frequent": frozenset({"", "number", "string", "array"}),
}


def comparison_mistake(operator: Operator, operands: Sequence[Any]) -> str:
    """Of a comparison with any value. Operands that are not scalars are looked up later and pass."""
    if operator in NO_OPERAND:
        return f"`{operator}` is asked without a value" if operands else ""
    if not operands:
        return f"`{operator}` needs a value to compare with"
    if len(operands) > 1 and operator not in MANY_OPERANDS:
        return f"`{operator}` compares with one value"
    if len(operands) > limits.definitions.OPERANDS_MAX:
        return f"at most {limits.definitions.OPERANDS_MAX:,} values in one comparison"
    return next(filter(None, (_operand_mistake(operator, operand) for operand in operands)), "")


def _operand_mistake(operator: Operator, operand: Any) -> str:
    if operator in DURATION_OPERAND:
        return _duration_mistake(operator, operand)
    if not isinstance(operand, str | int | float):
        return ""
    is_text = isinstance(operand, str)
    is_number = not is_text and not isinstance(operand, bool)
    if operator in _ORDERS and not is_number:
        hint = "; dates are compared with `before` and `after`" if is_text and instant_ms(str(operand)) else ""
        return f"`{operator}` compares numbers, not {_shown(operand)}{hint}"
    if operator in {"starts_with", "ends_with"} and not is_text:
        return f"`{operator}` is about text, not {_shown(operand)}"
    if operator in {"before", "after"} and (not is_text or instant_ms(str(operand)) is None):
        return (
            f"`{operator}` needs an instant with a time zone, as in 2026-01-31T12:00:00Z, or a date, as in"
            f" 2026-01-31, not {_shown(operand)}"
        )
    return ""


def _duration_mistake(operator: Operator, operand: Any) -> str:
    if not isinstance(operand, int) or isinstance(operand, bool):
        return f"`{operator}` needs a duration, as in 30d"
    if operand < 0 or (operand == 0 and operator in {"within_last", "within_next"}):
        return f"nothing is `{operator}` no time at all"
    if operand > limits.definitions.DATE_DISTANCE_MS_MAX:
        return f"at most {limits.definitions.DATE_DISTANCE_MS_MAX // DAY_MS:,} days (200 years)"
    return ""


def _shown(operand: object) -> str:
    if isinstance(operand, bool):
        return str(operand).lower()
    return repr(operand) if len(repr(operand)) < 60 else "such a long text"


def reduced_mistake(reducer: Reducer, operator: Operator, operands: Sequence[Any]) -> str:
    """Of a comparison with what comes out of a reducer."""
    allowed = _COMPARED.get(reducer)
    if allowed is not None and operator not in allowed:
        what = "a list" if reducer == "unique_list" else "a number"
        return f"{reducer} is {what}; it can be compared with {', '.join(o for o in OPERATORS if o in allowed)}"
    if allowed and "<" in allowed:
        odd = [o for o in operands if isinstance(o, str | bool)]
        if odd:
            return f"{reducer} is a number; it cannot be {_shown(odd[0])}"
    return comparison_mistake(operator, operands)


def type_mistake(reducer: Reducer, as_type: str) -> str:
    allowed = _TYPES.get(reducer, frozenset({""}))
    if as_type in allowed:
        return ""
    if len(allowed) == 1:
        return f"{reducer} has no type to choose; only {', '.join(_TYPES)} have"
    return f"{reducer} takes values as {' or '.join(sorted(allowed - {''}))}"


def count_mistake(operator: Operator, count: Any) -> str:
    """Of how often something has to follow."""
    if operator not in COUNT_OPERATORS:
        return f"a count is compared with {', '.join(o for o in OPERATORS if o in COUNT_OPERATORS)}"
    if not isinstance(count, int) or isinstance(count, bool) or count < 0:
        return "a count is a whole number, 0 or more"
    return ""
