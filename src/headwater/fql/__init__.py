"""FQL, the filter language: destination filters, transformations, triggers and the debugger ask events in it.

`compile_filter(text)` gives a Filter to ask, `compile_value(text)` a Value to compute, `parse` and `render` the
syntax tree and its canonical text. docs/reference/fql.md is the language.
"""

from headwater.fql.ast import Expression
from headwater.fql.errors import FqlError, FqlEvaluationError
from headwater.fql.filters import Filter, Value, compile_filter, compile_value
from headwater.fql.parser import parse
from headwater.fql.printer import render

__all__ = [
    "Expression",
    "Filter",
    "FqlError",
    "FqlEvaluationError",
    "Value",
    "compile_filter",
    "compile_value",
    "parse",
    "render",
]
