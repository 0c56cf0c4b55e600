"""What the pipeline takes at once, what it remembers and notes, and what `discover` lists of a source."""

from typing import Final

from headwater.limits.collection import BATCH_BYTES_MAX
from headwater.limits.log import RETENTION_S
from headwater.units import KIB, MIB

MICRO_BATCH_BYTES_MAX: Final = 4 * MIB
"""Stored bytes read at once. Bounds memory: the inflated batch, its events and its outbound copy."""

MICRO_BATCH_INFLATED_BYTES_MAX: Final = 16 * MIB
"""Inflated bytes processed and committed at once."""

BATCH_SHARED_BYTES_MAX: Final = 8 * BATCH_BYTES_MAX
"""What a batch's own `context`, `integrations` and `sentAt` may add to its events together. SDKs put about 1 KB
there; without a bound, one request of 500 KB can become a thousand times as much."""

OUTBOUND_CHUNK_EVENTS_MAX: Final = 500
"""Events in one outbound record: delivery commits whole records, so this bounds the repeats of a crash."""

MESSAGE_ID_CHARS_MAX: Final = 100
"""Spec: under 100 characters. A longer one is replaced by its hash, so that retries still meet themselves."""

PROPERTIES_MAX: Final = 10_000
"""Keys in one event's properties; 32 KiB cannot hold many more, so this never decides alone."""

TRACE_BYTES_MAX: Final = 16 * KIB
"""What the stages may note about one event."""

DETAIL_CHARS_MAX: Final = 2_000
"""Of the reason why an event was set aside, which quotes names that may be as long as an event. Kept twice."""

STATE_GENERATION_S: Final = 15 * 24 * 3600
"""Expiring rows go by so much time at once. Longer keeps more disk, shorter makes every look-up ask more
generations: with 30 days of message ids it is three."""

DEDUPE_WINDOW_S: Final = 30 * 24 * 3600
"""Default age at which a messageId may come again. Mobile SDKs keep what they could not send for weeks."""

DEDUPE_WINDOW_S_MAX: Final = 90 * 24 * 3600
"""Seven generations to look into; a longer memory would cost every event."""

EVENT_HOURS_KEPT: Final = 14 * 24
"""Events per source and outcome are counted by the hour for so long: some rows an hour for each source."""

DROPPED_KEPT_S: Final = RETENTION_S
"""How long `headwater explain` can tell what became of an event that was dropped: as long as the log keeps it."""

SCHEMA_EVENTS_MAX: Final = 4_000
"""Spec 3.5: event names listed per source. More are names that are made up per event, and only counted."""

SCHEMA_PROPERTIES_MAX: Final = 300
"""Spec 3.5: properties of one event, or traits, with those inside objects; more are only counted."""

SCHEMA_SOURCE_PROPERTIES_MAX: Final = 60_000
"""Of all events of a source together: fifteen for each of 4,000. One request can name all events of a source, and
then all their rows are written anew; this keeps that at a tenth of a second and some megabytes."""

SCHEMA_NAME_CHARS_MAX: Final = 200
"""Of an event's name, and of a property's path. Longer ones are no names; they are only counted."""

SCHEMA_DEPTH_MAX: Final = 6
"""Levels of objects and arrays that are looked into. Spec 3.7 renames four levels deep."""

SCHEMA_SHAPES_MAX: Final = 10_000
"""Distinct shapes of objects that a batch counts before it folds them into rows: some 10 MB."""

assert BATCH_BYTES_MAX <= MICRO_BATCH_BYTES_MAX <= MICRO_BATCH_INFLATED_BYTES_MAX
assert DEDUPE_WINDOW_S <= DEDUPE_WINDOW_S_MAX == 6 * STATE_GENERATION_S
assert SCHEMA_PROPERTIES_MAX <= SCHEMA_SOURCE_PROPERTIES_MAX
