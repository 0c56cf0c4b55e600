"""The named parts of a query, and what a part is asked about.

A query is built from relations that each have one row per profile (or per event), joined from outside: a profile
that a relation does not have gets nulls. Nothing is asked row by row, since not every dialect can.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from sqlglot import exp

from headwater.definitions.ast import Definition
from headwater.definitions.sql.dialect import Dialect
from headwater.definitions.sql.expressions import Expr, column, equal, every, text
from headwater.definitions.sql.values import Json, Value


@dataclass
class Relations:
    dialect: Dialect
    now_ms: int
    definitions: dict[tuple[str, str], Definition]
    """By collection and key: what may be referred to."""
    definition_name: Callable[[Definition], str]
    """The relation of what a definition comes to: a row for everybody who has a value, or is a member."""
    definition_value: Callable[["Asked", Definition], Value]
    """The value that a definition has for whoever is asked about."""
    selects: dict[str, exp.Select] = field(default_factory=dict)
    """In the order in which they have to stand."""
    _names: dict[exp.Select, str] = field(default_factory=dict)
    _counts: dict[str, int] = field(default_factory=dict)

    def add(self, kind: str, select: exp.Select) -> str:
        """The name it can be joined under. The same thing asked twice is one relation."""
        if (name := self._names.get(select)) is None:
            self._counts[kind] = self._counts.get(kind, 0) + 1
            name = f"{kind}_{self._counts[kind]}"
            self._names[select] = name
            self.selects[name] = select
        return name

    def trait(self, key: str) -> str:
        """A trait that was sent, with whoever has it."""
        wanted = equal(column("key"), text(key))
        return self.add("trait", exp.select("profile_id", "value").from_("traits").where(wanted))


@dataclass
class Asked:
    """Rows of which each belongs to a profile, and what has to be joined to them to answer."""

    relations: Relations
    collection: str
    profile_id: Expr
    _joins: dict[str, Expr] = field(default_factory=dict)

    def join(self, name: str, *conditions: Expr) -> str:
        """The relation's name, once it is joined by profile, and by the conditions."""
        self._joins[name] = every(equal(column("profile_id", name), self.profile_id), *conditions)
        return name

    def trait(self, segments: tuple[str, ...]) -> Value:
        """A trait, or what a definition of that key comes to."""
        definition = self.relations.definitions.get((self.collection, segments[0]))
        if definition is not None:
            return self.relations.definition_value(self, definition).inside(segments[1:])
        return self.sent_trait(segments)

    def sent_trait(self, segments: tuple[str, ...]) -> Value:
        name = self.join(self.relations.trait(segments[0]))
        return Json(self.relations.dialect, column("value", name), segments[1:])

    def attached(self, select: exp.Select) -> exp.Select:
        """With everything joined that was asked for."""
        for name, condition in self._joins.items():
            select = select.join(exp.to_table(name), on=condition, join_type="left", copy=False)
        return select


def select(columns: Iterable[Expr | str], source: str, *where: Expr) -> exp.Select:
    found = exp.select(*columns).from_(source)
    condition = every(*where)
    return found if not where or condition == exp.true() else found.where(condition)
