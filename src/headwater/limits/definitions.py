"""What a trait or an audience may ask, in either notation, and its preview."""

from typing import Final

from headwater.units import KIB

DEFINITIONS_MAX: Final = 1_000
"""Traits and audiences of a workspace. Segment has 100 or so; each keeps state on every profile."""

KEY_CHARS_MAX: Final = 255
"""Spec 4.14 has it for journeys. A key is the name of a trait, and stands in keys of the state."""

DEPTH_MAX: Final = 24
"""Conditions inside each other. People write four; whoever walks the tree needs a few Python frames for each, and
a YAML file nests 64 levels at most, two or three of them for each condition."""

NODES_MAX: Final = 500
"""Conditions and comparisons of one definition together. The query language has 50 primary expressions."""

OPERANDS_MAX: Final = 1_000
"""Values that one comparison names. More is a list to keep as a trait, or an audience of its own."""

SEQUENCE_STEPS_MAX: Final = 10
"""Of one sequence. Each step is looked for among all events of a person."""

WINDOW_MS_MAX: Final = 3_660 * 24 * 3600 * 1000
"""Ten years and their leap days. Segment looks back three; nobody has kept more than ten, and a window as long as
the history is no window."""

DATE_DISTANCE_MS_MAX: Final = 73_200 * 24 * 3600 * 1000
"""200 years: how far from now a date may be asked about, as in "born before the last 18 years"."""

QUERY_PRIMARIES_MAX: Final = 50
"""Spec 4.10: primary expressions in one query."""

QUERY_CHARS_MAX: Final = 32 * KIB
"""Of one query: 50 primary expressions with long lists of values."""

TEXT_CHARS_MAX: Final = 64 * KIB
"""Of one definition in any notation, while somebody writes it: a query of QUERY_CHARS_MAX is a longer tree."""

PREVIEW_SAMPLE_MAX: Final = 20
"""Profiles that the preview of a definition names."""

PREVIEW_S_MAX: Final = 60.0
"""As long as a statement of `POST /sql`: a preview is one."""

assert QUERY_CHARS_MAX <= TEXT_CHARS_MAX
