"""One value from many events."""

from typing import Final

from sqlglot import exp

from headwater.definitions import ast
from headwater.definitions.sql.events import EVENT, PLACE, body_of, matching
from headwater.definitions.sql.expressions import (
    Expr,
    ascending,
    cast,
    column,
    compared,
    descending,
    equal,
    is_there,
    known,
    minus,
    number,
    over,
    row_number,
    when,
)
from headwater.definitions.sql.relations import Relations, select
from headwater.definitions.sql.values import Json, Value, of_number, of_text, of_texts

SUMMED_MAX: Final = 10**15

_PROFILE: Final = column("profile_id")
_VALUE: Final = column("value")
_COUNT: Final = exp.Count(this=exp.Star())


def aggregated(relations: Relations, collection: str, node: ast.Aggregate) -> str:
    """The relation of the values; a profile without one has no row."""
    reduce = _REDUCERS[node.reducer]
    return relations.add("aggregate", reduce(relations, _counted(relations, collection, node), node))


def typed(relations: Relations, node: ast.Aggregate, found: Expr) -> Value:
    """A column with such values."""
    match node.reducer:
        case "first" | "last":
            return Json(relations.dialect, found)
        case "unique_list":
            return of_texts(relations.dialect, found)
        case "min" | "max" if node.as_type == "string":
            return of_text(relations.dialect, found)
        case "most_frequent" if node.as_type != "number":
            return of_text(relations.dialect, found)
    return of_number(found)


def _counted(relations: Relations, collection: str, node: ast.Aggregate) -> str:
    """The events that count: profile, place and value."""
    value = None if node.reducer == "count" else body_of(relations, node.events, node.path).member
    at_ms, now_ms = column("at_ms", EVENT), relations.now_ms
    ages: list[Expr] = []
    if isinstance(node.window, ast.Window):
        ages.append(compared(">", at_ms, number(now_ms - node.window.oldest_ms)))
        ages.append(compared("<=", at_ms, number(now_ms - node.window.newest_ms)))
    name = relations.add("counted", matching(relations, collection, node.events, *ages, value=value))
    if isinstance(node.window, ast.Session):
        columns = ["profile_id", *PLACE, *([] if value is None else ["value"])]
        return _session(relations, name, columns, node.window.gap_ms)
    return name


def _session(relations: Relations, counted: str, columns: list[str], gap_ms: int) -> str:
    """Of each profile the events after the last gap that is too long; the newest is followed by now."""
    order = [column(name) for name in PLACE]
    following = exp.Lead(this=column("at_ms"), offset=number(1), default=number(relations.now_ms))
    gap = minus(over(following, [_PROFILE], map(ascending, order)), column("at_ms"))
    gaps = relations.add("gaps", select([*columns, exp.alias_(gap, "gap_ms")], counted))
    is_too_long = when((compared(">=", column("gap_ms"), number(gap_ms)), number(1)), otherwise=number(0))
    ends = over(exp.Sum(this=is_too_long), [_PROFILE], map(descending, order))
    ended = relations.add("ended", select([*columns, exp.alias_(ends, "ends")], gaps))
    return relations.add("session", select(columns, ended, equal(column("ends"), number(0))))


# --- reducers ---------------------------------------------------------------------------------------------------


def _per_profile(source: str, value: Expr, *where: Expr) -> exp.Select:
    return select([_PROFILE, exp.alias_(value, "value")], source, *where).group_by(_PROFILE)


def _count(relations: Relations, counted: str, node: ast.Aggregate) -> exp.Select:  # noqa: ARG001
    return _per_profile(counted, _COUNT)


def _total(relations: Relations, counted: str, node: ast.Aggregate) -> exp.Select:
    dialect, value = relations.dialect, Json(relations.dialect, _VALUE)
    is_summed = compared("<", exp.Abs(this=value.number), number(SUMMED_MAX))
    # Rounded to nine places before they are added, so the order cannot matter.
    exact = when((value.is_a(dialect.numeric), dialect.billionths(value.written)))
    total = cast(exp.Sum(this=exact), "DOUBLE")
    if node.reducer == "avg":
        return _per_profile(counted, exp.Div(this=total, expression=_COUNT.copy()), known(is_summed))
    return _per_profile(counted, total, known(is_summed))


def _extreme(relations: Relations, counted: str, node: ast.Aggregate) -> exp.Select:
    dialect, value = relations.dialect, Json(relations.dialect, _VALUE)
    if node.as_type == "string":
        wanted, kind = dialect.by_code_point(value.text), value.is_a(dialect.string)
    else:
        wanted, kind = value.number, value.is_a(dialect.numeric)
    pick = exp.Min if node.reducer == "min" else exp.Max
    return _per_profile(counted, pick(this=wanted), known(kind))


def _outermost(relations: Relations, counted: str, node: ast.Aggregate) -> exp.Select:
    direction = ascending if node.reducer == "first" else descending
    order = [direction(column(name)) for name in PLACE]
    is_there_ = Json(relations.dialect, _VALUE).present
    return _foremost(relations, select(["profile_id", "value", _ranked(order)], counted, is_there_))


def _most_frequent(relations: Relations, counted: str, node: ast.Aggregate) -> exp.Select:
    dialect = relations.dialect
    texts = _texts(relations, counted, node.as_type)
    tallied = relations.add(
        "tallied",
        select(["profile_id", "value", exp.alias_(_COUNT, "times")], texts, is_there(_VALUE)).group_by(
            "profile_id", "value"
        ),
    )
    order = [descending(column("times")), ascending(dialect.by_code_point(_VALUE))]
    enough = compared(">=", column("times"), number(node.frequency_min))
    value = exp.alias_(dialect.double(_VALUE), "value") if node.as_type == "number" else _VALUE
    return _foremost(relations, select(["profile_id", "value", _ranked(order)], tallied, enough), value)


def _unique_list(relations: Relations, counted: str, node: ast.Aggregate) -> exp.Select:  # noqa: ARG001
    texts = _texts(relations, counted, "array")
    distinct = relations.add("distinct_texts", select(["profile_id", "value"], texts, is_there(_VALUE)).distinct())
    return _per_profile(distinct, relations.dialect.sorted_texts(_VALUE))


def _unique_count(relations: Relations, counted: str, node: ast.Aggregate) -> exp.Select:  # noqa: ARG001
    texts = _texts(relations, counted, "array")
    return _per_profile(texts, exp.Count(this=exp.Distinct(expressions=[_VALUE.copy()])), is_there(_VALUE))


def _texts(relations: Relations, counted: str, as_type: str) -> str:
    """The values as texts; with "array" those inside lists as well. Null where there is none that counts."""
    dialect, value = relations.dialect, Json(relations.dialect, _VALUE)
    kinds = [known(value.is_a(dialect.numeric))] if as_type == "number" else []
    single = select(["profile_id", exp.alias_(value.plain_text, "value")], counted, *kinds)
    if as_type != "array":
        return relations.add("texts", single)
    items = relations.add("items", dialect.items(counted, "value"))
    item = Json(dialect, column("item"))
    listed = select(["profile_id", exp.alias_(item.plain_text, "value")], items)
    alone = relations.add("texts", single)
    inside = relations.add("texts", listed)
    both = exp.union(
        select(["profile_id", "value"], alone), select(["profile_id", "value"], inside), distinct=False
    )
    return relations.add("texts", exp.select("profile_id", "value").from_(both.subquery("both_texts")))


def _ranked(order: list[Expr]) -> Expr:
    return exp.alias_(row_number([_PROFILE], order), "place")


def _foremost(relations: Relations, ranked: exp.Select, value: Expr = _VALUE) -> exp.Select:
    return select(["profile_id", value], relations.add("ranked", ranked), equal(column("place"), number(1)))


_REDUCERS: Final = {
    "count": _count,
    "sum": _total,
    "avg": _total,
    "min": _extreme,
    "max": _extreme,
    "first": _outermost,
    "last": _outermost,
    "most_frequent": _most_frequent,
    "unique_list": _unique_list,
    "unique_count": _unique_count,
}
