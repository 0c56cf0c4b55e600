"""Telling destinations about traits and audiences."""

from typing import Final

from headwater.limits.collection import EVENT_BYTES_MAX
from headwater.units import KIB

CONNECTIONS_PER_DEFINITION_MAX: Final = 50
"""Destinations that one definition tells."""

ENRICHMENT_TRAITS_MAX: Final = 50
"""Traits that are sent along to one destination; with them an event must stay under EVENT_BYTES_MAX."""

INLINE_MESSAGES_MAX: Final = 2_000
"""For the destinations about one profile in one commit, about 2 MB; the others stream from a fan-out."""

BATCH_MESSAGES_MAX: Final = 20_000
"""The same about all profiles together: a commit holds as many messages as it may hold large events."""

TRAITS_BYTES_MAX: Final = 16 * KIB
"""Of the traits that are sent along, as JSON; half of the largest event. What does not fit is left out."""

DIFFERENCES_MAX: Final = 100
"""Examples that a shadow comparison keeps. It counts all; people read a few."""

FAN_OUT_PAGE_IDS: Final = 500
"""External ids in one row of a fan-out, some 20 KB: what a step reads to go on."""

assert INLINE_MESSAGES_MAX <= BATCH_MESSAGES_MAX
assert 2 * TRAITS_BYTES_MAX <= EVENT_BYTES_MAX
