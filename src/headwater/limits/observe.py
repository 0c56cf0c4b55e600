"""Watching events: live, the newest ones, and volumes over time."""

from typing import Final

from headwater.limits.collection import EVENT_BYTES_MAX
from headwater.units import MIB

LIVE_WATCHERS_MAX: Final = 32
"""Streams of live events at once. Each costs a filter for every event that arrives."""

LIVE_EVENTS_PER_S: Final = 100
"""Sent to one watcher; nobody reads faster, and a browser that is given 2,000 a second does nothing else. What is
left out is counted."""

LIVE_BYTES_PER_S: Final = 1 * MIB
"""Of bodies sent to one watcher; beyond it events come without theirs. Ordinary ones have 1 KB."""

LIVE_WAITING_EVENTS_MAX: Final = 500
"""Kept for a watcher whose connection is slow; with bodies at most five seconds' worth of LIVE_BYTES_PER_S."""

LIVE_EVENTS_LOOKED: Final = 1_000
"""Events looked at in one step of the tail, of which there are twenty a second: at some 5 µs each a tenth of
a core at most. What is beyond that is jumped over, and counted."""

LIVE_MISSED_LOOKED: Final = 10 * LIVE_EVENTS_LOOKED
"""The same for what a watcher has missed who comes back after a break: half a minute at 300 a second."""

LIVE_READ_BYTES_MAX: Final = 4 * MIB
"""Read from a log in one step of the tail: more than 1,000 ordinary events."""

LIVE_UNSETTLED_BYTES_MAX: Final = 16 * MIB
"""Requests kept in memory because it is not known yet what becomes of their events."""

LIVE_HEARTBEAT_S: Final = 15.0
"""A silent connection gets a comment this often: proxies close one after a minute. So often it is also looked
whether the watcher may still watch."""

RECENT_EVENTS_MAX: Final = 100
"""In one answer about the newest events: samples to choose from, not an export."""

RECENT_LOG_BYTES_MAX: Final = 32 * MIB
"""Of the outbound log looked through for them, backwards; some 100,000 events."""

RECENT_LAKE_ROWS_MAX: Final = 2_000
"""Rows of the lake that a filter is asked about, newest first, when the log had too few; a few megabytes."""

VOLUME_POINTS_MAX: Final = 500
"""Of one series: as many as a wide chart has pixels to tell apart."""

VOLUME_SERIES_MAX: Final = 20
"""The largest ones are told apart; the others are one together."""

VOLUME_S_MAX: Final = 90 * 24 * 3600
"""How far back volumes are asked for; a chart over years belongs into SQL."""

assert EVENT_BYTES_MAX < LIVE_BYTES_PER_S
