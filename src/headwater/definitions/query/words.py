"""The words of the query language, and what they stand for."""

from collections.abc import Mapping
from typing import Final, Literal

from headwater.definitions import ast

SCALARS: Final = ("property", "context", "field")
"""Values inside an event; `field`, a path from its top, is ours."""

SYMBOLS: Final[Mapping[str, ast.Operator]] = {
    "=": "=",
    "==": "=",
    "!=": "!=",
    ">": ">",
    ">=": ">=",
    "<": "<",
    "<=": "<=",
}

COMPARATORS: Final[Mapping[str, ast.Operator]] = {
    "equals": "=",
    "differs": "!=",
    "greater_than": ">",
    "at_least": ">=",
    "less_than": "<",
    "at_most": "<=",
    "absent": "not_exists",
    "exists": "exists",
    "contains": "contains",
    "omits": "not_contains",
    "starts_with": "starts_with",
    "ends_with": "ends_with",
    "one_of": "in",
    "none_of": "not_in",
    "before_date": "before",
    "after_date": "after",
    "within_last": "within_last",
    "before_last": "before_last",
    "within_next": "within_next",
    "after_next": "after_next",
}

FILTERS: Final = ("where", "sources", "within", "between", "expires_after")

REDUCERS: Final[Mapping[str, ast.Reducer]] = {
    "count": "count",
    "sum": "sum",
    "avg": "avg",
    "max": "max",
    "min": "min",
    "mode": "most_frequent",
    "first": "first",
    "last": "last",
    "unique": "unique_list",
}

QUANTIFIERS: Final[Mapping[str, Literal["any", "all", "none"]]] = {"ANY": "any", "ALL": "all", "NONE": "none"}
"""Junctions over the users of an account. `NONE` is ours."""

JUNCTIONS: Final = ("AND", "OR", "NOT", *QUANTIFIERS)
