"""The mapping language: the size of a mapping, and what one may make of an event."""

from typing import Final

from headwater.units import KIB, MIB

CHARS_MAX: Final = 1 * MIB
"""Keys and texts of one mapping together, which a workspace keeps in memory for each."""

VALUES_MAX: Final = 10_000
"""Of one mapping. The largest presets have 300."""

READS_MAX: Final = 2_000
"""Directives and places in templates of one mapping: each costs an event some hundred nanoseconds."""

DEPTH_MAX: Final = 64
"""Levels inside each other. A choice between many places is one level for each."""

READS_PLAIN: Final = 128
"""A mapping with so many reads makes at most so many times an event of it; beyond it, what it makes is counted."""

WORK_MAX: Final = 2 * MIB
"""Characters and values that a mapping may make of one event: few APIs take more in one request, and some tenths
of a second go by until then."""

PATTERN_CHARS_MAX: Final = 10
"""Spec 2.9: what `@replace` looks for, and what it puts there."""

LIQUID_CHARS_MAX: Final = 1_000
"""Spec 2.9: of a template."""

LIQUID_WORK_MAX: Final = 512 * KIB
"""Characters that a template may be given and make, filter by filter; an item of a list counts as eight. The
costliest filter takes 0.2 µs and 20 bytes for each, which stays far below the 500 ms and 100 MB of spec 2.9."""
