"""The definitions of a workspace, ready to be computed."""

from collections.abc import Iterable
from typing import Any

import msgspec

from headwater.config.definitions import AudienceDefinition, TraitDefinition
from headwater.definitions import ast
from headwater.definitions.calls import CALLS
from headwater.definitions.catalogue import Catalogue, Mistake, catalogue
from headwater.definitions.problems import DefinitionError
from headwater.definitions.query import QueryError, parse_query
from headwater.definitions.tree import parse_aggregate, parse_condition
from headwater.errors import Problem

_COMPUTED_KEYS = (
    "kind",
    *CALLS,
    "where",
    "without_sources",
    "property",
    "path",
    "within",
    "between",
    "session",
    "as_type",
    "frequency_min",
)
"""The keys of a trait that `query` stands for."""


Item = TraitDefinition | AudienceDefinition


def catalogue_of(items: Iterable[Item]) -> Catalogue:
    """All of them, dependencies first. One that cannot be read (a version before this one, with other rules, has
    stored it) is left out, and the reason is among the mistakes.
    """
    found: list[ast.Definition] = []
    unread: list[Mistake] = []
    for item in items:
        try:
            body = body_of(item)
        except DefinitionError as error:
            unread.append(Mistake((item.collection.value, item.key), str(error)))
        else:
            found.append(ast.Definition(item.key, body, item.collection.value, item.version))
    together = catalogue(found, [mistake.name for mistake in unread])
    return Catalogue(together.definitions, (*unread, *together.mistakes))


def body_of(item: Item) -> ast.Aggregate | ast.Condition:
    """What one of them says by itself. DefinitionError has every mistake."""
    data = {key: value for key, value in msgspec.to_builtins(item).items() if value not in ("", ())}
    return trait_body(data) if isinstance(item, TraitDefinition) else audience_body(data)


def trait_body(data: dict[str, Any]) -> ast.Aggregate:
    """What a computed trait, as the file has it, computes. DefinitionError has every mistake."""
    query = data.get("query")
    if not query:
        return parse_aggregate(data)
    if others := [key for key in _COMPUTED_KEYS if data.get(key)]:
        raise DefinitionError([Problem(f"`query` says it all; leave out {', '.join(others)}", "query")])
    try:
        body = parse_query(query, collection=_collection(data))
    except QueryError as error:
        raise DefinitionError([Problem(f"not the query language: {error}", "query")]) from None
    if not isinstance(body, ast.Aggregate):
        raise DefinitionError([Problem("this is a condition, true or false; it would be an audience", "query")])
    return body


def audience_body(data: dict[str, Any]) -> ast.Condition:
    """Who an audience, as the file has it, is. DefinitionError has every mistake."""
    try:
        return parse_condition(data.get("where"), collection=_collection(data))
    except DefinitionError as error:
        inside = [Problem(p.message, f"where{'.' if p.path else ''}{p.path}") for p in error.problems]
        raise DefinitionError(inside) from None


def _collection(data: dict[str, Any]) -> str:
    return str(data.get("collection") or "users")
