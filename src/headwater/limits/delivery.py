"""One destination: an attempt, the attempts after it, what its settings may ask for, and replays to it."""

from typing import Final

from headwater.units import KIB

TIMEOUT_S: Final = 10
"""One attempt, connect to last byte."""

RESPONSE_BYTES_MAX: Final = 64 * KIB
"""Read of an answer; more is cut off, nothing in a webhook's answer needs it."""

CONCURRENCY: Final = 16
"""Requests under way to a destination instance at first; then as many as it stands (delivery/congestion.py)."""

CONCURRENCY_MAX: Final = 256
"""What a destination may ask for. Each request under way has a connection."""

POSTGRES_CONNECTIONS_MAX: Final = 8
"""Of a destination to its database, which has 100 for everybody unless somebody has changed that."""

BATCH_WAIT_S_MAX: Final = 60.0
"""What a mapping may have an event wait for company. It is held in memory meanwhile, and repeated after a kill."""

RETRY_WINDOW_S: Final = 4 * 3600
"""Spec 2.4: cloud destinations are retried for four hours."""

RETRY_WINDOW_S_MAX: Final = 7 * 24 * 3600
"""What a destination may ask for. Beyond a week an event is rather replayed from the lake."""

RETRY_BASE_S: Final = 1.0
RETRY_DELAY_S_MAX: Final = 600.0
"""A destination that recovers after hours is tried again at most ten minutes later."""

FILTERS_PER_DESTINATION_MAX: Final = 10
FILTER_TITLE_CHARS_MAX: Final = 64
MAPPINGS_PER_DESTINATION_MAX: Final = 50
"""Spec 2.6 and 2.8."""

FILTER_FIELDS_MAX: Final = 200
"""Names in one step of a filter. Each is looked for in every event that matches."""

CONSENT_CATEGORIES_MAX: Final = 50
"""Of one destination. Consent tools have about ten."""

REPLAY_PER_S: Final = 500
"""Events per second that a replay sends unless it says otherwise: most tools take no more from one customer."""

REPLAY_PER_S_MAX: Final = 100_000
"""Faster than one process delivers; a larger number is a mistake."""

REPLAYS_OPEN_MAX: Final = 100
"""Running and paused ones. Each keeps a list of files, and the members of an audience."""

REPLAY_AHEAD_EVENTS_MAX: Final = 5_000
"""So many events may wait in the outbound log for the destination of a replay before it adds more: what is new
must not queue behind hours of what is old."""

assert CONCURRENCY <= CONCURRENCY_MAX
assert RETRY_DELAY_S_MAX < RETRY_WINDOW_S <= RETRY_WINDOW_S_MAX
assert REPLAY_PER_S <= REPLAY_PER_S_MAX
