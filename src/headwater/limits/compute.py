"""Traits and audiences: what a profile keeps of them, what time does to them, and how their members are shown."""

from typing import Final

from headwater.units import KIB

TRAITS_PER_CALL_MAX: Final = 300
"""Spec 4.3: an identify or group with more is no description of anybody; its traits are not kept."""

TRAITS_MAX: Final = 1_000
"""Of one profile. They are read whenever one of its events changes any of them."""

TRAITS_BYTES_MAX: Final = 256 * KIB
"""Of one profile, all its traits together. What does not fit any more is counted and not kept."""

COUNTS_IN_ROW_MAX: Final = 32
"""Values of a unique_list or most_frequent that are kept in the profile's row; more have a row of their own."""

COLLECTED_VALUES_MAX: Final = 10_000
"""Spec 4.6: distinct values that one aggregate of a profile counts. Further ones are not counted."""

WINDOW_TIMES_KEPT: Final = 16
"""Of the events in a window of a profile, the times of the oldest, which leave next. They stand in its row; when
they are used up, the history tells the next ones."""

WINDOW_ROWS_LOOKED: Final = 5_000
"""Of the history, in search of what leaves a window next, when nothing matches; some 20 ms. The search goes on
when the last one looked at would leave."""

TIMERS_PER_BATCH: Final = 2_000
"""Profiles whose windows expire in one commit; some 50 ms of work. More go on in the next."""

SWEEP_PROFILES: Final = 200
"""Profiles that one step of a sweep brings up to date at most ..."""

SWEEP_EVENTS: Final = 5_000
"""... and events of their histories, counted after each profile. A step takes some 40 ms, between two batches. Of
1,000 profiles and 20,000 events events were seen after 300 ms instead of 60 meanwhile, and it ended no sooner."""

EXPORT_PAGE_MEMBERS: Final = 1_000
"""Members of an audience that one look at the state gives: some 30 ms, in which nobody else looks."""

EXPORT_GROUP_MEMBERS: Final = 10_000
"""In one row group of an exported Parquet file; they are in memory together, some 10 MB."""

EXPORT_TRAITS_MAX: Final = 50
"""Traits that an export has as columns."""

MEMBER_IDS_SHOWN_MAX: Final = 100
"""External ids of one member of an audience; the profile's own page has all of them."""

MEMBERS_COMPARED: Final = 20_000
"""Members of several audiences that one look at the state compares: of two some 30 ms."""

AUDIENCES_COMPARED_MAX: Final = 8
"""Compared at once, in every combination: 255 numbers, more than anybody reads."""

TRAIT_PROFILES_MAX: Final = 50_000
"""Profiles whose values of a trait are counted: about a second, and shares are right to half a percent."""

TRAIT_PROFILES_LOOKED: Final = 2_000
"""Of these, in one look at the state: some 40 ms, in which nobody else looks."""

TRAIT_VALUES_TOLD_APART: Final = 10_000
"""Different values that are counted, each of TRAIT_VALUE_BYTES_SHOWN at most: 2.5 MB while it is counted."""

TRAIT_VALUE_BYTES_SHOWN: Final = 256
"""A longer value is hardly one that several people share."""

assert TRAITS_PER_CALL_MAX <= TRAITS_MAX
assert EXPORT_PAGE_MEMBERS <= EXPORT_GROUP_MEMBERS
assert TRAIT_PROFILES_MAX % TRAIT_PROFILES_LOOKED == 0
