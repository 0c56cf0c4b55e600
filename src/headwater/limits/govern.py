"""Tracking plans and transformations: their size, what they may cost an event, violations, dry runs."""

from typing import Final

from headwater.limits.collection import EVENT_BYTES_MAX
from headwater.limits.log import RETENTION_S
from headwater.units import KIB, MIB

PLAN_RULES_MAX: Final = 2_000
"""Per plan, as in Segment's own import. A file could hold more, the memory of compiled rules not many."""

PLAN_EVENT_CHARS_MAX: Final = 256
"""An event name, or an alias of one; as long as a key of the workspace file may be."""

SCHEMA_BYTES_MAX: Final = 128 * KIB
"""One rule's schema as JSON."""

SCHEMA_SIZE_MAX: Final = 10_000
"""Values in a schema with every `$ref` written out. Times the values in an event they bound what validating it
costs: a list of 10,000 numbers held against as many parts takes 0.8 s."""

SCHEMA_RECURSIONS_MAX: Final = 2
"""Recursions inside each other: with n of them the cost grows with the n-th power of an event's depth."""

PATTERN_BYTES_MAX: Final = 1 * MIB
"""A compiled pattern. `\\w{100}` takes 700 KiB; what counts to a million is refused."""

VALIDATION_STEPS_MAX: Final = 200_000
"""Schema size times values of an event up to which all its violations are looked for, which takes memory for each;
beyond it, the first one. Usual ones have 5,000."""

VIOLATIONS_PER_EVENT_MAX: Final = 50
"""Reported of one event; a list of a thousand wrong items is one mistake."""

OMIT_ROUNDS_MAX: Final = 8
"""Leaving out what breaks a rule may break another one; so often it is tried again."""

PLANNED_DEPTH_MAX: Final = 64
"""Levels of an event at which a plan can say which names are planned. Files nest less deep; a recursive schema
goes on for ever."""

VIOLATION_KEYS_MAX: Final = 5_000
"""Distinct violations (plan, event, field, type) counted per source and state generation; beyond it they are
counted as overflow. A row takes up to 1.5 KiB."""

VIOLATION_SAMPLES: Final = 3
"""Events kept with each of them, the newest."""

VIOLATION_SAMPLE_BYTES_MAX: Final = 4 * KIB
"""Of each such event."""

VIOLATION_HOURS: Final = 7 * 24
"""Counts are kept by the hour for so long."""

VIOLATIONS_KEPT_S: Final = 30 * 24 * 3600
"""A violation that has not been seen for so long is forgotten, with its samples."""

PLAN_TEST_EVENTS_MAX: Final = 10_000
"""Events of one dry run of a plan: some seconds, of a thread of its own."""

PLAN_TEST_HOURS_MAX: Final = 7 * 24
"""How far back it may look; the collected log mostly keeps no more."""

PLAN_TEST_LOG_BYTES_MAX: Final = 64 * MIB
"""Of the collected log looked through for them, backwards: other sources' requests count as well."""

PLAN_TEST_NAMES_MAX: Final = 200
"""Event names told apart in the answer; those with most to say."""

PLAN_TEST_SAMPLES_BYTES_MAX: Final = 2 * MIB
"""Of whole events in the answer; beyond it samples say what is wrong without the event."""

ITEM_CHANGES_MAX: Final = 200
"""Told of one version of a plan or a transformation: a new plan in place of the old one changes every rule."""

TRANSFORMATIONS_MAX: Final = 500
"""In one workspace. An event only pays for those that its source and its name let through."""

TRANSFORMATION_PATHS_MAX: Final = 200
"""Paths of one transformation together: what it can cost an event."""

TRANSFORMATION_VALUES_BYTES_MAX: Final = 16 * KIB
"""What one transformation may add to an event, as JSON; half of the largest event that is taken."""

VALUE_MAP_ENTRIES_MAX: Final = 2_000
"""Of one path: a table of countries or shops, not a database."""

EVENT_PATH_LEVELS_MAX: Final = 4
"""Names in a path inside properties, traits or context: spec 3.7."""

TRANSFORMATION_TEST_EVENTS_MAX: Final = 1_000
"""Events of one dry run: with the requests that brought them this many are a few seconds of work."""

assert 3600 * PLAN_TEST_HOURS_MAX <= RETENTION_S
assert 2 * TRANSFORMATION_VALUES_BYTES_MAX <= EVENT_BYTES_MAX
