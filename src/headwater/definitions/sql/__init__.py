"""Traits and audiences as SQL, for five dialects. They mean what the live evaluator computes: a test holds both to
the same answers.
"""

from headwater.definitions.sql.compiler import compile_definition
from headwater.definitions.sql.dialects import DIALECTS
from headwater.definitions.sql.errors import NotInSqlError

__all__ = ["DIALECTS", "NotInSqlError", "compile_definition"]
