"""A mistake in a query, with its place."""

from headwater.fql.errors import ExpressionError


class QueryError(ExpressionError):
    """A text that is not in the query language."""

    language = "query"
