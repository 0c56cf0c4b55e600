"""What is asked about a profile."""

from collections.abc import Sequence
from typing import assert_never

from sqlglot import exp

from headwater.definitions import ast
from headwater.definitions.sql.aggregates import aggregated, typed
from headwater.definitions.sql.events import PLACE, after, matching
from headwater.definitions.sql.expressions import (
    FALSE,
    TRUE,
    Expr,
    ascending,
    column,
    columns,
    compared,
    either,
    equal,
    every,
    is_there,
    number,
    opposite,
    or_else,
    plus,
    row_number,
    text,
    when,
)
from headwater.definitions.sql.relations import Asked, Relations, select
from headwater.definitions.sql.values import NOTHING, Typed, Value, constant, holds


def members(relations: Relations, collection: str, node: ast.Condition) -> exp.Select:
    """Profiles that meet a condition, each with the value true."""
    asked = Asked(relations, collection, column("profile_id", "profiles"))
    wanted = every(equal(column("collection", "profiles"), text(collection)), holding(asked, node))
    found = [*columns(["profile_id"], "profiles"), exp.alias_(TRUE.copy(), "value")]
    return asked.attached(exp.select(*found).from_("profiles")).where(wanted)


def holding(asked: Asked, node: ast.Condition) -> Expr:  # noqa: C901 - one case for each node
    """Whether it holds, never null."""
    relations, collection = asked.relations, asked.collection
    match node:
        case ast.All(items=items):
            return every(*(holding(asked, item) for item in items))
        case ast.Any_(items=items):
            return either(*(holding(asked, item) for item in items))
        case ast.Not(item=item):
            return opposite(holding(asked, item))
        case ast.EventCondition(aggregate=aggregate):
            name = asked.join(aggregated(relations, collection, aggregate))
            return _compared(asked, _compared_value(relations, aggregate, column("value", name)), node)
        case ast.TraitCondition(segments=segments):
            return _compared(asked, asked.sent_trait(segments), node)
        case ast.Computed(key=key):
            definition = relations.definitions.get((collection, key))
            found = NOTHING if definition is None else relations.definition_value(asked, definition)
            return _compared(asked, found, node)
        case ast.InAudience(key=key):
            definition = relations.definitions.get((collection, key))
            if definition is None or not definition.is_audience:
                return FALSE
            return is_there(column("profile_id", asked.join(relations.definition_name(definition))))
        case ast.Sequence():
            if not node.steps:
                return TRUE
            return is_there(column("profile_id", asked.join(_completed(relations, collection, node))))
        case ast.OfUsers():
            return _of_users(asked, node)
        case _:
            assert_never(node)


def _compared_value(relations: Relations, node: ast.Aggregate, found: Expr) -> Value:
    """Here, a count is a number always."""
    if node.reducer in {"count", "unique_count"}:
        return Typed(TRUE, number=or_else(found, number(0)))
    return typed(relations, node, found)


def _compared(asked: Asked, left: Value, node: ast.EventCondition | ast.TraitCondition | ast.Computed) -> Expr:
    rights = [_operand(asked, operand) for operand in node.operands]
    return holds(asked.relations.dialect, left, node.operator, rights, asked.relations.now_ms)


def _operand(asked: Asked, node: ast.Operand) -> Value:
    match node:
        case ast.TraitOf(segments=segments):
            return asked.trait(segments)
        case ast.Path() | ast.ParentPath():
            return NOTHING  # no event is in question
        case _:
            return constant(node)


# --- sequences --------------------------------------------------------------------------------------------------


def _completed(relations: Relations, collection: str, node: ast.Sequence) -> str:
    """Profiles that have gone all the way.

    Of every first step, the earliest second after it, and so on: what is earliest leaves the most to what
    follows, and ends soonest. When there is no limit in time the very first of all first steps is enough.
    """
    first, *others = (_step(relations, collection, query) for query in node.steps)
    starts = [exp.alias_(column(name), f"start_{name}") for name in PLACE]
    chain = relations.add("chain", select([*map(column, ("profile_id", *PLACE)), *starts], first))
    if node.within_ms is None:
        chain = relations.add("chain", _earliest(relations, chain, ["profile_id"], PLACE))
    for step in others:
        chain = _continued(relations, chain, step, node.within_ms)
    return relations.add("completed", select(["profile_id"], chain).distinct())


def _step(relations: Relations, collection: str, query: ast.EventQuery) -> str:
    return relations.add("step", matching(relations, collection, query))


def _continued(relations: Relations, chain: str, step: str, within_ms: int | None) -> str:
    """Each chain with the earliest next step after it."""
    conditions = [equal(column("profile_id", step), column("profile_id", chain)), after(step, chain)]
    if within_ms is not None:
        until = plus(column("start_at_ms", chain), number(within_ms))
        conditions.append(compared("<=", column("at_ms", step), until))
    starts = [f"start_{name}" for name in PLACE]
    found = [*columns(["profile_id"], chain), *columns(PLACE, step), *columns(starts, chain)]
    joined = exp.select(*found).from_(chain).join(exp.to_table(step), on=every(*conditions))
    longer = relations.add("chain", joined)
    return relations.add("chain", _earliest(relations, longer, ["profile_id", *starts], PLACE))


def _earliest(relations: Relations, chain: str, of: Sequence[str], order: Sequence[str]) -> exp.Select:
    names = ["profile_id", *PLACE, *(f"start_{name}" for name in PLACE)]
    place = row_number(map(column, of), [ascending(column(name)) for name in order])
    ranked = relations.add("ranked", select([*names, exp.alias_(place, "place")], chain))
    return select(names, ranked, equal(column("place"), number(1)))


# --- users of accounts ------------------------------------------------------------------------------------------


def _of_users(asked: Asked, node: ast.OfUsers) -> Expr:
    """How many users are linked to each account, and how many of them meet the condition."""
    relations = asked.relations
    met = relations.add("met", members(relations, "users", node.condition))
    is_met = when((is_there(column("profile_id", met)), number(1)), otherwise=number(0))
    account = column("account_id", "links")
    counts = (
        exp.select(
            exp.alias_(account.copy(), "profile_id"),
            exp.alias_(exp.Count(this=exp.Star()), "linked"),
            exp.alias_(exp.Sum(this=is_met), "met"),
        )
        .from_("links")
        .join(exp.to_table(met), on=equal(column("profile_id", met), column("user_id", "links")), join_type="left")
        .group_by(account)
    )
    name = asked.join(relations.add("of_users", counts))
    linked, found = (or_else(column(each, name), number(0)) for each in ("linked", "met"))
    match node.quantifier:
        case "any":
            return compared(">", found, number(0))
        case "none":
            return equal(found, number(0))
        case "all":
            return every(compared(">", linked, number(0)), equal(found, linked))
