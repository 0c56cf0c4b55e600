"""Segment's query language for definitions (spec 4.10): `parse_query` reads it, `render_query` prints it.
docs/reference/definitions.md is the language, with what is ours in it.
"""

from headwater.definitions.query.errors import QueryError
from headwater.definitions.query.parser import parse_query
from headwater.definitions.query.printer import render_query

__all__ = ["QueryError", "parse_query", "render_query"]
