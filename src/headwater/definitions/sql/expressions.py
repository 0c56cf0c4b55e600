"""Small constructors over sqlglot. Texts of definitions become literals here and nowhere else, so none of them can
end up as SQL.
"""

from collections.abc import Iterable
from typing import TypeAlias

from sqlglot import exp

Expr: TypeAlias = exp.Expr

TRUE = exp.true()
FALSE = exp.false()


def text(value: str) -> Expr:
    return exp.Literal.string(value)


def number(value: float) -> Expr:
    return exp.Literal.number(value)


def column(name: str, of: str = "") -> Expr:
    return exp.column(name, table=of or None)


def columns(names: Iterable[str], of: str) -> list[Expr]:
    """Of a relation, each under its own name: joined, ClickHouse would call them by both."""
    return [exp.alias_(column(name, of), name) for name in names]


def call(name: str, *arguments: Expr) -> Expr:
    """A function of one dialect, under its own name."""
    return exp.Anonymous(this=name, expressions=[argument.copy() for argument in arguments])


def cast(value: Expr, type_: str, *, safe: bool = False) -> Expr:
    """`safe`: null where it cannot be done, in dialects that have such a cast."""
    made = exp.TryCast if safe else exp.Cast
    return made(this=value.copy(), to=exp.DataType.build(type_))


def compared(operator: str, left: Expr, right: Expr) -> Expr:
    kinds: dict[str, type[exp.Binary]] = {
        "=": exp.EQ,
        "!=": exp.NEQ,
        "<": exp.LT,
        "<=": exp.LTE,
        ">": exp.GT,
        ">=": exp.GTE,
    }
    return kinds[operator](this=left.copy(), expression=right.copy())


def equal(left: Expr, right: Expr) -> Expr:
    return compared("=", left, right)


def one_of(value: Expr, texts: Iterable[str]) -> Expr:
    literals = [text(item) for item in texts]
    return equal(value, literals[0]) if len(literals) == 1 else exp.In(this=value.copy(), expressions=literals)


def every(*conditions: Expr) -> Expr:
    """Of none: true."""
    if any(condition == FALSE for condition in conditions):
        return FALSE
    left = [condition.copy() for condition in conditions if condition != TRUE]
    return exp.and_(*left) if left else TRUE


def either(*conditions: Expr) -> Expr:
    """Of none: false."""
    if any(condition == TRUE for condition in conditions):
        return TRUE
    left = [condition.copy() for condition in conditions if condition != FALSE]
    return exp.or_(*left) if left else FALSE


def opposite(condition: Expr) -> Expr:
    if condition in {TRUE, FALSE}:
        return FALSE if condition == TRUE else TRUE
    return exp.not_(condition)


def known(condition: Expr) -> Expr:
    """Null becomes false: conditions of definitions are never unknown."""
    if is_known(condition):
        return condition
    return exp.Coalesce(this=condition.copy(), expressions=[FALSE.copy()])


def is_known(value: Expr) -> bool:
    """Whether it is certain never to be null."""
    match value:
        case exp.Boolean() | exp.Literal() | exp.Is() | exp.Exists():
            return True
        case exp.Coalesce():
            return is_known(value.expressions[-1])
        case exp.Not() | exp.Paren():
            return is_known(value.this)
        case exp.Predicate() | exp.Connector() if isinstance(value, exp.Binary):
            return is_known(value.left) and is_known(value.right)
    return False


def is_there(value: Expr) -> Expr:
    return TRUE if is_known(value) else exp.not_(exp.Is(this=value.copy(), expression=exp.Null()))


def or_else(value: Expr, otherwise: Expr) -> Expr:
    return exp.Coalesce(this=value.copy(), expressions=[otherwise.copy()])


def when(*branches: tuple[Expr, Expr], otherwise: Expr | None = None, of: Expr | None = None) -> Expr:
    """The value of the first branch whose condition is true, or that equals `of`; null when none does."""
    made = exp.Case() if of is None else exp.Case(this=of.copy())
    for condition, value in branches:
        made = made.when(condition.copy(), value.copy(), copy=False)
    return made if otherwise is None else made.else_(otherwise.copy(), copy=False)


def row_number(partition_by: Iterable[Expr], order_by: Iterable[Expr]) -> Expr:
    return over(exp.RowNumber(), partition_by, order_by)


def over(function: Expr, partition_by: Iterable[Expr], order_by: Iterable[Expr]) -> Expr:
    order = exp.Order(expressions=[item.copy() for item in order_by])
    return exp.Window(this=function, partition_by=[item.copy() for item in partition_by], order=order)


def ascending(value: Expr) -> Expr:
    return exp.Ordered(this=value.copy())


def descending(value: Expr) -> Expr:
    return exp.Ordered(this=value.copy(), desc=True)


def plus(left: Expr, right: Expr) -> Expr:
    """Of two known numbers, their sum itself."""
    if left.is_int and right.is_int:
        return number(int(left.to_py()) + int(right.to_py()))
    return exp.Add(this=left.copy(), expression=right.copy())


def minus(left: Expr, right: Expr) -> Expr:
    if left.is_int and right.is_int:
        return number(int(left.to_py()) - int(right.to_py()))
    return exp.Sub(this=left.copy(), expression=right.copy())
