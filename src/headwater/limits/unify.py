"""Looking at people: the private API about profiles, and the Profile API."""

from typing import Final

from headwater.units import MIB

PROFILE_EVENTS_LOOKED: Final = 2_000
"""Events looked at for one page of the Profile API: some 10 ms. Whoever asks for rare ones among a million gets
short pages and a cursor, and keeps nobody else waiting."""

PROFILE_API_LINKED_IDS_MAX: Final = 100
"""External ids of each linked profile that the Profile API shows; the profile's own page has all of them."""

PROFILE_EVENTS_SHOWN_MAX: Final = 1_000
"""In one answer of the private API about a profile."""

PROFILE_SEARCH_LOOKED: Final = 10_000
"""Profiles looked at for one page of a search: some 0.3 s. Whoever looks for somebody among a million asks again
and again, and sees how far it is."""

PROFILE_SEARCH_PAGE_MAX: Final = 200
"""Profiles in one page of a search; each takes a look at its external ids."""

PROFILE_SEARCH_TESTS_MAX: Final = 20
"""Conditions about traits in one search; more are an audience."""

PROFILE_RECENT_BYTES: Final = 4 * MIB
"""Of the outbound log that are looked through for who was heard of last: some 7,000 events, 50 ms."""

PROFILE_RECEIPT_PARTS: Final = 10
"""Former profiles whose receipts are looked for with those of a profile: each is a search of its own, and receipts
are kept for 30 days."""

PROFILE_ACTIVITY_EVENTS: Final = 20_000
"""Events of a profile that are counted for its chart: some 60 ms. Of more, the newest."""

PROFILE_KINDS_SHOWN_MAX: Final = 100
"""Different events of a profile that are listed with their number."""

PROFILE_LINKS_SHOWN_MAX: Final = 100
"""In one answer of the private API about a profile; an account may have a million users."""

PROFILE_API_TOKENS_MAX: Final = 50
"""Each request is compared with all of them, in constant time."""

TIMELINE_PAGE_MAX: Final = 200
"""Events of a profile in one page of its timeline, each whole: 6 MB at most."""

DECISIONS_SHOWN_MAX: Final = 2_000
"""Of the identity log, in one answer. A profile has a thousand ids and a hundred merges at most, unless somebody
allows more."""

IDENTITY_IDS_DRAWN: Final = 200
"""External ids in the picture of an identity; more are no picture any more, and are counted."""

IDENTITY_PROFILES_DRAWN: Final = 100
"""Former profiles in it: as many merges as a profile may have by default."""

IDENTITY_REFUSALS_SHOWN: Final = 100
"""Ids that were refused, and merges that were undone, beside it."""

IDENTITY_SUSPECTS_SHOWN: Final = 20
"""Profiles beside it that may be the same person."""

IDENTITY_EVENTS_LOOKED_UP: Final = 500
"""Events whose name it says; each takes a look into a history ..."""

IDENTITY_EVENTS_NEAR: Final = 100
"""... at so many events before the time of receipt; those that were sent late are further away."""

STATUS_ROWS_LOOKED: Final = 2_000
"""Rows that are counted for the status; beyond it "at least" is as good."""
