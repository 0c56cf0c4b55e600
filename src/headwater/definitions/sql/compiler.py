"""A definition as one SELECT."""

from collections.abc import Iterable, Mapping

from sqlglot import exp

from headwater.definitions.ast import Aggregate, Definition
from headwater.definitions.sql.aggregates import aggregated, typed
from headwater.definitions.sql.conditions import members
from headwater.definitions.sql.dialect import Dialect
from headwater.definitions.sql.dialects import DIALECTS
from headwater.definitions.sql.errors import NotInSqlError
from headwater.definitions.sql.expressions import column, is_there
from headwater.definitions.sql.relations import Asked, Relations, select
from headwater.definitions.sql.values import Value, of_boolean


def compile_definition(
    definition: Definition,
    definitions: Iterable[Definition],
    *,
    dialect: str,
    now_ms: int,
    given: Mapping[str, exp.Select] | None = None,
) -> str:
    """A SELECT of `profile_id, value`: every profile that has a value, or is a member (then it is true).

    It asks the relations `events`, `traits`, `profiles` and `links` (docs/guides/definitions-as-sql.md), which are
    there, or `given`. `definitions` are those that it may refer to. The same arguments give the same text.
    NotInSqlError names what has no SQL in this dialect.
    """
    query = _Compiler(DIALECTS[dialect], definitions, now_ms).query(definition, given or {})
    return query.sql(dialect, pretty=True)


class _Compiler:
    def __init__(self, dialect: Dialect, definitions: Iterable[Definition], now_ms: int) -> None:
        known = {(str(each.collection), each.key): each for each in definitions}
        self._dialect = dialect
        self._relations = Relations(dialect, now_ms, known, self._relation, self._value)
        self._compiled: dict[tuple[str, str], str] = {}
        self._under_way: list[tuple[str, str]] = []

    def query(self, definition: Definition, given: Mapping[str, exp.Select]) -> exp.Select:
        name = self._relation(definition)
        query = select(["profile_id", "value"], name)
        for each, relation in (*given.items(), *self._relations.selects.items()):
            query = query.with_(each, as_=relation, copy=False)
        return self._dialect.finished(query)

    def _relation(self, definition: Definition) -> str:
        """Under this name it has a row for each profile with a value."""
        at = (str(definition.collection), definition.key)
        if at in self._compiled:
            return self._compiled[at]
        if at in self._under_way:
            circle = [key for _, key in (*self._under_way, at)]
            raise NotInSqlError(f"a circle of definitions: {' → '.join(circle)}")
        self._under_way.append(at)
        if isinstance(definition.body, Aggregate):
            name = aggregated(self._relations, definition.collection, definition.body)
        else:
            name = self._relations.add(
                "audience", members(self._relations, definition.collection, definition.body)
            )
        self._under_way.pop()
        self._compiled[at] = name
        return name

    def _value(self, asked: Asked, definition: Definition) -> Value:
        name = asked.join(self._relation(definition))
        if isinstance(definition.body, Aggregate):
            return typed(self._relations, definition.body, column("value", name))
        return of_boolean(is_there(column("profile_id", name)))
