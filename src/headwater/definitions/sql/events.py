"""Which events: queries and predicates."""

from dataclasses import dataclass
from typing import Final, assert_never

from sqlglot import exp

from headwater.definitions import ast
from headwater.definitions.sql import fql
from headwater.definitions.sql.expressions import (
    Expr,
    column,
    columns,
    compared,
    either,
    equal,
    every,
    number,
    one_of,
    opposite,
    or_else,
    plus,
    text,
)
from headwater.definitions.sql.relations import Asked, Relations
from headwater.definitions.sql.values import NOTHING, Json, Value, constant, holds, of_number

PLACE: Final = ("at_ms", "log_offset", "log_index")
"""The order of events, from the first column to the last."""

EVENT: Final = "event"
PARENT: Final = "parent"


def after(one: str, other: str) -> Expr:
    """Whether the event of the relation `one` comes after that of `other`."""
    (first, *rest) = PLACE
    later = compared(">", column(first, one), column(first, other))
    same = equal(column(first, one), column(first, other))
    ways = [later]
    for name in rest:
        ways.append(every(same, compared(">", column(name, one), column(name, other))))
        same = every(same, equal(column(name, one), column(name, other)))
    return either(*ways)


def matching(
    relations: Relations, collection: str, query: ast.EventQuery, *where: Expr, value: Expr | None = None
) -> exp.Select:
    """The events that a query is about: profile, place, and this value of each. They are called EVENT."""
    asked = _AskedEvent(Asked(relations, collection, column("profile_id", EVENT)), query, None)
    wanted = every(*_kind(query, EVENT, collection), *where, asked.where())
    source = exp.to_table("events").as_(EVENT)
    found = columns(("profile_id", *PLACE), EVENT)
    found += [] if value is None else [exp.alias_(value, "value")]
    return asked.asked.attached(exp.select(*found).from_(source)).where(wanted)


def body_of(relations: Relations, query: ast.EventQuery, path: tuple[str, ...], alias: str = EVENT) -> Json:
    """A value inside the events that a query is about."""
    if query.call in {"identify", "group"} and path[:1] == ("properties",):
        path = ("traits", *path[1:])
    return Json(relations.dialect, column("body", alias), path)


def _kind(query: ast.EventQuery, alias: str, collection: str) -> list[Expr]:
    wanted = [equal(column("collection", alias), text(collection)), equal(column("call", alias), text(query.call))]
    if query.name is not None:
        wanted.append(equal(column("name", alias), text(query.name)))
    if query.without_sources:
        wanted.append(opposite(one_of(column("source", alias), query.without_sources)))
    return wanted


@dataclass
class _AskedEvent:
    """Predicates about the event called EVENT."""

    asked: Asked
    query: ast.EventQuery
    parent: ast.EventQuery | None
    """What the event called PARENT is one of, inside a funnel step."""

    def where(self) -> Expr:
        return exp.true() if self.query.where is None else self.predicate(self.query.where)

    def predicate(self, node: ast.Predicate) -> Expr:
        relations = self.asked.relations
        match node:
            case ast.AllOf(items=items):
                return every(*map(self.predicate, items))
            case ast.AnyOf(items=items):
                return either(*map(self.predicate, items))
            case ast.NotOf(item=item):
                return opposite(self.predicate(item))
            case ast.Compare():
                left, rights = self.operand(node.left), [self.operand(operand) for operand in node.operands]
                return holds(relations.dialect, left, node.operator, rights, relations.now_ms)
            case ast.Fql(text=written):
                return fql.matches(written, Json(relations.dialect, column("body", EVENT)))
            case ast.Followed():
                return self.followed(node)
            case _:
                assert_never(node)

    def operand(self, node: ast.Operand) -> Value:
        relations = self.asked.relations
        match node:
            case ast.Path(segments=segments):
                return body_of(relations, self.query, segments)
            case ast.ParentPath(segments=segments):
                return NOTHING if self.parent is None else body_of(relations, self.parent, segments, PARENT)
            case ast.TraitOf(segments=segments):
                return self.asked.trait(segments)
            case _:
                return constant(node)

    def followed(self, node: ast.Followed) -> Expr:
        """Counted in a relation with a row for every event that is followed by some."""
        relations, collection = self.asked.relations, self.asked.collection
        inner = _AskedEvent(Asked(relations, collection, column("profile_id", EVENT)), node.events, self.query)
        until = plus(column("at_ms", PARENT), number(node.within_ms))
        wanted = every(
            *_kind(self.query, PARENT, collection),
            *_kind(node.events, EVENT, collection),
            after(EVENT, PARENT),
            compared("<=", column("at_ms", EVENT), until),
            inner.where(),
        )
        key = ("profile_id", "log_offset", "log_index")
        joined = (
            exp.select(*columns(key, PARENT), exp.alias_(exp.Count(this=exp.Star()), "value"))
            .from_(exp.to_table("events").as_(PARENT))
            .join(
                exp.to_table("events").as_(EVENT),
                on=equal(column("profile_id", EVENT), column("profile_id", PARENT)),
            )
        )
        name = relations.add(
            "followed",
            inner.asked.attached(joined).where(wanted).group_by(*(column(each, PARENT) for each in key)),
        )
        places = [equal(column(each, name), column(each, EVENT)) for each in key[1:]]
        count = or_else(column("value", self.asked.join(name, *places)), number(0))
        return holds(relations.dialect, of_number(count), node.operator, [constant(node.count)], relations.now_ms)
