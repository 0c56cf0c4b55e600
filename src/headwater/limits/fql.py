"""FQL, the filter language."""

from typing import Final

from headwater.units import KIB

BYTES_MAX: Final = 5 * KIB
"""Spec 2.6. A filter that needs more is a list of values, and belongs into the event."""

DEPTH_MAX: Final = 32
"""Parentheses, lists, functions and `!` inside each other. People write three. The evaluator needs up to fifteen
frames for each of them, and Python has a thousand for everything."""

PATH_NAMES_MAX: Final = 32
"""Names in one path. Events are rarely nested deeper than six."""

NUMBER_CHARS_MAX: Final = 400
"""Every number that a double can hold can be written out in fewer, apart from the very smallest."""

COMPILED_MAX: Final = 2_048
"""Compiled expressions kept, about 30 KB each. A workspace has at most ten filters per destination."""

GLOB_CHARS_MAX: Final = 512
"""One pattern. Matching takes at most pattern times text steps; against 32 KiB that is a tenth of a second."""
