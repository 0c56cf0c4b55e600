"""FQL in the `where` of a definition: as comparisons of the syntax tree where these mean exactly the same, so that
a definition is one thing however it was written, and everybody can see into it; else as it is.

Two differences decide. FQL has a third answer, "no value", where a type makes no sense; it is like false in what
has to hold as a whole, but neither under `!` nor beside `or`. And FQL's `!=` is true of what is missing.
"""

from typing import Final

from headwater import fql
from headwater.definitions import ast
from headwater.fql.ast import And, Boolean, Compare, Expression, List, Not, Null, Number, Or, Path, String
from headwater.fql.interpret import canonical_path

_INT_MAX: Final = 2**63
_BOOLEAN_TEXTS: Final = frozenset({"true", "false"})
"""In definitions they are the same as the booleans; in FQL they are not."""


def predicate_of(text: str, call: str) -> ast.Predicate:
    """What the filter asks of events of this call. FqlError when it is none."""
    return _whole(fql.parse(text), call)


def _whole(expression: Expression, call: str) -> ast.Predicate:
    """Of what has to be true: "no value" may become false."""
    if isinstance(expression, And):
        parts = [_whole(operand, call) for operand in expression.operands]
        if any(not isinstance(part, ast.Fql) for part in parts):
            return ast.AllOf(tuple(parts))
    return _order(expression, call) or _total(expression, call) or ast.Fql(fql.render(expression))


def _order(expression: Expression, call: str) -> ast.Compare | None:
    """Comparisons that have no value for some types."""
    if not isinstance(expression, Compare):
        return None
    path = _path(expression.left, call)
    if path is None:
        return None
    operator, right = expression.operator, expression.right
    if operator in {"<", "<=", ">", ">="} and isinstance(right, Number):
        scalar = _scalar(right)
        return None if scalar is None else ast.Compare(path, operator, (scalar,))
    if operator == "in" and isinstance(right, List) and right.items:
        scalars = [_scalar(item) for item in right.items]
        known = tuple(scalar for scalar in scalars if scalar is not None)
        return ast.Compare(path, "in", known) if len(known) == len(scalars) else None
    return None


def _total(expression: Expression, call: str) -> ast.Predicate | None:
    """What has a value for every event."""
    match expression:
        case Compare(operator="=" | "!=", left=left, right=right):
            path = _path(left, call)
            equal = _equal(path, right) if path else None
            if equal is None or expression.operator == "=":
                return equal
            if equal.operator == "not_exists":
                return ast.Compare(equal.left, "exists")
            return ast.NotOf(equal)
        case And(operands=operands) | Or(operands=operands):
            parts = [_total(operand, call) for operand in operands]
            known = tuple(part for part in parts if part is not None)
            if len(known) < len(parts):
                return None
            return ast.AllOf(known) if isinstance(expression, And) else ast.AnyOf(known)
        case Not(operand=operand):
            part = _total(operand, call)
            return ast.NotOf(part) if part is not None else None
    return None


def _equal(path: ast.Path, right: Expression) -> ast.Compare | None:
    if isinstance(right, Null):
        return ast.Compare(path, "not_exists")
    scalar = _scalar(right)
    return None if scalar is None else ast.Compare(path, "=", (scalar,))


def _path(expression: Expression, call: str) -> ast.Path | None:
    if not isinstance(expression, Path):
        return None
    segments = canonical_path(expression.segments)
    if "$" in segments:
        return None
    # Of identify and group calls, `properties` are the traits here and nothing in FQL.
    if segments[0] == "properties" and call in {"identify", "group"}:
        return None
    return ast.Path(segments)


def _scalar(expression: Expression) -> str | int | float | None:
    match expression:
        case String(value=text):
            return None if text in _BOOLEAN_TEXTS else text
        case Number(value=number):
            return None if isinstance(number, int) and not -_INT_MAX <= number < _INT_MAX else number
        case Boolean():
            return None
    return None
